"""Sentences and tag blocks of the usual form are read as a whole: they say what they say when read part by part."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.nmea import NmeaDecoder
from decoders.reports import Batch

HEARD_US = 1_600_000_000_000_000
ARMOUR = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
SENTENCE = "!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A"
BEYOND = "x:" + "y" * 64  # a field of no known name: makes a block longer than what is looked at as a whole
VALUES = st.sampled_from(["1700000000", "1700000001", "170000000x", "0000000001", "9999999999", "1700000000123", ""])
NAMES = st.text("rR0 9\t-", max_size=6)
ITEMS = st.lists(
    st.one_of(
        VALUES.map("c:{}".format),
        NAMES.map("s:{}".format),
        st.sampled_from(["c", "s", "", "n:4", "cc:1", ":", "g:1-2-3"]),
    ),
    max_size=4,
)


def checked(body: str) -> str:
    checksum = 0
    for byte in body.encode():
        checksum ^= byte
    return f"{body}*{checksum:02X}"


def decoded(line: str) -> Batch:
    return NmeaDecoder().step(line.encode("latin-1") + b"\n", 0, HEARD_US)


def told(batch: Batch) -> tuple[Any, ...]:
    kinds = (batch.positions, batch.statics, batch.base_stations, batch.aids)
    columns = [[column.tobytes() for column in reports.columns().values()] for reports in kinds]
    return dict(batch.lines), dict(batch.messages), columns


@settings(max_examples=400, deadline=None)
@given(ITEMS, st.booleans(), st.sampled_from(["", " ", "x"]))
def test_a_tag_block_says_the_same_with_a_field_that_nobody_knows(items: list[str], good: bool, between: str) -> None:
    """Time and station of a block are those of the same block with a long field more, which is read field by field."""
    bodies = [",".join(items), ",".join([*items[:1], BEYOND, *items[1:]]) if items else BEYOND]
    if not items:
        bodies[0] = "n:1"
    tags = [checked(body) if good else checked(body)[:-1] + "G" for body in bodies]
    short, long = (f"\\{tag}\\{between}{SENTENCE}" for tag in tags)
    assert told(decoded(short)) == told(decoded(long))


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["AI", "BS", "XY", "A,", "a1"]), st.sampled_from("ABCXYZ12*,"),
    st.text(ARMOUR, min_size=1, max_size=60) | st.text(ARMOUR + "Xz ~", min_size=20, max_size=40),
    st.sampled_from("0123456789 "), st.sampled_from(["", "\r", ",x", " 1700000000"]), st.integers(0, 9),
)  # fmt: skip
def test_a_sentence_says_the_same_with_a_sequence_number(
    talker: str, channel: str, payload: str, fill: str, after: str, wrong: int
) -> None:
    """A message in one sentence needs no sequence number; with one it is read part by part, and says the same."""
    made = []
    for sequence in ("", "7"):
        body = checked(f"{talker}VDM,1,1,{sequence},{channel},{payload},{fill}")
        if wrong == 0:
            body = body[:-1] + "G"
        elif wrong == 1:
            body = body[:-2] + "00"
        made.append(told(decoded("!" + body + after)))
    if wrong != 1:  # a checksum of 00 may be right for one of them
        assert made[0] == made[1]


def test_all_bytes_of_a_usual_sentence_are_checked() -> None:
    """Whichever byte is damaged, the sentence is refused or is none."""
    for at in range(1, len(SENTENCE) - 3):
        damaged = SENTENCE[:at] + chr(ord(SENTENCE[at]) ^ 1) + SENTENCE[at + 1 :]
        assert not len(decoded(damaged).positions), damaged
    assert len(decoded(SENTENCE).positions) == 1


@pytest.mark.parametrize("before", ["", "x", "\\s:x*00\\x"])
def test_a_sentence_does_not_begin_at_the_end_of_the_line_before(before: str) -> None:
    """A line that lost its sign is none, whatever the line before it is."""
    batch = decoded(f"{before}\n{SENTENCE[1:]}")
    assert dict(batch.lines) == dict(decoded(before).lines) | {
        "refused:not_nmea": 1 + dict(decoded(before).lines).get("refused:not_nmea", 0)
    }
