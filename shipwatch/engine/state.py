"""The engine's whole memory between two steps, and its form as bytes."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from decoders.reports import Columns, PositionReports, StaticReports
from shipwatch.engine import silence_watch, station_clocks, watchers
from shipwatch.engine.clock import Clock
from shipwatch.engine.contacts import Contacts
from shipwatch.engine.hulls import Hulls, Sizes
from shipwatch.engine.records import CANDIDATE, ENTRY, GROUP, LEG, MEETING, PIECE, SAMPLE, TRACK
from shipwatch.engine.silence_watch import SilenceWatch
from shipwatch.engine.station_clocks import StationClocks
from shipwatch.engine.tracks import Tracks
from shipwatch.engine.watchers import Watchers

FORM = 8
"""Version of the saved form; another version is refused."""


@dataclass(frozen=True, slots=True)
class EngineState:
    """Rows that wait, tracks, dimensions, recent legs and open meetings; a step returns a new one."""

    clock: Clock = field(default_factory=Clock)
    tracks: Tracks = field(default_factory=Tracks)
    hulls: Hulls = field(default_factory=Hulls)
    contacts: Contacts = field(default_factory=Contacts)
    silence: SilenceWatch = field(default_factory=SilenceWatch)
    watchers: Watchers = field(default_factory=Watchers)
    stations: StationClocks = field(default_factory=StationClocks)


_RECORDS = {
    "tracks": {"records": TRACK, "groups": GROUP, "waiting": CANDIDATE, "free": np.dtype("<i4")},
    "contacts": {
        "legs": LEG, "last_leg": np.dtype("<i4"), "first_meeting": np.dtype("<i4"), "entries": ENTRY,
        "meetings": MEETING, "pieces": PIECE, "samples": SAMPLE, "blocks": np.dtype("<i4"), "pool": np.dtype("<i8"),
    },
}  # fmt: skip
"""Arrays of the compiled parts, with the form of their rows."""


def save(state: EngineState) -> bytes:
    """The state as bytes that :func:`load` reads back exactly (NumPy archive of plain columns and JSON, no pickle)."""
    arrays: dict[str, Any] = {}
    for name, table in _tables(state).items():
        for column, values in table.columns().items():
            arrays[f"{name}.{column}"] = values
    silence, silence_rest = silence_watch.saved(state.silence)
    stations, stations_rest = station_clocks.saved(state.stations)
    for room, watched in (("silence", silence), ("stations", stations)):
        for name, table in watched.items():
            for column, values in table.columns().items():
                arrays[f"{room}.{name}.{column}"] = values
    watching, watching_rest = watchers.saved(state.watchers)
    for name, table in watching.items():
        for column, values in table.columns().items():
            arrays[f"watchers.{name}.{column}"] = values
    rest = {
        "form": FORM,
        "watchers": watching_rest,
        "silence": silence_rest,
        "stations": stations_rest,
        "newest_us": state.clock.newest_us,
        "processed_us": state.clock.processed_us,
        "shared": list(state.tracks.shared_since_us.items()),
        "tidied_us": state.tracks.tidied_us,
    }
    for part, columns in _RECORDS.items():
        for column, form in columns.items():
            arrays[f"{part}.{column}"] = _as_bytes(getattr(getattr(state, part), column), form)
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
            records = {
                part: {column: _from_bytes(arrays[f"{part}.{column}"], form) for column, form in columns.items()}
                for part, columns in _RECORDS.items()
            }
            return EngineState(
                clock=clock,
                tracks=Tracks(
                    **records["tracks"],
                    shared_since_us=dict(rest["shared"]),
                    tidied_us=rest["tidied_us"],
                ),
                hulls=Hulls(table("sizes", Sizes)),
                contacts=Contacts(**records["contacts"]),
                silence=silence_watch.restored(lambda name, kind: table(f"silence.{name}", kind), rest["silence"]),
                stations=station_clocks.restored(lambda name, kind: table(f"stations.{name}", kind), rest["stations"]),
                watchers=watchers.restored(lambda name, kind: table(f"watchers.{name}", kind), rest["watchers"]),
            )
    except (KeyError, TypeError, OSError, EOFError) as problem:
        raise ValueError(f"engine state is damaged: {problem}") from problem


def _tables(state: EngineState) -> dict[str, Columns]:
    return {
        "positions": state.clock.positions,
        "statics": state.clock.statics,
        "sizes": state.hulls.sizes,
    }


def _as_bytes(records: Any, form: np.dtype[Any]) -> Any:
    """Records as plain bytes, so that nothing in the file has to be believed about their fields."""
    return np.ascontiguousarray(records).astype(form, copy=False).view(np.uint8)


def _from_bytes(saved: Any, form: np.dtype[Any]) -> Any:
    return np.frombuffer(saved.tobytes(), form).copy()
