"""Messages without columns: which, when and by whom is what the decoder of all others says; what, pyais."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from decoders.disguised_messages import COLUMN_TYPES, OtherMessages, disguise, other_messages
from decoders.reading import read

CORPUS = Path(__file__).parent / "corpus"
LONG = (  # a binary broadcast of two sentences, by hand
    b"!AIVDM,2,1,3,A,85PnSKP0000" + b"0" * 45 + b",0*",
    b"!AIVDM,2,2,3,A," + b"w" * 10 + b",0*",
)


def summed(line: bytes) -> bytes:
    value = 0
    for byte in line[1:].split(b"*")[0]:
        value ^= byte
    return line + b"%02X" % value


@pytest.mark.parametrize("name", sorted(path.name for path in CORPUS.glob("*.nmea")))
def test_the_same_messages_as_the_counts(name: str) -> None:
    """Of every type without columns as many as are read, in the files of the corpus."""
    counted: Counter[int] = Counter()
    for batch in read(CORPUS / name):
        counted.update({kind: n for kind, n in batch.messages.items() if kind not in COLUMN_TYPES})
    assert Counter(message["msg_type"] for message in other_messages(CORPUS / name)) == counted


def test_parts_are_joined_across_blocks_and_groups() -> None:
    """Parts in two blocks, or of a tag-block group that came the wrong way round, with other lines between."""
    one, two = map(summed, LONG)
    between = b"1700000000 !AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A"
    stamped = b"1700000000 " + one
    found = list(OtherMessages().read([(0, between + b"\n" + stamped + b"\n"), (1000, b"1700000001 " + two + b"\n")]))
    assert [(message["msg_type"], message["time_us"]) for message in found] == [(8, 1_700_000_000_000_000)]
    assert found[0]["message"]["data"].rstrip("0").endswith("ff" * 7)


def test_a_wrong_checksum_or_time_is_no_message() -> None:
    """What the decoder refuses is not given here either."""
    good = summed(b"!AIVDM,1,1,,A,402PeeivN<000qP4R@PGNp102D1l,0*")
    assert len(list(OtherMessages().read([(0, b"1700000000 " + good)]))) == 1
    assert list(OtherMessages().read([(0, good)])) == []
    assert list(OtherMessages().read([(0, b"1700000000 " + good[:-2] + b"00")])) == []


def test_what_pyais_refuses_is_counted() -> None:
    """A message that is read by its length and type, and that pyais cannot take apart, is counted, not raised."""
    reader = OtherMessages()
    for kind in b"46789:;<=>?@ABDEFGHIJ":
        for size in (7, 8, 9, 12, 20, 40, 60):
            line = summed(b"!AIVDM,1,1,,A," + bytes([kind]) + b"w" * size + b",0*")
            list(reader.read([(0, b"1700000000 " + line + b"\n")]))
    assert reader.undecoded >= 0


def test_the_disguise_keeps_the_checksum() -> None:
    """Whatever the payload, and whatever the number."""
    for number in (1, 999_999_999, 123_456_789):
        for payload in (b"4", b"w" * 60, b"402PeeivN<000qP4R@PGNp102D1l", bytes(range(48, 88))):
            made, value = disguise(number, payload), 0
            for byte in made + payload:
                value ^= byte
            assert (len(made), value) == (28, 0)


def test_tables_have_none() -> None:
    """Other formats say only what their columns hold."""
    assert list(other_messages(CORPUS / "marinecadastre.csv")) == []
