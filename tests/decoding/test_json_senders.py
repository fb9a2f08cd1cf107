"""JSON messages of every sender that is described: each field in our units."""

from __future__ import annotations

import numpy as np
import pytest
from json_messages import NOON_US, POSITION, aisstream, catcher, decoded, delta, the


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
