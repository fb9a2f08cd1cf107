"""Every way in which receivers and loggers write when and where a sentence was heard."""

from __future__ import annotations

import pytest

from decoders.nmea import NmeaDecoder
from decoders.receive_times import EARLIEST_US
from decoders.reports import Batch

SECOND = 1_700_000_000
US = SECOND * 1_000_000


def decode(*lines: str, **more) -> Batch:
    decoder = NmeaDecoder("here")
    first = decoder.step("\n".join(lines).encode("latin-1"), 0, **more)
    last = decoder.finish()
    return Batch(first.positions, first.statics, {**first.lines, **last.lines}, first.messages, problems=last.problems)


def pghp(ais, when: str, base: str = "2190067", country: str = "219", region: str = "", checksum: str = "") -> str:
    return "$" + ais.checked(f"PGHP,1,{when},{country},{region},{base},1,{checksum}")


@pytest.fixture(scope="module")
def line(ais) -> str:
    return ais.lines(ais.class_a())[0]


@pytest.mark.parametrize(
    ("prefix", "time_us", "station"),
    [
        (f"{SECOND} ", US, b""), (f"{SECOND}.938 ", US + 938_000, b""), (f"{SECOND}.1234567 ", US + 123_456, b""),
        (f"{SECOND}123 ", US + 123_000, b""), (f"{SECOND}123456 ", US + 123_456, b""),
        (f"{SECOND}123456789 ", US + 123_456, b""), (f"{SECOND},", US, b""), (f"{SECOND}\t", US, b""),
    ],
)  # fmt: skip
def test_epochs_before_the_sentence(line, prefix, time_us, station):
    """Seconds with or without fraction, milli-, micro- and nanoseconds: the size tells which."""
    got = decode(prefix + line).positions
    assert got.time_us.tolist() == [time_us] and got.station.tolist() == [station]


@pytest.mark.parametrize(
    ("suffix", "time_us", "station"),
    [
        (f",{SECOND}", US, b""), (f",r003660001,{SECOND}", US, b"r003660001"),
        (f",rDETROIT9,{SECOND}\r", US, b"rDETROIT9"),
        (f",x259900,s28320,d-098,T33.71033565,r003660001,{SECOND}", US, b"r003660001"),
        (f",{SECOND},{SECOND + 2}", US, b""),
    ],
)  # fmt: skip
def test_fields_after_the_checksum(line, suffix, time_us, station):
    """USCG's station and epoch, and one or two plain epochs (the first counts); the checksum is still checked."""
    got = decode(line + suffix).positions
    assert got.time_us.tolist() == [time_us] and got.station.tolist() == [station]
    broken = line[:-1] + ("0" if line[-1] != "0" else "1")
    assert dict(decode(broken + suffix).lines) == {"refused:bad_checksum": 1}


@pytest.mark.parametrize(
    ("bodies", "time_us", "station"),
    [
        (["s:north,c:1700000000,t:text"], US, b"north"), (["c:1700000000250"], US + 250_000, b""),
        (["s:north", "c:1700000000"], US, b"north"), (["g:1-2-77,s:north,c:1700000000"], US, b"north"),
        (["i:note,s:a-very-long-station-name,c:1700000000"], US, b"a-very-long-stat"),
    ],
)  # fmt: skip
def test_tag_blocks(ais, line, bodies, time_us, station):
    """One or several blocks before the sentence, seconds or milliseconds, stations of up to 16 bytes."""
    got = decode("".join(ais.tag(body) for body in bodies) + line).positions
    assert got.time_us.tolist() == [time_us] and got.station.tolist() == [station]


def test_tag_and_epoch_together(ais, line):
    """An epoch beside a tag block without time is used; a time in the block comes first."""
    assert decode(f"{SECOND} " + ais.tag("s:x") + line).positions.time_us.tolist() == [US]
    got = decode(f"{SECOND + 9} " + ais.tag(f"s:x,c:{SECOND}") + line).positions
    assert got.time_us.tolist() == [US] and got.station.tolist() == [b"x"]


def test_a_damaged_tag_block_is_not_believed(ais, line):
    """Its time and station may be wrong: the line is refused by name."""
    tag = ais.tag(f"s:x,c:{SECOND}").replace("s:x", "s:y")
    assert dict(decode(tag + line).lines) == {"refused:bad_tag_block": 1}
    assert dict(decode(tag, line).lines) == {"refused:bad_tag_block": 1, "refused:no_time": 1}


def test_endless_tag_blocks_and_names_are_not_held(ais, line):
    """A block longer than any logger writes is refused; a long station name is cut."""
    assert dict(decode(ais.tag(f"c:{SECOND},t:" + "x" * 600) + line).lines) == {"refused:bad_tag_block": 1}
    assert decode(line + ",r" + "9" * 1000 + f",{SECOND}").positions.station.tolist() == [b"r999999999999999"]


def test_tag_blocks_on_a_line_of_their_own(ais, line):
    """They speak of the next sentence, and of that one only."""
    batch = decode(ais.tag(f"s:x,c:{SECOND}"), line, line)
    assert batch.positions.time_us.tolist() == [US] and batch.positions.station.tolist() == [b"x"]
    assert dict(batch.lines) == {"wrapper": 1, "read": 1, "refused:no_time": 1}


def test_pghp_lines_time_the_next_sentence(ais, line):
    """The line before names the time to the millisecond and the base station; a tag line may stand between."""
    batch = decode(ais.tag("si:AISD"), pghp(ais, "2023,11,14,22,13,20,11"), line)
    assert batch.positions.time_us.tolist() == [US + 11_000] and batch.positions.station.tolist() == [b"2190067"]
    assert dict(batch.lines) == {"wrapper": 2, "read": 1}


def test_pghp_lines_without_a_base_station_name_country_and_region(ais, line):
    """So that what one source sent is kept apart from the others."""
    assert decode(pghp(ais, "2023,11,14,22,13,20,0", "", "251", "3"), line).positions.station.tolist() == [b"251-3"]


def test_a_pghp_line_that_names_another_sentence_lends_no_time(ais, line):
    """Its last field is the checksum of its sentence: when that one was lost, the next must not take its time."""
    assert dict(decode(pghp(ais, "2023,11,14,22,13,20,0", checksum=line[-2:]), line).lines)["read"] == 1
    wrong = f"{int(line[-2:], 16) ^ 1 or 2:02X}"
    assert dict(decode(pghp(ais, "2023,11,14,22,13,20,0", checksum=wrong), line).lines)["refused:no_time"] == 1
    own = decode(pghp(ais, "2023,11,14,22,13,20,0", checksum="00"), line)  # written before own-ship sentences
    assert own.lines["read"] == 1


def test_pghp_lines_before_other_sentences_are_used_up(ais, line):
    """A vendor sentence takes the time line that precedes it."""
    vendor = "$" + ais.checked("PSTT,30A,20231114,221320")
    batch = decode(pghp(ais, "2023,11,14,22,13,20,0"), vendor, line)
    assert dict(batch.lines) == {"wrapper": 1, "refused:other_sentence": 1, "refused:no_time": 1}


@pytest.mark.parametrize(
    "when", ["2023,13,14,22,13,20,0", "2023,2,30,22,13,20,0", "2023,11,14,24,13,20,0", "23,1,1,1,1,1,1"]
)
def test_impossible_dates_are_refused(ais, when):
    """A damaged time line is refused by name and lends no time."""
    assert dict(decode(pghp(ais, when)).lines) == {"refused:bad_time_line": 1}


def test_sentences_without_time_are_refused_and_said_so(line):
    """Nothing is dated by guess; a file without any time is reported as such."""
    batch = decode("some banner", line, line)
    assert dict(batch.lines) == {"refused:not_nmea": 1, "refused:no_time": 2}
    assert batch.problems == ("here: no line carries a time; reports without one cannot be placed and are refused",)
    assert decode(line, f"{SECOND} {line}").problems == ()


def test_a_live_feed_can_hand_in_the_time(line):
    """Sentences that carry no time take the one at which the block was heard; the others keep theirs."""
    got = decode(line, f"{SECOND} {line}", heard_us=US + 5).positions
    assert got.time_us.tolist() == [US + 5, US]


def test_numbers_that_are_no_times(line):
    """Station numbers, counters and years outside 1990-2100 are not taken for epochs."""
    for number in ("003660001", "631151999", "4102444800", "9" * 19, "9" * 20, "1" * 30, "1700000000x", "17000000"):
        assert dict(decode(f"{number} {line}").lines) == {"refused:no_time": 1}, number
    assert decode(f"631152000 {line}").positions.time_us.tolist() == [EARLIEST_US]
    assert decode(f"0000000001700000000 {line}").positions.time_us.tolist() == [US]
