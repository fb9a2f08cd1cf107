"""The door of the wing: any input in, batches of reports out, in bounded memory and in the order of the input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from decoders.detect import NMEA, PARQUET, PARQUET_MAGIC, detect
from decoders.errors import UnknownFormat, UnreadableInput
from decoders.json_formats import json_format_named
from decoders.jsonlines import read_json_lines
from decoders.reports import Batch
from decoders.reused_blocks import ReusedBlocks
from decoders.streams import BLOCK_BYTES, STDIN, ByteStream, LineBlocks, open_streams

NMEA_BLOCK_BYTES = 1 << 19  # what is read and what becomes of it stay in the processor's cache
OF_UNKNOWN_MEMBER = "refused:unknown_format"


def read(
    paths: str | Path | Iterable[str | Path],
    format: str | None = None,
    block_bytes: int = BLOCK_BYTES,
    *,
    statics: bool = True,
) -> Iterator[Batch]:
    """Decode inputs one after another, each as :func:`read_file` does.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "log.nmea"
    ...     _ = file.write_bytes(b"1700000000 !AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A\\n")
    ...     sum(len(batch.positions) for batch in read(file))
    1
    """
    for path in [paths] if isinstance(paths, (str, Path)) else paths:
        yield from read_file(path, format, block_bytes, statics=statics)


def read_file(
    path: str | Path, format: str | None = None, block_bytes: int = BLOCK_BYTES, *, statics: bool = True
) -> Iterator[Batch]:
    """Decode one input: a file, plain or packed (gzip, bzip2, zstd, zip), or ``-`` for standard input.

    ``format`` (``nmea``, ``parquet`` or a table format's name) is told from the content when it is None. Offsets are
    bytes of the unpacked content, running on over the members of a zip; a member of no known format is left out, its
    lines counted as ``refused:unknown_format``. Without ``statics`` nobody needs the static reports: tables do not look
    at the static part of their rows, which is faster. Rows that cannot be used are counted in ``Batch.lines``; what is
    wrong with the input as a whole, yet not fatal, is in ``Batch.problems`` (ends early, no line carries a time).
    Raises :class:`~decoders.errors.DecodeError` when nothing of the input can be decoded.
    """
    offset = 0
    recognised = False
    unknown: list[UnknownFormat] = []
    unknown_lines = 0
    with open_streams(path) as streams:
        for stream in streams:
            sample = stream.sample()
            if not sample and stream.problem is not None:
                raise UnreadableInput(str(path), stream.problem.removeprefix(f"{stream.place}: "))
            blocks = LineBlocks(stream, block_bytes, offset)
            try:
                name = format or detect(sample, stream.place)
            except UnknownFormat as reason:
                if stream.member is None:
                    raise
                unknown.append(reason)
                unknown_lines += sum(_line_count(block) for _, block in blocks) + sum(blocks.lines.values())
                offset = blocks.end
                continue
            recognised = True
            if name == NMEA:
                blocks = ReusedBlocks(stream, min(block_bytes, NMEA_BLOCK_BYTES), offset)
            elif json_format_named(name) is None:
                blocks = ReusedBlocks(stream, block_bytes, offset)
            if name == PARQUET or sample.startswith(PARQUET_MAGIC):
                yield from _parquet(path, stream, format, statics)
                continue
            yield from _nmea(blocks, stream.place) if name == NMEA else _table(blocks, name, stream.place, statics)
            if blocks.lines or blocks.problems:
                yield Batch(lines=dict(blocks.lines), problems=blocks.problems, first_places=dict(blocks.first_places))
            offset = blocks.end
    if not recognised:
        raise unknown[0] if unknown else UnknownFormat(str(path), "a zip without files")
    if unknown:
        yield Batch(lines={OF_UNKNOWN_MEMBER: unknown_lines}, problems=tuple(str(reason) for reason in unknown))


def _nmea(blocks: LineBlocks, place: str) -> Iterator[Batch]:
    from decoders.nmea import read_nmea  # noqa: PLC0415 (machine code, which other formats do not need)

    return read_nmea(blocks, place)


def _table(blocks: LineBlocks, name: str, place: str, statics: bool) -> Iterator[Batch]:
    messages = json_format_named(name)
    if messages is not None:
        return read_json_lines(blocks, messages, place)
    from decoders.tables import read_table  # noqa: PLC0415 (machine code, which other formats do not need)

    return read_table(blocks, name, file_name=place, statics=statics)


def _parquet(path: str | Path, stream: ByteStream, format: str | None, statics: bool) -> Iterator[Batch]:
    if str(path) == STDIN or stream.packing:
        raise UnreadableInput(stream.place, "Parquet cannot be read from a pipe or from inside a packed file")
    from decoders.parquet_reports import is_ours, read_parquet  # noqa: PLC0415 (pyarrow.parquet is slow to import)

    if is_ours(Path(path)):
        yield from read_parquet(Path(path))
        return
    from decoders.foreign_parquet import read_foreign_parquet  # noqa: PLC0415 (the same)

    yield from read_foreign_parquet(Path(path), None if format == PARQUET else format, statics=statics)


def _line_count(block: bytes) -> int:
    return block.count(b"\n") + (not block.endswith(b"\n"))
