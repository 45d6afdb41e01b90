"""Lines with numbers that are no metrics: source code, configuration, stack traces, prose."""

from __future__ import annotations

import re
from typing import Final

_CODE: Final = re.compile(
    r"^\s*(?:def|class|import|from [\w.]+ import|return|elif|else:|while|try:|except|assert|raise|print\w*\(|@\w+|//|/\*|export|pip|conda"
    r"|if .{1,200}:$|for .{1,200}:$|with .{1,200}:$|lambda|File \"|Traceback|\$ |python\d? |torchrun|srun|sbatch|cmd =|model name)(?=\W|$)"
    r"|self\.|\b(?:np|torch|jnp|nn|os|sys|math|F|dist)\.\w|\.item\(|[-+*/|&]=(?!=)|(?<![=<>!])==(?![=>])|\w\(\w{1,40}=|\{[A-Za-z_][\w.+\-/()]{0,80}[:!}]"
    r"|\b(?:dict|Namespace|Config|Args|Arguments|tuple|list|range|len|int|float|str|log|exp|mean|sum|ln|sqrt)\(|0x[0-9a-fA-F]{4}|<class |https?://"
    r"|\[-1(?:, \d{1,9}){1,6}\]|[)}\]]\s?;\s*$|^\s*(?:\w{1,30} ){0,2}\w[\w.\[\]]{0,60} ?= ?[^;]{0,200};\s*$|≈|×|\bparams?: [\d.,]+|\w+\[\w*:|^\s*\(\w+\): \w+\(|\bin_features=|^\s*[\"']{3}|\+-{3,}|WORLD INFO|nvidia-smi|^\s*#\s*(?!Epoch|Step|\w{1,20}: [-\d])[a-z]"
    r"|^\W{0,20}(?:\x1b\[[\d;]{0,20}m){0,4}[Hh]yper-?_?[Pp]aram(?:eter)?s?\b\W{0,20}[:=]|^\s*\.\.\.\s*$|\bseed\b.{0,12}\d+\s*$|GiB (?:total|free|already)|Tried to allocate|[Oo]verflow detected|OVERFLOW!|[Gg]rad(?:ient)? overflow|[Ss]pawned|[Cc]ommand|loss scale\b.{0,20}(?:to|from)"
    r"|[Ss]av(?:ed|ing) |[Ll]oad(?:ed|ing) |checkpoint-\d|exits? (?:success|with)|[Bb]est (?:model|epoch|checkpoint|validation performance)|[Ff]ound \d|Downloading|Warning: |nan iterations: \d+\s*$"
)
_LISTED: Final = re.compile(
    r"^\s*[A-Z][A-Z0-9]{0,30}(?:_[A-Z0-9]{1,30}){1,8}: ?[\[(]|\bshape ?[=:] ?[\[(]\d"
)  # IOU_LABELS: [0, -1, 1]
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_COMMENT: Final = re.compile(r"^\s*(?:←|<-|#|//|\(|✓|✅|❌|⚠|🚀|\*|!|<--|\|)")


def is_noise(message: str) -> bool:
    """Whether ``message`` is code, a configuration echo, a path or a warning rather than a report of metrics."""
    if len(message) > 200_000:
        return True
    return _CODE.search(message[:4000]) is not None or _LISTED.search(message[:4000]) is not None


def is_prose(message: str, tail: str, metrics: int, has_axis: bool) -> bool:
    """Whether the line is a sentence that mentions a number: words run on after its only value."""
    if metrics > 1 or has_axis or _COMMENT.match(tail):
        return False
    after = len(_LETTERS.findall(tail))
    if re.search(r"[\u4e00-\u9fff]{3,}", tail):
        return True
    return after >= 3 or (after >= 2 and len(_LETTERS.findall(message)) - after > 4)


def is_heading(message: str) -> bool:
    """Whether the line is a short title above other lines: ``Validation:``, ``***** Eval results *****``."""
    words = len(message.split())
    plain = message.strip()
    return words <= 8 and (
        plain.endswith((":", "*", "=", "-", "]", ">", "..."))
        or plain.startswith(("=", "*", "#", "[", "-", ">"))
        or words <= 2
    )
