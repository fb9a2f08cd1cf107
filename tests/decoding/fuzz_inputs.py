"""Inputs for fuzzing by number: input ``n`` of a seed is the same bytes on every machine."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from fuzz_mutations import Mutator

CORPUS = Path(__file__).parent / "corpus"
LINES_A_FILE = 2_000
BOMB_BYTES = 256 << 20
_BOMB_EVERY = 500


@dataclass(frozen=True, slots=True)
class FuzzInput:
    """A file to decode; ``lines`` is how many it holds, None where its packing or form leaves that open."""

    name: str
    data: bytes
    lines: int | None


def line_count(text: bytes) -> int:
    """Lines as people count them: a last one without its end is one."""
    return text.count(b"\n") + (bool(text) and not text.endswith(b"\n"))


@cache
def seeds(suffix: str) -> tuple[tuple[str, bytes], ...]:
    """Corpus files of a kind, the regressions of earlier findings among them."""
    found = sorted(CORPUS.rglob(f"*{suffix}"), key=lambda path: path.name)
    return tuple((path.name, path.read_bytes()) for path in found)


def nmea_input(seed: int, number: int) -> FuzzInput:
    """A file of mutated NMEA lines, the forms of time mixed and unmixed."""
    mutator = Mutator(seed * 1_000_003 + number)
    rng = mutator.rng
    files = [data.split(b"\n") for _, data in seeds(".nmea")]
    own = rng.choice(files) if rng.random() < 0.5 else [line for file in files for line in file]
    made = []
    for at in range(LINES_A_FILE):
        line = own[at % len(own)] if rng.random() < 0.7 else rng.choice(own)
        made.append(line if rng.random() < 0.2 else mutator.nmea_line(line, rng.choice(own)))
    text = b"\n".join(made) + rng.choice((b"\n", b""))
    return FuzzInput("log.nmea", text, line_count(text))


def file_input(seed: int, number: int) -> FuzzInput:
    """A mutated table, JSON, Parquet or log file, plain or packed; now and then a bomb."""
    mutator = Mutator(seed * 7_000_003 + number)
    rng = mutator.rng
    if number % _BOMB_EVERY == _BOMB_EVERY - 1:
        name, data = mutator.bomb(rng.choice(("a.csv", "a.nmea", "a.jsonl")), BOMB_BYTES)
        return FuzzInput(name, data, None)
    kind = rng.choice(("csv", "csv", "csv", "json", "json", "parquet", "nmea"))
    if kind == "parquet":
        return FuzzInput("a.parquet", _parquet(mutator), None)
    name, seed_text = rng.choice(seeds({"csv": ".csv", "json": ".jsonl", "nmea": ".nmea"}[kind]) + (
        seeds(".txt") if kind == "csv" else ()
    ))  # fmt: skip
    if kind == "csv":
        text = mutator.table(seed_text, b";" if name.endswith(".txt") else b",")
    elif kind == "json":
        text = mutator.json_lines(seed_text)
    else:
        text = mutator.bytes_of(seed_text, seed_text, 8)
    if rng.random() < 0.3:
        packed_name, data, whole = mutator.packed(name, text)
        return FuzzInput(packed_name, data, line_count(text) if whole else None)
    return FuzzInput(name, text, line_count(text))


def _parquet(mutator: Mutator) -> bytes:
    """Our own form and others' columns, with types that nobody expects, then damaged or not."""
    rng = mutator.rng
    own = random.Random(rng.random())
    rows = own.choice((0, 1, 3, 50))
    names = {
        "time_us": np.arange(rows) * 1_000_000, "mmsi": np.full(rows, 244660000), "lat_deg": np.linspace(-91, 91, rows),
        "lon_deg": np.linspace(-200, 200, rows), "sog_kn": np.zeros(rows), "cog_deg": np.zeros(rows),
        "heading_deg": np.zeros(rows), "nav_status": np.zeros(rows, int), "msg_type": np.full(rows, 1),
        "utc_second": np.zeros(rows, int), "station": np.full(rows, "x"), "offset": np.arange(rows),
    }  # fmt: skip
    if own.random() < 0.5:
        names = {
            "mmsi": names["mmsi"], "base_date_time": np.arange(rows).astype("datetime64[us]"),
            "longitude": names["lon_deg"], "latitude": names["lat_deg"], "sog": names["sog_kn"],
            "cog": names["cog_deg"], "heading": names["heading_deg"], "vessel_name": names["station"],
        }  # fmt: skip
    arrays: dict[str, pa.Array] = {name: pa.array(column) for name, column in names.items()}
    for _ in range(own.randrange(4)):
        name = own.choice(list(arrays))
        arrays[name] = own.choice((
            lambda: pa.array([None] * rows, pa.int64()), lambda: pa.array([None] * rows, pa.null()),
            lambda: pa.array(["9" * 30] * rows), lambda: pa.array([[1, 2]] * rows, pa.list_(pa.int64())),
            lambda: pa.array([{"a": 1}] * rows, pa.struct([("a", pa.int8())])), lambda: pa.array([b"\xff"] * rows),
            lambda: pa.array([1e308, float("nan"), float("inf")][:rows] + [-1e308] * max(0, rows - 3)),
            lambda: pa.array([2**62] * rows), lambda: pa.array([True] * rows),
            lambda: pa.array([2**62] * rows).cast(pa.timestamp("us")),
            lambda: pa.array(["x"] * rows).dictionary_encode(), lambda: pa.array(range(rows), pa.date32()),
        ))()  # fmt: skip
    if own.random() < 0.3 and len(arrays) > 1:
        del arrays[own.choice(list(arrays))]
    table = pa.table(arrays)
    if own.random() < 0.6:
        table = table.replace_schema_metadata({b"shipwatch": b"PositionReports"})
    out = io.BytesIO()
    pq.write_table(
        table, out, row_group_size=max(1, rows // 2), compression=own.choice(("zstd", "snappy", "none", "gzip"))
    )
    data = out.getvalue()
    return data if own.random() < 0.4 else mutator.bytes_of(data, data, 3)
