"""A day of a crowded sea in columns, seeded: anchorages full of ships, ships under way, and meetings that were planted.

Half of the ships lie in anchorages, each with about ten neighbours within 500 m, and report every 3 minutes as class A
at anchor does; the others are under way and report about once a minute (a feed thinned as archives are); 400 of them
come together in pairs, drift 20 to 300 m apart for two and a half to eight hours and part. Positions are off by some
metres, reports are received some seconds after they were sent, in order of reception, as a feed gives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from decoders.reports import PositionReports, StaticReports
from geofences.zones import Zone, ZoneSet

Array = NDArray[Any]

US = 1_000_000
START_US = 1_741_910_400 * US  # 2025-03-14T00:00:00Z
M_PER_DEG = 111_194.93
KN = 1852 / 3600
NEIGHBOURS = 10
"""Ships within 500 m of one at anchor, about."""
ANCHORED_EVERY_S, SAILING_EVERY_S, MEETING_EVERY_S = 180.0, 58.0, 90.0
NOISE_M = 3.0


@dataclass(frozen=True)
class CrowdedSea:
    """Position reports in order of reception, static reports, the anchorages, and planted pairs of MMSIs."""

    positions: PositionReports
    statics: StaticReports
    ports: tuple[Zone, ...]
    planted: frozenset[tuple[int, int]]

    def scope(self, *, without_ports: bool) -> ZoneSet:
        """All water watched, the anchorages excluded or not."""
        return ZoneSet(self.ports if without_ports else ()).everywhere()


def crowded_sea(
    vessels: int = 5000, hours: float = 24.0, meetings: int = 200, seed: int = 1, anchorage: int = 125, *,
    only_moored: bool = False,
) -> CrowdedSea:  # fmt: skip
    """``vessels`` ships for ``hours``; ``anchorage`` ships lie in each anchorage; none sails if ``only_moored``."""
    rng = np.random.default_rng(seed)
    moored = (vessels - 2 * meetings) // 2
    sailing = 0 if only_moored else vessels - 2 * meetings - moored
    vessels = moored + sailing + 2 * meetings
    end_s = hours * 3600
    parts: list[tuple[Array, Array, Array, Array, Array, Array]] = []
    ports: list[Zone] = []
    if moored:
        row, lat, lon, ports = _anchorages(rng, moored, anchorage)
        ship, t = _times(rng, moored, end_s, ANCHORED_EVERY_S)
        swing = rng.uniform(0, 2 * np.pi, moored)[ship]
        parts.append((row[ship], t, lat[ship], lon[ship], np.full(len(t), 0.1), np.degrees(swing) % 360))
    if sailing:
        ship, t = _times(rng, sailing, end_s, SAILING_EVERY_S)
        lat0, lon0 = rng.uniform(-55, 55, sailing), rng.uniform(-180, 180, sailing)
        course, speed = rng.uniform(0, 2 * np.pi, sailing), rng.uniform(9, 18, sailing)
        way = speed[ship] * KN * t
        # To and fro along its course, so that none comes to a pole within a day.
        way = np.abs((way + 3e5) % 1.2e6 - 6e5)
        lat = lat0[ship] + way * np.cos(course[ship]) / M_PER_DEG
        lon = lon0[ship] + way * np.sin(course[ship]) / (M_PER_DEG * np.cos(np.radians(lat0[ship])))
        parts.append((moored + ship, t, lat, lon, speed[ship], np.degrees(course[ship]) % 360))
    if meetings:
        parts.append(_meetings(rng, meetings, moored + sailing, end_s))
    ship, t, lat, lon, sog, heading = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    sent_us = START_US + (t * US).astype(np.int64)
    received_us = sent_us + (rng.exponential(2.0, len(t)).clip(0, 50) * US).astype(np.int64)
    order = np.argsort(received_us, kind="stable")
    metres = rng.normal(0.0, NOISE_M, (2, len(t)))
    lat = lat + metres[0] / M_PER_DEG
    lon = (lon + metres[1] / (M_PER_DEG * np.cos(np.radians(lat))) + 180) % 360 - 180
    mmsi = 200_000_000 + 997 * ship
    positions = PositionReports.of(
        time_us=received_us[order], mmsi=mmsi[order], lat_deg=lat[order], lon_deg=lon[order],
        sog_kn=sog[order], cog_deg=heading[order], heading_deg=np.round(heading[order]),
        utc_second=(sent_us[order] // US % 60), msg_type=np.ones(len(t)), nav_status=np.zeros(len(t)),
        station=np.full(len(t), b"bench"), offset=np.arange(len(t)),
    )  # fmt: skip
    number = np.arange(vessels)
    length, beam = rng.integers(60, 330, vessels), rng.integers(10, 50, vessels)
    statics = StaticReports.of(
        time_us=np.full(vessels, START_US), mmsi=200_000_000 + 997 * number, to_bow_m=np.round(0.8 * length),
        to_stern_m=length - np.round(0.8 * length), to_port_m=beam // 2, to_starboard_m=beam - beam // 2,
        ship_type=np.full(vessels, 80), msg_type=np.full(vessels, 5),
    )  # fmt: skip
    first = 200_000_000 + 997 * (moored + sailing + 2 * np.arange(meetings))
    planted = frozenset(zip(first.tolist(), (first + 997).tolist(), strict=True))
    return CrowdedSea(positions, statics, tuple(ports), planted)


def _times(rng: np.random.Generator, ships: int, end_s: float, every_s: float) -> tuple[Array, Array]:
    """Ship and second of each report: at its own even intervals, each a little off."""
    count = int(end_s // every_s)
    t = (np.arange(count)[None, :] + rng.uniform(0.1, 0.9, (ships, 1))) * every_s
    t = t + rng.uniform(-0.05, 0.05, t.shape) * every_s
    return np.repeat(np.arange(ships), count), t.ravel()


def _anchorages(rng: np.random.Generator, ships: int, in_each: int) -> tuple[Array, Array, Array, list[Zone]]:
    """A place for each ship, on a grid with some disorder, and a polygon around each anchorage."""
    spacing_m = 500.0 * np.sqrt(np.pi / (NEIGHBOURS + 1))
    number = np.arange(ships)
    port, place = number // in_each, number % in_each
    side = int(np.ceil(np.sqrt(in_each)))
    ports = int(port.max()) + 1
    centre_lat, centre_lon = rng.uniform(-50, 50, ports), rng.uniform(-170, 170, ports)
    north = (place // side - side / 2 + rng.uniform(-0.3, 0.3, ships)) * spacing_m
    east = (place % side - side / 2 + rng.uniform(-0.3, 0.3, ships)) * spacing_m
    lat = centre_lat[port] + north / M_PER_DEG
    lon = centre_lon[port] + east / (M_PER_DEG * np.cos(np.radians(centre_lat[port])))
    half_deg = (side / 2 + 1) * spacing_m / M_PER_DEG
    zones = [
        Zone(f"Anchorage {n}", "excluded", "anchorage",
             shapely.box(x - 2 * half_deg, y - half_deg, x + 2 * half_deg, y + half_deg))
        for n, (y, x) in enumerate(zip(centre_lat.tolist(), centre_lon.tolist(), strict=True))
    ]  # fmt: skip
    return number, lat, lon, zones


def _meetings(
    rng: np.random.Generator, meetings: int, first_ship: int, end_s: float
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Pairs that come together at 10 knots, drift together, and part."""
    ship, t = _times(rng, 2 * meetings, end_s, MEETING_EVERY_S)
    pair, second = ship // 2, ship % 2
    lasts_s = rng.uniform(2.6, 8.0, meetings) * 3600
    start_s = rng.uniform(0.02 * end_s, np.maximum(0.03 * end_s, end_s - lasts_s - 3600))
    apart_m = rng.uniform(20, 300, meetings)
    drift = rng.uniform(0, 2 * np.pi, meetings)
    lat0, lon0 = rng.uniform(-50, 50, meetings), rng.uniform(-180, 180, meetings)
    before = np.maximum(start_s[pair] - t, 0.0)
    after = np.maximum(t - start_s[pair] - lasts_s[pair], 0.0)
    away_m = np.minimum(before + after, 36_000) * 10 * KN
    side = np.where(second == 1, 1.0, -1.0)
    drifted_m = 0.5 * KN * np.clip(t - start_s[pair], 0.0, lasts_s[pair])
    east = side * (apart_m[pair] / 2 + away_m) + drifted_m * np.sin(drift[pair])
    north = drifted_m * np.cos(drift[pair])
    lat = lat0[pair] + north / M_PER_DEG
    lon = lon0[pair] + east / (M_PER_DEG * np.cos(np.radians(lat0[pair])))
    sog = np.where(before + after > 0, np.where(before + after > 36_000, 0.2, 10.0), 0.5)
    return first_ship + ship, t, lat, lon, sog, np.degrees(drift[pair]) % 360
