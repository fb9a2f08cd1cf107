"""Hostile forms of lines, tables, JSON and packed files: seeded, our own, aimed at what decoders trust too early."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

import zstandard

NUMBERS = (
    "", "-1", "0", "-0", "00", "1e308", "1e309", "-1e400", "1e-400", "NaN", "nan", "inf", "-Infinity", "0x10", "1_0",
    "9" * 19, "9" * 40, "-" + "9" * 25, "18446744073709551616", "2147483648", "-2147483649", "9223372036854775807",
    "1,5", "1.5.5", "٣", "+5", " 7 ", "7\t", ".", "-", "e5", "511", "91", "181", "102.3", "360", "0.1" + "1" * 500,
)  # fmt: skip
TIMES = (
    "1970-01-01 00:00:00", "9999-12-31T23:59:59", "0000-00-00 00:00:00", "2024-02-30 00:00:00", "2025-13-01T00:00:00Z",
    "31/12/1969 23:59:59", "99/99/9999 99:99:99", "2025-03-14T24:00:00", "2025-03-14T23:59:60", "20250314_250000",
    "-2025-03-14T00:00:00", "253402300800", "1e12", "2025-03-14T00:00:00+99:99", "2025-03-14T00:00:00.9999999999999",
)  # fmt: skip
TEXTS = (
    "=1+1",
    "\x00",
    "\ufffd",
    "\u202e",
    '"',
    '""',
    "\\",
    "@" * 30,
    "A" * 5000,
    "é",
    "\ud7ff",
    "%s%n",
    "\x1b[2J",
    "'",
    "\t",
)
_ARMOUR = bytes([*range(48, 88), *range(96, 120)])
_CHECKED = re.compile(rb"[!$]([^*!$]*)\*([0-9A-Fa-f]{2})")
_TAG = re.compile(rb"\\([^\\*]*)\*([0-9A-Fa-f]{2})\\")
_MOST_PIECE = 600
_MOST_LINE = 100_000


class Mutator:
    """Mutations drawn from one seed: the same seed gives the same bytes on every machine."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    # -- bytes of any kind

    def bytes_of(self, data: bytes, other: bytes = b"", most: int = 4) -> bytes:
        """Up to ``most`` blind changes: flips, cuts, copies, splices with ``other``."""
        rng, made = self.rng, bytearray(data)
        for _ in range(rng.randint(1, most)):
            at = rng.randrange(len(made) + 1)
            kind = rng.randrange(9)
            if kind == 0 and made:
                made[min(at, len(made) - 1)] ^= 1 << rng.randrange(8)
            elif kind == 1:
                del made[at : at + rng.choice((1, 1, 2, 5, 20))]
            elif kind == 2:
                made[at:at] = bytes(
                    rng.choice((0, 10, 13, 33, 34, 36, 42, 44, 59, 92, 255)) for _ in range(rng.randint(1, 4))
                )
            elif kind == 3:
                piece = made[at : at + rng.randint(1, _MOST_PIECE)]
                made[at:at] = piece * rng.choice((1, 1, 2, 9))
            elif kind == 4:
                del made[at:]
            elif kind == 5 and other:
                start = rng.randrange(len(other))
                made[at:] = other[start : start + len(data)]
            elif kind == 6:
                made[at:at] = rng.choice(NUMBERS).encode()
            elif kind == 7 and made:
                made[min(at, len(made) - 1)] = rng.randrange(256)
            else:
                made[at : at + 1] = rng.choice(TEXTS)[:60].encode("utf-8", "surrogatepass")
        return bytes(made)

    # -- NMEA

    def nmea_line(self, line: bytes, other: bytes) -> bytes:
        """One line changed; half of them get their checksums right again, so that what is changed is looked at."""
        rng = self.rng
        kind = rng.randrange(12)
        if kind < 4:
            made = self.bytes_of(line, other, 3)
        elif kind == 4:
            made = self._fields(line, b",")
        elif kind == 5:
            made = self._payload(line)
        elif kind == 6:
            made = self._tags(line)
        elif kind == 7:
            made = line + self.rng.choice((b"", b",", b"\r", b" ")) + other
        elif kind == 8:
            made = self._parts(line)
        elif kind == 9:
            made = self._stamp(line)
        elif kind == 10 and rng.random() < 0.02:
            made = self._long(line)
        else:
            made = line
        made = made.replace(b"\n", b"")
        if rng.random() < 0.7:
            made = right_checksums(made)
        return made + (b"\r" if rng.random() < 0.05 else b"")

    def _fields(self, line: bytes, comma: bytes) -> bytes:
        rng, fields = self.rng, line.split(comma)
        at = rng.randrange(len(fields))
        kind = rng.randrange(5)
        if kind == 0:
            fields.insert(at, fields[rng.randrange(len(fields))])
        elif kind == 1:
            del fields[at]
        elif kind == 2:
            fields[at] = rng.choice(NUMBERS + TIMES + TEXTS)[:3000].encode("utf-8", "surrogatepass")
        elif kind == 3:
            other = rng.randrange(len(fields))
            fields[at], fields[other] = fields[other], fields[at]
        else:
            fields[at] = fields[at] * rng.choice((2, 3, 50))
        return comma.join(fields)

    def _payload(self, line: bytes) -> bytes:
        """Another payload: random armour of any length, often of a known type."""
        rng, fields = self.rng, line.split(b",")
        if len(fields) < 7:
            return line
        size = rng.choice((0, 1, 2, 5, 7, 20, 27, 28, 29, 52, 53, 60, 61, 70, 71, 72, 168, 511, 512, 513, 2000))
        made = bytearray(rng.choice(_ARMOUR) for _ in range(size))
        if made and rng.random() < 0.8:
            made[0] = _ARMOUR[rng.choice((1, 2, 3, 4, 5, 9, 18, 19, 21, 24, 27, rng.randrange(64)))]
        for at, field in enumerate(fields):
            if b"VD" in field and at + 5 < len(fields):
                fields[at + 5] = bytes(made)
                tail, star, check = fields[min(at + 6, len(fields) - 1)].partition(b"*")
                if star and rng.random() < 0.3:
                    tail = rng.choice((b"", b"0", b"5", b"6", b"9", b"-1", b"55"))
                fields[min(at + 6, len(fields) - 1)] = tail + star + check
                break
        return b",".join(fields)

    def _parts(self, line: bytes) -> bytes:
        rng, fields = self.rng, line.split(b",")
        for at, field in enumerate(fields):
            if b"VD" in field and at + 3 < len(fields):
                fields[at + 1] = rng.choice((b"0", b"1", b"2", b"3", b"9", b"10", b""))
                fields[at + 2] = rng.choice((b"0", b"1", b"2", b"3", b"9", b""))
                fields[at + 3] = rng.choice((b"", b"0", b"1", b"9", b"12", b"999", b"1234"))
                break
        return b",".join(fields)

    def _tags(self, line: bytes) -> bytes:
        rng = self.rng
        inside = rng.choice((
            b"s:%s,c:%s" % (b"x" * rng.choice((0, 1, 16, 17, 500)), rng.choice(NUMBERS).encode("utf-8")),
            b"g:%d-%d-%d" % (rng.randrange(4), rng.randrange(4), rng.choice((0, 7, 10**9))),
            b"c:1700000000,c:1700000001", b"c:", b"g:", b"s:", b"", b",,,,", b"c:17000000009999999999", b"n:1,n:2",
        ))  # fmt: skip
        block = b"\\" + inside + b"*00\\"
        kind = rng.randrange(5)
        if kind == 0:
            return block * rng.choice((1, 2, 3, 100)) + line
        if kind == 1:
            return b"\\" * rng.choice((1, 2, 3, 999)) + line
        if kind == 2:
            return block + b"\\" + line
        if kind == 3:
            return block
        return line + block

    def _stamp(self, line: bytes) -> bytes:
        rng = self.rng
        stamp = rng.choice(NUMBERS + TIMES + ("1700000000", "1700000000.5", "1700000000000", "1700000000000000000"))
        start = line.find(b"!")
        bare = line[max(start, 0) :]
        return (
            stamp.encode() + b" " + bare
            if rng.random() < 0.5
            else bare + b"," + rng.choice((b"r1,", b"")) + stamp.encode()
        )

    def _long(self, line: bytes) -> bytes:
        return line + self.rng.choice((b"A", b"\\", b",", b"!", b"\x00", b"!AIVDM,")) * self.rng.choice(
            (5_000, 65_600, 200_000)
        )

    # -- tables

    def table(self, text: bytes, delimiter: bytes) -> bytes:
        """A table with hostile cells, rows, quotes and headers."""
        rng = self.rng
        lines = text.split(b"\n")
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(lines))
            if len(lines[at]) > _MOST_LINE:
                continue
            kind = rng.randrange(9)
            if kind < 4:
                lines[at] = self._fields(lines[at], delimiter)
            elif kind == 4:
                lines.insert(at, lines[rng.randrange(len(lines))])
            elif kind == 5:
                lines[at] = self.bytes_of(lines[at], lines[rng.randrange(len(lines))], 2).replace(b"\n", b"")
            elif kind == 6:
                cells = lines[at].split(delimiter)
                cell = rng.randrange(len(cells))
                cells[cell] = rng.choice(
                    (b'"', b'""', b'"""', b'"a', b'a"b', b'"' * 501, b'"' + cells[cell] + b'"', b'",,,"')
                )
                lines[at] = delimiter.join(cells)
            elif kind == 7:
                lines[at] += rng.choice(
                    (delimiter * 3, delimiter * 3000, b"\r", b"\r\r", b"\x00", b"\xff\xfe", b"\x1a")
                )
            else:
                lines[at] += rng.choice((b"x", b'"', delimiter)) * rng.choice((100, 70_000))
        made = rng.choice((b"\n", b"\n", b"\n", b"\r\n", b"\r")).join(lines)
        if rng.random() < 0.05:
            made = b"\xef\xbb\xbf" + made
        return self.bytes_of(made, text, 2) if rng.random() < 0.2 else made

    # -- JSON

    def json_lines(self, text: bytes) -> bytes:
        """JSON lines with hostile values, keys and shapes."""
        rng, lines = self.rng, text.split(b"\n")
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(lines))
            if len(lines[at]) > _MOST_LINE:
                continue  # values of values of values, each five hundred times
            kind = rng.randrange(8)
            if kind < 5:
                try:
                    value = json.loads(lines[at])
                except (ValueError, RecursionError):
                    continue
                lines[at] = json.dumps(self._value(value), ensure_ascii=rng.random() < 0.5).encode(
                    "utf-8", "surrogatepass"
                )
            elif kind == 5:
                lines[at] = self.bytes_of(lines[at], lines[rng.randrange(len(lines))], 2).replace(b"\n", b"")
            elif kind == 6:
                deep = rng.choice((10, 300, 5_000, 30_000))
                lines[at] = rng.choice((b"[", b'{"a":', b'[{"Message":')) * deep + rng.choice((b"", b"]" * deep))
            else:
                lines.insert(at, lines[rng.randrange(len(lines))])
        return b"\n".join(lines)

    def _value(self, value: Any) -> Any:
        rng = self.rng
        if isinstance(value, dict) and value and rng.random() < 0.9:
            made = dict(value)
            key = rng.choice(list(made))
            kind = rng.randrange(8)
            if kind == 0:
                del made[key]
            elif kind == 1:
                made[rng.choice(("", "\x00", "Message", "type", "mmsi", "nmea", "x" * 300))] = made.pop(key)
            else:
                made[key] = self._value(made[key])
            return made
        if isinstance(value, list) and value and rng.random() < 0.7:
            made_list = list(value)
            at = rng.randrange(len(made_list))
            made_list[at] = self._value(made_list[at])
            return made_list * (rng.choice((1, 1, 1, 200)) if len(str(made_list)) < _MOST_PIECE else 1)
        return rng.choice((
            None, True, False, 0, -1, 2**31, 2**63, 10**30, -(10**300), 1e308, -0.0, 0.1, float("nan"), float("inf"),
            [], {}, "", [[]], {"": {}}, [value], {"value": value}, str(value), rng.choice(NUMBERS), rng.choice(TIMES),
            rng.choice(TEXTS), "\ud800", [value] * (500 if len(str(value)) < _MOST_PIECE else 2),
        ))  # fmt: skip

    # -- packing

    def packed(self, name: str, data: bytes) -> tuple[str, bytes, bool]:
        """The data packed some way, perhaps damaged afterwards: name, bytes, and whether it is whole."""
        rng = self.rng
        ways: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
            (".gz", lambda raw: gzip.compress(raw, 1, mtime=0)),
            (".gz", lambda raw: gzip.compress(raw[:99], 1, mtime=0) + gzip.compress(raw[99:], 1, mtime=0)),
            (".zst", zstandard.ZstdCompressor(level=1).compress),
            (".bz2", lambda raw: bz2.compress(raw, 1)),
            (".zip", lambda raw: self._zipped(name, raw)),
        )  # fmt: skip
        suffix, pack = rng.choice(ways)
        made = pack(data)
        if rng.random() < 0.1:
            suffix2, pack = rng.choice(ways)
            suffix, made = suffix + suffix2, pack(made)
        if rng.random() < 0.5:
            return name + suffix, made, True
        return name + suffix, self.bytes_of(made, made, 3), False

    def _zipped(self, name: str, data: bytes) -> bytes:
        rng, out = self.rng, io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(
                zipfile.ZipInfo(rng.choice((name, "../" + name, "a/b/" + name, "/etc/" + name, "x" * 300))), data
            )
        return out.getvalue()

    def bomb(self, name: str, size: int) -> tuple[str, bytes]:
        """A small file that becomes a large one: one endless line, or endless short ones."""
        rng = self.rng
        plain = rng.choice((b"\x00", b"A", b"\n", b"[", b'"', b",", b"\\")) * (1 << 20)
        kind = rng.randrange(3)
        if kind == 0:
            packer = zstandard.ZstdCompressor(level=1).compressobj()
            made = b"".join(packer.compress(plain) for _ in range(size >> 20)) + packer.flush()
            return name + ".zst", made
        out = io.BytesIO()
        if kind == 1:
            with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0) as packed:
                for _ in range(size >> 20):
                    packed.write(plain)
            return name + ".gz", out.getvalue()
        with (
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open(zipfile.ZipInfo(name), "w") as member,
        ):
            for _ in range(size >> 20):
                member.write(plain)
        return name + ".zip", out.getvalue()


def right_checksums(line: bytes) -> bytes:
    """The line with every checksum in it that of its bytes.

    >>> right_checksums(b"!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*00")
    b'!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A'
    """
    made = _TAG.sub(lambda found: b"\\%s*%02X\\" % (found[1], _xor(found[1])), line)
    return _CHECKED.sub(lambda found: b"%c%s*%02X" % (found[0][0], found[1], _xor(found[1])), made)


def _xor(text: bytes) -> int:
    value = 0
    for byte in text:
        value ^= byte
    return value
