"""Reads when and where a sentence was heard from whatever a receiver, logger or aggregator wrote around it.

Known forms: tag blocks (NMEA 4.10: ``\\s:station,c:epoch*hh\\``, several in a row, groups ``g:``), ``$PGHP`` lines
(GateHouse: the time and base station of the next sentence), an epoch before the sentence, and fields after its checksum
(USCG: ``,r003660001,1700000000``; others: one or two epochs). Epochs are seconds, milli-, micro- or nanoseconds; their
size tells which.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache, reduce
from operator import xor
from typing import NamedTuple

EARLIEST_US = 631_152_000_000_000  # 1990-01-01: AIS is younger; smaller numbers are counters and station numbers
LATEST_US = 4_102_444_800_000_000  # 2100-01-01
_SECONDS_BELOW, _MILLIS_BELOW, _MICROS_BELOW = 10**11, 10**14, 10**17  # each is the year 5138 in its unit
_UNIX_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY_US = 86_400_000_000

NAME_BYTES = 64  # of a station or group that are kept: names come from outside and are held in memory
TAG_BYTES = 512  # the standard allows a block 80 characters

_EPOCH = re.compile(rb"[\s,;|]*([0-9]{9,19})(?:\.([0-9]*))?[\s,;:|]*")
_TAG_BLOCK = re.compile(rb"\\([^\\]*)\\")
_PGHP = re.compile(
    rb"\$(PGHP,[0-9]*,([0-9]{4}),([0-9]{1,2}),([0-9]{1,2}),([0-9]{1,2}),([0-9]{1,2}),([0-9]{1,2}),([0-9]{0,3}),"
    rb"([^,*]*),([^,*]*),([^,*]*),([^,*]*),([0-9A-Fa-f]{2})?)\*([0-9A-Fa-f]{2})\s*"
)


class Heard(NamedTuple):
    """When (microseconds since 1970) and by which station a sentence was heard, and its tag-block group, if said."""

    time_us: int | None = None
    station: bytes = b""
    group: bytes = b""
    message_checksum: int | None = None

    def over(self, other: Heard) -> Heard:
        """This, completed by what only ``other`` says."""
        if other is NOTHING:
            return self
        return Heard(
            other.time_us if self.time_us is None else self.time_us,
            self.station or other.station,
            self.group or other.group,
            other.message_checksum if self.message_checksum is None else self.message_checksum,
        )


NOTHING = Heard()


def xor_of(text: bytes) -> int:
    """The NMEA checksum of the bytes between start sign and ``*``."""
    return reduce(xor, text, 0)


def epoch_us(whole: bytes, fraction: bytes = b"") -> int | None:
    """Microseconds since 1970 of an epoch in s, ms, us or ns (told by its size); None when it is no likely time.

    >>> epoch_us(b"1700000000", b"25"), epoch_us(b"1700000000000000999"), epoch_us(b"003660001")
    (1700000000250000, 1700000000000000, None)
    """
    number = int(whole)
    if number < _SECONDS_BELOW:
        time_us = number * 1_000_000
        if fraction:
            time_us += int(fraction.ljust(6, b"0")[:6])
    elif number < _MILLIS_BELOW:
        time_us = number * 1_000
        if fraction:
            time_us += int(fraction.ljust(3, b"0")[:3])
    else:
        time_us = number if number < _MICROS_BELOW else number // 1_000
    return time_us if EARLIEST_US <= time_us < LATEST_US else None


def tag_blocks(text: bytes) -> Heard | None:
    r"""What one or more tag blocks say; None when a block's checksum is wrong or they are far too long.

    >>> tag_blocks(rb"\g:1-2-77,s:north,c:1700000000*27" + b"\\")
    Heard(time_us=1700000000000000, station=b'north', group=b'77', message_checksum=None)
    """
    return _tag_blocks(text) if len(text) <= TAG_BYTES else None


@lru_cache(maxsize=8192)  # lines of one second and station share their block
def _tag_blocks(text: bytes) -> Heard | None:
    heard = NOTHING
    for block in _TAG_BLOCK.findall(text):
        body, star, given = block.partition(b"*")
        if not star or len(given) != 2:
            return None
        try:
            if int(given, 16) != xor_of(body):
                return None
        except ValueError:
            return None
        heard = heard.over(_tag_fields(body))
    return heard


def _tag_fields(body: bytes) -> Heard:
    time_us, station, group = None, b"", b""
    for item in body.split(b","):
        name, _, value = item.partition(b":")
        if name == b"c":
            epoch = _EPOCH.fullmatch(value)
            time_us = epoch_us(epoch[1], epoch[2] or b"") if epoch else None
        elif name == b"s":
            station = value.strip()[:NAME_BYTES]
        elif name == b"g":
            group = value.rsplit(b"-", 1)[-1][:NAME_BYTES]
    return Heard(time_us, station, group)


def before_sentence(text: bytes) -> Heard | None:
    """What stands before the ``!`` of a sentence: tag blocks, an epoch, both; None when a tag block is damaged."""
    if b"\\" not in text:
        epoch = _EPOCH.fullmatch(text)
        return Heard(epoch_us(epoch[1], epoch[2] or b"")) if epoch else NOTHING
    end = text.rfind(b"\\") + 1
    start = text.find(b"\\")
    heard = tag_blocks(text[start:end])
    if heard is None or (not text[:start].strip() and not text[end:].strip()):
        return heard
    return heard.over(before_sentence(text[:start]) or NOTHING).over(before_sentence(text[end:]) or NOTHING)


def after_sentence(text: bytes) -> Heard:
    """What fields after the checksum say: the first likely epoch, and the station of a field ``r...`` (USCG).

    >>> after_sentence(b",s28000,d-100,T33.5,r003660001,1700000000").station
    b'r003660001'
    """
    time_us, station = None, b""
    for item in text.split(b","):
        field = item.strip()
        if field[:1] == b"r" and len(field) > 1 and not station:
            station = field[:NAME_BYTES]
        elif time_us is None and (epoch := _EPOCH.fullmatch(field)):
            time_us = epoch_us(epoch[1], epoch[2] or b"")
    return Heard(time_us, station)


def pghp_line(line: bytes) -> Heard | None:
    """What a ``$PGHP`` line says of the sentence after it; None when the line is damaged.

    Its fields: 1, year, month, day, hour, minute, second, millisecond (UTC), country, region, base station, online,
    checksum of the message it belongs to (of several sentences: their checksums, XORed; of own ship's: 00). Without a
    base station, country and region name the source.
    """
    found = _PGHP.fullmatch(line)
    if found is None or int(found[14], 16) != xor_of(found[1]):
        return None
    hour, minute, second = int(found[5]), int(found[6]), int(found[7])
    day_us = _day_us(int(found[2]), int(found[3]), int(found[4]))
    if day_us is None or hour > 23 or minute > 59 or second > 60:
        return None
    time_us = day_us + ((hour * 60 + minute) * 60 + second) * 1_000_000 + int(found[8] or b"0") * 1_000
    if not EARLIEST_US <= time_us < LATEST_US:
        return None
    country, region, base = found[9], found[10], found[11]
    station = base or (country + b"-" + region).strip(b"-")
    return Heard(time_us, station[:NAME_BYTES], b"", int(found[13] or b"0", 16) or None)


@lru_cache(maxsize=64)
def _day_us(year: int, month: int, day: int) -> int | None:
    try:
        return (date(year, month, day).toordinal() - _UNIX_EPOCH_DAY) * _DAY_US
    except ValueError:
        return None
