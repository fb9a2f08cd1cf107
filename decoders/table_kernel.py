"""The compiled reader of table text: bytes in, typed columns out, one pass over the bytes and no Python for a row.

One function on purpose: numba makes several times slower code of many small ones with array arguments. It is driven by
the arrays that :mod:`decoders.table_plan` makes of a format description, and stops where Python has to decide something
(a line that may be a header, a word not seen before, a number that needs more than 64 bits), to be called again from
that line on. What is "not available" is not decided here but in :mod:`decoders.validity`.
"""

# The types of a compiled function are numba's: whole and other numbers may take turns in a variable.
# mypy: disable-error-code="assignment"

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from decoders.kernel_cache import always_inlined, compiled
from decoders.validity import LAT_LIMIT_DEG, LON_LIMIT_DEG, MMSI_MAX, MMSI_MIN

DONE, AT_HEADER, AT_WORD, AT_NUMBER, SPANS_FULL = 0, 1, 2, 3, 4
BLANK, COMMENT, WRONG_COUNT, UNKNOWN_RECORD, BAD_TIME, BAD_VALUE = 0, 1, 2, 3, 4, 5
CLASSES = 6  # behind the counts of the classes stands where the first line of each is
# What an operation does with its field.
# Those before CODED read a number.
NUMBER, WHOLE, TYPE, CLASS_NUMBER, MILLISECONDS, CODED, CLASS_CODED, NOTHING, CONSTANT, TEXT, PIECE, NO_TEXT = range(12)
# Where the numbers of a row go.
MMSI, LAT, LON, SOG, COG, HEADING, STATUS, SECOND, MESSAGE, POSITION_TYPE = range(10)
SLOTS = 10
# Parts of a written time; LITERAL stands for itself, EPOCH is a count of units since 1970.
YEAR, MONTH, DAY, HOUR, MINUTE, SECONDS, FRACTION, LITERAL, EPOCH = range(9)
# Places in the array of whole numbers that describes a plan.
(
    DELIMITER,
    QUOTE,
    HAS_HEADER,
    RECORDS,
    FORMS,
    TIME_FIELD,
    FILE_HOUR,
    HAS_FILE_HOUR,
    SIEVED,
    HEAD_BYTES,
    MISSING_WORDS,
) = range(11)
NUMERIC_MISSING, ROW_SPANS, CODED_COLUMNS = 11, 12, 13
SETTINGS = 14

MOST_FIELDS = 4096
TILE = 16384
MOST_KEPT = 1 << 16
TEXT_BYTES = 20
SIEVE_SLOTS = 1 << 16
NEWLINE, RETURN, SPACE, TAB, HASH = 10, 13, 32, 9, 35
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
POWERS = np.array([10.0**i for i in range(23)])  # the powers of ten that a double holds exactly
_TENS = np.array([10**i for i in range(10)], np.uint64)
_PACK = np.uint64(0x0102040810204080)  # gathers the low bits of eight bytes into one byte
_POINTS, _ZEROS = np.uint64(0x2E2E2E2E2E2E2E2E), np.uint64(0x3030303030303030)
_ONES, _HIGHS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_OVER = np.uint64(0x7676767676767676)  # brings whatever is more than 9 up to the high bit
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_YEAR_10000_US = 253_402_300_800_000_000
_EXACT = np.uint64(2**53)
_SPLIT = 134217729.0  # 2**27 + 1: cuts a double into two halves whose products are exact (Dekker 1971)
_NAN = np.frombuffer(b"nan     ", np.uint8)
_INFINITY = np.frombuffer(b"infinity", np.uint8)
_MIX, _MIX2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


def _lowest_bit_of(_context: Any, _word: Any) -> Any:
    """The place of the lowest bit that is set."""

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], context.get_constant(types.boolean, False))

    return types.uint64(types.uint64), generate


_lowest_bit: Any = intrinsic(_lowest_bit_of)


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


_item: Any = intrinsic(_item_of)


def _eight_bytes_of(_context: Any, array: Any, _at: Any) -> Any:
    """The eight bytes that start there, as one number; the caller sees to it that they are inside the array."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.gep(data, [args[1]])
        return builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(array, types.int64), generate


_eight_bytes: Any = intrinsic(_eight_bytes_of)


@always_inlined
def _digits(digits: Any) -> Any:
    """The number that eight bytes of 0 to 9 stand for, the first one being the highest."""
    digits = (digits * np.uint64(2561)) >> np.uint64(8)
    digits = ((digits & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(6553601)) >> np.uint64(16)
    return ((digits & np.uint64(0x0000FFFF0000FFFF)) * np.uint64(42949672960001)) >> np.uint64(32)


def _read_rows(  # type: ignore[no-untyped-def]
    raw, size, begin, not_header, settings, counted_records, conditions, condition_at, operations, operation_at, scales,
    forms, form_at, pool, missing_at, coded_fields, coded_at, word_slots, words, word_bytes, word_numbers, word_bits,
    given, given_count, sieve_mmsi, sieve_keys, text, plain, marks, mark_words, specials, special_words, spots, lines,
    word_of, times, offsets, kinds, numbers, static_rows, static_numbers, static_texts, spans, counts, rows, statics,
    span_count,
):  # fmt: skip
    """Read lines of ``raw[begin:size]``; gives why it stopped, line, its end, rows, statics, spans, and four more.

    ``text`` is ``raw``, or where the block holds quotes a copy into which (as ``plain``) fields are written unquoted.
    """
    delimiter, quote = (
        np.uint8(settings[DELIMITER]),
        np.uint8(settings[QUOTE]),
    )  # the quote is a line feed where there is none
    newline = np.uint8(NEWLINE)
    has_header, records, head_bytes = settings[HAS_HEADER], settings[RECORDS], settings[HEAD_BYTES]
    time_field, sieved = settings[TIME_FIELD], settings[SIEVED]
    missing_words, numeric_missing = settings[MISSING_WORDS], settings[NUMERIC_MISSING]
    middle = settings[FILE_HOUR] + HOUR_US // 2
    midnight = middle - middle % DAY_US
    most_spans = len(spans) - settings[ROW_SPANS]
    slots = len(word_slots)
    most = len(times)
    most_spots = len(spots)
    most_kept = most_spots - TILE - 64
    line = begin
    memo_at, memo_length, memo_time = -1, 0, 0
    tile = begin
    kept = 0  # marks of a line that began in the tile before
    while tile < size:
        tile_end = min(tile + TILE, size)
        length = tile_end - tile
        piece = raw[tile:tile_end]
        for i in range(length):
            byte = piece[i]
            special = np.uint8(byte == newline) | np.uint8(byte == quote)
            specials[i] = special
            marks[i] = special | np.uint8(byte == delimiter)
        words64 = (length + 63) // 64
        for i in range(length, words64 * 64):
            specials[i] = 0
            marks[i] = 0
        # Places of delimiters, quotes and line ends, and which of them are not delimiters: 64 bytes to 64 bits each.
        found, special_count = kept, 0
        for i in range(words64):
            bits, special_bits = np.uint64(0), np.uint64(0)
            for j in range(8):
                bits |= ((mark_words[8 * i + j] * _PACK) >> np.uint64(56)) << np.uint64(8 * j)
                special_bits |= ((special_words[8 * i + j] * _PACK) >> np.uint64(56)) << np.uint64(8 * j)
            while special_bits != 0:
                low_bit = special_bits & (~special_bits + np.uint64(1))
                lines[special_count] = found + np.int64(_set_bits(bits & (low_bit - np.uint64(1))))
                special_count += 1
                special_bits ^= low_bit
            many = np.int64(_set_bits(bits))
            here_at = tile + 64 * i
            for j in range(0, many, 4):
                spots[found + j] = here_at + np.int64(_lowest_bit(bits))
                bits &= bits - np.uint64(1)
                spots[found + j + 1] = here_at + np.int64(_lowest_bit(bits))
                bits &= bits - np.uint64(1)
                spots[found + j + 2] = here_at + np.int64(_lowest_bit(bits))
                bits &= bits - np.uint64(1)
                spots[found + j + 3] = here_at + np.int64(_lowest_bit(bits))
                bits &= bits - np.uint64(1)
            found += many
        tile = tile_end
        if tile_end == size and _item(raw, size - 1) != newline:
            spots[found] = size
            lines[special_count] = found
            special_count += 1
            found += 1
        next_base = 0
        was_quoted = False
        for which in range(special_count):
            last_spot = lines[which]
            at = _item(spots, last_spot)
            if at < size and _item(raw, at) != newline:
                was_quoted = True
                continue
            # A whole line: from ``start`` to ``stop``; field i ends at _item(spots, base + i).
            start, base, unquote = line, next_base, was_quoted
            here = last_spot - base
            line, next_base, was_quoted = at + 1, last_spot + 1, False
            stop = at
            if stop > start and _item(raw, stop - 1) == RETURN:
                stop -= 1
            if stop <= start:
                counts[BLANK] += 1
                continue
            first = _item(raw, start)
            if first in (SPACE, TAB):
                i = start
                while i < stop and (_item(raw, i) == SPACE or (_item(raw, i) >= TAB and _item(raw, i) <= RETURN)):
                    i += 1
                if i == stop:
                    counts[BLANK] += 1
                    continue
            if has_header:
                if start != not_header and stop - start >= head_bytes:
                    i = 0
                    while i < head_bytes and _item(raw, start + i) == _item(pool, i):
                        i += 1
                    if i == head_bytes:
                        return AT_HEADER, start, at + 1, rows, statics, span_count, 0, 0, 0, 0
                if first == HASH:
                    counts[COMMENT] += 1
                    continue
            if unquote:
                # As Python's csv module reads a line: a quote opens only at the start of a field, two are one.
                here = 0
                to = start
                state = 0  # 0 at the start of a field, 1 in a plain one, 2 in a quoted one, 3 behind a quote in it
                for i in range(start, stop):
                    byte = _item(raw, i)
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
                stop = to
            if base + here < most_spots:
                spots[base + here] = stop
            here += 1
            mask = counted_records[here] if here < len(counted_records) else 0
            if mask == 0:
                if counts[WRONG_COUNT] == 0:
                    counts[CLASSES + WRONG_COUNT] = start
                counts[WRONG_COUNT] += 1
                continue
            if span_count > most_spans:
                return SPANS_FULL, start, at + 1, rows, statics, span_count, 0, 0, 0, 0
            # The words of the columns that are read as words.
            for i in range(coded_at[here], coded_at[here + 1]):
                coded = coded_fields[i, 0]
                field = coded_fields[i, 1]
                low = start if field == 0 else _item(spots, base + field - 1) + 1
                high = _item(spots, base + field)
                key = np.uint64(coded + 1) * _MIX2
                for j in range(low, high):
                    key = (key ^ np.uint64(_item(text, j))) * np.uint64(0x100000001B3)
                key ^= key >> np.uint64(29)
                slot = np.int64(key) & (slots - 1)
                while True:
                    known = word_slots[slot]
                    if known < 0:
                        return AT_WORD, start, at + 1, rows, statics, span_count, coded, low, high, slot
                    if words[known, 0] == coded and words[known, 2] == high - low:
                        j = 0
                        while j < high - low and word_bytes[words[known, 1] + j] == _item(text, low + j):
                            j += 1
                        if j == high - low:
                            break
                    slot = (slot + 1) & (slots - 1)
                word_of[coded] = known
            record = -1
            for i in range(records):
                if (mask >> i) & 1:
                    fits = True
                    for j in range(condition_at[i], condition_at[i + 1]):
                        if not (word_bits[word_of[conditions[j, 0]]] >> conditions[j, 1]) & 1:
                            fits = False
                    if fits:
                        record = i
                        break
            if record < 0:
                if counts[UNKNOWN_RECORD] == 0:
                    counts[CLASSES + UNKNOWN_RECORD] = start
                counts[UNKNOWN_RECORD] += 1
                continue
            # The time.
            low = start if time_field == 0 else _item(spots, base + time_field - 1) + 1
            high = _item(spots, base + time_field)
            length = high - low
            known_time = False
            if memo_at >= 0 and length == memo_length and length >= 8 and high <= size - 8:
                known_time = True
                i = 0
                while i < length - 8:
                    if _eight_bytes(text, low + i) != _eight_bytes(text, memo_at + i):
                        known_time = False
                        break
                    i += 8
                if known_time and _eight_bytes(text, high - 8) != _eight_bytes(text, memo_at + length - 8):
                    known_time = False
            if known_time:
                time = memo_time
            else:
                time = -1
                for form in range(settings[FORMS]):
                    i = low
                    year, month, day, hour, minute, second, micro = 1970, 1, 1, 0, 0, 0, 0
                    fits = True
                    for j in range(form_at[form], form_at[form + 1]):
                        part = forms[j, 0]
                        if part == LITERAL:
                            if i < high and _item(text, i) == forms[j, 1]:
                                i += 1
                                continue
                            fits = False
                            break
                        value = 0
                        width = 0
                        while width < forms[j, 2] and i < high:
                            digit = np.int64(_item(text, i)) - 48
                            if digit < 0 or digit > 9:
                                break
                            value = value * 10 + digit
                            width += 1
                            i += 1
                        if width < forms[j, 1]:
                            fits = False
                            break
                        if part == YEAR:
                            year = value
                        elif part == MONTH:
                            month = value
                        elif part == DAY:
                            day = value
                        elif part == HOUR:
                            hour = value
                        elif part == MINUTE:
                            minute = value
                        elif part == SECONDS:
                            second = value
                        elif part == FRACTION:
                            micro = (
                                value * np.int64(_TENS[6 - width])
                                if width <= 6
                                else value // np.int64(_TENS[width - 6])
                            )
                        else:  # a count of units; what follows a point is a part of one
                            unit = forms[j, 3]
                            micro = value * unit
                            if i < high and _item(text, i) == 46:
                                i += 1
                                while i < high and _item(text, i) >= 48 and _item(text, i) <= 57:
                                    unit //= 10
                                    micro += (np.int64(_item(text, i)) - 48) * unit
                                    i += 1
                    if not fits or i != high or micro >= _YEAR_10000_US:
                        continue
                    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
                    if year < 1970 or month < 1 or month > 12 or hour > 23 or minute > 59 or second > 59:
                        continue
                    if day < 1 or day > _MONTH_DAYS[month] + (leap and month == 2):
                        continue
                    y = year - (month <= 2)
                    days = 365 * y + y // 4 - y // 100 + y // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day - 719469
                    time = ((days * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + micro
                    break
                if time >= 0:
                    memo_at, memo_length, memo_time = low, length, time
            if time < 0:
                if counts[BAD_TIME] == 0:
                    counts[CLASSES + BAD_TIME] = start
                counts[BAD_TIME] += 1
                continue
            if settings[HAS_FILE_HOUR]:
                time += midnight
                time -= DAY_US * ((time - middle + DAY_US // 2) // DAY_US)
            # The operations of the record: those for every row, then those for its static part.
            every, some, last = operation_at[record, 0], operation_at[record, 1], operation_at[record, 2]
            refused = -1
            with_static = False
            sieve_slot = 0
            for number in range(every, last):
                kind, field, slot = (
                    _item(operations, 7 * number + 0),
                    _item(operations, 7 * number + 1),
                    _item(operations, 7 * number + 2),
                )
                if number == some:
                    # Is there a static part, and is it another one than in the row of the ship before?
                    key = np.uint64(time // HOUR_US) * _MIX + np.uint64(record)
                    key = key * _MIX2 + np.uint64(_item(numbers, MESSAGE * most + rows))
                    filled = False
                    for i in range(some, last):
                        column = _item(operations, 7 * i + 1)
                        if column < 0:
                            continue
                        low = start if column == 0 else _item(spots, base + column - 1) + 1
                        high = _item(spots, base + column)
                        length = high - low
                        if length > 0:
                            filled = True
                        if sieved:
                            key = (key ^ np.uint64(length)) * _MIX
                            while low + 8 <= high:
                                key = (key ^ _eight_bytes(text, low)) * _MIX
                                key ^= key >> np.uint64(32)
                                low += 8
                            if low < high:
                                if low + 8 <= size:
                                    rest = _eight_bytes(text, low) << np.uint64(64 - 8 * (high - low))
                                else:
                                    rest = np.uint64(0)
                                    for j in range(low, high):
                                        rest = (rest >> np.uint64(8)) | (np.uint64(_item(text, j)) << np.uint64(56))
                                key = (key ^ rest) * _MIX2
                                key ^= key >> np.uint64(32)
                    if not filled:
                        break
                    if sieved:
                        mmsi = _item(numbers, MMSI * most + rows)
                        if mmsi >= MMSI_MIN and mmsi <= MMSI_MAX:
                            ship = np.int64(mmsi)
                            sieve_slot = np.int64((np.uint64(ship) * _MIX) >> np.uint64(48)) & (SIEVE_SLOTS - 1)
                            sure = True
                            if _item(operations, 7 * number + 6):
                                lat, lon = _item(numbers, LAT * most + rows), _item(numbers, LON * most + rows)
                                sure = abs(lat) <= LAT_LIMIT_DEG and abs(lon) <= LON_LIMIT_DEG
                            if not sure:  # its static part may or may not count: whatever comes next is compared anew
                                if sieve_mmsi[sieve_slot] == ship:
                                    sieve_mmsi[sieve_slot] = 0
                            elif sieve_mmsi[sieve_slot] == ship and sieve_keys[sieve_slot] == key:
                                break
                            else:  # a row that turns out bad below leaves no trace: see there
                                sieve_mmsi[sieve_slot] = ship
                                sieve_keys[sieve_slot] = key
                    with_static = True
                if kind >= CODED:
                    if kind == NOTHING:
                        if number < some:
                            numbers[slot * most + rows] = np.nan
                        else:
                            static_numbers[slot, statics] = np.nan
                        continue
                    if kind == CONSTANT:
                        numbers[slot * most + rows] = _item(scales, number)
                        continue
                    if kind in (CODED, CLASS_CODED):
                        value = word_numbers[_item(word_of, _item(operations, 7 * number + 3))] * _item(scales, number)
                        if kind == CLASS_CODED and np.isnan(value):
                            value = 0.0
                        if number < some:
                            numbers[slot * most + rows] = value
                        else:
                            static_numbers[slot, statics] = value
                        continue
                    if kind == NO_TEXT:
                        for i in range(TEXT_BYTES):
                            static_texts[slot, statics, i] = 0
                        continue
                    low = start if field == 0 else _item(spots, base + field - 1) + 1
                    high = _item(spots, base + field)
                    if kind == PIECE:
                        spans[span_count, 0], spans[span_count, 1] = slot, statics
                        spans[span_count, 2], spans[span_count, 3] = low, high
                        span_count += 1
                        for i in range(TEXT_BYTES):
                            static_texts[slot, statics, i] = 0
                        continue
                    if kind == TEXT:
                        strange = False
                        for i in range(low, high):
                            if _item(text, i) >= 128 or _item(text, i) == 0:
                                strange = True
                        if strange:
                            spans[span_count, 0], spans[span_count, 1] = slot, statics
                            spans[span_count, 2], spans[span_count, 3] = low, high
                            span_count += 1
                            high = low
                        while low < high and (
                            _item(text, low) == SPACE
                            or (_item(text, low) >= 9 and _item(text, low) <= 13)
                            or (_item(text, low) >= 28 and _item(text, low) <= 31)
                        ):
                            low += 1
                        while low < high and (
                            _item(text, high - 1) == SPACE
                            or (_item(text, high - 1) >= 9 and _item(text, high - 1) <= 13)
                            or (_item(text, high - 1) >= 28 and _item(text, high - 1) <= 31)
                        ):
                            high -= 1
                        for i in range(missing_words):
                            if missing_at[i, 1] == high - low:
                                j = 0
                                while j < high - low and _item(pool, missing_at[i, 0] + j) == _item(text, low + j):
                                    j += 1
                                if j == high - low:
                                    high = low
                        high = min(high, low + TEXT_BYTES)
                        i = low
                        while i < high and _item(text, i) != 64:  # @ fills the rest of a name
                            i += 1
                        high = i
                        while low < high and (
                            _item(text, high - 1) == SPACE
                            or (_item(text, high - 1) >= 9 and _item(text, high - 1) <= 13)
                            or (_item(text, high - 1) >= 28 and _item(text, high - 1) <= 31)
                        ):
                            high -= 1
                        for i in range(TEXT_BYTES):
                            static_texts[slot, statics, i] = _item(text, low + i) if low + i < high else np.uint8(0)
                        continue
                low = start if field == 0 else _item(spots, base + field - 1) + 1
                high = _item(spots, base + field)
                # A number. Blanks round it do not count, nor does its prefix.
                if low < high and (_item(text, low) <= SPACE or _item(text, high - 1) <= SPACE):
                    while low < high and (_item(text, low) == SPACE or _item(text, low) == TAB):
                        low += 1
                    while low < high and (_item(text, high - 1) == SPACE or _item(text, high - 1) == TAB):
                        high -= 1
                prefix_at, prefix_bytes = _item(operations, 7 * number + 4), _item(operations, 7 * number + 5)
                if prefix_bytes > 0 and high - low >= prefix_bytes:
                    i = 0
                    while i < prefix_bytes:
                        letter = np.int64(_item(text, low + i))
                        if letter >= 97 and letter <= 122:
                            letter -= 32
                        if letter != _item(pool, prefix_at + i):
                            break
                        i += 1
                    if i == prefix_bytes:
                        low += i
                        while low < high and (_item(text, low) == SPACE or _item(text, low) == TAB):
                            low += 1
                value = np.nan
                bad = False
                if low < high:
                    missing = False
                    i = low
                    negative = _item(text, i) == 45
                    if negative or _item(text, i) == 43:
                        i += 1
                    digits_at = i
                    length = high - i
                    whole = -1
                    if length > 0 and length <= 16 and high + 8 <= size:
                        # Eight digits at a time: at most 16 before the point, or 8 on either side of it.
                        eight = _eight_bytes(text, i)
                        other = eight ^ _POINTS
                        other = (other - _ONES) & ~other & _HIGHS
                        whole = np.int64(_lowest_bit(other) >> np.uint64(3))
                        if whole >= length or whole == 8:
                            whole = length
                        eight ^= _ZEROS
                        places = length - whole - 1
                        if places > 8:
                            whole = -1
                        elif whole > 8:
                            places = 0
                            other = (_eight_bytes(text, i + 8) ^ _ZEROS) << np.uint64(8 * (16 - whole))
                            if (((eight + _OVER) | eight) | ((other + _OVER) | other)) & _HIGHS:
                                whole = -1
                            mantissa = _digits(eight) * _TENS[whole - 8] + _digits(other)
                        else:
                            eight = eight << np.uint64(8 * (8 - whole)) if whole > 0 else np.uint64(0)
                            if places > 0:
                                other = (_eight_bytes(text, i + whole + 1) ^ _ZEROS) << np.uint64(8 * (8 - places))
                                if (((eight + _OVER) | eight) | ((other + _OVER) | other)) & _HIGHS:
                                    whole = -1
                                mantissa = _digits(eight) * _TENS[places] + _digits(other)
                            else:
                                places = 0
                                if ((eight + _OVER) | eight) & _HIGHS:
                                    whole = -1
                                mantissa = _digits(eight)
                    if whole >= 0:
                        digits = whole + places
                        i = high
                    else:
                        mantissa = np.uint64(0)
                        while i < high:
                            digit = np.uint8(_item(text, i) - 48)
                            if digit > 9:
                                break
                            mantissa = mantissa * np.uint64(10) + np.uint64(digit)
                            i += 1
                        digits = i - digits_at
                        places = 0
                        if i < high and _item(text, i) == 46:
                            i += 1
                            point = i
                            while i < high:
                                digit = np.uint8(_item(text, i) - 48)
                                if digit > 9:
                                    break
                                mantissa = mantissa * np.uint64(10) + np.uint64(digit)
                                i += 1
                            places = i - point
                            digits += places
                    if i < high or digits == 0 or numeric_missing:
                        # No plain number: a word for "not available", an exponent, nan or infinity, or nonsense.
                        for j in range(missing_words):
                            if missing_at[j, 1] == high - low:
                                word_at = 0
                                while word_at < high - low and _item(pool, missing_at[j, 0] + word_at) == _item(
                                    text, low + word_at
                                ):
                                    word_at += 1
                                if word_at == high - low:
                                    missing = True
                        if digits == 0:
                            length = high - digits_at
                            j = 0
                            if length in (3, 8):
                                while j < length and (_item(text, digits_at + j) | 32) == (
                                    _NAN[j] if length == 3 and (_item(text, digits_at) | 32) == 110 else _INFINITY[j]
                                ):
                                    j += 1
                            bad = not (length == j and length > 0)
                            if not bad and (_item(text, digits_at) | 32) == 105:
                                value = -np.inf if negative else np.inf
                        elif i < high:
                            bad = True
                            if (_item(text, i) | 32) == 101:
                                j = i + 1
                                if j < high and (_item(text, j) == 43 or _item(text, j) == 45):
                                    j += 1
                                bad = j == high
                                while j < high:
                                    if _item(text, j) < 48 or _item(text, j) > 57:
                                        bad = True
                                    j += 1
                        if missing:
                            bad = False
                            value = np.nan
                    if digits > 0 and not bad and not missing:
                        ask = i < high or digits > 19 or places > 22
                        if not ask:
                            power = POWERS[places]
                            if mantissa < _EXACT:
                                value = np.float64(mantissa) / power  # both exact: correctly rounded (Clinger 1990)
                            else:
                                # The quotient in two doubles; rounding their sum is right unless it is all but a tie.
                                high_part = np.float64(mantissa)
                                low_part = np.float64(np.int64(mantissa - np.uint64(high_part)))
                                quotient = high_part / power
                                cut = _SPLIT * quotient
                                one = cut - (cut - quotient)
                                two = quotient - one
                                cut = _SPLIT * power
                                three = cut - (cut - power)
                                four = power - three
                                product = quotient * power
                                error = ((one * three - product) + one * four + two * three) + two * four
                                correction = (((high_part - product) - error) + low_part) / power
                                value = quotient + correction
                                missed = abs((value - quotient) - correction)
                                step = np.spacing(value)
                                ask = abs(missed - 0.5 * step) < 1e-6 * step or abs(missed - 0.25 * step) < 1e-6 * step
                            if negative:
                                value = -value
                        if ask:
                            known = -1
                            for j in range(given_count):
                                if given[j, 0] == start and given[j, 1] == number:
                                    known = j
                            if known < 0:
                                if with_static:
                                    sieve_mmsi[sieve_slot] = 0
                                    while span_count > 0 and spans[span_count - 1, 1] == statics:
                                        span_count -= 1
                                return AT_NUMBER, start, at + 1, rows, statics, span_count, number, low, high, 0
                            value = given[known, 2]
                if kind == MILLISECONDS:
                    if bad or (not np.isnan(value) and not (value >= 0 and value < 2000)):
                        refused = BAD_TIME
                        break
                    if not np.isnan(value):
                        time += np.int64(value * 1000)
                    continue
                if kind == CLASS_NUMBER:
                    numbers[slot * most + rows] = 0.0 if bad or np.isnan(value) else value
                    continue
                if _item(scales, number) != 1.0:
                    value *= _item(scales, number)
                if kind == WHOLE:
                    bad = bad or (np.isfinite(value) and value != np.floor(value))
                elif kind == TYPE:
                    bad = bad or not (value >= 1 and value <= 27 and value == np.floor(value))
                if bad:
                    refused = BAD_VALUE
                    break
                if number < some:
                    numbers[slot * most + rows] = value
                else:
                    static_numbers[slot, statics] = value
            if refused >= 0:
                if counts[refused] == 0:
                    counts[CLASSES + refused] = start
                counts[refused] += 1
                if with_static:  # the row before it is no longer the one to compare with
                    sieve_mmsi[sieve_slot] = 0
                    while span_count > 0 and spans[span_count - 1, 1] == statics:
                        span_count -= 1
                continue
            times[rows] = time
            offsets[rows] = start
            kinds[rows] = record
            if with_static:
                static_rows[statics] = rows
                statics += 1
            rows += 1
        kept = found - next_base
        kept = min(kept, most_kept)  # far more fields than any table has: such a line is refused whatever they are
        for i in range(kept):
            spots[i] = _item(spots, next_base + i)
    return DONE, size, size, rows, statics, span_count, 0, 0, 0, 0


read_rows: Any = compiled(_read_rows)


def warm() -> None:
    """Have the kernel compiled, or loaded from the cache."""
    from decoders.tables import read_table  # noqa: PLC0415 (which needs this module)

    rows = b"mmsi;lon;lat\n"
    for _ in read_table([(0, rows)], "marinecadastre", file_name="warm"):
        pass
