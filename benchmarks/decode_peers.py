"""One decoder, one file, once: prints messages and CPU seconds; ``decode.py`` starts it, each time as a new process.

    python benchmarks/decode_peers.py DECODER FILE

Reading the file counts, importing and compiling do not. "columns" means one array a field, of every position and static
report. They are made and dropped piece by piece, as whoever streams a file does: 20,000 messages, or a block.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from array import array
from collections import defaultdict
from pathlib import Path
from time import process_time
from typing import Any

POSITION_FIELDS = ("msg_type", "mmsi", "lon", "lat", "speed", "course", "heading", "status", "second")
STATIC_FIELDS = ("msg_type", "mmsi", "imo", "callsign", "shipname", "ship_type", "to_bow", "to_stern", "to_port",
                 "to_starboard", "draught", "destination")  # fmt: skip
PIECE = 20_000
POSITIONS, STATICS = {1, 2, 3, 9, 18, 19, 27}, {5, 19, 24}
SENTENCE = re.compile(rb"[!$]..VD[MO],(\d),(\d),(\d*),([^,]*),([^,*]*),([0-5])\*")


def shipwatch(path: Path) -> tuple[int, float]:
    """Plain files carry no times: they are decoded as a feed that is heard now."""
    from decoders.nmea import NmeaDecoder  # noqa: PLC0415
    from decoders.reading import NMEA_BLOCK_BYTES  # noqa: PLC0415
    from decoders.reused_blocks import ReusedBlocks  # noqa: PLC0415
    from decoders.streams import open_streams  # noqa: PLC0415

    NmeaDecoder().step(b"", 0)
    started = process_time()
    decoder, count = NmeaDecoder(), 0
    with open_streams(path) as streams:
        for stream in streams:
            for offset, block in ReusedBlocks(stream, NMEA_BLOCK_BYTES):
                batch = decoder.step(block, offset, heard_us=1_700_000_000_000_000)
                count += sum(batch.messages.values()) + _refused_messages(batch.lines)
    batch = decoder.finish()
    return count, process_time() - started


def _refused_messages(lines: Any) -> int:
    """Messages that were decoded and found without a place or a ship (the peers count them too)."""
    return sum(
        lines.get(f"refused:{why}", 0)
        for why in ("mmsi_out_of_range", "position_not_available", "position_out_of_range")
    )


def pyais(path: Path) -> tuple[int, float]:
    """Its own file reader, the checksum asked for, attributes to lists, lists to arrays."""
    from pyais import FileReaderStream  # noqa: PLC0415

    started = process_time()
    positions: dict[str, list[Any]] = {name: [] for name in POSITION_FIELDS}
    statics: dict[str, list[Any]] = {name: [] for name in STATIC_FIELDS}
    count = 0
    with FileReaderStream(str(path)) as stream:
        for sentence in stream:
            if not sentence.is_valid:
                continue
            try:
                message = sentence.decode()
            except Exception:
                continue
            count += 1
            if message.msg_type in POSITIONS:
                for name, column in positions.items():
                    column.append(getattr(message, name, None))
            if message.msg_type in STATICS:
                for name, column in statics.items():
                    column.append(getattr(message, name, None))
            if count % PIECE == 0:
                _arrays(positions)
                _arrays(statics)
    _arrays(positions)
    _arrays(statics)
    return count, process_time() - started


def _arrays(columns: dict[str, list[Any]]) -> list[Any]:
    """The lists as NumPy arrays; the lists are emptied."""
    import numpy as np  # noqa: PLC0415

    made = [np.array(column) for column in columns.values()]
    for column in columns.values():
        column.clear()
    return made


def libais(path: Path) -> tuple[int, float]:
    """Its C++ part on payloads split by hand, parts that adjoin joined; no checksums, no columns."""
    import ais  # noqa: PLC0415

    started = process_time()
    count, first = 0, (b"", b"")
    for line in path.read_bytes().splitlines():
        found = SENTENCE.search(line)
        if found is None:
            continue
        total, number, sequence, channel, payload, fill = found.groups()
        if total == b"2":
            if number == b"1":
                first = (sequence + channel, payload)
                continue
            if first[0] != sequence + channel:
                continue
            payload = first[1] + payload
        elif total != b"1":
            continue
        try:
            ais.decode(payload.decode(), int(fill))
            count += 1
        except ais.DecodeError:
            pass
    return count, process_time() - started


def aiscat_dicts(path: Path) -> tuple[int, float]:
    """AIS-catcher's decoder through its Python door, to dictionaries."""
    import aiscat  # noqa: PLC0415

    started = process_time()
    count = sum(1 for _ in aiscat.from_file(str(path)))
    return count, process_time() - started


def aiscat_columns(path: Path) -> tuple[int, float]:
    """The same to columns."""
    import aiscat  # noqa: PLC0415

    started = process_time()
    numbers = {
        name: array("d") for name in ("type", "mmsi", "lon", "lat", "speed", "course", "heading", "status", "second")
    }
    others: dict[str, list[Any]] = defaultdict(list)
    names = ("type", "mmsi", "imo", "callsign", "shipname", "shiptype", "to_bow", "to_stern", "to_port", "to_starboard",
             "draught", "destination")  # fmt: skip
    count = 0
    for message in aiscat.from_file(str(path)):
        count += 1
        kind = message.get("type")
        if kind in POSITIONS:
            for name, column in numbers.items():
                column.append(message.get(name, -1))
        if kind in STATICS:
            for name in names:
                others[name].append(message.get(name))
        if count % PIECE == 0:
            numbers = {name: array("d") for name in numbers}
            others.clear()
    return count, process_time() - started


def gpsdecode(path: Path) -> tuple[int, float]:
    """gpsd's decoder to JSON lines."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with path.open("rb") as lines:
        done = subprocess.run(["gpsdecode", "-j"], stdin=lines, stdout=subprocess.PIPE, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout.count(b'"class":"AIS"'), spent


DECODERS = {
    "shipwatch": shipwatch, "pyais": pyais, "libais": libais, "aiscat-dicts": aiscat_dicts,
    "aiscat-columns": aiscat_columns, "gpsdecode": gpsdecode,
}  # fmt: skip

if __name__ == "__main__":
    try:
        print(*DECODERS[sys.argv[1]](Path(sys.argv[2])))
    except (ImportError, FileNotFoundError) as missing:
        print("missing", missing)
