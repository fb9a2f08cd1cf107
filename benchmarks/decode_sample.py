"""The file on which decoders are measured: real sentences, repeated, with other positions and speeds each time.

Each repetition puts random characters where low bits of longitude, latitude, speed and course stand (seeded), and sets
the checksums right. Parts of a message stay together. Without the real samples the simulator's sentences are taken.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "data" / "ais" / "nmea"
SENTENCE = re.compile(rb"!..VD[MO],(\d),(\d),(\d*),([^,]*),([^,*]*),[0-5]\*([0-9A-F]{2})")
ARMOUR = np.frombuffer(b"0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw", np.uint8)
# Payload characters wholly inside speed, longitude, latitude and course (ITU-R M.1371-5, messages 1-3, 18, 19).
CHANGED = {**dict.fromkeys(b"123", (9, 13, 18, 20)), **dict.fromkeys(b"BC", (8, 12, 17, 19))}
HEXADECIMAL = np.frombuffer(b"0123456789ABCDEF", np.uint8)
SECOND = 1_700_000_000


def samples(folder: Path = SAMPLES) -> list[bytes]:
    """The lines of the real samples, or of the simulator's demo."""
    files = sorted(folder.glob("*.gz"))
    if files:
        return [line for file in files for line in gzip.decompress(file.read_bytes()).split(b"\n")]
    from shipwatch.simulator.demo import demo_scenario  # noqa: PLC0415

    return [line for line, _ in zip(demo_scenario(1).nmea_lines(), range(50_000), strict=False)]


def whole_messages(lines: Iterable[bytes]) -> list[bytes]:
    """Their sentences with right checksums, the parts of a message side by side, unfinished messages left out."""
    kept: list[bytes] = []
    parts: dict[tuple[bytes, bytes, bytes], list[bytes]] = {}
    for line in lines:
        found = SENTENCE.search(line)
        if found is None or np.bitwise_xor.reduce(np.frombuffer(found[0][1:-3], np.uint8)) != int(found[6], 16):
            continue
        total, number = int(found[1]), int(found[2])
        if total == 1:
            kept.append(found[0])
            continue
        key = (found[1], found[3], found[4])
        open_parts = parts.setdefault(key, [])
        if number == 1:
            open_parts[:] = [found[0]]
        elif len(open_parts) == number - 1:
            open_parts.append(found[0])
            if number == total:
                kept += parts.pop(key)
        else:
            open_parts.clear()
    return kept


def repetitions(sentences: list[bytes], lines: int, seed: int = 20240501) -> list[bytes]:
    """So many lines of varied sentences."""
    text = np.frombuffer(b"\n".join(sentences) + b"\n", np.uint8)
    ends = np.flatnonzero(text == 10)
    starts = np.append(0, ends[:-1] + 1)
    places, owners = [], []
    for number, (start, sentence) in enumerate(zip(starts.tolist(), sentences, strict=True)):
        found = SENTENCE.match(sentence)
        if found is not None and found[1] == b"1" and len(found[5]) >= 28:
            for place in CHANGED.get(found[5][0], ()):
                places.append(start + found.start(5) + place)
                owners.append(number)
    at, owner = np.array(places), np.array(owners)
    given = np.array([int(sentence[-2:], 16) for sentence in sentences], np.uint8)
    random = np.random.default_rng(seed)
    made: list[bytes] = []
    while len(made) < lines:
        varied = text.copy()
        varied[at] = ARMOUR[random.integers(0, 64, len(at))]
        changes = given.copy()
        np.bitwise_xor.at(changes, owner, varied[at] ^ text[at])
        varied[ends - 2], varied[ends - 1] = HEXADECIMAL[changes >> 4], HEXADECIMAL[changes & 15]
        made += varied.tobytes().split(b"\n")[:-1]
    return made[:lines]


def tagged(lines: list[bytes]) -> list[bytes]:
    """The lines behind tag blocks with one of forty stations and a time."""
    made, number, station = [], 0, 0
    for line in lines:
        if line[7:10] in (b"1,1", b"2,1", b"3,1", b"4,1"):  # parts of a message have one station
            number += 1
            station = number * 2_654_435_761 % 40
        body = b"s:r%09d,c:%d" % (3_660_000 + station, SECOND + number // 400)
        checksum = 0
        for byte in body:
            checksum ^= byte
        made.append(b"\\%b*%02X\\%b" % (body, checksum, line))
    return made


def write(folder: Path, lines: int) -> tuple[Path, Path]:
    """``plain.nmea`` and ``tagged.nmea`` of so many lines each."""
    made = repetitions(whole_messages(samples()), lines)
    plain, behind_tags = folder / "plain.nmea", folder / "tagged.nmea"
    plain.write_bytes(b"\n".join(made) + b"\n")
    behind_tags.write_bytes(b"\n".join(tagged(made)) + b"\n")
    return plain, behind_tags
