"""Meetings that were seen, as evidence against ones that are only supposed: kept by meeting, found by ship."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

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
