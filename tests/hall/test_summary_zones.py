"""How well ships were heard in each watched zone: counted in quarter hours, told worst first, nothing claimed."""

from __future__ import annotations

import numpy as np
from shapely.geometry import box

from decoders.reports import PositionReports
from geofences.zone import Zone
from geofences.zones import ZoneSet
from shipwatch.reports.area import Area
from shipwatch.reports.compose import compose
from shipwatch.reports.content import Summary
from shipwatch.reports.duty_day import DutyDay
from shipwatch.reports.facts import gather
from shipwatch.reports.zone_coverage import ZoneTally

DAY = DutyDay.of("2025-03-14")
MINUTE_US = 60_000_000


def zones(*names: str) -> ZoneSet:
    """Watched zones of a degree, side by side from the equator's prime meridian, and a port in the first."""
    made = [
        Zone(name=name, kind="watched", purpose="sts_area", geometry=box(at, 0, at + 0.9, 0.9))
        for at, name in enumerate(names)
    ]
    return ZoneSet([*made, Zone(name="a port", kind="excluded", purpose="port", geometry=box(0, 0, 0.1, 0.1))])


class Heard:
    """A ledger without incidents and an archive of one day: (MMSI, longitude, minutes) heard at latitude 0.5."""

    def __init__(self, *ships: tuple[int, float, list[int]]) -> None:
        self.ships = ships

    def revisions_touching(self, since_us: int, until_us: int) -> list[tuple[int, int, dict[str, object]]]:
        return []

    def events_between(self, kind: str, since_us: int, until_us: int) -> list[dict[str, object]]:
        return []

    def runs(self) -> list[dict[str, object]]:
        return []

    def track(self, mmsi: int, start_us: int, end_us: int) -> PositionReports:
        return PositionReports.empty()

    def blocks(self, start_us: int, end_us: int) -> list[PositionReports]:
        if start_us != DAY.start_us:
            return []
        return [
            PositionReports.of(
                time_us=[start_us + minute * MINUTE_US for minute in minutes], mmsi=[mmsi] * len(minutes),
                lat_deg=[0.5] * len(minutes), lon_deg=[lon] * len(minutes),
            )
            for mmsi, lon, minutes in self.ships
        ]  # fmt: skip


def summary(heard: Heard, asked: ZoneSet, area: Area | None = None) -> Summary:
    """Composed from what was heard."""
    facts = gather(heard, heard, DAY, area or Area(), marking="m", version="v", zones=asked)  # type: ignore[arg-type]
    return compose(facts)


def told(made: Summary, word: str) -> list[str]:
    """The lines of what was not seen that hold this word."""
    return [line for line in made.not_seen if word in line]


def test_quarter_hours_known_and_heard() -> None:
    """Between two reports no more than six hours apart a ship was there; a longer hole says nothing."""
    tally = ZoneTally(zones("West", "East"))
    tally.add([0, 1, 30, 390, 751], [7] * 5, [0.5] * 5, [0.5] * 5)
    tally.add([30, 0], [7, 8], [0.5, 0.5], [0.5, 1.5])
    west, east = (next(z for z in tally.zones() if z.zone == name) for name in ("West", "East"))
    # Quarters 0, 2, 26 are joined; 50 is 24 quarters after 26 and joined too.
    assert (west.ships, west.heard, west.known, west.hours) == (1, 4, 51, 3)
    assert (east.ships, east.heard, east.known, east.hours) == (1, 1, 1, 1)
    tally.add([1_130], [7], [0.5], [0.5])
    west = next(z for z in tally.zones() if z.zone == "West")
    assert (west.heard, west.known) == (5, 52), "25 quarters later: it may have been elsewhere meanwhile"


def test_what_was_heard_does_not_depend_on_how_the_rows_come() -> None:
    """Any order, any blocks, duplicates: the same counts."""
    rng = np.random.default_rng(5)
    minute, mmsi = rng.integers(0, 1440, 3000), rng.integers(1, 60, 3000)
    lon = rng.uniform(-0.2, 2.2, 3000)
    whole, cut = ZoneTally(zones("A", "B")), ZoneTally(zones("A", "B"))
    whole.add(minute, mmsi, np.full(3000, 0.5), lon)
    for rows in np.array_split(rng.permutation(np.tile(np.arange(3000), 2)), 17):
        cut.add(minute[rows], mmsi[rows], np.full(len(rows), 0.5), lon[rows])
    assert whole.zones() == cut.zones()
    assert all(zone.heard <= zone.known and zone.hours == 24 for zone in whole.zones())


def test_the_summary_says_whether_a_transfer_would_have_been_seen() -> None:
    """A zone heard throughout, one with holes, one with few reports, one where nobody was heard."""
    heard = Heard(
        (1, 0.5, list(range(0, 1440, 10))),
        (2, 1.5, [*range(0, 600, 10), *range(900, 1440, 10)]),
        (3, 2.5, list(range(0, 1440, 200))),
    )
    made = summary(heard, zones("Steady", "Holes", "Rare", "Empty"))
    assert "100 % of the quarter hours" in told(made, "Steady:")[0]
    assert "would probably have been seen" in told(made, "Steady:")[0]
    assert "79 %" in told(made, "Holes:")[0] and "missed in part" in told(made, "Holes:")[0]
    assert "may well have been missed" in told(made, "Rare:")[0]
    assert told(made, "No ship was heard in Empty: whether anything took place there cannot be said.")
    named = [line.partition(":")[0] for line in made.not_seen if "quarter hours" in line]
    assert named == ["Rare", "Holes", "Steady"], "the worst heard first"
    assert not told(made, "a port")
    assert {zone["zone"]: zone["heard"] for zone in made.to_json()["zones"]}["Steady"] == 96
    only = summary(heard, zones("Steady", "Holes", "Rare", "Empty"), Area("strip", box(2.2, 0, 2.8, 0.9)))
    assert [zone.zone for zone in only.zones] == ["Rare"], "zones that the area does not touch are left out"


def test_without_an_archive_nothing_is_said_of_zones() -> None:
    """Not known is not the same as not heard."""
    facts = gather(Heard(), None, DAY, Area(), marking="m", version="v", zones=zones("A"))  # type: ignore[arg-type]
    assert compose(facts).zones == ()
