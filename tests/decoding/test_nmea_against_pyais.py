"""The same messages through pyais: every field equal, or the difference stands in ``LISTED`` with its clause."""

from __future__ import annotations

import gzip
import math
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyais import decode
from pyais.exceptions import AISBaseException

from decoders.disguised_messages import COLUMN_TYPES
from decoders.nmea import NmeaDecoder
from decoders.reports import AidReports, Batch, PositionReports, StaticReports
from decoders.validity import clean_positions, clean_statics

NOW_US = 1_700_000_000_000_000
SENTENCE = re.compile(rb"!..VD[MO],(\d),(\d),(\d*),([^,]*),([^,*]*),([0-5])\*([0-9A-F]{2})")
EDGES = ("0", "1", "01", "10", "011")  # fields of all zeros, all ones, and one bit at either end
LAYOUTS = {  # type: bits of its fields, ITU-R M.1371-5, annex 8; texts as one field
    1: (6, 2, 30, 4, 8, 10, 1, 28, 27, 12, 9, 6, 2, 3, 1, 19),
    4: (6, 2, 30, 14, 4, 5, 5, 6, 6, 1, 28, 27, 4, 1, 9, 1, 19),
    5: (6, 2, 30, 2, 30, 42, 120, 8, 9, 9, 6, 6, 4, 4, 5, 5, 6, 8, 120, 1, 1),
    9: (6, 2, 30, 12, 10, 1, 28, 27, 12, 6, 1, 7, 1, 3, 1, 1, 19), 18: (6, 2, 30, 8, 10, 1, 28, 27, 12, 9, 6, 2, 8, 20),
    19: (6, 2, 30, 8, 10, 1, 28, 27, 12, 9, 6, 4, 120, 8, 9, 9, 6, 6, 4, 1, 1, 1, 4),
    21: (6, 2, 30, 5, 120, 1, 28, 27, 9, 9, 6, 6, 4, 6, 1, 8, 1, 1, 1, 1, 84), 24: (6, 2, 30, 2, 120, 8),
    27: (6, 2, 30, 1, 1, 4, 18, 17, 6, 9, 1, 1),
}  # fmt: skip
LAYOUTS |= {2: LAYOUTS[1], 3: LAYOUTS[1]}
PART_B = (6, 2, 30, 2, 8, 42, 42, 9, 9, 6, 6, 6)
LISTED = {
    "ship_type": "M.1371-5 table 53: codes without a name are reserved; pyais replaces them by a name, we do not",
    "text": "M.1371-5 table 47, message 5: @ (code 0) fills unused characters; pyais keeps what follows it",
    "surroundings": "IEC 61162-1: a sentence is from ! to its checksum; pyais takes what follows for a field",
    "craft": "M.1371-5 message 24 B: craft 98xxxxxxx send their mother ship's MMSI where dimensions stand",
}


def by_pyais(data: bytes) -> dict[int, Any]:
    """Offset of the first line to pyais's message: single sentences, and parts that directly follow each other."""
    found: dict[int, Any] = {}
    parts: list[bytes] = []
    opened, offset = 0, 0
    key: tuple[bytes, ...] = ()
    for line in data.split(b"\n"):
        start, offset = offset, offset + len(line) + 1
        match = SENTENCE.search(line)
        if match is None:
            continue
        if match[2] == b"1":
            parts, opened, key = [match[0]], start, (match[1], match[3], match[4])
        elif parts and (match[1], match[3], match[4]) == key and int(match[2]) == len(parts) + 1:
            parts.append(match[0])
        else:
            parts = []
            continue
        if len(parts) == int(match[1]):
            with suppress(AISBaseException, ValueError, IndexError):  # a message that pyais cannot take
                found[opened] = decode(*parts)
    return found


def numbers(rows: list[Any], name: str) -> np.ndarray:
    values = [getattr(row, name, None) for row in rows]
    return np.array([math.nan if value is None else float(value) for value in values])


def same_positions(ours: PositionReports, theirs: dict[int, Any]) -> int:
    shared = ours.take(np.isin(ours.offset, list(theirs)))
    rows = [theirs[offset] for offset in shared.offset.tolist()]
    names = {
        "mmsi": "mmsi", "msg_type": "msg_type", "lat_deg": "lat", "lon_deg": "lon", "sog_kn": "speed",
        "cog_deg": "course", "heading_deg": "heading", "utc_second": "second", "nav_status": "status",
    }  # fmt: skip
    raw = {column: numbers(rows, name) for column, name in names.items()}
    clean, refused, _ = clean_positions(raw | {"time_us": shared.time_us})
    assert not refused
    for name in ("mmsi", "msg_type", "nav_status", "utc_second"):
        np.testing.assert_array_equal(getattr(shared, name), getattr(clean, name), name)
    for name, near in (("lat_deg", 6e-7), ("lon_deg", 6e-7), ("sog_kn", 0), ("cog_deg", 0), ("heading_deg", 0)):
        np.testing.assert_allclose(getattr(shared, name), getattr(clean, name), rtol=0, atol=near, err_msg=name)
    return len(shared)


def text(words: str | None) -> str:
    return (words or "").split("@", 1)[0].rstrip()


def same_statics(
    ours: StaticReports, theirs: dict[int, Any], bits: dict[int, str] | None = None
) -> tuple[int, set[str]]:
    listed: set[str] = set()
    shared = ours.take(np.isin(ours.offset, list(theirs)))
    rows = [theirs[offset] for offset in shared.offset.tolist()]
    names = {"mmsi": "mmsi", "imo": "imo", "draught_m": "draught", "to_bow_m": "to_bow", "to_stern_m": "to_stern",
             "to_port_m": "to_port", "to_starboard_m": "to_starboard"}  # fmt: skip
    raw = {column: np.nan_to_num(numbers(rows, name)) for column, name in names.items()}
    clean, _, keep = clean_statics(raw | {"time_us": shared.time_us})
    assert keep.all()
    craft = (shared.mmsi // 10_000_000 == 98) & (shared.msg_type == 24)
    listed |= {"craft"} if craft.any() else set()
    for name in names:
        mine, other = getattr(shared, name), getattr(clean, name)
        if name.startswith("to_"):
            assert np.isnan(mine[craft]).all()
            mine, other = mine[~craft], other[~craft]
        np.testing.assert_array_equal(mine, other, name)
    for row, message in enumerate(rows):
        for column, name in (("name", "shipname"), ("callsign", "callsign"), ("destination", "destination")):
            said = getattr(message, name, None) or ""
            mine = str(getattr(shared, column)[row])
            if mine != said:
                listed.add("text")
                assert mine.strip() == text(said).strip(), (column, mine, said)
        kind = getattr(message, "ship_type", None)
        if kind is not None and int(kind) != shared.ship_type[row]:
            listed.add("ship_type")
            assert shared.ship_type[row] not in (30, 31, 36, 37, 52, 60, 70, 80)  # codes with a name
    return len(shared), listed


def aid_names(message: Any) -> set[str]:
    """Its name without and with the extension (pyais does not show whether 20 characters are full), no blanks."""
    first = text(message.name)
    return {first.replace(" ", ""), (first + text(message.name_ext)).replace(" ", "")}


def same_others(batch: Batch, theirs: dict[int, Any]) -> int:
    for reports, kind in ((batch.base_stations, 4), (batch.aids, 21)):
        for row, offset in enumerate(reports.offset.tolist()):
            message = theirs.get(offset)
            if message is None:
                continue
            assert (message.msg_type, message.mmsi) == (kind, reports.mmsi[row])
            for mine, other, limit in (
                (reports.lat_deg[row], message.lat, 90),
                (reports.lon_deg[row], message.lon, 180),
            ):
                assert abs(mine - other) < 6e-7 or (
                    math.isnan(mine) and (abs(message.lat) > 90 or abs(message.lon) > 180)
                ), limit
            assert int(message.epfd) in (reports.fix_type[row], 0)  # pyais: codes without a name are 0
            if isinstance(reports, AidReports):
                assert str(reports.name[row]).replace(" ", "") in aid_names(message) and reports.aid_type[row] == int(
                    message.aid_type
                )
                assert reports.virtual[row] == message.virtual_aid and reports.off_position[row] == message.off_position
                assert reports.utc_second[row] == (message.second if message.second < 60 else -1)
                sides = (message.to_bow, message.to_stern, message.to_port, message.to_starboard)
                mine = (
                    reports.to_bow_m[row],
                    reports.to_stern_m[row],
                    reports.to_port_m[row],
                    reports.to_starboard_m[row],
                )
                assert np.nan_to_num(np.array(mine)).tolist() == [float(side) for side in sides]
            else:
                said = (message.year, message.month, message.day, message.hour, message.minute, message.second)
                stated = np.datetime64(int(reports.sent_us[row]), "us")
                if reports.sent_us[row] >= 0:
                    assert str(stated)[:19] == "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*said)
                else:
                    day = 1 <= said[1] <= 12 and 1 <= said[2] <= 28
                    assert not (day and said[3] < 24 and said[4] < 60 and said[5] < 60
                                and 1990 <= said[0] < 2100)  # fmt: skip
    return len(batch.base_stations) + len(batch.aids)


def compared(data: bytes) -> tuple[Batch, dict[int, Any], tuple[int, int, int], set[str]]:
    batch = NmeaDecoder().step(data, 0, heard_us=NOW_US)
    theirs = by_pyais(data)
    positions = same_positions(batch.positions, theirs)
    statics, listed = same_statics(batch.statics, theirs)
    return batch, theirs, (positions, statics, same_others(batch, theirs)), listed


def generated(ais, kind: int, layout: tuple[int, ...], rows: int = 60, part: int | None = None) -> str:
    """Random messages of a type, then each field in turn at each of its edges."""
    random = np.random.default_rng(kind)
    made = []
    for number in range(rows + len(layout) * len(EDGES)):
        fields = ["".join(map(str, random.integers(0, 2, width))) for width in layout]
        fields[0], fields[2] = f"{kind:06b}", f"{int(random.integers(2e8, 8e8)):030b}"
        if part is not None:
            fields[3] = f"{part:02b}"
        which, edge = divmod(number - rows, len(EDGES))
        if number >= rows and which not in (0, 2) and not (part is not None and which == 3):
            width = layout[which]
            edges = {"0": "0" * width, "1": "1" * width, "01": "1".rjust(width, "0"), "10": "1".ljust(width, "0")}
            fields[which] = edges.get(EDGES[edge], ("0" + "1" * width)[:width])
        made += ais.lines(
            "".join(fields), of=2 if sum(layout) > 360 else 1, **({"seq": "1"} if sum(layout) > 360 else {})
        )
    return "\n".join(made)


@pytest.mark.parametrize("kind", sorted(LAYOUTS))
def test_generated_messages(ais, kind):
    """Random bits and every edge of every field: what pyais reads, we read or refuse by name, and all fields agree."""
    data = generated(ais, kind, LAYOUTS[kind], part=0 if kind == 24 else None).encode()
    batch, theirs, counts, listed = compared(data)
    assert len(theirs) > 60 and sum(batch.lines.values()) == data.count(b"\n") + 1
    assert sum(counts) > 10 and listed <= set(LISTED)
    if kind == 24:
        _, _, counts, _ = compared(generated(ais, kind, PART_B, part=1).encode())
        assert counts[1] > 60


def test_positions_near_the_ends_of_the_earth(ais):
    """Coordinates around their limits and "not available" values agree, and refusals are the standard's."""
    lines = []
    for lat in (0, 1, -1, 54_000_000, 54_000_001, -54_000_000, -54_000_001, 54_600_000, 54_599_999, 54_600_001):
        for lon in (0, 108_000_000, 108_000_001, -108_000_000, -108_000_001, 108_600_000, 108_599_999):
            lines += ais.lines(ais.class_a(lat=lat, lon=lon))
    batch, theirs, counts, _ = compared("\n".join(lines).encode())
    assert len(theirs) == 70 and counts[0] == len(batch.positions) == 5 * 3
    assert dict(batch.lines) == {
        "read": 15, "refused:position_not_available": 10 + 6 + 0, "refused:position_out_of_range": 70 - 15 - 16,
    }  # fmt: skip


def craft(ais) -> str:
    """Type 24 B of crafts associated with a mother ship (MMSI 98xxxxxxx), whose MMSI stands where dimensions do."""
    rows = []
    for number in range(20):
        fields = [
            (24, 6),
            (0, 2),
            (98_2440_000 + number, 30),
            (1, 2),
            (37, 8),
            (0, 42),
            (0, 42),
            (244_660_000, 30),
            (0, 6),
        ]
        rows += ais.lines(ais.bits(*fields))
    return "\n".join(rows)


def surrounded(ais) -> set[str]:
    """What stands round a sentence: pyais takes it for a part of it (or for nothing), we read the sentence."""
    (sentence,) = ais.lines(ais.class_a())
    alone = {0: decode(sentence)}
    seen = set()
    for before, after in (
        ("", ",1700000000"), ("", ",rnorth,1700000000"), ("", " 1700000000"), ("1700000000 ", ""),
        ("2023-11-14T22:13:20Z,", ""), ("$GPZDA,221320.00,14,11,2023,00,00*68\r\n", ""),
    ):  # fmt: skip
        line = (before + sentence + after).encode()
        batch = NmeaDecoder().step(line, 0, heard_us=1_700_000_000_000_000)
        at = int(batch.positions.offset.item())
        assert same_positions(batch.positions, {at: alone[0]}) == 1
        try:
            decode(line, error_if_checksum_invalid=True)
        except AISBaseException:
            seen.add("surroundings")
    return seen


def test_each_listed_difference_occurs(ais) -> None:
    """A difference that nothing shows is none, and comes off the list."""
    seen = surrounded(ais)
    for data in (
        generated(ais, 5, LAYOUTS[5]), generated(ais, 24, LAYOUTS[24], part=0), generated(ais, 24, PART_B, part=1),
        craft(ais),
    ):  # fmt: skip
        seen |= compared(data.encode())[3]
    assert seen == set(LISTED) and set(LAYOUTS) >= COLUMN_TYPES


@pytest.mark.real_data
def test_every_real_sample(shared_data: Path):
    """All samples: equal in all fields that both read; pyais reads nothing that we neither read nor refuse by name."""
    totals, seen = np.zeros(3, int), set()
    for file in sorted((shared_data / "ais" / "nmea").glob("*.gz")):
        batch, theirs, counts, listed = compared(gzip.decompress(file.read_bytes()))
        totals += counts
        seen |= listed
        assert listed <= set(LISTED)
        positions = sum(message.msg_type in (1, 2, 3, 9, 18, 19, 27) for message in theirs.values())
        refused = sum(count for name, count in batch.lines.items() if name.startswith("refused:"))
        assert positions - refused <= len(batch.positions)
    assert totals[0] > 50_000 and totals[1] > 3_000 and totals[2] > 2_000 and {"ship_type", "text"} <= seen
