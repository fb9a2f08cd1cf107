"""Tables to typed position columns sorted by (ship, time): shipwatch beside polars, duckdb, pyarrow and pandas.

    python benchmarks/tables.py [--rows 5000000] [--forms csv gz zst zip parquet] [--repeat 3] [--folder FOLDER]

All read the same file, made here (seeded, 17 MarineCadastre columns, about 103 bytes a row), and give the same eight
columns with the same types in the same order: mmsi int32, time, latitude and longitude float64, speed, course and heading
float32, status int8. shipwatch also refuses rows without a usable position and makes "not available" of 511, 360 and 15,
as `shipwatch decode` does: the path measured is the library's own `decoders.loading.load_positions`.

Each measurement is a process of its own with one thread; importing, and loading compiled code, is not in the rate (a load
of 2,000 rows runs before). Rates are rows a second of CPU time (user and system), the best of the repeats; memory is the
largest resident size of the process. Peers that are not installed are named and left out.
"""  # noqa: E501

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

PEERS = ("pyarrow", "polars", "duckdb", "pandas")
FORMS = ("csv", "gz", "zst", "zip", "parquet")
WARM_ROWS = 2_000
CHUNK_ROWS = 250_000
NAMES = ("MMSI", "BaseDateTime", "LAT", "LON", "SOG", "COG", "Heading", "Status")
ONE_THREAD = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "ARROW_IO_THREADS", "NUMEXPR_MAX_THREADS"), "1")


def write_tables(folder: Path, rows: int, forms: tuple[str, ...]) -> None:
    """One day of a coast: ships that lie or sail, one row about every minute and ship, in the order of time."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.csv as pacsv  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    plain, parquet = folder / f"{rows}.csv", folder / f"{rows}.parquet"
    if not (plain.exists() and parquet.exists()):
        rng = np.random.default_rng(2024)
        ship_count = max(10, rows // 320)
        ships = _ships(rng, ship_count)
        writer: Any = None
        with plain.open("wb") as out:
            for start in range(0, rows, CHUNK_ROWS):
                count = min(CHUNK_ROWS, rows - start)
                seconds = np.sort(rng.integers(start * 86_400 // rows, (start + count) * 86_400 // rows + 1, count))
                table = _rows(rng, ships, rng.integers(0, ship_count, count), np.minimum(seconds, 86_399))
                options = pacsv.WriteOptions(include_header=start == 0, quoting_style="none")
                pacsv.write_csv(_printed(table), out, options)
                writer = writer or pq.ParquetWriter(parquet, table.schema, compression="zstd")
                writer.write_table(table)
        writer.close()
    if "gz" in forms and not plain.with_suffix(".csv.gz").exists():
        with gzip.open(plain.with_suffix(".csv.gz"), "wb", 6) as packed:
            _copy(plain, packed)
    if "zst" in forms and not plain.with_suffix(".csv.zst").exists():
        with (
            pa.OSFile(str(plain.with_suffix(".csv.zst")), "wb") as sink,
            pa.CompressedOutputStream(sink, "zstd") as packed,
        ):
            _copy(plain, packed)
    if "zip" in forms and not plain.with_suffix(".zip").exists():
        with zipfile.ZipFile(plain.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(plain, plain.name)


def _copy(path: Path, sink: Any) -> None:
    with path.open("rb") as source:
        while piece := source.read(1 << 20):
            sink.write(piece)


def _ships(rng: np.random.Generator, count: int) -> dict[str, Any]:
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    names = [" ".join("".join(rng.choice(letters, rng.integers(3, 9))) for _ in range(rng.integers(1, 3)))
             for _ in range(count)]  # fmt: skip
    with_imo = rng.random(count) < 0.45
    class_a = with_imo | (rng.random(count) < 0.4)
    length = rng.integers(6, 366, count)
    return {
        "mmsi": rng.choice(np.arange(201_000_000, 775_000_000, 37), count, replace=False).astype(np.int32),
        "name": np.array(names),
        "imo": np.where(with_imo, np.char.add("IMO", rng.integers(7_000_000, 9_999_999, count).astype(str)), ""),
        "callsign": np.where(
            rng.random(count) < 0.8, np.char.add("W", rng.integers(10_000, 99_999, count).astype(str)), ""
        ),
        "type": rng.choice([30, 31, 36, 37, 52, 60, 70, 80, 90, 0], count).astype(np.int16),
        "length": length.astype(np.int16),
        "width": np.maximum(2, length // 7).astype(np.int16),
        "draft": np.round(rng.uniform(1, 18, count), 1),
        "has_draft": rng.random(count) < 0.5,
        "class_a": class_a,
        "status": rng.choice([0, 0, 0, 1, 5, 15, 8], count).astype(np.int8),
        "lat": rng.uniform(18, 60, count),
        "lon": rng.uniform(-170, -60, count),
        "course": rng.uniform(0, 360, count),
        "speed": np.where(rng.random(count) < 0.55, 0, rng.uniform(0.1, 20, count)),
    }


def _rows(rng: np.random.Generator, ships: dict[str, Any], ship: Any, second: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    count = len(ship)
    run = ships["speed"][ship] * second / 3600 / 60 * 0.3
    course = ships["course"][ship]
    class_a = ships["class_a"][ship]
    cog = np.round((course + rng.normal(0, 3, count)) % 360, 1)
    cog[rng.random(count) < 0.05] = 360.0
    time = np.datetime64("2024-03-01T00:00:00") + second.astype("timedelta64[s]")
    noise = rng.normal(0, 2e-5, (2, count))
    texts = {name: ships[name][ship].astype(object) for name in ("name", "imo", "callsign")}
    return pa.table({
        "MMSI": ships["mmsi"][ship],
        "BaseDateTime": pa.array(time, pa.timestamp("s")),
        "LAT": np.round(ships["lat"][ship] + run * np.cos(np.radians(course)) + noise[0], 5),
        "LON": np.round(ships["lon"][ship] + run * np.sin(np.radians(course)) + noise[1], 5),
        "SOG": np.round(np.abs(ships["speed"][ship] + rng.normal(0, 0.1, count)), 1),
        "COG": cog,
        "Heading": np.where(class_a, np.round(course).astype(np.int16) % 360, 511).astype(np.float64),
        "VesselName": pa.array(texts["name"], pa.string()),
        "IMO": pa.array(texts["imo"], pa.string()),
        "CallSign": pa.array(texts["callsign"], pa.string()),
        "VesselType": ships["type"][ship],
        "Status": pa.array(ships["status"][ship], mask=~class_a),
        "Length": ships["length"][ship],
        "Width": ships["width"][ship],
        "Draft": pa.array(ships["draft"][ship], mask=~ships["has_draft"][ship]),
        "Cargo": ships["type"][ship],
        "TransceiverClass": pa.array(np.where(class_a, "A", "B").astype(object), pa.string()),
    })  # fmt: skip


def _printed(table: Any) -> Any:
    """The table with its numbers as MarineCadastre prints them: ``2024-03-01T00:00:05``, ``151.0``."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    def put(table: Any, name: str, column: Any) -> Any:
        return table.set_column(table.schema.get_field_index(name), name, column)

    table = put(table, "BaseDateTime", pc.strftime(table["BaseDateTime"], "%Y-%m-%dT%H:%M:%S"))
    for name in ("SOG", "COG", "Heading"):
        text = pc.cast(table[name], pa.string())
        whole = pc.invert(pc.match_substring(text, "."))
        table = put(table, name, pc.if_else(whole, pc.binary_join_element_wise(text, ".0", ""), text))
    return table


def with_shipwatch(path: Path) -> list[Any]:
    from decoders.loading import load_positions  # noqa: PLC0415

    return list(load_positions(path, order="ship").values())


def with_pyarrow(path: Path) -> list[Any]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.csv as pacsv  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    if path.suffix == ".zip":
        raise ValueError("reads no zip")
    if path.suffix == ".parquet":
        table = pq.read_table(path, columns=list(NAMES), use_threads=False)
        floats = {name: pa.float32() for name in ("SOG", "COG", "Heading")}
        table = table.cast(pa.schema([(f.name, floats.get(f.name, f.type)) for f in table.schema]))
    else:
        types = dict(zip(NAMES, (pa.int32(), pa.timestamp("s"), pa.float64(), pa.float64(), pa.float32(), pa.float32(),
                                 pa.float32(), pa.int8()), strict=True))  # fmt: skip
        convert = pacsv.ConvertOptions(include_columns=list(NAMES), column_types=types)
        table = pacsv.read_csv(path, pacsv.ReadOptions(use_threads=False), convert_options=convert)
    table = table.sort_by([("MMSI", "ascending"), ("BaseDateTime", "ascending")])
    return [table[name] for name in NAMES]


def with_polars(path: Path) -> list[Any]:
    import polars as pl  # noqa: PLC0415

    if path.suffix == ".zip":
        raise ValueError("reads no zip")
    types = dict(zip(NAMES, (pl.Int32, pl.Datetime("us"), pl.Float64, pl.Float64, pl.Float32, pl.Float32, pl.Float32,
                             pl.Int8), strict=True))  # fmt: skip
    if path.suffix == ".parquet":
        frame = pl.scan_parquet(path).select(NAMES)
    else:
        read = {**types, "BaseDateTime": pl.String}
        frame = pl.scan_csv(path, schema_overrides=read).select(NAMES)
        frame = frame.with_columns(pl.col("BaseDateTime").str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us"))
    sorted_frame = frame.cast(types).sort("MMSI", "BaseDateTime", maintain_order=True).collect()
    return [sorted_frame[name] for name in NAMES]


def with_duckdb(path: Path) -> list[Any]:
    import duckdb  # noqa: PLC0415

    if path.suffix == ".zip":
        raise ValueError("reads no zip")
    base = duckdb.connect()
    base.execute("set threads = 1")
    if path.suffix == ".parquet":
        source = f"read_parquet('{path}')"
    else:
        names = ("MMSI", "BaseDateTime", "LAT", "LON", "SOG", "COG", "Heading", "VesselName", "IMO", "CallSign",
                 "VesselType", "Status", "Length", "Width", "Draft", "Cargo", "TransceiverClass")  # fmt: skip
        types = dict.fromkeys(names, "VARCHAR") | {
            "MMSI": "INTEGER", "BaseDateTime": "TIMESTAMP", "LAT": "DOUBLE", "LON": "DOUBLE", "SOG": "FLOAT",
            "COG": "FLOAT", "Heading": "FLOAT", "Status": "TINYINT",
        }  # fmt: skip
        source = f"read_csv('{path}', header=true, auto_detect=false, columns={types!r})"
    columns = "MMSI, BaseDateTime, LAT, LON, SOG::FLOAT SOG, COG::FLOAT COG, Heading::FLOAT Heading, Status"
    made = base.execute(f"select {columns} from {source} order by MMSI, BaseDateTime").fetchnumpy()
    return list(made.values())


def with_pandas(path: Path) -> list[Any]:
    import pandas as pd  # noqa: PLC0415

    floats = dict.fromkeys(("SOG", "COG", "Heading"), "float32")
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path, columns=list(NAMES)).astype(floats)
    else:
        types = {"MMSI": "int32", "LAT": "float64", "LON": "float64", **floats, "Status": "Int8"}
        frame = pd.read_csv(path, usecols=list(NAMES), dtype=types, engine="c")
        frame["BaseDateTime"] = pd.to_datetime(frame["BaseDateTime"], format="%Y-%m-%dT%H:%M:%S")
    frame = frame.sort_values(["MMSI", "BaseDateTime"], kind="stable")
    return [frame[name] for name in NAMES]


LOADERS: dict[str, Callable[[Path], list[Any]]] = {
    "shipwatch": with_shipwatch, "pyarrow": with_pyarrow, "polars": with_polars, "duckdb": with_duckdb,
    "pandas": with_pandas,
}  # fmt: skip


def peak_mb() -> float:
    """The largest resident size of this process so far (``ru_maxrss`` would count its parent's before the exec)."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1024)


def measure(name: str, path: Path, warm: Path) -> dict[str, Any]:
    """In this process: rows a second of CPU time, peak memory in MB, and sums that must agree."""
    loader = LOADERS[name]
    loader(warm)
    started = process_time()
    columns = loader(path)
    seconds = process_time() - started
    mmsi, lat, lon = (np.asarray(columns[i]) for i in (0, 2, 3))
    return {
        "rows": len(mmsi),
        "rate": len(mmsi) / seconds,
        "peak_mb": peak_mb(),
        "sums": [float(mmsi[: len(mmsi) // 2].astype(np.int64).sum()), float(lat.sum()), float(lon.sum())],
    }


def _in_own_process(name: str, path: Path, warm: Path) -> dict[str, Any] | str:
    command = [sys.executable, __file__, "--one", name, str(path), str(warm)]
    done = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["failed"])[-1]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(folder: Path, rows: int, forms: tuple[str, ...], repeat: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Measure every loader on every form, print a table, give the figures."""
    write_tables(folder, rows, forms)
    write_tables(folder, WARM_ROWS, forms)
    missing = [name for name in PEERS if importlib.util.find_spec(name) is None]
    if missing:
        print(f"not installed, left out: {', '.join(missing)} (pip install polars duckdb pandas)")
    figures: dict[str, dict[str, dict[str, Any]]] = {}
    for form in forms:
        suffix = {"csv": ".csv", "gz": ".csv.gz", "zst": ".csv.zst", "zip": ".zip", "parquet": ".parquet"}[form]
        path, warm = folder / f"{rows}{suffix}", folder / f"{WARM_ROWS}{suffix}"
        print(f"\n{form}: {rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB")
        figures[form] = {}
        names = [name for name in LOADERS if name not in missing]
        # In turns, so that a machine that is busy for a while is busy for all of them.
        rounds = [{name: _in_own_process(name, path, warm) for name in names} for _ in range(repeat)]
        for name in names:
            found = [one[name] for one in rounds]
            good = [one for one in found if isinstance(one, dict)]
            if not good:
                print(f"  {name:<10} {found[0]}")
                continue
            best = max(good, key=lambda one: float(one["rate"])) | {
                "peak_mb": min(float(one["peak_mb"]) for one in good)
            }
            figures[form][name] = best
            print(f"  {name:<10} {best['rate'] / 1e3:>8,.0f} k rows/s  {best['peak_mb']:>7,.0f} MB")
        peers = {name: one for name, one in figures[form].items() if name != "shipwatch"}
        ours = figures[form]["shipwatch"]
        if peers:
            assert all(np.allclose(one["sums"], ours["sums"], rtol=1e-9) for one in peers.values()), (
                "the loaders do not agree"
            )
            fastest = max(float(one["rate"]) for one in peers.values())
            smallest = min(float(one["peak_mb"]) for one in peers.values())
            print(
                f"  shipwatch: {ours['rate'] / fastest:.2f} x the fastest peer, "
                f"{ours['peak_mb'] / smallest:.2f} x the memory of the smallest"
            )
    return figures


def main() -> None:
    """Command line."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=list(FORMS))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the tables are made and kept (default: a temporary folder)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        run(folder, asked.rows, tuple(asked.forms), asked.repeat)


if __name__ == "__main__":
    main()
