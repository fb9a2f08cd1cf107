"""What the decoder keeps: nothing that grows with its input, and all that a restart needs."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zipfile
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest
import zstandard

from decoders.nmea import NmeaDecoder
from decoders.reports import StaticReports, add_counts

SECOND = 1_700_000_000
# VmHWM and not ru_maxrss: that one carries the peak of the process that started this one.
RUN = """
import sys
from decoders.reading import read
lines = sum(batch.total_lines() for batch in read(sys.argv[1]))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(lines, int(peak.split()[1]) // 1024)
"""


@pytest.fixture(scope="module")
def lines(ais) -> list[str]:
    """Messages of one, two and three parts, grouped, wrapped and plain, of two stations."""
    made = []
    for number in range(30):
        voyage = ais.voyage(244660000 + number, f"SHIP {number}")
        made += [f"{line},r{number % 2:03},{SECOND + number}" for line in ais.lines(voyage, of=2, seq=str(number % 10))]
        tags = [
            ais.tag(f"g:1-3-{number},s:y,c:{SECOND + number}"),
            ais.tag(f"g:2-3-{number}"),
            ais.tag(f"g:3-3-{number}"),
        ]
        made += [tag + line for tag, line in zip(tags, ais.lines(voyage, of=3, seq="4"), strict=True)]
        made += ["$" + ais.checked(f"PGHP,1,2023,11,14,22,13,{number},0,219,,2190067,1,"), *ais.lines(ais.class_a())]
        made.append("$" + ais.checked(f"PGHP,1,2023,11,14,22,13,{number},0,219,,2190067,1,"))
        made += ais.lines(voyage, of=2, seq="1")
    return made


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not split here")
def test_a_process_that_is_split_has_two_decoders(ais):
    """What the child reads is not known to the parent: each has its own open messages."""
    first, second = (f"{line}\n".encode() for line in ais.lines(ais.voyage(), of=2, seq="1"))
    decoder = NmeaDecoder()
    decoder.step(first, 0, SECOND * 1_000_000)
    child = os.fork()
    if child == 0:
        decoder.step(second, len(first), SECOND * 1_000_000)
        os._exit(0)
    os.waitpid(child, 0)
    assert len(decoder.step(second, len(first), SECOND * 1_000_000).statics) == 1


def test_a_restart_anywhere_changes_nothing(lines):
    """Whatever line it comes after, a decoder that recalls (through JSON) goes on as the one that ran on."""
    data = [(line + "\n").encode() for line in lines]
    whole = NmeaDecoder()
    expected = whole.step(b"".join(data), 0)
    decoder, counted, statics, offset = NmeaDecoder(), {}, [], 0
    for line in data:
        batch = decoder.step(line, offset)
        add_counts(counted, batch.lines)
        statics.append(batch.statics)
        offset += len(line)
        kept = json.loads(json.dumps(decoder.memory()))
        decoder = NmeaDecoder()
        decoder.recall(kept)
    assert counted == dict(expected.lines) and counted["read"] > 100
    got = StaticReports.concat(statics)
    for name, column in expected.statics.columns().items():
        np.testing.assert_array_equal(column, getattr(got, name), name)
    assert decoder.memory() == whole.memory()


@pytest.mark.parametrize("kept", [{}, {"state": [1]}, {"state": [0] * 7, "wrapped": "x", "open": []}, {"wrapped": 3}])
def test_what_is_no_memory_is_refused(kept):
    """By ``ValueError``, and the decoder stays as it was."""
    decoder = NmeaDecoder()
    before = decoder.memory()
    with pytest.raises(ValueError, match="not what a decoder remembers"):
        decoder.recall(kept)
    assert decoder.memory() == before


def test_first_places_of_refusals(ais):
    """Where the first line of each refused class stands, in bytes of the whole input."""
    good = f"{SECOND} {ais.lines(ais.class_a())[0]}\n"
    bad = f"{SECOND} {ais.lines(ais.class_a())[0][:-1]}x\n"
    batch = NmeaDecoder().step((good + bad + "junk\n" + bad).encode(), 1000)
    assert batch.first_places == {
        "refused:malformed_sentence": 1000 + len(good),
        "refused:not_nmea": 1000 + len(good + bad),
    }


def test_a_small_block_costs_little(ais):
    """A live feed hands in a few lines several times a second: well under a millisecond each."""
    from time import process_time

    decoder, block = NmeaDecoder(), "\n".join(ais.lines(ais.class_a()) * 5).encode()
    decoder.step(block, 0, heard_us=SECOND * 1_000_000)
    best = 1.0
    for _ in range(20):
        started = process_time()
        decoder.step(block, 0, heard_us=SECOND * 1_000_000)
        best = min(best, process_time() - started)
    assert best < 0.001


@pytest.mark.slow
@pytest.mark.parametrize("packing", ["plain", "gz", "zst", "zip"])
def test_memory_does_not_grow_with_the_file(ais, tmp_path, packing):
    """Ten times the lines, plain or packed, take no more than a fifth more memory."""
    block = "".join(
        f"{SECOND + number // 100} {line}\n" for number in range(20_000) for line in ais.lines(ais.class_a())
    ).encode()
    peaks = []
    for times in (10, 100):
        path = tmp_path / f"log-{times}"
        with ExitStack() as stack:
            raw = stack.enter_context(path.open("wb"))
            out: Any = raw
            if packing == "zip":
                archive = stack.enter_context(zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1))
                out = stack.enter_context(archive.open("a", "w"))
            elif packing == "gz":
                out = stack.enter_context(gzip.open(raw, "wb", 1))
            elif packing == "zst":
                out = stack.enter_context(zstandard.ZstdCompressor().stream_writer(raw, closefd=False))
            for _ in range(times):
                out.write(block)
        done = subprocess.run([sys.executable, "-c", RUN, str(path)], capture_output=True, text=True, check=True)
        path.unlink()
        counted, peak = map(int, done.stdout.split())
        assert counted == times * 20_000
        peaks.append(peak)
    assert peaks[1] < 600 and peaks[1] <= 1.2 * peaks[0]
