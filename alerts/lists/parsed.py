"""What a reader made of a version, kept beside its bytes: the PDF of 59 vessels takes a second to read, this does not.

The file is derived and may be deleted at any time; its name carries the parser version, so that a newer reader reads
the bytes again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

from alerts.designations import Designation, ListedCompany, Snapshot
from alerts.list_source import ListSource

_TUPLES = frozenset(f.name for f in fields(Designation) if str(f.type).startswith("tuple"))


def to_bytes(snapshot: Snapshot) -> bytes:
    """The snapshot as JSON."""
    return json.dumps(asdict(snapshot), ensure_ascii=False, separators=(",", ":")).encode()


def from_bytes(content: bytes, sha256: str) -> Snapshot | None:
    """The snapshot back; None (read the bytes anew) for a broken file, or one not made from bytes of this sha256."""
    try:
        made: dict[str, Any] = json.loads(content)
        rows = tuple(_designation(row) for row in made.pop("designations"))
        source: dict[str, Any] | None = made.pop("source")
        snapshot = Snapshot(**made, designations=rows, source=None if source is None else ListSource(**source))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return snapshot if snapshot.sha256 == sha256 else None


def _designation(row: dict[str, Any]) -> Designation:
    values: dict[str, Any] = {name: tuple(value) if name in _TUPLES else value for name, value in row.items()}
    values["companies"] = tuple(ListedCompany(**company) for company in row["companies"])
    values["dates_of"] = tuple((name, day) for name, day in row["dates_of"])
    return Designation(**values)
