"""What the benchmark screens: lists and a registry, real where they are at hand, invented elsewhere.

The real ones are OFAC's SDN list of 2024-07-02, the UN's 1718 list, Canada's list, the UK's, Australian and EU ships as
others converted them, and a part of a ship registry of 2020 whose hulls are innocent but for those whose IMO is listed.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from alerts.designations import Designation, DesignationSet, Hull, Snapshot
from alerts.flags import flag_of_name
from alerts.imo import is_ship_imo
from alerts.incident import Party
from alerts.lists import read_list

TYPES = ("Crude Oil Tanker", "General Cargo", "Bulk Carrier", "Container Ship", "Chemical Tanker")
FLAGS = ("PAN", "LBR", "MHL", "COM", "TZA", "PRK", "CMR", "GAB", "MLT", "HKG")
SYLLABLES = (
    "BA", "CHO", "DAL", "ESTO", "FAR", "GOR", "HEL", "IRI", "JUN", "KAN", "LOR", "MAR", "NOV", "ORA", "PEL", "QUI",
    "RAS", "SOL", "TAR", "UMA", "VEN", "WEST", "XAN", "YAR", "ZEN", "LUX", "TIDE", "BOR",
)  # fmt: skip


@dataclass(frozen=True)
class Registered:
    """One hull of a registry, with its gross tonnage where it states one."""

    imo: int
    name: str
    flag: str | None
    type: str


@dataclass(frozen=True)
class World:
    """Lists, innocents, and pairs of spellings under which two lists name one hull."""

    name: str
    lists: DesignationSet
    innocents: tuple[Registered, ...]
    variants: tuple[tuple[str, str], ...]

    @property
    def hulls(self) -> list[Hull]:
        """Listed hulls with an IMO number."""
        return [hull for hull in self.lists.hulls() if hull.imo is not None]


def real_world(data: Path) -> World:
    """The real lists and registry in a folder of that layout."""
    lists = data / "lists"
    made = DesignationSet(
        [
            read_list("ofac", lists / "ofac" / "sdn_2024-07-02.csv.gz"),
            read_list("un1718", lists / "un1718" / "1718_designated_vessels_list_final.pdf"),
            read_list("canada", lists / "other" / "canada_sema.xml.gz"),
            *_converted(lists / "other"),
        ]
    )
    listed = {hull.imo for hull in made.hulls() if hull.imo}
    with gzip.open(data / "registry" / "ships-2020-part.csv.gz", "rt", encoding="utf-8") as file:
        rows = {int(row["imo"]): row for row in csv.DictReader(file) if is_ship_imo(int(row["imo"]))}
    innocents = [
        Registered(imo, row["vessel_name"], flag_of_name(row["flag"]), row["type"])
        for imo, row in sorted(rows.items())
        if imo not in listed
    ]
    return World("real lists, real registry", made, tuple(innocents), tuple(_variants(made)))


def _converted(folder: Path) -> Iterator[Snapshot]:
    """Names and numbers of lists that others converted; their layout is not the publisher's, so no reader has it."""
    uk = json.loads((folder / "uk_ships.json").read_text(encoding="utf-8"))
    au = json.loads((folder / "au_vessels.json").read_text(encoding="utf-8"))
    eu = json.loads((folder / "eu_vessels.json").read_text(encoding="utf-8"))
    rows: dict[str, list[tuple[str, list[str], object]]] = {
        "uk": [(r["unique_id"], [n.get("name6", "") for n in r["names"]["names"]], _uk_imo(r)) for r in uk],
        "australia": [(r["reference"], [n["text"] for n in r["names"]], r.get("imo_number")) for r in au],
        "eu_vessels": [(str(n), [r["vessel_name"]], r["imo_number"]) for n, r in enumerate(eu)],
    }
    for name, entries in rows.items():
        found = {}
        for entry, names, imo in entries:
            digits = "".join(c for c in str(imo or "") if c.isdigit())
            number = int(digits) if digits and is_ship_imo(int(digits)) else None
            known = tuple(dict.fromkeys(n for n in names if n))
            if known and number is not None:
                found[entry] = Designation(name, entry, known, number)
        yield Snapshot(f"{name}-converted", name, "", None, tuple(found.values()))


def _uk_imo(row: dict[str, object]) -> object:
    """The one valid ship's number in the texts of an entry, None where there is none or several."""
    texts = f"{row.get('other_information')} {row.get('uk_statement_of_reasons')}"
    found = {n for n in map(int, re.findall(r"IMO\D{0,12}(\d{7})(?!\d)", texts)) if is_ship_imo(n)}
    return found.pop() if len(found) == 1 else None


def _variants(lists: DesignationSet) -> Iterator[tuple[str, str]]:
    """Names of one hull on two lists that differ, but share half of their pairs of letters (Dice's coefficient).

    Neither of the matchers that are compared picks them.
    """
    seen: set[tuple[str, str]] = set()
    for hull in lists.hulls():
        if hull.imo is None:
            continue
        for one, other in combinations(hull.designations, 2):
            if one.list == other.list:
                continue
            left, right = set(map(_plain, one.names)), set(map(_plain, other.names))
            if left & right:
                continue
            pair = max(((a, b) for a in one.names for b in other.names), key=lambda p: (dice(*p), p))
            key = (min(map(_plain, pair)), max(map(_plain, pair)))
            if dice(*pair) >= 0.5 and key not in seen:
                seen.add(key)
                yield pair


def _plain(name: str) -> str:
    return "".join(c for c in name.upper() if c.isalnum())


def dice(one: str, other: str) -> float:
    """Share of pairs of letters that two names have in common.

    >>> dice("NIGHT", "NACHT")
    0.25
    """
    a, b = ({p[i : i + 2] for i in range(len(p) - 1)} for p in (_plain(one), _plain(other)))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def invented_world(seed: int, listed: int = 1500, innocent: int = 4000) -> World:
    """Lists and a registry of invented ships; one innocent in a hundred has a listed ship's name."""
    rng = random.Random(seed)
    numbers = _numbers(rng)
    entries, variants = [], []
    for n in range(listed):
        name = invented_name(rng)
        other = spelled_otherwise(name, rng)
        imo = next(numbers) if n % 50 else None
        entry = Designation(
            "first", str(n), (name, invented_name(rng)), imo, mmsis=(rng.randint(352_000_000, 357_999_999),),
            callsigns=(f"3F{rng.choice('ABCDEF')}{rng.choice('GHIJKL')}{rng.randint(2, 9)}",),
            flags=("PAN", rng.choice(FLAGS)), ship_type=rng.choice(TYPES), gross_tonnage=rng.randint(2_000, 90_000),
        )  # fmt: skip
        entries.append(entry)
        if imo is not None and n % 3 == 0:
            entries.append(Designation("second", str(n), (other,), imo))
            variants.append((name, other))
    lists = DesignationSet(
        Snapshot(f"{name}-0", name, "", None, tuple(d for d in entries if d.list == name))
        for name in ("first", "second")
    )
    named = [d.names[0] for d in entries]
    innocents = tuple(
        Registered(next(numbers), rng.choice(named) if n % 100 == 0 else invented_name(rng), rng.choice(FLAGS),
                   rng.choice(TYPES))
        for n in range(innocent)
    )  # fmt: skip
    return World(f"invented lists, seed {seed}", lists, innocents, tuple(variants))


def observations(world: World, count: int, seed: int) -> list[Party]:
    """So many distinct ships as AIS has them, one in a hundred listed: what a busy day's statics come to."""
    rng = random.Random(seed)
    hulls, numbers = world.hulls, _numbers(rng, 8_000_000)
    made = []
    for n in range(count):
        imo = rng.choice(hulls).imo if n % 100 == 0 else next(numbers) if n % 3 else None
        callsign = f"{rng.choice('ADHVW')}{rng.randint(2, 9)}{rng.choice('ABCDE')}{rng.choice('FGHIJ')}{n % 10}"
        mmsi, name = rng.randint(201_000_000, 775_999_999), f"{invented_name(rng)} {n}"
        length_m = rng.randint(60, 330)
        made.append(Party(str(n), mmsi, imo, name, callsign, rng.choice(FLAGS), rng.choice((70, 71, 80, 84)), length_m))
    return made


def _numbers(rng: random.Random, least: int = 7_000_000) -> Iterator[int]:
    """Valid ship IMO numbers from the least on, none twice."""
    at = least + rng.randrange(1000) * 10
    while True:
        at += rng.randint(1, 9)
        found = next(n for n in range(at, at + 20) if is_ship_imo(n))
        at = found
        yield found


def invented_name(rng: random.Random) -> str:
    """A name of two to four syllables, one in four with a number."""
    words = ["".join(rng.sample(SYLLABLES, rng.randint(1, 2))) for _ in range(rng.randint(1, 2))]
    if len("".join(words)) < 4:
        words.append(rng.choice(SYLLABLES))
    return " ".join(words) + (f" {rng.randint(1, 40)}" if rng.random() < 0.25 else "")


def spelled_otherwise(name: str, rng: random.Random) -> str:
    """The name as another list may spell it: a letter off, a prefix, words joined, the number as a roman numeral."""
    letters = [at for at, c in enumerate(name) if c.isalpha()]
    at = rng.choice(letters[1:])
    ways = [
        name[:at] + rng.choice("AEIOU") + name[at + 1 :],
        name[:at] + name[at + 1 :],
        f"M/V {name}",
        name.replace(" ", ""),
    ]
    last = name.rsplit(maxsplit=1)[-1]
    if last in ("1", "2", "3", "4", "5"):
        ways.append(name[: -len(last)] + ("I", "II", "III", "IV", "V")[int(last) - 1])
    return rng.choice(ways)


def names_of(hulls: Iterable[Hull]) -> list[str]:
    """Every listed name, once each."""
    return list(dict.fromkeys(name for hull in hulls for name in hull.names))
