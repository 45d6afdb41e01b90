"""The words of a name that are left once its kind is known: component, part and loss family."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, final

from traindx.context.roles.components import TERMS
from traindx.context.roles.families import FAMILY_PHRASES
from traindx.context.roles.kinds_machine import MACHINE
from traindx.context.roles.kinds_quality import QUALITY
from traindx.context.roles.reading import Match, Reading
from traindx.context.roles.role import Split
from traindx.context.roles.tokenise import Segment, Token, joined

_QUALITY: Final = frozenset(kind.name for kind in QUALITY)
_BY_GROUP: Final = frozenset(
    # Quantities logged once per parameter group or layer: what is left of the name is the group.
    {"learning_rate", "weight_decay", "momentum", "grad_norm", "weight_norm", "update_norm", "temperature"}
    | {kind.name for kind in MACHINE}
)
_LONGEST_FAMILY: Final = max(map(len, FAMILY_PHRASES))
_STAGES: Final = frozenset({"d", "s", "dec", "layer", "stage", "head"})


@final
@dataclass(frozen=True, slots=True)
class Label:
    """What is left of a name: the term or class, and the evaluation set, layer or group."""

    component: str | None = None
    part: str = ""
    confidence: float = 1.0


def label_of(kind: str, readings: list[Reading], at: int, split: Split | None, cut_end: int) -> Label:
    """Sort the words that the kind left over; segment ``at`` decided it, and its cut-off reaches to ``cut_end``."""
    asked = " ".join(_sets(readings))
    before, after = _left(readings[at], kind, cut_end)
    below = [token for reading in readings[at + 1 :] for token in _flat(_left(reading, kind))]
    above = _above(readings[:at])
    if kind == "loss":
        label = _of_loss((*before, *after, *below), above, split, _starts_with_eval(readings))
    elif kind in _BY_GROUP:
        label = Label(None, joined((*before, *after, *below)))
    elif kind in _QUALITY:
        label = _of_metric(kind, (before, after, tuple(below)), above, split)
    else:
        label = Label(joined((*before, *after, *below)) or None, "")
    return replace(label, part=" ".join(filter(None, (asked, label.part))))


def family_of(component: str | None, readings: list[Reading]) -> str | None:
    """Return the loss family that the words of the component tell; None where they tell none."""
    if component is None:
        return None
    segments = (tuple(token for token in reading.tokens if token.text in component) for reading in reversed(readings))
    return next((family for segment in segments if (family := _family(segment))), None)


def _family(tokens: Segment) -> str | None:
    """Look for the longest phrase; a single letter only counts where it is all there is."""
    texts = [token.text for token in tokens if token.text != "loss"]
    for size in range(min(_LONGEST_FAMILY, len(texts)), 0, -1):
        for start in range(len(texts) - size + 1):
            phrase = tuple(texts[start : start + size])
            family = FAMILY_PHRASES.get(phrase)
            if family and (len(phrase[0]) > 1 or size > 1 or len(texts) == 1):
                return family
    return None


def _sets(readings: list[Reading]) -> Iterator[str]:
    """Yield what tells evaluation sets apart: ``valid_0``, ``t2a``, ``dataloader_idx_1``."""
    for reading in readings:
        for match in reading.matches:
            following = reading.tokens[match.end : match.end + 1]
            if match.entry.sort == "split" and following and following[0].is_number:
                yield following[0].text
            elif match.entry.sort == "direction":
                yield match.entry.value
            elif match.entry.sort == "set":
                yield match.entry.value + (f" {match.number:g}" if match.number is not None else "")


def _of_loss(own: Segment, above: Segment, split: Split | None, is_eval: bool) -> Label:
    layer = ""
    if len(own) > 1 and own[-1].is_number and not own[-1].glued and not own[-2].is_number:
        own, layer = own[:-1], f"layer {own[-1].text}"
    group = joined(above)
    if len(above) == 2 and above[0].text in _STAGES and above[1].is_number:
        return Label(joined(own) or None, f"layer {above[1].text}")
    component = joined(own)
    if is_eval and split != "train" and component and component not in TERMS and not _family(own):
        return Label(None, " ".join(filter(None, (component, layer))), 0.8)
    if group and (group in TERMS or _family(above)):
        return Label(f"{group}_{component}" if component else group, layer)
    return Label(component or None, " ".join(filter(None, (group, layer))))


def _of_metric(kind: str, sides: tuple[Segment, Segment, Segment], above: Segment, split: Split | None) -> Label:
    before, after, below = sides
    first, group = joined(before), joined(above)
    is_set = kind == "map" or (split in {"val", "test"} and first not in TERMS)
    counter = all(token.is_number for token in after)  # "auc_1": a second object of the same class
    component = "_".join(filter(None, ("" if is_set else first, "" if counter else joined(after), joined(below))))
    return Label(component or None, " ".join(filter(None, (group, first if is_set else ""))))


def _starts_with_eval(readings: list[Reading]) -> bool:
    """Whether the name is of the form ``eval_<set>_loss``, where the middle is the name of an evaluation set."""
    first = readings[0].tokens[0].text if readings and readings[0].tokens else ""
    return first == "eval"


def _above(parents: list[Reading]) -> Segment:
    """The telling words of the folders above; a folder that says a kind of its own says nothing of the leaf."""
    return tuple(token for parent in parents if parent.head is None for token in _flat(_left(parent, None)))


def _flat(sides: tuple[Segment, Segment]) -> Segment:
    return (*sides[0], *sides[1])


def _left(reading: Reading, kind: str | None, cut_end: int = 0) -> tuple[Segment, Segment]:
    """Return the telling tokens before and after the head."""
    taken = {i for match in _silent(reading, kind) for i in range(match.start, _end(reading, match))}
    head = reading.head
    middle = head.start if head else 0
    if head is not None:
        taken.update(range(head.end, cut_end))
    return (
        _kept(reading.tokens, [i for i in range(middle) if i not in taken]),
        _kept(reading.tokens, [i for i in range(middle, len(reading.tokens)) if i not in taken]),
    )


def _kept(tokens: Segment, places: list[int]) -> Segment:
    """Return the tokens at ``places``; one whose neighbour before is gone starts a word."""
    return tuple(tokens[i] if i - 1 in places else Token(tokens[i].text) for i in places)


def _silent(reading: Reading, kind: str | None) -> Iterator[Match]:
    """Yield the phrases that name neither a term nor a class."""
    for match in reading.matches:
        telling = _names_a_term(match, kind, is_head=match is reading.head)
        if not (telling or (match.entry.sort == "neutral" and _glued_number(reading, match.end))):
            yield match


def _names_a_term(match: Match, kind: str | None, *, is_head: bool) -> bool:
    """Whether a phrase that means a kind elsewhere is the name of a term here: ``dice_loss``, ``accuracy_reward``."""
    sort, value = match.entry.sort, match.entry.value
    if kind == "loss":  # a lone term, such as "nll", names itself
        return sort == "term" or (sort == "kind" and value not in {"loss", "step", "epoch"})
    if is_head:
        return False
    if kind in {"reward", "reward_std"}:
        return sort == "kind" and value not in {"reward", "reward_std", "score", "step", "epoch", "episodes"}
    return sort == "kind" and kind is not None and value in {"precision", "recall"}


def _glued_number(reading: Reading, at: int) -> bool:
    """Whether a number sticks to the word before: ``output1`` is a name, ``output`` is not."""
    following = reading.tokens[at : at + 1]
    return bool(following) and following[0].is_number and following[0].glued


def _end(reading: Reading, match: Match) -> int:
    """Where a phrase ends, with the number of a split: ``valid_0``."""
    following = reading.tokens[match.end : match.end + 1]
    return match.end + (1 if match.entry.sort == "split" and following and following[0].is_number else 0)
