"""Parts of the table kernel: bytes and bits, and where delimiters, quotes and line ends of a piece of text stand."""

# The types of a compiled function are numba's: whole and other numbers may take turns in a variable.
# mypy: disable-error-code="assignment,no-untyped-call"

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from decoders.kernel_cache import inlined
from decoders.table_codes import NEWLINE, RETURN

WORD = 64  # bytes that are looked at together
_LAST_BIT = np.uint64(1 << 63)


def _lowest_bit_of(_context: Any, _word: Any) -> Any:
    """The place of the lowest bit that is set."""

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], context.get_constant(types.boolean, False))

    return types.uint64(types.uint64), generate


lowest_bit: Any = intrinsic(_lowest_bit_of)


def _set_bits_of(_context: Any, _word: Any) -> Any:
    """How many bits are set."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), generate


_set_bits: Any = intrinsic(_set_bits_of)


def _item_of(_context: Any, array: Any, _at: Any) -> Any:
    """``array[at]`` of a flat array, ``at`` being known to lie inside: no look whether it counts from the end."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return context.unpack_value(builder, signature.return_type, builder.gep(data, [args[1]]))

    return array.dtype(array, types.int64), generate


item: Any = intrinsic(_item_of)


def _eight_bytes_of(_context: Any, array: Any, _at: Any) -> Any:
    """The eight bytes that start there, as one number; the caller sees to it that they are inside the array."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.gep(data, [args[1]])
        return builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(array, types.int64), generate


eight_bytes: Any = intrinsic(_eight_bytes_of)


def _put_item_of(_context: Any, array: Any, _at: Any, _value: Any) -> Any:
    """``array[at] = value``, as :data:`item` reads."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        context.pack_value(builder, array.dtype, args[2], builder.gep(data, [args[1]]))

    return types.none(array, types.int64, array.dtype), generate


put_item: Any = intrinsic(_put_item_of)


def _equal_bytes_of(_context: Any, array: Any, _at: Any, _byte: Any) -> Any:
    """Which of the 64 bytes that start there equal the byte, one bit each; all must lie inside the array."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        vector = ir.VectorType(ir.IntType(8), WORD)
        place = builder.bitcast(builder.gep(data, [args[1]]), vector.as_pointer())
        first = builder.insert_element(ir.Constant(vector, None), args[2], ir.Constant(ir.IntType(32), 0))
        wanted = builder.shuffle_vector(
            first, ir.Constant(vector, None), ir.Constant(ir.VectorType(ir.IntType(32), WORD), None)
        )
        same = builder.icmp_unsigned("==", builder.load(place, align=1), wanted)
        return builder.bitcast(same, ir.IntType(WORD))

    return types.uint64(array, types.int64, types.uint8), generate


_equal_bytes: Any = intrinsic(_equal_bytes_of)


@inlined
def mark_tile(  # type: ignore[no-untyped-def]
    raw, tile, tile_end, size, delimiter, quote, last_word, spots, lines, kept
):  # fmt: skip
    """Places of delimiters, quotes and line ends to ``spots`` from ``kept`` on, to ``lines`` which are no delimiters.

    Gives how many of each there are, and whether a carriage return stands elsewhere than before a line feed or at the
    very end. 64 bytes are looked at together; ``last_word`` takes what is left behind them.
    """
    newline, carriage = np.uint8(NEWLINE), np.uint8(RETURN)
    found, special_count = kept, 0
    stray = False
    for here_at in range(tile, tile_end, WORD):
        if here_at + WORD <= size:
            line_ends = _equal_bytes(raw, here_at, newline)
            special_bits = line_ends | _equal_bytes(raw, here_at, quote)
            bits = special_bits | _equal_bytes(raw, here_at, delimiter)
            alone = _equal_bytes(raw, here_at, carriage) & ~(line_ends >> np.uint64(1))
            if alone != 0:
                after = here_at + WORD
                stray |= alone != _LAST_BIT or (after < size and item(raw, after) != newline)
        else:
            for j in range(size - here_at):
                last_word[j] = item(raw, here_at + j)
            inside = (np.uint64(1) << np.uint64(size - here_at)) - np.uint64(1)
            line_ends = _equal_bytes(last_word, 0, newline) & inside
            special_bits = line_ends | (_equal_bytes(last_word, 0, quote) & inside)
            bits = special_bits | (_equal_bytes(last_word, 0, delimiter) & inside)
            alone = _equal_bytes(last_word, 0, carriage) & ~(line_ends >> np.uint64(1))
            stray |= (alone & (inside >> np.uint64(1))) != 0
        while special_bits != 0:
            low_bit = special_bits & (~special_bits + np.uint64(1))
            lines[special_count] = found + np.int64(_set_bits(bits & (low_bit - np.uint64(1))))
            special_count += 1
            special_bits ^= low_bit
        many = np.int64(_set_bits(bits))
        for j in range(0, many, 4):
            spots[found + j] = here_at + np.int64(lowest_bit(bits))
            bits &= bits - np.uint64(1)
            spots[found + j + 1] = here_at + np.int64(lowest_bit(bits))
            bits &= bits - np.uint64(1)
            spots[found + j + 2] = here_at + np.int64(lowest_bit(bits))
            bits &= bits - np.uint64(1)
            spots[found + j + 3] = here_at + np.int64(lowest_bit(bits))
            bits &= bits - np.uint64(1)
        found += many
    if tile_end == size and item(raw, size - 1) != newline:
        spots[found] = size
        lines[special_count] = found
        special_count += 1
        found += 1
    return found, special_count, stray


@inlined
def unquote_line(raw, plain, start, stop, delimiter, quote, spots, base):  # type: ignore[no-untyped-def]
    """A line into ``plain`` with its fields unquoted, their ends to ``spots``; how many delimiters, and its end.

    As Python's csv module reads a line: a quote opens only at the start of a field, two are one.
    """
    most_spots = len(spots)
    here = 0
    to = start
    state = 0  # 0 at the start of a field, 1 in a plain one, 2 in a quoted one, 3 behind a quote in it
    for i in range(start, stop):
        byte = item(raw, i)
        if state == 0 and byte == quote:
            state = 2
        elif state != 2 and byte == delimiter:
            if base + here < most_spots:
                spots[base + here] = to
            here += 1
            to += 1
            state = 0
        elif state == 2 and byte == quote:
            state = 3
        else:
            plain[to] = byte
            to += 1
            if state == 3:
                state = 2 if byte == quote else 1
            elif state == 0:
                state = 1
    return here, to
