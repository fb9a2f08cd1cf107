"""Which kind of list a file is, told by its first bytes."""

from __future__ import annotations

from alerts.lists.content import Content


def detect_kind(content: Content) -> str | None:
    """The name of the kind that this file looks like; None where it is none known here."""
    head = content.head()
    return "un1718" if head.startswith(b"%PDF-") else None
