"""A stage for one small scenario: ships that are heard at plain intervals, and the lines that come of it."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.simulator.fleet import Shipyard, Vessel
from shipwatch.simulator.heard_columns import PlayedScenario
from shipwatch.simulator.reception import Station
from shipwatch.simulator.reports import Heard, Ship, described, generator, in_archive_order
from shipwatch.simulator.stage import Stage
from shipwatch.simulator.transmit import speaking
from shipwatch.simulator.visits import antenna_track
from shipwatch.simulator.voyages import Track

US = 1_000_000
STATIC_EVERY_S = 720.0


@dataclass(slots=True)
class Played:
    """What a scene makes: the stage, its ships with how each is heard, and what is done to the archive."""

    stage: Stage
    ships: list[Ship] = field(default_factory=list)
    every_s: list[float] = field(default_factory=list)
    stations: list[tuple[int, ...]] = field(default_factory=list)
    holes: list[tuple[tuple[float, float], ...]] = field(default_factory=list)
    names: tuple[str, ...] = ("station-1",)
    jump: tuple[int, float, float, float] | None = None
    """Station, from hour, to hour, seconds by which its stamps are wrong."""
    late: tuple[float, float, float] | None = None
    """Ship (number), from hour, to hour: her lines of that time stand at the end of the file."""
    designations: str = ""

    def add(
        self, vessel: Vessel, track: Track, *, every_s: float = 120.0, stations: tuple[int, ...] = (0,),
        holes: Sequence[tuple[float, float]] = (), draughts: Sequence[tuple[float, float]] = (), heading: bool = True,
    ) -> Vessel:  # fmt: skip
        """A ship on the track of her hull's middle; ``holes`` (hours) are times without any report of hers.

        ``draughts`` are (hour, metres) from which she sends another draught.
        """
        sent = tuple((self.stage.hour(hour), metres) for hour, metres in draughts)
        self.ships.append(Ship(vessel, antenna_track(track, vessel.hull), heading=heading, draughts=sent))
        self.every_s.append(every_s)
        self.stations.append(stations)
        self.holes.append(tuple(holes))
        return vessel

    def heard(self, seed: int) -> Heard:
        """Rows: a position every so many seconds (uneven by a tenth), a static report every twelve minutes."""
        parts = []
        for number, ship in enumerate(self.ships):
            rng = generator(seed, 9, number)
            silences = tuple((self.stage.hour(off), self.stage.hour(on)) for off, on in self.holes[number])
            own = _times(ship.track, self.every_s[number], rng)
            static = _times(ship.track, STATIC_EVERY_S, rng)
            sent = np.concatenate([times[speaking(times, silences)] for times in (own, static)])
            count = int(speaking(own, silences).sum())
            types = np.where(np.arange(len(sent)) < count, 18 if ship.vessel.class_b else 1,
                             24 if ship.vessel.class_b else 5).astype(np.uint8)  # fmt: skip
            for station in self.stations[number]:
                stamp = sent + np.rint(rng.uniform(0.2, 2.5, len(sent)) * US).astype(np.int64)
                if self.jump is not None and station == self.jump[0]:
                    wrong = (sent >= self.stage.hour(self.jump[1])) & (sent < self.stage.hour(self.jump[2]))
                    stamp = stamp + np.where(wrong, round(self.jump[3] * US), 0)
                receiver = np.full(len(sent), station, np.int16)
                part_b = np.zeros(len(sent), np.bool_)
                noise = generator(seed, 10, number)  # the same transmission says the same to every station
                parts.append(described(number, ship, sent, stamp, receiver, types, part_b, noise))
        return in_archive_order(parts)

    def scenario(self, name: str, seed: int) -> PlayedScenario:
        """The whole as a scenario that writes NMEA."""
        return PlayedScenario(
            name, seed, self.stage.start_us, self.stage.end_us, tuple(self.ships),
            tuple(Station(station) for station in self.names), (), rows=self.heard(seed),
        )  # fmt: skip

    def write(self, folder: Path, seed: int) -> None:
        """``input.nmea.gz`` and, where the scene has a list, ``list.csv``."""
        scenario = self.scenario(folder.name, seed)
        lines = list(scenario.nmea_lines())
        if self.late is not None:
            heard, (ship, first, last) = scenario.heard, self.late
            inside = (heard.sent_us >= self.stage.hour(first)) & (heard.sent_us < self.stage.hour(last))
            single = heard.msg_type != 5  # a type 5 takes two lines: it stays where it is
            lines = _late(lines, np.repeat(inside & single & (heard.ship == ship), np.where(single, 1, 2)))
        with (folder / "input.nmea.gz").open("wb") as raw, gzip.GzipFile(
            filename="", mode="wb", compresslevel=9, fileobj=raw, mtime=0
        ) as packed:  # fmt: skip
            packed.write(b"\n".join(lines) + b"\n")
        if self.designations:
            (folder / "list.csv").write_text(self.designations, encoding="utf-8")


def _times(track: Track, every_s: float, rng: np.random.Generator) -> NDArray[np.int64]:
    count = int((track.end_us - track.start_us) / US / every_s)
    at = (np.arange(count) + rng.uniform(0.0, 0.1, count) + 0.05) * every_s
    return np.asarray(track.start_us + np.rint(at * 10).astype(np.int64) * 100_000)


def _late(lines: list[bytes], chosen: NDArray[np.bool_]) -> list[bytes]:
    """The chosen lines moved to the end, as when a file is delivered after the others; the first line is a comment."""
    head, rows = lines[:1], lines[1:]
    return [*head, *(line for line, late in zip(rows, chosen, strict=True) if not late),
            *(line for line, late in zip(rows, chosen, strict=True) if late)]  # fmt: skip


def play(start: str, hours: float, seed: int = 1) -> Played:
    """An empty stage from an ISO time on, all its water still until the scene gives it a current."""
    begin = round(datetime.fromisoformat(start).timestamp()) * US
    rng = generator(seed, 0)
    stage = Stage(begin, begin + round(hours * 3600) * US, Shipyard(rng), rng)
    return Played(stage)


def like(vessel: Vessel, **changes: Any) -> Vessel:
    """The vessel with other particulars."""
    return replace(vessel, **changes)
