"""The other real lists, and the real versions of OFAC's compared: figures against counts made by other means."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alerts.designations import DesignationSet
from alerts.errors import ListError
from alerts.imo import is_company_imo, is_ship_imo
from alerts.lists import ListStore, read_list

pytestmark = pytest.mark.real_data
Write = Callable[..., Path]
DAYS = ("2021-06-03", "2022-06-03", "2024-07-02")
FIGURES = [[105, 1, 1, 1], [378, 15, 5, 46]]
"""Additions, removals, renames and reflags from each day to the next."""


def plain_vessels(folder: Path, day: str) -> dict[str, tuple[str, str]]:
    """Entry number to (name, flag) of all vessels, by nothing but the csv module."""
    with gzip.open(folder / f"sdn_{day}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) == 12]
    return {row[0].strip(): (row[1].strip(), row[9].strip()) for row in rows if row[2].strip() == "vessel"}


def test_three_versions_in_order(shared_data: Path, tmp_path: Path) -> None:
    """Additions, removals, renames and reflags of both steps are those of an independent count over the raw rows."""
    folder = shared_data / "lists" / "ofac"
    store = ListStore(tmp_path)
    ids = [store.import_list("auto", folder / f"sdn_{day}.csv.gz", day).id for day in DAYS]
    raw = [plain_vessels(folder, day) for day in DAYS]
    figures = []
    for step in (0, 1):
        change, old, new = store.diff(ids[step], ids[step + 1]), raw[step], raw[step + 1]
        assert {d.entry for d in change.additions} == set(new) - set(old)
        assert {d.entry for d in change.removals} == set(old) - set(new)
        both = set(old) & set(new)
        assert {c.after.entry for c in change.renames} == {e for e in both if old[e][0] != new[e][0]}
        # The raw text of a flag may be another spelling of the same state; the diff says only real changes.
        assert {c.after.entry for c in change.reflags} <= {e for e in both if old[e][1] != new[e][1]}
        spelled = {e for e in both if old[e][1] != new[e][1]} - {c.after.entry for c in change.reflags}
        assert all(old[e][1].casefold()[:4] == new[e][1].casefold()[:4] for e in spelled)
        figures.append([len(x) for x in (change.additions, change.removals, change.renames, change.reflags)])
    assert figures == FIGURES
    renamed = [(c.before.names[0], c.after.names[0]) for c in store.diff(ids[1], ids[2]).renames]
    assert ("HORSE", "HAWK") in renamed and ("SOL", "SANAN") in renamed
    later = store.diff(ids[1], ids[2])
    before, after = store.as_of("2022-12-31"), store.as_of("2024-07-02")
    for d in later.additions:
        if d.imo is not None:
            assert not before.with_imo(d.imo) and after.with_imo(d.imo), d.entry
    for d in later.removals:
        if d.imo is not None:
            assert before.with_imo(d.imo) and not after.with_imo(d.imo), d.entry
    known = store.current()
    assert len(store.as_of("2021-12-31")) == 405 and len(store.as_of("2023-01-01").hulls()) == 509
    assert sum(d.gone_by is not None for d in known.designations) == FIGURES[0][1] + FIGURES[1][1]
    assert known.source_of("ofac") is not None


def test_canada(shared_data: Path) -> None:
    """All 109 ships of the publisher's file, each with a valid number and the day of its listing."""
    read = read_list("auto", shared_data / "lists" / "other" / "canada_sema.xml.gz")
    assert len(read.designations) == 109 and all(is_ship_imo(d.imo) for d in read.designations)
    assert all(d.designated_on and d.designated_on >= "2025" for d in read.designations)
    assert len({d.entry for d in read.designations}) == 109
    assert {d.names[0]: d.imo for d in read.designations}["Balitiyskiy III"] == 7612448


@pytest.mark.slow
def test_company_numbers_make_no_ships(shared_data: Path) -> None:
    """All numbers behind the letters IMO are companies', one of them with a ship's check digit too; none is a ship."""
    folder = shared_data / "lists" / "other"
    un = read_list("auto", folder / "un_consolidated_2026-02-27.xml.gz")
    assert (un.designations, un.notes["imo_of_company"], un.published) == ((), 16, "2026-02-27")
    japan = read_list("japan_mof", folder / "japan_mof_2026-03-05.xlsx")
    assert (japan.designations, japan.notes["imo_of_company"], japan.notes["imo_invalid"]) == ((), 16, 2)
    with gzip.open(folder / "un_consolidated_2026-02-27.xml.gz", "rt", encoding="utf-8") as file:
        stated = [int(n) for n in re.findall(r"IMO[^0-9<]{0,20}(\d{7})\b", file.read())]
    assert len(stated) == 16 and all(map(is_company_imo, stated))
    assert [number for number in stated if is_ship_imo(number)] == [1790183]


def as_table(rows: list[dict[str, Any]]) -> bytes:
    """Rows as a table list."""
    made = io.StringIO()
    writer = csv.DictWriter(made, sorted({name for row in rows for name in row}))
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue().encode()


def test_contents_of_three_lists_as_tables(shared_data: Path, list_file: Write) -> None:
    """666 British, 262 Australian and 597 European ships: names unwrapped, every number valid."""
    folder = shared_data / "lists" / "other"
    uk, au, eu = (json.loads((folder / f"{name}_{what}.json").read_text(encoding="utf-8")) for name, what in (
        ("uk", "ships"), ("au", "vessels"), ("eu", "vessels")))  # fmt: skip
    british = read_list("table", list_file(as_table([
        {"entry": ship["unique_id"], "name": names[0], "aliases": ";".join(names[1:]),
         "designated_on": ship["date_designated"]}
        for ship in uk if (names := [name["name6"].strip() for name in ship["names"]["names"]])
    ]), "uk.csv"))  # fmt: skip
    wrapped = sum(bool(re.match(r"IMO\s*\d{7}", ship["names"]["names"][0]["name6"].strip())) for ship in uk)
    assert len(british.designations) == 666 and wrapped > 30
    assert british.notes["imo_valid"] == wrapped
    assert not any(name.startswith("IMO") for d in british.designations for name in d.names[:1])
    australian = read_list("table", list_file(as_table([
        {"entry": ship["reference"], "kind": "class" if "Class" in ship["names"][0]["text"] else "vessel",
         "flag": "DPRK" if "Class" in ship["names"][0]["text"] else "", "name": ship["names"][0]["text"],
         "aliases": ";".join(ship.get("previous_names", [])), "imo": ship.get("imo_number", "")}
        for ship in au
    ]), "au.csv"))  # fmt: skip
    assert (len(australian.designations), australian.notes["vessels"]) == (263, 262)
    (rule,) = DesignationSet([australian]).classes()
    assert (rule.entry, rule.flags) == ("8599", ("PRK",))
    european = read_list("table", list_file(as_table([
        {"entry": ship["imo_number"], "name": ship["vessel_name"], "imo": ship["imo_number"],
         "designated_on": ship["date_of_application"]}
        for ship in eu
    ]), "eu.csv"))  # fmt: skip
    assert (len(european.designations), european.notes["imo_valid"]) == (597, 597)


def test_australian_content_in_the_publishers_layout(shared_data: Path, list_file: Write, layouts: Any) -> None:
    """The real Australian content, set in the publisher's columns, is read with its class and its former names."""
    folder = shared_data / "lists" / "other"
    ships = json.loads((folder / "au_vessels.json").read_text(encoding="utf-8"))
    rows = [layouts.au_columns]
    for ship in ships:
        listed = ship["sanction"]
        cells = {
            "Reference": ship["reference"], "Name of Individual or Entity": ship["names"][0]["text"], "Type": "Vessel",
            "Name Type": "Primary Name", "Additional Information": ship.get("additional_info", ""),
            "Listing Information": listed["listing_information"], "IMO Number": ship.get("imo_number", ""),
            "Committees": listed["committees"], "Control Date": listed["control_date"],
            "Instrument of Designation": listed["instrument"],
        }  # fmt: skip
        rows.append([cells.get(column, "") for column in layouts.au_columns])
    read = read_list("auto", list_file(layouts.xlsx_bytes(rows), "au.xlsx"))
    assert (len(read.designations), read.notes["vessels"], read.notes["imo_valid"]) == (263, 262, 262)
    by_entry = {d.entry: d for d in read.designations}
    assert by_entry["8599"].kind == "class" and by_entry["8599"].flags == ("PRK",)
    for ship in ships:
        if "previous_names" in ship:
            assert set(ship["previous_names"]) <= set(by_entry[ship["reference"]].names), ship["reference"]
    assert all(d.listed_by and (d.absent_on or d.designated_on or d.kind == "class") for d in read.designations)


@pytest.mark.parametrize("name", ["canada_sema.xml.gz", "un_consolidated_2026-02-27.xml.gz"])
def test_a_real_list_cut_short_is_refused(name: str, shared_data: Path, list_file: Write) -> None:
    """Half of a publisher's file is not half a list."""
    with gzip.open(shared_data / "lists" / "other" / name) as file:
        content = file.read()
    for part in (content[: len(content) // 2], content[:-30]):
        with pytest.raises(ListError):
            read_list("auto", list_file(part, name.removesuffix(".gz")))
