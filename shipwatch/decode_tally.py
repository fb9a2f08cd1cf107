"""Counts what decoding gave: messages by type, stations, ships, span of time, and refusals by reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from decoders.reports import Array, Batch, PositionReports, StaticReports, add_counts

MOST_STATIONS = 100_000
"""So many stations are told apart; reports of further ones are counted together."""
HELD_NUMBERS = 1 << 20
_STATION_BYTES = 16


class Tally:
    """Takes batches one by one; memory grows with the number of ships and stations, not of reports.

    >>> tally = Tally()
    >>> tally.add(Batch(PositionReports.of(time_us=[5, 9], mmsi=[7, 7], station=[b"north", b""])))
    >>> tally.ships(), tally.stations, (tally.first_us, tally.last_us)
    (1, {'north': 1, '': 1}, (5, 9))
    """

    def __init__(self) -> None:
        self.positions = self.statics = 0
        self.first_us: int | None = None
        self.last_us: int | None = None
        self.stations: dict[str, int] = {}
        """Reports by station name; "" where none is named."""
        self.reports_of_further_stations = 0
        self.lines: dict[str, int] = {}
        self.messages: dict[int, int] = {}
        self._numbers = np.empty(0, np.int32)
        self._held: list[Array] = []
        self._held_numbers = 0

    def add(self, batch: Batch) -> None:
        """Count one batch."""
        add_counts(self.lines, batch.lines)
        add_counts(self.messages, batch.messages)
        self.positions += len(batch.positions)
        self.statics += len(batch.statics)
        for reports in (batch.positions, batch.statics):
            if len(reports):
                self._reports(reports)

    def ships(self) -> int:
        """How many different MMSIs sent what was decoded (base stations and aids among them)."""
        self._merge()
        return len(self._numbers)

    def refused(self) -> Mapping[str, int]:
        """Refused lines by reason, most first."""
        kept = [(name.partition(":")[2], count) for name, count in self.lines.items() if name.startswith("refused:")]
        return dict(sorted(kept, key=lambda pair: (-pair[1], pair[0])))

    def _reports(self, reports: PositionReports | StaticReports) -> None:
        first, last = int(reports.time_us.min()), int(reports.time_us.max())
        self.first_us = first if self.first_us is None else min(self.first_us, first)
        self.last_us = last if self.last_us is None else max(self.last_us, last)
        numbers = pc.unique(pa.array(reports.mmsi)).to_numpy()
        self._held.append(numbers)
        self._held_numbers += len(numbers)
        if self._held_numbers > HELD_NUMBERS:
            self._merge()
        column = np.ascontiguousarray(reports.station)
        names: Any = pa.Array.from_buffers(pa.binary(_STATION_BYTES), len(column), [None, pa.py_buffer(column)])
        for item in pc.value_counts(names).to_pylist():
            name = item["values"].rstrip(b"\x00").decode("latin-1")
            if name in self.stations or len(self.stations) < MOST_STATIONS:
                self.stations[name] = self.stations.get(name, 0) + item["counts"]
            else:
                self.reports_of_further_stations += item["counts"]

    def _merge(self) -> None:
        if self._held:
            self._numbers = np.unique(np.concatenate([self._numbers, *self._held]))
            self._held, self._held_numbers = [], 0
