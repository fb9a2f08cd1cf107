"""Which incidents a summary holds: duty days, bounds, areas, changes, what was not seen, the command."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from alerts.alert_json import alert_to_json
from alerts.incident import Alert
from decoders.reports import PositionReports
from geofences.zones import ZoneSet
from shipwatch.archive import Archive
from shipwatch.cli import app
from shipwatch.ledger import Ledger
from shipwatch.reports.area import Area, find_area
from shipwatch.reports.content import Summary
from shipwatch.reports.duty_day import DAY_US, DutyDay
from shipwatch.reports.errors import ReportError
from shipwatch.reports.reception import count_reception
from shipwatch.reports.writing import daily_summary

HOUR_US = 3_600_000_000
DAY = DutyDay.of("2025-03-14")
START_US = DAY.start_us
MakeAlert = Callable[..., Alert]


@dataclass
class Told:
    """A ledger that tells these alerts, each with its time of publication."""

    alerts: list[tuple[int, Alert]]
    gaps: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, Any] | None = None
    inputs: tuple[dict[str, Any], ...] = ()

    def revisions_touching(self, since_us: int, until_us: int) -> list[tuple[int, int, dict[str, Any]]]:
        """All of them."""
        return [(published_us, 1, alert_to_json(alert)) for published_us, alert in self.alerts]

    def events_between(self, kind: str, since_us: int, until_us: int) -> list[dict[str, Any]]:
        """The gaps."""
        return self.gaps

    def runs(self) -> list[dict[str, Any]]:
        """One run."""
        return [{"id": 1, "inputs": self.inputs, "counts": self.counts, "config_digest": "c", "rules_digest": "r",
                 "zones_digest": "z", "lists": []}]  # fmt: skip


def told(*alerts: Alert, at_us: int | None = None) -> Told:
    """Each alert told when it was published, or all at one time."""
    return Told([(alert.incident.published_us if at_us is None else at_us, alert) for alert in alerts])


def ids(summary: Summary) -> list[str]:
    """Incident ids in the summary's order."""
    return [made.id for made in summary.incidents]


@pytest.mark.parametrize(
    ("starts", "offset", "start", "clock"),
    [
        ("00:00", "+00:00", "2025-03-14T00:00:00Z", ""),
        ("06:00", "+00:00", "2025-03-14T06:00:00Z", "duty day from 06:00"),
        ("00:00", "+09:00", "2025-03-13T15:00:00Z", "clock at UTC+09:00"),
        ("22:30", "-05:30", "2025-03-15T04:00:00Z", "duty day from 22:30, clock at UTC-05:30"),
    ],
)
def test_a_duty_day_may_start_at_any_hour_and_offset(starts: str, offset: str, start: str, clock: str) -> None:
    """24 hours from the stated local hour; the header says the period in UTC and how the clock is kept."""
    day = DutyDay.of("2025-03-14", starts=starts, offset=offset)
    made = daily_summary(told(), None, day)
    assert made.start == start
    assert day.end_us - day.start_us == DAY_US
    assert made.clock == clock
    assert made.number == "SW/DS/2025-073"


@pytest.mark.parametrize(
    "words",
    [{"day": "2025-02-30"}, {"day": "x"}, {"starts": "24:00"}, {"starts": "6"}, {"offset": "9"}, {"offset": "+15:00"}],
)
def test_a_wrong_day_is_named(words: dict[str, str]) -> None:
    """The refusal holds the value."""
    asked = {"day": "2025-03-14", **words}
    with pytest.raises(ReportError, match="|".join(value.replace("+", r"\+") for value in words.values())):
        DutyDay.of(asked.pop("day"), **asked)


def test_an_incident_across_midnight_stands_in_both_days_marked(make_alert: MakeAlert) -> None:
    """The first day says that it goes on, the second that it began before; the times are those of the whole meeting."""
    alert = make_alert(id="across", start_us=START_US + 23 * HOUR_US)
    first = daily_summary(told(alert), None, DAY)
    second = daily_summary(told(alert), None, DutyDay.of("2025-03-15"))
    third = daily_summary(told(alert), None, DutyDay.of("2025-03-16"))
    assert ids(first) == ids(second) == ["across"] and ids(third) == []
    assert first.incidents[0].marks == "goes on after the period"
    assert second.incidents[0].marks == "began before the period"
    assert first.incidents[0].start == second.incidents[0].start
    assert any("two summaries" in line for line in second.changes)


def test_an_incident_without_an_end_does_not_stand_in_every_later_day(make_alert: MakeAlert) -> None:
    """It is shown until it was last told of, and says so."""
    from dataclasses import replace

    alert = make_alert(state="opened")
    open_alert = replace(alert, incident=replace(alert.incident, end_us=None, phase="ongoing"))
    made = daily_summary(told(open_alert), None, DAY)
    assert "going on when last heard of" in made.incidents[0].when
    assert ids(daily_summary(told(open_alert), None, DutyDay.of("2025-03-20"))) == []


def test_most_serious_first_and_only_the_newest_revision(make_alert: MakeAlert) -> None:
    """Critical before warning before notice; an older revision does not count twice."""
    alerts = [
        make_alert(id="n", severity="notice"),
        make_alert(id="w", severity="notice"),
        make_alert(id="w", severity="warning", revision=2),
        make_alert(id="c", severity="critical", start_us=START_US + 12 * HOUR_US),
    ]
    made = daily_summary(told(*alerts), None, DAY)
    assert ids(made) == ["c", "w", "n"]
    assert [figure.value for figure in made.figures[:2]] == ["2", "1"]
    assert [item.shape for item in made.incidents] == ["▲", "■", "●"]


def test_new_updated_and_withdrawn_are_told(make_alert: MakeAlert) -> None:
    """A withdrawn incident is named with its reason and stands in no table."""
    old = make_alert(id="old", start_us=START_US - 2 * HOUR_US)
    ledger = Told([
        (START_US - HOUR_US, old),
        (START_US + HOUR_US, make_alert(id="old", start_us=START_US - 2 * HOUR_US, revision=2)),
        (START_US + 9 * HOUR_US, make_alert(id="new", start_us=START_US + 8 * HOUR_US)),
        (START_US + 9 * HOUR_US, make_alert(id="gone", start_us=START_US + 8 * HOUR_US, name="TAKEN BACK")),
        (START_US + 10 * HOUR_US,
         make_alert(id="gone", start_us=START_US + 8 * HOUR_US, name="TAKEN BACK", revision=2, state="withdrawn")),
    ])  # fmt: skip
    made = daily_summary(ledger, None, DAY)
    assert sorted(ids(made)) == ["new", "old"]
    text = "\n".join(made.changes)
    numbers = {item.id: item.number for item in made.incidents}
    assert f"New: no. {numbers['new']}." in text
    assert f"Updated: no. {numbers['old']}" in text
    assert "Withdrawn: meeting of TAKEN BACK" in text


def test_an_area_is_a_zone_or_any_polygon(tmp_path: Path) -> None:
    """Watched and excluded zones by name; a Feature, a bare geometry or a collection from a file; across 180 too."""
    zones = ZoneSet.shipped()
    port = next(zone for zone in zones.zones if zone.kind == "excluded")
    assert find_area("korea bay", zones).name == "Korea Bay"
    assert find_area(port.name, zones).polygon is not None
    assert find_area(None, zones).polygon is None
    square = {"type": "Polygon", "coordinates": [[[179, 0], [181, 0], [181, 2], [179, 2], [179, 0]]]}
    for number, document in enumerate([
        square,
        {"type": "Feature", "properties": {"name": "My waters"}, "geometry": square},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": None, "geometry": square}]},
    ]):  # fmt: skip
        path = tmp_path / f"area {number}.geojson"
        path.write_text(json.dumps(document))
        area = find_area(str(path), zones)
        assert area.holds([1.0, 1.0, 1.0], [179.5, -179.5, 178.0]).tolist() == [True, True, False]
        assert area.name == ("My waters" if number == 1 else f"area {number}")
        assert area.slug and "/" not in area.slug


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"type":"Point","coordinates":[1,2]}', '{"type":"FeatureCollection","features":[]}',
             '{"type":"Polygon","coordinates":[[[0,0],[2,2],[0,2],[2,0],[0,0]]]}',
             '{"type":"Polygon","coordinates":"x"}']
)  # fmt: skip
def test_a_file_without_a_polygon_is_refused_with_its_name(text: str, tmp_path: Path) -> None:
    """Not JSON, no polygon, one that crosses itself: the message names the file."""
    path = tmp_path / "area.geojson"
    path.write_text(text)
    with pytest.raises(ReportError, match=r"area\.geojson"):
        find_area(str(path), ZoneSet([]))
    with pytest.raises(ReportError, match="no zone is called"):
        find_area("Atlantis", ZoneSet([]))


def test_an_area_keeps_out_what_lies_beyond(make_alert: MakeAlert) -> None:
    """An incident outside the area is in none of its tables and counts."""
    import shapely

    here = Area("here", shapely.box(123, 30, 124, 31))
    there = Area("there", shapely.box(0, 0, 1, 1))
    ledger = told(make_alert())
    assert len(daily_summary(ledger, None, DAY, here).incidents) == 1
    made = daily_summary(ledger, None, DAY, there)
    assert made.incidents == () and made.area == "there" and made.area_slug == "there"


def test_reception_counts_minutes_holes_and_stations() -> None:
    """Minutes with any report, hours from the area, holes of 15 minutes, each station's silence; cut as one likes."""
    minutes = np.array([m for m in range(1440) if not 190 <= m < 280])
    times = START_US + minutes * 60_000_000
    rows = PositionReports.of(
        time_us=np.concatenate([times, times]), mmsi=np.repeat([1, 2], minutes.size),
        lat_deg=np.full(2 * minutes.size, 10.0), lon_deg=np.repeat([20.0, 40.0], minutes.size),
        station=np.repeat([b"east", b"west"], minutes.size),
    )  # fmt: skip
    import shapely

    area = Area("a", shapely.box(19, 9, 21, 11))
    whole = count_reception([rows], START_US, area)
    pieces = count_reception([rows.take(slice(n, n + 97)) for n in range(0, len(rows), 97)], START_US, area)
    assert whole == pieces
    assert (whole.minutes, whole.area_minutes, whole.ships) == (1350, 1350, 1)
    assert whole.hours[4] == 20 and whole.hours[5] == 60
    assert whole.silences == ((START_US + 190 * 60_000_000, START_US + 280 * 60_000_000),)
    assert [(s.name, s.minutes, len(s.silences)) for s in whole.stations] == [("east", 1350, 1), ("west", 1350, 1)]


def test_what_was_not_seen_is_said() -> None:
    """Refusals by reason, inputs that could not be read by name alone, silent ships, and what AIS cannot show."""
    ledger = told()
    ledger.counts = {"lines": {"read": 90, "refused:bad_checksum": 10}, "refused_by_engine": {"jump": 2}}
    ledger.inputs = ({"path": "/somewhere/private/day.nmea", "error": "cut short"},)
    ledger.gaps = [{"lat": 1.0, "lon": 2.0, "mmsi_a": 7}]
    text = "\n".join(daily_summary(ledger, None, DAY).not_seen)
    assert "10 bad checksum" in text and "2 jump" in text
    assert "day.nmea" in text and "private" not in text
    assert "one ship fell silent" in text
    assert "forged" in text
    assert "reception is not known" in text


class _Kept:
    def track(self, mmsi: int, start_us: int, end_us: int) -> PositionReports:
        return PositionReports.empty()

    def blocks(self, start_us: int, end_us: int) -> Iterator[PositionReports]:
        yield from ()


def test_an_incident_without_archived_positions_says_so(make_alert: MakeAlert) -> None:
    """The map and plot are drawn empty, with words."""
    made = daily_summary(told(make_alert()), _Kept(), DAY).incidents[0]
    assert "no positions in the archive" in made.track_svg
    assert "not both heard" in made.plot_svg


def test_the_command_writes_all_files(tmp_path: Path, make_alert: MakeAlert, make_outcome: Any) -> None:
    """From a store and the archive beside it; `--json` prints the content; wrong usage is 2, a missing store 1."""
    store = tmp_path / "s" / "shipwatch.db"
    times = START_US + np.arange(8, 12, 0.05) * HOUR_US
    with Ledger(str(store)) as ledger, Archive(Archive.beside(str(store))) as archive:
        run = ledger.start_run(
            started_us=1, version="0", inputs=[], config_digest="c", rules_digest="r", zones_digest="z"
        )
        ledger.record(run, make_outcome(alerts=(make_alert(),)))
        for mmsi, east in ((538000001, 0.0), (538000002, 0.0005)):
            archive.append(PositionReports.of(
                time_us=times, mmsi=np.full(times.size, mmsi), lat_deg=np.full(times.size, 30.12),
                lon_deg=np.full(times.size, 123.54 + east), sog_kn=np.full(times.size, 0.7),
            ))  # fmt: skip
    polygon = tmp_path / "mine.geojson"
    polygon.write_text('{"type":"Polygon","coordinates":[[[123,30],[124,30],[124,31],[123,31],[123,30]]]}')
    common = ["summary", "--store", str(store), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [*common, "--date", "2025-03-14", "--area", str(polygon), "--json"])
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    assert [item["id"] for item in shown["incidents"]] == ["al-1"]
    assert shown["area"] == "mine" and len(shown["written"]) == 7
    assert all(Path(path).is_file() for path in shown["written"])
    assert "N" in shown["incidents"][0]["position"] and "nm" in shown["incidents"][0]["place"]
    plain = CliRunner().invoke(app, [*common, "--date", "2025-03-14", "--day-starts", "06:00", "--offset", "+08:00"])
    assert plain.exit_code == 0 and ".pdf" in plain.stdout
    assert CliRunner().invoke(app, [*common, "--date", "yesterday"]).exit_code == 2
    assert CliRunner().invoke(app, [*common, "--date", "2025-03-14", "--area", "Atlantis"]).exit_code == 1
    missing = CliRunner().invoke(app, ["summary", "--store", str(tmp_path / "no.db"), "--date", "2025-03-14"])
    assert missing.exit_code == 1 and not (tmp_path / "no.db").exists()


@pytest.mark.real_data
@pytest.mark.slow
def test_the_real_days_make_a_summary(shared_data: Path, tmp_path: Path) -> None:
    """72 hours off Southern California: the two lighterings of 3 June stand first, with positions and places."""
    store = tmp_path / "s.db"
    replayed = CliRunner().invoke(
        app, ["replay", str(shared_data / "ais" / "socal-2018"), "--everywhere", "--store", str(store)]
    )
    assert replayed.exit_code == 0, replayed.output
    asked = ["summary", "--date", "2018-06-03", "--store", str(store), "--out", str(tmp_path), "--json"]
    shown = json.loads(CliRunner().invoke(app, asked).stdout)
    first, second = shown["incidents"][:2]
    assert {ship["name"] for ship in first["ships"]} == {"HYDRA VOYAGER", "POLARIS VOYAGER"}
    assert {ship["name"] for ship in second["ships"]} == {"SUEZ RAJAN", "LEICESTER"}
    assert first["began_before"] and not second["began_before"]
    assert "Oceanside" in first["place"]
