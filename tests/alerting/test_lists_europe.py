"""The lists of the EU, the UK and Switzerland in their layouts: fields, dates and the traps of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.designations import ListedCompany
from alerts.errors import ListError
from alerts.in_force import in_force
from alerts.lists import read_list

Write = Callable[..., Path]
EU_HEADER = [
    "",
    "Vessel name at designation time",
    "IMO number",
    "Date of application",
    "Link to relevant EU Official Journal",
]


def test_eu_workbook(layouts: Any, list_file: Write) -> None:
    """Leading zeros, real dates, broken dates, a hull listed twice and a wrapped row."""
    rows = [
        ["Vessels subject to Article 3s"], EU_HEADER,
        [1, "Invented One", "09074729", datetime(2024, 12, 17), "OJ L 1"],  # noqa: DTZ001
        [2, "Invented Two", 8814275, "#REF!", "OJ L 2"],
        [3, "Invented One", "9074729", "24/02/2026", None],
        [None, None, None, None, "OJ L 3, second line"],
        [4, 'IMO 9319466 ("Invented Four")', None, "2025-05-21", None],
    ]  # fmt: skip
    read = read_list("eu_vessels", list_file(layouts.xlsx_bytes(rows)), min_vessels=1)
    one, two, again, four = read.designations
    assert [(d.entry, d.imo) for d in read.designations] == [
        ("9074729", 9074729), ("8814275", 8814275), ("9074729/2", 9074729), ("9319466", 9319466),
    ]  # fmt: skip
    assert [d.designated_on for d in (one, two, again, four)] == ["2024-12-17", None, "2026-02-24", "2025-05-21"]
    assert (four.names, one.remarks) == (("Invented Four",), "OJ L 1")
    assert (read.notes["date_broken"], read.notes["rows_without_ship"]) == (1, 1)


def test_eu_annexes_as_a_page(list_file: Write) -> None:
    """Two annexes of an Official Journal page: other tables are passed over, a link's text is what counts."""
    page = """<!DOCTYPE html><html><body><table><tr><td>Done at Brussels</td></tr></table>
    <table><thead><tr><th>No</th><th>Vessel name</th><th>IMO ship identification number</th>
    <th>Grounds for inclusion</th>
    <th>Date of application</th></tr></thead><tbody><tr><td>1.</td><td><a href="https://example.org">Invented\n One</a>
    </td><td>9074729</td><td>Transports oil.</td><td>17.12.2024</td></tr></tbody></table>
    <table><tr><td>(a)</td><td>some text</td><td>more</td></tr></table>
    <table><tr><td>No</td><td>Name of vessel</td><td>Additional information</td></tr><tr><td>1</td>
    <td>Chon Invented</td>
    <td>IMO: 8814275. MMSI: 445114000</td></tr></table></body></html>"""
    one, two = read_list("eu_vessels", list_file(page.encode(), "annex.html"), min_vessels=1).designations
    assert (one.names, one.imo, one.designated_on, one.remarks) == (
        ("Invented One",), 9074729, "2024-12-17", "Transports oil.",
    )  # fmt: skip
    assert (two.names, two.imo, two.designated_on) == (("Chon Invented",), 8814275, None)


def test_eu_table_of_text(layouts: Any, list_file: Write) -> None:
    """The Danish authority's columns as semicolon-separated text; a number that is none is kept raw."""
    text = "Vessel name;IMO;Date of application;Subject to\nInvented A;9074729;17-12-2024;Article 3s\n"
    with pytest.raises(ListError, match="'17-12-2024' is not a date"):
        read_list("eu_vessels", list_file(text.encode()), min_vessels=1)
    rows = [f"Invented {n};{layouts.ship_imo(n)};2024-12-17;Article 3s\n" for n in range(20)]
    text = text.replace("17-12-2024", "17 December 2024") + "Invented B;947115;;Article 3s\n" + "".join(rows)
    first, second, *_ = read_list("eu_vessels", list_file(text.encode()), min_vessels=1).designations
    assert (first.designated_on, first.programs) == ("2024-12-17", ("Article 3s",))
    assert (second.imo, second.raw_imo, second.entry) == (None, "947115", "INVENTED B")


def test_eu_financial_sanctions(layouts: Any, list_file: Write) -> None:
    """A ship coded as an enterprise is one by its number; a company's number makes none."""
    company = layouts.company_imo(1)
    more = (
        f'<sanctionEntity euReferenceNumber="EU.C"><subjectType code="enterprise"/><nameAlias wholeName="Company"/>'
        f'<identification identificationTypeCode="imo" number="{company}"/></sanctionEntity>'
        '<sanctionEntity euReferenceNumber="EU.P"><subjectType code="person"/><nameAlias wholeName="P"/>'
        "</sanctionEntity>"
        '<sanctionEntity euReferenceNumber="EU.S"><remark>Tanker.</remark><subjectType code="enterprise"/><nameAlias '
        'wholeName="Strong" strong="true"/><nameAlias wholeName="Weak" strong="false"/><identification '
        'identificationTypeCode="imo" number="9074729"/><identification identificationTypeCode="other" number="1"/>'
        '<regulation programme="PRK" regulationType="amendment" publicationDate="2020-01-01"/><regulation '
        'programme="PRK" regulationType="regulation" publicationDate="2018-04-06"/></sanctionEntity>'
    )
    read = read_list("eu_fsf", list_file(layouts.fsf_xml(0, more)))
    (ship,) = read.designations
    assert (ship.names, ship.weak_names, ship.imo) == (("Strong", "Weak"), ("Weak",), 9074729)
    assert (ship.designated_on, ship.programs, ship.remarks) == ("2018-04-06", ("PRK",), "Tanker.")
    assert (read.published, read.notes["imo_of_company"]) == ("2026-05-08", 1)


def test_uk_rows_of_one_ship(layouts: Any, list_file: Write) -> None:
    """Rows per name and regime become one designation; owners, flags, sizes and weak names are kept apart."""
    ship = {
        "Current owner/operator (s)": f"(1) Invented Owner (IMO {layouts.company_imo(1)}) (2) Second Ltd",
        "Previous owner/operator (s)": "Older Ltd", "Current believed flag of ship": "Comoros",
        "Previous flags": "(1) India (2) Panama", "Type of ship": "Bulk Carrier", "Tonnage of ship": "7,078",
        "Length of ship": "120 m", "Year Built": "2011", "Hull identification number (HIN)": "N/A",
        "Other Information": "Seen.",
    }  # fmt: skip
    rows = [
        layouts.uk_row(900, **{"Name 6": "INVENTED MAIN", **ship}),
        layouts.uk_row(900, **{"Name 6": "Invented_Alias", "Name type": "Alias", "Alias strength": "Low quality a.k.a",
                               "Date Designated": "03/10/2017 00:00:00", "Regime Name": "Other Regulations"}),
        layouts.uk_row(901, **{"Name 6": 'IMO 9413004 ("HORAE")', "IMO number": ""}),
        layouts.uk_row(902, **{"Designation Type": "Entity", "Type of entity": "Ship"}),
        layouts.uk_row(903, **{"IMO number": str(layouts.ship_imo(903))}),
    ]  # fmt: skip
    read = read_list("uk", list_file(layouts.uk_csv(0, *rows)), min_vessels=1)
    main, horae, plain = read.designations
    assert (main.entry, main.names, main.weak_names) == (
        "RUS0900", ("INVENTED MAIN", "Invented_Alias"), ("Invented_Alias",),
    )  # fmt: skip
    assert (main.imo, main.designated_on) == (layouts.ship_imo(900), "2017-10-03")
    assert (main.flags, main.former_flags) == (("COM", "IND", "PAN"), ("IND", "PAN"))
    assert (main.ship_type, main.gross_tonnage, main.length_m, main.year_built) == ("Bulk Carrier", 7078, 120, 2011)
    assert main.companies == (
        ListedCompany("owner or operator", "Invented Owner", layouts.company_imo(1)),
        ListedCompany("owner or operator", "Second Ltd"),
        ListedCompany("owner or operator", "Older Ltd", former=True),
    )
    assert {"The Invented Regulations", "Other Regulations", "Shipping sanctions"} == set(main.programs)
    assert (horae.names, horae.imo) == (("HORAE",), 9413004)
    assert plain.imo == layouts.ship_imo(903)
    assert (read.published, read.notes["rows_not_vessels"]) == ("2026-09-11", 1)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"Designation Type": "Aircraft"}, "'Aircraft'"),
        ({"Unique ID": ""}, "Unique ID is empty"),
        ({"Date Designated": "10/17/2024"}, "'10/17/2024' is not a date"),
        ({"Date Designated": ""}, "no date of designation"),
        ({"Name type": "Alias"}, "no primary name"),
        ({"IMO number": "8000003 or 8000015"}, "states 2 IMO numbers"),
    ],
)
def test_uk_refuses_what_it_does_not_understand(
    cells: dict[str, str], says: str, layouts: Any, list_file: Write
) -> None:
    """An unknown type, an American date, a ship without name or date or with two numbers."""
    if "8000003" in cells.get("IMO number", ""):
        cells = {"IMO number": f"{layouts.ship_imo(1)} or {layouts.ship_imo(2)}"}
    with pytest.raises(ListError, match=says):
        read_list("uk", list_file(layouts.uk_csv(0, layouts.uk_row(1, **cells))), min_vessels=1)


def test_uk_columns_that_moved_are_refused(layouts: Any, list_file: Write) -> None:
    """A renamed column, a row too short, and a file without its first line."""
    good = layouts.uk_csv(3)
    for bad, says in (
        (good.replace(b"IMO number", b"IMO"), "the column 'IMO number' is missing"),
        (good + b"RUS9,short\r\n", "2 columns, not 58"),
        (good.split(b"\r\n", 1)[1], "does not begin with 'Report Date:'"),
    ):
        with pytest.raises(ListError, match=says):
            read_list("uk", list_file(bad), min_vessels=1)


UK_SHIP = (
    "<Designation><DateDesignated>03/10/2017</DateDesignated><UniqueID>DPR0900</UniqueID><Names><Name><Name6>Invented 8"
    "</Name6><NameType>Primary name</NameType></Name><Name><Name6>Other</Name6><NameType>Alias"
    "</NameType></Name></Names>"
    "<NonLatinNames><NonLatinName><NameNonLatinScript>청봉</NameNonLatinScript></NonLatinName></NonLatinNames>"
    "<RegimeName>DPRK Regulations</RegimeName><IndividualEntityShip>Ship</IndividualEntityShip>"
    "<SanctionsImposed>De-flag|"
    "Prohibition of port entry</SanctionsImposed><ShipDetails><Ship><IMONumbers><IMONumber>IMO9074729</IMONumber>"
    "</IMONumbers><CurrentOwnerOperators><CurrentOwnerOperator>Owner India</CurrentOwnerOperator>"
    "</CurrentOwnerOperators>"
    "<CurrentBelievedFlagOfShips><CurrentBelievedFlagOfShip>Comoros</CurrentBelievedFlagOfShip>"
    "</CurrentBelievedFlagOfShips><PreviousFlags><PreviousFlag>India</PreviousFlag></PreviousFlags><TypeOfShipDetails>"
    "<TypeOfShip>Bulk Carrier</TypeOfShip></TypeOfShipDetails><TonnageOfShipDetails><TonnageOfShip>7078</TonnageOfShip>"
    "</TonnageOfShipDetails><YearsBuilt><YearBuilt>2011</YearBuilt></YearsBuilt></Ship></ShipDetails></Designation>"
    "<Designation><UniqueID>AFG1</UniqueID><IndividualEntityShip>Individual</IndividualEntityShip></Designation>"
)


def test_uk_xml_in_full(layouts: Any, list_file: Write) -> None:
    """The same fields from the XML, names in other scripts among them."""
    read = read_list("uk_xml", list_file(layouts.uk_xml(0, UK_SHIP)), min_vessels=1)
    (ship,) = read.designations
    assert (ship.entry, ship.names, ship.imo) == ("DPR0900", ("Invented 8", "Other", "청봉"), 9074729)
    assert (ship.designated_on, ship.flags, ship.former_flags) == ("2017-10-03", ("COM", "IND"), ("IND",))
    assert ship.programs == ("DPRK Regulations", "De-flag", "Prohibition of port entry")
    assert ship.companies == (ListedCompany("owner or operator", "Owner India"),)
    assert (read.published, read.notes["rows_not_vessels"]) == ("2026-09-11", 1)


def test_uk_in_two_forms_is_one_list(layouts: Any, list_file: Write) -> None:
    """CSV and XML of one day give the same designations."""
    one = read_list("uk", list_file(layouts.uk_csv(20), "a"), min_vessels=1)
    other = read_list("uk_xml", list_file(layouts.uk_xml(20), "b"), min_vessels=1)
    assert [(d.entry, d.names, d.imo, d.designated_on) for d in one.designations] == [
        (d.entry, d.names, d.imo, d.designated_on) for d in other.designations
    ]


SECO = (
    '<target ssid="900"><sanctions-set-id>77</sanctions-set-id><object object-type="vessel">'
    '<identity main="true"><name '
    'name-type="alias" quality="low"><name-part order="1"><value>Weak</value></name-part></name><name name-type='
    '"primary-name" quality="good"><name-part order="2"><value>Chon</value></name-part><name-part order="1"><value>Hui'
    "</value></name-part></name></identity><other-information>Owner: X, company IMO 5434358. IMO Number: 9074729"
    '</other-information></object><modification modification-type="listed" effective-date="2021-02-01"/>'
    '<modification modification-type="de-listed" effective-date="2019-06-01" publication-date="2019-05-30"/>'
    '<modification modification-type="amended" effective-date="2017-01-01"><added><identity main="true">'
    "<name name-type="
    '"primary-name"><name-part><value>Never</value></name-part></name></identity></added></modification>'
    '<modification modification-type="listed" effective-date="2016-05-18"/></target>'
    '<target ssid="901"><entity><identity/></entity></target>'
)


def test_swiss_history_is_valid_time(layouts: Any, list_file: Write) -> None:
    """Listed, delisted and listed again: each span is a designation, and each day has its answer."""
    read = read_list("switzerland", list_file(layouts.seco_xml(0, SECO)), min_vessels=1)
    first, second = read.designations
    assert (first.entry, first.designated_on, first.delisted_on) == ("900/1", "2016-05-18", "2019-06-01")
    assert (second.entry, second.designated_on, second.delisted_on) == ("900", "2021-02-01", None)
    assert first.names == second.names == ("Hui Chon", "Weak") and second.weak_names == ("Weak",)
    assert first.imo == second.imo == 9074729
    assert (read.published, second.programs) == ("2026-08-27", ("Invented",))
    answers = [
        (in_force(first, day), in_force(second, day))
        for day in ("2016-01-01", "2018-01-01", "2020-01-01", "2022-01-01")
    ]
    assert answers == [
        ("designated_after", "designated_after"), ("designated_at_event", "designated_after"),
        ("delisted_before", "designated_after"), ("delisted_before", "designated_at_event"),
    ]  # fmt: skip


def test_swiss_ship_without_number_or_with_two(layouts: Any, list_file: Write) -> None:
    """No number, a company's alone, and two ships' in one text: none of them is guessed."""
    one, two, three = (f"IMO Number: {layouts.ship_imo(n)}<" for n in (1, 2, 3))
    more = layouts.seco_xml(40).decode().replace(one, "Tanker.<").replace(two, "Owner IMO number 5434358<")
    more = more.replace(three, three[:-1] + ", IMO 9074729<")
    read = read_list("switzerland", list_file(more.encode()))
    assert [d.imo for d in read.designations[:3]] == [None, None, None]
    assert [read.notes[reason] for reason in ("imo_missing", "imo_of_company", "imo_several")] == [1, 1, 1]
