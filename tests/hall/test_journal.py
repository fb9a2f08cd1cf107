"""The journal: what was synced is read whatever happens after, and what is lost is said."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from shipwatch import journal as journal_room
from shipwatch.journal import Journal, JournalError, Loss, is_journal, read_journal

HOUR_US = 3_600_000_000
NOON_US = 1_741_953_600_000_000  # 2025-03-14T12:00:00Z
Record = tuple[int, str, bytes]


def some(count: int, start: int = 0, step_us: int = 1_000_000) -> list[Record]:
    return [(NOON_US + (start + n) * step_us, "harbour", b"!AIVDM,1,1,,A,%d,0*00" % (start + n)) for n in range(count)]


def read(folder: Path, from_position: int = 0) -> tuple[list[tuple[int, int, str, bytes]], list[Loss]]:
    losses: list[Loss] = []
    return list(read_journal(folder, from_position, losses.append)), losses


class Clock:
    """Elapsed seconds as the test sets them."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_was_appended_is_read_in_order_from_any_position(tmp_path: Path) -> None:
    """Positions count from 0, over hours and over reopening; ticks stand among the lines."""
    records = some(100, step_us=HOUR_US // 30)
    with Journal(tmp_path) as journal:
        assert journal.append(records[:60]) == 60
        journal.tick(records[60][0])
    with Journal(tmp_path) as journal:
        assert (journal.end, journal.lost) == (61, None)
        journal.append(records[61:])
        wanted = [(n, *record) for n, record in enumerate(records)]
        wanted[60] = (60, records[60][0], "", b"")
        assert list(journal.read()) == wanted
        for start in (0, 1, 29, 30, 31, 60, 61, 99, 100, 1000):
            assert list(journal.read(start)) == wanted[start:]
    assert read(tmp_path) == (wanted, [])
    assert len(list(tmp_path.glob("*.journal.zst"))) == 4
    assert is_journal(tmp_path)
    assert not is_journal(tmp_path / "nowhere")


def test_a_file_is_ordinary_zstd(tmp_path: Path) -> None:
    """Any zstd tool gives the lines; the headers between them are skipped."""
    with Journal(tmp_path) as journal:
        journal.append(some(2))
        journal.sync()
        journal.append(some(1, 2))
    (path,) = tmp_path.glob("*.journal.zst")
    with path.open("rb") as file:
        text = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read()
    assert text.splitlines()[0] == b"%d\tharbour\t!AIVDM,1,1,,A,0,0*00" % NOON_US
    assert len(text.splitlines()) == 3
    assert path.name == "000000000000000_2025-03-14T12.journal.zst"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3 * HOUR_US), st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
            st.binary(max_size=60),
        ),
        max_size=40,
    ),
    st.lists(st.integers(0, 40), max_size=5),
)  # fmt: skip
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, records: list[Record], cuts: list[int]) -> None:
    """Rubbish with line ends, tabs, zeros and marks; a clock that steps back and forth; reopened anywhere."""
    folder = tmp_path_factory.mktemp("journal")
    bounds = [0, *sorted(cut for cut in cuts if cut < len(records)), len(records)]
    for first, last in itertools.pairwise(bounds):
        with Journal(folder) as journal:
            assert journal.append(records[first:last]) == last
    assert read(folder) == ([(n, *record) for n, record in enumerate(records)], [])


def test_a_cut_at_any_byte_of_the_last_block_loses_that_block_alone(tmp_path: Path) -> None:
    """All synced before is read, the loss is said, with its number where the header is whole; writing goes on."""
    whole = tmp_path / "whole"
    with Journal(whole) as journal:
        journal.append(some(5))
        journal.sync()
        (path,) = whole.glob("*.journal.zst")
        before = path.stat().st_size
        journal.append(some(7, 5))
        journal.sync()
        after = path.stat().st_size
        raw = path.read_bytes()
    for size in range(before, after):
        folder = tmp_path / "cut"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / path.name).write_bytes(raw[:size])
        kept, losses = read(folder)
        assert [record[1:] for record in kept] == some(5)
        known = 7 if size >= before + 60 else None
        if size > before:
            assert [(loss.position, loss.records, loss.bytes) for loss in losses] == [(5, known, size - before)]
        with Journal(folder) as journal:
            assert journal.lost is not None
            assert (journal.lost.position, journal.lost.bytes) == (5, size - before)
            assert journal.lost.records == (known if size > before else None)
            assert journal.lost.after_us == NOON_US + 4_000_000
            assert journal.end == 5 + (known or 0)
            journal.append(some(2, 20))
        kept, losses = read(folder)
        assert [record[1:] for record in kept] == some(5) + some(2, 20)
        assert [(loss.position, loss.records) for loss in losses] == [(5, journal.lost.records)]
        assert "without closing" in str(losses[0])
        with Journal(folder) as journal:
            assert journal.lost is None


def test_damage_in_the_middle_costs_its_block(tmp_path: Path) -> None:
    """A flipped bit anywhere in a block: all other blocks are read, and how many records are gone is known."""
    with Journal(tmp_path) as journal:
        for n in range(0, 9, 3):
            journal.append(some(3, n))
            journal.sync()
    (path,) = tmp_path.glob("*.journal.zst")
    raw = path.read_bytes()
    second = raw.index(raw[:12], 10)
    third = raw.index(raw[:12], second + 10)
    for at in range(second, third):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0x10]) + raw[at + 1 :])
        kept, losses = read(tmp_path)
        assert [position for position, *_ in kept] == [0, 1, 2, 6, 7, 8]
        assert [(loss.position, loss.records) for loss in losses] == [(3, 3)]


def test_a_removed_hour_is_said(tmp_path: Path) -> None:
    """A reader is told which positions are missing; one that starts behind them is not."""
    with Journal(tmp_path) as journal:
        journal.append(some(9, step_us=HOUR_US // 3))
    sorted(tmp_path.glob("*.journal.zst"))[1].unlink()
    kept, losses = read(tmp_path)
    assert [position for position, *_ in kept] == [0, 1, 2, 6, 7, 8]
    assert [(loss.position, loss.records) for loss in losses] == [(3, 3)]
    assert read(tmp_path, 6)[1] == []


def test_the_interval_bounds_what_a_crash_costs(tmp_path: Path) -> None:
    """Lines are on disk once the interval has gone by, and ticks sync in silence."""
    clock = Clock()
    journal = Journal(tmp_path, sync_every_s=1.0, elapsed=clock)
    journal.append(some(1))
    assert (journal.synced, read(tmp_path)[0]) == (0, [])
    clock.now = 0.9
    journal.append(some(1, 1))
    assert journal.synced == 0
    clock.now = 1.0
    journal.tick(NOON_US + 5_000_000)
    assert journal.synced == 3
    assert len(read(tmp_path)[0]) == 3
    journal.close()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """A second one is refused, and let in when the first has gone."""
    with Journal(tmp_path), pytest.raises(JournalError, match="another process writes this journal"):
        Journal(tmp_path)
    Journal(tmp_path).close()


def test_many_threads_make_one_row_of_positions(tmp_path: Path) -> None:
    """Feeds append at once: each record once, in positions without a hole, readable while it goes on."""
    with Journal(tmp_path, sync_every_s=0.0) as journal:

        def feed(number: int) -> None:
            for n in range(50):
                journal.append([(NOON_US + n, f"feed {number}", b"%d" % n)])

        threads = [threading.Thread(target=feed, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            seen = [position for position, *_ in journal.read()]
            assert seen == list(range(len(seen)))
        for thread in threads:
            thread.join()
    kept, losses = read(tmp_path)
    assert ([position for position, *_ in kept], losses) == (list(range(200)), [])
    for number in range(4):
        assert [line for _, _, feed, line in kept if feed == f"feed {number}"] == [b"%d" % n for n in range(50)]


@pytest.mark.parametrize("failing", ["pwrite", "fsync"])
def test_a_full_disk_loses_nothing_while_memory_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """Writing half and failing, over and over: the file stays whole, lines wait, and arrive when there is room."""
    real = getattr(os, failing)
    broken = True

    def half(at: int, *rest: Any) -> int:
        if not broken:
            return int(real(at, *rest) or 0)
        if failing == "pwrite":
            data, place = rest
            real(at, data[: len(data) // 2], place)
        raise OSError(28, "No space left on device")

    journal = Journal(tmp_path, sync_every_s=0.0)
    journal.append(some(3))
    monkeypatch.setattr(journal_room.os, failing, half)
    journal.append(some(3, 3))
    assert journal.failing is not None
    assert "No space left" in journal.failing
    with pytest.raises(JournalError, match="No space left"):
        journal.sync()
    assert [record[1:] for record in read(tmp_path)[0]] == some(3)
    monkeypatch.setattr(journal_room, "MOST_WAITING_BYTES", 10)
    with pytest.raises(JournalError, match="1 records refused"):
        journal.append(some(1, 6))
    assert journal.refused == 1
    broken = False
    journal.sync()
    assert journal.failing is None
    monkeypatch.setattr(journal_room, "MOST_WAITING_BYTES", 10_000)
    journal.append(some(1, 7))
    journal.close()
    kept, losses = read(tmp_path)
    assert ([record[1:] for record in kept], losses) == (some(6) + some(1, 7), [])


def test_positions_behind_a_checkpoint_are_not_given_out_again(tmp_path: Path) -> None:
    """A journal that was lost or replaced by an older copy goes on behind what was read from the lost one."""
    with Journal(tmp_path, at_least=500) as journal:
        assert journal.append(some(2)) == 502
    assert [position for position, *_ in read(tmp_path, 500)[0]] == [500, 501]


def test_an_impossible_time_is_refused(tmp_path: Path) -> None:
    """Nothing of that call is taken."""
    with Journal(tmp_path) as journal:
        for wrong in (-1, 2**62):
            with pytest.raises(JournalError, match="no time"):
                journal.append([*some(1), (wrong, "harbour", b"x")])
        assert journal.end == 0


def test_rubbish_in_the_folder_is_no_journal(tmp_path: Path) -> None:
    """A file under a journal's name that holds something else is a loss, not a crash."""
    (tmp_path / "000000000000000_2025-03-14T12.journal.zst").write_bytes(os.urandom(5000))
    assert read(tmp_path)[0] == []
    with Journal(tmp_path) as journal:
        assert journal.lost is not None
        assert journal.lost.bytes == 5000
        journal.append(some(1))
    assert [record[1:] for record in read(tmp_path)[0]] == some(1)


WRITER = """
import sys
from pathlib import Path
from shipwatch.journal import Journal
journal = Journal(Path(sys.argv[1]), sync_every_s=1e9)
n = journal.end
while True:
    journal.append([(1_741_953_600_000_000 + n * 7_000_000, "harbour", b"line %d" % n)])
    n += 1
    if n % 37 == 0:
        journal.sync()
        print(n, flush=True)
"""


def test_kill_9_at_any_time_keeps_what_was_synced(tmp_path: Path) -> None:
    """Five kills of a writer at different instants: every position it said was synced is read, in one row."""
    here = Path(__file__).resolve().parents[2]
    for turn in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(here)},
        )  # fmt: skip
        assert process.stdout is not None
        said = [process.stdout.readline()]
        time.sleep(0.013 * turn)
        process.send_signal(signal.SIGKILL)
        process.wait()
        said += process.stdout.readlines()
        process.stdout.close()
        synced = int([line for line in said if line.endswith(b"\n")][-1])
        kept, losses = read(tmp_path)
        assert [position for position, *_ in kept] == list(range(len(kept)))
        assert [line for *_, line in kept] == [b"line %d" % n for n in range(len(kept))]
        assert len(kept) >= synced
        # A kill between the end of one hour's file and the beginning of the next leaves every file closed.
        unclosed = len([loss for loss in losses if "without closing" in loss.why])
        assert unclosed <= turn
    assert unclosed >= 1


INTERVAL_WRITER = """
import sys, time
from pathlib import Path
from shipwatch.journal import Journal
journal = Journal(Path(sys.argv[1]), sync_every_s=float(sys.argv[2]))
print("lost", journal.end, journal.lost, flush=True)
n = journal.end
while True:
    began = time.monotonic()
    journal.append([(1_741_953_600_000_000 + n * 3_000_000, "harbour", b"line %d" % n)])
    n += 1
    print(n, began, time.monotonic(), flush=True)
    time.sleep(0.0005)
"""


@pytest.mark.slow
def test_kill_9_at_random_instants_costs_at_most_the_interval(tmp_path: Path) -> None:
    """Twelve kills: what was taken an interval before the last record is there, and the next start says what is not."""
    here, interval, rng = Path(__file__).resolve().parents[2], 0.1, random.Random(4)
    kept_before, closed_by_luck = 0, 0
    for turn in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", INTERVAL_WRITER, str(tmp_path), str(interval)], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(here)},
        )  # fmt: skip
        assert process.stdout is not None
        told = process.stdout.readline().split(maxsplit=2)
        said = [process.stdout.readline()]
        time.sleep(rng.uniform(0.0, 0.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        said += process.stdout.readlines()
        process.stdout.close()
        times = [line.split() for line in said if line.endswith("\n")]
        last = float(times[-1][2])
        safe = max((int(n) for n, _, returned in times if float(returned) <= last - interval), default=kept_before)
        kept, losses = read(tmp_path)
        positions = [position for position, *_ in kept]
        assert set(range(kept_before, safe)) <= set(positions)
        assert [line for position, *_, line in kept] == [b"line %d" % n for n in positions]
        if turn:  # this start said how the one before it ended
            assert int(told[1]) >= kept_before
            closed_by_luck += told[2].strip() == "None"
        missing = sorted(set(range(max(positions, default=0))) - set(positions))
        known = sum(loss.records or 0 for loss in losses)
        assert len(missing) <= known
        kept_before = max(positions, default=-1) + 1
    assert closed_by_luck <= 1
    assert sum("without closing" in loss.why for loss in losses) >= 10
