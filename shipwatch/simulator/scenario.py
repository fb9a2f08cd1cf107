"""A scenario: ships, receivers, the truth about what they did, and the archive of AIVDM lines that came of it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.simulator import payloads
from shipwatch.simulator.reception import Receiver
from shipwatch.simulator.reports import Heard, Ship, generator, hear
from shipwatch.simulator.sentences import TimeForm, squeeze, to_lines

BLOCK_ROWS = 40_000
"""Messages encoded at a time: bounds the memory of the encoder to about 50 MB."""

_BASE_STATION_MMSI = 4_129_900


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened: times int64 microseconds since 1970 UTC, both included.

    All parties are within ``within_m`` metres (antenna to antenna) of another of them throughout, where it is given.
    """

    kind: str
    mmsis: tuple[int, ...]
    start_us: int
    end_us: int
    within_m: float | None
    lat_deg: float
    lon_deg: float
    notes: str


@dataclass(frozen=True)
class Scenario:
    """Simulated AIS of known truth: nothing in it is real.

    ``corrupt_share`` of the lines have a wrong checksum, ``no_fix_share`` of the class A positions are the "not
    available" 91 N 181 E. The same seed gives the same bytes.
    """

    name: str
    seed: int
    start_us: int
    end_us: int
    ships: tuple[Ship, ...]
    receivers: tuple[Receiver, ...]
    truth: tuple[Truth, ...]
    designations: str = ""
    corrupt_share: float = 0.0
    no_fix_share: float = 0.0

    @cached_property
    def heard(self) -> Heard:
        """Every report that was received, in the order of the archive."""
        return hear(self.ships, self.receivers, self.start_us, self.end_us, self.seed)

    def designations_csv(self) -> str:
        """The invented list of designated ships that goes with the scenario, as CSV text with a header."""
        return self.designations

    def nmea_blocks(self, form: TimeForm = TimeForm.TAG_BLOCK) -> Iterator[bytes]:
        """The archive in pieces of whole lines, in time order; the first line is a comment: simulated."""
        yield (
            f"# Simulated AIS ({self.name}, seed {self.seed}): "
            "every ship, number and station in this file is invented\n"
        ).encode()
        for first in range(0, len(self.heard), BLOCK_ROWS):
            yield squeeze(self._encoded(slice(first, first + BLOCK_ROWS), form))

    def nmea_lines(self, form: TimeForm = TimeForm.TAG_BLOCK) -> Iterator[bytes]:
        """The archive line by line, without line ends."""
        for block in self.nmea_blocks(form):
            yield from block.splitlines()

    def write(self, path: str | Path, form: TimeForm = TimeForm.TAG_BLOCK) -> Path:
        """Write the archive, gzip-compressed when the name ends in ``.gz``; the same seed gives the same file."""
        target = Path(path)
        with target.open("wb") as raw:
            if target.suffix != ".gz":
                raw.writelines(self.nmea_blocks(form))
                return target
            # No file name and no time in the header: they would make equal archives differ.
            with gzip.GzipFile(filename="", mode="wb", compresslevel=4, fileobj=raw, mtime=0) as packed:
                for block in self.nmea_blocks(form):
                    packed.write(block)
        return target

    @cached_property
    def _particulars(self) -> dict[str, NDArray[Any]]:
        vessels = [ship.vessel for ship in self.ships]
        columns: dict[str, NDArray[Any]] = {
            name: np.array([getattr(v, name) for v in vessels])
            for name in ("mmsi", "imo", "name", "callsign", "ship_type", "destination")
        }
        for name in ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m"):
            columns[name] = np.array([getattr(v.hull, name) for v in vessels])
        return columns

    def _encoded(self, rows: slice, form: TimeForm) -> NDArray[np.uint8]:
        """The lines of some rows as one matrix, NUL where a line is shorter than the widest."""
        heard = self.heard
        types, part_b = heard.msg_type[rows], heard.part_b[rows]
        groups = np.where(np.isin(types, (1, 2, 3)), 1, types).astype(np.int64) * 2 + part_b
        made = []
        for group in np.unique(groups):
            mine = np.nonzero(groups == group)[0]
            made.append((mine, self._lines_of(int(group) // 2, bool(group % 2), mine + (rows.start or 0), form)))
        matrix = np.zeros((len(types), max(lines.shape[1] for _, lines in made)), np.uint8)
        for mine, lines in made:
            matrix[mine, : lines.shape[1]] = lines
        return matrix

    def _lines_of(self, msg_type: int, part_b: bool, at: NDArray[np.int64], form: TimeForm) -> NDArray[np.uint8]:
        heard = self.heard
        ship = heard.ship[at]
        if msg_type == 4:
            columns: dict[str, Any] = {"mmsi": _BASE_STATION_MMSI + heard.receiver[at].astype(np.int64)}
        else:
            columns = {name: column[ship] for name, column in self._particulars.items()}
        for name in (
            "lat_deg",
            "lon_deg",
            "sog_kn",
            "cog_deg",
            "heading_deg",
            "turn_deg_min",
            "nav_status",
            "draught_m",
        ):
            columns[name] = getattr(heard, name)[at]
        columns |= {
            "time_us": heard.sent_us[at], "msg_type": heard.msg_type[at], "accuracy": 1,
            "utc_second": heard.sent_us[at] // 1_000_000 % 60, "radio": at % (1 << 14),
        }  # fmt: skip
        luck = generator(self.seed, 3, msg_type, int(at[0])).random((2, len(at)))
        if msg_type in (1, 3):
            lost = luck[0] < self.no_fix_share
            for name in ("lat_deg", "lon_deg", "sog_kn", "cog_deg"):
                columns[name] = np.where(lost, np.nan, columns[name])
            columns["utc_second"] = np.where(lost, 60, columns["utc_second"])
        chars, fill = payloads.armour(_ENCODERS[msg_type, part_b](columns))
        names = np.array([receiver.name for receiver in self.receivers], "S16")[heard.receiver[at]]
        channel = np.where(at % 2 == 0, ord("A"), ord("B")).astype(np.uint8)
        lines = to_lines(chars, fill, heard.stamp_us[at], names, channel, at, form)
        if self.corrupt_share > 0.0 and form is not TimeForm.EPOCH_SUFFIX:
            bad = luck[1] < self.corrupt_share
            lines[bad, -2] = np.where(lines[bad, -2] == ord("0"), ord("1"), ord("0"))
        return lines


_ENCODERS = {
    (1, False): payloads.class_a_position, (4, False): payloads.base_station, (5, False): payloads.voyage_static,
    (18, False): payloads.class_b_position, (19, False): payloads.class_b_extended, (24, False): payloads.class_b_name,
    (24, True): payloads.class_b_static, (27, False): payloads.long_range,
}  # fmt: skip
