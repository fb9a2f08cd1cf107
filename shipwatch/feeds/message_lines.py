"""Messages of any length and form as journal lines: one message one line, nothing of it changed that has a meaning."""

from __future__ import annotations

from typing import Any

import orjson

from shipwatch.feeds.line_cutter import MAX_LINE_BYTES


def one_line(message: bytes) -> bytes:
    r"""A message without its line ends, which mean nothing between the words of JSON and cannot stand inside them.

    >>> one_line(b'{\n "a": 1\r\n}\n')
    b'{  "a": 1 }'
    """
    return message.strip().replace(b"\r\n", b" ").replace(b"\n", b" ").replace(b"\r", b" ")


def lines_of(payload: bytes) -> list[bytes]:
    r"""The lines of a payload: a JSON object is one, however it is laid out; else each line that is not blank.

    >>> lines_of(b'{"a":\n1}'), lines_of(b"!AIVDM,1\r\n!AIVDM,2\r\n")
    ([b'{"a": 1}'], [b'!AIVDM,1', b'!AIVDM,2'])
    """
    if payload.lstrip()[:1] == b"{":
        try:
            orjson.loads(payload)
        except ValueError:
            pass
        else:
            return [one_line(payload)]
    return [line.strip() for line in payload.split(b"\n") if line.strip()]


def of_value(value: Any) -> bytes:
    """A parsed JSON value as one line; ``ValueError`` for one nested deeper than can be written."""
    try:
        return orjson.dumps(value)
    except TypeError as problem:
        raise ValueError(f"no message: {problem}") from None


def short(lines: list[bytes]) -> tuple[list[bytes], int]:
    """The lines that are not too long, and how many are."""
    kept = [line for line in lines if len(line) <= MAX_LINE_BYTES]
    return kept, len(lines) - len(kept)
