"""The memory of NMEA batches: used again when nobody holds it, never while somebody does."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from decoders.nmea import NmeaDecoder
from decoders.nmea_columns import KINDS, Sheet, Sheets
from decoders.reports import Batch

SECOND_US = 1_700_000_000_000_000
ROWS = [3, 2, 1, 1]


def block(ais, first: int, count: int) -> bytes:
    """Positions and static reports of ships of their own."""
    made: list[str] = []
    for mmsi in range(first, first + count):
        made += ais.lines(ais.class_a(mmsi=mmsi))
        made += ais.lines(ais.voyage(mmsi, f"SHIP {mmsi % 1000}"))
    return ("\n".join(made) + "\n").encode()


def copied(batch: Batch) -> list[list[bytes]]:
    """All columns of all kinds, as they are now."""
    kinds = (batch.positions, batch.statics, batch.base_stations, batch.aids)
    return [[column.tobytes() for column in reports.columns().values()] for reports in kinds]


def address(batch: Batch) -> int:
    """Where the batch's first column stands."""
    return int(batch.positions.time_us.ctypes.data)


def test_a_batch_that_is_held_never_changes(ais):
    """However many blocks follow, each batch that somebody holds keeps its rows."""
    decoder = NmeaDecoder()
    held = [decoder.step(block(ais, 244660000 + 100 * k, 20), 0, SECOND_US) for k in range(8)]
    before = [copied(batch) for batch in held]
    for k in range(8):
        decoder.step(block(ais, 366000000 + k, 20), 0, SECOND_US)
    assert [copied(batch) for batch in held] == before
    assert [batch.positions.mmsi[0] for batch in held] == [244660000 + 100 * k for k in range(8)]


@pytest.mark.parametrize("name", ["time_us", "mmsi", "lat_deg", "station"])
def test_one_column_or_a_part_of_it_holds_the_memory(ais, name):
    """Whoever keeps a part of one column of a batch keeps it as it is."""
    decoder = NmeaDecoder()
    column = getattr(decoder.step(block(ais, 244660000, 20), 0, SECOND_US).positions, name)
    part, before = column[5:9], column[5:9].tobytes()
    del column
    for k in range(8):
        decoder.step(block(ais, 366000000 + k, 20), 0, SECOND_US + k)
    assert part.tobytes() == before


def test_memory_that_nobody_holds_is_used_again(ais):
    """A stream whose batches are dropped goes on in the same few memories."""
    decoder = NmeaDecoder()
    seen = set()
    for k in range(50):
        batch = decoder.step(block(ais, 244660000 + k, 20), 0, SECOND_US)
        seen.add(address(batch))
    assert len(seen) <= 3


def test_columns_are_those_that_reports_declare(ais):
    """Each column has the declared dtype, lies in one piece, can be written to, and goes through pickle."""
    batch = NmeaDecoder().step(block(ais, 244660000, 5), 0, SECOND_US)
    for reports in (batch.positions, batch.statics, batch.base_stations, batch.aids):
        for name, column in reports.columns().items():
            assert column.dtype == np.dtype(reports.DTYPES[name])
            assert column.flags.c_contiguous
            assert column.flags.writeable
            assert column.flags.aligned
    assert copied(pickle.loads(pickle.dumps(batch))) == copied(batch)


def test_a_block_with_more_reports_than_there_is_room_for_gives_all_of_them(ais):
    """Static reports without end: the rows are those of the same lines one by one."""
    texts = [ais.lines(ais.voyage(244660000 + k, "A")) for k in range(90)]
    texts += [ais.lines(ais.class_a(mmsi=244660000 + k)) for k in range(200)]
    lines = [f"{line}\n".encode() for text in texts for line in text]
    assert Sheets().sheet(len(b"".join(lines))).rooms[1] < 90
    whole = NmeaDecoder().step(b"".join(lines), 0, SECOND_US)
    each_us = [SECOND_US + k for k in range(len(lines))]
    timed = NmeaDecoder().step(b"".join(lines), 0, heard_each_us=each_us)
    decoder, offset, single = NmeaDecoder(), 0, []
    for line, heard_us in zip(lines, each_us, strict=True):
        single.append(decoder.step(line, offset, heard_us))
        offset += len(line)
    assert len(whole.statics) == 90
    assert len(whole.positions) == 200
    for kind in ("positions", "statics"):
        parts = [getattr(batch, kind) for batch in single]
        one_by_one = type(parts[0]).concat(parts)
        assert getattr(whole, kind).offset.tolist() == one_by_one.offset.tolist()
        for name, column in getattr(timed, kind).columns().items():
            assert column.tobytes() == getattr(one_by_one, name).tobytes(), name


def test_a_larger_sheet_keeps_what_was_written():
    """The kind that is full gets twice the room, and all rows stand where they stood."""
    sheets = Sheets()
    sheet = sheets.sheet(0)
    rows = [int(sheet.rooms[0]), 2, 1, 1]
    sheet.batch(rows).positions.mmsi[:] = np.arange(rows[0])
    larger = sheets.larger(sheet, rows)
    assert larger.rooms.tolist() == [2 * rows[0], *sheet.rooms[1:].tolist()]
    assert larger.batch(rows).positions.mmsi.tolist() == list(range(rows[0]))


def test_columns_do_not_overlap():
    """What is written into one column shows in no other."""
    batch = Sheet(ROWS).batch(ROWS)
    columns = [
        column
        for reports in (batch.positions, batch.statics, batch.base_stations, batch.aids)
        for column in reports.columns().values()
    ]
    assert len(columns) == sum(len(kind.DTYPES) for kind in KINDS)
    for number, column in enumerate(columns):
        column.view(np.uint8)[:] = number
    assert all((column.view(np.uint8) == number).all() for number, column in enumerate(columns))


def test_room_follows_what_a_stream_gives():
    """A stream of lines that are long, or without static reports, does not hold memory for reports that never come."""
    sheets = Sheets()
    first = sheets.sheet(1 << 19)
    first.batch([1, 0, 0, 0])
    sheets.learn(1 << 19, [6000, 10, 0, 0])
    held = sheets.sheet(1 << 19).batch([1, 0, 0, 0])
    assert 6000 < int(sheets.sheet(1 << 19).rooms[0]) < 7000 < int(first.rooms[0])
    assert len(held.positions) == 1
