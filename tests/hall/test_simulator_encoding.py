"""The simulator's own encoder against a decoder that it does not share a line with (pyais)."""

from __future__ import annotations

import re
from functools import reduce
from typing import Any

import numpy as np
import pyais
import pytest

from shipwatch.simulator import payloads
from shipwatch.simulator.sentences import TimeForm, squeeze, to_lines

ROWS = 200
TIME_US = 1_741_910_400_250_000

SHIP_TYPES = (0, 30, 31, 35, 40, 50, 52, 60, 70, 79, 80, 84, 89, 90, 99)
"""pyais folds some reserved types into their neighbours (46 comes back as 45); these it leaves alone."""


def columns(seed: int = 5) -> dict[str, Any]:
    """Random values over the whole range of every field, first row at the extremes, second row "not available"."""
    rng = np.random.default_rng(seed)
    made: dict[str, Any] = {
        "mmsi": rng.integers(200_000_000, 776_000_000, ROWS), "imo": rng.integers(0, 9_999_999, ROWS),
        "lat_deg": np.rint(rng.uniform(-90, 90, ROWS) * 6e5) / 6e5,
        "lon_deg": np.rint(rng.uniform(-180, 180, ROWS) * 6e5) / 6e5,
        "sog_kn": rng.integers(0, 1023, ROWS) / 10, "cog_deg": rng.integers(0, 3600, ROWS) / 10,
        "heading_deg": rng.integers(0, 360, ROWS).astype(float), "turn_deg_min": rng.uniform(-300, 300, ROWS),
        "nav_status": rng.integers(0, 16, ROWS), "utc_second": rng.integers(0, 60, ROWS), "accuracy": 1, "radio": 0,
        "msg_type": rng.integers(1, 4, ROWS),
        "name": np.array([f"SHIP {n} @?" [:20] for n in range(ROWS)]),
        "callsign": np.array([f"X{n:06d}" for n in range(ROWS)]),
        "destination": np.array(["CN SHA > JP-TYO 1/2"] * ROWS),
        "ship_type": rng.choice(SHIP_TYPES, ROWS), "to_bow_m": rng.integers(0, 512, ROWS),
        "to_stern_m": rng.integers(0, 512, ROWS), "to_port_m": rng.integers(0, 64, ROWS),
        "to_starboard_m": rng.integers(0, 64, ROWS), "draught_m": rng.integers(0, 256, ROWS) / 10,
        "time_us": TIME_US + np.arange(ROWS, dtype=np.int64) * 86_400_000_000,
    }  # fmt: skip
    made["name"] = np.char.replace(made["name"], "@", "A")
    made["lat_deg"][0], made["lon_deg"][0], made["sog_kn"][0] = -90.0, -180.0, 102.2
    for name in ("lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "turn_deg_min"):
        made[name][1] = np.nan
    return made


def lines(bits: Any, form: TimeForm = TimeForm.NONE) -> list[bytes]:
    """Encoded lines, one element a message (two lines for a long one)."""
    chars, fill = payloads.armour(bits)
    rows = len(chars)
    times = TIME_US + np.arange(rows, dtype=np.int64) * 1_000_000
    made = to_lines(chars, fill, times, np.array([b"st-1"] * rows), np.full(rows, 65, np.uint8), np.arange(rows), form)
    return [squeeze(row[None, :]) for row in made]


def decoded(bits: Any) -> list[dict[str, Any]]:
    """What pyais reads from the encoded lines; every checksum must be right."""
    made = []
    for message in lines(bits):
        parts = message.split()
        assert all(pyais.messages.NMEAMessage(part).is_valid for part in parts)
        assert all(len(part) <= 80 for part in parts), "an NMEA sentence has at most 82 characters with its line end"
        made.append(pyais.decode(*parts).asdict())
    return made


def assert_motion(got: list[dict[str, Any]], sent: dict[str, Any], position: float = 1e-6) -> None:
    for row, message in enumerate(got):
        if row == 1:
            assert (message["lat"], message["lon"]) == (91.0, 181.0)
            continue
        assert message["lat"] == pytest.approx(sent["lat_deg"][row], abs=position)
        assert message["lon"] == pytest.approx(sent["lon_deg"][row], abs=position)


def test_class_a_positions_come_back_as_sent() -> None:
    """Types 1-3 decode to the same MMSI, status, turn, speed, place, course, heading and second."""
    sent = columns()
    got = decoded(payloads.class_a_position(sent))
    assert_motion(got, sent)
    assert [m["msg_type"] for m in got] == sent["msg_type"].tolist()
    for row, message in enumerate(got):
        known = row != 1
        assert message["mmsi"] == sent["mmsi"][row]
        assert int(message["status"]) == sent["nav_status"][row]
        assert message["second"] == sent["utc_second"][row]
        assert message["speed"] == pytest.approx(sent["sog_kn"][row] if known else 102.3)
        assert message["course"] == pytest.approx(sent["cog_deg"][row] if known else 360.0)
        assert message["heading"] == (sent["heading_deg"][row] if known else 511)
        if known and abs(sent["turn_deg_min"][row]) < 600:
            assert float(message["turn"]) == pytest.approx(sent["turn_deg_min"][row], abs=8.0)


def test_class_b_positions_come_back_as_sent() -> None:
    """Types 18 and 19 decode to the values sent; 19 also to name, type and dimensions."""
    sent = columns()
    plain, extended = decoded(payloads.class_b_position(sent)), decoded(payloads.class_b_extended(sent))
    for got, kind in ((plain, 18), (extended, 19)):
        assert_motion(got, sent)
        for row, message in enumerate(got):
            assert (message["msg_type"], message["mmsi"]) == (kind, sent["mmsi"][row])
            assert message["speed"] == pytest.approx(sent["sog_kn"][row] if row != 1 else 102.3)
            assert message["course"] == pytest.approx(sent["cog_deg"][row] if row != 1 else 360.0)
            assert message["heading"] == (sent["heading_deg"][row] if row != 1 else 511)
            assert message["second"] == sent["utc_second"][row]
    assert plain[0]["cs"]
    assert_static(extended, sent, ("name", "ship_type", "dimensions"))


def test_long_range_positions_come_back_rounded() -> None:
    """Type 27 gives a tenth of a minute, whole knots and whole degrees, and its own "not available" values."""
    sent = columns()
    got = decoded(payloads.long_range(sent))
    assert_motion(got, sent, 1 / 600 / 2 + 1e-6)
    assert len(payloads.armour(payloads.long_range(sent))[0][0]) == 16
    for row, message in enumerate(got):
        assert message["mmsi"] == sent["mmsi"][row]
        if row != 1:
            assert message["speed"] == min(round(sent["sog_kn"][row]), 62)
            assert abs((message["course"] - sent["cog_deg"][row] + 180) % 360 - 180) <= 0.5
    assert (got[1]["speed"], got[1]["course"]) == (63, 511)


def assert_static(got: list[dict[str, Any]], sent: dict[str, Any], what: tuple[str, ...]) -> None:
    for row, message in enumerate(got):
        if "name" in what:
            assert message["shipname"] == sent["name"][row].strip()
        if "callsign" in what:
            assert message["callsign"] == sent["callsign"][row]
        if "ship_type" in what:
            assert message["ship_type"] == sent["ship_type"][row]
        if "dimensions" in what:
            for name in ("to_bow", "to_stern", "to_port", "to_starboard"):
                assert message[name] == sent[f"{name}_m"][row]


def test_voyage_reports_come_back_in_two_sentences() -> None:
    """Type 5 is two sentences and decodes to identity, dimensions, draught and destination; no ETA."""
    sent = columns()
    got = decoded(payloads.voyage_static(sent))
    assert all(message.count(b"\n") == 2 for message in lines(payloads.voyage_static(sent)))
    assert_static(got, sent, ("name", "callsign", "ship_type", "dimensions"))
    for row, message in enumerate(got):
        assert (message["mmsi"], message["imo"]) == (sent["mmsi"][row], sent["imo"][row])
        assert message["draught"] == pytest.approx(sent["draught_m"][row])
        assert message["destination"] == sent["destination"][row]
        assert (message["month"], message["day"], message["hour"], message["minute"]) == (0, 0, 24, 60)


def test_class_b_statics_come_back_part_by_part() -> None:
    """Type 24 part A carries the name, part B type, call sign and dimensions."""
    sent = columns()
    part_a, part_b = decoded(payloads.class_b_name(sent)), decoded(payloads.class_b_static(sent))
    assert {m["partno"] for m in part_a} == {0} and {m["partno"] for m in part_b} == {1}
    assert_static(part_a, sent, ("name",))
    assert_static(part_b, sent, ("callsign", "ship_type", "dimensions"))


def test_base_stations_say_date_and_time() -> None:
    """Type 4 carries the UTC date and time of sending, over a month's and a leap year's end."""
    sent = columns()
    for row, message in enumerate(decoded(payloads.base_station(sent))):
        when = np.datetime64(int(sent["time_us"][row]), "us").astype(object)
        got = [message[n] for n in ("year", "month", "day", "hour", "minute", "second")]
        assert got == [when.year, when.month, when.day, when.hour, when.minute, when.second]


def test_course_just_below_north_is_not_taken_for_unavailable() -> None:
    """359.97 degrees rounds to 0.0, not to 360.0, which means "not available"; heading likewise."""
    sent = {name: value[:2] if isinstance(value, np.ndarray) else value for name, value in columns().items()}
    sent["cog_deg"] = sent["heading_deg"] = np.array([359.97, 359.6])
    got = decoded(payloads.class_a_position(sent))
    assert [m["course"] for m in got] == [0.0, 359.6]
    assert [m["heading"] for m in got] == [0, 0]


def xor(text: bytes) -> int:
    return reduce(lambda a, b: a ^ b, text, 0)


PREFIXES = {
    TimeForm.TAG_BLOCK: rb"\\(s:st-1,c:1741910400)\*(..)\\!AIVDM,.*\n",
    TimeForm.TAG_BLOCK_MS: rb"\\(s:st-1,c:1741910400250)\*(..)\\!AIVDM,.*\n",
    TimeForm.EPOCH_PREFIX: rb"1741910400 !AIVDM,.*\n",
    TimeForm.EPOCH_PREFIX_FLOAT: rb"1741910400\.250 !AIVDM,.*\n",
    TimeForm.EPOCH_PREFIX_NS: rb"1741910400250000000 !AIVDM,.*\n",
    TimeForm.EPOCH_SUFFIX: rb"!AIVDM,.*\*..,st-1,1741910400\n",
    TimeForm.PGHP: rb"\$(PGHP,1,2025,3,14,0,0,0,250,999,,9990001,1,..)\*(..)\r\n!AIVDM,.*\n",
    TimeForm.NONE: rb"!AIVDM,.*\n",
}  # fmt: skip


@pytest.mark.parametrize("form", PREFIXES)
def test_time_forms_are_written_as_archives_have_them(form: TimeForm) -> None:
    """Each time form has its exact layout, and tag blocks and wrappers carry right checksums."""
    first = lines(payloads.class_a_position(columns()), form)[0]
    match = re.fullmatch(PREFIXES[form], first)
    assert match, first
    if match.groups():
        assert xor(match[1]) == int(match[2], 16)


def test_groups_name_station_and_time_on_the_first_part_only() -> None:
    """In a tag-block group both parts carry g:, only the first s: and c:."""
    first, second = lines(payloads.voyage_static(columns()), TimeForm.TAG_GROUP)[7].splitlines()
    assert first.startswith(b"\\g:1-2-7,s:st-1,c:1741910407*") and second.startswith(b"\\g:2-2-7*")
    for line in (first, second):
        block = line.split(b"\\")[1]
        assert xor(block[:-3]) == int(block[-2:], 16)
