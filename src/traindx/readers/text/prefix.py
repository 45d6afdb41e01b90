"""What stands before the message of a log line: clock, level, logger, rank, quoting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, final

_CLOCK: Final = (
    r"(?:(?P<y>\d{4})[-/.](?P<mo>\d\d?)[-/.](?P<d>\d\d?)[T ,_]{1,2}"
    r"|(?P<d2>\d\d)[-/](?P<mo2>\d\d)[-/](?P<y2>\d{4})[T ,]"
    r"|(?:\d\d[-/])?\d\d[-/]\d\d[T ]{1,2})?"
    r"(?P<h>\d\d?):(?P<mi>\d\d):(?P<s>\d\d(?:[.,]\d{1,9})?)(?:Z|[+-]\d\d:?\d\d)?(?:\s?(?P<half>[AaPp][Mm]))?"
    r"(?:\s?(?:UTC|GMT|CES?T|E[SD]T|P[SD]T|C[SD]T|M[SD]T|BST|JST|KST|IST|MSK|HKT|SGT|AES?T)(?=[\s|\]),:-]))?(?!\w|:\d|[.,]\d)"
)
_STEPS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"[>`\s|]{1,40}(?=\S)",
        r"(?:[-*•+]\s+|\*\*)(?=[\w\[(*])",
        r"(?:Line|line) \d{1,9}: ?",
        r"(?:In|Out) ?\[\d{0,6}\]: ?",
        r"\[[^\[\]\d]{0,12}?" + _CLOCK + r"[^\[\]]{0,60}\]:?",
        r"\(?" + _CLOCK + r"\)?[:,;]?",
        r"[IWEFD](?=\s\d{4}-)",
        r"\[\d{1,4},(?P<rank>\d{1,5})\]<std(?:out|err)>:?",
        r"std(?:out|err) [FP](?=\s)",
        r"(?:[a-z0-9]{1,30}[-_]){0,6}(?:worker|master|node|rank|pod|trainer|host|gpu)[-_](?P<rank>\d{1,4})\s{1,4}(?:\|\s|[a-z]{2,20}\s(?=[a-z]{2,20}\s\d))?",
        r"(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):[\w./-]{1,60}:(?=\s?[A-Za-z\[{(=*<'\"])",
        r"\[[\w.-]{1,60}\](?=\s\d{4}-\d\d-\d\d\s)",
        r"\([a-z_]{2,40}:\d{1,6}\)(?=\s)",
        r"\d{10}(?:\.\d{1,7})?(?=\s)",
        r"[IWEF]\d{4} (?P<h>\d\d):(?P<mi>\d\d):(?P<s>\d\d\.\d{1,7})\s{1,6}\d{1,8}\s[\w./-]{1,60}:\d{1,6}\]",
        r"\[(?:default|rank|Rank|worker|local_rank|RANK|gpu|GPU)[ :=_]?(?P<rank>\d{1,5})\]:?",
        r"(?:rank|Rank|RANK)[ :=_]?(?P<rank>\d{1,5})\s?[:|,\]]",
        r"\[[a-z_]{2,20}\](?=\s?\d{4}-)",
        r"\((?:\w{1,40} ){0,2}pid=\d{1,8}(?:, ip=[\d.]{7,15})?\)",
        r"\[?\b(?:DEBUG|INFO|WARNING|WARN|ERROR|NOTICE|CRITICAL|info|warn|debug)\b\]?(?=[\s:|\-\]\[]|$)",
        r"\[(?:root|main|__main__|trainer|[\w./-]{1,60}(?:\.\w{2,3})?:\d{1,6}(?::\w{1,60})?|deepspeed)\]:?",
        r"(?:__main__|(?:[a-z_]\w{0,40}\.){0,6}[a-z_]\w{0,40}):[\w<>.]{1,60}:\d{1,6}(?=\s{1,4}[-|] )",
        r"root\b:?|__main__\b:?|\[__main__\]:?",
        r"(?:[a-z_]\w{0,40}\.){1,6}[a-z_]\w{0,40}(?:\(\d{1,6}\))?(?::\d{1,6})?\s(?=[-|:] |\s*[-|:]\s)",
        r"[\w.-]{1,60}:(?P<rank>\d{1,5})\t(?=[a-z_][\w.]{0,60}:\d{1,6}\t)",
        r"[a-z_][\w.]{0,60}:\d{1,6}\t(?=[A-Z]{4,8}\s)",
        r"[\w./\\-]{1,80}\.(?:log|txt)(?=\s[-|:]\s)",
        r"(?:[\w./-]{1,80}\.(?:py|cpp|cc|cu|jl|go|rs)(?::\s{0,4}\d{1,6}|\(\d{1,6}\)|\[line[: ]{1,2}\d{1,6}\])?)(?::\w{1,40})?[\]:\s]\s?",
        r"(?:mmdet|mmseg|mmengine|mmcls|mmpose|mmocr|root|ppocr|ppdet|tensorflow|absl|py\.warnings|lightning|detectron2)\b(?=\s?[:\-|\]])",
        r"[-:|,]\s(?=\S)|\s+(?=\S)|[:|\]]\s{0,4}(?=\S)",
    )
)
_MAX_STEPS: Final = 24


@final
@dataclass(frozen=True, slots=True)
class Prefix:
    """What stands before the message of a line.

    ``end`` is where the message starts, ``clock`` the offsets of year, month, day, hour, minute and second (-1 where
    absent), ``half`` "am", "pm" or "", ``rank`` the rank that wrote the line and ``rank_at`` its place (-1 without one).
    """

    end: int
    clock: tuple[int, ...]
    rank: int
    half: str = ""
    rank_at: int = -1


def prefix_of(line: str) -> Prefix:
    """Return the prefix of ``line``: everything that names the place, the time or the writer, and no metric."""
    position, rank, half, rank_at = 0, -1, "", -1
    clock: tuple[int, ...] = ()
    for _ in range(_MAX_STEPS):
        match = _next(line, position)
        if match is None:
            break
        groups = match.groupdict()
        if groups.get("h") and not clock:
            clock = _offsets(match)
            half = (groups.get("half") or "").lower()
        if groups.get("rank"):
            rank, rank_at = int(groups["rank"]), match.start("rank")
        position = match.end()
    return Prefix(position, clock, rank, half, rank_at)


def _next(line: str, position: int) -> re.Match[str] | None:
    for pattern in _STEPS:
        match = pattern.match(line, position)
        if match is not None and match.end() > position:
            return match
    return None


def _offsets(match: re.Match[str]) -> tuple[int, ...]:
    groups = match.groupdict()
    names = ("y2", "mo2", "d2") if groups.get("y2") else ("y", "mo", "d")
    return tuple(match.start(name) if groups.get(name) else -1 for name in (*names, "h", "mi", "s"))
