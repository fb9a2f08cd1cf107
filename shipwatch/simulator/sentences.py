"""Payloads to lines: AIVDM sentences with checksums, and the forms in which archives write the time of receipt."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Chars = NDArray[np.uint8]

FIRST_PART_CHARACTERS = 56
"""Payload characters in the first of two sentences (an NMEA sentence may have 82 in all)."""

_HEX = np.frombuffer(b"0123456789ABCDEF", np.uint8)


class TimeForm(StrEnum):
    """How the time of receipt stands in a line; all but ``PGHP`` keep one line a sentence."""

    TAG_BLOCK = "tag-block"
    r"""``\s:station,c:1741910400*hh\!AIVDM,...``; on every part."""
    TAG_GROUP = "tag-group"
    r"""The same, but parts of one message carry ``g:1-2-7218`` and only the first the station and time."""
    TAG_BLOCK_MS = "tag-block-ms"
    """``c:`` in milliseconds."""
    EPOCH_PREFIX = "epoch-prefix"
    """``1741910400 !AIVDM,...``"""
    EPOCH_PREFIX_FLOAT = "epoch-prefix-float"
    """``1741910400.250 !AIVDM,...``"""
    EPOCH_PREFIX_NS = "epoch-prefix-ns"
    """``1741910400250000000 !AIVDM,...``"""
    EPOCH_SUFFIX = "epoch-suffix"
    """``!AIVDM,...*hh,station,1741910400``"""
    PGHP = "pghp"
    """A ``$PGHP`` line with date and time, then the sentence on the next line."""
    NONE = "none"
    """No time at all."""


def _literal(rows: int, value: bytes) -> Chars:
    return np.broadcast_to(np.frombuffer(value, np.uint8), (rows, len(value)))


def _decimal(values: NDArray[np.int64], width: int, padded: bool = True) -> Chars:
    """Non-negative integers as decimal digits; unpadded ones have NUL for leading zeros (squeezed out later)."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    digits = (values[:, None] // powers % 10 + 48).astype(np.uint8)
    if not padded:
        digits[(values[:, None] < powers) & (powers > 1)] = 0
    return digits


def _names(station: Any) -> Chars:
    fixed = np.ascontiguousarray(np.asarray(station, "S16"))
    return fixed.view(np.uint8).reshape(len(fixed), 16)


def _with_checksum(body: Chars) -> Chars:
    """``body`` followed by ``*hh``, the exclusive or of its characters (NULs change nothing in it)."""
    total = np.bitwise_xor.reduce(body, axis=1)
    return np.concatenate(
        [body, _literal(len(body), b"*"), _HEX[total >> 4][:, None], _HEX[total & 15][:, None]], axis=1
    )


def _times(form: TimeForm, time_us: NDArray[np.int64]) -> Chars:
    rows = len(time_us)
    match form:
        case TimeForm.TAG_BLOCK_MS:
            return _decimal(time_us // 1000, 13)
        case TimeForm.EPOCH_PREFIX_FLOAT:
            return np.concatenate(
                [_decimal(time_us // 1_000_000, 10), _literal(rows, b"."), _decimal(time_us // 1000 % 1000, 3)], axis=1
            )
        case TimeForm.EPOCH_PREFIX_NS:
            return np.concatenate([_decimal(time_us, 16), _literal(rows, b"000")], axis=1)
        case _:
            return _decimal(time_us // 1_000_000, 10)


def _pghp(time_us: NDArray[np.int64], sentence: Chars) -> Chars:
    """The wrapper line: type 1, UTC date and time, country, region, station, channel, and the sentence's checksum."""
    rows = len(time_us)
    when = time_us.astype("datetime64[us]")
    month = when.astype("datetime64[M]")
    ms = (when - when.astype("datetime64[D]")).astype("timedelta64[ms]").astype(np.int64)
    pieces: list[Chars] = [_literal(rows, b"PGHP,1,")]
    for values, width in (
        (when.astype("datetime64[Y]").astype(np.int64) + 1970, 4), (month.astype(np.int64) % 12 + 1, 2),
        ((when.astype("datetime64[D]") - month).astype(np.int64) + 1, 2), (ms // 3_600_000, 2), (ms // 60_000 % 60, 2),
        (ms // 1000 % 60, 2), (ms % 1000, 3),
    ):  # fmt: skip
        pieces += [_decimal(values, width, padded=False), _literal(rows, b",")]
    body = np.concatenate([*pieces, _literal(rows, b"999,,9990001,1,"), sentence[:, -2:]], axis=1)
    return np.concatenate([_literal(rows, b"$"), _with_checksum(body), _literal(rows, b"\r\n")], axis=1)


def _sentence(
    payload: Chars, fill: int, part: int, parts: int, sequence: NDArray[np.int64], channel: Chars, talker: bytes
) -> Chars:
    rows = len(payload)
    number = sequence % 10 + 48 if parts > 1 else np.zeros(rows, np.int64)
    body = np.concatenate([
        _literal(rows, talker + b",%d,%d," % (parts, part)), number.astype(np.uint8)[:, None], _literal(rows, b","),
        channel[:, None], _literal(rows, b","), payload, _literal(rows, b",%d" % fill),
    ], axis=1)  # fmt: skip
    return np.concatenate([_literal(rows, b"!"), _with_checksum(body)], axis=1)


def _line(
    sentence: Chars, form: TimeForm, time_us: NDArray[np.int64], station: Chars, part: int, parts: int,
    sequence: NDArray[np.int64],
) -> Chars:  # fmt: skip
    rows = len(sentence)
    end = _literal(rows, b"\n")
    stamp = _times(form, time_us)
    match form:
        case TimeForm.TAG_BLOCK | TimeForm.TAG_BLOCK_MS | TimeForm.TAG_GROUP:
            source = [_literal(rows, b"s:"), station, _literal(rows, b",c:"), stamp]
            if form is TimeForm.TAG_GROUP and parts > 1:
                group = [_literal(rows, b"g:%d-%d-" % (part, parts)), _decimal(sequence % 10_000, 4, padded=False)]
                source = [*group, _literal(rows, b","), *source] if part == 1 else group
            block = _with_checksum(np.concatenate(source, axis=1))
            return np.concatenate([_literal(rows, b"\\"), block, _literal(rows, b"\\"), sentence, end], axis=1)
        case TimeForm.EPOCH_PREFIX | TimeForm.EPOCH_PREFIX_FLOAT | TimeForm.EPOCH_PREFIX_NS:
            return np.concatenate([stamp, _literal(rows, b" "), sentence, end], axis=1)
        case TimeForm.EPOCH_SUFFIX:
            return np.concatenate([sentence, _literal(rows, b","), station, _literal(rows, b","), stamp, end], axis=1)
        case TimeForm.PGHP:
            return np.concatenate([_pghp(time_us, sentence), sentence, end], axis=1)
        case _:
            return np.concatenate([sentence, end], axis=1)


def to_lines(
    payload: Chars, fill: int, time_us: NDArray[np.int64], station: Any, channel: Chars, sequence: NDArray[np.int64],
    form: TimeForm = TimeForm.TAG_BLOCK, talker: bytes = b"AIVDM",
) -> Chars:  # fmt: skip
    """One row of bytes per message: its line, or its two lines, NUL wherever a row is shorter than the widest.

    ``payload`` is (rows, characters) of one message type, ``station`` up to 16 bytes each, ``channel`` the code of A
    or B, ``sequence`` numbers multi-part messages (its last digit is the sequential message id).
    """
    names = _names(station)
    if payload.shape[1] <= 60:
        return _line(_sentence(payload, fill, 1, 1, sequence, channel, talker), form, time_us, names, 1, 1, sequence)
    halves = (payload[:, :FIRST_PART_CHARACTERS], 0), (payload[:, FIRST_PART_CHARACTERS:], fill)
    return np.concatenate([
        _line(_sentence(half, bits, part, 2, sequence, channel, talker), form, time_us, names, part, 2, sequence)
        for part, (half, bits) in enumerate(halves, 1)
    ], axis=1)  # fmt: skip


def squeeze(rows: Chars) -> bytes:
    """The rows one after another without their NULs."""
    flat = rows.ravel()
    return bytes(flat[flat != 0])
