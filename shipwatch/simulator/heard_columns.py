"""What was heard, straight to report columns: what decoding the scenario's lines gives, without the lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Batch, PositionReports, StaticReports
from shipwatch.simulator.reports import Heard, Ship
from shipwatch.simulator.scenario import Scenario
from shipwatch.simulator.world_scenes import GRID

_LONGEST_NAME = 20


@dataclass(frozen=True)
class PlayedScenario(Scenario):
    """A scenario whose rows are given instead of drawn from receivers' footprints."""

    rows: Heard | None = None

    @property
    def heard(self) -> Heard:
        """The rows that were given; raises ``ValueError`` where none were."""
        if self.rows is None:
            raise ValueError(f"scenario {self.name}: no rows were given")
        return self.rows


def columns_of(scenario: Scenario) -> Batch:
    """The position and static reports of a scenario as one batch, sorted by (time, mmsi).

    Values are rounded as AIS rounds them and times to whole seconds, as tag blocks carry them. Class A (types 1, 3, 5)
    and class B (18, 24) only; rows of other types are left out.

    >>> from shipwatch.simulator.demo import demo_scenario
    >>> len(columns_of(demo_scenario(1)).positions) > 10_000
    True
    """
    heard, ships = scenario.heard, scenario.ships
    station = np.array([receiver.name for receiver in scenario.receivers], "S16")
    positions = _positions(heard, ships, station, np.isin(heard.msg_type, (1, 3, 18)))
    statics = _statics(heard, ships, station, np.isin(heard.msg_type, (5, 24)))
    return Batch(positions, statics, {"read": len(positions) + len(statics)})


def _of_ships(ships: Sequence[Ship], ship: NDArray[Any], name: str) -> NDArray[Any]:
    column: NDArray[Any] = np.array([getattr(one.vessel, name) for one in ships])
    return np.asarray(column[ship])


def _stamped(heard: Heard, rows: NDArray[Any]) -> NDArray[np.int64]:
    return np.asarray(heard.stamp_us[rows] // 1_000_000 * 1_000_000)


def _positions(heard: Heard, ships: Sequence[Ship], station: NDArray[Any], rows: NDArray[Any]) -> PositionReports:
    speed = np.minimum(np.rint(heard.sog_kn[rows] * 10), 1022) / 10
    types = heard.msg_type[rows]
    made = PositionReports.of(
        time_us=_stamped(heard, rows), mmsi=_of_ships(ships, heard.ship[rows], "mmsi"),
        lat_deg=np.rint(heard.lat_deg[rows] * GRID) / GRID, lon_deg=np.rint(heard.lon_deg[rows] * GRID) / GRID,
        sog_kn=speed, cog_deg=np.rint(heard.cog_deg[rows] * 10) % 3600 / 10,
        heading_deg=np.rint(heard.heading_deg[rows]) % 360,
        nav_status=np.where(types == 18, -1, heard.nav_status[rows]), msg_type=types,
        utc_second=heard.sent_us[rows] // 1_000_000 % 60, station=station[heard.receiver[rows]],
        offset=np.full(int(rows.sum()), -1),
    )  # fmt: skip
    return made.take(np.lexsort((made.mmsi, made.time_us)))


def _statics(heard: Heard, ships: Sequence[Ship], station: NDArray[Any], rows: NDArray[Any]) -> StaticReports:
    ship, types = heard.ship[rows], heard.msg_type[rows]
    named = (types == 5) | ~heard.part_b[rows]  # type 24 part A carries the name alone, part B the rest but it
    sized = (types == 5) | heard.part_b[rows]
    columns: dict[str, Any] = {
        "time_us": _stamped(heard, rows), "mmsi": _of_ships(ships, ship, "mmsi"), "msg_type": types,
        "name": np.where(named, _of_ships(ships, ship, "name").astype(f"U{_LONGEST_NAME}"), ""),
        "callsign": np.where(sized, _of_ships(ships, ship, "callsign").astype("U7"), ""),
        "ship_type": np.where(sized, _of_ships(ships, ship, "ship_type"), 0),
        "imo": np.where(types == 5, _of_ships(ships, ship, "imo"), 0),
        "destination": np.where(types == 5, _of_ships(ships, ship, "destination").astype("U20"), ""),
        "draught_m": np.where(types == 5, np.rint(heard.draught_m[rows] * 10) / 10, np.nan),
        "station": station[heard.receiver[rows]], "offset": np.full(int(rows.sum()), -1),
    }  # fmt: skip
    for name in ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m"):
        metres = np.array([float(getattr(one.vessel.hull, name)) for one in ships])[ship]
        columns[name] = np.where(sized, metres, np.nan)
    made = StaticReports.of(**columns)
    return made.take(np.lexsort((made.mmsi, made.time_us)))
