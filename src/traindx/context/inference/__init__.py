"""Facts that arithmetic recovers from the numbers themselves, always labelled as inferred."""

from __future__ import annotations

from collections.abc import Mapping

from traindx.context.inference.batch_size import infer_batch_size
from traindx.context.inference.classes import infer_num_classes
from traindx.context.inference.gallery import infer_gallery_size
from traindx.context.inference.log_base import infer_log_base
from traindx.context.keys import Fact
from traindx.context.loss_family import FamilyGuess

__all__ = ["infer_batch_size", "infer_gallery_size", "infer_log_base", "infer_num_classes", "inferred_facts"]


def inferred_facts(
    values: Mapping[str, object], facts: Mapping[str, Fact], guess: FamilyGuess | None
) -> dict[str, Fact]:
    """Return the facts that the curves give away and nobody stated; ambiguous ones are left out."""
    found: list[Fact | None] = []
    if guess is not None and guess.family in ("info_nce", "clip") and not {"batch_size", "negatives"} & facts.keys():
        found += infer_batch_size(values, facts)
    if "log_base" not in facts:
        found.append(infer_log_base(values))
    if "gallery_size" not in facts:
        found.append(infer_gallery_size(values))
    if guess is not None and not {"num_classes", "vocab_size"} & facts.keys():
        found.append(infer_num_classes(values, guess.family))
    if guess is not None and "loss" not in facts:
        found.append(Fact("loss", guess.family, "inferred", guess.because))
    return {fact.key: fact for fact in found if fact is not None}
