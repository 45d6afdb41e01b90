"""Recognising facts among the settings that training programs write down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

from traindx.context.facts.heads import with_head
from traindx.context.facts.spec import FactSpec
from traindx.context.facts.values import fact_value
from traindx.context.keys import Fact, FactValue
from traindx.errors import UsageError
from traindx.run import Setting

_ELSEWHERE: Final = re.compile(
    # Folders of settings that speak of something else than this training's own step.
    r"(?:^|[._])(?:val|valid|validation|eval|evaluation|test|testing|infer|inference|predict|generation|generation_config|teacher"
    r"|sampler|dataset_meta|model_cfg_eval)(?:[._]|$)"
)
_GENERATION: Final = frozenset(
    {"num_beams", "repetition_penalty", "no_repeat_ngram_size", "do_sample", "num_return_sequences"}
)
_SAMPLING: Final = frozenset({"temperature", "top_k"})  # which then say how text is sampled, not how it is learnt
_MICRO: Final = "train_micro_batch_size_per_gpu"  # beside it, "train_batch_size" is the global batch
_GAINS: Final = frozenset({"box", "cls", "dfl"})  # gains of a one-stage detector, only when all three are there
_SWITCHES: Final[Mapping[str, tuple[str, FactValue]]] = MappingProxyType(
    # switches that are facts of another name when they are on
    {
        "fp16": ("precision", "fp16"),
        "bf16": ("precision", "bf16"),
        "half": ("precision", "fp16"),
        "amp": ("precision", "fp16"),
        "use_amp": ("precision", "fp16"),
    }
)
_WEIGHTS: Final = (
    re.compile(r"(?P<c>[a-z][a-z0-9_]{0,40}?)_loss_(?:coef|coeff|weight|weights|lambda|scale)"),
    re.compile(r"loss_(?P<c>[a-z][a-z0-9_]{0,40}?)_(?:coef|coeff|weight|weights|lambda)"),
    re.compile(r"lambda_(?P<c>[a-z][a-z0-9_]{0,40})"),
    re.compile(
        r"(?:weight|w|coef)_(?P<c>bbox|box|giou|iou|ce|cls|mask|dice|kl|recon|rec|l1|ct|contrastive|mlm|perceptual|adv|gan)"
    ),
    re.compile(
        r"(?P<c>vf|ent|entropy|value|kl|aux|recon|rec|commit|gan|perceptual|lpips|disc|ct|ce|dice|mask|bbox|giou)_(?:coef|coeff|weight)"
    ),
)
_NESTED_WEIGHT: Final = re.compile(r"(?:^|\.)loss_(?P<c>[a-z][a-z0-9_]{0,40})\.loss_weight")


@final
@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that one setting gives a fact; the lower ``rank``, the more it is believed."""

    key: str
    value: FactValue
    source: str
    rank: tuple[int, int, int, int]


def facts_from_rows(facts: Mapping[str, FactSpec], settings: Sequence[Setting], log: str) -> tuple[Fact, ...]:
    """Return the facts that ``settings`` tell, in the order of first appearance."""
    known = {name: (spec, i) for spec in facts.values() for i, name in enumerate(spec.settings)}
    leaves = frozenset(_plain(setting.name).rsplit(".", 1)[-1] for setting in settings)
    found: dict[str, list[Candidate]] = {}
    for place, setting in enumerate(settings):
        for candidate in _candidates(setting, place, known, leaves, log):
            found.setdefault(candidate.key, []).append(candidate)
    return with_head(tuple(_settled(key, candidates) for key, candidates in found.items()), settings)


def _plain(name: str) -> str:
    return name[:200].strip().lstrip("-_").lower().replace("-", "_").replace("/", ".")


def _candidates(
    setting: Setting, place: int, known: Mapping[str, tuple[FactSpec, int]], leaves: frozenset[str], log: str
) -> Iterator[Candidate]:
    name = _plain(setting.name)
    folders, _, leaf = name.rpartition(".")
    elsewhere = _ELSEWHERE.search(folders if leaf in known else name)  # "num_val_samples" is a fact of its own
    if setting.value is None or setting.value in ("", "None", "null") or elsewhere:
        return
    beside = 0 if log and setting.source.startswith(log) else 1
    depth = folders.count(".") + 1 if folders else 0
    for key, value, telling in _meanings(name, leaf, setting.value, known, leaves):
        yield Candidate(key, value, setting.source, (beside, telling, depth, place))


def _meanings(
    name: str, leaf: str, value: FactValue, known: Mapping[str, tuple[FactSpec, int]], leaves: frozenset[str]
) -> Iterator[tuple[str, FactValue, int]]:
    """Yield fact, value and how telling the name is (0 the most)."""
    if leaf in _SWITCHES:
        if str(value).lower() in {"true", "1"}:
            yield (*_SWITCHES[leaf], 0)
        return
    component = _component(name, leaf, leaves)
    if component is not None:
        yield from _parsed(_weight(component), value, 0)
        return
    if leaf not in known or (leaf in _SAMPLING and leaves & _GENERATION):
        return
    spec, telling = known[leaf]
    if leaf == "train_batch_size" and _MICRO in leaves:
        spec = FactSpec(name="batch_size_global", type="int", minimum=1, meaning="items in one update")
    yield from _parsed(spec, value, telling)


def _parsed(spec: FactSpec, value: FactValue, telling: int) -> Iterator[tuple[str, FactValue, int]]:
    """Yield the value where it makes sense: -1 steps and an unset switch are no facts."""
    if isinstance(value, bool) and spec.type in {"int", "float", "optimizer", "schedule", "family"}:
        return
    try:
        yield spec.name, fact_value(spec, value), telling
    except UsageError:
        return


def _weight(component: str) -> FactSpec:
    return FactSpec(name=f"weight.{component}", type="float", minimum=0, meaning="factor of one term of the loss")


def _component(name: str, leaf: str, leaves: frozenset[str]) -> str | None:
    """Return which term of the loss a setting weighs; matching costs (``set_cost_bbox``) weigh none."""
    if leaf in _GAINS:
        return leaf if leaves >= _GAINS else None
    if leaf == "loss_weight":
        nested = _NESTED_WEIGHT.search(name)
        return nested["c"] if nested else None
    found = next((match for pattern in _WEIGHTS if (match := pattern.fullmatch(leaf))), None)
    return found["c"] if found else None


def _settled(key: str, candidates: Iterable[Candidate]) -> Fact:
    """Return the fact that is believed most, and name the first that differs from it."""
    ranked = sorted(candidates, key=lambda candidate: candidate.rank)
    best = ranked[0]
    rival = next((other for other in ranked[1:] if other.value != best.value), None)
    doubt = f" ({rival.source} says {rival.value})" if rival else ""
    return Fact(key, best.value, "read", best.source + doubt)
