"""Reads when and where a sentence was heard from whatever a receiver, logger or aggregator wrote around it.

Known forms: tag blocks (NMEA 4.10: ``\\s:station,c:epoch*hh\\``, several in a row, groups ``g:``), ``$PGHP`` lines
(GateHouse: the time and base station of the next sentence), an epoch before the sentence, and fields after its checksum
(USCG: ``,r003660001,1700000000``; others: one or two epochs). Epochs are seconds, milli-, micro- or nanoseconds; their
size tells which.

The functions here are compiled into the decoder's kernel. They read a text between two places of an array of bytes and
give numbers: times in microseconds since 1970 (``NO_TIME`` where none is said) and names as place and length.
"""

from __future__ import annotations

from decoders.kernel_cache import always_inlined, inlined
from decoders.wide_words import (
    TOGETHER,
    backslashes,
    commas,
    next_comma_or_star,
    next_star_or_backslash,
    stars,
    xor_of,
)
from decoders.words import byte, hex_digit, is_blank, load_word, store_byte, ten_digits, zeros_below

NO_TIME = -(2**63)
EARLIEST_US = 631_152_000_000_000  # 1990-01-01: AIS is younger; smaller numbers are counters and station numbers
LATEST_US = 4_102_444_800_000_000  # 2100-01-01
_SECONDS_BELOW, _MILLIS_BELOW, _MICROS_BELOW = 10**11, 10**14, 10**17  # each is the year 5138 in its unit
_DAY_US = 86_400_000_000
NAME_BYTES = 64  # of a station or group that are kept: names come from outside and are held in memory
TAG_BYTES = 512  # the standard allows a block 80 characters

_COMMA, _COLON, _SEMICOLON, _BAR, _POINT, _STAR, _BACKSLASH, _DASH = 44, 58, 59, 124, 46, 42, 92, 45
_C, _G, _R, _S = 99, 103, 114, 115
_ITEM_C, _ITEM_S, _ITEM_G, _ITEM_MASK = _C | _COLON << 8, _S | _COLON << 8, _G | _COLON << 8, 0xFFFF
_LEAST_BLOCK = len("\\c:0*00\\")

Said = tuple[bool, int, int, int, int, int]  # undamaged, time, station's place and length, group's place and length


@inlined
def epoch(text: int, at: int, end: int) -> int:
    """The time that ``[at, end)`` is, with blanks and separators around it allowed; ``NO_TIME`` if it is no time."""
    if end - at == 10:
        seconds = ten_digits(text, at)
        if seconds >= 0:
            return seconds * 1_000_000 if EARLIEST_US <= seconds * 1_000_000 < LATEST_US else NO_TIME
    while at < end and (
        is_blank(byte(text, at)) or byte(text, at) == _COMMA or byte(text, at) == _SEMICOLON or byte(text, at) == _BAR
    ):
        at += 1
    digits, number = 0, 0
    while at < end and 48 <= byte(text, at) <= 57 and digits <= 19:
        if number > 900_000_000_000_000_000:  # the next digit would not fit; nanoseconds of 2255
            return NO_TIME
        number = number * 10 + byte(text, at) - 48
        digits += 1
        at += 1
    if digits < 9 or digits > 19:
        return NO_TIME
    scale = 0  # of the fraction's digits that count
    if number < _SECONDS_BELOW:
        scale, number = 100_000, number * 1_000_000
    elif number < _MILLIS_BELOW:
        scale, number = 100, number * 1_000
    elif number >= _MICROS_BELOW:
        number //= 1_000
    if at < end and byte(text, at) == _POINT:
        at += 1
        while at < end and 48 <= byte(text, at) <= 57:
            number += (byte(text, at) - 48) * scale
            scale //= 10
            at += 1
    while at < end:
        b = byte(text, at)
        if not (is_blank(b) or b == _COMMA or b == _SEMICOLON or b == _BAR or b == _COLON):
            return NO_TIME
        at += 1
    return number if EARLIEST_US <= number < LATEST_US else NO_TIME


@inlined
def trimmed(text: int, at: int, end: int) -> tuple[int, int]:
    """Place and length of what stands between without blanks at its ends."""
    while at < end and is_blank(byte(text, at)):
        at += 1
    while at < end and is_blank(byte(text, end - 1)):
        end -= 1
    return at, end - at


@inlined
def tag_blocks(text: int, first: int, last: int) -> Said:
    """What the blocks between the backslashes at ``first`` and ``last`` say; damaged: a checksum is wrong, or too long.

    Of two blocks that say the same thing the first counts, of two fields in a block the last. A backslash without
    partner is passed over, and so is what stands between blocks.
    """
    time_us, station_at, station_length, group_at, group_length = NO_TIME, 0, 0, 0, 0
    if last + 1 - first > TAG_BYTES:
        return False, time_us, station_at, station_length, group_at, group_length
    while first < last:
        star = next_star_or_backslash(text, first + 1)
        at = star + 3
        given = hex_digit(byte(text, star + 1)) * 16 + hex_digit(byte(text, star + 2))
        if byte(text, star) != _STAR or byte(text, at) != _BACKSLASH or xor_of(text, first + 1, star) != given:
            return False, time_us, station_at, station_length, group_at, group_length
        block_us, block_station_at, block_station, block_group_at, block_group = NO_TIME, 0, 0, 0, 0
        item = first + 1
        while item < star:
            stop = next_comma_or_star(text, item)
            name, value = byte(text, item), item + 2
            if stop - item >= 2 and byte(text, item + 1) == _COLON:
                if name == _C:
                    block_us = epoch(text, value, stop)
                elif name == _S:
                    block_station_at, block_station = trimmed(text, value, stop)
                elif name == _G:
                    block_group_at = stop
                    while block_group_at > value and byte(text, block_group_at - 1) != _DASH:
                        block_group_at -= 1
                    block_group = stop - block_group_at
            elif stop - item == 1:  # a name without a value takes back what was said under it
                if name == _C:
                    block_us = NO_TIME
                elif name == _S:
                    block_station = 0
                elif name == _G:
                    block_group = 0
            item = stop + 1
        if time_us == NO_TIME:
            time_us = block_us
        if station_length == 0:
            station_at, station_length = block_station_at, min(block_station, NAME_BYTES)
        if group_length == 0:
            group_at, group_length = block_group_at, min(block_group, NAME_BYTES)
        first = at + 1
        while first < last and byte(text, first) != _BACKSLASH:
            first += 1
    return True, time_us, station_at, station_length, group_at, group_length


@always_inlined
def usual_tag_block(text: int, at: int, end: int) -> tuple[bool, int, int, int]:
    """Whether one undamaged block of the usual form is all there is, and its time, station's place and length.

    Usual: fewer than 64 bytes, no group, a time of ten digits, no name without value, no blanks round a station. What
    is not is left to :func:`before_sentence`, which says the same of the usual.
    """
    time_us, station_at, station_length = NO_TIME, 0, 0
    size = end - at
    if size < _LEAST_BLOCK or size >= TOGETHER:
        return False, time_us, station_at, station_length
    inside = (1 << size) - 1
    if backslashes(text, at) & inside != 1 | 1 << (size - 1) or stars(text, at) & inside != 1 << (size - 4):
        return False, time_us, station_at, station_length
    given = hex_digit(byte(text, end - 3)) * 16 + hex_digit(byte(text, end - 2))
    usual = xor_of(text, at + 1, end - 4) == given
    stops = commas(text, at) & inside & ~1 | 1 << (size - 4)
    item = at + 1
    while stops != 0:
        stop = at + zeros_below(stops)
        stops &= stops - 1
        head = load_word(text, item) & _ITEM_MASK
        value = item + 2
        if head == _ITEM_C:
            seconds = ten_digits(text, value)
            usual &= (stop - value == 10) & (seconds * 1_000_000 >= EARLIEST_US)
            usual &= seconds * 1_000_000 < LATEST_US
            time_us = seconds * 1_000_000
        elif head == _ITEM_S:
            station_at, station_length = value, stop - value
            usual &= station_length > 0
            usual &= not is_blank(byte(text, value)) and not is_blank(byte(text, stop - 1))
        elif head == _ITEM_G or stop - item == 1:
            usual = False
        item = stop + 1
    return usual, time_us, station_at, station_length


@inlined
def before_sentence(text: int, at: int, end: int) -> Said:
    """What stands before the ``!`` of a sentence says: tag blocks, an epoch, both."""
    first = at
    while first < end and byte(text, first) != _BACKSLASH:
        first += 1
    if first == end:
        return True, epoch(text, at, end), 0, 0, 0, 0
    last = end - 1
    while byte(text, last) != _BACKSLASH:
        last -= 1
    good, time_us, station_at, station_length, group_at, group_length = tag_blocks(text, first, last)
    if time_us == NO_TIME and first > at:
        time_us = epoch(text, at, first)
    if time_us == NO_TIME and last + 1 < end:
        time_us = epoch(text, last + 1, end)
    return good, time_us, station_at, station_length, group_at, group_length


@inlined
def after_sentence(text: int, at: int, end: int) -> tuple[int, int, int]:
    """What fields after the checksum say: the first likely epoch, and the station of a field ``r...`` (USCG)."""
    time_us, station_at, station_length = NO_TIME, 0, 0
    while at <= end:
        stop = at
        while stop < end and byte(text, stop) != _COMMA:
            stop += 1
        field, length = trimmed(text, at, stop)
        if length > 1 and byte(text, field) == _R and station_length == 0:
            station_at, station_length = field, min(length, NAME_BYTES)
        elif length >= 9 and time_us == NO_TIME:
            time_us = epoch(text, field, field + length)
        at = stop + 1
    return time_us, station_at, station_length


@inlined
def pghp_line(text: int, at: int, end: int, made_at: int) -> tuple[bool, int, int, int, int]:
    """What a ``$PGHP`` line says of the sentence after it: undamaged, time, station's place and length, checksum.

    Its fields: 1, year, month, day, hour, minute, second, millisecond (UTC), country, region, base station, online,
    checksum of the message it belongs to (of several sentences: their checksums, XORed; of own ship's, and here where
    there is none: 0). Without a base station, country and region name the source; that name is written to ``made_at``.
    """
    star, computed = at + 1, 0
    while star < end and byte(text, star) != _STAR:
        computed ^= byte(text, star)
        star += 1
    if end - star != 3 or hex_digit(byte(text, star + 1)) * 16 + hex_digit(byte(text, star + 2)) != computed:
        return False, NO_TIME, 0, 0, 0
    year, month, day, hour, minute, second, milli = 0, 0, 0, 0, 0, 0, 0
    country, country_end, region, region_end, base, base_end, code = 0, 0, 0, 0, 0, 0, 0
    place, item = 0, at + 1
    while item <= star:
        stop, number, digits = item, 0, 0
        while stop < star and byte(text, stop) != _COMMA:
            if 48 <= byte(text, stop) <= 57:
                digits += 1
                number = (number * 10 + byte(text, stop) - 48) % 1_000_000
            stop += 1
        length = stop - item
        if 1 <= place <= 8:
            least = 4 if place == 2 else 0 if place == 1 or place == 8 else 1
            most = length if place == 1 else 4 if place == 2 else 3 if place == 8 else 2
            if digits != length or length < least or length > most:
                return False, NO_TIME, 0, 0, 0
        if place == 2:
            year = number
        elif place == 3:
            month = number
        elif place == 4:
            day = number
        elif place == 5:
            hour = number
        elif place == 6:
            minute = number
        elif place == 7:
            second = number
        elif place == 8:
            milli = number
        elif place == 9:
            country, country_end = item, stop
        elif place == 10:
            region, region_end = item, stop
        elif place == 11:
            base, base_end = item, stop
        elif place == 13 and length != 0:
            code = hex_digit(byte(text, item)) * 16 + hex_digit(byte(text, item + 1))
            if length != 2 or code > 255:
                return False, NO_TIME, 0, 0, 0
        place += 1
        item = stop + 1
    days = days_since_1970(year, month, day)
    if place != 14 or days == NO_TIME or hour > 23 or minute > 59 or second > 60:
        return False, NO_TIME, 0, 0, 0
    time_us = days * _DAY_US + ((hour * 60 + minute) * 60 + second) * 1_000_000 + milli * 1_000
    if not EARLIEST_US <= time_us < LATEST_US:
        return False, NO_TIME, 0, 0, 0
    if base < base_end:
        return True, time_us, base, min(base_end - base, NAME_BYTES), code
    # Country, a dash, region; without dashes at its ends.
    size = country_end - country
    first, stop = 0, size + 1 + region_end - region
    while first < stop and _of_source(text, country, size, region, first) == _DASH:
        first += 1
    while first < stop and _of_source(text, country, size, region, stop - 1) == _DASH:
        stop -= 1
    length = min(stop - first, NAME_BYTES)
    for place in range(length):
        store_byte(text, made_at + place, _of_source(text, country, size, region, first + place))
    return True, time_us, made_at, length, code


@inlined
def _of_source(text: int, country: int, size: int, region: int, place: int) -> int:
    """A byte of the name that is country, dash and region."""
    if place < size:
        return byte(text, country + place)
    return _DASH if place == size else byte(text, region + place - size - 1)


@inlined
def days_since_1970(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar; ``NO_TIME`` where there is no such day."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    length = 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31
    if month == 2:
        length = 29 if leap else 28
    if not 1 <= month <= 12 or not 1 <= day <= length:
        return NO_TIME
    shifted = year - 1 if month < 3 else year  # years from March on, so that the leap day is the last
    since = (month + 9) % 12
    return shifted * 365 + shifted // 4 - shifted // 100 + shifted // 400 + (153 * since + 2) // 5 + day - 1 - 719_468
