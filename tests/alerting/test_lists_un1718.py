"""The UN list's rows, as a PDF table gives them, become designations; anything unknown is refused."""

from __future__ import annotations

import pytest

from alerts.designations import ListedCompany
from alerts.errors import ListError
from alerts.lists import un1718
from alerts.lists.content import Content

HEADER = ["#", "Vessel Name", "", "IMO number", "Date of designation", "Relevant sanctions measures", "", "", "", ""]


def vessel(number: str = "1", **cells: str) -> list[str]:
    """The first row of an invented vessel."""
    given = {
        "names": "1: INVENTED A 2: Invented B 3", "imo": "9074729 MMSI: 1: 529734000 2:445114000", "date": "30-Mar-18",
        "measure": "na",
    } | cells  # fmt: skip
    return [number, given["names"], "", given["imo"], given["date"], given["measure"], "Yes", "na", "na", "Yes"]


def labelled(label: str, text: str) -> list[str]:
    """A labelled row."""
    return ["", label, text, "", "", "", "", "", "", ""]


def read(monkeypatch: pytest.MonkeyPatch, *rows: list[str]) -> list[object]:
    """These rows through the reader, in place of a PDF's."""
    monkeypatch.setattr(un1718, "_rows", lambda content, name: [(1, row) for row in rows])
    return list(un1718.parse(Content.of(b"%PDF-", "un.pdf")).designations)


def test_a_vessel_with_all_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, MMSI, call signs and flags are told apart by their numbers; measures by their column."""
    rows = [
        HEADER, vessel(), labelled("Flag", "1. Kiribati 2: Democratic People’s Republic of Korea"),
        labelled("Call Sign", "1: T3NM2 2: HMXW"), labelled("Type", "General Cargo Ship"),
        labelled("Picture link", "na"), labelled("Other information", "Seen."),
    ]  # fmt: skip
    monkeypatch.setattr(un1718, "_rows", lambda content, name: [(1, row) for row in rows])
    (ship,), notes, *_ = un1718.parse(Content.of(b"%PDF-", "un.pdf"))
    assert ship.names == ("INVENTED A", "Invented B 3")
    assert (ship.imo, ship.mmsis, ship.callsigns) == (9074729, (529734000, 445114000), ("T3NM2", "HMXW"))
    assert (ship.flags, ship.former_flags, ship.ship_type) == (("KIR", "PRK"), (), "General Cargo Ship")
    assert ship.programs == (un1718.MEASURES[1], un1718.MEASURES[4])
    assert (ship.designated_on, ship.remarks) == ("2018-03-30", "Seen.")
    assert ship.companies == (ListedCompany("controlled by", "Ocean Maritime Management (KPe.020)"),)
    assert notes == {"imo_missing": 0, "imo_invalid": 0, "flag_unknown": 0}


def test_a_vessel_without_imo_and_one_designated_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """ "Does not exist" is no number; the earlier of two designations dates the entry, both are told."""
    again = ["", "Other information", "Text.", "", "03-Oct-17", "Yes", "na", "na", "na", "na"]
    first, second = read(monkeypatch, HEADER, vessel(imo="Does not exist"), vessel("2"), again)
    assert first.imo is None and first.raw_imo is None  # type: ignore[attr-defined]
    assert second.designated_on == "2017-10-03"  # type: ignore[attr-defined]
    assert len(second.programs) == 3  # type: ignore[attr-defined]
    assert "2018-03-30 and 2017-10-03" in second.remarks  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([vessel("1"), vessel("3")], "vessel number 3 where 2 was due"),
        ([vessel(date="30/03/2018")], "'30/03/2018'"),
        ([vessel(date="31-Feb-18")], "31-Feb-18"),
        ([vessel(imo="907472")], "'907472' is neither"),
        ([vessel(measure="maybe")], "'maybe' is neither"),
        ([vessel(names="na")], "no vessel name"),
        ([labelled("Flag", "1: Kiribati")], "before the first vessel"),
        ([vessel(), labelled("Captain", "Nemo")], "a row not known"),
    ],
)
def test_a_row_not_understood_is_refused(monkeypatch: pytest.MonkeyPatch, rows: list[list[str]], says: str) -> None:
    """A gap in the numbers or a value of another form names page, vessel and value."""
    with pytest.raises(ListError, match=says):
        read(monkeypatch, HEADER, *rows)
