"""Auditing a dataset: measure it, look at what the measures do not tell, ask every check, and say what knowing nothing would score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from traindx.arrays import ArraySource, open_arrays
from traindx.dataset.annotations import Annotations
from traindx.dataset.answer import Audit
from traindx.dataset.baselines_of import baselines_of
from traindx.dataset.checks import Subject
from traindx.dataset.checks.wording import some
from traindx.dataset.coco import is_coco, read_coco
from traindx.dataset.judging import action_of, asked, ordered, unread_parts, verdict_of
from traindx.dataset.levels import DataBaselines
from traindx.dataset.profile import profile
from traindx.dataset.repeating import beside, with_repeats
from traindx.dataset.roles import found_group, found_mask
from traindx.dataset.settings import AuditSettings
from traindx.dataset.subjects import subject_of, subject_of_annotations
from traindx.dataset.summary import Profile
from traindx.errors import UsageError, unknown_name


def audit(
    path: str | Path,
    *,
    against: str | Path | None = None,
    group: str = "",
    mask: str = "",
    targets: Sequence[str] = (),
    labels: Sequence[str] = (),
    pairs: Sequence[tuple[str, str]] = (),
    num_classes: int | None = None,
    vocab_size: int | None = None,
    batch_size: int | None = None,
    engine: str = "threads",
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Audit:
    """Audit a file or directory of arrays, or a file of COCO annotations: findings, statistics, and what knowing nothing scores.

    ``against`` is another split or version, compared with the first. The names are those of arrays or columns: ``group`` tells rows' groups apart,
    ``mask`` is 1 where data are, ``targets`` are learnt, ``labels`` are classes, ``pairs`` belong together row by row; ``batch_size`` is that of a contrastive training, in
    which copies cost something; what is not told is worked out
    from names and values where they are plain. ``engine``, ``threads`` and ``progress`` are those of ``profile``. Raises ``UnreadableDataError`` where nothing
    can be read and ``UsageError`` for names that are not there; a part that cannot be read is told in ``limits``.
    """
    told = AuditSettings(
        group=group,
        mask=mask,
        targets=tuple(targets),
        labels=tuple(labels),
        pairs=tuple(pairs),
        num_classes=num_classes,
        vocab_size=vocab_size,
        batch_size=batch_size or 0,
    )
    place = Path(path)
    if is_coco(place):
        if against is not None:
            raise UsageError(
                "annotation files are not compared with one another",
                where=str(place),
                hint="compare the arrays or tables of two splits",
            )
        return _of_annotations(read_coco(place), place, told)
    sources = open_arrays(path)
    told, notes = _completed(told, sources)
    measured = profile(
        path,
        mask=told.mask or None,
        group=told.group or None,
        engine=engine,
        threads=threads,
        progress=progress,
    )
    subject, limits = subject_of(measured, sources, told, place)
    answered = _answer(subject, baselines_of(subject, sources, told.mask), place, notes, limits)
    if against is None:
        return with_repeats(answered, subject, sources, told, threads)
    return beside(answered, subject, against, told, threads)


def _completed(told: AuditSettings, sources: Mapping[str, ArraySource]) -> tuple[AuditSettings, tuple[str, ...]]:
    """Check the names that were told, and find the group and the mask by name where they were not."""
    for what, name in (
        ("group", told.group),
        ("mask", told.mask),
        *(("target", name) for name in told.targets),
        *(("labels", name) for name in told.labels),
        *(("pair", name) for pair in told.pairs for name in pair),
    ):
        if name and name not in sources:
            error = unknown_name(f"array for --{what}", name, sources)
            raise UsageError(error.problem, hint=error.hint or f"the file holds {', '.join(list(sources)[:12])}")
    group, mask = told.group or found_group(sources), told.mask or found_mask(sources)
    notes: list[str] = []
    if group and not told.group:
        notes.append(f"groups are told apart by {group}, by its name (--group says otherwise)")
    if mask and not told.mask:
        notes.append(f"{mask} is taken as the mask, by its name (--mask says otherwise)")
    return replace(told, group=group, mask=mask), tuple(notes)


def _of_annotations(known: Annotations, path: Path, told: AuditSettings) -> Audit:
    empty = Profile(path=str(path), format="coco", arrays=())
    subject = subject_of_annotations(known, empty, told)
    return _answer(subject, baselines_of(subject, MappingProxyType(dict[str, ArraySource]())), path, (), ())


def _answer(
    subject: Subject,
    levels: DataBaselines,
    path: Path,
    notes: tuple[str, ...],
    limits: tuple[str, ...],
) -> Audit:
    found, passed, unasked = asked(subject)
    findings = ordered(found)
    measured = subject.profile
    unread = (*limits, *unread_parts(measured))
    verdict = verdict_of(findings, subject, passed, unread=bool(unread))
    named = subject.annotations
    return Audit(
        path=measured.path,
        format=measured.format,
        rows=named.images if named else max((a.shape[0] for a in measured.arrays if a.shape), default=0),
        size_bytes=_size(path),
        verdict=verdict,
        action=action_of(findings, verdict, levels),
        findings=findings,
        profile=measured,
        roles=subject.roles,
        targets=subject.targets,
        baselines=levels,
        notes=notes,
        passed=passed,
        unasked=unasked,
        limits=(*unread, *_unmeasured(subject)),
    )


def _unmeasured(subject: Subject) -> tuple[str, ...]:
    """What was not measured of arrays that matter, in words."""
    arrays = [
        a for a in subject.profile.arrays if subject.roles.get(a.name) not in ("statistics", "identifier", "mask")
    ]
    named: dict[str, list[str]] = {}
    for array in arrays:
        for limit in array.limits:
            named.setdefault(limit, []).append(array.name or array.where)
    return (*subject.profile.limits, *(f"{some(names)}: {limit}" for limit, names in named.items()))


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        return path.stat().st_size
    except OSError:
        return 0
