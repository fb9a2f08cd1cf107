"""Tells lines apart: AIS sentences, other sentences, time and tag lines, comments, blanks, rubbish; and checksums."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

# Any two-character talker (AI, AB, BS, SA, "--" are seen), VDM heard or VDO own ship. The payload may only hold the
# characters of the 6-bit armour, and a bounded number (168 are the longest message), as parts are held in memory. What
# stands before the "!" and after the checksum is left to receive_times.
AIS_SENTENCE = re.compile(
    rb"(.*?)[!$]([^,*!]{2}VD[MO]),([1-9]),([1-9]),([0-9]{0,3}),([^,*!]{0,3}),([0-W`-w]{0,512}),([0-5]?)"
    rb"\*([0-9A-Fa-f]{2})(.*)",
    re.DOTALL,
)
LIKELY_AIS = re.compile(rb"[!$][^,*!]{2}VD[MO],")
OTHER_SENTENCE = re.compile(rb"(?:.*?\\)?[^!$]{0,40}[!$][A-Z0-9]{3,10},[ -~]*\s*", re.DOTALL)
TAG_LINE = re.compile(rb"\s*((?:\\[^\\]*\\)+)\s*")
PGHP = b"$PGHP,"

BAD_CHECKSUM = "refused:bad_checksum"
BAD_TAG = "refused:bad_tag_block"
BAD_WRAPPER = "refused:bad_time_line"
MALFORMED = "refused:malformed_sentence"
OTHER = "refused:other_sentence"
NOT_NMEA = "refused:not_nmea"


def is_ais_line(line: bytes) -> bool:
    """Whether the line holds an AIS sentence with a right checksum.

    >>> is_ais_line(b"!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A")
    True
    """
    found = AIS_SENTENCE.match(line)
    return found is not None and bool(checksums_right(line, [0], [found])[0])


def checksums_right(block: bytes, starts: Sequence[int], found: Sequence[re.Match[bytes]]) -> list[bool]:
    """Whether each sentence's checksum is that of its bytes; ``starts`` are where its line starts in ``block``."""
    if not found:
        return []
    spans = np.empty((len(found), 2), np.int64)
    spans[:, 0] = [start + match.start(2) for start, match in zip(starts, found, strict=True)]
    spans[:, 1] = [start + match.end(8) for start, match in zip(starts, found, strict=True)]
    computed = np.bitwise_xor.reduceat(np.frombuffer(block, np.uint8), spans.ravel())[::2]
    given = np.array([int(match[9], 16) for match in found], np.uint8)
    right: list[bool] = (computed == given).tolist()
    return right
