"""Runs mutated lines and files through the decode path and looks for crashes, hangs, memory and lost lines.

    python tests/decoding/fuzz_decode.py [--lines 1000000] [--files 10000] [--seed 1] [--findings build/fuzz]

Inputs are worked off in a process of their own. Each may take ``CPU_S`` seconds of CPU time and ``GROWTH_BYTES`` more
memory than the process had before; a process that dies is a finding of the input that it was at, and the next goes on
behind it. Of each input: nothing but ``DecodeError`` is raised, every line is in exactly one class, values are in their
ranges, and another cut into blocks gives the same. What fails is kept as a file, to become a regression in the corpus.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import IO

import numpy as np
from fuzz_inputs import LINES_A_FILE, FuzzInput, file_input, line_count, nmea_input

from decoders.errors import DecodeError
from decoders.reading import read
from decoders.reports import Batch, PositionReports, StaticReports, add_counts
from shipwatch.decoded_files import DecodingError, decode_files

CPU_S = 20.0
GROWTH_BYTES = 300 << 20
MOST_ADDRESS_BYTES = 6 << 30
WALL_S = 900
MAKERS: dict[str, Callable[[int, int], FuzzInput]] = {"lines": nmea_input, "files": file_input}
__all__ = ["FuzzInput", "check", "line_count"]
SUFFIXES = ("parquet", "csv", "arrow")


class Finding(Exception):
    """What went wrong with one input."""


def check(made: FuzzInput, folder: Path, number: int = 0) -> None:
    """Decode one input every way; raises :class:`Finding`."""
    path = folder / made.name
    path.write_bytes(made.data)
    try:
        whole = _read(path, 4 << 20)
        if whole is not None:
            _ranges(whole)
            total = whole.total_lines()
            if made.lines is not None and total != made.lines:
                raise Finding(f"{made.lines} lines, {total} counted: {dict(whole.lines)}")
            if min(whole.lines.values(), default=1) < 0:
                raise Finding(f"a class has fewer than no lines: {dict(whole.lines)}")
            if len(made.data) < 4 << 20 and made.lines is not None:
                sizes = (1, 50, 1_001, 5_003) if len(made.data) < 20_000 else (400, 3_001, 20_011, 70_000)
                _same(whole, _read(path, sizes[number % 4]))
        _command(path, folder, number, whole)
    finally:
        path.unlink(missing_ok=True)


def _read(path: Path, block_bytes: int) -> Batch | None:
    """All that an input gives as one batch; None where it is refused as a whole."""
    lines: dict[str, int] = {}
    messages: dict[int, int] = {}
    positions, statics = [], []
    try:
        for batch in read(path, block_bytes=block_bytes):
            add_counts(lines, batch.lines)
            add_counts(messages, batch.messages)
            positions.append(batch.positions)
            statics.append(batch.statics)
    except DecodeError as refusal:
        if not str(refusal).strip():
            raise Finding("refused without a word") from refusal
        return None
    except Exception as problem:
        raise Finding(f"{type(problem).__name__}: {problem}") from problem
    return Batch(PositionReports.concat(positions), StaticReports.concat(statics), lines, messages)


def _ranges(batch: Batch) -> None:
    """Values that everything downstream relies on."""
    p, s = batch.positions, batch.statics
    for reports in (p, s):
        for name, column in reports.columns().items():
            if column.dtype != np.dtype(reports.DTYPES[name]) or len(column) != len(reports):
                raise Finding(f"column {name}: {column.dtype}, {len(column)} of {len(reports)}")
        if len(reports) and not (reports.mmsi.min() > 0 and reports.mmsi.max() < 10**9):
            raise Finding(f"mmsi {reports.mmsi.min()} to {reports.mmsi.max()}")
        if len(reports) and not (reports.time_us.min() >= 0 and reports.time_us.max() < 253_402_300_800_000_000):
            raise Finding(f"time_us {reports.time_us.min()} to {reports.time_us.max()}")
    for values, most in ((p.lat_deg, 90), (p.lon_deg, 180)):
        if not (np.abs(values) <= most).all():
            raise Finding(f"a position beyond {most} degrees or none at all")
    for values, least, most in ((p.sog_kn, 0, 1023), (p.cog_deg, 0, 360), (p.heading_deg, 0, 360)):
        kept = values[~np.isnan(values)]
        if len(kept) and not (kept.min() >= least and kept.max() < most):
            raise Finding(f"motion {kept.min()} to {kept.max()}, not {least} to {most}")
    if sum(batch.messages.values()) != batch.lines.get("read", 0):
        raise Finding(f"{batch.lines.get('read', 0)} lines read, messages {dict(batch.messages)}")


def _same(one: Batch, other: Batch | None) -> None:
    """Cut into other blocks, an input gives the same."""
    if other is None:
        raise Finding("refused when it is cut into other blocks")
    if dict(one.lines) != dict(other.lines) or dict(one.messages) != dict(other.messages):
        raise Finding(f"cut into other blocks, lines are {dict(other.lines)}, not {dict(one.lines)}")
    for mine, others in ((one.positions, other.positions), (one.statics, other.statics)):
        for name, column in mine.columns().items():
            if not np.array_equal(column, getattr(others, name), equal_nan=column.dtype.kind == "f"):
                raise Finding(f"cut into other blocks, column {name} differs")


def _command(path: Path, folder: Path, number: int, whole: Batch | None) -> None:
    """`shipwatch decode` of it: files in place or an error of ours, nothing half-done."""
    out = folder / f"out.{SUFFIXES[number % 3]}"
    try:
        done = decode_files([path], out)
        done.to_json()
        if whole is not None and (done.tally.positions, done.tally.statics) != (
            len(whole.positions),
            len(whole.statics),
        ):
            raise Finding("the command writes other rows than are read")
    except DecodingError:
        if whole is not None and (len(whole.positions) or len(whole.statics)):
            raise Finding("the command refuses what can be read") from None
    except Finding:
        raise
    except Exception as problem:
        raise Finding(f"decode: {type(problem).__name__}: {problem}") from problem
    for left in folder.glob(".out*"):
        left.unlink()
        raise Finding("a half-written file is left behind")


def work(kind: str, seed: int, first: int, last: int, folder: Path, tell: IO[str]) -> None:
    """Inputs ``first`` to ``last``; each told before it is begun, and what it showed."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESS_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
    with contextlib.suppress(Finding):
        check(MAKERS[kind](0, 0), folder)  # imports and compiled code are not the first input's memory
    for number in range(first, last):
        print(f"at {number}", file=tell, flush=True)
        made = MAKERS[kind](seed, number)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        signal.setitimer(signal.ITIMER_VIRTUAL, CPU_S)  # SIGVTALRM ends the process, in compiled code too
        try:
            check(made, folder, number)
        except Finding as finding:
            print(f"finding {number} {finding}"[:2000].replace("\n", " "), file=tell, flush=True)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10) - before
        if grown > GROWTH_BYTES:
            print(f"finding {number} memory grew by {grown >> 20} MB", file=tell, flush=True)
    print("done", file=tell, flush=True)


def run(kind: str, count: int, seed: int, findings: Path) -> tuple[int, list[str]]:
    """Work off ``count`` inputs in processes of their own; the inputs done, and what was found."""
    found: list[str] = []
    at = 0
    while at < count:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, "--work", kind, str(seed), str(at), str(count), folder]
            ended_at = at
            done = False
            for told in _lines_of(command):
                word, _, rest = told.partition(" ")
                if word == "at":
                    ended_at = int(rest)
                    if ended_at % max(1, count // 10) == 0 and ended_at and sys.stderr.isatty():
                        print(f"{kind}: {ended_at} of {count}", file=sys.stderr, flush=True)
                elif word == "finding":
                    number, _, text = rest.partition(" ")
                    found.append(_keep(kind, seed, int(number), text, findings))
                elif word == "done":
                    done = True
                elif word == "ended" and not done:
                    found.append(_keep(kind, seed, ended_at, f"the process ended: {rest}", findings))
            at = count if done else ended_at + 1
    return count, found


def _lines_of(command: list[str]) -> Iterator[str]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            yield line.rstrip("\n")
        said = process.stderr.read().strip().splitlines()
        yield f"ended {_how(process.wait())}: {said[-1] if said else ''}"


def _how(code: int) -> str:
    if code >= 0:
        return f"exit {code}"
    return "time limit" if -code == signal.SIGVTALRM else signal.Signals(-code).name


def _keep(kind: str, seed: int, number: int, text: str, findings: Path) -> str:
    findings.mkdir(parents=True, exist_ok=True)
    made = MAKERS[kind](seed, number)
    path = findings / f"{kind}-{seed}-{number}-{made.name}"
    path.write_bytes(made.data)
    told = f"{path}: {text}"
    print(f"FINDING {told}", flush=True)
    return told


def main() -> int:
    """Both kinds; 1 where anything was found."""
    if sys.argv[1:2] == ["--work"]:
        kind, seed, first, last, folder = sys.argv[2:7]
        told = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)  # whatever a library prints is no word of ours
        work(kind, int(seed), int(first), int(last), Path(folder), told)
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", type=Path, default=Path("build/fuzz"))
    asked = parser.parse_args()
    found: list[str] = []
    for kind, count in (("lines", -(-asked.lines // LINES_A_FILE)), ("files", asked.files)):
        done, some = run(kind, count, asked.seed, asked.findings)
        found += some
        of = f"{done} files" + (f" of {LINES_A_FILE:,} mutated lines each" if kind == "lines" else "")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = used.ru_utime + used.ru_stime + process_time()
        print(
            f"{of}, seed {asked.seed}: {len(some)} findings ({cpu_s:.0f} s of CPU so far, {used.ru_maxrss >> 10} MB)",
            flush=True,
        )
    return 1 if found else 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
