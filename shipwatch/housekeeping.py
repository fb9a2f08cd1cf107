"""What is done to a station's own folders by night or by command: compaction, and removal of what is old."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shipwatch.archive import Archive
from shipwatch.ledger import Ledger
from shipwatch.retention import Removed, RetentionSettings, remove_old

OPEN = ("new", "under_review", "confirmed", "likely", "shared")
"""States of triage in which an incident is open: not closed, dismissed or judged unlikely."""


def compact(archive: Path) -> dict[str, Any]:
    """One file a day in the archive, duplicates gone; files and bytes before and after."""
    before = _held(archive)
    Archive(archive).compact()
    after = _held(archive)
    return {
        "archive": str(archive), "days": after[0], "files_before": before[1], "files_after": after[1],
        "bytes_before": before[2], "bytes_after": after[2],
    }  # fmt: skip


def apply_retention(
    store: str, archive: Path, settings: RetentionSettings, now_us: int, *, dry_run: bool = False
) -> Removed:
    """Remove what the settings let go from the archive and the journal beside it.

    An incident is open as long as it goes on or nobody has closed, dismissed or judged it unlikely.
    """
    with Ledger(store) as ledger:
        needed = ledger.incident_spans(OPEN)
        worked_off = ledger.journal_worked_off()
    return remove_old(
        archive, archive.with_name("journal"), settings, now_us=now_us, needed=needed, worked_off=worked_off,
        dry_run=dry_run,
    )  # fmt: skip


def _held(archive: Path) -> tuple[int, int, int]:
    files = list(archive.glob("day=*/part-*.parquet"))
    return len({file.parent for file in files}), len(files), sum(file.stat().st_size for file in files)
