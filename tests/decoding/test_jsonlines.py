"""JSON messages: sentences inside them, everything that may be wrong with one, files and descriptions of them."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_messages import NOON_US, POSITION, SENTENCE, TWO, aisstream, catcher, decoded, delta, the

from decoders.detect import detect
from decoders.errors import FormatError, UnknownFormat
from decoders.json_formats import json_format_named, json_formats, parse_json_format
from decoders.jsonlines import MAX_LINE_BYTES, JsonDecoder
from decoders.nmea import NmeaDecoder
from decoders.reading import read_file
from decoders.reports import PositionReports, StaticReports


def test_what_the_sender_marks_as_unusable_is_refused() -> None:
    """``Valid: false`` refuses a message."""
    batch = decoded(aisstream("PositionReport", {"Latitude": 1, "Longitude": 2, "Valid": False}))
    assert (batch.lines, len(batch.positions)) == ({"refused:said_invalid": 1}, 0)


def test_sentences_inside_messages_go_through_the_sentence_decoder() -> None:
    """AIS-catcher's nmea, of one sentence or of several, gives the same reports as the bare sentences."""
    batch = decoded(catcher(nmea=[SENTENCE], stationid="north"), catcher(nmea=TWO), catcher(nmea=SENTENCE))
    bare = NmeaDecoder().step("\n".join([SENTENCE, *TWO, SENTENCE]).encode(), 0, NOON_US + 250_000)
    assert batch.lines == {"read": 3}
    assert batch.messages == bare.messages == {1: 2, 5: 1}
    for ours, theirs in ((batch.positions, bare.positions), (batch.statics, bare.statics)):
        for name in set(theirs.columns()) - {"offset", "station"}:
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    assert batch.positions.station.tolist() == [b"north", b""]
    lines = [len(json.dumps(catcher(nmea=[SENTENCE], stationid="north"))) + 1]
    assert batch.statics.offset.tolist() == lines


@pytest.mark.parametrize("bad", [TWO[:1], TWO[::-1], [TWO[0], TWO[0]], [SENTENCE[:-1] + "B"], ["!AIVDM,1,1,,A,x"]])
def test_a_bad_sentence_refuses_its_own_message_only(bad: list[str]) -> None:
    """Half a message, parts in the wrong order, a wrong checksum: one line is refused, its neighbours are read."""
    batch = decoded(catcher(nmea=TWO), catcher(nmea=[SENTENCE]), catcher(nmea=bad), catcher(nmea=TWO))
    (reason,) = set(batch.lines) - {"read"}
    assert reason.startswith("refused:")
    assert batch.lines == {"read": 3, reason: 1}
    assert (len(batch.positions), len(batch.statics)) == (1, 2)


def test_parts_in_different_messages_are_never_put_together() -> None:
    """Each message is complete in itself, however its neighbours look."""
    batch = decoded(catcher(nmea=TWO[:1]), catcher(nmea=TWO[1:]), catcher(nmea=[SENTENCE]))
    assert batch.lines == {"refused:message_incomplete": 1, "refused:part_without_first": 1, "read": 1}
    assert len(batch.statics) == 0


@pytest.mark.parametrize(
    "bad", [7, {}, [], [7], ["hello"], ["\u20ac"], ["$PGHP,1"], [SENTENCE] * 10, ["x" * 2000], ["a\nb"], [""], True]
)
def test_what_is_no_sentence_is_a_bad_value(bad: object) -> None:
    """Anything else under nmea is refused, and nothing of it is decoded."""
    assert decoded(catcher(nmea=bad), catcher(nmea=[SENTENCE])).lines == {"refused:bad_value": 1, "read": 1}


def with_field(name: str, value: Any) -> dict[str, Any]:
    """The aisstream position with one value changed."""
    changed: dict[str, Any] = json.loads(json.dumps(POSITION))
    changed["Message"]["PositionReport"][name] = value
    return changed


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, "bad_value"), ("12.5", "bad_value"), ([1], "bad_value"), ({"a": 1}, "bad_value"), ("", "bad_value"),
        (None, None), (7, None), (1e308, None), (-5, None),
    ],
)  # fmt: skip
def test_numbers_are_numbers(value: Any, reason: str | None) -> None:
    """A boolean, text, list or object where a speed belongs refuses the message; null and odd numbers do not."""
    batch = decoded(with_field("Sog", value), POSITION)
    assert batch.lines == ({"read": 2} if reason is None else {f"refused:{reason}": 1, "read": 1})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"MessageType":"PositionReport","Message":{"PositionReport":{"Latitude":NaN}}}', "not_json"),
        (b'{"MessageType":"PositionReport","Message":{"PositionReport":{"Latitude":Infinity}}}', "not_json"),
        (b'{"MessageType":"PositionReport","Message":{"PositionReport":{"Latitude":1e400}}}', "not_json"),
        (b'{"MessageType":"PositionReport","Message":{"PositionReport":{"Latitude":' + b"9" * 400 + b"}}}", "not_json"),
        (b'{"MessageType":"ShipStaticData","Message":{"ShipStaticData":{"Name":"\\ud800"}}}', "not_json"),
        (b'{"MessageType":"ShipStaticData","Message":{"ShipStaticData":{"Name":"\xff"}}}', "not_json"),
        (b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}", "not_json"),
        (b"{" + b'"a":{' * 5_000 + b"}" * 5_001, "not_json"),
        (b'{"half":', "not_json"),
        (b"[1,2]", "not_json"),
        (b"7", "not_json"),
        (b'"text"', "not_json"),
        (b"null", "not_json"),
        (b"!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A", "not_json"),
        (b"{}", "unknown_json"),
        (b'{"MessageType":7,"Message":{}}', "unknown_record"),
        (b'{"MessageType":"PositionReport","Message":[]}', "unknown_record"),
        (b'{"MessageType":"PositionReport","Message":{"PositionReport":[1]}}', "unknown_record"),
        (b'{"MessageType":"PositionReport","Message":{"PositionReport":{}}}', "no_time"),
        (b'{"class":"AIS","device":"x","type":true,"mmsi":1}', "unknown_record"),
    ],
)  # fmt: skip
def test_every_kind_of_rubbish_has_its_name(text: bytes, reason: str) -> None:
    """Whatever a line is, it is refused under one name, its place is kept, and the line behind it is read."""
    batch = decoded(POSITION, text, POSITION)
    assert batch.lines == {"read": 2, f"refused:{reason}": 1}
    assert batch.first_places == {f"refused:{reason}": len(json.dumps(POSITION)) + 1}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("2022-12-29 12:02:32", "bad_time"), ("2022-13-29 12:02:32 +0000 UTC", "bad_time"), ("yesterday", "bad_time"),
        ("2022-12-29 25:02:32 +0000 UTC", "bad_time"), (1672315352, "bad_time"), (True, "bad_time"),
        ("1066-10-14 09:00:00 +0000 UTC", "bad_time"), ("2022-12-29 12:02:32 +0000 UTC; DROP", "bad_time"),
        ("٢٠٢٢-12-29 12:02:32 +0000 UTC", "bad_time"), (None, "no_time"), ("", "no_time"),
    ],
)  # fmt: skip
def test_times_are_not_guessed(said: Any, reason: str) -> None:
    """A time without a zone, or that is none, refuses the message; one that is missing only where nobody heard it."""
    message = json.loads(json.dumps(POSITION))
    message["MetaData"]["time_utc"] = said
    assert decoded(message).lines == {f"refused:{reason}": 1}
    heard = decoded(message, heard_us=5)
    assert heard.lines == ({"read": 1} if reason == "no_time" else {"refused:bad_time": 1})


def test_offsets_of_time_zones_are_heeded() -> None:
    """A zone other than UTC moves the time."""
    for said in ("2022-12-29 14:02:32+02:00", "2022-12-29T10:02:32-0200", "2022-12-29T12:02:32Z"):
        message = json.loads(json.dumps(POSITION))
        message["MetaData"]["time_utc"] = said
        assert the(decoded(message).positions)["time_us"] == NOON_US


@pytest.mark.parametrize("mmsi", [0, -1, 1_000_000_000, 2**31, 1e20, None])
def test_an_mmsi_out_of_range_is_refused(mmsi: Any) -> None:
    """Nothing wraps around to another ship's number."""
    assert decoded(with_field("UserID", mmsi)).lines == {"refused:mmsi_out_of_range": 1}


def test_an_mmsi_is_whole() -> None:
    """A fraction or a boolean is no MMSI."""
    assert decoded(with_field("UserID", 366999999.5)).lines == {"refused:bad_value": 1}
    assert decoded(with_field("UserID", True)).lines == {"refused:bad_value": 1}


def test_names_lose_what_cannot_be_printed() -> None:
    """Line ends, NUL and direction marks in a name become blanks; letters of any script stay; long ones are cut."""
    body = {"Name": "A\u202eB\nC\x00D", "Destination": "\u041a" * 500}
    row = the(decoded(aisstream("ShipStaticData", body)).statics)
    assert row["name"] == "A B C D"
    assert row["destination"] == "\u041a" * 20


def test_blank_and_comment_lines_and_lines_too_long() -> None:
    """They are counted as in any other input."""
    long = b'{"a":"' + b"x" * MAX_LINE_BYTES + b'"}'
    assert decoded(b"", b"# note", long, POSITION, b"  ").lines == {
        "blank": 2, "comment": 1, "refused:line_too_long": 1, "read": 1,
    }  # fmt: skip


def some_messages(count: int, seed: int) -> list[bytes]:
    """Messages of all senders, some damaged."""
    draw = random.Random(seed)
    kinds: list[Any] = [
        POSITION, aisstream("ShipStaticData", {"Name": "X"}), catcher(nmea=[SENTENCE]), catcher(nmea=TWO),
        catcher(nmea=TWO[:1]), catcher(type=1, mmsi=1, lat=1, lon=2), delta(("name", "Y")), with_field("Sog", True),
    ]  # fmt: skip
    made = [json.dumps(draw.choice(kinds)).encode() for _ in range(count)]
    return [line if draw.random() < 0.8 else line[: draw.randrange(len(line))] for line in made]


def test_how_the_input_is_cut_leaves_no_trace() -> None:
    """One block or many: the same rows in the order of the lines, the same classes, and each line in one of them."""
    lines = some_messages(2_500, 5)
    whole = JsonDecoder().step(b"\n".join(lines), 0)
    assert whole.total_lines() == len(lines)
    assert (np.diff(whole.positions.offset) >= 0).all()
    decoder, parts, at = JsonDecoder(), [], 0
    for low in range(0, len(lines), 313):
        block = b"".join(line + b"\n" for line in lines[low : low + 313])
        parts.append(decoder.step(block, at))
        at += len(block)
    for rows in ("positions", "statics"):
        kind = PositionReports if rows == "positions" else StaticReports
        joined = kind.concat([getattr(part, rows) for part in parts])
        for name, column in joined.columns().items():
            np.testing.assert_array_equal(column, getattr(getattr(whole, rows), name))
    counted: dict[str, int] = {}
    for part in parts:
        for name, count in part.lines.items():
            counted[name] = counted.get(name, 0) + count
    assert counted == whole.lines


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_value_anywhere_is_survived(data: st.DataObject) -> None:
    """With any part of a message replaced by any value, the line still ends in one class and no row is out of range."""
    sender = data.draw(
        st.sampled_from(
            [POSITION, catcher(nmea=[SENTENCE]), catcher(type=5, mmsi=1, shipname="X"),
             delta(("navigation.position", {"latitude": 1, "longitude": 2}), ("name", "X")),
             {"topic": "vessels-v2/230111111/location", "message": {"time": 1672315352, "lat": 1, "lon": 2}}]
        )
    )  # fmt: skip
    message = json.loads(json.dumps(sender))
    at: Any = message
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(at[key], (dict, list)) or not at[key] or data.draw(st.booleans()):
            at[key] = data.draw(VALUES)
            break
        at = at[key]
    batch = decoded(json.dumps(message).encode(), POSITION, heard_us=NOON_US)
    assert batch.total_lines() == 2
    assert batch.lines.get("read", 0) >= 1
    assert (np.abs(batch.positions.lat_deg) <= 90).all()
    assert ((batch.positions.mmsi > 0) & (batch.positions.mmsi < 10**9)).all()
    assert (batch.positions.time_us >= 0).all()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_survived(rubbish: bytes) -> None:
    """Any bytes: each line of them in one class."""
    batch = JsonDecoder().step(rubbish, 0)
    lines = rubbish.split(b"\n")
    assert batch.total_lines() == len(lines) - (not lines[-1])


def test_files_are_detected_and_read(tmp_path: Path) -> None:
    """A file of JSON lines is told by its content, read as any file, and its messages stand at their bytes."""
    path = tmp_path / "aisstream.jsonl"
    first, second = json.dumps(POSITION).encode(), b'{"half'
    path.write_bytes(b"\n".join([first, second, first]) + b"\n")
    batches = list(read_file(path))
    positions = PositionReports.concat([batch.positions for batch in batches])
    assert positions.offset.tolist() == [0, len(first) + len(second) + 2]
    lines = [batch.lines for batch in batches if batch.lines]
    assert lines == [{"read": 2, "refused:not_json": 1}]
    assert detect(second + b"\n" + json.dumps(catcher()).encode()) == "aiscatcher"
    with pytest.raises(UnknownFormat, match="JSON of no known AIS form"):
        detect(b'{"hello": 1}\n')


def test_a_file_with_no_times_says_so(tmp_path: Path) -> None:
    """Where no message carries a time, that is said as of any input."""
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"class": "AIS", "device": "x", "type": 1, "mmsi": 1, "lat": 1, "lon": 2}) + "\n")
    problems = [problem for batch in read_file(path) for problem in batch.problems]
    assert len(problems) == 1
    assert "no message carries a time" in problems[0]


def test_a_format_that_was_asked_for_is_the_only_one() -> None:
    """With ``--format`` the messages of other senders are not taken for its own."""
    decoder = JsonDecoder(json_format_named("signalk"))
    assert decoder.step(json.dumps(POSITION).encode(), 0).lines == {"refused:unknown_json": 1}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("keys = ", "kees = "), "unknown key|keys is missing"),
        (('form = "text"', 'form = "guess"'), "form: 'guess' is not one of"),
        (('zone = "stated"', 'zone = "CET"'), "zone: 'CET'"),
        (('lat_deg = "Latitude"\n', ""), "position must have lat_deg and lon_deg"),
        (('sog_kn = "Sog"', "sog_kn = 7"), "sog_kn: 7 is not a path"),
        (('sog_kn = "Sog"', 'speed = "Sog"'), "unknown key record.0..position.speed"),
        (('mmsi = "UserID"\n', ""), "mmsi is missing"),
        (('where = { MessageType = "PositionReport" }', "where = { MessageType = 1.5 }"), "no value, list of values"),
    ],
)  # fmt: skip
def test_a_wrong_description_is_an_error_with_file_and_key(change: tuple[str, str], problem: str) -> None:
    """What is wrong in a description is said with its place."""
    folder = Path(__file__).parents[2] / "decoders" / "formats" / "json"
    text = (folder / "aisstream.toml").read_text("utf-8")
    assert change[0] in text
    with pytest.raises(FormatError, match=problem):
        parse_json_format("aisstream.toml", text.replace(change[0], change[1], 1))


def test_every_description_is_shipped_and_named() -> None:
    """The six senders; a name that is none gives none."""
    assert len(json_formats()) == 6
    assert json_format_named("nmea") is None


@pytest.mark.slow
def test_the_rate_is_that_of_a_file_reader() -> None:
    """A floor far below what is measured (docs/decisions/0016): a fall to per-field Python would be seen."""
    block = b"\n".join([json.dumps(POSITION).encode()] * 20_000)
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        JsonDecoder().step(block, 0)
        best = max(best, 20_000 / (time.process_time() - began))
    assert best > 30_000


def test_the_refused_message_is_the_one_whose_sentence_is_damaged() -> None:
    """Among messages of one sentence each, decoded together, each fate belongs to its own message."""
    from decoders.json_sentences import decode_sentences

    good, damaged = "!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A", "!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0B"
    given = [good, damaged, good, "!AIVDM,1,1,,A,,0*26", good, damaged]
    done = decode_sentences(given, np.arange(6, dtype=np.int64) + 1_700_000_000_000_000, np.ones(6, bool))
    assert sorted(row for row, _ in done.fates) == [1, 3, 5]
    assert dict(done.fates)[1] == dict(done.fates)[5] == "refused:bad_checksum" != dict(done.fates)[3]
    assert done.position_rows.tolist() == [0, 2, 4]
