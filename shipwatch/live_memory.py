"""What a live service must not forget: one blob for the checkpoint, and how far each file that it tails was read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shipwatch import pipeline_state
from shipwatch.feeds.tail import Place
from shipwatch.hearing import Hearing
from shipwatch.live_lists import ListsAsked
from shipwatch.pipeline import PipelineState

MARK = b"# shipwatch place "
"""Begins a comment line in the journal: the lines of this feed that follow begin at this place of its source."""
FORM = 1


@dataclass(slots=True)
class Memory:
    """State after everything before one position of the journal; counts are totals since the journal began."""

    state: PipelineState
    hearing: Hearing
    places: dict[str, Place] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    messages: dict[int, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    received_us: int | None = None
    """When the newest record was received."""
    processed_us: int | None = None
    lists: ListsAsked | None = None
    """The lists that are asked; None before the journal names any."""

    def note_places(self, feed: str, lines: Sequence[bytes]) -> None:
        """Keep account of how far a re-readable source has been read; ``lines`` as they stand in the journal."""
        for line in lines:
            if line.startswith(MARK):
                try:
                    self.places[feed] = Place.read(line[len(MARK) :].decode("ascii", "replace"))
                except ValueError:  # a line of the source itself that looks like a mark
                    self._passed(feed, line)
            else:
                self._passed(feed, line)

    def _passed(self, feed: str, line: bytes) -> None:
        place = self.places.get(feed)
        if place is not None:
            self.places[feed] = place.after([line])


def save(memory: Memory) -> bytes:
    """The memory as bytes that :func:`load` reads back."""
    head: dict[str, Any] = {
        "form": FORM,
        "hearing": memory.hearing.memory(),
        "places": {feed: str(place) for feed, place in memory.places.items()},
        "lines": memory.lines,
        "messages": list(memory.messages.items()),
        "refused": memory.refused,
        "received_us": memory.received_us,
        "processed_us": memory.processed_us,
        "lists": None if memory.lists is None else memory.lists.line().decode(),
    }
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + pipeline_state.save(memory.state)


def load(blob: bytes, ahead_s: float) -> Memory:
    """The memory that :func:`save` wrote; ``ValueError`` where the bytes are of another form or damaged."""
    head_text, _, state = blob.partition(b"\n")
    head = json.loads(head_text)
    if not isinstance(head, dict) or head.get("form") != FORM:
        raise ValueError("a checkpoint of another form")
    hearing = Hearing(ahead_s)
    try:
        hearing.recall(head["hearing"])
        return Memory(
            state=pipeline_state.load(state),
            hearing=hearing,
            places={feed: Place.read(place) for feed, place in head["places"].items()},
            lines=dict(head["lines"]),
            messages=dict(map(tuple, head["messages"])),
            refused=dict(head["refused"]),
            received_us=head["received_us"],
            processed_us=head["processed_us"],
            lists=None if head.get("lists") is None else ListsAsked.read(str(head["lists"]).encode()),
        )
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"a damaged checkpoint: {problem}") from problem
