"""NMEA to columns: shipwatch beside every decoder that pip and apt install, on the same lines, on one core.

    python benchmarks/decode.py [--lines 1000000] [--rounds 3] [--smoke]

The file is real sentences with other positions in each repetition (``decode_sample.py``), once plain and once behind
tag blocks. Every figure is CPU time (user and system) of a process of its own; rounds are interleaved, medians are
printed. Decoders under a million messages a second read the first fifth of the file. pip: pyais libais aiscat; apt:
gpsd-clients.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import decode_sample

HERE = Path(__file__).parent
SLOW = ("pyais", "libais", "aiscat-columns", "aiscat-dicts", "gpsdecode")
FLOORS = (
    ("shipwatch", "pyais", 100), ("shipwatch", "aiscat-columns", 15), ("shipwatch", "aiscat-dicts", 7),
    ("shipwatch, tag blocks", "pyais, tag blocks", 75),
)  # fmt: skip


def measured(decoder: str, path: Path) -> tuple[int, float] | None:
    """Messages and CPU seconds of one run; None where the decoder is not installed."""
    command = [sys.executable, str(HERE / "decode_peers.py"), decoder, str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    first, second = done.stdout.split(maxsplit=1)
    return None if first == "missing" else (int(first), float(second))


def seconds_to_start(environment: dict[str, str]) -> float:
    """Wall seconds of a process that decodes one line; numba imports SciPy where it is installed (0.15 s)."""
    line = "!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A"
    code = f"from decoders.nmea import NmeaDecoder; NmeaDecoder().step(b'{line}', 0, 1)"
    started = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    return perf_counter() - started


def first_lines(path: Path, lines: int) -> Path:
    """A file of the first lines of another."""
    part = path.with_suffix(".part.nmea")
    with path.open("rb") as whole, part.open("wb") as out:
        out.writelines(line for line, _ in zip(whole, range(lines), strict=False))
    return part


def main() -> None:
    """Print rates, ratios with their floors, and the times to start."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--smoke", action="store_true", help="seconds, not minutes: 60,000 lines, one round, no compiling"
    )
    options = parser.parse_args()
    if options.smoke:
        options.lines, options.rounds = 60_000, 1
    with tempfile.TemporaryDirectory() as folder:
        plain, tagged = decode_sample.write(Path(folder), options.lines)
        real = "real sentences" if decode_sample.SAMPLES.is_dir() else "the simulator's sentences"
        print(f"{options.lines:,} lines of {real}, {options.rounds} interleaved rounds, CPU time, medians")
        fifth = options.lines if options.smoke else options.lines // 5
        parts = {path: first_lines(path, fifth) for path in (plain, tagged)}
        runs = [("shipwatch", "shipwatch", plain), ("shipwatch, tag blocks", "shipwatch", tagged)]
        runs += [(name, name, parts[plain]) for name in SLOW] + [("pyais, tag blocks", "pyais", parts[tagged])]
        rates: dict[str, list[float]] = {}
        counts: dict[str, int] = {}
        for _ in range(options.rounds):
            for name, decoder, path in runs:
                got = measured(decoder, path)
                if got is not None:
                    counts[name] = got[0]
                    rates.setdefault(name, []).append(got[0] / got[1])
    for name, _, _ in runs:
        if name not in rates:
            print(f"{name:<24} not installed")
            continue
        middle, best = statistics.median(rates[name]), max(rates[name])
        print(f"{name:<24}{counts[name]:>10,} messages {middle:>12,.0f} messages/s (best {best:,.0f})")
    for ours, theirs, floor in FLOORS:
        if theirs in rates:
            ratio = statistics.median(mine / peer for mine, peer in zip(rates[ours], rates[theirs], strict=True))
            print(f"{ours} / {theirs} = {ratio:.1f} (floor {floor})")
    environment = dict(os.environ)
    least = min(seconds_to_start(environment) for _ in range(5))
    print(f"a process with the compiled cache decodes its first line after {least:.2f} s (floor 1), the least of five")
    if not options.smoke:
        with tempfile.TemporaryDirectory() as cache:
            spent = seconds_to_start({**environment, "XDG_CACHE_HOME": cache})
        print(f"without it, where it must compile, after {spent:.1f} s")


if __name__ == "__main__":
    main()
