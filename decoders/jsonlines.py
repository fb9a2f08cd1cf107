"""Decodes JSON messages of AIS, one a line, into report columns; every line ends in exactly one counted class.

``decoders/formats/json/*.toml`` say how each sender's messages become reports. A line is refused as ``not_json`` (no
JSON object: rubbish, NaN, numbers beyond a double, lone surrogates, nested too deep), ``unknown_json`` (of no known
sender), ``unknown_record`` (of a known sender, no known kind), ``said_invalid`` (the sender marks it so), ``bad_value``
(a boolean or text where a number belongs), ``bad_time``, ``no_time``, ``line_too_long``, or for the reasons of
:mod:`decoders.nmea` (of sentences inside) and :mod:`decoders.validity`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from decoders.json_columns import BAD_US, MISSING_US, Times, values_at
from decoders.json_formats import TEXTS, JsonFormat, JsonRecord, json_formats
from decoders.json_kinds import items_of, kind_of
from decoders.json_rows import READ, UNKNOWN_RECORD, FieldReader, LineWork, stations_of, with_dimensions
from decoders.json_sentences import BAD_VALUE, decode_sentences
from decoders.reports import Array, Batch, PositionReports, StaticReports, add_counts

BLANK, COMMENT = "blank", "comment"
NOT_JSON = "refused:not_json"
UNKNOWN_JSON = "refused:unknown_json"
SAID_INVALID = "refused:said_invalid"
BAD_TIME = "refused:bad_time"
NO_TIME = "refused:no_time"
LINE_TOO_LONG = "refused:line_too_long"
MAX_LINE_BYTES = 64 << 10
"""No known message has more than 3 KB."""
_MOST_SHAPES = 512
_AT_ONCE = 1_000
"""Lines: so few stay in the processor's cache, and twice as many a second go through as of 50,000."""


@dataclass(slots=True)
class _Rows:
    """What was found of one kind of message: the whole objects, and the line of each."""

    tops: list[Any] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


class JsonDecoder:
    """Decodes a stream of JSON lines, block after block, of one format or (None) of every known one.

    >>> line = b'{"mmsi": 244660000, "msgtime": "2023-11-14T22:13:20+00:00", "latitude": 52.5, "longitude": 4.25,'
    >>> line += b' "messageType": 1, "type": "Position"}'
    >>> batch = JsonDecoder().step(line, 0)
    >>> batch.positions.lat_deg.tolist(), batch.lines
    ([52.5], {'read': 1})
    """

    def __init__(self, form: JsonFormat | None = None, place: str = "input") -> None:
        self._forms = json_formats() if form is None else (form,)
        self._place = place
        self._shapes: dict[tuple[str, ...], JsonFormat | None] = {}
        self._times = Times()
        self._timed = self._untimed = 0

    def step(
        self, block: bytes, first_offset: int, heard_us: int | None = None, heard_each_us: Sequence[int] | None = None
    ) -> Batch:
        """Decode whole lines; ``first_offset`` is where the block starts in its input.

        ``heard_us`` is the time of messages that carry none (a live feed knows it), ``heard_each_us`` that of each line
        where they differ; without either, messages without a time are refused.
        """
        lines = block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        sizes = np.fromiter(map(len, lines), np.int64, len(lines)) + 1
        offsets = first_offset + np.cumsum(sizes) - sizes
        heard: Array | None = None
        if heard_each_us is not None:
            heard = np.asarray(heard_each_us, np.int64)
        elif heard_us is not None:
            heard = np.full(len(lines), heard_us, np.int64)
        parts = []
        for low in range(0, len(lines), _AT_ONCE):
            here = slice(low, low + _AT_ONCE)
            parts.append(self._step(lines[here], offsets[here], None if heard is None else heard[here]))
        return _joined(parts)

    def finish(self) -> Batch:
        """The stream has ended; nothing waits in a decoder of whole messages."""
        if self._untimed and not self._timed:
            told = f"{self._place}: no message carries a time; reports without one cannot be placed and are refused"
            return Batch(problems=(told,))
        return Batch()

    def _step(self, lines: list[bytes], offsets: Array, heard: Array | None) -> Batch:
        work = LineWork(offsets, len(lines), heard)
        for form, found in self._sorted(lines, work):
            for index, rows in found.items():
                self._record(form, form.records[index], rows, work)
        batch = work.batch()
        untimed = batch.lines.get(NO_TIME, 0)
        self._untimed += untimed
        self._timed += batch.lines.get(READ, 0)
        return batch

    def _sorted(self, lines: list[bytes], work: LineWork) -> list[tuple[JsonFormat, dict[int, _Rows]]]:
        """The messages of the lines by format and record; what is none is classed at once."""
        found: dict[str, tuple[JsonFormat, dict[int, _Rows]]] = {}
        loads = orjson.loads
        for number, line in enumerate(lines):
            if len(line) > MAX_LINE_BYTES:
                work.fate(number, LINE_TOO_LONG)
                continue
            try:
                message = loads(line)
            except ValueError:
                text = line.strip()
                work.fate(number, NOT_JSON if text[:1] not in (b"", b"#") else COMMENT if text else BLANK)
                continue
            if type(message) is not dict:
                work.fate(number, NOT_JSON)
                continue
            form = self._form(message)
            if form is None:
                work.fate(number, UNKNOWN_JSON)
                continue
            entry = found.get(form.name)
            if entry is None:
                entry = found[form.name] = (form, {})
            for item in items_of(form, message) if form.each or form.pairs else (message,):
                index = kind_of(form, item)
                if index is None:
                    work.fate(number, UNKNOWN_RECORD)
                    continue
                rows = entry[1].get(index)
                if rows is None:
                    rows = entry[1][index] = _Rows()
                rows.tops.append(item)
                rows.lines.append(number)
        return list(found.values())

    def _form(self, message: dict[str, Any]) -> JsonFormat | None:
        shape = tuple(message)
        if shape in self._shapes:
            return self._shapes[shape]
        found = next((form for form in self._forms if form.keys <= message.keys()), None)
        if len(self._shapes) < _MOST_SHAPES:
            self._shapes[shape] = found
        return found

    def _record(self, form: JsonFormat, record: JsonRecord, rows: _Rows, work: LineWork) -> None:
        tops, lines = rows.tops, np.array(rows.lines, np.int64)
        own = values_at(tops, record.at) if record.at else tops
        refused = np.zeros(len(tops), np.int64)
        if set(map(type, own)) != {dict}:  # the object that this kind of message is about is not there
            refused[[type(item) is not dict for item in own]] = work.code(UNKNOWN_RECORD)
        if record.unless_false is not None:
            given = values_at(tops if record.unless_false.from_top else own, record.unless_false.path)
            if False in given:
                refused[[value is False for value in given]] = work.code(SAID_INVALID)
        gives = bool(record.position or record.static or record.nmea)
        time_us = self._times.column(record.times, own, tops)
        if work.heard is not None:
            time_us = np.where(time_us == MISSING_US, work.heard[lines], time_us)
        if gives and (time_us < 0).any():
            refused[(time_us == BAD_US) & (refused == 0)] = work.code(BAD_TIME)
            refused[(time_us == MISSING_US) & (refused == 0)] = work.code(NO_TIME)
        columns: dict[str, Any] = {"time_us": time_us, "offset": work.offsets[lines]}
        columns["station"] = stations_of(record, own, tops)
        if record.nmea is not None:
            done = decode_sentences(values_at(own, record.nmea.path), time_us, refused == 0)
            work.take_sentences(done, refused, lines, columns["station"])
            return
        reader = FieldReader(own, tops, form.numbers_as_text)
        columns["mmsi"] = reader.mmsi(record.mmsi)
        if isinstance(record.msg_type, int):
            columns["msg_type"] = np.full(len(tops), record.msg_type)
        else:
            columns["msg_type"] = reader.whole(record.msg_type, 255)
        positions = {name: reader.number(where) for name, where in record.position.items()}
        statics = {
            name: reader.text(where) if name in TEXTS else reader.number(where) for name, where in record.static.items()
        }
        if reader.bad is not None:
            refused[reader.bad & (refused == 0)] = work.code(BAD_VALUE)
        work.take(columns, positions, with_dimensions(statics), refused, lines, gives)


def read_json_lines(
    blocks: Iterable[tuple[int, bytes]], form: JsonFormat | None = None, place: str = "input"
) -> Iterator[Batch]:
    """Decode ``(offset, lines)`` blocks (:class:`decoders.streams.LineBlocks`), one batch each and one at the end."""
    decoder = JsonDecoder(form, place)
    for offset, block in blocks:
        yield decoder.step(block, offset)
    yield decoder.finish()


def match_json(sample: bytes) -> str | None:
    """The name of the JSON format that the first lines of an input are in: that of the first message of a known one.

    >>> match_json(b'{"context":"vessels.urn:mrn:imo:mmsi:244660000","updates":[]}\\n')
    'signalk'
    """
    for line in sample.split(b"\n"):
        if line.lstrip()[:1] != b"{" or len(line) > MAX_LINE_BYTES:
            continue
        try:
            message = orjson.loads(line)
        except ValueError:  # cut off by the end of the sample, or damaged
            continue
        found = next((form for form in json_formats() if form.keys <= message.keys()), None)
        if found is not None:
            return found.name
    return None


def _joined(parts: list[Batch]) -> Batch:
    if len(parts) == 1:
        return parts[0]
    lines: dict[str, int] = {}
    messages: dict[int, int] = {}
    first_places: dict[str, int] = {}
    for part in parts:
        add_counts(lines, part.lines)
        add_counts(messages, part.messages)
        first_places = {**part.first_places, **first_places}
    return Batch(
        PositionReports.concat([part.positions for part in parts]),
        StaticReports.concat([part.statics for part in parts]),
        lines,
        messages,
        first_places=first_places,
    )
