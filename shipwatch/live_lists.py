"""The lists that a running service asks: looked for again now and then, and named in the journal where they change.

A set of lists is named by the number of the newest import in it: the store keeps every version and the number of every
import that made one the newest, so that the set can be put together again. Only when a version was published, and what
its columns are called, may be said anew, and then counts for what went before, too. The journal's line is a comment for
whoever reads only AIS.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from alerts.designations import DesignationSet
from alerts.lists.store import ListStore

FEED = ":lists"
"""No feed is called so: what comes from the air cannot say which lists are asked."""
MARK = b"# shipwatch lists "


@dataclass(frozen=True, slots=True)
class ListsAsked:
    """Which lists are asked from a line of the journal on: import number, and (list, version) of each."""

    sequence: int
    versions: tuple[tuple[str, str], ...]

    def line(self) -> bytes:
        """As it stands in the journal.

        >>> ListsAsked(3, (("ofac", "ofac-1a2b"),)).line()
        b'# shipwatch lists {"sequence":3,"versions":[["ofac","ofac-1a2b"]]}'
        """
        told = {"sequence": self.sequence, "versions": self.versions}
        return MARK + json.dumps(told, separators=(",", ":")).encode()

    @classmethod
    def read(cls, line: bytes) -> ListsAsked:
        """From a line that :meth:`line` wrote; ``ValueError`` for another.

        >>> ListsAsked.read(ListsAsked(0, ()).line())
        ListsAsked(sequence=0, versions=())
        """
        try:
            told = json.loads(line.removeprefix(MARK))
            versions = tuple((str(name), str(version)) for name, version in told["versions"])
            return cls(int(told["sequence"]), versions)
        except (KeyError, TypeError) as problem:
            raise ValueError(f"not a line about lists: {problem}") from problem


def is_mark(feed: str, line: bytes) -> bool:
    """Whether a record of the journal tells of lists: only the service itself writes under that name."""
    return feed == FEED and line.startswith(MARK)


class LiveLists:
    """The lists in a folder, as they are and as they were; a folder that is not there holds none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last: tuple[ListsAsked, DesignationSet] | None = None

    def sequence(self) -> int:
        """The number of the newest import, 0 for none; :class:`alerts.errors.ListError` for a damaged record."""
        return max((record.sequence for record in ListStore(self.folder).records()), default=0)

    def upto(self, sequence: int) -> tuple[ListsAsked, DesignationSet]:
        """The newest versions among the imports up to that number; raises as :meth:`sequence`."""
        if self._last is None or self._last[0].sequence != sequence:
            found = ListStore(self.folder).current(upto=sequence)
            self._last = ListsAsked(sequence, found.lists()), found
        return self._last


def split_at_marks(records: Sequence[tuple[int, int, str, bytes]]) -> list[tuple[int, int]]:
    """Bounds of the pieces into which the records fall, a new one beginning with each mark."""
    starts = [at for at, (_, _, feed, line) in enumerate(records) if at and is_mark(feed, line)]
    edges = [0, *starts, len(records)]
    return list(pairwise(edges))
