"""Messages of the types without columns, generated: our assembly, times and checksums, and the fields of pyais."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from pyais import decode

from decoders.disguised_messages import COLUMN_TYPES, OtherMessages
from decoders.nmea import NmeaDecoder

LENGTHS: dict[int, tuple[int, ...]] = {  # bits of the forms of a type that the standard has, M.1371-5, annex 8
    4: (168,), 6: (88, 96, 168, 360, 1008), 7: (72, 104, 136, 168), 8: (56, 64, 168, 440, 1008), 10: (72,), 11: (168,),
    12: (72, 168, 360, 1008), 13: (72, 104, 136, 168), 14: (40, 46, 168, 360, 1008), 15: (88, 110, 112, 160),
    16: (96, 144), 17: (80, 128, 424, 816), 20: (72, 104, 136, 160), 21: (272, 278, 360), 22: (168,), 23: (160,),
    25: (40, 72, 104, 168), 26: (64, 104, 168, 424, 1064),
}  # fmt: skip
AT_ONCE = 336  # bits of a sentence


def bodies(kind: int) -> list[str]:
    """Random bits of every length, then all zeros, all ones, and one bit at either end."""
    random = np.random.default_rng(kind)
    made = []
    for length in LENGTHS[kind]:
        head = f"{kind:06b}{int(random.integers(4)):02b}{int(random.integers(2e8, 8e8)):030b}"
        rest = length - len(head)
        made += [head + "".join(map(str, random.integers(0, 2, rest))) for _ in range(12)]
        made += [head + edge for edge in ("0" * rest, "1" * rest, "1".rjust(rest, "0"), "1".ljust(rest, "0"))]
    return made


def plain(value: Any) -> Any:
    """As JSON has it; what is no number is null."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def by_pyais(sentences: list[str]) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] = decode(*(sentence.encode() for sentence in sentences)).asdict(enum_as_int=True)
    except Exception:  # pyais has no single error for what it cannot take
        return None
    return {name: plain(value) for name, value in values.items()}


@pytest.mark.parametrize("kind", sorted(LENGTHS))
def test_messages_without_columns_of_every_type(ais, kind: int) -> None:
    """Every message that is read is what pyais makes of its sentences, at its place and time, by its station."""
    lines: list[str] = []
    starts: dict[int, list[str]] = {}
    told: dict[int, tuple[int, str]] = {}
    size = 0
    for number, bits in enumerate(bodies(kind)):
        of = -(-len(bits) // AT_ONCE)
        more = {"seq": str(number % 10)} if of > 1 else {}
        sentences = ais.lines(bits, of=of, channel="AB"[number % 2], **more)
        second = 1_700_000_000 + number
        starts[size] = sentences
        told[size] = (second * 1_000_000, "" if number % 3 == 0 else "north" if number % 3 == 1 else "")
        if number % 3 == 0:
            stamped = [f"{second} {sentence}" for sentence in sentences]
        elif number % 3 == 1:
            stamped = [ais.tag(f"s:north,c:{second}") + sentence for sentence in sentences]
        else:
            stamped = [f"{sentence},{second}" for sentence in sentences]
        lines += stamped
        size += sum(len(line) + 1 for line in stamped)
    data = ("\n".join(lines) + "\n").encode()
    reader = OtherMessages()
    cut = data.rfind(b"\n", 0, len(data) // 2) + 1
    found = {message["offset"]: message for message in reader.read([(0, data[:cut]), (cut, data[cut:])])}
    wanted = {offset: by_pyais(sentences) for offset, sentences in starts.items()}
    counted = NmeaDecoder().step(data, 0)
    refused = sum(count for name, count in counted.lines.items() if name.startswith("refused:"))
    assert set(found) <= set(wanted) and len(found) >= 0.7 * len(wanted)
    assert len(found) + reader.undecoded == counted.messages.get(kind, 0)
    for offset, values in wanted.items():
        if offset not in found:
            refused -= values is not None  # what we do not give though pyais reads it was refused by name
            continue
        assert values is not None
        message = found[offset]
        time_us, station = told[offset]
        assert (message["time_us"], message["station"]) == (time_us, station)
        assert (message["msg_type"], message["mmsi"]) == (values.pop("msg_type"), values.pop("mmsi"))
        assert json.loads(json.dumps(message["message"])) == json.loads(json.dumps(values)), starts[offset]
    assert refused >= 0


def test_all_27_types_are_compared() -> None:
    """Here, or by their columns (test_nmea_against_pyais)."""
    assert set(LENGTHS) | COLUMN_TYPES == set(range(1, 28)) and COLUMN_TYPES.isdisjoint(LENGTHS)
