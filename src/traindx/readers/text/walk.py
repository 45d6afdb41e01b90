"""Going over the numbers of one line: each is given a meaning by the text between it and the number before."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, final

from traindx.readers.text.afterthoughts import is_lone_step, leading_pair, plain_lists, tag_of, told_split
from traindx.readers.text.keys import Key, key_before
from traindx.readers.text.lexer import APPROXIMATE, COMPOUND, RANGE, THOUSAND, UNIT
from traindx.readers.text.names import axis_of, is_metric, is_rate, is_split, says_split, split_mark
from traindx.readers.text.noise import is_heading, is_prose
from traindx.readers.text.ordinals import nameless_counter
from traindx.readers.text.shape import Field, Shape, Statistic

_OPEN: Final = {"}": "{", "]": "[", ")": "("}
_METER: Final = re.compile(r"\beta: .{1,80}?\w: [-\d.naife+]{1,20} \([-\d.naife+]{1,20}\)(?:\s{2}|$)")
_PAIR: Final = re.compile(r"(\w{1,30}) \((\w{2,30})\)")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][\w/.@%() -]{0,40}")
_COMMENT: Final = re.compile(r"←|<--|\s//\s|\s#\s|✓|✅|❌|⚠")
_RANKS: Final = frozenset({"rank", "local_rank", "global_rank", "local rank"})
_ABSENT: Final = re.compile(r"\b\w{1,20}[:=] ?(?:n/a|N/A|None|null|--?)(?=[\s,|]|$)")
_OVER: Final = re.compile(r"\s?/\s?\d{1,9}\)")
_NO_METRIC: Final = frozenset({"eta", "v_num", "remaining", "remaining_time", "pid"})
_VALUE_AT: Final = re.compile(r"(.{1,60}?) (?:at|after|on|for|in|of) ")
_FINAL: Final = re.compile(r"(?i)\W*(?:final|finally|最终)\b")


@final
class Walk:
    """Goes over the numbers of a line from left to right and decides by the text between them."""

    def __init__(self, line: str, spans: list[tuple[int, int]], start: int) -> None:
        self.line, self.spans, self.start = line, spans, start
        self.at = start
        comment = _COMMENT.search(line, start + 1)
        self.stop = comment.start() if comment else len(line)
        self.fields: list[Field] = []
        self.open: list[tuple[str, str, int]] = []  # bracket, key, elements so far
        self.split: str | None = told_split(line[start:])
        self.last: Field | None = None  # the field that an average, a fraction or a list element can belong to
        self.failed = ""
        self.meter = _METER.search(line[start:]) is not None
        self.lists: dict[str, int] = {}
        self.rank_column = -1
        self.ended = start  # where the last field ends

    def run(self) -> None:
        for column, (start, end) in enumerate(self.spans):
            if self.at <= start < self.stop:
                self.number(column, start, end)

    def number(self, column: int, start: int, end: int) -> None:
        gap = self.line[self.at : start]
        unit = UNIT.match(self.line, end)
        compound = COMPOUND.match(self.line, start) or RANGE.match(self.line, start)
        self.brackets(gap)
        if compound is not None and compound.end() > end:
            named = RANGE.match(self.line, start) is not None and key_before(gap).separated
            self.failed = self.failed or ("a range, not a value" if named else "")
            self.at, self.last = compound.end(), None
            return
        bar = self.line[end : end + 2] == "%|"
        if unit is None or bar or APPROXIMATE.search(gap):
            if bar:
                self.mark(gap)
            self.at, self.last = end + bar, None
            return
        self.at = unit.end()
        if self.fields and gap.count("|") == 1 and gap.rstrip().endswith("|") and not is_metric(gap):
            gap = "|"  # words behind the number before are its own: ``35.1% MFU | 1234 tok/s``
        field = self.read(column, gap, end)
        if field is not None:
            self.fields.append(field)
            self.last = field
            self.ended = self.at

    def read(self, column: int, gap: str, end: int) -> Field | None:
        tight = gap.strip()
        if tight in ("/", "of", "out of") and self.last is not None:
            return self.fraction(column)
        if self.last is not None and tight in ("(", "([") and self.line[self.at : self.at + 1] == ")":
            return self.in_parentheses(column)
        if (
            self.open
            and self.open[-1][0] in "[("
            and tight in ("", ",", ";", "[", "(", "],[", "],", "), (", "],  [")
            and self.open[-1][1]
        ):
            return self.element(column)
        key = key_before(gap)
        field = self.axis(column, key, gap, end)
        return field or (None if self.rank_column == column else self.metric(column, key, gap))

    def axis(self, column: int, key: Key, gap: str, end: int) -> Field | None:
        text = key.name
        if self.line[self.at : self.at + 1] in tuple("轮步回次") and gap.rstrip().endswith("第"):
            self.at += 1
            return Field(name=text or "第", role="step" if self.line[self.at - 1] == "步" else "epoch", column=column)
        if text.lower() in _RANKS:
            self.rank_column = column
            return None
        if is_split(text) and gap.rstrip().endswith("(") and _OVER.match(self.line, end) is not None:
            self.mark(gap)
            return Field(name="epoch", role="epoch", column=column)
        if is_split(text) and (gap.rstrip().endswith("[") or self.line[self.at : self.at + 2] == " ["):
            self.mark(gap)
            ordinal = not gap.rstrip().endswith("[")
            return Field(name="epoch", role="epoch", column=column) if ordinal else self.bare(column, gap, end)
        if gap.rstrip().endswith(("Ep.", "Up.")):
            text += "."
        role = axis_of(text, separated=key.separated or key.bracket) if text else ""
        listed = gap.rstrip()[-1:] in "[(" and self.line[self.at : self.at + 1] == ","
        if role and not listed and not self.percent():
            self.mark(gap)
            thousands = 1000.0 if THOUSAND.match(self.line, end) else 1.0
            return Field(name=text, role=role, column=column, scale=thousands)
        if not text:
            return self.bare(column, gap, end)
        return None

    def bare(self, column: int, gap: str, end: int) -> Field | None:
        """A value that its counter names, ``loss at epoch 5: 0.34``, or a counter without a name."""
        if self.counts_first(column, gap, end):
            last = self.fields.pop()
            self.fields.append(Field(name="step", role="step", column=last.column))
            return replace(last, column=column)
        named = _VALUE_AT.match(self.fields[-1].name) if self.fields and gap.strip() in (":", "=", "is") else None
        if named is not None and is_metric(named.group(1)):
            return self.field(column, named.group(1))
        span = (self.spans[column][0], end)
        return nameless_counter(self.line, span, gap, column, self.fields, more=len(self.spans) > column + 1)

    def counts_first(self, column: int, gap: str, end: int) -> bool:
        """Whether the number before was the step of this one: ``Validation loss 1000: 0.41``, ``loss 3 0.51``."""
        last = self.fields[-1] if self.fields else None
        if last is None or not last.sure or last.over >= 0 or self.has("step") or gap.strip() not in (":", ""):
            return False
        start, stop = self.spans[last.column]
        joined = self.line[start - 1 : start] == " " and self.line[start - 2 : start - 1].isalpha()
        return joined and self.line[start:stop].isdigit() and "." in self.line[self.spans[column][0] : end]

    def fraction(self, column: int) -> Field | None:
        """``9842/10000`` is one number; ``12.3/34.5`` after ``R@1/R@5`` are several."""
        last = self.last
        if last is None or not self.fields or self.fields[-1] is not last:
            return None
        whole = all(self.line[slice(*self.spans[at])].replace(",", "").isdigit() for at in (last.column, column))
        if whole or last.role != "metric":
            self.fields[-1] = self.last = replace(last, over=column)
            return None
        first, _, rest = last.name.partition("/")
        if rest and last.split == "":
            self.fields[-1] = replace(last, name=first)
            return replace(self.field(column, rest), sure=last.sure)
        return replace(last, name=f"{last.name}/1", column=column)

    def has(self, role: str) -> bool:
        return any(field.role == role for field in self.fields)

    def metric(self, column: int, key: Key, gap: str) -> Field | None:
        name = key.name
        self.last = None
        paired = (
            len(self.fields) > 0 and gap.strip() == name and _IDENTIFIER.fullmatch(name) is not None and " " not in name
        )
        if not name or not (paired or self.acceptable(key)):
            self.mark(gap)
            return None
        self.mark(key.before)
        if self.open and self.open[-1][0] in "[(" and self.open[-1][1] and key.name == self.open[-1][1]:
            return self.element(column)
        return self.field(column, "/".join((*self.nest(), name)))

    def acceptable(self, key: Key) -> bool:
        words = key.name.split()
        if key.name.lower() in _NO_METRIC or key.name.endswith((".py", ".cc", ".cpp")):
            return False
        if len(key.name) > 80 or len(words) > 6 or not re.search(r"[^\W\d_]", key.name):
            return False
        if key.separated or key.quoted:
            return len(words) <= 5 or is_metric(words[-1])
        if len(words) > 4 or (key.bracket and self.open and self.open[-1][0] == "("):
            return False
        if len(key.name) > 8 and not key.name.isascii():
            return False
        stop = self.line[self.at : self.at + 2]
        closed = not stop.strip() or stop[0] in ",;|)\t" or stop in {"  ", " -", " |"}
        if is_metric(words[-1]) or is_rate(key.name):
            return True
        return key.celled and closed and _IDENTIFIER.fullmatch(key.name) is not None

    def field(self, column: int, name: str, statistic: Statistic = "value") -> Field:
        split = "" if says_split(name) or is_rate(name) else self.split or ""
        thousands = 1000.0 if THOUSAND.match(self.line, self.spans[column][1]) else 1.0
        return Field(
            name=name, role="metric", column=column, scale=thousands, percent=self.percent(),
            sure=is_metric(name), split=split, statistic=statistic,
        )  # fmt: skip

    def percent(self) -> bool:
        return self.line[max(0, self.at - 3) : self.at].rstrip().endswith("%")

    def in_parentheses(self, column: int) -> Field | None:
        """``loss: 2.31 (2.40)`` holds an average, ``91/100 (91%)`` the same number again, ``[64/100 (0%)]`` progress."""
        last = self.last
        assert last is not None
        if last.role != "metric":
            return None
        self.last = None
        if self.at != self.spans[column][1] and not self.percent():
            return None  # (0.32 sec/step)
        if last.over >= 0 and self.percent():
            self.fields[-1] = replace(last, column=column, over=-1, percent=True)
            return None
        if last.over >= 0 or self.percent() != last.percent:
            return None
        pair = _PAIR.fullmatch(last.name)
        if pair is not None:
            self.fields[-1] = replace(last, name=pair.group(1))
            return replace(self.field(column, pair.group(2)), split=last.split)
        if self.meter:
            self.fields[-1] = replace(last, statistic="median")
        average = self.field(column, f"{last.name} (avg)", "running-mean")
        return replace(average, split=last.split, sure=last.sure)

    def element(self, column: int) -> Field:
        bracket, key, count = self.open[-1]
        self.open[-1] = (bracket, key, count + 1)
        name = "/".join((*self.nest(), key))
        index = self.lists.get(name, 0)
        self.lists[name] = index + 1
        return self.field(column, f"{name}/{index}")

    def nest(self) -> tuple[str, ...]:
        return tuple(key for bracket, key, _ in self.open if bracket == "{" and key)

    def brackets(self, gap: str) -> None:
        for index, letter in enumerate(gap):
            if letter in "{[(":
                self.open.append((letter, self.opener(letter, gap[:index]), 0))
            elif letter in "}])":
                while self.open and self.open.pop()[0] != _OPEN[letter]:
                    pass

    def opener(self, letter: str, before: str) -> str:
        """The key that a bracket belongs to; the words of a message before its first brace are none."""
        key = key_before(before)
        if letter == "{" and not key.quoted and not any(bracket == "{" for bracket, _, _ in self.open):
            return key.name if re.fullmatch(r"(?i)loss(?:es)?", key.name) else ""
        joined = key.separated and before.rstrip()[-1:] in ":="
        return key.name if joined or (letter == "[" and is_metric(key.name)) else ""

    def mark(self, text: str) -> None:
        found = split_mark(_ABSENT.sub("", text))
        if found is not None:
            self.split = found

    def shape(self, clock: tuple[int, ...], rank: int) -> Shape:
        self.mark_tail()
        self.fields = leading_pair(plain_lists(self.fields, self.lists))
        self.leading_rank()
        if is_lone_step(self.fields) and self.bare_first:
            self.fields = []
        message = self.line[self.start :]
        metrics = [field for field in self.fields if field.role == "metric"]
        if metrics and is_prose(message, self.line[self.ended : self.stop], len(metrics), self.has_axis()):
            return Shape(kind="noise", start=self.start)
        return Shape(
            kind="values" if self.fields else "cells",
            fields=tuple(self.fields), clock=clock, rank=rank, rank_column=self.rank_column, tag=tag_of(message),
            final=_FINAL.match(message) is not None and not self.has_axis(), split=self.split, start=self.start, heading=not metrics and is_heading(message), failed="" if self.fields else self.failed,
        )  # fmt: skip

    def has_axis(self) -> bool:
        return any(field.role != "metric" for field in self.fields)

    def mark_tail(self) -> None:
        if not any(field.role == "metric" for field in self.fields):
            self.mark(self.line[self.at :])

    def leading_rank(self) -> None:
        """A leading ``3: `` is the rank where the rest of the line has a counter of its own."""
        counters = [field for field in self.fields if field.role != "metric"]
        if (
            len(counters) > 1
            and counters[0].name == "step"
            and counters[0].column == self.fields[0].column
            and self.bare_first
        ):
            self.rank_column = counters[0].column
            self.fields.remove(counters[0])

    @property
    def bare_first(self) -> bool:
        start, end = self.spans[self.fields[0].column]
        return not re.search(r"[A-Za-z\[]", self.line[self.start : start]) and self.line[end : end + 1] == ":"
