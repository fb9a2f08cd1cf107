"""Meetings that were seen, as evidence against ones that are only supposed: kept by meeting, found by ship."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from shipwatch.engine.findings import Revisions

Key = tuple[int, int, int]


class Met(NamedTuple):
    """Two ships were seen together: nothing need be supposed about them for that time."""

    mmsi_a: int
    mmsi_b: int
    start_us: int
    end_us: int
    published_us: int

    @property
    def key(self) -> Key:
        """What a later revision of the same meeting shares with it."""
        return self[:3]


class MetInTurn:
    """What a step told of meetings, in the order in which it is to be heard of; made into objects where they are.

    Tens of thousands of objects at once set off collections of garbage, which look at all that the process holds.
    """

    def __init__(self, told: Revisions, *, sort: bool) -> None:
        """``sort`` (by minute, ship and start) where anything but the meetings themselves is to be judged."""
        columns = [getattr(told, name) for name in Met._fields]
        if sort:
            order = np.lexsort((told.start_us, told.mmsi_a, told.published_us))
            columns = [column[order] for column in columns]
        self._columns = columns
        self._times: list[int] = columns[-1].tolist()
        self._at = 0

    @property
    def next_us(self) -> int | None:
        """The minute in which the next is published; None after the last."""
        return self._times[self._at] if self._at < len(self._times) else None

    def take(self) -> Met:
        """The next one."""
        self._at += 1
        return Met._make(column[self._at - 1].item() for column in self._columns)

    def take_until(self, until_us: int) -> list[Met]:
        """All published by that minute, in order; of each meeting the last revision only."""
        rows = slice(self._at, bisect_right(self._times, until_us, self._at))
        self._at = rows.stop
        mmsi_a, mmsi_b, start_us, *_ = columns = [column[rows] for column in self._columns]
        order = np.lexsort((start_us, mmsi_b, mmsi_a))
        last = np.append(np.any([np.diff(of[order]) != 0 for of in (mmsi_a, mmsi_b, start_us)], axis=0), True)
        kept = np.sort(order[last])
        return list(map(Met._make, zip(*(column[kept].tolist() for column in columns), strict=True)))


class SeenMeetings:
    """The last revision of each meeting; :meth:`of` is asked seldom, so that its index is made when it first is."""

    def __init__(self, met: Mapping[Key, Met] | None = None) -> None:
        self._met = dict(met or {})
        self._of_ship: dict[int, dict[Key, Met]] | None = None

    def add(self, *mets: Met) -> None:
        """Meetings, or revisions that take the place of the ones before."""
        known = self._met
        for met in mets:
            key = met[:3]
            known.pop(key, None)
            known[key] = met
        if self._of_ship is not None:
            for met in mets:
                self._file(self._of_ship, met)

    def of(self, mmsi: int) -> Iterable[Met]:
        """The meetings of one ship."""
        if self._of_ship is None:
            self._of_ship = {}
            for met in self._met.values():
                self._file(self._of_ship, met)
        return self._of_ship.get(mmsi, {}).values()

    def all(self) -> dict[Key, Met]:
        """Every meeting, the last revised last."""
        return self._met

    @staticmethod
    def _file(of_ship: dict[int, dict[Key, Met]], met: Met) -> None:
        key = met.key
        for mmsi in (met.mmsi_a, met.mmsi_b):
            of_ship.setdefault(mmsi, {})[key] = met
