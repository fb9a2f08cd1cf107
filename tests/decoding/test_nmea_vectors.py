"""Field layouts, scaling and "not available" values against vectors worked by hand from ITU-R M.1371-5, annex 8."""

from __future__ import annotations

import math

import pytest

from decoders.nmea import NmeaDecoder
from decoders.reports import Batch, PositionReports, StaticReports

T = "1700000000 "


def decode(*lines: str) -> Batch:
    return NmeaDecoder().step("\n".join(lines).encode("latin-1"), 0)


def one_position(ais, bits: str) -> PositionReports:
    (line,) = ais.lines(bits)
    batch = decode(T + line)
    assert dict(batch.lines) == {"read": 1} and len(batch.positions) == 1
    return batch.positions


def one_static(ais, bits: str, of: int = 1) -> StaticReports:
    batch = decode(*[T + line for line in ais.lines(bits, of=of)])
    assert batch.lines["read"] == 1 and len(batch.statics) == 1
    return batch.statics


def test_a_class_a_report_written_bit_by_bit(ais):
    """Every field of message 1 stands where the standard puts it."""
    bits = (
        "000001" "00" "001110100101010011011100100000"  # type 1, repeat 0, MMSI 244660000
        "0101" "10000000" "0001111011" "1"  # status 5 moored; turn -128 not available; 123 tenths of a knot; accuracy
        "0000001001101110100011110000"  # longitude 2550000 ten-thousandths of a minute
        "001111000001010011011100000"  # latitude 31500000
        "001110001001" "001011010" "010001" "00" "000" "0" "0000000000000000000"  # 90.5 degrees; 90; second 17
    )  # fmt: skip
    assert len(bits) == 168
    got = one_position(ais, bits)
    assert got.mmsi[0] == 244660000
    assert got.lon_deg[0] == 4.25 and got.lat_deg[0] == 52.5  # 255 and 3150 minutes
    assert got.nav_status[0] == 5 and got.heading_deg[0] == 90 and got.utc_second[0] == 17
    assert got.sog_kn[0] == pytest.approx(12.3) and got.cog_deg[0] == pytest.approx(90.5)
    assert got.time_us[0] == 1_700_000_000_000_000 and got.msg_type[0] == 1


def test_the_armour_table_of_iec_61162(ais):
    """Payload characters worked by hand: 1 is 000001, w is 63, ` is 40, W is 39, 0 is 0."""
    # Repeat 3, MMSI 1101...: the bits of "1", "w", "`", "W" and zeros after them are those of a message 1.
    payload = "1w`W" + "0" * 20
    bits = "000001111111101000100111" + "0" * 120
    assert ais.payload(bits) == (payload, 0)
    mmsi = int(bits[8:38], 2)
    batch = decode(T + ais.line(payload))
    assert mmsi > 999_999_999 and dict(batch.lines) == {"refused:mmsi_out_of_range": 1}
    for letter, value in (
        ("0", 0),
        ("9", 9),
        (":", 10),
        ("@", 16),
        ("A", 17),
        ("W", 39),
        ("`", 40),
        ("a", 41),
        ("w", 63),
    ):
        got = decode(T + ais.line("1000" + "0" * 2 + letter + "0" * 17)).lines
        assert dict(got) == ({"read": 1} if value >> 4 else {"refused:mmsi_out_of_range": 1})  # bits 36-37 end the MMSI


def test_south_and_west_are_negative(ais):
    """Coordinates are two's complement: -1 is one 1/10,000 minute south and west of zero."""
    got = one_position(ais, ais.class_a(lat=-1, lon=-1))
    assert got.lat_deg[0] == -1 / 600000 and got.lon_deg[0] == -1 / 600000
    got = one_position(ais, ais.class_a(lat=-54_000_000, lon=-108_000_000))
    assert got.lat_deg[0] == -90 and got.lon_deg[0] == -180


@pytest.mark.parametrize(
    ("field", "raw", "column", "value"),
    [
        ("sog", 0, "sog_kn", 0.0), ("sog", 1022, "sog_kn", 102.2), ("sog", 1023, "sog_kn", math.nan),
        ("sog", 512, "sog_kn", 51.2), ("sog", 630, "sog_kn", 63.0),
        ("cog", 0, "cog_deg", 0.0), ("cog", 3599, "cog_deg", 359.9), ("cog", 3600, "cog_deg", math.nan),
        ("cog", 4095, "cog_deg", math.nan),
        ("heading", 359, "heading_deg", 359.0), ("heading", 360, "heading_deg", math.nan),
        ("heading", 511, "heading_deg", math.nan),
        ("status", 0, "nav_status", 0), ("status", 14, "nav_status", 14), ("status", 15, "nav_status", -1),
        ("second", 59, "utc_second", 59), ("second", 60, "utc_second", -1), ("second", 63, "utc_second", -1),
    ],
)  # fmt: skip
def test_edges_of_class_a_fields(ais, field, raw, column, value):
    """The last usable and the first "not available" value of each field."""
    got = getattr(one_position(ais, ais.class_a(**{field: raw})), column)[0]
    assert math.isnan(got) if math.isnan(value) else got == pytest.approx(value)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"lat": 91 * 600000}, "refused:position_not_available"),
        ({"lon": 181 * 600000}, "refused:position_not_available"),
        ({"lat": 91 * 600000, "lon": 181 * 600000}, "refused:position_not_available"),
        ({"lat": 54_000_001}, "refused:position_out_of_range"),
        ({"lon": -108_000_001}, "refused:position_out_of_range"),
        ({"mmsi": 0}, "refused:mmsi_out_of_range"),
        ({"mmsi": 1_000_000_000}, "refused:mmsi_out_of_range"),
    ],
)
def test_reports_without_place_or_ship_are_refused_by_name(ais, raw, reason):
    """A line whose position or MMSI cannot be used is counted under its reason and gives no report."""
    batch = decode(T + ais.lines(ais.class_a(**raw))[0])
    assert dict(batch.lines) == {reason: 1} and not len(batch.positions) and not batch.messages


def test_short_mmsi_are_kept(ais):
    """Seven digits are what some stations send; they are no reason to lose the report."""
    assert one_position(ais, ais.class_a(mmsi=2190067)).mmsi[0] == 2190067


def test_aircraft_speeds_are_whole_knots(ais):
    """Message 9: speed in knots, 1022 kept, 1023 not available; no status, no heading."""

    def bits(sog):
        return ais.bits(
            (9, 6), (0, 2), (111232506, 30), (303, 12), (sog, 10), (0, 1), (2550000, 28), (31500000, 27), (1540, 12),
            (15, 6), (0, 34),
        )  # fmt: skip

    got = one_position(ais, bits(150))
    assert got.sog_kn[0] == 150 and got.cog_deg[0] == 154 and got.utc_second[0] == 15
    assert got.nav_status[0] == -1 and math.isnan(got.heading_deg[0])
    assert one_position(ais, bits(1022)).sog_kn[0] == 1022
    assert math.isnan(one_position(ais, bits(1023)).sog_kn[0])


def test_class_b_reports(ais):
    """Message 18 has no status; message 19 gives a position and a static report from one line."""
    head = ais.bits(
        (0, 2), (338000001, 30), (0, 8), (57, 10), (0, 1), (-44_000_000, 28), (20_000_000, 27), (1234, 12), (511, 9),
        (31, 6),
    )  # fmt: skip
    got = one_position(ais, ais.bits((18, 6)) + head + ais.bits((0, 29)))
    assert got.sog_kn[0] == pytest.approx(5.7) and got.cog_deg[0] == pytest.approx(123.4)
    assert got.lon_deg[0] == -44_000_000 / 600000 and math.isnan(got.heading_deg[0]) and got.utc_second[0] == 31
    sides = ais.bits((5, 9), (6, 9), (2, 6), (1, 6), (0, 11))
    long = ais.bits((19, 6)) + head + "0000" + ais.text("SMALL CRAFT", 20) + ais.bits((37, 8)) + sides
    assert len(long) == 312
    batch = decode(T + ais.lines(long)[0])
    assert dict(batch.lines) == {"read": 1} and dict(batch.messages) == {19: 1}
    assert batch.positions.msg_type.tolist() == [19] and batch.statics.name.tolist() == ["SMALL CRAFT"]
    assert (batch.statics.ship_type[0], batch.statics.to_bow_m[0], batch.statics.to_starboard_m[0]) == (37, 5, 1)


def test_a_type_19_without_position_still_tells_the_name(ais):
    """The static half is used, so the line is read; there is no position report."""
    head = ais.bits(
        (19, 6), (0, 2), (338000001, 30), (0, 8), (57, 10), (0, 1), (181 * 600000, 28), (91 * 600000, 27), (0, 12),
        (511, 9), (60, 6),
    )  # fmt: skip
    batch = decode(T + ais.lines(head + "0000" + ais.text("NOWHERE", 20) + ais.bits((37, 8), (0, 41)))[0])
    assert dict(batch.lines) == {"read": 1} and not len(batch.positions) and batch.statics.name[0] == "NOWHERE"


def test_long_range_reports_are_coarse(ais):
    """Message 27: tenths of minutes, whole knots and degrees; 63 kn and 511 degrees are not available."""

    def bits(lon, lat, sog, cog):
        return ais.bits(
            (27, 6), (3, 2), (244660000, 30), (0, 2), (2, 4), (lon, 18), (lat, 17), (sog, 6), (cog, 9), (0, 2)
        )

    got = one_position(ais, bits(-12345, 6789, 62, 359))
    assert got.lon_deg[0] == -12345 / 600 and got.lat_deg[0] == 6789 / 600
    assert got.sog_kn[0] == 62 and got.cog_deg[0] == 359 and got.nav_status[0] == 2 and got.utc_second[0] == -1
    got = one_position(ais, bits(0, 0, 63, 511))
    assert math.isnan(got.sog_kn[0]) and math.isnan(got.cog_deg[0])
    batch = decode(T + ais.lines(bits(181 * 600, 91 * 600, 0, 0))[0])
    assert dict(batch.lines) == {"refused:position_not_available": 1}


def test_a_voyage_report(ais):
    """Message 5 in two sentences: IMO, call sign, name, type, dimensions, draught, destination."""
    got = one_static(ais, ais.voyage(), of=2)
    assert (got.imo[0], got.callsign[0], got.name[0], got.destination[0]) == (9074729, "PABC", "EXAMPLE", "ROTTERDAM")
    assert got.ship_type[0] == 80 and got.draught_m[0] == pytest.approx(12.1) and got.msg_type[0] == 5
    assert [float(getattr(got, f"to_{side}_m")[0]) for side in ("bow", "stern", "port", "starboard")] == [
        150,
        33,
        20,
        12,
    ]


def test_text_ends_at_the_first_fill_character(ais):
    """What stands after ``@`` is left over from an older message, trailing blanks are padding, inner blanks stay."""
    got = one_static(ais, ais.voyage(name="SVEA  NORD @@@ER$", destination="@HAMBURG"), of=2)
    assert got.name[0] == "SVEA  NORD" and got.destination[0] == ""


def test_reserved_ship_types_are_not_rounded(ais):
    """Codes without a name in the standard are kept as sent."""
    assert one_static(ais, ais.voyage(ship_type=88), of=2).ship_type[0] == 88
    assert one_static(ais, ais.voyage(ship_type=253), of=2).ship_type[0] == 253


def test_what_a_voyage_report_leaves_open(ais):
    """IMO 0, type 0, draught 0 and dimensions 0 are "not available"; draught 25.5 is kept."""
    got = one_static(ais, ais.voyage(imo=0, ship_type=0, draught=0, bow=0, stern=0, port=0, starboard=0), of=2)
    assert got.imo[0] == 0 and got.ship_type[0] == 0 and math.isnan(got.draught_m[0])
    assert math.isnan(got.to_bow_m[0]) and math.isnan(got.to_starboard_m[0])
    assert one_static(ais, ais.voyage(draught=255), of=2).draught_m[0] == 25.5


def test_an_unknown_reference_point_keeps_length_and_beam(ais):
    """Bow and port 0 with stern and starboard set: the sums are the ship's length and beam, kept as sent."""
    got = one_static(ais, ais.voyage(bow=0, stern=183, port=0, starboard=32), of=2)
    assert (got.to_bow_m[0], got.to_stern_m[0], got.to_port_m[0], got.to_starboard_m[0]) == (0, 183, 0, 32)


def test_class_b_statics_come_in_halves(ais):
    """Message 24 A has the name, B has type, call sign and dimensions; an auxiliary craft's B has none of the last."""
    a = ais.bits((24, 6), (0, 2), (338000001, 30), (0, 2)) + ais.text("LITTLE ONE", 20) + "0" * 8
    got = one_static(ais, a)
    assert got.name[0] == "LITTLE ONE" and got.callsign[0] == "" and math.isnan(got.to_bow_m[0])

    def part_b(mmsi):
        head = ais.bits((24, 6), (0, 2), (mmsi, 30), (1, 2), (36, 8)) + ais.text("ABC", 3) + "0" * 24
        return head + ais.text("WX1234", 7) + ais.bits((3, 9), (4, 9), (1, 6), (2, 6), (0, 6))

    got = one_static(ais, part_b(338000001))
    assert got.ship_type[0] == 36 and got.callsign[0] == "WX1234" and got.name[0] == ""
    assert [got.to_bow_m[0], got.to_stern_m[0], got.to_port_m[0], got.to_starboard_m[0]] == [3, 4, 1, 2]
    craft = one_static(ais, part_b(982440001))
    assert craft.callsign[0] == "WX1234" and math.isnan(craft.to_bow_m[0]) and math.isnan(craft.to_port_m[0])


def test_longer_payloads_are_taken_shorter_refused(ais):
    """186 bits of a 168-bit message decode; a message cut before its last field is refused, whatever is left."""
    assert one_position(ais, ais.class_a() + "0" * 18).heading_deg[0] == 90
    for bits in (ais.class_a()[:142], "", ais.voyage()[:360], "000001"):
        batch = decode(T + ais.line(*ais.payload(bits)))
        assert dict(batch.lines) == {"refused:payload_too_short": 1}


def test_fill_bits_are_not_part_of_the_message(ais):
    """144 payload bits of which 2 are fill are 142: too short for message 1; 1 fill bit leaves enough."""
    payload, fill = ais.payload(ais.class_a()[:144])
    assert fill == 0
    assert dict(decode(T + ais.line(payload, 2)).lines) == {"refused:payload_too_short": 1}
    assert dict(decode(T + ais.line(payload, 1)).lines) == {"read": 1}


def test_fill_bits_of_an_earlier_part_are_cut_out(ais):
    """A first part that ends in the middle of a character shifts what follows."""
    bits = ais.voyage()
    first, second = ais.payload(bits[: 300 - 2]), ais.payload(bits[300 - 2 :])
    lines = [ais.line(*first, part=1, of=2, seq="1"), ais.line(*second, part=2, of=2, seq="1")]
    assert first[1] == 2
    assert decode(*[T + line for line in lines]).statics.destination.tolist() == ["ROTTERDAM"]


def test_other_messages_are_read_but_give_no_ship_reports(ais):
    """Base stations, aids, text and the rest are counted by type; undefined types are refused."""
    for kind in (4, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 20, 21, 22, 23, 25, 26):
        batch = decode(T + ais.line(*ais.payload(ais.bits((kind, 6), (0, 2), (2190067, 30), (0, 130)))))
        assert dict(batch.messages) == {kind: 1} and not len(batch.positions) and not len(batch.statics)
    for kind in (0, 28, 63):
        batch = decode(T + ais.line(*ais.payload(ais.bits((kind, 6), (0, 2), (2190067, 30), (0, 130)))))
        assert dict(batch.lines) == {"refused:unknown_message_type": 1}


def test_base_stations_are_kept_apart(ais):
    """Message 4: the station's own clock and place, no ship's report; a clock or place that is not there is said so."""

    def bits(year=2023, month=11, day=14, lat=31_500_000, mmsi=2190067):
        return ais.bits(
            (4, 6), (0, 2), (mmsi, 30), (year, 14), (month, 4), (day, 5), (22, 5), (13, 6), (20, 6), (1, 1),
            (2_550_000, 28), (lat, 27), (7, 4), (0, 10), (0, 1), (0, 19),
        )  # fmt: skip

    batch = decode(*[T + ais.lines(one)[0] for one in (bits(), bits(year=0), bits(day=31), bits(lat=91 * 600_000))])
    got = batch.base_stations
    assert not len(batch.positions) and dict(batch.messages) == {4: 4}
    assert got.sent_us.tolist() == [1_700_000_000_000_000, -1, -1, 1_700_000_000_000_000]
    assert got.mmsi[0] == 2190067 and got.lat_deg[0] == 52.5 and got.lon_deg[0] == 4.25 and got.fix_type[0] == 7
    assert math.isnan(got.lat_deg[3]) and math.isnan(got.lon_deg[3]) and got.time_us[0] == 1_700_000_000_000_000
    batch = decode(T + ais.lines(bits(mmsi=0))[0])
    assert dict(batch.lines) == {"read": 1} and not len(batch.base_stations)


def test_aids_to_navigation_are_kept_apart(ais):
    """Message 21: type, name with its extension, place, dimensions, flags."""

    def bits(name, more=""):
        head = ais.bits((21, 6), (0, 2), (992191234, 30), (19, 5)) + ais.text(name, 20)
        tail = ais.bits(
            (1, 1), (2_550_000, 28), (-600_000, 27), (1, 9), (2, 9), (3, 6), (4, 6), (1, 4), (61, 6), (1, 1)
        )
        return head + tail + ais.bits((0, 8), (0, 1), (1, 1), (0, 1), (0, 1)) + ais.text(more, len(more))

    long = ais.lines(bits("CHANNEL PORT VIRTUAL", " NO.4"))
    batch = decode(
        T + ais.lines(bits("BUOY@@@LEFT"))[0], T + long[0], T + ais.lines(bits("ENDS IN A BLANK     ", "X "))[0]
    )
    got = batch.aids
    assert dict(batch.messages) == {21: 3} and not len(batch.positions) and not len(batch.statics)
    assert got.name.tolist() == ["BUOY", "CHANNEL PORT VIRTUAL NO.4", "ENDS IN A BLANK     X"]
    assert (got.aid_type[0], got.virtual[0], got.off_position[0], got.utc_second[0], got.fix_type[0]) == (
        19,
        1,
        1,
        -1,
        1,
    )
    assert got.lat_deg[0] == -1 and got.lon_deg[0] == 4.25
    sides = [got.to_bow_m[0], got.to_stern_m[0], got.to_port_m[0], got.to_starboard_m[0]]
    assert sides == [1, 2, 3, 4]
