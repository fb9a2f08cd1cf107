"""Screening beside the usual matchers: namesakes, renamed hulls, innocents, spellings, time.

python -m benchmarks.screening [--data FOLDER] [--seed N] [--no-peers] [--invented]

On the real lists and registry in FOLDER (default: ../shared/data) where they are; elsewhere, and with --invented, on
invented ones. nomenklatura goes into an environment of its own under build/, made at the first run; where that cannot
be had, its figures are left out and it is said so. Exit code 1 where a property does not hold.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable
from pathlib import Path
from string import ascii_lowercase

from rapidfuzz import fuzz, process

from alerts.incident import Party
from alerts.lists.country_codes import alpha3
from benchmarks.screening.trials import (
    ALERTING,
    Pair,
    innocents,
    name_only,
    namesakes,
    renamed,
    speed,
    spellings,
    tiers,
)
from benchmarks.screening.worlds import World, invented_world, names_of, real_world

CHECKOUT = Path(__file__).resolve().parents[2]
PEERS = CHECKOUT / "build" / "peers" / "nomenklatura"
REQUIREMENT = "nomenklatura==4.17.4"
RATIO, THRESHOLD = 85, 0.70
"""Where a ratio is taken for a hit by open tools, and nomenklatura's default threshold in yente."""


def main() -> int:
    """Run and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, default=CHECKOUT.parent / "shared" / "data", metavar="FOLDER")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--invented", action="store_true", help="the invented lists, even where the real ones are")
    asked.add_argument("--no-peers", action="store_true", help="leave nomenklatura out")
    options = asked.parse_args()
    if options.invented or not (options.data / "lists").is_dir():
        if not options.invented:
            print(f"no real lists in {options.data}: invented ones instead", file=sys.stderr)
        world = invented_world(options.seed)
    else:
        world = real_world(options.data)
    peers = None if options.no_peers else peers_python()
    return report(world, options.seed, peers)


def report(world: World, seed: int, peers: Path | None) -> int:
    """Print the figures of one world; 1 where a property does not hold."""
    print(f"{world.name}: {len(world.lists)} entries of {', '.join(n for n, _ in world.lists.lists())}; "
          f"{len(world.hulls)} hulls with an IMO number; {len(world.innocents)} innocent hulls")  # fmt: skip
    apart, same = namesakes(world, 600, seed), renamed(world, seed)
    apart_tiers, same_tiers, innocent_tiers = tiers(apart, world.lists), tiers(same, world.lists), innocents(world)
    found, pairs = spellings(world)
    hit, whole = name_only(world)
    scores = ask_peers(peers, world, apart, same) if peers is not None else None
    kept = [ratio(pair) for pair in apart], [ratio(pair) for pair in same]
    fuzzy = sum(fuzz.ratio(a.upper(), b.upper()) >= RATIO for a, b in world.variants)
    rows = [
        ("", "shipwatch", f"rapidfuzz ratio >= {RATIO}", f"nomenklatura logic-v2 >= {THRESHOLD}"),
        ("innocent namesakes with another valid IMO, told as hits",
         of(sum(apart_tiers[t] for t in ALERTING), len(apart)), of(sum(r >= RATIO for r in kept[0]), len(apart)),
         of(above(scores, "apart"), len(apart))),
        ("listed hulls renamed and reflagged, same IMO, found",
         of(same_tiers["exact"], len(same)), of(sum(r >= RATIO for r in kept[1]), len(same)),
         of(above(scores, "same"), len(same))),
        ("of them ranked above every namesake", of(same_tiers["exact"], len(same)),
         of(sum(r > max(kept[0]) for r in kept[1]), len(same)), of(ranked(scores), len(same))),
        ("spellings of one hull on two lists, corroborating", of(found, pairs), of(fuzzy, pairs),
         of(above(scores, "variants"), pairs)),
        ("innocents whose name alone is (like) a listed one", of(hit, whole), of(fuzzy_innocents(world), whole), "-"),
    ]  # fmt: skip
    for row in rows:
        print(f"{row[0]:58} {row[1]:>18} {row[2]:>24} {row[3]:>30}")
    print(f"tiers of namesakes: {dict(apart_tiers)}; of renamed hulls: {dict(same_tiers)}")
    for label, counted in innocent_tiers.items():
        print(f"innocents {label}: {dict(counted)}")
    whole_s, one_us, matches = speed(big(world, seed), 100_000, 5_000, seed)
    print(f"100,000 distinct observations against 5,000 entries: {whole_s:.2f} s of CPU ({matches} matches); "
          f"one at a time {one_us:.1f} us")  # fmt: skip
    if scores is not None:
        print(f"nomenklatura {scores['version']}: {scores['seconds']:.1f} s of CPU for {len(scores['scores'])} pairs")
    wrong = [
        *(["a namesake is told as a hit"] if any(apart_tiers[t] for t in ALERTING) else []),
        *(["a renamed hull is not exact"] if same_tiers["exact"] != len(same) else []),
        *(["an innocent is above weak"] if any(innocent_tiers["with their IMO"][t] for t in ALERTING) else []),
    ]
    print("; ".join(wrong) if wrong else "all properties hold")
    return 1 if wrong else 0


def big(world: World, seed: int) -> World:
    """A world with at least 5,000 entries: the real lists hold fewer."""
    return world if len(world.lists) >= 5_000 else invented_world(seed, listed=4_000, innocent=10)


def ratio(pair: Pair) -> float:
    """The best ratio of the ship's name with any of the hull's, 0 to 100."""
    return max(fuzz.ratio((pair.seen.name or "").upper(), name.upper()) for name in pair.hull.names)


def fuzzy_innocents(world: World) -> int:
    """Innocents whose name has a ratio of ``RATIO`` with some listed one."""
    listed = [name.upper() for name in names_of(world.lists.hulls())]
    best = process.cdist([s.name.upper() for s in world.innocents], listed, scorer=fuzz.ratio, score_cutoff=RATIO)
    return int((best.max(axis=1) >= RATIO).sum())


def peers_python() -> Path | None:
    """The interpreter of the peers' own environment, made at the first run; None, and said, where it cannot be had."""
    python = PEERS / "bin" / "python"
    if (PEERS / ".ready").exists():
        return python
    print(f"making {PEERS} with {REQUIREMENT} (some minutes, 700 MB) ...", file=sys.stderr)
    try:
        venv.create(PEERS, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", REQUIREMENT]
        subprocess.run(pip, check=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"nomenklatura is not to be had ({problem}): its figures are left out", file=sys.stderr)
        return None
    (PEERS / ".ready").touch()
    return python


def ask_peers(python: Path, world: World, apart: list[Pair], same: list[Pair]) -> dict[str, object] | None:
    """nomenklatura's score of every pair, with the names of the groups; None, and said, where it fails."""
    groups = {
        "apart": [(listed_record(p), seen_record(p.seen)) for p in apart],
        "same": [(listed_record(p), seen_record(p.seen)) for p in same],
        "variants": [({"name": [a]}, {"name": [b]}) for a, b in world.variants],
    }
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "pairs.json", Path(folder) / "scores.json"
        asked.write_text(json.dumps([pair for group in groups.values() for pair in group]), encoding="utf-8")
        try:
            command = [str(python), str(Path(__file__).with_name("peers.py")), str(asked), str(answered)]
            subprocess.run(command, check=True)
        except (OSError, subprocess.CalledProcessError) as problem:
            print(f"nomenklatura failed ({problem}): its figures are left out", file=sys.stderr)
            return None
        said = json.loads(answered.read_text(encoding="utf-8"))
    left = list(said["scores"])
    for name, group in groups.items():
        said[name], left = left[: len(group)], left[len(group) :]
    return said


def listed_record(pair: Pair) -> dict[str, list[str]]:
    """A listed hull as followthemoney has vessels: all names, its IMO number, its flags."""
    flags = dict.fromkeys(flag for d in pair.hull.designations for flag in d.flags)
    return {"name": list(pair.hull.names), "imoNumber": [f"IMO{pair.hull.imo}"], "flag": alpha2(flags)}


def seen_record(seen: Party) -> dict[str, list[str]]:
    """A ship seen, in the same form."""
    made = {"name": [seen.name or ""], "flag": alpha2([seen.flag] if seen.flag else [])}
    return made | ({"imoNumber": [f"IMO{seen.imo}"]} if seen.imo else {})


def alpha2(codes: Iterable[str]) -> list[str]:
    """ISO alpha-2, which followthemoney uses, of alpha-3 codes."""
    two = {alpha3(f"{a}{b}"): f"{a}{b}" for a in ascii_lowercase for b in ascii_lowercase}
    return [two[code] for code in codes if code in two]


def above(scores: dict[str, object] | None, group: str) -> int | None:
    """How many of a group's scores reach the threshold."""
    return None if scores is None else sum(score >= THRESHOLD for score in scores[group])  # type: ignore[attr-defined]


def ranked(scores: dict[str, object] | None) -> int | None:
    """How many renamed hulls score above every namesake."""
    if scores is None:
        return None
    return sum(score > max(scores["apart"]) for score in scores["same"])  # type: ignore[attr-defined,call-overload]


def of(count: int | None, whole: int) -> str:
    """``3 of 100``."""
    return "not run" if count is None else f"{count} of {whole}"


if __name__ == "__main__":
    sys.exit(main())
