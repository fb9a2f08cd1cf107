"""The real lists: exact counts, and agreement with an independent parse of the same document."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest

from alerts.flags import flag_of_name
from alerts.imo import is_ship_imo
from alerts.lists import ListStore, diff_snapshots, read_list

pytestmark = pytest.mark.real_data


def test_ofac_2024(shared_data: Path) -> None:
    """All 872 vessels, 867 with a valid IMO: also those double-spaced, without the word, or under another label."""
    snapshot = read_list("ofac", shared_data / "lists" / "ofac" / "sdn_2024-07-02.csv.gz", published="2024-07-02")
    by_name = {d.names[0]: d for d in snapshot.designations}
    assert len(snapshot.designations) == 872
    assert sum(is_ship_imo(d.imo) for d in snapshot.designations) == 867
    assert len({d.imo for d in snapshot.designations if d.imo}) == 867
    odd = {
        "CHIZHOVKA": 8730455, "MEKHANIK BRILIN": 8904408, "RYONG GUN BONG": 8606173, "FU YUAN YU 8683": 9894387,
        "NS LEADER": 9339301,
    }  # fmt: skip
    assert {name: by_name[name].imo for name in odd} == odd
    without = {d.names[0] for d in snapshot.designations if d.imo is None}
    assert without == {"MAR AZUL", "BONU 5", "ST. VITAMIN", "SHELLEST", "NEGA"}
    assert sum(bool(d.mmsis) for d in snapshot.designations) == 167
    assert (snapshot.notes["flag_unknown"], snapshot.notes["mmsi_invalid"]) == (0, 0)


@pytest.mark.parametrize(("day", "vessels"), [("2021-06-03", 405), ("2022-06-03", 509)])
def test_ofac_earlier(shared_data: Path, day: str, vessels: int) -> None:
    """Older versions are read as wholly."""
    snapshot = read_list("ofac", shared_data / "lists" / "ofac" / f"sdn_{day}.csv.gz", published=day)
    assert len(snapshot.designations) == vessels


def test_un1718(shared_data: Path) -> None:
    """All 59 vessels agree with a parse made elsewhere: names, IMO, MMSI, call signs, flags, type, dates, measures."""
    folder = shared_data / "lists" / "un1718"
    snapshot = read_list("un1718", folder / "1718_designated_vessels_list_final.pdf")
    with (folder / "un1718_vessels.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert len(snapshot.designations) == len(expected) == 59
    for ship, row in zip(snapshot.designations, expected, strict=True):
        assert ship.entry == row["n"]
        assert "; ".join(ship.names) == row["names"]
        assert str(ship.imo or "") == row["imo"]
        assert "; ".join(map(str, ship.mmsis)) == row["mmsi"]
        assert "; ".join(ship.callsigns) == row["call_signs"]
        assert ship.flags == tuple(flag_of_name(f) for f in row["flags"].split("; ") if f)
        assert (ship.ship_type or "") == row["type"]
        assert ship.designated_on == datetime.strptime(row["designated"], "%d-%b-%y").date().isoformat()  # noqa: DTZ007
        stated = sum(row[column] == "Yes" for column in ("p8d", "p12a", "p12d", "p6", "omm"))
        # HAO FAN 6 was designated twice; the parse made elsewhere leaves the second in its remarks.
        assert len(ship.programs) == stated + (ship.entry == "12")
    assert sum(len(ship.mmsis) for ship in snapshot.designations) == 49


def test_three_versions_in_a_store(shared_data: Path, tmp_path: Path) -> None:
    """Additions, removals, renames and reflags between real versions; a delisted ship is still found for its days."""
    store = ListStore(tmp_path)
    days = ("2024-07-02", "2021-06-03", "2022-06-03")
    ids = {day: store.import_list("ofac", shared_data / "lists" / "ofac" / f"sdn_{day}.csv.gz", day).id for day in days}
    change = diff_snapshots(store.snapshot(ids["2021-06-03"]), store.snapshot(ids["2024-07-02"]))
    assert len(change.additions) - len(change.removals) == 872 - 405
    assert change.removals and change.renames and change.reflags
    assert len(store.as_of("2021-12-31").hulls()) == 405
    current = store.current()
    gone = [d for d in current.designations if d.gone_by]
    assert {d.entry for d in change.removals} <= {d.entry for d in gone}
    assert all(d.listed_by == "2021-06-03" or d.absent_on for d in current.designations)
