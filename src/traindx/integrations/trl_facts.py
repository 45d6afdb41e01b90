"""Facts that the arguments of TRL's trainers tell: the loss family by the trainer and its ``loss_type``.

TRL itself is not imported: an argument class is known by its name, as a run that does not use it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from traindx.context import FactValue

Facts = dict[str, FactValue | None]

# Of DPO's losses those whose level for a model equal to its reference is known: ln 2 and 1 / (2 beta)^2.
_PREFERENCE: Final[Mapping[str, str]] = {
    "sigmoid": "dpo", "sigmoid_norm": "dpo", "robust": "dpo", "ipo": "ipo",
}  # fmt: skip


def trl_facts(args: Any) -> Facts:
    """Return what the arguments of a TRL trainer tell; nothing of any other trainer.

    A preference or reinforcement loss is no cross-entropy over the vocabulary, though the model is a language model: ``vocab_size``
    is taken back, and so is the family where its theory is not known.
    """
    for kind in type(args).__mro__:
        tell = _TRAINERS.get(kind.__name__)
        if tell is not None and kind.__module__.split(".")[0] == "trl":
            return tell(args)
    return {}


def _dpo(args: Any) -> Facts:
    names = [args.loss_type] if isinstance(args.loss_type, str) else list(cast("Sequence[str]", args.loss_type))
    family = _PREFERENCE.get(names[0]) if len(names) == 1 else None
    smoothing = float(args.label_smoothing) or None
    return {**_policy(args), "loss": family, "label_smoothing": smoothing, "pretrained": True}


def _kto(args: Any) -> Facts:
    return {**_policy(args), "loss": "kto" if args.loss_type == "kto" else None, "pretrained": True}


def _groups(args: Any) -> Facts:
    return {**_policy(args), "loss": "grpo", "pretrained": True}


def _reward(args: Any) -> Facts:
    del args
    return {"vocab_size": None, "num_classes": None, "loss": "reward_model", "pretrained": True}


def _supervised(args: Any) -> Facts:
    return {} if args.loss_type in ("nll", "chunked_nll") else {"vocab_size": None, "loss": None}


def _distilled(args: Any) -> Facts:
    del args
    return {"vocab_size": None, "loss": "distillation"}


def _policy(args: Any) -> Facts:
    return {"vocab_size": None, "beta": float(args.beta)}


_TRAINERS: Final[Mapping[str, Callable[[Any], Facts]]] = {
    "DPOConfig": _dpo,
    "DistillationConfig": _distilled,
    "GRPOConfig": _groups,
    "KTOConfig": _kto,
    "RLOOConfig": _groups,
    "RewardConfig": _reward,
    "SFTConfig": _supervised,
}
