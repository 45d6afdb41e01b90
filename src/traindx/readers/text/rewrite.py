"""Sentences and tables that tell metrics in words, rewritten as ``name = value`` before the lines are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_NUMBER: Final = r"-?(?:\d{1,12}(?:\.\d{0,20})?(?:[eE][-+]?\d{1,3})?|nan|inf)"
_COCO: Final = re.compile(
    r"Average (?:Precision|Recall) {1,8}\((A[PR])\) @\[ IoU=(\d\.\d\d)(:\d\.\d\d)?[ ]{1,9}\| area=[ ]{0,6}(all|small|medium|large) \|"
    rf" maxDets=[ ]{{0,4}}(\d{{1,4}}) \] = ({_NUMBER})"
)
_OBJECTIVE: Final = re.compile(
    rf"[Aa]verage objective function for '?([\w.-]{{1,40}})'? is ({_NUMBER})(?: \([^()\n]{{0,120}}\))? over [\d.e+]{{1,20}} frames\.?"
)
_PASTED: Final = re.compile(
    r"copypaste: Task: ([\w-]{1,40})\n([^\n]{0,200}?)copypaste: ([A-Za-z][\w@.-]{0,30}(?:,[A-Za-z][\w@.-]{0,30}){0,40})\n"
    rf"([^\n]{{0,200}}?)copypaste: ({_NUMBER}(?:,{_NUMBER}){{0,40}})(?=\s)"
)
_REPORT: Final = re.compile(
    rf"(?m)^[ \t]{{0,40}}((?:macro|micro|weighted|samples) avg)[ \t]{{1,40}}({_NUMBER})[ \t]{{1,20}}({_NUMBER})[ \t]{{1,20}}({_NUMBER})[ \t]{{1,20}}\d{{1,12}}[ \t]*$"
)
_EPOCH_BATCH: Final = re.compile(r"\b(\d{1,6})epoch:(train|valid):\d{1,9}-(\d{1,9})batch:")
_EPOCH_RESULTS: Final = re.compile(r"\b(\d{1,6})epoch results:")
_ON_IMAGES: Final = re.compile(
    rf"(?:(?:[Tt]est|[Tt]rain|[Vv]alidation) )?[Aa]ccuracy of the (?:network|model|net) on the (?:(\d{{1,9}}) )?(test|train|training|validation)"
    rf" (?:images|samples|set|data|examples):? ({_NUMBER})"
)
_SPREAD: Final = re.compile(
    r"(?m)^(?=\S)([^\n{}]{0,200}\{(?:['\"][^\n]{1,400},)?)\n((?:[ \t]{1,40}['\"][^\n]{1,400},\n){0,200}[ \t]{1,40}['\"][^\n]{1,400}?)"
    r"(\}|\n[ \t]{0,40}\})[ \t]*$"
)
_SCORE: Final = re.compile(rf"\bScore at iteration (\d{{1,12}}) is ({_NUMBER})")
_CHUNKS: Final = re.compile(  # conlleval: the rows of the classes below the row of all
    rf"\b([A-Za-z][\w-]{{0,30}}): {{1,4}}precision: {{1,4}}({_NUMBER}%); recall: {{1,4}}({_NUMBER}%); FB1: {{1,4}}({_NUMBER})\b(?: {{1,4}}\d{{1,9}}\b)?"
)
_TOP: Final = re.compile(r"\b([Tt]op)[ -](\d{1,2}) (acc(?:uracy)?|err(?:or)?)\b")
_AREAS: Final = {"all": "", "small": "s", "medium": "m", "large": "l"}


def _coco(found: re.Match[str]) -> str:
    kind, threshold, span, area, most, value = found.groups()
    at = "" if span or kind == "AR" else str(round(100 * float(threshold)))
    name = f"{kind}{at}{_AREAS[area]}" + (f"@{most}" if kind == "AR" or most != "100" else "")
    return f"{name} = {'none' if float(value) == -1 else value}"  # -1 is written where there is no such object


def _pasted(found: re.Match[str]) -> str:
    task, first, names, second, values = found.groups()
    pairs = zip(names.split(","), values.split(","), strict=False)
    row = ", ".join(f"{task}/{name} = {value}" for name, value in pairs if value != "nan")
    return f"Task: {task}\n{first}columns\n{second}{row}"


def _report(found: re.Match[str]) -> str:
    name, precision, recall, score = found.groups()
    return f"{name} precision = {precision}, {name} recall = {recall}, {name} f1-score = {score}"


def _gathered(found: re.Match[str]) -> str:
    """A dictionary over several lines, in its first line: a step may stand below the values that it is about."""
    whole = " ".join(part.strip() for part in found.group().split("\n"))
    return whole + "\n" * found.group().count("\n")


# A letter and a word without which the pattern cannot match (a letter is found far faster), the pattern, and what
# stands for it. No rewriting adds or takes a line.
_REWRITINGS: Final[tuple[tuple[str, str, re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    ("U", "IoU=", _COCO, _coco),
    ("j", "objective function for", _OBJECTIVE, r"objective for \1 = \2"),
    ("y", "copypaste: Task", _PASTED, _pasted),
    ("v", " avg", _REPORT, _report),
    ("y", "ccuracy of the", _ON_IMAGES, r"\2 accuracy = \3"),
    ("{", ",\n ", _SPREAD, _gathered),
    ("S", "Saving dict for global step", re.compile(r"Saving dict for global step (\d{1,12}): "), r"eval at step \1: "),
    ("S", "Score at iteration", _SCORE, r"iteration \1 loss = \2"),  # Deeplearning4j calls what it lowers the score
    ("F", "; FB1:", _CHUNKS, r"\1 precision: \2; \1 recall: \3; \1 F1: \4"),
    ("F", "; FB1:", re.compile(r"; FB1: "), "; F1: "),
    ("p", "op 1 acc", _TOP, r"\1\2 \3"),
    ("h", "epoch:", _EPOCH_BATCH, r"epoch \1 \2 batch \3:"),
    ("h", "epoch results:", _EPOCH_RESULTS, r"epoch \1 results:"),
)


def rewritten(text: str) -> str:
    """Return ``text`` with such places written plainly, line for line."""
    for letter, word, pattern, plain in _REWRITINGS:
        if letter in text and word in text:
            text = pattern.sub(plain, text)
    return text
