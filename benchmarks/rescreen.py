"""A million stored incidents held against a list with 150 new entries: how long does a rescreening take?

Everything is invented: incidents, ships and list are made here by a seeded generator and tell of no real ship.
Filling the store is no part of what is measured. Processor time of this process is what counts; the wall's is shown.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from alerts.alert_json import alert_to_json
from alerts.assess import assess
from alerts.designations import DesignationSet
from alerts.incident import Alert, Incident, PairInterval, Party
from alerts.lists.store import ListStore
from alerts.rules import load_rules
from shipwatch import ledger_schema as schema
from shipwatch import party_index
from shipwatch.event_frames import iso_z
from shipwatch.ledger import Ledger
from shipwatch.rescreening import rescreen

US = 1_000_000
DAY_US = 86_400 * US
LONG_US = 3 * 3600 * US
NOW_US = 1_790_000_000 * US
BOUND_S = 10.0
NEW_ENTRIES = 150
HEAD = "entry,name,imo,mmsi,flag,designated_on\n"


def imo(n: int) -> int:
    """The n-th valid ship IMO number from 8000003 on."""
    base = 800_000 + n
    return base * 10 + sum(int(digit) * weight for digit, weight in zip(str(base), range(7, 1, -1), strict=True)) % 10


def ship(n: int) -> Party:
    """One of 40,000 invented ships."""
    name = "INVENTED " + "".join(chr(65 + n // 26**power % 26) for power in range(4))
    return Party(
        str(538_000_000 + n), 538_000_000 + n, imo=imo(n), name=name, callsign=f"V7{n:05}", flag="MHL", ship_type=80,
        length_m=180,
    )  # fmt: skip


def rows(incidents: int, fleet: int, seed: int) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """Row of a revision and of its alert, of meetings of two ships each over the last year."""
    rules, random_ = load_rules(), random.Random(seed)
    one, two = ship(0), ship(1)
    made = Incident(
        id="x", kind="rendezvous", phase="ended", published_us=0, start_us=NOW_US - 100 * DAY_US,
        end_us=NOW_US - 99 * DAY_US, lat=30.0, lon=123.0, zones=("invented zone",), parties=(one, two),
        intervals=(PairInterval((one.track, two.track), NOW_US - 100 * DAY_US, NOW_US - 99 * DAY_US, "observed"),),
        observed_s=9000, inferred_s=0, dark_s=0, min_distance_m=40, median_distance_m=60,
    )  # fmt: skip
    alert = assess(made, DesignationSet(), rules)
    if alert is None:
        raise SystemExit("the model incident gives no alert")
    model = alert_to_json(alert)
    parties = {n: alert_to_json(_with(alert, ship(n)))["parties"][0] for n in range(fleet)}
    for number in range(incidents):
        start_us = NOW_US - random_.randrange(1, 365 * 86_400) * US
        both = random_.sample(range(fleet), 2)
        id = f"invented-{number:07}"
        payload = {
            **model,
            "id": id,
            "start": iso_z(start_us),
            "end": iso_z(start_us + LONG_US),
            "parties": [parties[n] for n in both],
        }
        common = {
            "alert_id": id, "revision": 1, "kind": "rendezvous", "state": alert.state, "severity": alert.severity,
            "score": alert.score, "start_us": start_us, "end_us": start_us + LONG_US, "lat": 30.0, "lon": 123.0,
        }  # fmt: skip
        revision = {"run_id": 1, "published_us": start_us, "sha256": "0" * 64, "payload": payload}
        yield {**common, **revision, "sequence": number + 1}, {**common, "triage": "new"}


def _with(alert: Alert, party: Party) -> Alert:
    return replace(alert, incident=replace(alert.incident, parties=(party,)))


def fill(url: str, lists: ListStore, incidents: int, fleet: int, seed: int) -> None:
    """Put the incidents into the store in bulk, with the index of their parties."""
    with Ledger(url) as ledger:
        ledger.start_run(
            started_us=1, version="benchmark", inputs=[], config_digest="c", rules_digest="r", zones_digest="z",
            snapshots=lists.current().snapshots,
        )  # fmt: skip
        source = rows(incidents, fleet, seed)
        done = 0
        while done < incidents:
            some = list(islice(source, 20_000))
            with ledger._begin() as connection:
                connection.execute(sa.insert(schema.alert_revisions), [revision for revision, _ in some])
                connection.execute(sa.insert(schema.alerts), [head for _, head in some])
                party_index.add(connection, [(str(r["alert_id"]), r["payload"]) for r, _ in some])  # type: ignore[misc]
                counters = schema.counters
                connection.execute(
                    sa.update(counters).where(counters.c.name == "alert_revisions").values(value=done + len(some))
                )
            done += len(some)


def main() -> None:
    """Fill, import a version with 150 new entries, rescreen, again, and check what came of it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--incidents", type=int, default=1_000_000)
    asked.add_argument("--fleet", type=int, default=40_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--folder", type=Path, help="where the store is made (default: a temporary folder)")
    asked.add_argument("--json", action="store_true")
    args = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="shipwatch-rescreen-", dir=args.folder) as folder:
        lists, rules = ListStore(Path(folder) / "lists"), load_rules()
        url = f"sqlite:///{folder}/store.db"
        # 2,000 entries that no incident concerns, then 150 more, of which a third are ships that met.
        old = "".join(f"{n},ANOTHER {n},{imo(60_000 + n)},,PAN,2020-01-01\n" for n in range(2_000))
        added = "".join(
            f"{9_000 + n},{ship(n if n < 50 else 50_000 + n).name},{imo(n if n < 50 else 50_000 + n)},,MHL,2026-09-01\n"
            for n in range(NEW_ENTRIES)
        )
        _publish(lists, Path(folder), old, "2026-01-01")
        began_s = time.process_time()
        fill(url, lists, args.incidents, args.fleet, args.seed)
        filled_s = time.process_time() - began_s
        figures: dict[str, object] = {"incidents": args.incidents, "fleet": args.fleet, "filled_cpu_s": round(filled_s)}
        figures["store_mb"] = round((Path(folder) / "store.db").stat().st_size / 1e6)
        with Ledger(url) as ledger:
            for step in ("first", "incremental", "again"):
                if step == "incremental":
                    _publish(lists, Path(folder), old + added, "2026-09-15")
                current = lists.current()
                cpu_s, wall_s = time.process_time(), time.perf_counter()
                found = rescreen(
                    ledger, lists, current, rules, now_us=NOW_US, since_us=NOW_US - 400 * DAY_US, channels=["file"]
                )
                figures[step] = {
                    "cpu_s": round(time.process_time() - cpu_s, 2), "wall_s": round(time.perf_counter() - wall_s, 2),
                    "entries": found.entries, "looked_at": found.looked_at, "revised": len(found.revised),
                }  # fmt: skip
    if args.json:
        print(json.dumps(figures, indent=2))
    else:
        for name, figure in figures.items():
            print(f"{name:14} {figure}")
    measured = figures["incremental"]
    if not isinstance(measured, dict) or measured["revised"] == 0 or measured["cpu_s"] > BOUND_S:
        raise SystemExit(f"more than {BOUND_S} s of processor, or nothing found")
    if not isinstance(figures["again"], dict) or figures["again"]["revised"] != 0:
        raise SystemExit("done twice it added something")


def _publish(lists: ListStore, folder: Path, entries: str, day: str) -> None:
    file = folder / "invented.csv"
    file.write_text(HEAD + entries)
    lists.import_list("table", file, day, fetched_at=f"{day}T05:00:00Z")


if __name__ == "__main__":
    main()
