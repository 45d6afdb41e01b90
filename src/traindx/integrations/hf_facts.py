"""Facts that the arguments and the model of a transformers Trainer tell, before the first step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sized
from typing import Any, Final

from traindx.context import FactValue
from traindx.integrations.trl_facts import trl_facts

_LANGUAGE_MODEL: Final = re.compile(
    r".*(?:ForCausalLM|LMHeadModel|ForMaskedLM|ForConditionalGeneration|ForSpeechSeq2Seq)"
)
_CLASSIFIER: Final = re.compile(r".*For(?:Sequence|Token|Image|Audio|Video)Classification")
_DROPOUT: Final = ("dropout", "hidden_dropout_prob", "resid_pdrop")
_SECRET: Final = re.compile(r"token$|secret|password|api_key", re.IGNORECASE)
_LONGEST: Final = 300
"""Characters of one setting: what is longer is a template or a whole configuration."""


def facts_of(args: Any, state: Any, model: object, around: Mapping[str, Any]) -> dict[str, FactValue]:
    """Return what is known: ``around`` holds what Trainer gives its callbacks (optimizer, dataloaders)."""
    found = {**_plan(args, state), **_optimiser(args, state, around.get("optimizer")), **_head(model)}
    found["num_samples"] = rows_of(around.get("train_dataloader"))
    found |= {"precision": _precision(args, model), "pretrained": True if _is_pretrained(model) else None}
    found |= {"lora": True if hasattr(model, "peft_config") else None}
    found |= trl_facts(args)
    return {name: value for name, value in found.items() if value is not None}


def settings_of(args: Any, model: object) -> dict[str, object]:
    """Return the arguments as they are, without tokens, and what the model is."""
    plain: Mapping[str, Any] = args.to_sanitized_dict()
    kept = {
        name: value
        for name, value in plain.items()
        if isinstance(value, bool | int | float | str)
        and not _SECRET.search(name)
        and value not in ("", "None")
        and len(str(value)) <= _LONGEST
    }
    count = getattr(model, "num_parameters", None)
    told = {"class": type(model).__name__, "num_parameters": count() if callable(count) else None}
    return {"arguments": kept, "model": {name: value for name, value in told.items() if value is not None}}


def _plan(args: Any, state: Any) -> dict[str, FactValue | None]:
    devices = args.world_size * max(1, args.n_gpu)
    batch, accumulated = args.per_device_train_batch_size, args.gradient_accumulation_steps
    by_steps = str(getattr(args.eval_strategy, "value", args.eval_strategy)) == "steps"
    return {
        "batch_size": batch,
        "grad_accum": accumulated,
        "world_size": devices,
        "batch_size_global": batch * accumulated * devices,
        "drop_last": args.dataloader_drop_last,
        "total_steps": state.max_steps if state.max_steps > 0 else None,
        "total_epochs": float(args.num_train_epochs) if args.max_steps <= 0 else None,
        "log_every": int(state.logging_steps) if state.logging_steps else None,
        "eval_every": int(state.eval_steps) if by_steps and state.eval_steps else None,
        "label_smoothing": float(args.label_smoothing_factor) or None,
        "seed": args.seed,
    }


def _optimiser(args: Any, state: Any, optimizer: object) -> dict[str, FactValue | None]:
    used = getattr(optimizer, "optimizer", optimizer)  # accelerate wraps the one that the user sees
    name = type(used).__name__ if used is not None else str(getattr(args.optim, "value", args.optim))
    return {
        "optimizer": name,
        "lr": float(args.learning_rate),
        "schedule": str(getattr(args.lr_scheduler_type, "value", args.lr_scheduler_type)),
        "warmup_steps": int(args.get_warmup_steps(state.max_steps)),
        "clip_norm": float(args.max_grad_norm or 0.0),
        "weight_decay": float(args.weight_decay),
    }


def _head(model: object) -> dict[str, FactValue | None]:
    """What the loss ranges over, where the model's class says so: tokens, classes, or numbers."""
    config: Any = getattr(model, "config", None)
    inner = getattr(model, "get_base_model", None)  # adapters wrap the model whose class tells the head
    name = type(inner() if callable(inner) else model).__name__
    told: dict[str, FactValue | None] = {"dropout": _dropout(config)}
    if _LANGUAGE_MODEL.fullmatch(name):
        texts = config.get_text_config() if hasattr(config, "get_text_config") else config
        return {**told, "vocab_size": getattr(texts, "vocab_size", None), "loss": "cross_entropy"}
    labels, problem = getattr(config, "num_labels", None), getattr(config, "problem_type", None)
    if not _CLASSIFIER.fullmatch(name) or labels is None:
        return told
    if problem == "regression" or (problem is None and labels == 1):
        return {**told, "loss": "mse"}
    if problem == "multi_label_classification":
        return {**told, "num_classes": labels, "loss": "bce"}
    return {**told, "num_classes": labels, "loss": "cross_entropy"}


def _dropout(config: object) -> float | None:
    found = (getattr(config, name, None) for name in _DROPOUT)
    return next((float(value) for value in found if isinstance(value, int | float)), None)


def rows_of(loader: object) -> int | None:
    """Return how many rows a data loader goes over; None of a stream."""
    rows = getattr(loader, "dataset", None)
    try:
        return len(rows) if isinstance(rows, Sized) else None
    except TypeError:  # a stream that cannot tell its length
        return None


def _precision(args: Any, model: object) -> str:
    if args.bf16 or args.fp16:
        return "bf16" if args.bf16 else "fp16"
    return str(getattr(model, "dtype", "float32")).removeprefix("torch.")


def _is_pretrained(model: object) -> bool:
    """Whether it was loaded by ``from_pretrained``. One that was not may still have been given weights by hand."""
    return bool(getattr(model, "name_or_path", "")) or hasattr(model, "peft_config")
