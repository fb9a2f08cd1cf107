"""Rows of JSON messages on their way to reports: fields read, rows cleaned, every line given its class."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from decoders import validity
from decoders.json_columns import numbers, texts
from decoders.json_formats import WHOLE, JsonField, JsonRecord
from decoders.json_sentences import Decoded
from decoders.reports import Array, Batch, PositionReports, StaticReports, add_counts

READ = "read"
REFUSED = "refused:"
UNKNOWN_RECORD = "refused:unknown_record"
_UNSET = -1


class FieldReader:
    """Reads the fields of one kind of message and keeps which rows held something of a wrong type."""

    def __init__(self, own: list[Any], tops: list[Any], as_text: bool) -> None:
        self._own, self._tops, self._as_text = own, tops, as_text
        self.bad: Array | None = None

    def number(self, where: JsonField) -> Array:
        column, bad = numbers(where, self._own, self._tops, self._as_text)
        self._note(bad)
        return column

    def text(self, where: JsonField) -> list[str]:
        column, bad = texts(where, self._own, self._tops)
        self._note(bad)
        return column

    def mmsi(self, where: JsonField | None) -> Array:
        """As whole numbers; 0 where there is none. An MMSI is also taken from a text of digits."""
        if where is None:
            return np.zeros(len(self._own), np.int64)
        column, bad = numbers(where, self._own, self._tops, as_text=True)
        self._note(bad)
        with np.errstate(invalid="ignore"):
            self._note(np.asarray(column != np.floor(column)) & ~np.isnan(column))
            return np.where((column >= 0) & (column < 2**31), column, 0).astype(np.int64)

    def whole(self, where: JsonField, highest: int) -> Array:
        """As whole numbers up to ``highest``, 0 where there is none or another."""
        column = self.number(where)
        with np.errstate(invalid="ignore"):
            return np.where((column >= 0) & (column <= highest), column, 0).astype(np.int64)

    def _note(self, bad: Array | None) -> None:
        if bad is not None:
            self.bad = bad if self.bad is None else self.bad | bad


class LineWork:
    """One block being decoded: the class of each line, by number, and the reports found so far."""

    def __init__(self, offsets: Array, lines: int, heard: Array | None) -> None:
        self.offsets = offsets
        self.heard = heard
        self._classes = np.full(lines, _UNSET, np.int64)
        self._names = [READ]
        self._positions: list[PositionReports] = []
        self._statics: list[StaticReports] = []
        self._messages: dict[int, int] = {}

    def code(self, name: str) -> int:
        """The number of a class; ``read`` is 0."""
        if name not in self._names:
            self._names.append(name)
        return self._names.index(name)

    def fate(self, line: int, name: str) -> None:
        """What became of a line, unless it is known already."""
        if self._classes[line] == _UNSET:
            self._classes[line] = self.code(name)

    def take(
        self,
        columns: dict[str, Any],
        positions: dict[str, Array],
        statics: dict[str, Any],
        refused: Array,
        lines: Array,
        gives: bool,
    ) -> None:
        """Clean the rows and keep them; a row whose position is unusable is read when its static part is used."""
        good = refused == 0
        fates = refused.copy()
        told = np.zeros(len(good), bool)
        if statics:
            told = good & _filled(statics) & validity.mmsi_in_range(columns["mmsi"])
            if told.any():
                self._statics.append(validity.clean_statics(_rows_of(columns | statics, told))[0])
        if positions and good.any():
            raw = _rows_of(columns | positions, good)
            self._positions.append(validity.clean_positions(raw)[0])
            reasons = validity.position_refusals(raw)
            if reasons.any():
                codes = np.array([self.code(name) if name else 0 for name in validity.REFUSALS])
                fates[good] = np.where(told[good], 0, codes[reasons])
        elif gives and not positions:
            fates[good & ~validity.mmsi_in_range(columns["mmsi"])] = self.code(validity.MMSI_REFUSED)
        kinds, counts = np.unique(columns["msg_type"][fates == 0], return_counts=True)
        add_counts(self._messages, dict(zip(kinds.tolist(), counts.tolist(), strict=True)))
        self._fates(lines, fates)

    def take_sentences(self, done: Decoded, refused: Array, lines: Array, stations: Array) -> None:
        """Keep what the sentences inside of messages gave."""
        self._positions.append(self._placed(done.positions, done.position_rows, lines, stations))
        self._statics.append(self._placed(done.statics, done.static_rows, lines, stations))
        add_counts(self._messages, done.messages)
        fates = refused.copy()
        for row, name in done.fates:
            fates[row] = self.code(name)
        self._fates(lines, fates)

    def _placed(self, reports: Any, rows: Array, lines: Array, stations: Array) -> Any:
        station = np.where(reports.station == b"", stations[rows], reports.station).astype("S16")
        return replace(reports, offset=self.offsets[lines[rows]], station=station)

    def batch(self) -> Batch:
        """Everything, in the order of the lines."""
        self._classes[self._classes == _UNSET] = self.code(UNKNOWN_RECORD)
        found = np.bincount(self._classes, minlength=len(self._names)).tolist()
        counted = {name: count for name, count in zip(self._names, found, strict=True) if count}
        positions, statics = PositionReports.concat(self._positions), StaticReports.concat(self._statics)
        first_places = {
            name: int(self.offsets[np.argmax(self._classes == self.code(name))])
            for name in counted
            if name.startswith(REFUSED)
        }
        return Batch(
            _in_line_order(positions), _in_line_order(statics), counted, self._messages, first_places=first_places
        )

    def _fates(self, lines: Array, fates: Array) -> None:
        """A line of which one message was read is read, whatever became of its others."""
        unset = lines[self._classes[lines] == _UNSET]
        if len(unset) == len(lines):
            self._classes[lines] = fates
        else:
            open_rows = self._classes[lines] == _UNSET
            self._classes[lines[open_rows]] = fates[open_rows]
        self._classes[lines[fates == 0]] = 0


def stations_of(record: JsonRecord, own: list[Any], tops: list[Any]) -> Array:
    if record.station is None:
        return np.zeros(len(tops), "S16")
    named, _ = texts(record.station, own, tops)
    return np.array([name.encode("ascii", "replace")[:16] for name in named], "S16")


def with_dimensions(statics: dict[str, Any]) -> dict[str, Any]:
    """Whole length and width as distances from the antenna, which stands amidships where nothing else is said.

    ``from_bow_m`` is from the bow, ``from_center_m`` from the centre line to starboard (SignalK).
    """
    given = {name: statics.pop(name) for name in WHOLE if name in statics}
    if not given:
        return statics
    nothing = np.full(len(next(iter(given.values()))), np.nan)
    length, width, bow, center = (given.get(name, nothing) for name in WHOLE)
    with np.errstate(invalid="ignore"):
        statics["to_bow_m"] = np.where(np.isnan(bow), length / 2, bow)
        statics["to_stern_m"] = length - statics["to_bow_m"]
        statics["to_port_m"] = width / 2 + np.nan_to_num(center)
        statics["to_starboard_m"] = width / 2 - np.nan_to_num(center)
    return statics


def _filled(statics: dict[str, Any]) -> Array:
    """Rows in which any field of the static part is there."""
    found = np.zeros(len(next(iter(statics.values()))), bool)
    for column in statics.values():
        values = np.asarray(column)
        found |= values != "" if values.dtype.kind == "U" else ~np.isnan(values)
    return found


def _rows_of(columns: dict[str, Any], rows: Array) -> dict[str, Array]:
    if rows.all():
        return {name: np.asarray(column) for name, column in columns.items()}
    return {name: np.asarray(column)[rows] for name, column in columns.items()}


def _in_line_order(reports: Any) -> Any:
    offsets = reports.offset
    if len(offsets) < 2 or (offsets[1:] >= offsets[:-1]).all():
        return reports
    return reports.take(np.argsort(offsets, kind="stable"))
