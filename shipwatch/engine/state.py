"""The engine's whole memory between two steps, and its form as bytes."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from decoders.reports import Columns, PositionReports, StaticReports
from shipwatch.engine import watchers
from shipwatch.engine.clock import Clock
from shipwatch.engine.fixes import Fixes
from shipwatch.engine.hulls import Hulls, Sizes
from shipwatch.engine.legs import Legs
from shipwatch.engine.meeting import Meeting
from shipwatch.engine.silence_watch import SilenceWatch, restored, saved
from shipwatch.engine.tracks import Tracks
from shipwatch.engine.watchers import Watchers

Pair = tuple[int, int]

FORM = 2
"""Version of the saved form; another version is refused."""


@dataclass(frozen=True, slots=True)
class EngineState:
    """Rows that wait, last fixes, dimensions, recent legs and open meetings; a step returns a new one."""

    clock: Clock = field(default_factory=Clock)
    tracks: Tracks = field(default_factory=Tracks)
    hulls: Hulls = field(default_factory=Hulls)
    legs: Legs = field(default_factory=Legs.empty)
    meetings: dict[Pair, Meeting] = field(default_factory=dict)
    silence: SilenceWatch = field(default_factory=SilenceWatch)
    watchers: Watchers = field(default_factory=Watchers)


def save(state: EngineState) -> bytes:
    """The state as bytes that :func:`load` reads back exactly (NumPy archive of plain columns and JSON, no pickle)."""
    arrays: dict[str, Any] = {}
    for name, table in _tables(state).items():
        for column, values in table.columns().items():
            arrays[f"{name}.{column}"] = values
    watched, watched_rest = saved(state.silence)
    for name, table in watched.items():
        for column, values in table.columns().items():
            arrays[f"silence.{name}.{column}"] = values
    watching, watching_rest = watchers.saved(state.watchers)
    for name, table in watching.items():
        for column, values in table.columns().items():
            arrays[f"watchers.{name}.{column}"] = values
    rest = {
        "form": FORM,
        "watchers": watching_rest,
        "silence": watched_rest,
        "newest_us": state.clock.newest_us,
        "processed_us": state.clock.processed_us,
        "shared": list(state.tracks.shared_since_us.items()),
        "candidates": [[mmsi, chains] for mmsi, chains in state.tracks.candidates.items()],
        "meetings": [
            [pair, {item.name: getattr(meeting, item.name) for item in fields(Meeting)}]
            for pair, meeting in state.meetings.items()
        ],
    }
    arrays["rest"] = np.frombuffer(json.dumps(rest).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def load(saved: bytes) -> EngineState:
    """The state that :func:`save` wrote; ``ValueError`` where the bytes are of another form or damaged."""
    try:
        with np.load(io.BytesIO(saved), allow_pickle=False) as arrays:
            rest = json.loads(arrays["rest"].tobytes())
            if rest["form"] != FORM:
                raise ValueError(f"engine state of form {rest['form']}, this version reads {FORM}")

            def table(name: str, kind: type[Any]) -> Any:
                return kind(**{column: arrays[f"{name}.{column}"] for column in kind.DTYPES})

            clock = Clock(
                table("positions", PositionReports),
                table("statics", StaticReports),
                rest["newest_us"],
                rest["processed_us"],
            )
            candidates = {mmsi: tuple(tuple(chain) for chain in chains) for mmsi, chains in rest["candidates"]}
            return EngineState(
                clock=clock,
                tracks=Tracks(table("last", Fixes), candidates, dict(rest["shared"])),
                hulls=Hulls(table("sizes", Sizes)),
                legs=table("legs", Legs),
                meetings={(pair[0], pair[1]): _meeting(values) for pair, values in rest["meetings"]},
                silence=restored(lambda name, kind: table(f"silence.{name}", kind), rest["silence"]),
                watchers=watchers.restored(lambda name, kind: table(f"watchers.{name}", kind), rest["watchers"]),
            )
    except (KeyError, TypeError, OSError, EOFError) as problem:
        raise ValueError(f"engine state is damaged: {problem}") from problem


def _tables(state: EngineState) -> dict[str, Columns]:
    return {
        "positions": state.clock.positions,
        "statics": state.clock.statics,
        "last": state.tracks.last,
        "sizes": state.hulls.sizes,
        "legs": state.legs,
    }


def _meeting(values: dict[str, Any]) -> Meeting:
    for name in ("pieces", "tail", "samples", "tail_samples"):
        values[name] = [tuple(item) for item in values[name]]
    return Meeting(**values)
