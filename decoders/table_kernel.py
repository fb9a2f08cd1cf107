"""The compiled reader of table text: bytes in, typed columns out, one pass over the bytes and no Python for a row.

One function on purpose: numba makes several times slower code of many small ones with array arguments. It is driven by
the arrays that :mod:`decoders.table_plan` makes of a format description, and stops where Python has to decide something
(a line that may be a header, a word not seen before, a number that needs more than 64 bits), to be called again from
that line on. What is "not available" is not decided here but in :mod:`decoders.validity`.
"""

# The types of a compiled function are numba's: whole and other numbers may take turns in a variable.
# mypy: disable-error-code="assignment,no-untyped-call"

from __future__ import annotations

from typing import Any

import numpy as np

from decoders.kernel_cache import compiled

# isort: off
# fmt: off
from decoders.table_codes import (
    AT_HEADER, AT_NUMBER, AT_QUOTE, AT_RETURN, AT_WORD, BAD_TIME, BAD_VALUE, BLANK, CLASS_CODED, CLASS_NUMBER,
    CLASSES, CODED, COMMENT, CONSTANT, DAY_US, DELIMITER, DONE, FILE_HOUR, FORMS, HAS_FILE_HOUR, HAS_HEADER, HASH,
    HEAD_BYTES, HOUR_US, LAT, LON, MESSAGE, MILLISECONDS, MISSING_WORDS, MMSI, NEWLINE, NO_TEXT, NOTHING,
    NUMERIC_MISSING, OPERATION, PIECE, QUOTE, RECORDS, RETURN, ROW_SPANS, SHORT, SIEVE_SLOTS, SIEVED, SPACE,
    SPANS_FULL, TAB, TEXT, TEXT_BYTES, TILE, TIME_FIELD, TYPE, UNKNOWN_RECORD, WHOLE, WRONG_COUNT,
)
# fmt: on
# isort: on
from decoders.table_fields import odd_number, put_text, quotient_of, time_of
from decoders.table_numbers import POWERS, plain_number, short_number, static_key
from decoders.table_scan import eight_bytes, item, mark_tile, put_item, unquote_line
from decoders.validity import LAT_LIMIT_DEG, LON_LIMIT_DEG, MMSI_MAX, MMSI_MIN

EXACT = np.uint64(2**53)
_MIX, _MIX2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


def _read_rows(  # type: ignore[no-untyped-def]
    raw, size, begin, not_header, settings, counted_records, conditions, condition_at, operations, operation_at, scales,
    forms, form_at, pool, missing_at, coded_fields, coded_at, word_slots, words, word_bytes, word_numbers, word_bits,
    given, given_count, sieve_mmsi, sieve_keys, text, plain, last_word, spots, lines, word_of, times, offsets, kinds,
    numbers, static_rows, static_numbers, static_texts, spans, counts, rows, statics, span_count,
):  # fmt: skip
    """Read lines of ``raw[begin:size]``; gives why it stopped, line, its end, rows, statics, spans, and four more.

    ``text`` is ``raw``, or once a quote was met (AT_QUOTE) the copy ``plain``, into which fields are written unquoted.
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
    was_quoted = False  # the line that is not whole yet has a quote
    while tile < size:
        tile_end = min(tile + TILE, size)
        found, special_count, stray = mark_tile(
            raw, tile, tile_end, size, delimiter, quote, last_word, spots, lines, kept
        )
        if stray:
            return AT_RETURN, line, line, rows, statics, span_count, 0, 0, 0, 0
        tile = tile_end
        next_base = 0
        for which in range(special_count):
            last_spot = lines[which]
            at = item(spots, last_spot)
            if at < size and item(raw, at) != newline:
                was_quoted = True
                continue
            # A whole line: from ``start`` to ``stop``; field i ends at item(spots, base + i).
            start, base, unquote = line, next_base, was_quoted
            here = last_spot - base
            line, next_base, was_quoted = at + 1, last_spot + 1, False
            stop = at
            if stop > start and item(raw, stop - 1) == RETURN:
                stop -= 1
            if stop <= start:
                counts[BLANK] += 1
                continue
            first = item(raw, start)
            if first in (SPACE, TAB):
                i = start
                while i < stop and (item(raw, i) == SPACE or (item(raw, i) >= TAB and item(raw, i) <= RETURN)):
                    i += 1
                if i == stop:
                    counts[BLANK] += 1
                    continue
            if has_header:
                if start != not_header and stop - start >= head_bytes:
                    i = 0
                    while i < head_bytes and item(raw, start + i) == item(pool, i):
                        i += 1
                    if i == head_bytes:
                        return AT_HEADER, start, at + 1, rows, statics, span_count, 0, 0, 0, 0
                if first == HASH:
                    counts[COMMENT] += 1
                    continue
            if unquote:
                if len(plain) < size:
                    return AT_QUOTE, start, at + 1, rows, statics, span_count, 0, 0, 0, 0
                here, stop = unquote_line(raw, plain, start, stop, delimiter, quote, spots, base)
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
                low = start if field == 0 else item(spots, base + field - 1) + 1
                high = item(spots, base + field)
                key = np.uint64(coded + 1) * _MIX2
                for j in range(low, high):
                    key = (key ^ np.uint64(item(text, j))) * np.uint64(0x100000001B3)
                key ^= key >> np.uint64(29)
                slot = np.int64(key) & (slots - 1)
                while True:
                    known = word_slots[slot]
                    if known < 0:
                        return AT_WORD, start, at + 1, rows, statics, span_count, coded, low, high, slot
                    if words[known, 0] == coded and words[known, 2] == high - low:
                        j = 0
                        while j < high - low and word_bytes[words[known, 1] + j] == item(text, low + j):
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
            low = start if time_field == 0 else item(spots, base + time_field - 1) + 1
            high = item(spots, base + time_field)
            length = high - low
            known_time = False
            if memo_at >= 0 and length == memo_length and length >= 8 and high <= size - 8:
                known_time = True
                i = 0
                while i < length - 8:
                    if eight_bytes(text, low + i) != eight_bytes(text, memo_at + i):
                        known_time = False
                        break
                    i += 8
                if known_time and eight_bytes(text, high - 8) != eight_bytes(text, memo_at + length - 8):
                    known_time = False
            if known_time:
                time = memo_time
            else:
                time = time_of(text, low, high, forms, form_at, settings[FORMS])
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
                operation = OPERATION * number
                field, slot = item(operations, operation + 1), item(operations, operation + 2)
                quick = item(operations, operation + 7)
                if quick:  # a number of the row as most of them are written
                    low = start if field == 0 else item(spots, base + field - 1) + 1
                    high = item(spots, base + field)
                    if high - low <= SHORT and high >= 16:
                        value, places, fine = short_number(text, low, high)
                        if fine and (quick == 1 or places == 0):
                            put_item(numbers, slot * most + rows, value * item(scales, number))
                            continue
                kind = item(operations, operation)
                if number == some:
                    # Is there a static part, and is it another one than in the row of the ship before?
                    filled, key = static_key(
                        text, size, start, base, spots, operations, some, last, time, record,
                        item(numbers, MESSAGE * most + rows), sieved,
                    )  # fmt: skip
                    if not filled:
                        break
                    if sieved:
                        mmsi = item(numbers, MMSI * most + rows)
                        if mmsi >= MMSI_MIN and mmsi <= MMSI_MAX:
                            ship = np.int64(mmsi)
                            sieve_slot = np.int64((np.uint64(ship) * _MIX) >> np.uint64(48)) & (SIEVE_SLOTS - 1)
                            sure = True
                            if item(operations, operation + 6):
                                lat, lon = item(numbers, LAT * most + rows), item(numbers, LON * most + rows)
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
                        numbers[slot * most + rows] = item(scales, number)
                        continue
                    if kind in (CODED, CLASS_CODED):
                        value = word_numbers[item(word_of, item(operations, operation + 3))] * item(scales, number)
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
                    low = start if field == 0 else item(spots, base + field - 1) + 1
                    high = item(spots, base + field)
                    if kind == PIECE:
                        spans[span_count, 0], spans[span_count, 1] = slot, statics
                        spans[span_count, 2], spans[span_count, 3] = low, high
                        span_count += 1
                        for i in range(TEXT_BYTES):
                            static_texts[slot, statics, i] = 0
                        continue
                    if kind == TEXT:
                        if put_text(text, low, high, pool, missing_at, missing_words, static_texts, slot, statics):
                            spans[span_count, 0], spans[span_count, 1] = slot, statics
                            spans[span_count, 2], spans[span_count, 3] = low, high
                            span_count += 1
                        continue
                low = start if field == 0 else item(spots, base + field - 1) + 1
                high = item(spots, base + field)
                # A number. Blanks round it do not count, nor does its prefix.
                if low < high and (item(text, low) <= SPACE or item(text, high - 1) <= SPACE):
                    while low < high and (item(text, low) == SPACE or item(text, low) == TAB):
                        low += 1
                    while low < high and (item(text, high - 1) == SPACE or item(text, high - 1) == TAB):
                        high -= 1
                prefix_at, prefix_bytes = item(operations, operation + 4), item(operations, operation + 5)
                if prefix_bytes > 0 and high - low >= prefix_bytes:
                    i = 0
                    while i < prefix_bytes:
                        letter = np.int64(item(text, low + i))
                        if letter >= 97 and letter <= 122:
                            letter -= 32
                        if letter != item(pool, prefix_at + i):
                            break
                        i += 1
                    if i == prefix_bytes:
                        low += i
                        while low < high and (item(text, low) == SPACE or item(text, low) == TAB):
                            low += 1
                value = np.nan
                bad = False
                if low < high:
                    missing = False
                    i = low
                    negative = item(text, i) == 45
                    if negative or item(text, i) == 43:
                        i += 1
                    digits_at = i
                    mantissa, digits, places, i = plain_number(text, i, high, size)
                    if i < high or digits == 0 or numeric_missing:
                        # No plain number: a word for "not available", an exponent, nan or infinity, or nonsense.
                        missing, bad, value = odd_number(
                            text, low, high, digits_at, digits, i, negative, pool, missing_at, missing_words
                        )
                    if digits > 0 and not bad and not missing:
                        ask = i < high or digits > 19 or places > 22
                        if not ask:
                            if mantissa < EXACT:
                                value = (
                                    np.float64(mantissa) / POWERS[places]
                                )  # both exact: correctly rounded (Clinger 1990)
                            else:
                                value, ask = quotient_of(mantissa, POWERS[places])
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
                if item(scales, number) != 1.0:
                    value *= item(scales, number)
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
            spots[i] = item(spots, next_base + i)
    return DONE, size, size, rows, statics, span_count, 0, 0, 0, 0


read_rows: Any = compiled(_read_rows)
