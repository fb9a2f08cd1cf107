"""Meetings that were seen, as evidence against ones that are only supposed: kept by meeting, found by ship."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Met:
    """Two ships were seen together: nothing need be supposed about them for that time."""

    mmsi_a: int
    mmsi_b: int
    start_us: int
    end_us: int
    published_us: int

    @property
    def key(self) -> Key:
        """What a later revision of the same meeting shares with it."""
        return self.mmsi_a, self.mmsi_b, self.start_us


class SeenMeetings:
    """The last revision of each meeting; :meth:`of` is asked seldom, so that its index is made when it first is."""

    def __init__(self, met: Iterable[Met]) -> None:
        self._met = {item.key: item for item in met}
        self._of_ship: dict[int, dict[Key, Met]] | None = None

    def add(self, met: Met) -> None:
        """A meeting, or a revision that takes the place of the one before."""
        key = met.key
        self._met.pop(key, None)
        self._met[key] = met
        if self._of_ship is not None:
            self._file(self._of_ship, met)

    def of(self, mmsi: int) -> Iterable[Met]:
        """The meetings of one ship."""
        if self._of_ship is None:
            self._of_ship = {}
            for met in self._met.values():
                self._file(self._of_ship, met)
        return self._of_ship.get(mmsi, {}).values()

    def all(self) -> tuple[Met, ...]:
        """Every meeting, the last revised last."""
        return tuple(self._met.values())

    @staticmethod
    def _file(of_ship: dict[int, dict[Key, Met]], met: Met) -> None:
        key = met.key
        for mmsi in (met.mmsi_a, met.mmsi_b):
            of_ship.setdefault(mmsi, {})[key] = met
