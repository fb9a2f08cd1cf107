"""A meeting of one pair while it lasts: what has been seen of it so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shipwatch.engine.contacts import DARK
from shipwatch.engine.motion import US

SAMPLE_US = 60 * US
"""Distance between samples of a meeting, counted from its own first contact (never from clock marks)."""
SAMPLES_KEPT = 4096
"""Beyond so many samples every second one is dropped, so that a year alongside costs no more than three days."""

Piece = tuple[int, int, int]
"""Start and end in microseconds, and kind: 0 observed, 1 inferred, 2 dark."""

Sample = tuple[int, int, float, float, float, float, float, float, float, float]
"""Time, kind, b as seen from a (east, north, metres), both headings, both speeds, position midway (lat, lon)."""


@dataclass(slots=True)
class Meeting:
    """What is known of one meeting; changed only by the step that works on its own copy of it.

    ``tail`` holds contact since the last instant within the enter distance: it counts once they are that near again.
    ``lost_us`` is where known contact ended in silence, None while they are seen together. ``cover_us`` is the end of
    the last overlap taken in.
    """

    mmsi_a: int
    mmsi_b: int
    start_us: int
    end_us: int
    cover_us: int
    least_m: float
    pieces: list[Piece] = field(default_factory=list)
    tail: list[Piece] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    tail_samples: list[Sample] = field(default_factory=list)
    next_sample_us: int = 0
    sample_step_us: int = SAMPLE_US
    first_sighting_us: int | None = None
    last_sighting_us: int = 0
    sightings: int = 0
    lost_us: int | None = None
    formed: bool = False
    told_observed: bool = False
    next_told_us: int = 0

    def copy(self) -> Meeting:
        """An independent copy (lists copied, their tuples shared)."""
        values: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        for name in ("pieces", "tail", "samples", "tail_samples"):
            values[name] = list(values[name])
        return Meeting(**values)

    def add_contact(self, start_us: int, end_us: int, kind: int) -> None:
        """Contact that will count once they are within the enter distance again."""
        append_piece(self.tail, start_us, end_us, kind)

    def confirm(self, upto_us: int) -> None:
        """They are within the enter distance at ``upto_us``: all contact until then counts."""
        kept: list[Piece] = []
        for start_us, end_us, kind in self.tail:
            if start_us < upto_us:
                append_piece(self.pieces, start_us, min(end_us, upto_us), kind)
            if end_us > upto_us:
                kept.append((max(start_us, upto_us), end_us, kind))
        self.tail = kept
        self.end_us = upto_us
        near = [sample for sample in self.tail_samples if sample[0] <= upto_us]
        if near:
            self.samples.extend(near)
            self.tail_samples = [sample for sample in self.tail_samples if sample[0] > upto_us]
        if len(self.samples) > SAMPLES_KEPT:
            self.samples = self.samples[::2]
            self.sample_step_us *= 2

    def sighted(self, at_us: int) -> None:
        """A fix of one ship within the enter distance of where the other is known to be."""
        if self.first_sighting_us is None:
            self.first_sighting_us = at_us
        if self.sightings == 0 or at_us > self.last_sighting_us:
            self.sightings += 1
            self.last_sighting_us = at_us

    def seconds(self, kind: int) -> int:
        """Whole seconds of that kind."""
        return sum(end - start for start, end, piece in self.pieces if piece == kind) // US

    def known_s(self) -> int:
        """Seconds together that are observed or inferred: dark time proves nothing."""
        return sum(end - start for start, end, kind in self.pieces if kind != DARK) // US


def append_piece(pieces: list[Piece], start_us: int, end_us: int, kind: int) -> None:
    """Add a piece, joining it to the one before where nothing lies between and the kind is the same."""
    if end_us <= start_us:
        return
    if pieces and pieces[-1][1] == start_us and pieces[-1][2] == kind:
        pieces[-1] = (pieces[-1][0], end_us, kind)
    else:
        pieces.append((start_us, end_us, kind))
