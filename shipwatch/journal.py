"""Every raw line and tick as received, in hourly zstd files that survive a crash; read again from any position."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from shipwatch.journal_blocks import (
    CLOSED,
    LINES,
    REOPENED,
    Block,
    Damage,
    Record,
    blocks_of,
    lines_of,
    note_block,
    note_of,
    packed_block,
    records_of,
)

SYNC_EVERY_S = 1.0
BLOCK_BYTES = 256 * 1024
"""Lines are written in blocks of this size, or what there is when they are synced."""
MOST_WAITING_BYTES = 64 * 1024 * 1024
"""Lines that a failing disk may keep waiting in memory; more are refused, and counted."""
HOUR_US = 3600 * 1_000_000
LAST_US = 253_402_300_800 * 1_000_000
"""The year 10000."""
SUFFIX = ".journal.zst"
NOT_CLOSED = "a writer ended without closing the journal"


class JournalError(RuntimeError):
    """The journal cannot be opened, written or read; the message names the file."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What is missing from a journal: how many ``records`` (None: not known), in which ``file``, and why, in words.

    ``position`` is that of the first one missing. ``after_us`` is the time of the last record before it that is there.
    """

    position: int
    records: int | None
    bytes: int
    after_us: int | None
    file: str
    why: str

    def __str__(self) -> str:
        many = "an unknown number of records" if self.records is None else f"{self.records} records"
        return f"{self.file}: {many} from position {self.position} on are lost: {self.why}"


class Journal:
    """A journal opened for writing, by one process at a time; a context manager.

    ``append`` returns at once; what it took is on disk after ``sync``, which it calls itself when ``sync_every_s`` of
    ``elapsed()`` have gone by (and ``tick`` in silence): a crash loses at most that. Positions count records from 0 and
    never go back; a checkpoint stores ``end`` after a ``sync``. ``lost`` says what the crash of an earlier writer tore
    (None: it was closed in order). While the disk fails, ``failing`` says so, and nothing is forgotten up to
    ``MOST_WAITING_BYTES``. ``at_least`` is the position that a checkpoint elsewhere has reached: a journal that was
    replaced by an older copy must not give the numbers behind it out again. May be used from several threads. Raises
    ``JournalError``.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Journal(Path(folder)) as journal:
    ...     _ = journal.append([(1_000_000, "harbour", b"!AIVDM,...")])
    ...     journal.tick(2_000_000)
    ...     list(journal.read())
    [(0, 1000000, 'harbour', b'!AIVDM,...'), (1, 2000000, '', b'')]
    """

    def __init__(
        self,
        folder: Path,
        *,
        sync_every_s: float = SYNC_EVERY_S,
        elapsed: Callable[[], float] = time.monotonic,
        at_least: int = 0,
    ) -> None:
        self.folder = Path(folder)
        self.refused = 0
        """Records not taken because the disk has been failing for too long."""
        self.failing: str | None = None
        """Why the last sync failed; None when it did not."""
        self._elapsed, self._every = elapsed, sync_every_s
        self._lock = threading.RLock()
        self._lines: list[bytes] = []  # taken, not packed yet
        self._plain = 0
        self._span = (0, 0)
        self._blocks: list[tuple[Block, bytes]] = []  # packed, not known to be on disk
        self._waiting = 0
        self._file: IO[bytes] | None = None
        self._hour = 0
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._guard = (self.folder / ".writer").open("ab")
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._guard.close()
            raise JournalError(f"{self.folder}: another process writes this journal") from None
        except OSError as problem:
            raise JournalError(f"{self.folder}: cannot be opened ({problem.strerror})") from problem
        self._size = 0  # of the file, as far as it is synced
        self._synced_at = elapsed()
        self.end, self.lost = self._recover()
        self.end = max(self.end, at_least)
        self.synced = self.end

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, records: Iterable[Record]) -> int:
        """Take (received_us, feed, line without its end) in order; returns the position behind them.

        Any bytes are taken. Raises, with none of them taken, when the disk has been failing for too long.
        """
        kept = list(records)
        for received_us, _, _ in kept:
            if not 0 <= received_us < LAST_US:
                raise JournalError(f"{received_us}: no time that can be journalled")
        with self._lock:
            lines = lines_of(kept)
            plain = sum(map(len, lines))
            if self._waiting + self._plain + plain > MOST_WAITING_BYTES:
                self.refused += len(kept)
                raise JournalError(f"{self.folder}: the disk has failed for too long; {self.refused} records refused")
            for (received_us, _, _), line in zip(kept, lines, strict=True):
                self._take(received_us, line)
            if self._elapsed() - self._synced_at >= self._every:
                with contextlib.suppress(JournalError):  # ``failing`` tells; what was taken waits for the next try
                    self.sync()
            return self.end

    def tick(self, us: int) -> None:
        """Note that the receiver's clock stood at ``us``: a replay closes in silence what the live run closed."""
        self.append([(us, "", b"")])

    def sync(self) -> None:
        """Everything taken so far is on disk when this returns. A failure raises, and the next call tries again."""
        with self._lock:
            self._pack()
            self._synced_at = self._elapsed()
            if self._blocks:
                self._write(sync=True)
            self.synced = self.end

    def close(self) -> None:
        """Sync, note the orderly end, and let another writer in."""
        with self._lock:
            if self._guard.closed:
                return
            try:
                self.sync()
                if self._file is not None:
                    self._blocks.append(_marking(CLOSED, self.end, self._span[1]))
                    self._write(sync=True)
            finally:
                if self._file is not None:
                    self._file.close()
                self._guard.close()

    def read(
        self, from_position: int = 0, on_loss: Callable[[Loss], None] | None = None
    ) -> Iterator[tuple[int, int, str, bytes]]:
        """(position, received_us, feed, line) of all records from a position on, those just appended included."""
        with self._lock:
            self._pack()
            if self._blocks:
                self._write(sync=False)
        yield from read_journal(self.folder, from_position, on_loss)

    def _take(self, received_us: int, line: bytes) -> None:
        hour = received_us // HOUR_US
        if self._lines and hour > self._span[0] // HOUR_US:
            self._pack()
        self._span = (self._span[0] if self._lines else received_us, received_us)
        self._lines.append(line)
        self._plain += len(line)
        self.end += 1
        if self._plain >= BLOCK_BYTES:
            self._pack()

    def _pack(self) -> None:
        if not self._lines:
            return
        first, last = self._span
        position = self.end - len(self._lines)
        data = packed_block(LINES, position, b"".join(self._lines), len(self._lines), first, last)
        block = Block(LINES, position, len(self._lines), first, last, 0, self._plain, 0, 0)
        self._blocks.append((block, data))
        self._waiting += len(data)
        self._lines, self._plain = [], 0

    def _write(self, *, sync: bool) -> None:
        """Write what is packed; on failure the file is cut back to what is surely on it, and all of it still waits."""
        try:
            while self._blocks:
                first, _ = self._blocks[0]
                if self._file is None or self._in_later_hour(first):
                    self._open_file(first.position, first.first_us // HOUR_US)
                run = list(itertools.takewhile(lambda item: not self._in_later_hour(item[0]), self._blocks))
                last = len(run) == len(self._blocks)
                self._put(run, sync=sync or not last)
                if last:
                    break
            self.failing = None
        except OSError as problem:
            self.failing = f"{self.folder}: cannot be written ({problem.strerror})"
            raise JournalError(self.failing) from problem

    def _in_later_hour(self, block: Block) -> bool:
        """A clock that steps back stays in the hour's file; the order of the files is that of the positions."""
        return block.kind == LINES and block.first_us // HOUR_US > self._hour

    def _put(self, blocks: list[tuple[Block, bytes]], *, sync: bool) -> None:
        """Write blocks behind what is synced; synced ones no longer wait."""
        if self._file is None:
            return
        at = self._file.fileno()
        data = b"".join(data for _, data in blocks)
        try:
            os.ftruncate(at, self._size)
            done = 0
            while done < len(data):
                done += os.pwrite(at, data[done : done + (1 << 24)], self._size + done)
            if not sync:
                return
            os.fsync(at)
        except OSError:
            os.ftruncate(at, self._size)
            raise
        self._size += len(data)
        gone = len(blocks)
        self._blocks = self._blocks[gone:]
        self._waiting = sum(len(data) for _, data in self._blocks)

    def _open_file(self, position: int, hour: int) -> None:
        if self._file is not None:
            self._file.close()
        stamp = datetime.fromtimestamp(hour * 3600, tz=UTC).strftime("%Y-%m-%dT%H")
        self._file = (self.folder / f"{position:015d}_{stamp}{SUFFIX}").open("w+b")
        self._size, self._hour = 0, hour
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _recover(self) -> tuple[int, Loss | None]:
        """Cut a torn end off the last file and go on behind what is whole; says what was lost."""
        files = _files(self.folder)
        if not files:
            return 0, None
        path = files[-1]
        end, good, last, torn = _first_position(path), 0, None, None
        try:
            for item in blocks_of(path):
                torn = None
                if isinstance(item, Damage):
                    torn = item if item.torn else None
                    end = end if item.torn else end + (item.records or 0)
                    continue
                last = item[0]
                end, good = max(end, last.position + last.records), last.end
            self._file = path.open("r+b")
            self._hour = _hour_of(path)
            if torn is None:
                good = path.stat().st_size
            os.ftruncate(self._file.fileno(), good)
            self._size = good
            self._span = (last.last_us, last.last_us) if last else (self._hour * HOUR_US,) * 2
            if last is not None and last.kind == CLOSED and torn is None:
                return end, None
            if last is None and torn is None:
                return end, None
            loss = Loss(
                position=end, records=(torn.records if torn else None), bytes=torn.bytes if torn else 0,
                after_us=last.last_us if last else None, file=path.name, why=NOT_CLOSED,
            )  # fmt: skip
            told = json.dumps({"records": loss.records, "bytes": loss.bytes}).encode()
            self._blocks.append(_marking(REOPENED, end, self._span[1], told))
            self._write(sync=True)
            return end + (loss.records or 0), loss  # the numbers of what is known to be lost are not given out again
        except OSError as problem:
            self._guard.close()
            raise JournalError(f"{path}: cannot be opened ({problem.strerror})") from problem


def read_journal(
    folder: Path, from_position: int = 0, on_loss: Callable[[Loss], None] | None = None
) -> Iterator[tuple[int, int, str, bytes]]:
    """(position, received_us, feed, line) of a journal that another process may be writing.

    ``on_loss`` is told what is missing on the way: torn by a crash, damaged, or removed. All else is read.
    """
    folder = Path(folder)
    files = _files(folder)
    starts = [_first_position(path) for path in files]
    expected: int | None = None
    after_us: int | None = None
    tell: Callable[[Loss], None] = on_loss or (lambda _: None)
    for number, path in enumerate(files):
        if number + 1 < len(files) and starts[number + 1] <= from_position:
            continue
        try:
            for item in blocks_of(path):
                if isinstance(item, Damage):
                    at = expected if expected is not None else starts[number]
                    if item.torn and number + 1 == len(files):  # perhaps only being written
                        tell(Loss(at, item.records, item.bytes, after_us, path.name, "its last block is not whole"))
                    continue
                block, packed = item
                if expected is not None and block.position > expected:
                    missing = block.position - expected
                    tell(Loss(expected, missing, 0, after_us, path.name, "what held them is damaged or was removed"))
                expected, after_us = block.position + block.records, block.last_us
                if block.kind == REOPENED:
                    loss = _told(block, packed, path.name)
                    expected += loss.records or 0
                    tell(loss)
                if block.kind != LINES or expected <= from_position:
                    continue
                for record in records_of(block, packed):
                    if record[0] >= from_position:
                        yield record
        except (OSError, ValueError) as problem:
            raise JournalError(f"{path}: cannot be read ({problem})") from problem


def position_at(folder: Path, us: int) -> int:
    """A position from which on all records received at ``us`` or later stand (some earlier ones too: whole hours)."""
    before = [path for path in _files(Path(folder)) if _hour_of(path) * HOUR_US <= us]
    return _first_position(before[-1]) if before else 0


def is_journal(folder: Path) -> bool:
    """Whether a folder holds files of a journal."""
    return folder.is_dir() and bool(_files(folder))


def _told(block: Block, packed: bytes, file: str) -> Loss:
    """The note that a writer left when it opened the journal after a crash."""
    told: dict[str, Any] = json.loads(note_of(packed))
    return Loss(block.position, told["records"], told["bytes"], block.last_us, file, NOT_CLOSED)


def _marking(kind: int, position: int, us: int, told: bytes = b"") -> tuple[Block, bytes]:
    return Block(kind, position, 0, us, us, 0, 0, 0, 0), note_block(kind, position, us, told)


def _files(folder: Path) -> list[Path]:
    """Files in the order of their positions."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.name[:15].isdigit())


def _first_position(path: Path) -> int:
    return int(path.name[:15])


def _hour_of(path: Path) -> int:
    stamp = path.name.removesuffix(SUFFIX)[16:]
    return int(datetime.strptime(stamp + "+0000", "%Y-%m-%dT%H%z").timestamp()) // 3600
