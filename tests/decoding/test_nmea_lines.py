"""Every line of any input ends in exactly one counted class, nothing raises, and cutting changes nothing."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.nmea import NmeaDecoder, read_nmea
from decoders.reports import PositionReports, StaticReports, add_counts
from decoders.streams import ByteStream, LineBlocks

SECOND = 1_700_000_000
CLASSES = {"read", "part", "wrapper", "comment", "blank"}


def decode(data: bytes, block_bytes: int = 1 << 20):
    counted: dict[str, int] = {}
    messages: dict[int, int] = {}
    positions, statics = [], []
    blocks = LineBlocks(ByteStream(io.BytesIO(data), "here"), block_bytes)
    for batch in read_nmea(blocks, "here"):
        add_counts(counted, batch.lines)
        add_counts(messages, batch.messages)
        positions.append(batch.positions)
        statics.append(batch.statics)
    add_counts(counted, blocks.lines)
    return counted, messages, PositionReports.concat(positions), StaticReports.concat(statics)


def line_count(data: bytes) -> int:
    return data.count(b"\n") + (len(data) > 0 and not data.endswith(b"\n"))


@pytest.fixture(scope="session")
def corpus(ais) -> list[bytes]:
    """Good lines of every form, from which the rubbish is made."""
    made = []
    for number in range(12):
        made += [
            f"{SECOND + number} {line}" for line in ais.lines(ais.class_a(244660000 + number, type=1 + number % 3))
        ]
        made += [f"{line},r{number:03},{SECOND}" for line in ais.lines(ais.voyage(), of=2, seq=str(number % 10))]
        made += [ais.tag(f"s:x,c:{SECOND + number}") + line for line in ais.lines(ais.class_a(lat=91 * 600000))]
    three = ais.lines(ais.voyage(), of=3, seq="4")
    tags = [ais.tag(f"g:1-3-7,s:y,c:{SECOND}"), ais.tag("g:2-3-7"), ais.tag("g:3-3-7")]
    made += [tag + line for tag, line in zip(tags, three, strict=True)]
    made += ["$" + ais.checked("PGHP,1,2023,11,14,22,13,20,0,219,,2190067,1,"), *ais.lines(ais.voyage(), of=2, seq="1")]
    made += [ais.tag("si:AISD"), "# comment", "", "   ", "$" + ais.checked("GPGGA,1,2"), "banner <DEMO>", "\\s:x*00\\"]
    return [line.encode() for line in made]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("", "blank"), (" \r", "blank"), ("# 2006-07-15", "comment"), ("  # note", "comment"),
        ("Virtual Receiver v1 <DEMO>", "refused:not_nmea"), ("\x00\xff\xfe\x80!", "refused:not_nmea"),
        ("$GPGGA,1,2*00", "refused:other_sentence"), ("!AIALM,1,2*00", "refused:other_sentence"),
        ("!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0", "refused:malformed_sentence"),
        ("!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,9*03", "refused:malformed_sentence"),
        ("!AIVDM,1,1,,A,13aDo8XP1sPCM7PN2Vp3RBlR0000,0*0A", "refused:malformed_sentence"),
        ("!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0B", "refused:bad_checksum"),
        ("1700000000 !AIVDM,1,1,,B,,0*25", "refused:payload_too_short"),
    ],
)  # fmt: skip
def test_what_is_no_report_has_a_name(line, name):
    """Each kind of other line has its class."""
    assert decode(line.encode("latin-1") + b"\n")[0] == {name: 1}


def test_talkers_channels_and_line_ends(ais):
    """Any talker, VDM and VDO, channels A, B, 1, 2 or none, CRLF, text before the sentence: all decode."""
    payload, fill = ais.payload(ais.class_a())
    lines = [
        f"{SECOND} " + ais.line(payload, fill, kind=kind, channel=channel, seq=seq)
        for kind in ("AIVDM", "AIVDO", "BSVDM", "ABVDM", "ANVDM", "WSVDM", "--VDM")
        for channel in ("A", "B", "1", "2", "")
        for seq in ("", "3")
    ]
    for end in ("\n", "\r\n"):
        counted, _, positions, _ = decode((end.join(lines) + end).encode())
        assert counted == {"read": len(lines)} and set(positions.mmsi.tolist()) == {244660000}
    prefixed = b"junk " + lines[0].split(" ")[1].encode() + b",1700000000\n"
    assert decode(prefixed)[0] == {"read": 1}


def test_offsets_point_at_the_first_line_of_each_message(ais):
    """So that evidence can show the raw line; they count bytes of the whole stream, not of the block."""
    lines = [f"{SECOND} {line}" for line in [*ais.lines(ais.class_a()), *ais.lines(ais.voyage(), of=2, seq="1")]] * 20
    data = ("\r\n".join(lines) + "\r\n").encode()
    for block_bytes in (1, 100, 1 << 20):
        _, _, positions, statics = decode(data, block_bytes)
        for reports, marker in ((positions, b",1,1,,A,1"), (statics, b",2,1,1,A,5")):
            assert len(reports) == 20
            for offset in reports.offset.tolist():
                assert offset == 0 or data[offset - 1 : offset] == b"\n"
                assert marker in data[offset : data.index(b"\n", offset)]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_lines_always_add_up_and_cuts_change_nothing(corpus, data):
    """Lines shuffled, repeated, lost, cut, with bytes changed: every line is counted once, whatever the block size."""
    lines = data.draw(st.lists(st.sampled_from(corpus), max_size=40))
    made = []
    for line in lines:
        change = data.draw(st.integers(0, 5))
        if change == 0 and line:
            at = data.draw(st.integers(0, len(line) - 1))
            made.append(line[:at] + bytes([data.draw(st.integers(0, 255))]) + line[at + 1 :])
        elif change == 1:
            made.append(line[: data.draw(st.integers(0, len(line)))])
        elif change == 2:
            made.append(data.draw(st.binary(max_size=30)) + line)
        else:
            made.append(line)
    raw = b"\n".join(made) + data.draw(st.sampled_from([b"", b"\n", b"\r\n"]))
    counted, messages, positions, statics = decode(raw)
    assert sum(counted.values()) == line_count(raw)
    assert all(name in CLASSES or name.startswith("refused:") for name in counted)
    assert sum(messages.values()) == counted.get("read", 0)
    again = decode(raw, data.draw(st.integers(1, 400)))
    assert again[0] == counted and again[1] == messages
    for one, other in ((positions, again[2]), (statics, again[3])):
        for name, column in one.columns().items():
            np.testing.assert_array_equal(column, getattr(other, name))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_are_counted(raw):
    """Rubbish at line rate: nothing raises, every line is in a class."""
    assert sum(decode(raw)[0].values()) == line_count(raw)


@settings(max_examples=100, deadline=None)
@given(st.text("0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw", max_size=90), st.integers(0, 5))
def test_any_payload_is_counted_and_in_range(ais, payload, fill):
    """Random bits under a right checksum give one class and, if a report, one in range."""
    counted, _, positions, _ = decode(f"{SECOND} {ais.line(payload, fill)}\n".encode())
    assert sum(counted.values()) == 1
    assert ((abs(positions.lat_deg) <= 90) & (abs(positions.lon_deg) <= 180) & (positions.mmsi > 0)).all()


def test_a_long_rubbish_line_costs_no_time():
    """Openings of sentences without end, a full line long, are passed over in linear time."""
    from time import perf_counter

    started = perf_counter()
    for piece in (b"!AIVDM,1,1,,A,0", b"\\", b"\\s:", b"!", b"$AI", b"!AIVDM,", b"1", b"$PGHP,"):
        line = piece * (60_000 // len(piece))
        assert sum(NmeaDecoder().step(line, 0).lines.values()) == 1
    assert perf_counter() - started < 5
