"""Peak memory of decoding 1 M and 10 M lines of NMEA, plain and packed: it must not grow with the file.

python benchmarks/decode_memory.py [--lines 10000000] [--packed]
"""

from __future__ import annotations

import argparse
import gzip
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import decode_sample
import zstandard

FLOOR_MB, GROWTH = 600, 1.2
# VmHWM and not ru_maxrss: that one carries the peak of the process that started this one.
RUN = """
import sys
from decoders.reading import read
lines = reports = 0
for batch in read(sys.argv[1]):
    lines += batch.total_lines()
    reports += len(batch.positions) + len(batch.statics)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(lines, reports, int(peak.split()[1]) // 1024)
"""


def peak_mb(path: Path) -> tuple[int, int, int]:
    """Lines, reports and peak resident memory in MB of a process that decodes the file and drops what it gets."""
    done = subprocess.run([sys.executable, "-c", RUN, str(path)], stdout=subprocess.PIPE, check=True, text=True)
    lines, reports, peak = map(int, done.stdout.split())
    return lines, reports, peak


def repeated(source: Path, target: Path, times: int) -> None:
    """The file so many times over; packed as the target's name says."""
    data = source.read_bytes()
    if target.suffix == ".gz":
        with gzip.open(target, "wb", compresslevel=1) as out:
            for _ in range(times):
                out.write(data)
    elif target.suffix == ".zst":
        with target.open("wb") as raw, zstandard.ZstdCompressor().stream_writer(raw) as packed:
            for _ in range(times):
                packed.write(data)
    elif target.suffix == ".zip":
        archive = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        with archive, archive.open("log.nmea", "w", force_zip64=True) as member:
            for _ in range(times):
                member.write(data)
    else:
        with target.open("wb") as plain:
            for _ in range(times):
                plain.write(data)


def main() -> None:
    """Print both peaks for each form, and whether they keep the floors."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--packed", action="store_true", help="gz, zst and zip too")
    options = parser.parse_args()
    first = options.lines // 10
    with tempfile.TemporaryDirectory() as folder:
        _, tagged = decode_sample.write(Path(folder), first)
        for suffix in ("", ".gz", ".zst", ".zip") if options.packed else ("",):
            peaks = []
            for times in (1, 10):
                target = Path(folder) / f"log-{times}.nmea{suffix}"
                repeated(tagged, target, times)
                lines, reports, peak = peak_mb(target)
                target.unlink()
                peaks.append(peak)
                print(f"{suffix or 'plain':<6}{lines:>12,} lines {reports:>12,} reports  peak {peak:,} MB", flush=True)
            kept = peaks[1] < FLOOR_MB and peaks[1] <= GROWTH * peaks[0]
            print(
                f"{suffix or 'plain':<6}{peaks[1] / peaks[0]:.2f} x,",
                "kept" if kept else "NOT KEPT",
                f"(< {FLOOR_MB} MB, <= {GROWTH} x)",
            )


if __name__ == "__main__":
    main()
