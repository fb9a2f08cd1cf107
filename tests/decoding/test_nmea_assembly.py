"""Multi-part messages: joined strictly, never from two ships' halves."""

from __future__ import annotations

import itertools

import pytest

from decoders.assembly import AGE_LIMIT_US, OPEN_LIMIT
from decoders.nmea import NmeaDecoder
from decoders.reports import Batch, StaticReports, add_counts

SECOND = 1_700_000_000


def decode(*lines: str) -> Batch:
    decoder = NmeaDecoder()
    batches = [decoder.step("\n".join(lines).encode(), 0), decoder.finish()]
    counted: dict[str, int] = {}
    for batch in batches:
        add_counts(counted, batch.lines)
    assert sum(counted.values()) == len(lines)
    return Batch(statics=StaticReports.concat([batch.statics for batch in batches]), lines=counted)


def at(lines: list[str], second: float = 0, station: str | None = None) -> list[str]:
    suffix = "" if station is None else f",{station}"
    return [f"{line}{suffix},{SECOND + second:.0f}" for line in lines]


@pytest.fixture(scope="module")
def two(ais):
    """Two ships' voyage reports in two parts each, on the same sequence number and channel."""
    a = ais.lines(ais.voyage(244660000, "ALPHA", "ALPHA PORT"), of=2, seq="3")
    b = ais.lines(ais.voyage(244660001, "BRAVO", "BRAVO PORT"), of=2, seq="3")
    return a, b


def names(batch: Batch) -> list[tuple[str, str]]:
    return list(zip(batch.statics.name.tolist(), batch.statics.destination.tolist(), strict=True))


def test_parts_in_order_make_a_message(two):
    """Two lines, one report: the completing line is read, the other a part; the offset is the first line's."""
    batch = decode(*at(two[0]))
    assert names(batch) == [("ALPHA", "ALPHA PORT")] and batch.lines == {"read": 1, "part": 1}
    assert batch.statics.offset.tolist() == [0]


def test_other_sentences_may_stand_between(ais, two):
    """Adjacency is not asked of parts of one station, order is."""
    between = at(ais.lines(ais.class_a()))
    assert names(decode(at(two[0])[0], *between, at(two[0])[1])) == [("ALPHA", "ALPHA PORT")]


def test_one_lost_part_never_pairs_two_ships(two):
    """Whichever of four sentences is lost, no report has one ship's name and the other's destination."""
    lines = [*at(two[0]), *at(two[1], 1)]
    good = {("ALPHA", "ALPHA PORT"), ("BRAVO", "BRAVO PORT")}
    for lost in range(4):
        batch = decode(*[line for number, line in enumerate(lines) if number != lost])
        assert len(names(batch)) == 1 and set(names(batch)) < good
    assert names(decode(lines[0], lines[2], lines[3])) == [("BRAVO", "BRAVO PORT")]
    assert decode(lines[0], lines[2], lines[3]).lines == {"read": 1, "part": 1, "refused:message_incomplete": 1}
    assert decode(lines[1], lines[2], lines[3]).lines == {"read": 1, "part": 1, "refused:part_without_first": 1}


def test_a_second_part_before_the_first_is_refused(two):
    """Outside a group no part waits for its first."""
    lines = at(two[0])
    batch = decode(lines[1], lines[0])
    assert batch.lines == {"refused:part_without_first": 1, "refused:message_incomplete": 1}


def test_three_parts_must_follow_each_other(ais):
    """A missing or repeated middle part drops the message, each line under its reason."""
    lines = at(ais.lines(ais.voyage(), of=3, seq="5"))
    assert decode(*lines).lines == {"read": 1, "part": 2}
    assert decode(lines[0], lines[2]).lines == {"refused:message_incomplete": 1, "refused:part_out_of_order": 1}
    batch = decode(lines[0], lines[1], lines[1], lines[2])
    assert batch.lines == {
        "refused:message_incomplete": 2, "refused:part_out_of_order": 1, "refused:part_without_first": 1,
    }  # fmt: skip


def test_parts_must_come_soon(two):
    """The same sequence number a while later belongs to another message."""
    limit = AGE_LIMIT_US // 1_000_000
    assert decode(at(two[0])[0], at(two[0], limit)[1]).lines == {"read": 1, "part": 1}
    batch = decode(at(two[0])[0], at(two[0], limit + 1)[1])
    assert batch.lines == {"refused:message_incomplete": 1, "refused:part_too_late": 1}


def test_stations_that_name_themselves_are_kept_apart(two):
    """Interleaved halves of two stations on one sequence number find their own."""
    a, b = at(two[0], 0, "rNORTH"), at(two[1], 0, "rSOUTH")
    batch = decode(a[0], b[0], a[1], b[1])
    assert names(batch) == [("ALPHA", "ALPHA PORT"), ("BRAVO", "BRAVO PORT")]
    assert batch.statics.station.tolist() == [b"rNORTH", b"rSOUTH"]
    assert decode(a[0], b[1]).lines == {"refused:message_incomplete": 1, "refused:part_without_first": 1}


@pytest.mark.parametrize("change", [{"seq": "4"}, {"channel": "B"}, {"kind": "BSVDM"}, {"kind": "AIVDO"}])
def test_sequence_channel_and_talker_tell_messages_apart(ais, two, change):
    """A second part of another sequence number, channel, talker or sentence type is not this message's."""
    other = ais.lines(ais.voyage(), of=2, **{"seq": "3", **change})
    batch = decode(at(two[0])[0], at(other)[1])
    assert batch.lines == {"refused:message_incomplete": 1, "refused:part_without_first": 1}


def test_a_time_line_names_the_first_part_only(ais, two):
    """After ``$PGHP`` the second part has no station: it is this message's when it is the very next sentence."""
    wrapper = "$" + ais.checked("PGHP,1,2023,11,14,22,13,20,0,219,,2190067,1,")
    other = "$" + ais.checked("PGHP,1,2023,11,14,22,13,21,0,219,,2190068,1,")
    batch = decode(wrapper, *two[0], other, *two[1])
    assert names(batch) == [("ALPHA", "ALPHA PORT"), ("BRAVO", "BRAVO PORT")]
    batch = decode(wrapper, two[0][0], other, two[1][0], two[0][1])
    assert names(batch) == [] and batch.lines["refused:part_without_first"] == 1


def test_the_checksum_in_a_time_line_covers_all_parts(ais, two):
    """The parts' checksums, XORed, are the line's last field: halves of two ships do not pass."""
    code = int(two[0][0][-2:], 16) ^ int(two[0][1][-2:], 16)
    wrapper = "$" + ais.checked(f"PGHP,1,2023,11,14,22,13,20,0,219,,2190067,1,{code:02X}")
    assert names(decode(wrapper, *two[0])) == [("ALPHA", "ALPHA PORT")]
    batch = decode(wrapper, two[0][0], two[1][1])
    assert batch.lines == {"wrapper": 1, "refused:part_of_another_message": 2}


def test_groups_join_in_any_order(ais):
    """Inside a tag-block group the parts may come in any order; only the first names station and time."""
    lines = ais.lines(ais.voyage(), of=3, seq="7")
    tags = [ais.tag(f"g:1-3-77,s:north,c:{SECOND}"), ais.tag("g:2-3-77"), ais.tag("g:3-3-77")]
    grouped = [tag + line for tag, line in zip(tags, lines, strict=True)]
    for order in itertools.permutations(grouped):
        batch = decode(*order)
        assert batch.lines == {"read": 1, "part": 2}
        assert batch.statics.station.tolist() == [b"north"] and batch.statics.time_us.tolist() == [SECOND * 1_000_000]


def test_groups_keep_interleaved_messages_apart(ais, two):
    """Two groups with the same sequence number and channel do not mix."""

    def grouped(lines: list[str], group: int, station: str) -> list[str]:
        return [ais.tag(f"g:1-2-{group},s:{station},c:{SECOND}") + lines[0], ais.tag(f"g:2-2-{group}") + lines[1]]

    a, b = grouped(two[0], 77, "x"), grouped(two[1], 78, "y")
    assert sorted(names(decode(a[0], b[1], b[0], a[1]))) == [("ALPHA", "ALPHA PORT"), ("BRAVO", "BRAVO PORT")]


def test_a_reused_group_number_starts_anew(ais, two):
    """A part that the open group already has shows that the number is being used again."""
    first = ais.tag(f"g:1-2-77,s:x,c:{SECOND}")
    batch = decode(first + two[0][0], first + two[1][0], ais.tag("g:2-2-77") + two[1][1])
    assert names(batch) == [("BRAVO", "BRAVO PORT")]
    assert batch.lines == {"read": 1, "part": 1, "refused:message_incomplete": 1}


def test_parts_of_a_refused_message_are_refused_with_it(ais):
    """Both lines of a message without a usable MMSI stand under its reason."""
    assert decode(*at(ais.lines(ais.voyage(mmsi=0), of=2, seq="1"))).lines == {"refused:mmsi_out_of_range": 2}
    assert decode(*ais.lines(ais.voyage(), of=2, seq="1")).lines == {"refused:no_time": 2}


def test_open_messages_are_bounded(ais):
    """A flood of first parts pushes out the oldest instead of growing."""
    first = ais.lines(ais.voyage(), of=2, seq="1")[0]
    count = OPEN_LIMIT + 10
    decoder = NmeaDecoder()
    lines = [f"{first},r{number},{SECOND}" for number in range(count)]
    batch = decoder.step("\n".join(lines).encode(), 0)
    assert dict(batch.lines) == {"refused:message_incomplete": 10}
    assert dict(decoder.finish().lines) == {"refused:message_incomplete": OPEN_LIMIT}


def test_impossible_part_numbers_are_malformed(ais):
    """Part 3 of 2, part 2 of 1 and part 0 are no sentences."""
    payload, fill = ais.payload(ais.class_a())
    for part, of in ((3, 2), (2, 1), (0, 1), (1, 0)):
        assert decode(*at([ais.line(payload, fill, part=part, of=of)])).lines == {"refused:malformed_sentence": 1}
