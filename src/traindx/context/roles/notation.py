"""The notation in which a user says what a series means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from traindx.context.roles.families import FAMILIES
from traindx.context.roles.kinds import KINDS
from traindx.context.roles.lexicon import LEXICON
from traindx.context.roles.role import Role, Split
from traindx.errors import UsageError, unknown_name

_NOTATION: Final = re.compile(
    r"(?:(?P<split>[A-Za-z]+)/)?(?P<kind>[A-Za-z][A-Za-z0-9 _-]*)(?:@(?P<k>\d{1,9}))?"
    r"(?::(?P<component>[^()\s:@]{1,80}))?(?:\((?P<family>[A-Za-z0-9_]+)\))?"
)
_SPLITS: Final[Mapping[str, Split]] = MappingProxyType({"train": "train", "val": "val", "test": "test"})


def parse_role(text: str) -> Role:
    """Read a role from ``[split/]kind[@k][:component][(family)]``.

    - ``split``: ``train``, ``val`` or ``test``.
    - ``kind``: a kind (``loss``, ``accuracy``, ``recall_at_k``, ...) or one of the words for it (``lr``, ``ppl``);
      ``ignore`` leaves the series out of every judgement.
    - ``@k``: the cut-off of a ranking metric. ``recall@10`` means ``recall_at_k``.
    - ``:component``: the term of a weighted sum. ``(family)``: the loss family, for the right baseline.

    Raises UsageError with the nearest names for a word that is not known.

    >>> parse_role("val/loss(info_nce)").family
    'info_nce'
    >>> parse_role("train/loss:bbox").component
    'bbox'
    """
    found = _NOTATION.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            f"cannot read the role {text!r}", hint="write it like val/loss, recall@10 or train/loss:bbox(giou)"
        )
    k = int(found["k"]) if found["k"] else None
    kind = _kind(found["kind"], with_k=k is not None)
    family = found["family"]
    if family is not None and family not in FAMILIES:
        raise unknown_name("loss family", family, FAMILIES)
    return Role(
        kind=kind,
        split=_split(found["split"]),
        component=found["component"],
        family=family,
        direction=KINDS[kind].direction,
        k=k,
    )


def _split(word: str | None) -> Split | None:
    if word is None:
        return None
    if word not in _SPLITS:
        raise unknown_name("split", word, _SPLITS)
    return _SPLITS[word]


def _kind(word: str, *, with_k: bool) -> str:
    """Return the kind called ``word``, or for which ``word`` is one of the spellings."""
    name = word.strip().lower().replace("-", "_").replace(" ", "_")
    words = tuple(name.split("_"))
    if with_k and (entry := LEXICON.get((*words, "at", "#"))) and entry.sort == "kind":
        return entry.value
    if name in KINDS:
        return name
    if (entry := LEXICON.get(words)) and entry.sort == "kind":
        return entry.value
    raise unknown_name("kind of series", word, KINDS)
