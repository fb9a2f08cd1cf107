"""Lists of designated vessels: one reader for each published form, and the store of their dated versions."""

from alerts.lists.reading import KINDS, ListKind, read_list
from alerts.lists.store import ListStore
from alerts.lists.versions import ListDiff, diff_snapshots, guard_shrink

__all__ = ["KINDS", "ListDiff", "ListKind", "ListStore", "diff_snapshots", "guard_shrink", "read_list"]
