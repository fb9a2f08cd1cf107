"""A short fuzz of the decode path (the long one: ``make fuzz``), and every input of the corpus."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CORPUS = sorted(path for path in (HERE / "corpus").rglob("*") if path.is_file() and path.suffix != ".md")
CHECK = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from fuzz_decode import FuzzInput, check, line_count
folder = Path(sys.argv[2])
for number, name in enumerate(sys.argv[3:]):
    data = Path(name).read_bytes()
    plain = Path(name).suffix in (".nmea", ".csv", ".jsonl", ".txt")
    check(FuzzInput(Path(name).name, data, line_count(data) if plain else None), folder, number)
    print("sound", name)
"""


def _run(*arguments: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
    root = str(HERE.parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, timeout=seconds, check=False
    )


def test_every_file_of_the_corpus_is_decoded_soundly(tmp_path: Path) -> None:
    """Earlier findings stay mended: no exception, every line in one class, the same however it is cut."""
    done = _run("-c", CHECK, str(HERE), str(tmp_path), *map(str, CORPUS))
    assert done.returncode == 0, done.stdout[-300:] + done.stderr[-2000:]
    assert len(CORPUS) >= 20
    assert done.stdout.count("sound ") == len(CORPUS)


def test_a_short_fuzz_finds_nothing(tmp_path: Path) -> None:
    """Two thousand lines and some files; a bomb has its own test."""
    done = _run(
        str(HERE / "fuzz_decode.py"), "--lines", "2000", "--files", "40", "--seed", "5", "--findings", str(tmp_path)
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "40 files, seed 5: 0 findings" in done.stdout


@pytest.mark.slow
def test_a_longer_fuzz_with_bombs_finds_nothing(tmp_path: Path) -> None:
    """Twenty thousand lines and six hundred files, one of which is small and becomes a quarter of a gigabyte."""
    done = _run(
        str(HERE / "fuzz_decode.py"), "--lines", "20000", "--files", "600", "--seed", "6", "--findings", str(tmp_path)
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def test_what_is_lost_is_found(tmp_path: Path) -> None:
    """The check itself fails where a line is lost, another exception comes out, or a value is out of its range."""
    broken = """
import sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import numpy as np
import fuzz_decode
real = fuzz_decode.read
line = b"1700000000 !AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A\\n"
made = fuzz_decode.FuzzInput("a.nmea", line * 3, 3)
folder = Path(sys.argv[2])
fuzz_decode.check(made, folder)
def lost(batch):
    return replace(batch, lines={"read": 1}, messages={1: 1}) if batch.lines else batch
def beyond(batch):
    return replace(batch, positions=replace(batch.positions, lat_deg=batch.positions.lat_deg + 90))
def raising(batch):
    raise IndexError("out of it")
found = []
for spoil in (lost, beyond, raising):
    fuzz_decode.read = lambda path, **how: map(spoil, real(path, **how))
    try:
        fuzz_decode.check(made, folder)
    except fuzz_decode.Finding as finding:
        found.append(str(finding))
print(found)
sys.exit(len(found) != 3)
"""
    done = _run("-c", broken, str(HERE), str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "3 lines, 1 counted" in done.stdout
    assert "IndexError" in done.stdout
