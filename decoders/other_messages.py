"""Every AIS message of an input as plain values, by pyais: for the types whose fields have no columns here.

What is read, refused and joined is decided by the decoder of :mod:`decoders.nmea` alone; pyais only names the fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

from pyais.exceptions import AISBaseException
from pyais.messages import MSG_CLASS

from decoders.nmea import NmeaDecoder


def messages(decoder: NmeaDecoder, block: bytes, first_offset: int, heard_us: int | None = None) -> Iterator[dict[str, Any]]:
    """Each message that the block completes, in order, as JSON values with ``offset`` of its first line.

    Also ``time_us``, ``station`` and ``msg_type``, then pyais's fields in its names and units (enumerations as
    numbers, bytes in hexadecimal); a message that pyais cannot take apart has ``problem`` instead. The decoder goes on
    as after :meth:`~decoders.nmea.NmeaDecoder.step`.
    """
    raise NotImplementedError
