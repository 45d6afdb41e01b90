"""The scalars inside TensorBoard's event records, decoded many records at a time.

The common layouts are decoded with array arithmetic; whatever looks different goes through the plain decoder of
``event_message``, so nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

import numpy as np

from traindx.readers.byteview import ByteView, Flags, Ints
from traindx.readers.event_message import Value, read_event, read_summary, read_value
from traindx.readers.event_spans import BYTE, Row, Spans, joined, messages, spans_of
from traindx.readers.event_template import Template, learn
from traindx.readers.names import NameTable
from traindx.readers.protobuf import MalformedMessageError, varints
from traindx.run import Floats

_FEW = 32  # with fewer messages left, one at a time is faster
_TEMPLATES = 4  # layouts tried for one size of value
_MOST_TEXTS = 256
_LONGEST_TEXT = 1 << 20
# Keys of the wire form: field number * 8 + wire type.
_WALL_TIME, _STEP, _SUMMARY = 0x09, 0x10, 0x2A
_VALUE = _TAG = 0x0A
_SIMPLE_VALUE = 0x15
_PICTURES = np.array([0x22, 0x2A, 0x32], dtype=np.uint8)  # image, histogram, audio
_SCALARS = ("", "scalars")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Scalars by record (0-based), with the number of their name, wall time in seconds, step and value."""

    records: Ints
    names: Ints
    wall_times: Floats
    steps: Floats
    values: Floats


@final
@dataclass(frozen=True, slots=True)
class Text:
    """A text or a plugin's message that may hold settings."""

    record: int
    tag: str
    plugin: str
    content: bytes


@final
@dataclass(slots=True)
class EventDecoder:
    """Decodes the records of one file, however they are laid out, and gathers on the way what is not a number.

    ``malformed`` are records that are not messages, ``hollow`` those with a scalar that lacks its number, ``starts``
    the records that mark the start of a session, with their step.
    """

    view: ByteView
    names: NameTable
    texts: list[Text] = field(default_factory=list[Text])
    session_starts: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    malformed: list[int] = field(default_factory=list[int])
    hollow: list[int] = field(default_factory=list[int])
    _plugins: dict[bytes, str] = field(default_factory=dict[bytes, str])
    _templates: dict[int, list[Template]] = field(default_factory=dict[int, list[Template]])

    def points(self, starts: Ints, ends: Ints, records: Ints) -> Points:
        """Return the scalars of the payloads ``[start, end)``, which are these records."""
        few = len(records) < _FEW
        summaries = self._odd_events(starts, ends, records) if few else self._summaries(starts, ends, records)
        parts: list[Points] = []
        while len(summaries):
            if len(summaries) < _FEW:
                parts += self._values(self._values_one_by_one(summaries))
                break
            values, summaries = self._first_values(summaries)
            parts += self._values(values)
        return in_order(parts)

    def _summaries(self, starts: Ints, ends: Ints, records: Ints) -> Spans:
        """Read wall time and step of each event, and find its summary."""
        view = self.view
        right = view.bytes[np.minimum(starts, view.size - 1)] == _WALL_TIME
        walls = view.float64(np.minimum(starts + 1, view.size))
        at = np.minimum(starts + 9, view.size)
        words = view.words(at)
        stepped = words & BYTE == _STEP
        steps, sizes, ended = varints(words >> np.uint64(8))
        stepped &= ended & (sizes <= 7)  # longer ones are negative, or beyond 2**49
        at = np.where(stepped, at + 1 + sizes, at)
        inner, stops, sound = messages(view, at, ends, _SUMMARY)
        right &= sound & (stops == ends)
        spans = Spans(inner, ends, records, walls, np.where(stepped, steps, 0).astype(np.float64))
        if bool(right.all()):
            return spans
        odd = np.flatnonzero(~right)
        return joined(spans.only(right), self._odd_events(starts[odd], ends[odd], records[odd]))

    def _odd_events(self, starts: Ints, ends: Ints, records: Ints) -> Spans:
        rows: list[Row] = []
        for start, end, record in zip(starts.tolist(), ends.tolist(), records.tolist(), strict=True):
            try:
                event = read_event(self.view.data, start, end)
            except MalformedMessageError:
                self.malformed.append(record)
                continue
            if event.session_start and len(self.session_starts) < _MOST_TEXTS:
                self.session_starts.append((record, event.step))
            rows += [(low, high, record, event.wall_time, event.step) for low, high in event.summaries]
        return spans_of(rows)

    def _first_values(self, spans: Spans) -> tuple[Spans, Spans]:
        """Split each summary into its first value and what follows; a summary without more vanishes."""
        starts, stops, sound = messages(self.view, spans.starts, spans.ends, _VALUE)
        values, rest = spans.moved(starts, stops), spans.moved(stops, spans.ends)
        if bool(sound.all()):
            return values, rest.only(stops < spans.ends)
        odd = self._values_one_by_one(spans.only(~sound))
        return joined(values.only(sound), odd), rest.only(sound & (stops < spans.ends))

    def _values_one_by_one(self, spans: Spans) -> Spans:
        rows: list[Row] = []
        for index, record in enumerate(spans.records.tolist()):
            clock = float(spans.wall_times[index]), float(spans.steps[index])
            try:
                found = read_summary(self.view.data, int(spans.starts[index]), int(spans.ends[index]))
            except MalformedMessageError:
                self.malformed.append(record)
                continue
            rows += [(low, high, record, *clock) for low, high in found]
        return spans_of(rows)

    def _values(self, spans: Spans) -> list[Points]:
        """Decode values: a tag, then the number or what stands in its place."""
        view = self.view
        tags, rests, sound = messages(view, spans.starts, spans.ends, _TAG)
        kinds = view.bytes[np.where(sound, rests, 0)]  # a checksum follows every value, so there is a byte
        simple = sound & (kinds == _SIMPLE_VALUE) & (rests + 5 == spans.ends)
        if bool(simple.all()):
            return [self._named(spans, tags, rests, view.float32(rests + 1))]
        plain = np.flatnonzero(simple)
        parts = [self._named(spans.only(plain), tags[plain], rests[plain], view.float32(rests[plain] + 1))]
        other = np.flatnonzero(~simple & ~(sound & np.isin(kinds, _PICTURES)))
        if other.size:
            parts += self._by_template(spans.only(other), tags[other], rests[other], sound[other])
        return parts

    def _named(self, spans: Spans, tags: Ints, rests: Ints, values: Floats) -> Points:
        return Points(
            records=spans.records,
            names=self.names.numbers(tags, rests - tags),
            wall_times=spans.wall_times,
            steps=spans.steps,
            values=values,
        )

    def _by_template(self, spans: Spans, tags: Ints, rests: Ints, sound: Flags) -> list[Points]:
        """Decode values that differ from an earlier one only in tag and number; the rest one by one."""
        parts: list[Points] = []
        sizes = np.where(sound & (spans.ends + 8 <= self.view.size), spans.ends - rests, -1)
        left = np.ones(len(spans), dtype=np.bool_)
        for size in np.unique(sizes[sizes > 0]).tolist():
            members = np.flatnonzero(sizes == size)
            for template in self._templates_of(size, spans, rests, members):
                members = members[left[members]]
                fits = members[template.fits(self.view, rests[members])]
                values = template.numbers(self.view, rests[fits])
                parts.append(self._named(spans.only(fits), tags[fits], rests[fits], values))
                left[fits] = False
        return [*parts, self._one_by_one(spans.only(left))]

    def _templates_of(self, size: int, spans: Spans, rests: Ints, members: Ints) -> list[Template]:
        """Return the layouts known for one size, and those that the first few members of it teach."""
        known = self._templates.setdefault(size, [])
        for member in members[:_TEMPLATES].tolist() if len(known) < _TEMPLATES and len(members) > 1 else ():
            start, end, rest = int(spans.starts[member]), int(spans.ends[member]), int(rests[member])
            value = self.value(start, end)
            if value is None or value.number is None or value.number.at < rest:
                continue
            if not any(bool(template.fits(self.view, rests[[member]])[0]) for template in known):
                known.append(learn(self.view, rest, end, value.number))
        return known

    def _one_by_one(self, spans: Spans) -> Points:
        rows: list[tuple[int, int, float]] = []
        for index, (start, end) in enumerate(zip(spans.starts.tolist(), spans.ends.tolist(), strict=True)):
            record = int(spans.records[index])
            value = self.value(start, end)
            if value is None:
                self.malformed.append(record)
            elif value.number is not None:
                rows.append((index, self.names.number(value.tag), value.number.value))
            elif value.is_scalar and value.plugin in (None, *_SCALARS):
                self.hollow.append(record)
            else:
                self._keep_text(record, value)
        which = np.array([row[0] for row in rows], dtype=np.int64)
        return Points(
            records=spans.records[which],
            names=np.array([row[1] for row in rows], dtype=np.int64),
            wall_times=spans.wall_times[which],
            steps=spans.steps[which],
            values=np.array([row[2] for row in rows], dtype=np.float64),
        )

    def value(self, start: int, end: int) -> Value | None:
        """Decode one value, without its number where the plugin of its tag says that it is no scalar."""
        try:
            value = read_value(self.view.data, start, end)
        except MalformedMessageError:
            return None
        # Writers may send the plugin's name with the first value of a tag only.
        if value.plugin is None:
            value.plugin = self._plugins.get(value.tag)
        else:
            _ = self._plugins.setdefault(value.tag, value.plugin)
        if value.plugin not in (None, *_SCALARS):
            value.number = None
        return value

    def _keep_text(self, record: int, value: Value) -> None:
        content = value.content if value.plugin == "hparams" else b"".join(value.texts[:1])
        if content and len(content) <= _LONGEST_TEXT and len(self.texts) < _MOST_TEXTS:
            self.texts.append(Text(record, value.tag.decode("utf-8", "replace"), value.plugin or "", content))


def in_order(parts: list[Points]) -> Points:
    """Join parts that each are in the order of the file."""
    if len(parts) == 1:
        return parts[0]
    records = np.concatenate([np.zeros(0, dtype=np.int64), *(part.records for part in parts)])
    order = np.argsort(records, kind="stable")
    floats = {
        column: np.concatenate([np.zeros(0), *(getattr(part, column) for part in parts)])[order]
        for column in ("wall_times", "steps", "values")
    }
    names = np.concatenate([np.zeros(0, dtype=np.int64), *(part.names for part in parts)])[order]
    return Points(records=records[order], names=names, **floats)
