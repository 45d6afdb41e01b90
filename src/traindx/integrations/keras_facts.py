"""What a compiled Keras model tells of its loss, its outputs and its optimiser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

import keras as untyped_keras  # type: ignore[import-untyped]

keras: Final[Any] = untyped_keras
Known = dict[str, Any]

# Whether ``train_on_batch`` resets the metrics before each batch, which it does from 3.15 on.
RESETS_BY_BATCH: Final = tuple(int(part) for part in str(keras.__version__).split(".")[:2]) >= (3, 15)

# Loss class -> loss family. Losses that no family describes (Poisson, CosineSimilarity, Hinge, ...) are left to their name.
_FAMILIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CategoricalCrossentropy": "cross_entropy",
        "SparseCategoricalCrossentropy": "cross_entropy",
        "BinaryCrossentropy": "bce",
        "BinaryFocalCrossentropy": "focal",
        "CategoricalFocalCrossentropy": "focal",
        "MeanSquaredError": "mse",
        "MeanAbsoluteError": "l1",
        "Huber": "huber",
        "KLDivergence": "kl",
        "CTC": "ctc",
        "Dice": "dice",
    }
)
_OVER_CLASSES: Final = frozenset(
    {"CategoricalCrossentropy", "SparseCategoricalCrossentropy", "CategoricalFocalCrossentropy"}
)
_REDUCTIONS: Final = {"sum_over_batch_size": "mean", "mean": "mean", "mean_with_sample_weight": "mean", "sum": "sum"}
# A schedule whose class names another shape than it has.
_SHAPES: Final = {"PiecewiseConstantDecay": "multistep", "InverseTimeDecay": "inverse time"}


def facts_of(model: Any) -> Known:
    """Return the facts of a compiled model: of its loss where it has one loss for one output, and of its optimiser."""
    return {**_loss_facts(model), **optimiser_facts(model.optimizer), "precision": _precision(model)}


def _loss_facts(model: Any) -> Known:
    loss = _single_loss(model.loss)
    if loss is None:
        return {}
    kind, told = type(loss).__name__, _configuration(loss)
    over_classes = kind in _OVER_CLASSES
    return {
        "loss": _FAMILIES.get(kind),
        "num_classes": _classes(model) if over_classes else None,
        "label_smoothing": told.get("label_smoothing") or None,
        "reduction": _REDUCTIONS.get(str(told.get("reduction"))),
        "gamma": told.get("gamma"),
        "from_logits": told.get("from_logits"),
    }


def _single_loss(given: Any) -> Any:
    """The loss object that ``compile`` was given, or whose function or name it was; None of several, and of a stranger's function."""
    found: Any = keras.losses.get(given) if isinstance(given, str) else given
    if isinstance(found, keras.losses.Loss):
        return found
    function = str(getattr(found, "__name__", "")).replace("_", "").lower()
    return next((getattr(keras.losses, name)() for name in _FAMILIES if name.lower() == function), None)


def _configuration(one: Any) -> Mapping[str, Any]:
    told: Mapping[str, Any] = one.get_config()
    return told


def _classes(model: Any) -> int | None:
    shape: Any = model.output_shape  # a list or a mapping of several outputs
    last: object = shape[-1] if type(shape) is tuple else None  # pyright: ignore[reportUnknownVariableType]
    return last if isinstance(last, int) and last >= 2 else None


def optimiser_facts(optimizer: Any) -> Known:
    """Return optimiser, clipping of the global norm, weight decay and schedule; a norm clipped by variable is no global one."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)  # of mixed precision
    if inner is None:
        return {}
    schedule = schedule_of(inner)
    told = _configuration(inner)
    shape = type(schedule).__name__
    return {
        "optimizer": type(inner).__name__,
        "clip_norm": told.get("global_clipnorm"),
        "weight_decay": told.get("weight_decay"),
        "grad_accum": told.get("gradient_accumulation_steps"),
        "schedule": None if schedule is None else _SHAPES.get(shape, shape),
        "clipnorm_by_variable": told.get("clipnorm"),
        "clipvalue": told.get("clipvalue"),
    }


def schedule_of(optimizer: Any) -> Any:
    """Return the function from step to learning rate, None where it is a number that callbacks may change."""
    rate = getattr(getattr(optimizer, "inner_optimizer", optimizer), "_learning_rate", None)
    return rate if callable(rate) and not hasattr(rate, "assign") else None


def rate_of(optimizer: Any) -> float:
    """Return the learning rate as it is now, in the digits that a float32 keeps."""
    return float(f"{_number(getattr(optimizer, 'inner_optimizer', optimizer).learning_rate):.7g}")


def updates_of(model: Any) -> int:
    """Return how many updates the optimiser has made."""
    return int(_number(model.optimizer.iterations))


def counts_of(model: Any) -> dict[str, float | None]:
    """Return what each metric of the model has counted since it was reset, under its name in the logs: None where it is no plain mean."""
    return {name: _number(one.count) if _is_mean(one) else None for name, one in _metrics(model)}


def items_of(model: Any, counts: Mapping[str, float | None]) -> float | None:
    """Return the items behind ``counts``, which a training step of Keras's own counts in its loss; None with another."""
    step: Any = cast("Any", type(model)).train_step
    own = str(step.__module__).partition(".")[0] == "keras"
    return (counts.get("loss") or None) if own else None


def _metrics(model: Any) -> Iterator[tuple[str, Any]]:
    for metric in model.metrics:
        parts = getattr(metric, "metrics", None)  # those given to compile(), named by their outputs
        if parts:
            yield from zip(metric.result(), parts, strict=True)
        else:
            yield metric.name, metric


def _is_mean(metric: Any) -> bool:
    """Whether the result is total over count: a root mean square is not."""
    return isinstance(metric, keras.metrics.Mean) and cast("Any", type(metric)).result is keras.metrics.Mean.result


def _number(value: Any) -> float:
    return float(keras.ops.convert_to_numpy(value))


def _precision(model: Any) -> str:
    policy = str(model.dtype_policy.name)
    return {"mixed_bfloat16": "bf16", "mixed_float16": "fp16"}.get(policy, policy)
