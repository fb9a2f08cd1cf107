"""What screening has to do, counted: namesakes, renamed hulls, innocents, spellings, and the time it takes."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from time import process_time

from alerts.designations import DesignationSet, Hull
from alerts.incident import Party
from alerts.names import compare_names, name_keys
from alerts.screening import screen
from benchmarks.screening.worlds import Registered, World, names_of, observations

ALERTING = ("exact", "strong", "possible", "class")
AIS_TYPES = {"tanker": 80, "cargo": 70, "carrier": 70, "container": 71}


@dataclass(frozen=True)
class Pair:
    """A ship as seen and a listed hull that it is, or is not."""

    seen: Party
    hull: Hull


def party(ship: Registered, *, with_imo: bool = True, name: str | None = None) -> Party:
    """A registered ship as it would call itself on AIS, its MMSI on no list."""
    words = ship.type.lower()
    ship_type = next((number for word, number in AIS_TYPES.items() if word in words), None)
    return Party(
        str(ship.imo), 0, ship.imo if with_imo else None, name or ship.name, flag=ship.flag, ship_type=ship_type
    )


def namesakes(world: World, count: int, seed: int) -> list[Pair]:
    """Innocent hulls under a listed name with their own valid IMO: those that are, then made ones up to ``count``."""
    by_key: dict[tuple[str, tuple[int, ...]], Hull] = {}
    for hull in world.hulls:
        for name in hull.names:
            for key in name_keys(name):
                by_key.setdefault((key.letters, key.numbers), hull)
    real = [
        Pair(party(ship), by_key[key.letters, key.numbers])
        for ship in world.innocents
        for key in name_keys(ship.name)
        if (key.letters, key.numbers) in by_key
    ]
    rng = random.Random(seed)
    made = [
        Pair(party(rng.choice(world.innocents), name=hull.names[0]), hull)
        for hull in rng.sample(world.hulls, min(len(world.hulls), max(0, count - len(real))))
    ]
    return real + made


def renamed(world: World, seed: int) -> list[Pair]:
    """Every listed hull under an innocent's name and another flag's MMSI, with the IMO number it always had."""
    rng = random.Random(seed)
    return [
        Pair(
            Party(f"r{hull.imo}", rng.choice((352_999_998, 636_999_998, 538_999_998)), hull.imo,
                  rng.choice(world.innocents).name, flag="PAN"),
            hull,
        )
        for hull in world.hulls
    ]  # fmt: skip


def tiers(pairs: list[Pair], lists: DesignationSet) -> Counter[str]:
    """The best tier of each pair's ship against its hull, ``none`` for no match."""
    return Counter(best_tier(pair, lists) for pair in pairs)


def best_tier(pair: Pair, lists: DesignationSet) -> str:
    """The best tier of a ship with any entry of the hull."""
    entries = {(d.list, d.entry) for d in pair.hull.designations}
    return next((m.tier for m in screen([pair.seen], lists, at=None) if (m.list, m.entry) in entries), "none")


def innocents(world: World) -> dict[str, Counter[str]]:
    """Best tier of each innocent hull against all lists: as it is, and as if it sent no IMO number."""
    found = {}
    for label, with_imo in (("with their IMO", True), ("without an IMO", False)):
        best: Counter[str] = Counter()
        for ship in world.innocents:
            matches = screen([party(ship, with_imo=with_imo)], world.lists, at=None)
            best[matches[0].tier if matches else "none"] += 1
        found[label] = best
    return found


def spellings(world: World) -> tuple[int, int]:
    """Of the pairs of spellings, how many names are the same or variants by our key, and how many there are."""
    return sum(compare_names(a, b) is not None for a, b in world.variants), len(world.variants)


def name_only(world: World) -> tuple[int, int]:
    """Innocents whose name is a listed one or a variant of one, and how many there are: why a name never alerts."""
    listed = names_of(world.lists.hulls())
    by_size: dict[int, list[str]] = {}
    for name in listed:
        for key in name_keys(name):
            by_size.setdefault(len(key.letters), []).append(name)
    hit = 0
    for ship in world.innocents:
        sizes = {len(key.letters) for key in name_keys(ship.name)}
        near = dict.fromkeys(name for size in sizes for off in range(-2, 3) for name in by_size.get(size + off, ()))
        hit += any(compare_names(ship.name, name) is not None for name in near)
    return hit, len(world.innocents)


def speed(world: World, count: int, entries: int, seed: int) -> tuple[float, float, int]:
    """CPU seconds for ``count`` distinct observations at once, microseconds for one at a time, and the matches."""
    snapshots = []
    left = entries
    for snapshot in world.lists.snapshots:
        some = snapshot.designations[:left]
        left -= len(some)
        snapshots.append(replace(snapshot, designations=some))
    lists = DesignationSet(snapshots)
    seen = observations(world, count, seed)
    screen(seen[:1], lists, at=None)  # the look-up tables are made once for all questions
    began = process_time()
    found = len(screen(seen, lists, at="2026-01-01"))
    whole_s = process_time() - began
    some = seen[: max(1, count // 5)]
    began = process_time()
    for one in some:
        screen((one,), lists, at="2026-01-01")
    return whole_s, (process_time() - began) / len(some) * 1e6, found
