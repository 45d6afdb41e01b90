"""Facts that a loss of sentence-transformers tells: its family, and among how many texts the right one is picked.

The library itself is not imported: a loss is known by the name of its class, and gives its options as attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from traindx.context import FactValue

Facts = dict[str, FactValue]
_LABELS: Final = frozenset({"label", "labels", "score", "scores", "dataset_name"})


def sentence_facts(loss: object, args: Any, dataset: object) -> Facts:
    """Return what ``loss`` tells under the arguments of its trainer; nothing of a class whose theory is not known.

    A cached loss scores the whole batch, however small the parts in which it is computed: the batch of the arguments counts.
    """
    tell = _LOSSES.get(type(loss).__name__)
    return tell(loss, args, dataset) if tell is not None else {}


def _in_batch(loss: Any, args: Any, dataset: object) -> Facts:
    """In-batch softmax: guessing costs the logarithm of the texts that each one is scored against, ln(2 batch) for triplets."""
    told: Facts = {"loss": "info_nce", "temperature": 1 / float(loss.scale), "gather": bool(loss.gather_across_devices)}
    count = _candidates(loss, args, _columns(dataset))
    return told | {"negatives": count} if count is not None else {}


def _candidates(loss: Any, args: Any, columns: int | None) -> int | None:
    """Texts in one softmax, the right one included; None where the softmaxes of a loss are of different sizes."""
    if columns is None or columns < 2:
        return None
    texts = columns - 1  # for each query: the right one, and the hard negatives beside it
    batch = int(args.per_device_train_batch_size) * (int(args.world_size) if loss.gather_across_devices else 1)
    sizes = {
        "query_to_doc": batch * texts,
        "query_to_query": batch - 1,
        "doc_to_query": batch,
        "doc_to_doc": (batch - 1) * texts,
    }
    both = "Symmetric" in type(loss).__name__  # what older versions say by the class alone
    directions = getattr(loss, "directions", ("query_to_doc", "doc_to_query") if both else ("query_to_doc",))
    asked = [sizes[direction] for direction in directions]
    if getattr(loss, "partition_mode", "per_direction") == "joint":
        return sum(asked)
    return asked[0] if len(set(asked)) == 1 else None


def _columns(dataset: object) -> int | None:
    """How many texts a row of the training set holds."""
    names: Any = getattr(dataset, "column_names", None)  # a list; of several sets a mapping
    return len(set(cast("list[str]", names)) - _LABELS) if isinstance(names, list) else None


def _triplet(loss: Any, args: Any, dataset: object) -> Facts:
    del args, dataset
    return {"loss": "triplet", "margin": float(loss.triplet_margin if hasattr(loss, "triplet_margin") else loss.margin)}


def _classes(loss: Any, args: Any, dataset: object) -> Facts:
    del args, dataset
    return {"loss": "cross_entropy", "num_classes": int(loss.num_labels)}


def _squares(loss: Any, args: Any, dataset: object) -> Facts:
    del loss, args, dataset
    return {"loss": "mse"}


_LOSSES: Final[Mapping[str, Callable[[Any, Any, object], Facts]]] = {
    "BatchAllTripletLoss": _triplet,
    "BatchHardTripletLoss": _triplet,
    "BatchSemiHardTripletLoss": _triplet,
    "CachedMultipleNegativesRankingLoss": _in_batch,
    "CachedMultipleNegativesSymmetricRankingLoss": _in_batch,
    "CosineSimilarityLoss": _squares,
    "MSELoss": _squares,
    "MarginMSELoss": _squares,
    "MultipleNegativesRankingLoss": _in_batch,
    "MultipleNegativesSymmetricRankingLoss": _in_batch,
    "SoftmaxLoss": _classes,
    "TripletLoss": _triplet,
}
