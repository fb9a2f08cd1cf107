"""Invented messages of the senders of JSON, and what the decoder makes of them, for several test files."""

from __future__ import annotations

import json
from typing import Any

from decoders.jsonlines import JsonDecoder
from decoders.reports import Batch, PositionReports, StaticReports

NOON_US = 1_672_315_352_000_000  # 2022-12-29 12:02:32 UTC
SENTENCE = "!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A"
TWO = [
    "!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    "!AIVDM,2,2,1,A,88888888880,2*25",
]


def decoded(*messages: Any, heard_us: int | None = None) -> Batch:
    """What the messages (objects, or bytes as they stand) give."""
    lines = [message if isinstance(message, bytes) else json.dumps(message).encode() for message in messages]
    return JsonDecoder().step(b"\n".join(lines), 0, heard_us)


def the(rows: PositionReports | StaticReports) -> dict[str, Any]:
    """The one row."""
    assert len(rows) == 1
    return {name: column[0].item() for name, column in rows.columns().items()}


def aisstream(kind: str, body: dict[str, Any], time_utc: str = "2022-12-29 12:02:32.5 +0000 UTC") -> dict[str, Any]:
    """A message of aisstream.io."""
    return {
        "MessageType": kind,
        "MetaData": {"MMSI": 366999999, "ShipName": "EXAMPLE  ", "time_utc": time_utc},
        "Message": {kind: {"UserID": 366999999, "Valid": True, **body}},
    }


POSITION = aisstream(
    "PositionReport",
    {
        "MessageID": 3, "Latitude": 31.5, "Longitude": -122.25, "Sog": 12.5, "Cog": 90.5, "TrueHeading": 91,
        "NavigationalStatus": 5, "Timestamp": 32,
    },
)  # fmt: skip


def catcher(**more: Any) -> dict[str, Any]:
    """A message of AIS-catcher."""
    return {"class": "AIS", "device": "AIS-catcher", "rxuxtime": 1672315352.25, **more}


def delta(*values: tuple[str, Any], context: str = "vessels.urn:mrn:imo:mmsi:244660000") -> dict[str, Any]:
    """A SignalK delta with one update."""
    pairs = [{"path": path, "value": value} for path, value in values]
    return {"context": context, "updates": [{"timestamp": "2022-12-29T12:02:32.000Z", "values": pairs}]}
