"""From the name of a series to its role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from traindx.context.roles.coco import coco_role
from traindx.context.roles.components import BY_GROUP, GROUPS, LOSS_IN_LOSSES, OWNERS
from traindx.context.roles.cutoff import cutoff_of
from traindx.context.roles.kinds import KINDS
from traindx.context.roles.naming import family_of, label_of
from traindx.context.roles.notation import parse_role
from traindx.context.roles.reading import Reading, read_segment
from traindx.context.roles.role import Role, Split
from traindx.context.roles.short_names import short_role
from traindx.context.roles.splits import SPLITS
from traindx.context.roles.tokenise import Words, joined, tokenise

_NOTHING = Role(kind="unknown", confidence=0.0)
_NEVER_SPLIT = frozenset(
    {"step_time", "data_time", "wall_time", "step", "episode_length", "unknown"}
)  # "train_time" is no step's
_OVERRULED = frozenset({"step", "epoch"})  # "loss/epoch" is a loss


def resolve(name: str, *, overrides: Mapping[str, str] | None = None) -> Role:
    """Return what a series called ``name`` means.

    ``overrides`` maps whole names to roles in the notation of ``parse_role`` and is believed as it stands. Without one,
    the words of the name decide; a name that says nothing gives the kind ``unknown`` with confidence 0. Never raises
    for any text, but raises UsageError for an override that cannot be read.
    """
    if overrides and name in overrides:
        return parse_role(overrides[name])
    words = tokenise(name)
    role = _whole(words) or _owned(words) or _general(words)
    return _ranked(role, words.suffix)


def _ranked(role: Role, suffix: str) -> Role:
    """Keep the series of several processes apart: ``loss [rank 1]``."""
    if not suffix.lower().startswith("rank "):
        return role
    return replace(role, part=f"{role.part} {suffix}".strip())


def _whole(words: Words) -> Role | None:
    """Look the whole name up among the short ones, without its split."""
    tokens = [token for segment in words.segments for token in segment if token.text != "metrics"]
    plain = tuple(token for token in tokens if token.text not in SPLITS)
    spelling = joined(plain)
    role = (short_role(spelling) or coco_role(spelling)) if plain else None
    split = _split([read_segment(segment) for segment in words.segments])
    if role is None or split is None:
        return role
    return None if role.kind in _NEVER_SPLIT else replace(role, split=split)


def _owned(words: Words) -> Role | None:
    """Recognise a folder that holds one kind: ``lr/pg0``, ``gradient_norm/encoder.weight``."""
    if not words.segments or read_segment(words.segments[-1]).kind == "grad_norm":
        return None
    for i, segment in enumerate(words.segments[:-1]):
        if kind := OWNERS.get(joined(tuple(token for token in segment if not token.is_number))):
            part = "/".join(joined(one) for one in words.segments[i + 1 :])
            split = _split([read_segment(one) for one in words.segments[: i + 1]])
            return Role(kind=kind, split=split, part=part, direction=KINDS[kind].direction)
    return None


def _general(words: Words) -> Role:
    readings = [read_segment(segment) for segment in words.segments]
    split = _split(readings)
    at, kind = _deciding(readings)
    if kind is None:
        return replace(_NOTHING, split=split)
    reading = readings[at]
    statistic = _statistic(readings[at:])
    kind = _by_statistic(kind, statistic)
    cut = cutoff_of(kind, reading)
    label = label_of(cut.kind, readings, at, split, cut.end)
    component = label.component if cut.threshold is None else cut.threshold
    return Role(
        kind=cut.kind,
        split=split,
        part=label.part,
        component=component,
        family=family_of(label.component, readings) if cut.kind == "loss" else None,
        direction=KINDS[cut.kind].direction,
        k=cut.k,
        unit=next((match.entry.value for one in readings for match in one.of("unit")), None),
        statistic=statistic,
        weighted=next((match.entry.value == "True" for match in reading.of("weighted")), None)
        if cut.kind == "loss"
        else None,
        confidence=_confidence(reading, at == len(readings) - 1) * label.confidence,
    )


def _split(readings: list[Reading]) -> Split | None:
    """The last split word wins: ``train/val_loss`` is measured on validation data."""
    words: list[Split] = [
        SPLITS[reading.tokens[match.start].text] for reading in readings for match in reading.of("split")
    ]
    return words[-1] if words else None


def _deciding(readings: list[Reading]) -> tuple[int, str | None]:
    """Return which segment says the kind, and the kind: the leaf if it can, else the nearest parent that does."""
    last = len(readings) - 1
    parents = [i for i in range(last - 1, -1, -1) if readings[i].kind and joined(readings[i].tokens) not in GROUPS]
    leaf = readings[last].kind if readings else None
    if leaf is None or leaf in _OVERRULED:
        return (parents[0], readings[parents[0]].kind) if parents else (last, leaf)
    if leaf in LOSS_IN_LOSSES and any(readings[i].kind == "loss" for i in parents):
        return last, "loss"
    for parent in readings[:-1]:
        group = joined(tuple(token for token in parent.tokens if token.text not in SPLITS))  # "eval_rewards/accuracies"
        leaf = BY_GROUP.get((group, leaf), leaf)
    return last, leaf


def _statistic(readings: list[Reading]) -> str | None:
    found = [match.entry.value for reading in readings for match in reading.of("statistic")]
    epoch_mean = any(
        match.entry.value == "epoch" for match in readings[-1].of("kind") if match is not readings[-1].head
    )
    return found[-1] if found else ("mean" if epoch_mean else None)


def _by_statistic(kind: str, statistic: str | None) -> str:
    """A spread of rewards is a quantity of its own: at zero, group-relative training has no signal."""
    return "reward_std" if kind == "reward" and statistic == "std" else kind


def _confidence(reading: Reading, is_leaf: bool) -> float:
    if reading.head is None:
        return 0.5
    weak = reading.head.entry.sort == "term" or KINDS[reading.head.entry.value].strength == "weak"
    return (0.8 if weak else 1.0) * (1.0 if is_leaf else 0.9)
