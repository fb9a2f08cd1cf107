"""The classes into which the lines of an NMEA stream are counted, and how a kernel counts them."""

from __future__ import annotations

from typing import Any

from decoders import validity
from decoders.kernel_cache import inlined

READ, PART, WRAPPER, COMMENT, BLANK = range(5)
(BAD_CHECKSUM, BAD_TAG, BAD_WRAPPER, MALFORMED, OTHER_SENTENCE, NOT_NMEA, NO_TIME, TOO_SHORT, UNKNOWN_TYPE, INCOMPLETE,
 WITHOUT_FIRST, OUT_OF_ORDER, TOO_LATE, MISMATCH, BAD_MMSI, NO_POSITION, BAD_POSITION) = range(5, 22)  # fmt: skip
NAMES = (
    "read", "part", "wrapper", "comment", "blank",
    "refused:bad_checksum", "refused:bad_tag_block", "refused:bad_time_line", "refused:malformed_sentence",
    "refused:other_sentence", "refused:not_nmea", "refused:no_time", "refused:payload_too_short",
    "refused:unknown_message_type", "refused:message_incomplete", "refused:part_without_first",
    "refused:part_out_of_order", "refused:part_too_late", "refused:part_of_another_message",
    validity.MMSI_REFUSED, validity.NO_POSITION_REFUSED, validity.POSITION_REFUSED,
)  # fmt: skip
COUNT, FIRST_AT = 0, 1  # columns of a tally, one row a class


@inlined
def tally(counts: Any, name: int, lines: int, offset: int) -> None:
    """Count lines of a class; ``offset`` is kept as the place of the first."""
    if counts[name, COUNT] == 0:
        counts[name, FIRST_AT] = offset
    counts[name, COUNT] += lines
