"""The daily summary in its formats: hostile names stay text, bytes repeat, other programs can read the files."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from decoders.reports import PositionReports
from geofences.zones import ZoneSet
from shipwatch.reports.area import Area, find_area
from shipwatch.reports.compose import compose
from shipwatch.reports.content import Summary
from shipwatch.reports.csv_table import csv_table, safe_cell
from shipwatch.reports.duty_day import DutyDay
from shipwatch.reports.facts import gather
from shipwatch.reports.geojson import geojson
from shipwatch.reports.kml import kml
from shipwatch.reports.page import page
from shipwatch.reports.pdf import pdf
from shipwatch.reports.printable import IN_FONT, for_font, said
from shipwatch.reports.writing import daily_summary, write_summary

HOUR_US = 3_600_000_000
DAY = DutyDay.of("2025-03-14")
START_US = DAY.start_us
SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://x.example","A")'
TURNED = "\u202eREGNAD\u2066 1"
FOUR_BYTES = "𝕊𝕋𝔸ℝ 🚢 청봉 号 الأمل"
HOSTILE = (
    SCRIPT, FORMULA, TURNED, FOUR_BYTES, "]]>&amp;<b>", "#set page(width: 1pt)", "A" * 300, "\x00\x1b[2J\ud800NUL",
)  # fmt: skip


def iso(time_us: int) -> str:
    """ISO 8601 with Z."""
    return datetime.fromtimestamp(time_us // 1_000_000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def invented(
    number: int = 1, *, start_us: int = START_US + 8 * HOUR_US, hours: float = 3.0, severity: str = "warning",
    names: tuple[str | None, ...] = ("INVENTED ONE", "INVENTED TWO"), lat: float = 30.0, lon: float = 123.5,
    state: str = "closed", matches: tuple[dict[str, Any], ...] = (), revision: int = 1, reason: str = "opened",
    ongoing: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """A public alert object of invented ships."""
    end_us = start_us + int(hours * HOUR_US)
    mmsis = [538_000_000 + 100 * number + at for at in range(len(names))]
    return {
        "id": f"rv-{number}", "revision": revision, "revision_reason": reason, "state": state,
        "phase": "ongoing" if ongoing else "ended", "kind": "rendezvous", "severity": severity, "score": 50,
        "start": iso(start_us), "end": None if ongoing else iso(end_us), "lat": lat, "lon": lon,
        "zones": ["East China Sea"],
        "parties": [
            {"track": str(mmsi), "mmsi": mmsi, "imo": 9000003, "name": name, "callsign": name and name[:7],
             "flag": "MHL", "ship_type": 80, "length_m": 180, "draught_before_m": 8.1, "draught_after_m": 11.0,
             "role": "party" if at < 2 else "attending"}
            for at, (mmsi, name) in enumerate(zip(mmsis, names, strict=True))
        ],
        "matches": list(matches), "observed_s": 5400, "inferred_s": 1800, "dark_s": 600, "min_distance_m": 31,
        "median_distance_m": 48, "hull_gap_m": 4, "heading_difference_deg": 2, "median_speed_kn": 0.8,
        "relative_speed_kn": 0.1, "alongside": True,
        "intervals": [{"pair": [str(mmsis[0]), str(mmsis[-1])], "start": iso(start_us), "end": iso(end_us),
                       "kind": "observed"}],
        "reasons": [
            {"feature": "alongside", "value": "4 m", "weight": 25, "text": "The hulls lay side by side."},
            {"feature": "draught_change", "value": "2.9 m", "weight": 20, "text": "The draughts sent changed."},
        ],
        "sensitivity": "It would vanish with an enter distance below 31 m.",
        "lists": [{"list": "invented", "snapshot": "invented-1"}], "rules_digest": "sha256:0",
    }  # fmt: skip


def match(mmsi: int, tier: str = "exact", listed: str = "9000003") -> dict[str, Any]:
    """A list match of a party."""
    return {"party": str(mmsi), "list": "invented", "entry": "7", "tier": tier, "when": "designated_at_event",
            "matched": {"imo": ["9000003", listed]}}  # fmt: skip


@dataclass
class InventedLedger:
    """Answers as the ledger does, out of a list."""

    told: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, Any] | None = field(default_factory=lambda: {
        "lines": {"read": 1000, "refused:checksum": 7}, "refused_by_engine": {"jump": 3}})  # fmt: skip
    inputs: tuple[dict[str, Any], ...] = ({"path": "day.nmea", "sha256": "ab", "error": None},)

    def revisions_touching(self, since_us: int, until_us: int) -> list[tuple[int, int, dict[str, Any]]]:
        """All of them: what is too many is left out by the summary itself."""
        return self.told

    def events_between(self, kind: str, since_us: int, until_us: int) -> list[dict[str, Any]]:
        """The gaps."""
        return self.gaps

    def runs(self) -> list[dict[str, Any]]:
        """One run."""
        return [{"id": 1, "inputs": list(self.inputs), "counts": self.counts, "config_digest": "c" * 64,
                 "rules_digest": "r" * 64, "zones_digest": "z" * 64,
                 "lists": [
                     {"list": "invented", "snapshot": "invented-1", "sha256": "d" * 64, "published": "2025-03-01"}],
                 }]  # fmt: skip


@dataclass
class InventedArchive:
    """Two ships per incident, side by side, with a hole of an hour in the feed."""

    alerts: list[dict[str, Any]]

    @cached_property
    def _rows(self) -> PositionReports:
        parts = []
        for alert in self.alerts:
            start_us = round(datetime.fromisoformat(alert["start"]).timestamp() * 1e6)
            times = np.arange(start_us - 2 * HOUR_US, start_us + 5 * HOUR_US, 240_000_000)
            times = times[(times - START_US) // HOUR_US != 10]
            for at, party in enumerate(alert["parties"]):
                drift = np.abs(times - start_us - HOUR_US) / HOUR_US
                parts.append(PositionReports.of(
                    time_us=times, mmsi=np.full(times.size, party["mmsi"]), lat_deg=alert["lat"] + 0.02 * drift,
                    lon_deg=(alert["lon"] + 0.0007 * at + 0.01 * at * np.maximum(0, drift - 2) + 180) % 360 - 180,
                    sog_kn=0.5 + drift, station=np.full(times.size, b"coast"),
                ))  # fmt: skip
        return PositionReports.concat(parts)

    def track(self, mmsi: int, start_us: int, end_us: int) -> PositionReports:
        """The rows of one ship."""
        rows = self._rows
        return rows.take((rows.mmsi == mmsi) & (rows.time_us >= start_us) & (rows.time_us < end_us))

    def blocks(self, start_us: int, end_us: int) -> Iterator[PositionReports]:
        """All rows of the span."""
        rows = self._rows
        yield rows.take((rows.time_us >= start_us) & (rows.time_us < end_us))


def summary_of(*alerts: dict[str, Any], area: Area | None = None, day: DutyDay = DAY) -> Summary:
    """A summary of these alerts, each told once an hour after its end."""
    ledger = InventedLedger([(START_US + 12 * HOUR_US, 1, alert) for alert in alerts])
    return daily_summary(ledger, InventedArchive(list(alerts)), day, area)


@pytest.fixture(scope="module")
def hostile() -> Summary:
    """A day on which every ship has a hostile name."""
    alerts = [
        invented(at + 1, names=(name, HOSTILE[at - 1]), severity=("critical", "warning", "notice")[at % 3],
                 matches=(match(538_000_100 + 100 * at, listed=name),))
        for at, name in enumerate(HOSTILE)
    ]  # fmt: skip
    return summary_of(*alerts)


def test_a_hostile_name_is_text_in_html(hostile: Summary) -> None:
    """No tag, no direction override, no control character comes out of a name; nothing is fetched or run."""
    html = page(hostile).decode()
    assert SCRIPT not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", html)
    assert "<b>" not in re.sub(r"<b>(?=[\w]|<bdi>|\d)", "", html).replace("<b>not known", "")
    assert not re.search(r"<script|javascript:|\son\w+=|<link|<img|<iframe|@import", html)
    outside = set(re.findall(r'(?:href|src|url)\s*[=(]\s*"?([^"\s)>]+)', html))
    assert all(target.startswith("#incident-") for target in outside)
    assert "default-src 'none'" in html
    assert "청봉" in html


def test_a_hostile_name_is_text_in_csv(hostile: Summary) -> None:
    """No cell begins like a formula; every row has every column; the name itself can still be read."""
    rows = list(csv.DictReader(io.StringIO(csv_table(hostile).decode("utf-8-sig"), newline="")))
    assert len(rows) == len(HOSTILE)
    for row in rows:
        assert None not in row and None not in row.values()
        for name, cell in row.items():
            if not re.fullmatch(r"-?\d+(\.\d+)?", cell):
                assert not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")), name
    assert any(row["a_name"].startswith("'=HYPERLINK") for row in rows)
    assert {row["lon"] for row in rows} == {"123.5"}


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A", "\t=1", " =1", "\u00a0=1", "＝1", "\r\n=1"])
def test_text_like_a_formula_gets_an_apostrophe(text: str) -> None:
    """Whatever stands before the sign."""
    assert str(safe_cell(text)).startswith("'")


def test_a_hostile_name_is_text_in_kml(hostile: Summary, tmp_path: Path) -> None:
    """The XML is well-formed, descriptions hold no markup, and GDAL reads every incident and track."""
    data = kml(hostile)
    root = ET.fromstring(data)
    names = [node.text or "" for node in root.iter("{http://www.opengis.net/kml/2.2}name")]
    assert any(SCRIPT in name for name in names)
    for node in root.iter("{http://www.opengis.net/kml/2.2}description"):
        assert "<" not in (node.text or "")
    spans = list(root.iter("{http://www.opengis.net/kml/2.2}TimeSpan"))
    assert len(spans) >= 3 * len(HOSTILE)
    pyogrio = pytest.importorskip("pyogrio")
    path = tmp_path / "day.kml"
    path.write_bytes(data)
    layers = {name for name, _ in pyogrio.list_layers(path)}
    assert {"Incidents", "Tracks"} <= layers
    assert len(pyogrio.read_dataframe(path, layer="Incidents")) == len(HOSTILE)


def test_geojson_is_valid_and_names_are_strings(hostile: Summary, tmp_path: Path) -> None:
    """Strict JSON, known geometry types, coordinates on the globe; GDAL and shapely read it."""
    document = json.loads(geojson(hostile), parse_constant=pytest.fail)
    assert document["type"] == "FeatureCollection"
    incidents = [item for item in document["features"] if item["properties"]["feature"] == "incident"]
    assert len(incidents) == len(HOSTILE)
    assert len({item["id"] for item in document["features"]}) == len(document["features"])
    for item in document["features"]:
        geometry = shape(item["geometry"])
        assert geometry.is_valid
        west, south, east, north = geometry.bounds
        assert -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    pyogrio = pytest.importorskip("pyogrio")
    path = tmp_path / "day.geojson"
    path.write_bytes(geojson(hostile))
    assert len(pyogrio.read_dataframe(path)) == len(document["features"])


def test_pdf_sets_hostile_names_as_text(hostile: Summary) -> None:
    """Typesetter markup in a name is not run, a missing letter does not stop the PDF, and the bytes repeat."""
    made = pdf(hostile)
    assert made.startswith(b"%PDF-")
    assert made == pdf(hostile)


def test_every_letter_that_print_allows_is_in_the_font() -> None:
    """The PDF standard refuses a glyph that its font has not: all allowed characters can be set, in both weights."""
    letters = "".join(sorted(IN_FONT))
    alert = invented(1, names=(letters[:60], letters[60:120]))
    made = summary_of(alert)
    whole = " ".join(letters[at : at + 12] for at in range(0, len(letters), 12))
    from dataclasses import replace

    assert pdf(replace(made, title=whole, key_points=(whole,))).startswith(b"%PDF-")


@pytest.mark.parametrize("name", HOSTILE)
def test_print_has_only_letters_of_the_font(name: str) -> None:
    """What is romanised or boxed leaves nothing else, and no word is too long to be broken."""
    shown = for_font(said(name))
    assert set(shown) <= IN_FONT | {"\u200b"}
    assert all(len(word) <= 15 for word in re.split("[\\s\u200b]", shown))


def test_an_unknown_script_is_replaced_visibly() -> None:
    """Nothing vanishes: a name of letters that nobody romanises shows as boxes."""
    assert for_font("\U00013000\U00013001").strip() != ""
    assert for_font("청봉") == "chong bong"


def test_files_repeat_to_the_byte_and_their_sums_hold(tmp_path: Path) -> None:
    """Two runs write the same seven files; the checksum file names six of them."""
    first = write_summary(summary_of(invented()), tmp_path / "one")
    second = write_summary(summary_of(invented()), tmp_path / "two")
    assert [path.suffix for path in first] == [".pdf", ".html", ".csv", ".geojson", ".kml", ".json", ".sha256"]
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name
    for line in first[-1].read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((tmp_path / "one" / name).read_bytes()).hexdigest() == digest
    assert not list((tmp_path / "one").glob(".*"))


def test_a_day_without_incidents_still_gets_a_summary(tmp_path: Path) -> None:
    """Every file is written, says that nothing was found, and that this shows nothing."""
    made = compose(gather(InventedLedger(), None, DAY, Area(), marking="TEST", version="0"))
    paths = write_summary(made, tmp_path)
    assert all(path.stat().st_size > 50 for path in paths)
    assert made.incidents == () and made.figures[0].value == "0"
    assert made.key_points[0].startswith("No data of the period")
    heard = compose(gather(InventedLedger(), InventedArchive([invented()]), DAY, Area(), marking="TEST", version="0"))
    assert heard.key_points[0].startswith("No suspected")
    assert any("does not mean no transfer" in line for line in made.not_seen)
    assert json.loads((tmp_path / "summary-2025-03-14.geojson").read_text())["features"] == []


def test_the_area_of_the_data_file_is_the_area(tmp_path: Path) -> None:
    """Parts on both sides of 180 degrees and a hole: what is not in the area is not in the file's polygon."""
    east = shapely.box(178.0, 10.0, 180.0, 20.0) - shapely.box(178.5, 12.0, 179.5, 14.0)
    whole = shapely.MultiPolygon([east, shapely.box(-180.0, 10.0, -178.0, 20.0)])
    for asked in (whole, east, whole.geoms[1]):
        file = tmp_path / "area.geojson"
        file.write_text(shapely.to_geojson(asked))
        made = summary_of(area=find_area(str(file), ZoneSet.shipped()))
        (feature,) = json.loads(geojson(made))["features"]
        drawn = shape(feature["geometry"])
        assert drawn.is_valid and drawn.equals(asked)
        parts = getattr(drawn, "geoms", [drawn])
        assert all(part.exterior.is_ccw and not any(ring.is_ccw for ring in part.interiors) for part in parts)


def test_a_track_across_180_is_cut_there() -> None:
    """GeoJSON lines stay on their side of the date line, and the map is not one of the whole world."""
    made = summary_of(invented(lat=-17.0, lon=179.999))
    lines = [item for item in json.loads(geojson(made))["features"] if item["properties"]["feature"] == "track"]
    assert any(item["geometry"]["type"] == "MultiLineString" for item in lines)
    for item in lines:
        for part in shapely.get_parts(shape(item["geometry"])):
            assert np.abs(np.diff(shapely.get_coordinates(part)[:, 0])).max() < 180
    assert re.search(r">(5|10|20|50|100) nm<", made.map_svg)


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 45])
def test_many_incidents_with_long_names_make_a_pdf(count: int, tmp_path: Path) -> None:
    """Up to forty get half a page, the others a row; twelve ships and the longest texts do not stop it."""
    names = ("W" * 60, None, *(f"LIGHTER {at} OF A LONG-NAMED FLEET" for at in range(10)))
    alerts = [
        invented(at + 1, names=names[: 2 + at % 11], lat=30 + at / 40, start_us=START_US + at * HOUR_US // 3,
                 severity=("critical", "warning", "notice")[at % 3],
                 matches=tuple(match(538_000_100 + 100 * at + n, listed="L" * 60) for n in range(at % 6)))
        for at in range(count)
    ]  # fmt: skip
    made = summary_of(*alerts)
    assert made.detailed == min(count, 40)
    assert [item.number for item in made.incidents] == list(range(1, count + 1))
    data = pdf(made)
    assert len(data) > 20_000
    (tmp_path / "many.pdf").write_bytes(data)


def quoted_match(mmsi: int, **changes: Any) -> dict[str, Any]:
    """A match as alerts carry it: with owner, measures and what must be said of its list."""
    return {
        **match(mmsi), "listed_name": "OLD ONE", "programs": ["INVENTED-1"],
        "companies": [{"role": "owner", "name": "INVENTED SHIPPING", "imo": 5434358}],
        "source": {"title": "An Invented List", "publisher": "An Office", "licence": "CC BY-NC 4.0", "url": "",
                   "legal": False, "non_commercial": True, "note": ""},
        "watch": None, "text": "Agrees in IMO.", **changes,
    }  # fmt: skip


def test_a_list_is_quoted_with_its_cautions_owner_and_licence() -> None:
    """Wherever a match stands - page, PDF's text, CSV, GeoJSON, KML, JSON's key points - so does what must be said."""
    made = summary_of(invented(matches=(quoted_match(538_000_100),)))
    (hit,) = made.incidents[0].hits
    for words in ("not a legal designation", "non-commercial use only", "owner INVENTED SHIPPING (company IMO 5434358)",
                  "measures stated: INVENTED-1", "An Invented List (An Office; CC BY-NC 4.0)"):  # fmt: skip
        assert words in hit.text
        assert words in page(made).decode().replace("&#39;", "'")
    assert "not a legal designation" in made.incidents[0].in_short
    assert any("invented: not a legal designation" in point for point in made.key_points)
    (row,) = csv.DictReader(io.StringIO(csv_table(made).decode("utf-8-sig"), newline=""))
    assert row["companies"] == "owner INVENTED SHIPPING (company IMO 5434358)"
    assert row["list_sources"].startswith("invented: not a legal designation, non-commercial use only [")
    for written in (geojson(made), kml(made)):
        assert b"non-commercial use only" in written and b"INVENTED SHIPPING" in written
    assert pdf(made).startswith(b"%PDF")


def test_a_watched_ship_is_not_called_listed() -> None:
    """A watchlist's entry is told as this station's own, with its reason, never as a listing."""
    watch = {"reason": "seen loading at night", "owner": "desk 2", "expires": None}
    made = summary_of(
        invented(matches=(quoted_match(538_000_100, list="watchlist:gulf", when="watched", watch=watch),))
    )
    assert "seen loading at night (asked for by desk 2)" in made.incidents[0].hits[0].text
    assert any("on a watchlist of this station" in point for point in made.key_points)
    assert not any("that a list names" in point for point in made.key_points)


def test_a_listed_ship_that_was_only_seen_is_no_suspected_transfer() -> None:
    """A sighting of warning level stands among the incidents and is counted as what it is."""
    seen = {**invented(2, names=("INVENTED SEEN",), matches=(match(538_000_200),)), "kind": "sighting"}
    alone = summary_of(seen)
    assert (alone.figures[0].value, alone.figures[0].label) == ("0", "suspected transfers")
    assert any(point.startswith("One sighting of a ship that a list names") for point in alone.key_points)
    assert alone.key_points[0] == "No suspected ship-to-ship transfer was found in the period."
    assert alone.changes[0].startswith(("Suspected transfers: 0", "The 24 hours before"))
    both = summary_of(seen, invented(1, matches=(match(538_000_100),)))
    assert both.figures[0].value == "1" and len(both.incidents) == 2
    assert any(point.startswith("2 incidents of a ship that a list names") for point in both.key_points)
