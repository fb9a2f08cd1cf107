"""Numbers, quotes and line ends of tables wherever they stand among the bytes that the kernel looks at together."""

from __future__ import annotations

import io
import math
import random
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.reading import read
from decoders.reports import Batch, PositionReports, StaticReports, add_counts
from decoders.reused_blocks import ReusedBlocks
from decoders.streams import MAX_LINE_BYTES, ByteStream, LineBlocks
from decoders.table_codes import TILE
from decoders.table_numbers import SHORT
from decoders.tables import read_table

HEAD = b"MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Length,Width\n"


def decoded(data: bytes) -> tuple[PositionReports, StaticReports, dict[str, int]]:
    batches = list(read_table([(0, data)], "marinecadastre", file_name="made"))
    return of_batches(batches)


def of_batches(batches: list[Batch]) -> tuple[PositionReports, StaticReports, dict[str, int]]:
    lines: dict[str, int] = {}
    for batch in batches:
        add_counts(lines, batch.lines)
    positions = PositionReports.concat(batch.positions for batch in batches)
    return positions, StaticReports.concat(batch.statics for batch in batches), lines


def bits(value: float) -> bytes:
    return b"nan" if math.isnan(value) else struct.pack("<d", value)


NUMBERS = st.one_of(
    st.from_regex(r"[+-]?[0-9]{0,18}\.?[0-9]{0,18}", fullmatch=True),
    st.from_regex(r"[+-]?[0-9]{1,3}\.[0-9]{4,12}", fullmatch=True),
    st.from_regex(r"[ +.0-9-]{0,17}", fullmatch=True),
    st.sampled_from(
        ["-", "+", ".", "-.", "5.", ".5", "-.5", "--5", "5-", "1..2", "1.2.3", "0", "-0", "1e1", "1e-2", "nan"]
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_a_number_is_what_python_reads(texts: list[str]) -> None:
    """To the last bit, of whatever length, with or without sign and point; nonsense is refused and empty is none."""
    rows = [f"244660000,2022-01-03T00:00:05,{text},4.25,0.1,10.0,511,,,,,,\n" for text in texts]
    positions, _, lines = decoded(HEAD + "".join(rows).encode())
    wanted, bad, outside = [], 0, 0
    for text in texts:
        plain = text.strip(" ")
        if plain in ("", "nan"):
            outside += 1
            continue
        try:
            value = float(plain)
        except ValueError:
            bad += 1
            continue
        if abs(value) <= 90:
            wanted.append(bits(value))
        else:
            outside += 1
    assert [bits(value) for value in positions.lat_deg.tolist()] == wanted
    assert lines.get("refused:bad_value", 0) == bad
    assert lines.get("read", 0) == len(wanted) and sum(lines.values()) == 1 + len(texts)


def test_every_width_is_read_at_every_place() -> None:
    """From one digit to more than are read at once, in the first bytes of a block as in later ones."""
    rng = random.Random(5)
    for width in range(1, SHORT + 6):
        for point in range(width):
            digits = "".join(rng.choice("0123456789") for _ in range(width - 1))
            text = (digits[:point] + "." + digits[point:])[:width] if width > 1 else rng.choice("123456789")
            value = float(text)
            row = f"24466{rng.randint(0, 9999):04},2022-01-03T00:00:05,1.5,{text},0.1,10.0,511,,,,,,\n".encode()
            positions, _, _ = decoded(HEAD + row)
            assert [bits(x) for x in positions.lon_deg.tolist()] == ([bits(value)] if value <= 180 else [])


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_line_ends_and_quotes_at_every_place_of_64_bytes(end: bytes) -> None:
    """A name of growing length moves all that follows; lone carriage returns are spaces, quotes hold delimiters."""
    for length in range(70):
        name = b"N" * (length % 20)
        fill = b"0" * length  # zeros in front of the ship's number, more than a number has
        rows = [
            fill + b"244660000,2022-01-03T00:00:05,1.5,2.5,0.1,10.0,511," + name + b",,,,,",
            b'244660001,2022-01-03T00:00:05,1.5,2.5,0.1,10.0,511,"A, B",,,,,',
            b"244660002,2022-01-03T00:00:05,1.5,2.5,0.1,10.0,511,C\rD,,,,,",
            b"\r244660003,2022-01-03T00:00:05,1.5,2.5,0.1,10.0,511,E,,,,,",
        ]
        positions, statics, lines = decoded(HEAD.replace(b"\n", end) + end.join(rows))
        # A space before a number does not count, as in any table.
        assert positions.mmsi.tolist() == [244660000, 244660001, 244660002, 244660003]
        assert statics.name.tolist() == ([name.decode()] if name else []) + ["A, B", "C D", "E"]
        assert lines == {"comment": 1, "read": 4}


def test_quotes_of_a_line_that_is_looked_at_in_two_parts() -> None:
    """A block is looked at 16 KB at a time: a line with quotes may stand astride, at any of its bytes."""
    for longer in range(90):  # the first line with a quote is where looking begins anew
        rows = [
            f'{244660000 + n},2022-01-03T00:00:{n % 60:02},1.5,2.5,0.1,10.0,511,"A, ""{n}""",,,,,'.encode()
            for n in range(600)
        ]
        data = HEAD + b"0" * longer + b"\n".join(rows)
        assert len(data) > 2 * TILE
        positions, statics, lines = decoded(data)
        assert lines == {"comment": 1, "read": 600}
        assert (positions.mmsi == 244660000 + np.arange(600)).all()
        assert statics.name.tolist() == [f'A, "{n}"' for n in range(600)]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.text('1,.\r\n"-#A ', max_size=300).map(str.encode), st.integers(1, 200))
def test_hostile_bytes_give_the_same_however_they_are_cut(tail: bytes, size: int) -> None:
    """Quotes and carriage returns are met in the middle of a block or at its start: the same reports and counts."""
    row = b"244660000,2022-01-03T00:00:05,1.5,2.5,0.1,10.0,511,NAME,,,,,\n"
    data = HEAD + row + tail + b"\n" + row + b'244660001,2022-01-03T00:00:05,1.5,2.5,0.1,10.0,511,"A, B",,,,,\n'
    whole = decoded(data)
    blocks = ReusedBlocks(ByteStream(io.BytesIO(data), "made"), size)
    cut = of_batches(list(read_table(blocks, "marinecadastre", file_name="made")))
    assert whole[2] == cut[2]
    for one, other in zip(whole[:2], cut[:2], strict=True):
        for name, column in one.columns().items():
            np.testing.assert_array_equal(column, getattr(other, name))


class Piecemeal(io.RawIOBase):
    """A file that gives a few bytes at a time, and may break."""

    def __init__(self, data: bytes, step: int, breaks_at: int | None) -> None:
        self._data, self._step, self._breaks_at, self._at = data, step, breaks_at, 0

    def readable(self) -> bool:
        return True

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]
        step = min(self._step, len(room))
        if self._breaks_at is not None:  # at that byte, however much is asked for before it
            if self._at >= self._breaks_at:
                raise OSError("broken")
            step = min(step, self._breaks_at - self._at)
        piece = self._data[self._at : self._at + step]
        room[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


LINE = st.sampled_from(
    [b"", b"x", b"yy\r", b"abcdefghij" * 3, b"L" * (MAX_LINE_BYTES - 1), b"L" * (MAX_LINE_BYTES + 1)]
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(LINE, max_size=12), st.booleans(), st.sampled_from([1, 7, 100, 70_000, 300_000]),
    st.sampled_from([3, 1000, 90_000]), st.none() | st.integers(0, 200_000),
)  # fmt: skip
def test_blocks_in_the_same_memory_are_those_in_memory_of_their_own(
    lines: list[bytes], ended: bool, block: int, step: int, breaks_at: int | None
) -> None:
    """The same bytes of the same lines, the same lines left out and counted, the same problem told, the same end."""
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    if len(data) // step > 5000 or len(data) // block > 5000:
        step, block = 1000, max(block, 100)
    made = []
    for kind in (LineBlocks, ReusedBlocks):
        source = io.BufferedReader(Piecemeal(data, step, breaks_at), 16)
        blocks = kind(ByteStream(source, "made"), block, 5)
        held = b""
        places = []
        for at, view in blocks:
            assert (len(view) and bytes(view[-1:]) == b"\n") or at + len(view) == blocks.end
            places += [at + i for i, byte in enumerate(bytes(view)) if byte == 10]
            held += bytes(view)
        made.append((held, places, blocks.lines, blocks.first_places, blocks.problems, blocks.end))
    assert made[0] == made[1]


def test_a_block_that_can_be_written_to_would_be_no_view(tmp_path: Path) -> None:
    """Readers cannot change what the next lines are moved into; a file is read to its end through them."""
    path = tmp_path / "rows.csv"
    row = b"244660000,2022-01-03T00:00:05,1.5,2.5,0.1,10.0,511,NAME,,,,,\n"
    path.write_bytes(HEAD + row * 2000)
    with path.open("rb") as file:
        (_, view), *_ = ReusedBlocks(ByteStream(file, "made"), 1 << 20)
        assert view.readonly and len(view) == path.stat().st_size
    assert sum(len(batch.positions) for batch in read(path, block_bytes=1000)) == 2000
