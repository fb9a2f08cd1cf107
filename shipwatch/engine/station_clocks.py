"""Receiver clocks: stations whose stamps are off by more than half a minute, found by ships that others hear too.

A ship in steady motion that one station hears and then another has made a known way: what the stamps say more, or less,
than that way needs is the difference of the two clocks. Stations whose differences agree are right together (there must
be two of them at least); one that disagrees with them by more than ``OFF_S``, by the median of ten pairs and more, is
refused until it agrees again. Two stations alone cannot say which of them is wrong, and nothing is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns, PositionReports, add_counts
from shipwatch.engine.clock import Released
from shipwatch.engine.motion import KN, M_PER_DEG, MINUTE_US, US, wrap_deg

Array = NDArray[Any]

OFF_S = 30.0
LEAST_PAIRS, NEWEST_PAIRS = 10, 20
WINDOW_S = 3600.0
"""Pairs of so long back count, and a verdict without new pairs stands for as long."""
MOST_PAIRS, MOST_A_MINUTE = 400, 60
STEADY_KN, FASTEST_KN, TURN_DEG, CHANGE_KN, APART_S, ASIDE_M = 4.0, 30.0, 10.0, 1.0, 600.0, 300.0
REASON = "station_clock"


@dataclass(frozen=True, slots=True)
class LastHeard(Columns):
    """Each ship's last report in motion; sorted by mmsi."""

    mmsi: Array
    time_us: Array
    lat_deg: Array
    lon_deg: Array
    sog_kn: Array
    cog_deg: Array
    station: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "mmsi": "int32", "time_us": "int64", "lat_deg": "float64", "lon_deg": "float64", "sog_kn": "float32",
        "cog_deg": "float32", "station": "S16",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pairs(Columns):
    """Reports of one ship by two stations, sorted by time: ``b``'s clock less ``a``'s by this pair, in seconds."""

    time_us: Array
    a: Array
    b: Array
    seconds: Array

    DTYPES: ClassVar[Mapping[str, str]] = {"time_us": "int64", "a": "S16", "b": "S16", "seconds": "float64"}


@dataclass(frozen=True, slots=True)
class Verdicts(Columns):
    """What was found of each station, from when on; ``off_s`` NaN where its clock is right or nobody can say."""

    time_us: Array
    station: Array
    off_s: Array

    DTYPES: ClassVar[Mapping[str, str]] = {"time_us": "int64", "station": "S16", "off_s": "float64"}


@dataclass(frozen=True, slots=True)
class StationClocks:
    """What is remembered between two steps; ``one`` is the first station heard, ``two_us`` when there was another.

    Until then nothing is compared, so that streams of one station cost nothing. Reports that name none are left alone.
    """

    one: bytes = b""
    two_us: int | None = None
    last: LastHeard = field(default_factory=LastHeard.empty)
    pairs: Pairs = field(default_factory=Pairs.empty)
    verdicts: Verdicts = field(default_factory=Verdicts.empty)


def check(clocks: StationClocks, released: Released) -> tuple[StationClocks, Released]:
    """Leave out the reports of stations whose clock is off, counted as ``station_clock``; rows sorted by time.

    A verdict is made at each whole minute that has new pairs, from those of the hour before it, and holds for later
    reports: so the first reports of a clock that jumps still count.
    """
    rows = released.positions
    one, two_us = clocks.one, clocks.two_us
    if not len(rows):  # a tick, or static reports alone
        return clocks, released
    if two_us is None:
        # Numbers compare faster than bytes.
        halves = np.ascontiguousarray(rows.station, "S16").view("<i8").reshape(-1, 2)
        if (halves == halves[0]).all() and one in (b"", rows.station[0]):
            return StationClocks(bytes(rows.station[0])), released  # as nearly every batch of one station
        named = rows.station != b""
        if not one and named.any():
            one = bytes(rows.station[int(np.argmax(named))])
        other = named & (rows.station != one)
        if not other.any():
            return StationClocks(one), released
        two_us = int(rows.time_us[int(np.argmax(other))])
    last, pairs = _pairs(clocks.last, rows, two_us)
    pairs = Pairs.concat((clocks.pairs, pairs))
    verdicts = Verdicts.concat((clocks.verdicts, _verdicts(pairs, len(clocks.pairs), clocks.verdicts)))
    bad = _bad(verdicts, rows)
    newest_us = int(rows.time_us[-1])
    since_us = newest_us - round(WINDOW_S * US) - MINUTE_US
    keep = np.flatnonzero(pairs.time_us > since_us)[-4 * MOST_PAIRS :]
    after = StationClocks(one, two_us, last, pairs.take(keep), _newest(verdicts, since_us))
    if not bad.any():
        return after, released
    refused = add_counts(dict(released.refused), {REASON: int(bad.sum())})
    return after, Released(rows.take(~bad), released.statics, released.upto_us, refused)


def _pairs(last: LastHeard, rows: PositionReports, since_us: int) -> tuple[LastHeard, Pairs]:
    with np.errstate(invalid="ignore"):
        moving = np.flatnonzero(
            (rows.sog_kn >= STEADY_KN) & (rows.sog_kn <= FASTEST_KN) & ~np.isnan(rows.cog_deg)
            & (rows.time_us >= since_us) & (rows.station != b"")
        )  # fmt: skip
    if not len(moving) and not len(last):
        return last, Pairs.empty()
    mmsi = np.concatenate((last.mmsi, rows.mmsi[moving]))
    time_us = np.concatenate((last.time_us, rows.time_us[moving]))
    order = np.argsort(mmsi, kind="stable")  # each ship's rows stay in the order of time
    same = mmsi[order][1:] == mmsi[order][:-1]
    newest = order[np.append(~same, True)]
    near = np.flatnonzero(same & (time_us[order][1:] - time_us[order][:-1] <= APART_S * US))
    first, second = order[near], order[near + 1]

    def of(name: str, which: Array) -> Array:
        """A column of the remembered and the new rows together."""
        old = which < len(last)
        column = np.empty(len(which), LastHeard.DTYPES[name])
        column[old] = getattr(last, name)[which[old]]
        column[~old] = getattr(rows, name)[moving[which[~old] - len(last)]]
        return column

    after = LastHeard(**{name: of(name, newest) for name in LastHeard.DTYPES})
    other = of("station", first) != of("station", second)
    first, second = first[other], second[other]
    lat, lon, sog, cog = (
        (of(name, first).astype(np.float64), of(name, second).astype(np.float64))
        for name in ("lat_deg", "lon_deg", "sog_kn", "cog_deg")
    )
    seconds, good = _difference(lat, lon, sog, cog, (time_us[second] - time_us[first]) / US)
    first, second, seconds = first[good], second[good], seconds[good]
    by_time = np.lexsort((seconds, time_us[second]))
    minute = -(-time_us[second][by_time] // MINUTE_US)
    rank = np.arange(len(by_time)) - np.searchsorted(minute, minute, "left")
    keep = by_time[rank < MOST_A_MINUTE]
    return after, Pairs(time_us[second[keep]], of("station", first[keep]), of("station", second[keep]), seconds[keep])


def _difference(
    lat: tuple[Array, Array], lon: tuple[Array, Array], sog: tuple[Array, Array], cog: tuple[Array, Array], dt_s: Array
) -> tuple[Array, Array]:
    """Seconds that the stamps of two reports say more than the way between needs, and where that can be trusted."""
    turn = wrap_deg(cog[1] - cog[0])
    speed, course = (sog[0] + sog[1]) / 2 * KN, np.radians(cog[0] + turn / 2)
    north = (lat[1] - lat[0]) * M_PER_DEG
    east = wrap_deg(lon[1] - lon[0]) * M_PER_DEG * np.cos(np.radians((lat[0] + lat[1]) / 2))
    along, aside = north * np.cos(course) + east * np.sin(course), east * np.cos(course) - north * np.sin(course)
    good = (np.abs(turn) <= TURN_DEG) & (np.abs(sog[1] - sog[0]) <= CHANGE_KN)
    return np.round(dt_s - along / speed, 1), good & (np.abs(aside) <= np.maximum(ASIDE_M, 0.2 * np.abs(along)))


def _verdicts(pairs: Pairs, first: int, before: Verdicts) -> Verdicts:
    """One verdict a station and minute, for the minutes in which pairs from row ``first`` on fall.

    Minutes in which hardly any pair is off, and no station was before, are passed over: all would be right.
    """
    off_so_far = np.concatenate(([0], np.cumsum(np.abs(pairs.seconds) > OFF_S)))
    bad = not np.isnan(_newest(before, -(2**62)).off_s).all()
    minutes = np.unique(-(-pairs.time_us[first:] // MINUTE_US)) * MINUTE_US
    times: list[int] = []
    stations: list[bytes] = []
    off: list[float] = []
    for minute in minutes.tolist():
        high = int(np.searchsorted(pairs.time_us, minute, "right"))
        low = int(np.searchsorted(pairs.time_us, minute - round(WINDOW_S * US), "right"))
        low = max(low, high - MOST_PAIRS)
        if not bad and off_so_far[high] - off_so_far[low] < LEAST_PAIRS // 2:
            continue
        judged = _judge(pairs.take(slice(low, high)))
        bad = not np.isnan(list(judged.values())).all()
        for name, seconds in judged.items():
            times.append(minute)
            stations.append(name)
            off.append(seconds)
    return Verdicts.of(time_us=times, station=np.array(stations, "S16"), off_s=off)


def _judge(pairs: Pairs) -> dict[bytes, float]:
    """Seconds by which each station's clock is off those that agree, NaN where it agrees or too little is known."""
    names, number = np.unique(np.concatenate((pairs.a, pairs.b)), return_inverse=True)
    a, b = number[: len(pairs)], number[len(pairs) :]
    count = len(names)
    agrees = np.zeros((count, count), bool)
    for one in range(count):
        for other in range(one + 1, count):
            mine = ((a == one) & (b == other)) | ((a == other) & (b == one))
            between = np.where(b[mine] == other, pairs.seconds[mine], -pairs.seconds[mine])[-NEWEST_PAIRS:]
            agrees[one, other] = agrees[other, one] = (
                len(between) >= LEAST_PAIRS // 2 and abs(float(np.median(between))) <= OFF_S
            )
    right = _largest_group(agrees)
    found = dict.fromkeys(names.tolist(), float("nan"))
    if len(right) < 2:
        return found
    trusted = np.isin(np.arange(count), right)
    for station in np.flatnonzero(~trusted).tolist():
        mine = ((b == station) & trusted[a]) | ((a == station) & trusted[b])
        by_others = np.where(b[mine] == station, pairs.seconds[mine], -pairs.seconds[mine])[-NEWEST_PAIRS:]
        if len(by_others) >= LEAST_PAIRS and abs(float(np.median(by_others))) > OFF_S:
            found[names[station]] = float(np.median(by_others))
    return found


def _largest_group(agrees: Array) -> list[int]:
    """The largest set of stations linked by agreement; none where two are as large."""
    left, groups = set(range(len(agrees))), []
    while left:
        group, ahead = set(), [min(left)]
        while ahead:
            one = ahead.pop()
            if one not in group:
                group.add(one)
                ahead += np.flatnonzero(agrees[one]).tolist()
        left -= group
        groups.append(sorted(group))
    groups.sort(key=len, reverse=True)
    return [] if len(groups) > 1 and len(groups[0]) == len(groups[1]) else (groups[0] if groups else [])


def _bad(verdicts: Verdicts, rows: PositionReports) -> Array:
    """Which rows are from a station whose last verdict, not older than an hour, was that it is off."""
    bad = np.zeros(len(rows), bool)
    for station in np.unique(verdicts.station[~np.isnan(verdicts.off_s)]).tolist():
        its = verdicts.take(verdicts.station == station)
        mine = np.flatnonzero(rows.station == station)
        place = np.searchsorted(its.time_us, rows.time_us[mine], "left") - 1
        known = (place >= 0) & (rows.time_us[mine] - its.time_us[place] <= WINDOW_S * US)
        bad[mine] = known & ~np.isnan(its.off_s[place])
    return bad


def _newest(verdicts: Verdicts, since_us: int) -> Verdicts:
    """The last verdict of each station, where it may still stand."""
    order = np.lexsort((verdicts.time_us, verdicts.station))
    kept = verdicts.take(order)
    if len(kept):
        kept = kept.take(np.append(kept.station[1:] != kept.station[:-1], True))
    return kept.take(kept.time_us > since_us)


def saved(clocks: StationClocks) -> tuple[dict[str, Columns], dict[str, Any]]:
    """Column tables and plain JSON values from which :func:`restored` makes the same."""
    tables: dict[str, Columns] = {"last": clocks.last, "pairs": clocks.pairs, "verdicts": clocks.verdicts}
    return tables, {"one": clocks.one.decode("latin-1"), "two_us": clocks.two_us}


def restored(table: Callable[[str, type[Any]], Any], rest: Mapping[str, Any]) -> StationClocks:
    """What :func:`saved` wrote; ``table`` reads one by name and kind."""
    return StationClocks(
        rest["one"].encode("latin-1"), rest["two_us"], table("last", LastHeard), table("pairs", Pairs),
        table("verdicts", Verdicts),
    )  # fmt: skip
