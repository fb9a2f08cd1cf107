"""The words of triage: what an analyst can say of an alert, and what must stand beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shipwatch.triage_log import NOTE, UNDO, TriageEntry

ACTIONS: Mapping[str, str] = {
    "under_review": "Acknowledge: somebody looks at it",
    "confirmed": "Confirmed by other means",
    "likely": "Likely",
    "unlikely": "Unlikely",
    "dismissed": "Dismissed, with the reason",
    "shared": "Shared, with whom and under which TLP colour",
    "closed": "Closed",
    NOTE: "A note that changes nothing",
    UNDO: "Takes back the last action that stands",
}
NOTE_NEEDED = frozenset({"dismissed", "shared", NOTE})
DISMISS_REASONS = (
    "bunkers, stores or crew",
    "tug, pilot or service craft",
    "anchorage or port",
    "fishing company",
    "licensed or contracted transfer",
    "poor reception or wrong positions",
    "not two hulls",
    "known already",
    "another reason",
)
TLP_COLOURS = ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")
MOST_NOTE = 2000


def problem_with(action: str, note: str) -> str | None:
    """Why an action cannot be taken as sent; None where it can.

    >>> problem_with("dismissed", "")
    "action: 'dismissed' needs a note that says why or to whom"
    """
    if action not in ACTIONS:
        return f"action: one of {', '.join(ACTIONS)}"
    if action in NOTE_NEEDED and not note.strip():
        return f"action: {action!r} needs a note that says why or to whom"
    return None


def shown_log(entries: Sequence[TriageEntry]) -> list[dict[str, Any]]:
    """The log of one alert for a reader, oldest first: entries taken back stay, and are marked."""
    undone = {entry.supersedes for entry in entries if entry.supersedes is not None}
    return [
        {
            "sequence": entry.sequence,
            "action": entry.action,
            "by": entry.by,
            "at": entry.at_us // 1_000_000,
            "note": entry.note,
            "undone": entry.sequence in undone,
        }
        for entry in entries
    ]
