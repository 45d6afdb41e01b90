"""The subject of the checks: a profile, and what a second look at the arrays tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from traindx.arrays import ArraySource
from traindx.dataset.annotations import Annotations
from traindx.dataset.beside import numbers_beside
from traindx.dataset.boxes import boxes_of
from traindx.dataset.checks import ActiveShare, Role, Subject
from traindx.dataset.counts import ValueCounts, count_values
from traindx.dataset.padding import padded_share
from traindx.dataset.pairs import pairing
from traindx.dataset.roles import roles_of, targets_of
from traindx.dataset.settings import AuditSettings
from traindx.dataset.stored import stored_statistics
from traindx.dataset.summary import Profile
from traindx.errors import UnreadableDataError

_MOST_TAGS: Final = (
    256  # classes that tag words, as parts of speech and names, number tens; vocabularies begin at bytes
)
_LEAST_ZEROS: Final = 0.05  # below this share, zeros are no padding worth a look


def subject_of(
    measured: Profile, sources: Mapping[str, ArraySource], told: AuditSettings, path: Path
) -> tuple[Subject, tuple[str, ...]]:
    """Return what the checks are asked of, and what could not be read on the second look, in words."""
    roles = roles_of(measured.arrays, told)
    targets = targets_of(measured.arrays, roles, told)
    limits: list[str] = []
    values = [a for a in measured.arrays if roles[a.name] in ("values", "image")]
    counted = {role: tuple(_counted(sources, roles, role, limits)) for role in ("labels", "tokens")}
    subject = Subject(
        profile=measured,
        roles=roles,
        targets=targets,
        stored=stored_statistics(numbers_beside(path, sources), values),
        active=MappingProxyType(dict(_padded(measured, sources, roles, limits))),
        labels=counted["labels"],
        tokens=counted["tokens"],
        token_labels=frozenset(_token_labels(measured, roles, counted["labels"])),
        boxes=tuple(boxes_of(s) for s in sources.values() if roles.get(s.name) == "boxes"),
        pairs=tuple(pairing(sources[one], sources[other]) for one, other in told.pairs),
        num_classes=told.num_classes,
        vocab_size=told.vocab_size,
    )
    return subject, tuple(limits)


def subject_of_annotations(known: Annotations, profile: Profile, told: AuditSettings) -> Subject:
    """Return the subject of a file of annotations."""
    counts = category_counts(known)
    return Subject(
        profile=profile,
        annotations=known,
        boxes=(known.boxes,) if known.boxes is not None else (),
        labels=(counts,) if counts is not None else (),
        num_classes=told.num_classes,
    )


def category_counts(known: Annotations) -> ValueCounts | None:
    """Return how often each category occurs, with the categories numbered in the order of the file as loaders do."""
    if not known.category_names or not known.class_counts:
        return None
    places = {identifier: place for place, identifier in enumerate(sorted(known.category_names))}
    counts = np.zeros(len(places), np.int64)
    for identifier, count in known.class_counts.items():
        if identifier in places:
            counts[places[identifier]] = count
    seen = np.flatnonzero(counts)
    return ValueCounts(
        name="categories",
        where=known.path,
        values=seen.astype(np.int64),
        counts=counts[seen],
        names={place: known.category_names[identifier] for identifier, place in places.items()},
    )


def _counted(
    sources: Mapping[str, ArraySource], roles: Mapping[str, Role], role: Role, limits: list[str]
) -> Iterator[ValueCounts]:
    for name, source in sources.items():
        if roles.get(name) != role:
            continue
        try:
            yield count_values(source)
        except UnreadableDataError as error:
            limits.append(f"{name}: not counted ({error})")


def _token_labels(measured: Profile, roles: Mapping[str, Role], labels: Iterable[ValueCounts]) -> Iterator[str]:
    """Yield the names of labels that are tokens: one for each token of another array, and more different ones than classes of words."""
    arrays = {array.name: array for array in measured.arrays}
    tokens = [array for array in measured.arrays if roles[array.name] == "tokens"]
    for one in labels:
        array = arrays[one.name]
        sequences = array.kind == "list" or len(array.shape) > 1
        beside = any((array.kind, array.shape) == (other.kind, other.shape) for other in tokens)
        if sequences and beside and len(one.values) > _MOST_TAGS:
            yield one.name


def _padded(
    measured: Profile, sources: Mapping[str, ArraySource], roles: Mapping[str, Role], limits: list[str]
) -> Iterator[tuple[str, ActiveShare]]:
    for array in measured.arrays:
        whole = array.whole
        if roles[array.name] != "values" or array.masked_share > 0 or not whole.zeros > _LEAST_ZEROS * whole.rows:
            continue
        try:
            share = padded_share(sources[array.name])
        except UnreadableDataError as error:
            limits.append(f"{array.name}: not searched for padding ({error})")
            continue
        if share > 0:
            yield array.name, ActiveShare(1 - share, "by the zeros at the end of rows")
