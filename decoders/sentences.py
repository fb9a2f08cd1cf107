"""Whether a text holds AIS sentences: for telling formats."""

from __future__ import annotations

import re

LIKELY_AIS = re.compile(rb"[!$][^,*!]{2}VD[MO],")
_NONE_OF_IT = {"wrapper", "comment", "blank", *(
    f"refused:{what}" for what in (
        "bad_checksum", "bad_tag_block", "bad_time_line", "malformed_sentence", "other_sentence", "not_nmea"
    )
)}  # fmt: skip


def has_ais_sentence(sample: bytes) -> bool:
    """Whether a line of the sample holds an AIS sentence with a right checksum.

    >>> has_ais_sentence(b"# a log\\n!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A")
    True
    """
    if LIKELY_AIS.search(sample) is None:
        return False
    from decoders.nmea import NmeaDecoder  # noqa: PLC0415 (machine code, which other formats do not need)

    decoder = NmeaDecoder()
    counted = {*decoder.step(sample, 0).lines, *decoder.finish().lines}
    return not counted <= _NONE_OF_IT
