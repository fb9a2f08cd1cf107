"""Tells what a line without an AIS sentence is: time and tag lines, comments, blanks, other sentences, rubbish."""

from __future__ import annotations

from decoders import line_classes
from decoders.kernel_cache import inlined
from decoders.receive_times import NO_TIME, pghp_line, tag_blocks
from decoders.words import byte, is_blank, load_word

_BANG, _DOLLAR, _HASH, _COMMA, _STAR, _BACKSLASH = 33, 36, 35, 44, 42, 92
_PGHP, _PGHP_MASK = int.from_bytes(b"$PGHP,", "little"), (1 << 48) - 1
_VDM, _VDM_MASK = int.from_bytes(b"VDM,", "little"), int.from_bytes(b"\xff\xff\xfd\xff", "little")
_PREFIX_BYTES = 40  # that may stand before a sentence of another kind


@inlined
def other_line(text: int, start: int, end: int, made_at: int) -> tuple[int, int, int, int, int, int, int]:
    """Class of the line ``[start, end)``; of a wrapper: time, station (place, length), group, and message checksum."""
    first, last = start, end
    while first < last and is_blank(byte(text, first)):
        first += 1
    while last > first and is_blank(byte(text, last - 1)):
        last -= 1
    if first == last:
        return line_classes.BLANK, NO_TIME, 0, 0, 0, 0, 0
    if byte(text, first) == _HASH:
        return line_classes.COMMENT, NO_TIME, 0, 0, 0, 0, 0
    if load_word(text, first) & _PGHP_MASK == _PGHP:
        good, time_us, at, length, code = pghp_line(text, first, last, made_at)
        return line_classes.WRAPPER if good else line_classes.BAD_WRAPPER, time_us, at, length, 0, 0, code
    if byte(text, first) == _BACKSLASH and byte(text, last - 1) == _BACKSLASH and only_tag_blocks(text, first, last):
        good, time_us, at, length, group_at, group = tag_blocks(text, first, last - 1)
        return line_classes.WRAPPER if good else line_classes.BAD_TAG, time_us, at, length, group_at, group, 0
    return other_sentence(text, start, last), NO_TIME, 0, 0, 0, 0, 0


@inlined
def only_tag_blocks(text: int, first: int, last: int) -> bool:
    """Whether backslashes come in pairs, each closed one followed by the next block at once."""
    inside = False
    for at in range(first, last):
        if byte(text, at) == _BACKSLASH:
            inside = not inside
        elif not inside:
            return False
    return not inside


@inlined
def other_sentence(text: int, start: int, last: int) -> int:
    """Which of the refused classes the line is in: a spoilt AIS sentence, another sentence, or no NMEA at all."""
    printable = last  # from here on all is printable
    while printable > start and 32 <= byte(text, printable - 1) <= 126:
        printable -= 1
    other = False
    since = start  # the last line start, backslash or sign: what may stand before a sentence begins here
    reach = True
    for at in range(start, last):
        b = byte(text, at)
        if b == _BACKSLASH:
            since, reach = at + 1, True
        elif b == _BANG or b == _DOLLAR:
            if load_word(text, at + 3) & _VDM_MASK == _VDM and at + 7 <= last:
                x, y = byte(text, at + 1), byte(text, at + 2)
                if x != _COMMA and x != _STAR and x != _BANG and y != _COMMA and y != _STAR and y != _BANG:
                    return line_classes.MALFORMED
            if not other and reach and at - since <= _PREFIX_BYTES:
                stop = at + 1
                while (
                    stop < last and stop - at <= 11 and (48 <= byte(text, stop) <= 57 or 65 <= byte(text, stop) <= 90)
                ):
                    stop += 1
                other = 4 <= stop - at <= 11 and stop < last and byte(text, stop) == _COMMA and stop + 1 >= printable
            reach = False
    return line_classes.OTHER_SENTENCE if other else line_classes.NOT_NMEA
