"""Decoded positions kept for drawing and re-reading: Parquet by UTC day, sorted by ship and time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from decoders.reports import PositionReports
from shipwatch.archive_parts import ArchiveError, merge_parts, part_paths, read_span, read_track, sweep, write_part
from shipwatch.archive_rows import DAY_US, day_name, day_number, days_of, in_archive_order
from shipwatch.home import home_folder

BUFFER_ROWS = 500_000
"""Rows held before they are laid down: about 35 MB."""
MOST_PARTS = 8
"""A day of more parts has its small ones merged, so that a track never opens many files."""


class Archive:
    """One folder of positions; a context manager that lays down what it holds when it ends.

    ``append`` holds rows back and writes them in large sorted parts, ``folder/day=YYYY-MM-DD/part-*.parquet``, each put
    in place whole; a crash loses what was not flushed and leaves nothing half-written to trip over. A report archived
    twice (a replay done again, two writers) is read once. Several processes may append to one folder. Raises
    ``ArchiveError``, naming the file.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Archive(Path(folder)) as archive:
    ...     archive.append(PositionReports.of(time_us=[2, 1], mmsi=[7, 7], lat_deg=[1.0, 2.0], lon_deg=[3.0, 3.0]))
    ...     archive.track(7, 0, 10).time_us.tolist()
    [1, 2]
    """

    def __init__(self, folder: Path, *, buffer_rows: int = BUFFER_ROWS) -> None:
        self.folder = Path(folder)
        self._most = buffer_rows
        self._held: list[PositionReports] = []
        self._rows = 0

    @staticmethod
    def beside(store: str, environment: Mapping[str, str] | None = None) -> Path:
        """The folder that goes with a store: beside an SQLite file, else in the station's home.

        >>> Archive.beside("out/shipwatch.db"), Archive.beside("sqlite:///out/shipwatch.db")
        (PosixPath('out/archive'), PosixPath('out/archive'))
        >>> Archive.beside("postgresql://host/ships")
        PosixPath('.shipwatch/archive')
        """
        scheme, mark, rest = store.partition("://")
        if not mark:
            return Path(store).parent / "archive"
        file = rest.partition("/")[2].partition("?")[0]
        if scheme.partition("+")[0] == "sqlite" and file and file != ":memory:":
            return Path(file).parent / "archive"
        return home_folder(environment or {}) / "archive"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()

    def append(self, positions: PositionReports) -> None:
        """Take rows in any order; they are on disk after ``flush``, or once enough of them are held."""
        if len(positions):
            self._held.append(positions)
            self._rows += len(positions)
        if self._rows >= self._most:
            self.flush()

    def flush(self) -> None:
        """Lay down what is held, synced; a failure raises ``ArchiveError``, and what is not laid down is still held."""
        if not self._held:
            return
        held = PositionReports.concat(self._held)
        days = days_of(held)
        for day in np.unique(days).tolist():
            rows = held.take(days == day)
            folder = self._day(day)
            write_part(folder, iter([in_archive_order(rows)]), len(rows))
            held, days = held.take(days != day), days[days != day]
            self._held, self._rows = ([held] if len(held) else []), len(held)
            merge_parts(folder, most=MOST_PARTS)

    def compact(self) -> None:
        """One part a day, duplicates gone, leftovers of killed writers swept; safe beside readers and writers."""
        self.flush()
        for day in self.days():
            folder = self.folder / f"day={day}"
            sweep(folder)
            merge_parts(folder, most=1)

    def days(self) -> list[str]:
        """UTC days (YYYY-MM-DD) of which something is archived, in order."""
        return [path.name.removeprefix("day=") for path in self._folders()]

    def track(self, mmsi: int, start_us: int, end_us: int) -> PositionReports:
        """All positions sent under ``mmsi`` with ``start_us`` <= time < ``end_us``, in the order of time, each once.

        Held rows included. Reads only the row groups that the ship is in. Nobody of that number: no rows.
        """
        if end_us <= start_us:
            return PositionReports.empty()
        first, last = start_us // DAY_US, (end_us - 1) // DAY_US
        found = [
            read_track(folder, mmsi, start_us, end_us)
            for folder in self._folders()
            if first <= day_number(folder.name.removeprefix("day=")) <= last
        ]
        for held in self._held:
            found.append(held.take((held.mmsi == mmsi) & (held.time_us >= start_us) & (held.time_us < end_us)))
        return in_archive_order(PositionReports.concat(found))

    def blocks(self, start_us: int, end_us: int) -> Iterator[PositionReports]:
        """All positions with ``start_us`` <= time < ``end_us``, a row group at a time and in no order of time.

        A report archived twice may come twice: for counts that do not mind. Held rows included.
        """
        first, last = start_us // DAY_US, (end_us - 1) // DAY_US
        for folder in self._folders():
            if first <= day_number(folder.name.removeprefix("day=")) <= last:
                yield from read_span(folder, start_us, end_us)
        for held in self._held:
            yield held.take((held.time_us >= start_us) & (held.time_us < end_us))

    def rows(self) -> Iterator[tuple[str, int]]:
        """Day and number of rows on disk, duplicates included, for each archived day."""
        for folder in self._folders():
            yield folder.name.removeprefix("day="), sum(part.rows for part in part_paths(folder))

    def _day(self, day: int) -> Path:
        folder = self.folder / f"day={day_name(day)}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise ArchiveError(f"{folder}: cannot be made ({problem.strerror})") from problem
        return folder

    def _folders(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("day=*") if path.is_dir())
