"""NMEA to columns: shipwatch beside a plain pyais loop, on the same simulated archive, in one run.

    python benchmarks/decode.py [MESSAGES]

Both read the same lines in memory order from one file; pyais gets the sentences alone (tag blocks cut off beforehand,
outside the measured time), because the loop most people write does that; it also decodes what shipwatch refuses (bad
checksums, positions not available), so its count is a little higher. shipwatch parses tag blocks
and times too. Ratios matter; figures vary with the machine.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import perf_counter

from pyais.queue import NMEAQueue

from decoders.reading import read
from shipwatch.simulator.demo import demo_scenario


def archive(folder: Path, lines: int) -> Path:
    """The first lines of the demo scenario, plain."""
    path = folder / "archive.nmea"
    with path.open("wb") as out:
        for number, line in enumerate(demo_scenario(1).nmea_lines()):
            if number >= lines:
                break
            out.write(line + b"\n")
    return path


def with_shipwatch(path: Path) -> tuple[int, float]:
    """Messages read, and seconds."""
    started = perf_counter()
    count = sum(batch.lines.get("read", 0) for batch in read(path))
    return count, perf_counter() - started


def with_pyais(path: Path) -> tuple[int, float]:
    """Messages decoded by pyais's own queue, and seconds."""
    sentences = [line[line.index(b"!") :] for line in path.read_bytes().splitlines() if b"!" in line]
    queue, count = NMEAQueue(), 0
    started = perf_counter()
    for sentence in sentences:
        queue.put_line(sentence)
        while (message := queue.get_or_none()) is not None:
            message.decode()
            count += 1
    return count, perf_counter() - started


def main() -> None:
    """Print both rates and their ratio."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
    with tempfile.TemporaryDirectory() as folder:
        path = archive(Path(folder), lines)
        rates = {}
        for name, run in (("shipwatch", with_shipwatch), ("pyais", with_pyais)):
            best = 0.0
            for _ in range(3):
                count, seconds = run(path)
                best = max(best, count / seconds)
            rates[name] = best
            print(f"{name:<10} {count:>9,} messages  {best:>12,.0f} messages/s")
        print(f"shipwatch / pyais = {rates['shipwatch'] / rates['pyais']:.1f}")


if __name__ == "__main__":
    main()
