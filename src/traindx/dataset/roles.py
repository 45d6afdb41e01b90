"""What each array of a dataset is, from what was told, its name, its type and its values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from traindx.arrays import ArraySource
from traindx.dataset.checks.subject import Role
from traindx.dataset.settings import AuditSettings
from traindx.dataset.stored import kind_of, words_of
from traindx.dataset.summary import ArraySummary

_MASKS: Final = frozenset({"mask", "masks", "valid", "padding", "pad"})
_LABELS: Final = frozenset(
    {"label", "labels", "class", "classes", "category", "categories", "cls", "y", "target", "targets"}
)
_TOKENS: Final = frozenset({"tokens", "token", "ids", "text", "corpus"})
_TARGETS: Final = frozenset(
    {"y", "target", "targets", "label", "labels", "action", "actions", "output", "outputs", "response", "answer"}
)
_GROUPS: Final = frozenset(
    {
        "group",
        "groups",
        "system",
        "env",
        "environment",
        "domain",
        "source",
        "site",
        "subject",
        "patient",
        "game",
        "trajectory",
        "episode",
    }
)
_TARGETS_TOO: Final = frozenset({"y", "target", "targets"})  # names of classes and of amounts alike
_NUMBERING: Final = frozenset({"id", "index", "idx", "uid", "uuid", "row"})
_CODES: Final = frozenset({"code", "codes", "zip", "zipcode", "postcode"})  # numbers that name, and do not count
_MOMENTS: Final = frozenset({"time", "timestamp", "date", "step", "frame", "key"})
_BYTE: Final = 256
_IGNORED: Final = -100  # the lowest label that a loss ignores
_PICTURES: Final = frozenset({"image", "images", "img", "imgs", "pixels", "picture", "pictures", "frames"})
_BOXES: Final = frozenset({"box", "boxes", "bbox", "bboxes"})
_UNIX: Final = 1e8  # seconds of Unix time since 1973, or finer: a moment, and no amount of time
_FEW: Final = 20  # so few distinct whole numbers are names of something, not amounts


def roles_of(arrays: Iterable[ArraySummary], told: AuditSettings) -> Mapping[str, Role]:
    """Return what each array is; told roles win over names, names over values."""
    listed = tuple(arrays)
    rows = max((a.shape[0] for a in listed if a.shape), default=0)
    return {array.name: _role(array, rows, told) for array in listed}


def targets_of(arrays: Iterable[ArraySummary], roles: Mapping[str, Role], told: AuditSettings) -> frozenset[str]:
    """Return the names of what is learnt: those told, or those whose last word says so."""
    if told.targets:
        return frozenset(told.targets)
    return frozenset(
        a.name
        for a in arrays
        if roles[a.name] == "values" and words_of(a.name)[-1:] and words_of(a.name)[-1] in _TARGETS
    )


def found_group(sources: Mapping[str, ArraySource]) -> str:
    """Return the one array that tells groups apart by its name: one whole number or text for each row; "" where none or several do."""
    found = [s.name for s in sources.values() if _names_groups(s)]
    return found[0] if len(found) == 1 else ""


def found_mask(sources: Mapping[str, ArraySource]) -> str:
    """Return the one array that is a mask by its name and fits the shape of another one; "" where none or several do.

    A mask beside pictures alone is an answer, as of a segmentation: it says where objects are, and not where data are.
    """
    found = [s for s in sources.values() if s.kind == "number" and set(words_of(s.name)) & _MASKS and len(s.shape) >= 2]
    others = [o for o in sources.values() if not _is_picture(o.shape, o.dtype.name, words_of(o.name))]
    fitting = [m for m in found if any(o is not m and o.shape[: len(m.shape)] == m.shape for o in others)]
    return fitting[0].name if len(fitting) == 1 else ""


def _is_picture(shape: tuple[int, ...], dtype: str, words: tuple[str, ...]) -> bool:
    return len(shape) >= 3 and (dtype == "uint8" or bool(set(words) & _PICTURES))


def _names_groups(source: ArraySource) -> bool:
    words = set(words_of(source.name))
    single = len(source.shape) == 1 or (len(source.shape) == 2 and source.shape[1] == 1)
    return (
        bool(words & _GROUPS)
        and single
        and (source.kind == "text" or source.dtype.kind in "iu")
        and not kind_of(source.name)
    )


def _role(array: ArraySummary, rows: int, told: AuditSettings) -> Role:
    if array.name in told.labels:
        return "labels"
    if array.name in told.targets:
        return "values"
    if array.name and array.name == told.mask:
        return "mask"
    if array.name and array.name == told.group:
        return "identifier"
    words = words_of(array.name)
    if kind_of(array.name) is not None and (not array.shape or array.shape[0] < max(rows, 2)):
        return "statistics"
    return _by_kind(array, words, told)


def _by_kind(array: ArraySummary, words: tuple[str, ...], told: AuditSettings) -> Role:
    last = words[-1] if words else ""
    masks = bool(set(words) & _MASKS)
    if array.kind == "image" or (_is_picture(array.shape, array.dtype, words) and not masks):
        return "image"
    if array.kind in ("text", "bytes"):
        return "labels" if last in _LABELS and last != "y" else "identifier"
    if masks or array.dtype == "bool":
        return "mask"
    if array.kind == "list":
        return "labels" if last in _LABELS else "tokens"
    if set(words) & _BOXES and array.shape[-1:] == (4,):
        return "boxes"
    if set(words) & _MOMENTS and array.whole.minimum > _UNIX:
        return "identifier"
    return _of_whole_numbers(array, last, words, told) if _is_whole(array) else "values"


def _of_whole_numbers(array: ArraySummary, last: str, words: tuple[str, ...], told: AuditSettings) -> Role:
    """The role of an array of whole numbers, as tables often keep them in floating point."""
    single = len(array.shape) <= 1 or array.shape[-1] == 1
    if last in _LABELS:
        return "labels" if last not in _TARGETS_TOO or _repeats(array) else "values"
    if set(words) & _NUMBERING or _is_running(array) or (single and set(words) & _GROUPS):
        return "identifier"
    whole_type = not array.dtype.startswith("float")
    if whole_type and set(words) & _TOKENS:
        return "tokens"
    if _few(array) or set(words) & _CODES:
        return "categories"
    if whole_type and (told.vocab_size is not None or _is_bare_text(array, words)):
        return "tokens"
    return "identifier" if whole_type and set(words) & _MOMENTS else "values"


def _is_bare_text(array: ArraySummary, words: tuple[str, ...]) -> bool:
    """Whether a nameless array of whole numbers looks like token ids: none below zero, and more than bytes."""
    return not words and array.whole.minimum >= 0 and array.whole.maximum >= _BYTE


def _few(array: ArraySummary) -> bool:
    return 0 <= array.whole.distinct <= _FEW


def _repeats(array: ArraySummary) -> bool:
    """Whether values occur as often as those of classes, twenty times on average, and fill at least half their range as classes do."""
    whole = array.whole
    often = 0 <= whole.distinct <= max(_FEW, whole.count / _FEW)
    return often and whole.minimum >= _IGNORED and whole.maximum < 2 * max(whole.distinct, 2)


def _is_whole(array: ArraySummary) -> bool:
    """Whether an array is of whole numbers: by its type, or in floating point as far as its values tell."""
    if array.dtype.startswith(("int", "uint")):
        return True
    whole = array.whole
    if _is_running(array):
        return True
    return whole.distinct >= 0 and bool(whole.frequent) and all(value == int(value) for value, _ in whole.frequent)


def _is_running(array: ArraySummary) -> bool:
    """Whether the values run from first to last, one for each row, as row numbers do."""
    whole = array.whole
    return whole.count > _FEW and whole.maximum - whole.minimum + 1 == whole.count and len(array.shape) == 1
