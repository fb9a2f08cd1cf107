"""JSON messages of every sender that is described, and everything that may be wrong with one."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.detect import detect
from decoders.errors import FormatError, UnknownFormat
from decoders.json_formats import json_format_named, json_formats, parse_json_format
from decoders.jsonlines import MAX_LINE_BYTES, JsonDecoder
from decoders.nmea import NmeaDecoder
from decoders.reading import read_file
from decoders.reports import Batch, PositionReports, StaticReports

NOON_US = 1_672_315_352_000_000  # 2022-12-29 12:02:32 UTC
SENTENCE = "!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A"
TWO = [
    "!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    "!AIVDM,2,2,1,A,88888888880,2*25",
]


def decoded(*messages: Any, heard_us: int | None = None) -> Batch:
    """What the messages (objects, or bytes as they stand) give."""
    lines = [message if isinstance(message, bytes) else json.dumps(message).encode() for message in messages]
    return JsonDecoder().step(b"\n".join(lines), 0, heard_us)


def the(rows: PositionReports | StaticReports) -> dict[str, Any]:
    """The one row."""
    assert len(rows) == 1
    return {name: column[0].item() for name, column in rows.columns().items()}


def aisstream(kind: str, body: dict[str, Any], time_utc: str = "2022-12-29 12:02:32.5 +0000 UTC") -> dict[str, Any]:
    """A message of aisstream.io."""
    return {
        "MessageType": kind,
        "MetaData": {"MMSI": 366999999, "ShipName": "EXAMPLE  ", "time_utc": time_utc},
        "Message": {kind: {"UserID": 366999999, "Valid": True, **body}},
    }


POSITION = aisstream(
    "PositionReport",
    {
        "MessageID": 3, "Latitude": 31.5, "Longitude": -122.25, "Sog": 12.5, "Cog": 90.5, "TrueHeading": 91,
        "NavigationalStatus": 5, "Timestamp": 32,
    },
)  # fmt: skip


def test_aisstream_positions() -> None:
    """Every field of a class A position, in our units; the time is the service's, to the microsecond."""
    row = the(decoded(POSITION).positions)
    assert row == {
        "time_us": NOON_US + 500_000, "mmsi": 366999999, "lat_deg": 31.5, "lon_deg": -122.25, "sog_kn": 12.5,
        "cog_deg": 90.5, "heading_deg": 91.0, "nav_status": 5, "msg_type": 3, "utc_second": 32, "station": b"",
        "offset": 0,
    }  # fmt: skip


def test_aisstream_values_that_mean_nothing_are_not_available() -> None:
    """102.3 kn, 360 and 511 degrees, status 15, second 60; latitude 91 refuses the message by its name."""
    nothing = {
        "Latitude": 1, "Longitude": 2, "Sog": 102.3, "Cog": 360, "TrueHeading": 511, "NavigationalStatus": 15,
        "Timestamp": 60,
    }  # fmt: skip
    row = the(decoded(aisstream("PositionReport", nothing)).positions)
    assert [row["nav_status"], row["utc_second"]] == [-1, -1]
    assert np.isnan([row["sog_kn"], row["cog_deg"], row["heading_deg"]]).all()
    batch = decoded(aisstream("PositionReport", {"Latitude": 91, "Longitude": 181}))
    assert batch.lines == {"refused:position_not_available": 1}


def test_aisstream_statics_and_class_b() -> None:
    """Static data of class A, both parts of message 24 (the one not sent is marked), classes B, 19 and 27."""
    sides = {"A": 120, "B": 30, "C": 10, "D": 12}
    batch = decoded(
        aisstream(
            "ShipStaticData",
            {
                "ImoNumber": 9074729, "Name": "EXAMPLE @@@", "CallSign": "PABC", "Type": 80, "Destination": "SEA",
                "MaximumStaticDraught": 6.7, "Dimension": sides,
            },
        ),
        aisstream("StaticDataReport", {"ReportA": {"Valid": True, "Name": "PART A"}, "ReportB": {"Valid": False}}),
        aisstream(
            "StaticDataReport",
            {"ReportA": {"Valid": False}, "ReportB": {"Valid": True, "ShipType": 36, "Dimension": sides}},
        ),
        aisstream("StandardClassBPositionReport", {"Latitude": 1, "Longitude": 2}),
        aisstream("ExtendedClassBPositionReport", {"Latitude": 1, "Longitude": 2, "Name": "B19", "Type": 37}),
        aisstream("LongRangeAisBroadcastMessage", {"Latitude": 1, "Longitude": 2, "Sog": 63}),
        aisstream("AidsToNavigationReport", {"Latitude": 1, "Longitude": 2}),
    )  # fmt: skip
    assert batch.lines == {"read": 7}
    assert batch.messages == {5: 1, 24: 2, 18: 1, 19: 1, 27: 1, 0: 1}
    assert batch.positions.msg_type.tolist() == [18, 19, 27]
    assert np.isnan(batch.positions.sog_kn).all()
    statics = batch.statics
    assert statics.name.tolist() == ["EXAMPLE", "PART A", "", "B19"]
    assert statics.imo.tolist() == [9074729, 0, 0, 0]
    assert statics.ship_type.tolist() == [80, 0, 36, 37]
    assert statics.to_bow_m.tolist()[::2] == [120.0, 120.0]
    assert statics.draught_m[0] == pytest.approx(6.7)


def test_what_the_sender_marks_as_unusable_is_refused() -> None:
    """``Valid: false`` refuses a message."""
    batch = decoded(aisstream("PositionReport", {"Latitude": 1, "Longitude": 2, "Valid": False}))
    assert (batch.lines, len(batch.positions)) == ({"refused:said_invalid": 1}, 0)


def catcher(**more: Any) -> dict[str, Any]:
    """A message of AIS-catcher."""
    return {"class": "AIS", "device": "AIS-catcher", "rxuxtime": 1672315352.25, **more}


def test_sentences_inside_messages_go_through_the_sentence_decoder() -> None:
    """AIS-catcher's nmea, of one sentence or of several, gives the same reports as the bare sentences."""
    batch = decoded(catcher(nmea=[SENTENCE], stationid="north"), catcher(nmea=TWO), catcher(nmea=SENTENCE))
    bare = NmeaDecoder().step("\n".join([SENTENCE, *TWO, SENTENCE]).encode(), 0, NOON_US + 250_000)
    assert batch.lines == {"read": 3}
    assert batch.messages == bare.messages == {1: 2, 5: 1}
    for ours, theirs in ((batch.positions, bare.positions), (batch.statics, bare.statics)):
        for name in set(theirs.columns()) - {"offset", "station"}:
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    assert batch.positions.station.tolist() == [b"north", b""]
    lines = [len(json.dumps(catcher(nmea=[SENTENCE], stationid="north"))) + 1]
    assert batch.statics.offset.tolist() == lines


@pytest.mark.parametrize("bad", [TWO[:1], TWO[::-1], [TWO[0], TWO[0]], [SENTENCE[:-1] + "B"], ["!AIVDM,1,1,,A,x"]])
def test_a_bad_sentence_refuses_its_own_message_only(bad: list[str]) -> None:
    """Half a message, parts in the wrong order, a wrong checksum: one line is refused, its neighbours are read."""
    batch = decoded(catcher(nmea=TWO), catcher(nmea=[SENTENCE]), catcher(nmea=bad), catcher(nmea=TWO))
    (reason,) = set(batch.lines) - {"read"}
    assert reason.startswith("refused:")
    assert batch.lines == {"read": 3, reason: 1}
    assert (len(batch.positions), len(batch.statics)) == (1, 2)


def test_parts_in_different_messages_are_never_put_together() -> None:
    """Each message is complete in itself, however its neighbours look."""
    batch = decoded(catcher(nmea=TWO[:1]), catcher(nmea=TWO[1:]), catcher(nmea=[SENTENCE]))
    assert batch.lines == {"refused:message_incomplete": 1, "refused:part_without_first": 1, "read": 1}
    assert len(batch.statics) == 0


@pytest.mark.parametrize(
    "bad", [7, {}, [], [7], ["hello"], ["\u20ac"], ["$PGHP,1"], [SENTENCE] * 10, ["x" * 2000], ["a\nb"], [""], True]
)
def test_what_is_no_sentence_is_a_bad_value(bad: object) -> None:
    """Anything else under nmea is refused, and nothing of it is decoded."""
    assert decoded(catcher(nmea=bad), catcher(nmea=[SENTENCE])).lines == {"refused:bad_value": 1, "read": 1}


def test_decoded_messages_of_ais_catcher() -> None:
    """Without sentences the decoded keys count; the time may be digits."""
    batch = decoded(
        catcher(type=1, mmsi=244030470, status=0, speed=6.8, lon=5.5, lat=51.25, course=90.5, second=44),
        catcher(type=5, mmsi=244030470, shipname="EXAMPLE", imo=9074729, to_bow=10, draught=4.5),
        {"class": "AIS", "device": "x", "rxtime": "20221229120232", "type": 18, "mmsi": 244030471, "lat": 1, "lon": 2},
        catcher(type=4, mmsi=2440304),
    )
    assert batch.lines == {"read": 4}
    assert batch.positions.time_us.tolist() == [NOON_US + 250_000, NOON_US]
    assert batch.positions.msg_type.tolist() == [1, 18]
    assert batch.statics.name.tolist() == ["EXAMPLE"]


def test_digitraffic_and_its_topic() -> None:
    """The ship stands in the topic; seconds in one kind of message, milliseconds and decimetres in the other."""
    where = {"time": 1672315352, "sog": 10.7, "cog": 326.5, "navStat": 0, "heading": 325, "lon": 20.25, "lat": 59.5}
    who = {"timestamp": 1672315352000, "draught": 68, "refA": 160, "refB": 33, "imo": 9543756, "type": 70}
    batch = decoded(
        {"topic": "vessels-v2/230111111/location", "message": where},
        {"topic": "vessels-v2/230111111/metadata", "message": who},
        {"topic": "vessels-v2/status", "message": {"updated": 1}},
        {"topic": "vessels-v2/x/location", "message": where},
    )
    assert batch.lines == {"read": 3, "refused:unknown_record": 1}
    assert the(batch.positions)["mmsi"] == the(batch.statics)["mmsi"] == 230111111
    assert the(batch.positions)["time_us"] == the(batch.statics)["time_us"] == NOON_US
    assert the(batch.statics)["draught_m"] == pytest.approx(6.8)


def test_aishub_in_both_of_its_units() -> None:
    """Human readable values, as numbers or in quotes, and those of the messages, give the same reports."""
    plain = {
        "MMSI": 413811000, "TIME": "2022-12-29 12:02:32 GMT", "LONGITUDE": 118.5, "LATITUDE": 38.75, "COG": 356.5,
        "SOG": 0.5, "HEADING": 116, "NAVSTAT": 1, "IMO": 9074729, "NAME": "EXAMPLE", "TYPE": 70, "A": 197, "B": 27,
        "C": 20, "D": 12, "DRAUGHT": 7.5, "DEST": "",
    }  # fmt: skip
    coded = plain | {
        "TIME": "1672315352", "LONGITUDE": 71_100_000, "LATITUDE": 23_250_000, "COG": 3565, "SOG": 5, "DRAUGHT": 75,
    }  # fmt: skip
    batch = decoded(plain, {key: str(value) for key, value in plain.items()}, coded)
    assert batch.lines == {"read": 3}
    for rows in (batch.positions, batch.statics):
        for name, column in rows.columns().items():
            if name != "offset":
                np.testing.assert_allclose(column, column[0]) if column.dtype.kind == "f" else None
                assert column.dtype.kind == "f" or len(set(column.tolist())) == 1, name


def test_barentswatch_positions_and_statics() -> None:
    """The combined stream's two kinds; a position that is null is not one; draught in decimetres."""
    at = {"mmsi": 257000000, "msgtime": "2022-12-29T13:02:32+01:00"}
    batch = decoded(
        {**at, "type": "Position", "messageType": 1, "latitude": 60.5, "longitude": 5.25, "courseOverGround": None},
        {**at, "type": "Staticdata", "messageType": 5, "name": "EXAMPLE", "draught": 55, "dimensionA": 10},
        {**at, "type": "Aton", "messageType": 21, "latitude": 60.5, "longitude": 5.25, "name": "BUOY"},
        {**at, "type": "Position", "messageType": 1, "latitude": None, "longitude": None},
    )
    assert batch.lines == {"read": 4}
    assert the(batch.positions)["time_us"] == NOON_US
    assert np.isnan(the(batch.positions)["cog_deg"])
    assert the(batch.statics)["draught_m"] == 5.5


def delta(*values: tuple[str, Any], context: str = "vessels.urn:mrn:imo:mmsi:244660000") -> dict[str, Any]:
    """A SignalK delta with one update."""
    pairs = [{"path": path, "value": value} for path, value in values]
    return {"context": context, "updates": [{"timestamp": "2022-12-29T12:02:32.000Z", "values": pairs}]}


def test_signalk_units_are_turned_into_ours() -> None:
    """Metres a second to knots, radians to degrees, words to codes, length and antenna to four distances."""
    batch = decoded(
        delta(
            ("navigation.position", {"latitude": 52.5, "longitude": 4.25}),
            ("navigation.speedOverGround", 1852 / 3600 * 10),
            ("navigation.courseOverGroundTrue", np.pi / 2),
            ("navigation.headingTrue", np.pi),
            ("navigation.state", "Moored"),
            ("", {"name": "EXAMPLE", "communication": {"callsignVhf": "PABC"}}),
            ("design.length", {"overall": 100}),
            ("design.beam", 20),
            ("sensors.ais.fromBow", 30),
            ("sensors.ais.fromCenter", 2),
            ("registrations.imo", "IMO 9074729"),
            ("design.aisShipType", {"id": 80, "name": "Tanker"}),
        )
    )
    position, static = the(batch.positions), the(batch.statics)
    assert position["sog_kn"] == pytest.approx(10.0)
    assert [position["cog_deg"], position["heading_deg"]] == pytest.approx([90.0, 180.0])
    assert (position["nav_status"], position["mmsi"], position["time_us"]) == (5, 244660000, NOON_US)
    sides = [static[f"to_{side}_m"] for side in ("bow", "stern", "port", "starboard")]
    assert sides == [30.0, 70.0, 12.0, 8.0]
    assert (static["name"], static["callsign"], static["imo"], static["ship_type"]) == ("EXAMPLE", "PABC", 9074729, 80)


def test_signalk_deltas_without_a_position_and_of_no_ship() -> None:
    """A delta of speed alone is read and gives nothing; so is one of a buoy; of several updates any may be read."""
    several = delta(("name", "EXAMPLE"))
    several["updates"] += [7, {"values": "rubbish"}, {}]
    buoy = delta(("name", "X"), context="atons.urn:mrn:imo:mmsi:992456789")
    batch = decoded(delta(("navigation.speedOverGround", 3)), buoy, several)
    assert batch.lines == {"read": 3}
    assert len(batch.positions) == 0
    assert batch.statics.name.tolist() == ["EXAMPLE"]


def with_field(name: str, value: Any) -> dict[str, Any]:
    """The aisstream position with one value changed."""
    changed: dict[str, Any] = json.loads(json.dumps(POSITION))
    changed["Message"]["PositionReport"][name] = value
    return changed


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, "bad_value"), ("12.5", "bad_value"), ([1], "bad_value"), ({"a": 1}, "bad_value"), ("", "bad_value"),
        (None, None), (7, None), (1e308, None), (-5, None),
    ],
)  # fmt: skip
def test_numbers_are_numbers(value: Any, reason: str | None) -> None:
    """A boolean, text, list or object where a speed belongs refuses the message; null and odd numbers do not."""
    batch = decoded(with_field("Sog", value), POSITION)
    assert batch.lines == ({"read": 2} if reason is None else {f"refused:{reason}": 1, "read": 1})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"MessageType":"PositionReport","Message":{"PositionReport":{"Latitude":NaN}}}', "not_json"),
        (b'{"MessageType":"PositionReport","Message":{"PositionReport":{"Latitude":Infinity}}}', "not_json"),
        (b'{"MessageType":"PositionReport","Message":{"PositionReport":{"Latitude":1e400}}}', "not_json"),
        (b'{"MessageType":"PositionReport","Message":{"PositionReport":{"Latitude":' + b"9" * 400 + b"}}}", "not_json"),
        (b'{"MessageType":"ShipStaticData","Message":{"ShipStaticData":{"Name":"\\ud800"}}}', "not_json"),
        (b'{"MessageType":"ShipStaticData","Message":{"ShipStaticData":{"Name":"\xff"}}}', "not_json"),
        (b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}", "not_json"),
        (b"{" + b'"a":{' * 5_000 + b"}" * 5_001, "not_json"),
        (b'{"half":', "not_json"),
        (b"[1,2]", "not_json"),
        (b"7", "not_json"),
        (b'"text"', "not_json"),
        (b"null", "not_json"),
        (b"!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A", "not_json"),
        (b"{}", "unknown_json"),
        (b'{"MessageType":7,"Message":{}}', "unknown_record"),
        (b'{"MessageType":"PositionReport","Message":[]}', "unknown_record"),
        (b'{"MessageType":"PositionReport","Message":{"PositionReport":[1]}}', "unknown_record"),
        (b'{"MessageType":"PositionReport","Message":{"PositionReport":{}}}', "no_time"),
        (b'{"class":"AIS","device":"x","type":true,"mmsi":1}', "unknown_record"),
    ],
)  # fmt: skip
def test_every_kind_of_rubbish_has_its_name(text: bytes, reason: str) -> None:
    """Whatever a line is, it is refused under one name, its place is kept, and the line behind it is read."""
    batch = decoded(POSITION, text, POSITION)
    assert batch.lines == {"read": 2, f"refused:{reason}": 1}
    assert batch.first_places == {f"refused:{reason}": len(json.dumps(POSITION)) + 1}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("2022-12-29 12:02:32", "bad_time"), ("2022-13-29 12:02:32 +0000 UTC", "bad_time"), ("yesterday", "bad_time"),
        ("2022-12-29 25:02:32 +0000 UTC", "bad_time"), (1672315352, "bad_time"), (True, "bad_time"),
        ("1066-10-14 09:00:00 +0000 UTC", "bad_time"), ("2022-12-29 12:02:32 +0000 UTC; DROP", "bad_time"),
        ("٢٠٢٢-12-29 12:02:32 +0000 UTC", "bad_time"), (None, "no_time"), ("", "no_time"),
    ],
)  # fmt: skip
def test_times_are_not_guessed(said: Any, reason: str) -> None:
    """A time without a zone, or that is none, refuses the message; one that is missing only where nobody heard it."""
    message = json.loads(json.dumps(POSITION))
    message["MetaData"]["time_utc"] = said
    assert decoded(message).lines == {f"refused:{reason}": 1}
    heard = decoded(message, heard_us=5)
    assert heard.lines == ({"read": 1} if reason == "no_time" else {"refused:bad_time": 1})


def test_offsets_of_time_zones_are_heeded() -> None:
    """A zone other than UTC moves the time."""
    for said in ("2022-12-29 14:02:32+02:00", "2022-12-29T10:02:32-0200", "2022-12-29T12:02:32Z"):
        message = json.loads(json.dumps(POSITION))
        message["MetaData"]["time_utc"] = said
        assert the(decoded(message).positions)["time_us"] == NOON_US


@pytest.mark.parametrize("mmsi", [0, -1, 1_000_000_000, 2**31, 1e20, None])
def test_an_mmsi_out_of_range_is_refused(mmsi: Any) -> None:
    """Nothing wraps around to another ship's number."""
    assert decoded(with_field("UserID", mmsi)).lines == {"refused:mmsi_out_of_range": 1}


def test_an_mmsi_is_whole() -> None:
    """A fraction or a boolean is no MMSI."""
    assert decoded(with_field("UserID", 366999999.5)).lines == {"refused:bad_value": 1}
    assert decoded(with_field("UserID", True)).lines == {"refused:bad_value": 1}


def test_names_lose_what_cannot_be_printed() -> None:
    """Line ends, NUL and direction marks in a name become blanks; letters of any script stay; long ones are cut."""
    body = {"Name": "A\u202eB\nC\x00D", "Destination": "\u041a" * 500}
    row = the(decoded(aisstream("ShipStaticData", body)).statics)
    assert row["name"] == "A B C D"
    assert row["destination"] == "\u041a" * 20


def test_blank_and_comment_lines_and_lines_too_long() -> None:
    """They are counted as in any other input."""
    long = b'{"a":"' + b"x" * MAX_LINE_BYTES + b'"}'
    assert decoded(b"", b"# note", long, POSITION, b"  ").lines == {
        "blank": 2, "comment": 1, "refused:line_too_long": 1, "read": 1,
    }  # fmt: skip


def some_messages(count: int, seed: int) -> list[bytes]:
    """Messages of all senders, some damaged."""
    draw = random.Random(seed)
    kinds: list[Any] = [
        POSITION, aisstream("ShipStaticData", {"Name": "X"}), catcher(nmea=[SENTENCE]), catcher(nmea=TWO),
        catcher(nmea=TWO[:1]), catcher(type=1, mmsi=1, lat=1, lon=2), delta(("name", "Y")), with_field("Sog", True),
    ]  # fmt: skip
    made = [json.dumps(draw.choice(kinds)).encode() for _ in range(count)]
    return [line if draw.random() < 0.8 else line[: draw.randrange(len(line))] for line in made]


def test_how_the_input_is_cut_leaves_no_trace() -> None:
    """One block or many: the same rows in the order of the lines, the same classes, and each line in one of them."""
    lines = some_messages(2_500, 5)
    whole = JsonDecoder().step(b"\n".join(lines), 0)
    assert whole.total_lines() == len(lines)
    assert (np.diff(whole.positions.offset) >= 0).all()
    decoder, parts, at = JsonDecoder(), [], 0
    for low in range(0, len(lines), 313):
        block = b"".join(line + b"\n" for line in lines[low : low + 313])
        parts.append(decoder.step(block, at))
        at += len(block)
    for rows in ("positions", "statics"):
        kind = PositionReports if rows == "positions" else StaticReports
        joined = kind.concat([getattr(part, rows) for part in parts])
        for name, column in joined.columns().items():
            np.testing.assert_array_equal(column, getattr(getattr(whole, rows), name))
    counted: dict[str, int] = {}
    for part in parts:
        for name, count in part.lines.items():
            counted[name] = counted.get(name, 0) + count
    assert counted == whole.lines


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_value_anywhere_is_survived(data: st.DataObject) -> None:
    """With any part of a message replaced by any value, the line still ends in one class and no row is out of range."""
    sender = data.draw(
        st.sampled_from(
            [POSITION, catcher(nmea=[SENTENCE]), catcher(type=5, mmsi=1, shipname="X"),
             delta(("navigation.position", {"latitude": 1, "longitude": 2}), ("name", "X")),
             {"topic": "vessels-v2/230111111/location", "message": {"time": 1672315352, "lat": 1, "lon": 2}}]
        )
    )  # fmt: skip
    message = json.loads(json.dumps(sender))
    at: Any = message
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(at[key], (dict, list)) or not at[key] or data.draw(st.booleans()):
            at[key] = data.draw(VALUES)
            break
        at = at[key]
    batch = decoded(json.dumps(message).encode(), POSITION, heard_us=NOON_US)
    assert batch.total_lines() == 2
    assert batch.lines.get("read", 0) >= 1
    assert (np.abs(batch.positions.lat_deg) <= 90).all()
    assert ((batch.positions.mmsi > 0) & (batch.positions.mmsi < 10**9)).all()
    assert (batch.positions.time_us >= 0).all()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_survived(rubbish: bytes) -> None:
    """Any bytes: each line of them in one class."""
    batch = JsonDecoder().step(rubbish, 0)
    lines = rubbish.split(b"\n")
    assert batch.total_lines() == len(lines) - (not lines[-1])


def test_files_are_detected_and_read(tmp_path: Path) -> None:
    """A file of JSON lines is told by its content, read as any file, and its messages stand at their bytes."""
    path = tmp_path / "aisstream.jsonl"
    first, second = json.dumps(POSITION).encode(), b'{"half'
    path.write_bytes(b"\n".join([first, second, first]) + b"\n")
    batches = list(read_file(path))
    positions = PositionReports.concat([batch.positions for batch in batches])
    assert positions.offset.tolist() == [0, len(first) + len(second) + 2]
    lines = [batch.lines for batch in batches if batch.lines]
    assert lines == [{"read": 2, "refused:not_json": 1}]
    assert detect(second + b"\n" + json.dumps(catcher()).encode()) == "aiscatcher"
    with pytest.raises(UnknownFormat, match="JSON of no known AIS form"):
        detect(b'{"hello": 1}\n')


def test_a_file_with_no_times_says_so(tmp_path: Path) -> None:
    """Where no message carries a time, that is said as of any input."""
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"class": "AIS", "device": "x", "type": 1, "mmsi": 1, "lat": 1, "lon": 2}) + "\n")
    problems = [problem for batch in read_file(path) for problem in batch.problems]
    assert len(problems) == 1
    assert "no message carries a time" in problems[0]


def test_a_format_that_was_asked_for_is_the_only_one() -> None:
    """With ``--format`` the messages of other senders are not taken for its own."""
    decoder = JsonDecoder(json_format_named("signalk"))
    assert decoder.step(json.dumps(POSITION).encode(), 0).lines == {"refused:unknown_json": 1}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("keys = ", "kees = "), "unknown key|keys is missing"),
        (('form = "text"', 'form = "guess"'), "form: 'guess' is not one of"),
        (('zone = "stated"', 'zone = "CET"'), "zone: 'CET'"),
        (('lat_deg = "Latitude"\n', ""), "position must have lat_deg and lon_deg"),
        (('sog_kn = "Sog"', "sog_kn = 7"), "sog_kn: 7 is not a path"),
        (('sog_kn = "Sog"', 'speed = "Sog"'), "unknown key record.0..position.speed"),
        (('mmsi = "UserID"\n', ""), "mmsi is missing"),
        (('where = { MessageType = "PositionReport" }', "where = { MessageType = 1.5 }"), "no value, list of values"),
    ],
)  # fmt: skip
def test_a_wrong_description_is_an_error_with_file_and_key(change: tuple[str, str], problem: str) -> None:
    """What is wrong in a description is said with its place."""
    folder = Path(__file__).parents[2] / "decoders" / "formats" / "json"
    text = (folder / "aisstream.toml").read_text("utf-8")
    assert change[0] in text
    with pytest.raises(FormatError, match=problem):
        parse_json_format("aisstream.toml", text.replace(change[0], change[1], 1))


def test_every_description_is_shipped_and_named() -> None:
    """The six senders; a name that is none gives none."""
    assert len(json_formats()) == 6
    assert json_format_named("nmea") is None


@pytest.mark.slow
def test_the_rate_is_that_of_a_file_reader() -> None:
    """A floor far below what is measured (docs/decisions/0016): a fall to per-field Python would be seen."""
    block = b"\n".join([json.dumps(POSITION).encode()] * 20_000)
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        JsonDecoder().step(block, 0)
        best = max(best, 20_000 / (time.process_time() - began))
    assert best > 30_000


def test_the_refused_message_is_the_one_whose_sentence_is_damaged() -> None:
    """Among messages of one sentence each, decoded together, each fate belongs to its own message."""
    from decoders.json_sentences import decode_sentences

    good, damaged = "!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A", "!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0B"
    given = [good, damaged, good, "!AIVDM,1,1,,A,,0*26", good, damaged]
    done = decode_sentences(given, np.arange(6, dtype=np.int64) + 1_700_000_000_000_000, np.ones(6, bool))
    assert sorted(row for row, _ in done.fates) == [1, 3, 5]
    assert dict(done.fates)[1] == dict(done.fates)[5] == "refused:bad_checksum" != dict(done.fates)[3]
    assert done.position_rows.tolist() == [0, 2, 4]
