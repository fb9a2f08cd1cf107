"""The same sentences through libais, a decoder of other authors: field by field equal."""

from __future__ import annotations

import gzip
import math
import re
from pathlib import Path

import numpy as np
import pytest

from decoders.nmea import read_nmea
from decoders.reports import PositionReports, StaticReports
from decoders.validity import clean_positions

libais = pytest.importorskip("ais", reason="the second decoder, libais, is not installed")
SENTENCE = re.compile(rb"!..VD[MO],(\d),(\d),(\d?),(.?),([^,]*),(\d)\*")
POSITION_TYPES = {1, 2, 3, 9, 18, 19, 27}


def by_libais(data: bytes) -> tuple[dict[int, dict], dict[int, dict]]:
    """Offset of the first line to libais' fields: single sentences, and two parts that directly follow each other."""
    positions, statics, offset = {}, {}, 0
    first: tuple[bytes, bytes, int] | None = None
    for line in data.split(b"\n"):
        found = SENTENCE.search(line)
        start, offset = offset, offset + len(line) + 1
        if found is None:
            continue
        total, part, seq, channel, payload, fill = found.groups()
        opened, first = first, None
        if total == b"2" and part == b"1":
            first = (seq + channel, payload, start)
            continue
        if total == b"2" and part == b"2" and opened is not None and opened[0] == seq + channel:
            payload, start = opened[1] + payload, opened[2]
        elif total != b"1":
            continue
        try:
            fields = libais.decode(payload.decode(), int(fill))
        except libais.DecodeError:
            continue
        if fields["id"] in POSITION_TYPES:
            positions[start] = fields
        if fields["id"] in (5, 19, 24):
            statics[start] = fields
    return positions, statics


def text(words: str) -> str:
    return words.split("@", 1)[0].rstrip()


def as_libais_writes(words: str) -> str:
    """Its 6-bit table has ``-`` for code 31 and a back quote for 39; ITU-R M.1371-5, table 47, has ``_`` and ``'``."""
    return words.replace("_", "-").replace("'", "`").rstrip()


def same_positions(reports: PositionReports, theirs: dict[int, dict]) -> int:
    shared = reports.take(np.isin(reports.offset, list(theirs)))
    rows = [theirs[offset] for offset in shared.offset.tolist()]
    sources = {
        "mmsi": "mmsi", "msg_type": "id", "lat_deg": "y", "lon_deg": "x", "sog_kn": "sog", "cog_deg": "cog",
        "heading_deg": "true_heading", "utc_second": "timestamp", "nav_status": "nav_status",
    }  # fmt: skip
    raw = {ours: np.array([row.get(name, math.nan) for row in rows]) for ours, name in sources.items()}
    clean, refused, _ = clean_positions(raw | {"time_us": shared.time_us})
    assert not refused
    for name in ("mmsi", "msg_type", "nav_status", "utc_second"):
        np.testing.assert_array_equal(getattr(shared, name), getattr(clean, name), name)
    for name, near in (("lat_deg", 1e-9), ("lon_deg", 1e-9), ("sog_kn", 1e-4), ("cog_deg", 1e-4), ("heading_deg", 0)):
        np.testing.assert_allclose(getattr(shared, name), getattr(clean, name), rtol=0, atol=near, err_msg=name)
    return len(shared)


def same_statics(reports: StaticReports, theirs: dict[int, dict]) -> int:
    compared = 0
    for row, offset in enumerate(reports.offset.tolist()):
        fields = theirs.get(offset)
        if fields is None:
            continue
        compared += 1
        assert reports.mmsi[row] == fields["mmsi"] and reports.msg_type[row] == fields["id"]
        for name in ("name", "callsign", "destination"):
            assert as_libais_writes(getattr(reports, name)[row]) == text(fields.get(name, "")), (name, fields)
        assert reports.imo[row] == fields.get("imo_num", 0)
        assert reports.ship_type[row] == fields.get("type_and_cargo", 0)
        if fields["id"] == 5:
            np.testing.assert_allclose(np.nan_to_num(reports.draught_m[row]), fields["draught"], atol=1e-5)
        if "dim_a" in fields and fields["mmsi"] // 10_000_000 != 98:
            for name, letter in (("to_bow_m", "a"), ("to_stern_m", "b"), ("to_port_m", "c"), ("to_starboard_m", "d")):
                assert np.nan_to_num(getattr(reports, name)[row]) == fields[f"dim_{letter}"], fields
    return compared


def compare(data: bytes) -> tuple[int, int, int, int]:
    batches = list(read_nmea([(0, data)]))
    positions = PositionReports.concat([batch.positions for batch in batches])
    statics = StaticReports.concat([batch.statics for batch in batches])
    theirs = by_libais(data)
    return same_positions(positions, theirs[0]), len(positions), same_statics(statics, theirs[1]), len(statics)


def test_random_reports_decode_alike(ais):
    """Random bits in every field of types 1-3, 5, 18 and 27: what is refused and what is read agrees."""
    random = np.random.default_rng(7)

    def some(width: int) -> tuple[int, int]:
        return int(random.integers(0, 1 << width)), width

    lines = []
    for _ in range(400):
        mmsi = int(random.integers(2e8, 8e8))
        lon, lat = int(random.integers(-108e6, 108e6)), int(random.integers(-54e6, 54e6))
        place = ((lon, 28), (lat, 27), some(12), some(9), some(6))
        head = ((int(random.choice([1, 2, 3])), 6), (0, 2), (mmsi, 30))
        lines.append(ais.bits(*head, some(4), some(8), some(10), some(1), *place, (0, 25)))
        lines.append(ais.bits((18, 6), (0, 2), (mmsi, 30), some(8), some(10), some(1), *place, (0, 29)))
        coarse = ((lon // 1000, 18), (lat // 1000, 17), some(6), some(9), (0, 2))
        lines.append(ais.bits((27, 6), (0, 2), (mmsi, 30), some(2), some(4), *coarse))
    data = "\n".join(f"1700000000 {ais.lines(bits)[0]}" for bits in lines)
    voyages = [
        ais.voyage(int(random.integers(2e8, 8e8)), "".join(random.choice(list("ABC 019-./'")) for _ in range(18)) + "X",
                   imo=some(30)[0], ship_type=some(8)[0], bow=some(9)[0], stern=some(9)[0], port=some(6)[0],
                   starboard=some(6)[0], draught=some(8)[0])
        for _ in range(200)
    ]  # fmt: skip
    data += "\n" + "\n".join(f"1700000000 {line}" for bits in voyages for line in ais.lines(bits, of=2, seq="1"))
    compared, positions, same, statics = compare(data.encode())
    assert compared == positions == 1200 and same == statics == 200


@pytest.mark.real_data
def test_real_files_decode_alike(shared_data: Path):
    """All position and static reports that both decode agree in all fields; libais leaves few out."""
    files = sorted((shared_data / "ais" / "nmea").glob("*.gz"))
    assert len(files) >= 10
    totals = np.zeros(4, int)
    for file in files:
        totals += compare(gzip.decompress(file.read_bytes()))
    compared, positions, same, statics = totals.tolist()
    assert positions > 50_000 and compared > 0.97 * positions
    assert statics > 3_000 and same > 0.9 * statics
