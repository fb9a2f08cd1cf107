"""Old days of the archive and old hours of the journal removed, where the settings ask for it; what went is noted."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shipwatch.archive_rows import DAY_US, day_number
from shipwatch.journal import HOUR_US, SUFFIX

LOG = "removed.jsonl"
"""In the folder that something was removed from: one JSON line each."""
LEAST_DAYS = 3
"""Yesterday is still to be reconciled, and its meetings may go on."""
AROUND_US = DAY_US
"""So much before and after an incident belongs to its evidence."""

Span = tuple[int, int | None]
"""From, to; an incident without an end goes on."""


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """Section `[retention]`: how long raw lines and positions are kept, in days; 0: for good."""

    archive_days: int = 0
    """Decoded positions."""
    journal_days: int = 0
    """Raw lines: what evidence is made from and a replay of the live service's own hearing."""

    def __post_init__(self) -> None:
        for name in ("archive_days", "journal_days"):
            days = getattr(self, name)
            if days and days < LEAST_DAYS:
                raise ValueError(f"{name}: {days} is less than {LEAST_DAYS} days (0 keeps everything)")


@dataclass(frozen=True, slots=True)
class Removed:
    """What went, or (``kept_for_incidents``) was old enough to go and stays."""

    archive_days: tuple[str, ...] = ()
    journal_files: tuple[str, ...] = ()
    bytes: int = 0
    kept_for_incidents: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "archive_days": list(self.archive_days), "journal_files": list(self.journal_files), "bytes": self.bytes,
            "kept_for_incidents": list(self.kept_for_incidents),
        }  # fmt: skip


def remove_old(
    archive: Path,
    journal: Path,
    settings: RetentionSettings,
    *,
    now_us: int,
    needed: Sequence[Span],
    worked_off: int | None,
    dry_run: bool = False,
) -> Removed:
    """Remove what is older than the settings say, from a folder of positions and one of journal files.

    ``needed`` are (start_us, end_us) of open incidents: the days and hours within a day of them stay. Of the journal,
    only files of which every record is worked off go (``worked_off``: the position that all checkpoints have passed;
    None: no checkpoint, nothing goes), and never the newest. Each removal is noted in ``removed.jsonl`` of its folder,
    before it is done. ``OSError`` where something cannot be removed.
    """
    kept: list[str] = []
    days, files, size = [], [], 0
    if settings.archive_days:
        before_us = (now_us // DAY_US - settings.archive_days) * DAY_US
        for folder in sorted(path for path in archive.glob("day=*") if path.is_dir()):
            day = folder.name.removeprefix("day=")
            start_us = day_number(day) * DAY_US
            if start_us + DAY_US > before_us:
                continue
            if _touched((start_us, start_us + DAY_US), needed):
                kept.append(folder.name)
                continue
            parts = sorted(folder.glob("part-*.parquet"))
            bytes_there = sum(part.stat().st_size for part in parts)
            size += bytes_there
            days.append(day)
            if not dry_run:
                _note(archive, now_us, {"day": day, "files": len(parts), "bytes": bytes_there})
                _remove_folder(folder, parts)
    if settings.journal_days and worked_off is not None:
        before_us = (now_us // DAY_US - settings.journal_days) * DAY_US
        for path, end, span in _journal_files(journal):
            if span[1] > before_us or end > worked_off:
                continue
            if _touched(span, needed):
                kept.append(path.name)
                continue
            bytes_there = path.stat().st_size
            size += bytes_there
            files.append(path.name)
            if not dry_run:
                first = int(path.name[:15])
                _note(journal, now_us, {"file": path.name, "positions": [first, end], "bytes": bytes_there})
                path.unlink()
    return Removed(tuple(days), tuple(files), size, tuple(kept))


def _touched(span: tuple[int, int], needed: Sequence[Span]) -> bool:
    return any(start - AROUND_US < span[1] and (end is None or span[0] < end + AROUND_US) for start, end in needed)


def _journal_files(folder: Path) -> list[tuple[Path, int, tuple[int, int]]]:
    """Files that are followed by another: path, position behind the last record, hours that it may hold.

    The name says the hour of the first record; a file goes on until a later hour begins.
    """
    paths = sorted(path for path in folder.glob(f"*{SUFFIX}") if path.name[:15].isdigit())
    starts = [_hour_us(path) for path in paths]
    return [
        (path, int(after.name[:15]), (hour, max(hour + HOUR_US, next_hour)))
        for path, after, hour, next_hour in zip(paths, paths[1:], starts, starts[1:], strict=False)
    ]


def _hour_us(path: Path) -> int:
    stamp = path.name.removesuffix(SUFFIX)[16:]
    return int(datetime.strptime(stamp + "+0000", "%Y-%m-%dT%H%z").timestamp()) * 1_000_000


def _note(folder: Path, now_us: int, what: dict[str, Any]) -> None:
    at = datetime.fromtimestamp(now_us // 1_000_000, tz=UTC).isoformat().replace("+00:00", "Z")
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps({"at": at, "removed": what}) + "\n")
        log.flush()
        os.fsync(log.fileno())


def _remove_folder(folder: Path, parts: Sequence[Path]) -> None:
    for part in parts:
        part.unlink(missing_ok=True)
    (folder / ".merging").unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
