"""Inputs of any packing as whole lines in bounded memory; what is damaged is read as far as it goes, and said."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from decoders.errors import UnreadableInput
from decoders.streams import MAX_LINE_BYTES, ByteStream, LineBlocks, open_streams

TEXT = b"".join(b"line %d of this file\n" % number for number in range(20_000))


def whole(path) -> tuple[bytes, list[LineBlocks]]:
    made, data, offset = [], b"", 0
    with open_streams(path) as streams:
        for stream in streams:
            blocks = LineBlocks(stream, 10_000, offset)
            for at, block in blocks:
                assert at == len(data)
                data += block
            made.append(blocks)
            offset = blocks.end
    return data, made


PACKINGS = {
    "plain": lambda data: data, "gzip": gzip.compress, "bzip2": bz2.compress, "zstd": zstandard.compress,
    "two gzips": lambda data: gzip.compress(data[:1000]) + gzip.compress(data[1000:]),
    "two zstds": lambda data: zstandard.compress(data[:1000]) + zstandard.compress(data[1000:]),
    "gzip in gzip": lambda data: gzip.compress(gzip.compress(data)),
    "gzip in zstd": lambda data: zstandard.compress(gzip.compress(data)),
}  # fmt: skip


@pytest.mark.parametrize("packing", PACKINGS)
def test_packing_is_told_from_the_content(tmp_path, packing):
    """Names do not matter; several members follow each other."""
    file = tmp_path / "no-hint.txt"
    file.write_bytes(PACKINGS[packing](TEXT))
    data, (blocks,) = whole(file)
    assert data == TEXT and not blocks.problems and blocks.end == len(TEXT)


def test_zip_members_one_after_another(tmp_path):
    """Each member is a stream of its own, offsets run on; folders and packers' litter are passed over."""
    file = tmp_path / "some.bin"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("day/", "")
        archive.writestr("day/a.csv", TEXT)
        archive.writestr("__MACOSX/day/._a.csv", b"litter")
        archive.writestr("day/b.csv.gz", gzip.compress(b"one\ntwo"))
    data, blocks = whole(file)
    assert data == TEXT + b"one\ntwo" and len(blocks) == 2
    with open_streams(file) as streams:
        assert [stream.place.removeprefix(str(file)) for stream in streams] == [":day/a.csv", ":day/b.csv.gz"]


@pytest.mark.parametrize(("place", "local"), [(6, None), (10, 8)])
def test_a_zip_of_an_unknown_kind_is_refused(tmp_path, place, local):
    """A version or a method of compression that is not known here is an unreadable input, not a crash."""
    file = tmp_path / "new.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", "one\n")
    raw = bytearray(file.read_bytes())
    raw[raw.rfind(b"PK\x01\x02") + place] = 99
    if local is not None:
        raw[local] = 99
    file.write_bytes(raw)
    with pytest.raises(UnreadableInput, match="cannot be read"), open_streams(file) as streams:
        list(streams)


@pytest.mark.parametrize("packing", ["gzip", "zstd", "bzip2"])
def test_a_file_cut_short_is_read_as_far_as_it_goes(tmp_path, packing):
    """The whole lines before the cut come out, the unfinished one is counted, the problem is said."""
    file = tmp_path / "cut"
    level = {"bzip2": lambda data: bz2.compress(data, 1)}.get(packing, PACKINGS[packing])
    packed = level(TEXT)
    for cut in (len(packed) - 1, len(packed) * 3 // 4):
        file.write_bytes(packed[:cut])
        data, (blocks,) = whole(file)
        assert TEXT.startswith(data) and (not data or data.endswith(b"\n"))
        assert len(blocks.problems) == 1 and "ends early" in blocks.problems[0] and str(file) in blocks.problems[0]
        assert sum(blocks.lines.values()) == (0 if blocks.end == len(data) else 1)
        if packing == "gzip":
            assert len(data) > len(TEXT) // 2


@pytest.mark.parametrize("packing", ["gzip", "zstd", "bzip2"])
def test_a_damaged_file_is_read_up_to_the_damage(tmp_path, packing):
    """A changed byte never raises and never goes unsaid."""
    packed = bytearray(PACKINGS[packing](TEXT))
    packed[len(packed) // 2] ^= 0x55
    packed[-6] ^= 0x55
    file = tmp_path / "bad"
    file.write_bytes(bytes(packed))
    _, (blocks,) = whole(file)
    assert len(blocks.problems) == 1


def test_files_that_cannot_be_opened_are_named(tmp_path):
    """Missing files, folders, broken zips and Office documents raise with the place."""
    with pytest.raises(UnreadableInput, match=r"nothing\.csv: No such file"), open_streams(tmp_path / "nothing.csv"):
        pass
    with pytest.raises(UnreadableInput), open_streams(tmp_path):
        pass
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and nothing that a zip should have")
    with pytest.raises(UnreadableInput, match="zip cannot be read"):
        whole(broken)
    sheet = tmp_path / "sheet.xlsx"
    with zipfile.ZipFile(sheet, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    with pytest.raises(UnreadableInput, match="Office document"):
        whole(sheet)


def test_an_endless_line_is_not_gathered():
    """A stream without line ends is passed over in pieces, counted as one line."""

    class Endless(io.RawIOBase):
        left = 50

        def read(self, size=-1):
            self.left -= 1
            return b"x" * min(size, 1 << 20) if self.left > 0 else b""

    blocks = LineBlocks(ByteStream(Endless(), "here"), block_bytes=100_000)
    assert list(blocks) == [] and blocks.lines == {"refused:line_too_long": 1}


@pytest.mark.parametrize("block_bytes", [1_000, 100_000, 1 << 22])
def test_the_longest_allowed_line(block_bytes):
    """One byte more is too much, wherever the blocks are cut."""
    data = b"a\n" + b"y" * MAX_LINE_BYTES + b"\nb\n" + b"z" * (MAX_LINE_BYTES + 1) + b"\nc"
    blocks = LineBlocks(ByteStream(io.BytesIO(data), "here"), block_bytes)
    assert b"".join(block for _, block in blocks) == b"a\n" + b"y" * MAX_LINE_BYTES + b"\nb\nc"
    assert blocks.lines == {"refused:line_too_long": 1}


@given(st.lists(st.integers(0, 400).map(lambda n: b"v" * n), max_size=40), st.booleans(), st.integers(1, 3000))
def test_blocks_hold_whole_lines_wherever_they_are_cut(lines, ended, block_bytes):
    """Joined in order they are the stream; each starts where the one before ended and ends at a line end."""
    data = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    stream = ByteStream(io.BytesIO(data), "here")
    assert stream.sample(50) == data[:50]
    got = list(LineBlocks(stream, block_bytes))
    assert b"".join(block for _, block in got) == data
    assert [at for at, _ in got] == [sum(len(b) for _, b in got[:n]) for n in range(len(got))]
    assert all(block.endswith(b"\n") for _, block in got[:-1])


@pytest.mark.parametrize("packing", ["gzip", "bzip2", "zstd", "zip", "zip of bzip2", "zip of lzma"])
def test_a_bomb_is_unpacked_in_pieces(tmp_path, packing):
    """Very many zero bytes cost time, not memory: no more than a few blocks at once."""
    import tracemalloc

    file = tmp_path / "bomb"
    zeros = bytes(64 << 20)
    if packing.startswith("zip"):
        method = {"zip of bzip2": zipfile.ZIP_BZIP2, "zip of lzma": zipfile.ZIP_LZMA}.get(packing, zipfile.ZIP_DEFLATED)
        with zipfile.ZipFile(file, "w", method) as archive:
            archive.writestr("a.csv", zeros)
    else:
        pack = {"gzip": gzip.compress, "bzip2": bz2.compress, "zstd": zstandard.compress}[packing]
        file.write_bytes(pack(zeros))
    del zeros
    tracemalloc.start()
    data, (blocks,) = whole(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert data == b"" and blocks.lines == {"refused:line_too_long": 1} and peak < 16 << 20


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_of_rarer_methods(tmp_path, method):
    """They come out as they went in; one that is damaged, or is not of its stated size, is read up to there."""
    lines = b"".join(b"%d,%d\n" % (number, number * number) for number in range(100_000))
    file = tmp_path / "rare.zip"
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("a.csv", lines)
        archive.writestr("empty.csv", b"")
        archive.writestr("b.csv", b"one\n")
    data, blocks = whole(file)
    assert data == lines + b"one\n" and len(blocks) == 3 and not any(block.problems for block in blocks)
    raw = file.read_bytes()
    spoilt = bytearray(raw)
    spoilt[raw.find(b"PK\x03\x04", 4) // 2] ^= 0xFF
    at = raw.find(b"PK\x01\x02") + 24
    shorter, longer = ((len(lines) + more).to_bytes(4, "little") for more in (-1, 1))
    for changed in (bytes(spoilt), raw[:at] + shorter + raw[at + 4 :], raw[:at] + longer + raw[at + 4 :]):
        file.write_bytes(changed)
        with open_streams(file) as streams:
            first = next(streams)
            got = b"".join(iter(first.read_piece, b""))
        assert first.problem and "zip data damaged" in first.problem
        assert len(got) > len(lines) // 4 and (changed == spoilt or lines.startswith(got))


def test_what_is_no_lzma_is_refused(tmp_path):
    """A member that says it is LZMA and whose first bytes are none, or ask for a dictionary of gigabytes."""
    file = tmp_path / "rare.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.csv", b"one\n")
    raw = file.read_bytes()
    at = raw.find(b"a.csv") + len("a.csv")
    for changed in (b"\x09\x04\x00\x00", b"\x09\x04\x05\x00\xff", b"\x09\x04\x05\x00\x5d\xff\xff\xff\xff"):
        file.write_bytes(raw[:at] + changed + raw[at + len(changed) :])
        with pytest.raises(UnreadableInput, match="cannot be read"), open_streams(file) as streams:
            list(streams)
