"""Ships and receivers to rows: every report that was heard, once per receiver, in the order of the archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.simulator.fleet import Vessel
from shipwatch.simulator.reception import Receiver, Satellites, Span, Station, thinned
from shipwatch.simulator.sphere import place
from shipwatch.simulator.transmit import (
    LONG_RANGE_INTERVAL_S,
    STATIC_INTERVAL_S,
    TURNING_DEG_MIN,
    position_times,
    regular_times,
    speaking,
)
from shipwatch.simulator.voyages import Track

BASE_STATION_INTERVAL_S = 10.0


@dataclass(frozen=True, slots=True)
class Ship:
    """A hull in a scenario: who she says she is, where her antenna was, when she was silent, how deep she lay.

    ``draughts`` are changes (from when, metres); before the first, the vessel's own draught holds. ``extended`` class B
    ships send type 19 in place of some type 18. ``heading`` is False where no gyro is connected.
    """

    vessel: Vessel
    track: Track
    silences: tuple[Span, ...] = ()
    draughts: tuple[tuple[int, float], ...] = ()
    extended: bool = False
    heading: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """Rows of what was heard, sorted by the receivers' stamps; ``ship`` is -1 for a base station's own type 4."""

    stamp_us: NDArray[np.int64]
    sent_us: NDArray[np.int64]
    ship: NDArray[np.int32]
    receiver: NDArray[np.int16]
    msg_type: NDArray[np.uint8]
    part_b: NDArray[np.bool_]
    lat_deg: NDArray[np.float64]
    lon_deg: NDArray[np.float64]
    sog_kn: NDArray[np.float64]
    cog_deg: NDArray[np.float64]
    heading_deg: NDArray[np.float64]
    turn_deg_min: NDArray[np.float64]
    nav_status: NDArray[np.int8]
    draught_m: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.stamp_us)


_Rows = dict[str, NDArray[Any]]


def generator(seed: int, *stream: int) -> np.random.Generator:
    """A random stream of its own for each (seed, ...), so that adding a ship does not change the others."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *stream])))


def hear(ships: Sequence[Ship], receivers: Sequence[Receiver], start_us: int, end_us: int, seed: int) -> Heard:
    """Everything that the receivers keep of what the ships (and the stations themselves) send."""
    parts = [_one_ship(number, ship, receivers, generator(seed, 1, number)) for number, ship in enumerate(ships)]
    parts += [
        _base_station(number, station, start_us, end_us, generator(seed, 2, number))
        for number, station in enumerate(receivers)
        if isinstance(station, Station)
    ]
    return in_archive_order(parts)


def in_archive_order(parts: Sequence[_Rows]) -> Heard:
    """Rows of several ships (see :func:`described`) as one archive, sorted by the receivers' stamps."""
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort(
        (
            joined["part_b"],
            joined["msg_type"],
            joined["sent_us"],
            joined["ship"],
            joined["receiver"],
            joined["stamp_us"],
        )
    )
    return Heard(**{name: column[order] for name, column in joined.items()})


def _sent(ship: Ship, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.bool_]]:
    """When the ship sends what: times, message types, and whether a type 24 is part B."""
    vessel = ship.vessel
    own = position_times(ship.track, vessel.class_b, rng)
    static = regular_times(ship.track, STATIC_INTERVAL_S, rng)
    empty = np.empty(0, np.int64)
    far = empty if vessel.class_b else regular_times(ship.track, LONG_RANGE_INTERVAL_S, rng)
    part_b = static + 30_000_000 if vessel.class_b else empty
    times = np.concatenate([own, static, part_b, far])
    sizes = [len(own), len(static), len(part_b), len(far)]
    types = np.repeat(np.array([18, 24, 24, 27] if vessel.class_b else [1, 5, 5, 27], np.uint8), sizes)
    if ship.extended:
        types[: len(own)][rng.random(len(own)) < 0.1] = 19
    second = np.repeat(np.array([False, False, True, False]), sizes)
    keep = speaking(times, ship.silences) & (times <= ship.track.end_us)
    order = np.argsort(times[keep], kind="stable")
    return times[keep][order], types[keep][order], second[keep][order]


def _one_ship(number: int, ship: Ship, receivers: Sequence[Receiver], rng: np.random.Generator) -> _Rows:
    times, types, part_b = _sent(ship, rng)
    lat, lon = ship.track.positions(times)
    statics = (types == 5) | (types == 24)
    chosen, heard_by = [], []
    for index, receiver in enumerate(receivers):
        mask = receiver.heard(times, lat, lon, rng)
        if not isinstance(receiver, Satellites):
            mask &= types != 27
        rows = np.nonzero(mask)[0]
        for kind, every_s in ((~statics, receiver.thin_s), (statics & ~part_b, receiver.thin_static_s),
                              (statics & part_b, receiver.thin_static_s)):  # fmt: skip
            of_kind = rows[kind[rows]]
            kept = of_kind[thinned(times[of_kind], every_s)]
            chosen.append(kept)
            heard_by.append(np.full(len(kept), index, np.int16))
    rows = np.concatenate(chosen)
    receiver_of = np.concatenate(heard_by)
    sent = times[rows]
    stamp = np.empty(len(rows), np.int64)
    for index, receiver in enumerate(receivers):
        mine = receiver_of == index
        stamp[mine] = receiver.stamped(sent[mine], rng)
    return described(number, ship, sent, stamp, receiver_of, types[rows], part_b[rows], rng)


def described(
    number: int, ship: Ship, sent: NDArray[np.int64], stamp: NDArray[np.int64], receiver: NDArray[np.int16],
    types: NDArray[np.uint8], part_b: NDArray[np.bool_], rng: np.random.Generator,
) -> _Rows:  # fmt: skip
    """Rows of what one ship sent at these instants, as columns of :class:`Heard`; ``number`` is her row among ships."""
    motion = ship.track.at(sent)
    # What is said of one transmission must not depend on who hears it: noise is a function of the sending time.
    east, north = gps_noise_m(sent, rng)
    lat, lon = place(motion.lat_deg, motion.lon_deg, east, north)
    draught = np.full(len(sent), ship.vessel.draught_m)
    for from_us, metres in ship.draughts:
        draught[sent >= from_us] = metres
    turning = (types == 1) & (np.abs(motion.turn_deg_min) >= TURNING_DEG_MIN)
    gyro = ship.heading and not ship.vessel.class_b
    nothing = np.full(len(sent), np.nan)
    return {
        "stamp_us": stamp, "sent_us": sent, "ship": np.full(len(sent), number, np.int32), "receiver": receiver,
        "msg_type": np.where(turning, 3, types).astype(np.uint8), "part_b": part_b, "lat_deg": lat, "lon_deg": lon,
        "sog_kn": motion.sog_kn, "cog_deg": motion.cog_deg, "heading_deg": motion.heading_deg if gyro else nothing,
        "turn_deg_min": motion.turn_deg_min if gyro else nothing, "nav_status": motion.nav_status, "draught_m": draught,
    }  # fmt: skip


def gps_noise_m(time_us: NDArray[np.int64], rng: np.random.Generator) -> tuple[Any, Any]:
    """Slowly wandering position error, a few metres (east, north): waves of minutes, the same at the same instant."""
    phases = rng.uniform(0.0, 2 * np.pi, (1, 2, 3))
    seconds = (time_us - time_us[0] if len(time_us) else time_us)[:, None] / 1e6
    waves = np.sin(2 * np.pi * seconds[:, :, None] / np.array([23.0, 410.0, 1900.0]) + phases)
    east, north = (waves * np.array([0.8, 1.5, 2.0])).sum(axis=2).T
    return east, north


def _base_station(number: int, station: Station, start_us: int, end_us: int, rng: np.random.Generator) -> _Rows:
    every_s = max(station.thin_s, BASE_STATION_INTERVAL_S)
    sent = np.arange(start_us, end_us, int(every_s * 1e6), dtype=np.int64)
    sent = sent[station.heard(sent, np.full(len(sent), station.lat_deg), np.full(len(sent), station.lon_deg), rng)]
    rows = len(sent)
    nothing = np.full(rows, np.nan)
    return {
        "stamp_us": station.stamped(sent, rng), "sent_us": sent, "ship": np.full(rows, -1, np.int32),
        "receiver": np.full(rows, number, np.int16), "msg_type": np.full(rows, 4, np.uint8),
        "part_b": np.zeros(rows, np.bool_), "lat_deg": np.full(rows, station.lat_deg),
        "lon_deg": np.full(rows, station.lon_deg), "sog_kn": nothing, "cog_deg": nothing, "heading_deg": nothing,
        "turn_deg_min": nothing, "nav_status": np.full(rows, 15, np.int8), "draught_m": nothing,
    }  # fmt: skip
