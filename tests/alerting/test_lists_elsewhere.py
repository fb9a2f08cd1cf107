"""Australia, Canada, Ukraine, Port State control, OpenSanctions, and the lists that name no ships."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.designations import DesignationSet, ListedCompany
from alerts.errors import ListError
from alerts.in_force import in_force
from alerts.lists import ListStore, read_list

Write = Callable[..., Path]


def au_row(columns: tuple[str, ...], **cells: object) -> list[object]:
    """One row of Australia's list."""
    given: dict[str, object] = {
        "Type": "Vessel", "Name Type": "Primary Name", "Committees": "Autonomous (Vessels)",
        "Control Date": datetime(2025, 6, 18),  # noqa: DTZ001
        "Instrument of Designation": "Autonomous Sanctions (Sanctioned Vessels - Invented) Designation 2025",
    } | cells  # fmt: skip
    return [given.get(column) for column in columns]


def test_australia(layouts: Any, list_file: Write) -> None:
    """Rows of one reference, former names in prose, a reused reference, and the class of all DPRK vessels."""
    number = "Reference"
    rows = [
        layouts.au_columns,
        au_row(layouts.au_columns, **{
            number: 8001, "Name of Individual or Entity": "INVENTED", "IMO Number": 9074729,
            "Additional Information": "Previous names include OLDER ONE, OLDEST. Seen in port."}),
        au_row(layouts.au_columns, **{
            number: "8001a", "Name of Individual or Entity": "Alias", "Name Type": "Alias", "Alias Strength": "Weak"}),
        au_row(layouts.au_columns, **{
            number: "8001", "Name of Individual or Entity": "OTHER HULL", "IMO Number": "8814275"}),
        au_row(layouts.au_columns, **{number: "5", "Type": "Individual", "Name of Individual or Entity": "A PERSON"}),
        au_row(layouts.au_columns, **{
            number: 8599, "Name of Individual or Entity": "DPRK Vessel Class", "Control Date": "1/9/2017",
            "Instrument of Designation": "",
            "Additional Information": "All vessels entitled to fly the flag of the DPRK"}),
        au_row(layouts.au_columns, **{
            number: 8830, "Name of Individual or Entity": "Avax Invented", "IMO Number": "9319466",
            "Listing Information": "Listed by UN 1970 Committee on 22 July 2026",
            "Instrument of Designation": "Charter",
            "Additional Information": "Valid from 2026. Flag State: Cameroon. As of April"}),
    ]  # fmt: skip
    read = read_list("australia", list_file(layouts.xlsx_bytes(rows)), min_vessels=1, published="2026-09-01")
    ship, reused, rule, dated = read.designations
    assert (ship.entry, ship.names, ship.weak_names) == (
        "8001",
        ("INVENTED", "Alias", "OLDER ONE", "OLDEST"),
        ("Alias",),
    )
    assert (reused.entry, reused.imo) == ("8001/2", 8814275)
    assert (rule.kind, rule.flags, rule.imo, rule.designated_on) == ("class", ("PRK",), None, None)
    assert (dated.designated_on, dated.flags) == ("2026-07-22", ("CMR",))
    # The control date is that of the latest change: it bounds the listing, it does not date it.
    assert [in_force(ship, day) for day in ("2024-12-31", "2025-02-01", "2025-06-18")] == [
        "designated_after", "unknown", "designated_at_event",
    ]  # fmt: skip
    assert DesignationSet([read]).classes() == (rule,)
    assert (read.notes["rows_not_vessels"], read.notes["reference_reused"]) == (1, 1)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"Reference": "x9"}, "'x9' is not like 101"),
        ({"Reference": "1", "Type": "Aircraft"}, "'Aircraft'"),
        ({"Reference": "1", "Name Type": "Alias"}, "no primary name"),
        ({"Reference": "1", "Name of Individual or Entity": "Atlantis Vessel Class"}, "no flag known here"),
        ({"Reference": "1", "Control Date": "June"}, "'June' is not a date"),
    ],
)
def test_australia_refuses(cells: dict[str, str], says: str, layouts: Any, list_file: Write) -> None:
    """What is not understood is named with its row."""
    row = au_row(layouts.au_columns, **{"Name of Individual or Entity": "INVENTED", "IMO Number": "9074729"} | cells)
    with pytest.raises(ListError, match=says):
        read_list("australia", list_file(layouts.xlsx_bytes([layouts.au_columns, row])), min_vessels=1)


@pytest.mark.parametrize("bilingual", [False, True])
def test_canada_in_both_layouts(bilingual: bool, layouts: Any, list_file: Write) -> None:
    """Names of elements with and without their French half; persons with titles are no ships."""
    mark = "-X" if bilingual else ""
    title = ("TitleOrShipType" if bilingual else "TitleOrShip") + mark
    more = (
        f"<record><Country{mark}>Russia / Russie</Country{mark}><LastName{mark}>P</LastName{mark}><{title}>Brigadier"
        f"</{title}></record><record><EntityOrShip{mark}>Ltd</EntityOrShip{mark}></record>"
        f"<record><EntityOrShip{mark}>Invented V</EntityOrShip{mark}><{title}>Oil Tanker | P\u00e9trolier</{title}>"
        f"<ShipIMONumber{mark}>9074729</ShipIMONumber{mark}><DateOfBirthOrShipBuildDate{mark}>1998"
        f"</DateOfBirthOrShipBuildDate{mark}><DateOfListing{mark}>45709</DateOfListing{mark}><Aliases{mark}>Old: "
        f"Older; Oldest</Aliases{mark}><Schedule{mark}>1.1</Schedule{mark}><Item{mark}>99</Item{mark}></record>"
    )
    read = read_list("canada", list_file(layouts.canada_xml(2, more, bilingual)), min_vessels=1)
    first, _, last = read.designations
    assert (first.entry, first.imo, first.designated_on) == ("Russia/1.1/1", layouts.ship_imo(0), "2025-02-21")
    assert (last.ship_type, last.year_built, last.designated_on) == ("Oil Tanker", 1998, "2025-02-21")
    assert (last.names, last.programs) == (("Invented V", "Older", "Oldest"), ("Schedule 1.1",))
    assert read.notes["rows_not_vessels"] == 2
    with pytest.raises(ListError, match="'Colour' is not known"):
        read_list("canada", list_file(layouts.canada_xml(2, "<record><Colour>red</Colour></record>")), min_vessels=1)


def test_ukraine_is_no_legal_designation(layouts: Any, list_file: Write) -> None:
    """Former names and flags, companies with their numbers, and the caution that goes with every entry."""
    company = layouts.company_imo(2)
    header = [
        "Vessel name (international according to IMO)", "IMO", "MMSI", "Call sign", "Flag (Current)", "Flags (former)",
        "Former ship names", "Vessel Type", "Build year", "Category", "Ship Owner (IMO / Country / Date)",
        "Commercial ship manager (IMO / Country / Date)", "Ship Safety Management Manager (IMO / Country / Date)",
        "P&I Club",
    ]  # fmt: skip
    row = [
        "INVENTED", "9074729", "273######", "UBXX", "Gabon", "Panama / Liberia", "OLDER / OLDEST", "Tanker", "2004",
        "Shadow fleet", f"Invented Owner Ltd ({company} / Seychelles / 12.03.2024)", "", "Manager (9074729 / India / )",
        "-",
    ]  # fmt: skip
    read = read_list("gur", list_file(layouts.csv_bytes([header, row])), min_vessels=1)
    (ship,) = read.designations
    assert (ship.legal, ship.names) == (False, ("INVENTED", "OLDER", "OLDEST"))
    assert (ship.flags, ship.former_flags) == (("GAB", "PAN", "LBR"), ("PAN", "LBR"))
    assert ship.companies == (
        ListedCompany("owner", "Invented Owner Ltd", company, "SYC", "2024-03-12"),
        ListedCompany("manager", "Manager", None, "IND"),
    )
    assert (read.notes["mmsi_invalid"], read.notes["company_imo_invalid"]) == (1, 1)
    source = DesignationSet([read]).source_of("gur")
    assert source is not None and "not a legal designation" in source.cautions
    assert DesignationSet([read]).source_of("ofac") is None


def test_port_bans_as_table_and_json(layouts: Any, list_file: Write) -> None:
    """A ban ends when it ends; EMSA's fields and a detention table give the same designation."""
    header = ["Name of ship", "IMO No.", "Flag", "Company", "Date of ban", "Reason"]
    row = ["INVENTED", "9074729", "Tanzania", "Manager Ltd", "12/03/2024", "multiple detentions"]
    table = read_list("port_bans", list_file(layouts.csv_bytes([header, row])))
    ban = {
        "id": 1, "imoNumber": "9074729", "shipName": "INVENTED", "flag": {"code": "TZA"},
        "ismCompany": {"name": "Manager Ltd"}, "banDate": "2024-03-12T00:00:00", "banReason": "multiple detentions",
    }  # fmt: skip
    path = list_file(json.dumps({"total": 1, "data": [ban]}).encode())
    assert read_list("auto", path).designations == table.designations
    (ship,) = table.designations
    assert (ship.entry, ship.legal, ship.designated_on) == ("9074729/2024-03-12", False, "2024-03-12")
    assert ship.companies == (ListedCompany("manager", "Manager Ltd"),)
    with pytest.raises(ListError, match="no list of bans"):
        read_list("port_bans", list_file(b'{"error": "busy"}'))


def test_opensanctions_tables(layouts: Any, list_file: Write) -> None:
    """Both cases of "vessel", organisations, masked MMSI, several numbers, days of crawls that date nothing."""
    company = layouts.company_imo(3)
    header = ["type", "caption", "imo", "risk", "countries", "flag", "mmsi", "id", "url", "datasets", "aliases"]
    rows = [
        header,
        ["Vessel", "INVENTED", "IMO9074729;IMO8814275", "mare.shadow;sanction", "ru", "pa", "273######", "a", "",
         "us;eu", "X;Y"],
        ["VESSEL", "DETAINED", "9319466", "mare.detained", "", "kp", "445114000", "b", "", "paris_mou", ""],
        ["ORGANIZATION", "Company", f"IMO{company}", "sanction", "", "", "", "c", "", "us", ""],
    ]  # fmt: skip
    read = read_list("opensanctions_maritime", list_file(layouts.csv_bytes(rows)), min_vessels=1)
    assert [(d.entry, d.imo, d.legal) for d in read.designations] == [
        ("a", 9074729, True), ("a/IMO8814275", 8814275, True), ("b", 9319466, False),
    ]  # fmt: skip
    assert (read.designations[0].flags, read.designations[2].mmsis) == (("PAN",), (445114000,))
    assert (read.notes["rows_not_vessels"], read.notes["mmsi_invalid"], read.notes["not_legal"]) == (1, 2, 1)
    assert read.source is not None and read.source.cautions[:2] == (
        "not a legal designation", "non-commercial use only",
    )  # fmt: skip
    header = ["id", "schema", "name", "aliases", "countries", "identifiers", "sanctions", "dataset", "first_seen"]
    rows = [
        header,
        ["v1", "Vessel", "Invented", "Older", "ru", "IMO9074729;445114000;UBXX", "EU", "EU list", "2024-01-01"],
        ["v2", "Vessel", "Merged", "", "", "IMO9074729;IMO8814275", "", "x", "2024-01-01"],
        ["c1", "Company", "Company", "", "", f"IMO{company}", "EU", "EU list", "2024-01-01"],
    ]
    read = read_list("opensanctions", list_file(layouts.csv_bytes(rows)))
    one, two = read.designations
    assert (one.imo, one.mmsis, one.national_ids, one.designated_on) == (9074729, (445114000,), ("UBXX",), None)
    assert (two.imo, two.raw_imo, two.legal, one.legal) == (None, "8814275 9074729", False, True)


def test_followthemoney(layouts: Any, list_file: Write) -> None:
    """Sanctions date a vessel, ownerships name its owner with the company's number; nested ones likewise."""
    company = layouts.company_imo(4)
    entities: list[dict[str, Any]] = [
        {"id": "o1", "schema": "Company", "properties": {"name": ["Owner Ltd"], "imoNumber": [f"IMO{company}"]}},
        {"id": "x1", "schema": "Ownership", "properties": {"owner": ["o1"], "asset": ["s1"]}},
        {"id": "n1", "schema": "Sanction", "datasets": ["eu_journal_sanctions", "us_ofac_sdn", 7], "properties": {
            "entity": ["s1"], "startDate": ["2022-06-03"], "programId": ["EU-MARE"]}},
        {"id": "n2", "schema": "Sanction", "datasets": ["gb_fcdo_sanctions"], "properties": {
            "entity": ["s1"], "startDate": ["2021"], "endDate": ["2023-01-01"]}},
        {"id": "s1", "schema": "Vessel", "caption": "INVENTED", "datasets": ["eu"], "properties": {
            "name": ["INVENTED"], "weakAlias": ["W"], "previousName": ["OLDER"], "imoNumber": ["9074729"],
            "mmsi": ["445114000"], "callSign": ["HMXW"], "flag": ["kp"], "pastFlags": ["pa"], "buildDate": ["1998-02"],
            "grossRegisteredTonnage": ["5,000"], "topics": ["sanction"]}},
        {"id": "s2", "schema": "Vessel", "properties": {"name": ["OVER"], "sanctions": [
            {"id": "n3", "schema": "Sanction",
             "properties": {"startDate": ["2020-01-01"], "endDate": ["2021-01-01"]}}]}},
        {"id": "s3", "schema": "Vessel", "properties": {"name": ["OF INTEREST"], "topics": ["poi"]}},
    ]  # fmt: skip
    read = read_list("ftm", list_file(layouts.ftm_lines(0, *entities)))
    one, over, interest = read.designations
    assert one.companies == (ListedCompany("owner", "Owner Ltd", company),)
    assert (one.names, one.weak_names) == (("INVENTED", "OLDER", "W"), ("W",))
    assert (one.imo, one.mmsis, one.flags, one.former_flags) == (9074729, (445114000,), ("PRK", "PAN"), ("PAN",))
    assert (one.designated_on, one.delisted_on, one.programs) == ("2022-06-03", None, ("EU-MARE", "eu"))
    assert (over.designated_on, over.delisted_on) == ("2020-01-01", "2021-01-01")
    assert one.dates_of == (("eu_vessels", "2022-06-03"), ("ofac", "2022-06-03")), (
        "the list each sanction is taken from"
    )
    assert [d.legal for d in (one, over, interest)] == [True, True, False]
    assert (read.notes["date_inexact"], read.notes["not_legal"]) == (1, 1)
    for line, says in (
        (b"[1, 2]\n", ":2: is not an entity"), (b"{broken\n", ":2: is not JSON"),
        (b"[" * 100_000 + b"\n", ":2: is not JSON"),
    ):  # fmt: skip
        with pytest.raises(ListError, match=says):
            read_list("ftm", list_file(layouts.ftm_lines(1) + line))


def test_no_ship_comes_out_of_company_numbers(layouts: Any, list_file: Write, tmp_path: Path) -> None:
    """The two lists give no designation, say how many company numbers they hold, and are refused with a ship's."""
    store = ListStore(tmp_path / "lists")
    for kind, count in (("un_consolidated", 120), ("japan_mof", 110)):
        good = layouts.files[kind](count)
        kept = store.import_list(kind, list_file(good))
        assert (kept.designations, kept.notes["imo_of_company"], kept.notes["rows_not_vessels"]) == ((), count, count)
        assert kept.source is not None and "no ships" in kept.source.note
        assert store.import_list(kind, list_file(good)).id == kept.id
    assert len(store.current()) == 0 and len(store.current().snapshots) == 2
    ship = layouts.files["un_consolidated"](120).replace(str(layouts.company_imo(7)).encode(), b"9074729")
    with pytest.raises(ListError, match="IMO 9074729 is a ship's number"):
        store.import_list("un_consolidated", list_file(ship))


def test_a_number_that_a_spreadsheet_broke(layouts: Any, list_file: Write) -> None:
    """Two numbers run together by the publisher's spreadsheet are counted, never cut into ships."""
    rows = [["告示日付"], *([str(n), "COMPANY", "IMO番号：581488358149065000000"] for n in range(1, 121))]
    read = read_list("japan_mof", list_file(layouts.xlsx_bytes(rows)))
    assert (read.designations, read.notes["imo_invalid"], read.notes["imo_of_company"]) == ((), 120, 0)


def test_any_table_through_a_column_map(layouts: Any, list_file: Write, tmp_path: Path) -> None:
    """Headings are called what the map says, in CSV as in a workbook; the store reads the bytes by the same map."""
    rows = [
        ["Ship's Name", "IMO No.", "Owner", "Remarks 2"], ["INVENTED", "IMO 9074729", "Owner Ltd; Second", "x"],
        ["OTHER", "8814275", None, None],
    ]  # fmt: skip
    names = {"Ship's name": "name", "IMO No.": "imo", "owner": "owner", "Remarks 2": ""}
    store = ListStore(tmp_path / "lists")
    made = store.import_list("table", list_file(layouts.xlsx_bytes(rows), "own.xlsx"), "2026-01-01", columns=names)
    first, second = made.designations
    assert (first.list, first.entry, first.imo) == ("own", "IMO 9074729", 9074729)
    assert first.companies == (ListedCompany("owner", "Owner Ltd"), ListedCompany("owner", "Second"))
    assert second.companies == ()
    for kept in (tmp_path / "lists").glob("*.parsed-*"):
        kept.unlink()
    assert ListStore(tmp_path / "lists").current().designations == store.current().designations
    with pytest.raises(ListError, match="the column map names 'no such'"):
        read_list("table", list_file(layouts.xlsx_bytes(rows)), columns={"no such": "name"})
    with pytest.raises(ListError, match="the column map names 'colour'"):
        read_list("table", list_file(layouts.xlsx_bytes(rows)), columns={"IMO No.": "colour"})
    with pytest.raises(ListError, match="column names are for kind 'table'"):
        read_list("canada", list_file(layouts.canada_xml(60)), columns={"a": "name"})


def test_a_table_says_who_publishes_it(layouts: Any, list_file: Write) -> None:
    """Publisher, licence and what may be said of it come from the table; owners bring their company numbers."""
    company = layouts.company_imo(5)
    header = [
        "list",
        "entry",
        "name",
        "owner",
        "owner_imo",
        "title",
        "publisher",
        "licence",
        "legal_designation",
        "non_commercial",
    ]
    rows = [
        header,
        ["detained", "1", "A", "Owner Ltd", f"IMO {company}", "Detained ships", "Some MoU", "CC BY-NC", "no", "yes"],
        ["detained", "2", "B", "", "", "", "", "", "", ""],
    ]  # fmt: skip
    read = read_list("table", list_file(layouts.csv_bytes(rows)))
    assert read.designations[0].companies == (ListedCompany("owner", "Owner Ltd", company),)
    assert read.source is not None
    assert read.source.credit == "Detained ships (Some MoU; CC BY-NC)"
    assert read.source.cautions == ("not a legal designation", "non-commercial use only")
    for at, value, says in ((4, "9074729", "not a company's IMO"), (8, "maybe", "neither yes nor no")):
        wrong = [header, [*rows[1][:at], value, *rows[1][at + 1 :]]]
        with pytest.raises(ListError, match=says):
            read_list("table", list_file(layouts.csv_bytes(wrong)))
    with pytest.raises(ListError, match="publisher 'Other' is not as before"):
        read_list(
            "table", list_file(layouts.csv_bytes([*rows[:2], ["detained", "2", "B", "", "", "", "Other", "", "", ""]]))
        )
