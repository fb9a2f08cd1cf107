"""Sixty-four bytes at a time: where bytes stand, checksums and de-armouring, as vectors for any processor.

As in :mod:`decoders.words` a text is the address of its first byte; the caller keeps as many readable bytes after what
it asks for as are looked at together. Marks are 64 bits, the lowest for the first byte.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from decoders.kernel_cache import always_inlined
from decoders.words import intrinsic, zeros_below

TOGETHER = 64
_ARMOUR = ((48, 40), (96, 24))  # IEC 61162-1: "0" and 39 more characters, "`" and 23 more
_LONG = ir.IntType(64)


def _vector(bits: int, count: int) -> Any:
    return ir.VectorType(ir.IntType(bits), count)


def _every(bits: int, count: int, value: int) -> Any:
    return ir.Constant(_vector(bits, count), [value] * count)


def _loaded(builder: Any, arguments: Any, count: int = TOGETHER) -> Any:
    pointer = builder.inttoptr(builder.add(arguments[0], arguments[1]), _vector(8, count).as_pointer())
    return builder.load(pointer, align=1)


def _marks_of(*runs: tuple[int, int]) -> Any:
    """Marks the bytes in runs of so many from a first one on."""

    def marks(context: Any, text: int, at: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            found: Any = None
            eight = _loaded(builder, arguments)
            for first, count in runs:
                away = builder.sub(eight, _every(8, TOGETHER, first))
                inside = builder.icmp_unsigned("<", away, _every(8, TOGETHER, count))
                found = inside if found is None else builder.or_(found, inside)
            return builder.bitcast(found, _LONG)

        return types.int64(types.int64, types.int64), generate

    return intrinsic(marks)


commas, stars, backslashes, line_feeds = (_marks_of((byte, 1)) for byte in (44, 42, 92, 10))
armour = _marks_of(*_ARMOUR)
_signs, _commas_and_stars, _stars_and_backslashes = (
    _marks_of((33, 1), (36, 1), (10, 1)), _marks_of((44, 1), (42, 1)), _marks_of((42, 1), (92, 1))
)  # fmt: skip


@intrinsic
def run_from(context: Any, marks: int, at: Any) -> Any:
    """How many bytes are marked from that one (not the first) on, without a gap."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(builder.not_(builder.lshr(arguments[0], arguments[1])), ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64, types.int64), generate


@intrinsic
def _xored(context: Any, text: int, at: Any, count: Any) -> Any:
    """The first bytes, at most 64, XORed to one word."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        numbers = ir.Constant(_vector(8, TOGETHER), list(range(TOGETHER)))
        one = builder.insert_element(
            ir.Constant(_vector(8, TOGETHER), ir.Undefined),
            builder.trunc(arguments[2], ir.IntType(8)),
            ir.Constant(ir.IntType(32), 0),
        )
        counts = builder.shuffle_vector(one, one, _every(32, TOGETHER, 0))
        inside = builder.icmp_unsigned("<", numbers, counts)
        found = builder.select(inside, _loaded(builder, arguments), _every(8, TOGETHER, 0))
        found = builder.bitcast(found, _vector(64, 8))
        for half in (4, 2, 1):
            halves = [ir.Constant(_vector(32, half), list(range(first, first + half))) for first in (0, half)]
            found = builder.xor(*(builder.shuffle_vector(found, found, which) for which in halves))
        return builder.extract_element(found, ir.Constant(ir.IntType(32), 0))

    return types.int64(types.int64, types.int64, types.int64), generate


@intrinsic
def sixes(context: Any, text: int, at: Any, words: Any) -> Any:
    """Thirty-two armoured characters as four words of 48 bits, the first character of each highest, put to ``words``.

    Pairs of neighbours are joined to twice as many bits in a lane of twice the width, three times.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        characters = _loaded(builder, arguments, 32)
        high = builder.icmp_unsigned(">=", characters, _every(8, 32, 96))
        less = builder.select(high, _every(8, 32, 56), _every(8, 32, 48))
        found = builder.sub(characters, less)
        found = builder.and_(found, _every(8, 32, 63))
        for bits, count in ((16, 16), (32, 8), (64, 4)):
            found = builder.bitcast(found, _vector(bits, count))
            held = bits // 8 * 3  # of the bits in half a lane
            first = builder.and_(found, _every(bits, count, (1 << held) - 1))
            first = builder.shl(first, _every(bits, count, held))
            found = builder.or_(first, builder.lshr(found, _every(bits, count, bits // 2)))
        builder.store(found, builder.inttoptr(arguments[2], _vector(64, 4).as_pointer()), align=8)

    return types.none(types.int64, types.int64, types.int64), generate


@always_inlined
def next_sign(text: int, at: int) -> int:
    """Where the next ``!``, ``$`` or line feed from ``at`` on stands; there must be one."""
    while True:
        found = _signs(text, at)
        if found != 0:
            return int(at + zeros_below(found))
        at += TOGETHER


@always_inlined
def line_end(text: int, at: int) -> int:
    """Where the next line feed from ``at`` on stands; there must be one."""
    while True:
        found = line_feeds(text, at)
        if found != 0:
            return int(at + zeros_below(found))
        at += TOGETHER


@always_inlined
def next_comma_or_star(text: int, at: int) -> int:
    """Where the next of the two stands; there must be one."""
    while True:
        found = _commas_and_stars(text, at)
        if found != 0:
            return int(at + zeros_below(found))
        at += TOGETHER


@always_inlined
def next_star_or_backslash(text: int, at: int) -> int:
    """Where the next of the two stands; there must be one."""
    while True:
        found = _stars_and_backslashes(text, at)
        if found != 0:
            return int(at + zeros_below(found))
        at += TOGETHER


@always_inlined
def armour_length(text: int, at: int, most: int) -> int:
    """How many characters of the 6-bit armour stand from ``at`` on; ``most`` or a little more means too many."""
    length = 0
    while length <= most:
        bad = ~armour(text, at + length)
        if bad != 0:
            return int(length + zeros_below(bad))
        length += TOGETHER
    return length


@always_inlined
def xor_of(text: int, start: int, end: int) -> int:
    """The NMEA checksum: all bytes from ``start`` to before ``end``, XORed."""
    x = 0
    while end - start > TOGETHER:
        x ^= _xored(text, start, TOGETHER)
        start += TOGETHER
    x ^= _xored(text, start, end - start)
    x ^= x >> 32
    x ^= x >> 16
    x ^= x >> 8
    return int(x & 0xFF)
