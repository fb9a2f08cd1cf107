"""The pipeline's whole memory as bytes and back, exactly: what a checkpoint keeps. No pickle."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any
from zipfile import BadZipFile

import zstandard

from alerts.incident import Alert
from shipwatch.engine import state as engine_state
from shipwatch.engine.detections import Gap
from shipwatch.identities import Identities
from shipwatch.incidents import Incidents
from shipwatch.leads import OpenLeads
from shipwatch.pipeline import PipelineState
from shipwatch.plain_form import from_plain, to_plain
from shipwatch.port_calls import Visit
from shipwatch.sightings import Sightings

MAGIC = b"shipwatch-state-3\n"
"""Changes with every change of what is remembered; another form is refused, and the journal is replayed instead."""
_LENGTH = struct.Struct("<Q")
_PARTS: Mapping[str, Any] = {
    "identities": Identities,
    "incidents": Incidents,
    "alerts": dict[str, Alert],
    "leads": OpenLeads,
    "sightings": Sightings,
    "calls": dict[int, tuple[Visit, ...]],
    "gaps": dict[str, tuple[Gap, ...]],
}
MAX_BYTES = 8 << 30


def save(state: PipelineState) -> bytes:
    """The state as bytes that :func:`load` reads back equal, field for field.

    >>> load(save(PipelineState())).alerts
    {}
    """
    engine = engine_state.save(state.engine)
    rest = json.dumps({name: to_plain(getattr(state, name)) for name in _PARTS}, separators=(",", ":"))
    packed = zstandard.ZstdCompressor(level=1).compress(rest.encode())
    return MAGIC + _LENGTH.pack(len(engine)) + engine + packed


def load(saved: bytes) -> PipelineState:
    """The state that :func:`save` wrote; ``ValueError`` where the bytes are of another form or damaged."""
    if not saved.startswith(MAGIC):
        raise ValueError("not a pipeline state that this version reads")
    try:
        (length,) = _LENGTH.unpack_from(saved, len(MAGIC))
        start = len(MAGIC) + _LENGTH.size
        engine = engine_state.load(saved[start : start + length])
        rest = json.loads(zstandard.ZstdDecompressor().decompress(saved[start + length :], max_output_size=MAX_BYTES))
        return PipelineState(engine=engine, **{name: from_plain(kind, rest[name]) for name, kind in _PARTS.items()})
    except (struct.error, zstandard.ZstdError, zlib.error, BadZipFile, EOFError, KeyError, TypeError) as problem:
        raise ValueError(f"pipeline state is damaged: {problem}") from problem
