"""Lists of designated vessels: one reader for each published form, and the store of their dated versions."""

from alerts.lists.kinds import KINDS, ListKind
from alerts.lists.reading import AUTO, read_list
from alerts.lists.sources import source_of
from alerts.lists.store import ListStore
from alerts.lists.versions import ListDiff, diff_snapshots, guard_shrink

__all__ = [
    "AUTO",
    "KINDS",
    "ListDiff",
    "ListKind",
    "ListStore",
    "diff_snapshots",
    "guard_shrink",
    "read_list",
    "source_of",
]
