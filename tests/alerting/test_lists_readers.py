"""Readers of lists: what they read from small lists made here, and what they refuse."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest
import zstandard

from alerts.errors import ListError
from alerts.lists import KINDS, read_list
from alerts.lists.content import decompress_bounded

OFAC_ROW = '{entry},"{name}","{kind}","{program}",-0- ,{call},{type},-0- ,{grt},{flag},-0- ,"{remarks}"\r\n'


def ofac_row(entry: int = 1, name: str = "INVENTED ONE", kind: str = "vessel", **cells: str) -> str:
    """One row of an SDN file as published; remarks name an invented ship."""
    given = {
        "program": "TEST", "call": "-0- ", "type": '"Crude Oil Tanker"', "grt": '"56,068"', "flag": '"Iran"',
        "remarks": "Vessel Registration Identification IMO 9074729; Linked To: NOBODY.",
    } | cells  # fmt: skip
    return OFAC_ROW.format(entry=entry, name=name, kind=kind, **given)


def written(folder: Path, text: str | bytes, name: str = "sdn.csv") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_ofac_identifiers_in_the_remarks(tmp_path: Path) -> None:
    """IMO, MMSI, names, flags present and former, call signs, tonnage and year come out of one row."""
    remarks = (
        "Vessel Year of Build 1998; Former Vessel Flag Malta; alt. Former Vessel Flag Tuvalu; Other Vessel Call Sign "
        "5IM713; Vessel Registration Identification IMO  9074729 (Russia); MMSI 572469210; f.k.a. 'ALPHA'; a.k.a. "
        "'BETA II'; Linked To: X; Linked To: Y."
    )
    row = ofac_row(program="IRAN] [SDGT", call='"5IM 592"', remarks=remarks)
    text = row + ofac_row(2, "A PERSON", "individual") + ofac_row(3, "NOBODY LTD", "-0- ") + "\x1a"
    snapshot = read_list("ofac", written(tmp_path, text), published="2024-07-02", min_vessels=1)
    (ship,) = snapshot.designations
    assert (ship.list, ship.entry, ship.names) == ("ofac", "1", ("INVENTED ONE", "ALPHA", "BETA II"))
    assert (ship.imo, ship.mmsis, ship.callsigns) == (9074729, (572469210,), ("5IM 592", "5IM713"))
    assert (ship.flags, ship.former_flags) == (("IRN", "MLT", "TUV"), ("MLT", "TUV"))
    assert (ship.gross_tonnage, ship.year_built, ship.programs) == (56068, 1998, ("IRAN", "SDGT"))
    assert (ship.designated_on, ship.listed_by) == (None, "2024-07-02")
    assert snapshot.notes["rows_not_vessels"] == 2
    assert snapshot.id == f"ofac-{snapshot.sha256[:12]}"


@pytest.mark.parametrize(
    "statement",
    [
        "Vessel Registration Identification IMO 9074729", "Vessel Registration Identification IMO  9074729.",
        "Vessel Registration Identification 9074729.", "Identification Number IMO 9074729",
        "Vessel Registration Identification IMO 9074729 (Russia)",
    ],
)  # fmt: skip
def test_every_way_in_which_ofac_writes_an_imo(tmp_path: Path, statement: str) -> None:
    """A double space, a missing word or another label does not lose the number."""
    path = written(tmp_path, ofac_row(remarks=statement + "; Linked To: X.") + "\x1a")
    assert read_list("ofac", path, min_vessels=1).designations[0].imo == 9074729


def test_an_invalid_imo_is_kept_raw_and_counted(tmp_path: Path) -> None:
    """A wrong check digit is not matched and not lost; a register number of another kind is no IMO."""
    good = "".join(
        ofac_row(n, f"GOOD {n}", remarks="Vessel Registration Identification IMO 9074729.") for n in range(10, 20)
    )
    bad = ofac_row(1, "BAD DIGIT", remarks="Vessel Registration Identification IMO 9074720.")
    other = ofac_row(2, "REGISTER", remarks="Vessel Registration Identification RS 150443 (Russia).")
    snapshot = read_list("ofac", written(tmp_path, bad + other + good + "\x1a"), min_vessels=1)
    first, second = snapshot.designations[:2]
    assert (first.imo, first.raw_imo) == (None, "IMO 9074720")
    assert (second.imo, second.raw_imo) == (None, "RS 150443 (Russia)")
    assert (snapshot.notes["imo_invalid"], snapshot.notes["imo_missing"]) == (1, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        (ofac_row(), "0x1A"),
        (ofac_row()[:60] + "\x1a", "columns|unexpected end"),
        (ofac_row() + "1,2,3\r\n\x1a", r"sdn.csv:2: 3 columns"),
        (ofac_row() + ofac_row() + "\x1a", "sdn.csv:2: entry number 1 stands twice"),
        (ofac_row(kind="spaceship") + "\x1a", "'spaceship'"),
        (ofac_row(name="-0- ") + "\x1a", "no name"),
        (ofac_row(grt='"many"') + "\x1a", "'many'"),
        (ofac_row(remarks="no numbers here") + "\x1a", "layout has changed"),
        (ofac_row(kind="individual") + "\x1a", "0 vessels are fewer"),
        (ofac_row().encode("utf-16"), "not UTF-8"),
        (ofac_row(name="caf\u00e9").encode("latin-1") + b"\x1a", "sdn.csv:1: byte 0xe9"),
    ],
)
def test_ofac_refuses_what_it_does_not_understand(tmp_path: Path, text: str | bytes, says: str) -> None:
    """Empty, cut, shifted, doubled, recoded or emptied files raise with file, row and value."""
    with pytest.raises(ListError, match=says):
        read_list("ofac", written(tmp_path, text), min_vessels=1)


def test_floor(tmp_path: Path) -> None:
    """One vessel is a valid file and no valid OFAC list."""
    with pytest.raises(ListError, match="1 vessels are fewer than the 200"):
        read_list("ofac", written(tmp_path, ofac_row() + "\x1a"))


TABLE = """list,kind,entry,name,aliases,imo,mmsi,callsign,flag,former_flags,ship_type,designated_on,delisted_on
mine,,1,INVENTED ONE,OLD ONE; OLDER ONE,IMO 9074729,445114000;572469210,HMXW,North Korea,Tuvalu,Oil Tanker,2018-03-30,
mine,,2,"IMO 8814275 (""WRAPPED"")",,,,,,,,,2020-01-01
mine,class,C,DPRK VESSELS,,,,,PRK,,,2017-01-01,
"""


def test_table(tmp_path: Path) -> None:
    """The generic form fills every field, unwraps names and knows classes."""
    one, two, rule = read_list("table", written(tmp_path, "\ufeff" + TABLE, "mine.csv")).designations
    assert (one.list, one.imo, one.mmsis) == ("mine", 9074729, (445114000, 572469210))
    assert one.names == ("INVENTED ONE", "OLD ONE", "OLDER ONE")
    assert (one.flags, one.former_flags, one.designated_on) == (("PRK", "TUV"), ("TUV",), "2018-03-30")
    assert (two.names, two.imo, two.delisted_on) == (("WRAPPED",), 8814275, "2020-01-01")
    assert (rule.kind, rule.flags, rule.imo) == ("class", ("PRK",), None)


def test_table_list_name_from_the_file(tmp_path: Path) -> None:
    """Without a column `list` the file's name is the list's."""
    path = written(tmp_path, "entry,name\n1,A SHIP\n", "Port Ban 2024.csv")
    assert read_list("table", path).list == "port-ban-2024"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("entry,name,colour\n1,A,red\n", "list.csv:1: column 'colour'"),
        ("entry,name,name\n1,A,B\n", "'name' stands twice"),
        ("name\nA\n", "'entry' is missing"),
        ("entry,name\n1\n", "list.csv:2: 1 cells"),
        ("entry,name\n1,\n", "list.csv:2: name is empty"),
        ("entry,name\n,A\n", "entry is empty"),
        ("entry,name\n1,A\n\n1,B\n", "list.csv:4: entry '1' stands twice"),
        ("entry,name,imo\n1,A,ninety\n", "imo 'ninety'"),
        (f"entry,name,imo\n1,A,{'9' * 5000}\n", "is not a number"),
        ("entry,name,mmsi\n1,A,273######\n", "mmsi '273######'"),
        ("entry,name,flag\n1,A,Atlantis\n", "flag 'Atlantis'"),
        ("entry,name,designated_on\n1,A,30/03/2018\n", "'30/03/2018' is not a date"),
        ("entry,name,gross_tonnage\n1,A,-5\n", "'-5'"),
        ("entry,name,kind\n1,A,fleet\n", "'fleet'"),
        ("entry,name,kind\n1,A,class\n", "a class needs a flag"),
        ("list,entry,name\na,1,A\nb,2,B\n", "one file, one list"),
        ("list,entry,name\n../x,1,A\n", "'../x' is not a name"),
        ("entry,name\n", "0 vessels are fewer"),
        ('entry,name\n1,"A\n', "unexpected end"),
        ("entry,name\n1,A\x00\n", "zero byte"),
    ],
)
def test_table_refuses_with_line_and_value(tmp_path: Path, text: str, says: str) -> None:
    """The first thing that is not as described stops the reading and is named."""
    with pytest.raises(ListError, match=says.replace("[", r"\[")):
        read_list("table", written(tmp_path, text, "list.csv"))


def test_a_table_may_designate_all_ships_of_a_company(tmp_path: Path) -> None:
    """A class is told by a flag or by a company IMO number."""
    text = "entry,kind,name,owner,owner_imo\nC1,class,SHIPS OF INVENTED CO,INVENTED CO,5434358\n"
    (entry,) = read_list("table", written(tmp_path, text, "own.csv")).designations
    assert (entry.kind, entry.flags, entry.companies[0].imo) == ("class", (), 5434358)


def test_table_counts_company_numbers(tmp_path: Path) -> None:
    """A company's number under `imo` never becomes a ship's."""
    snapshot = read_list("table", written(tmp_path, "entry,name,imo\n1,A SHIP,5434358\n2,B SHIP,9074720\n", "x.csv"))
    assert [d.imo for d in snapshot.designations] == [None, None]
    assert [d.raw_imo for d in snapshot.designations] == ["5434358", "9074720"]
    assert (snapshot.notes["imo_of_company"], snapshot.notes["imo_invalid"]) == (1, 1)


def zipped(*files: tuple[str, bytes]) -> bytes:
    """A zip archive of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


def test_compression_does_not_change_a_version(tmp_path: Path) -> None:
    """Plain, gzip, zip and zstandard of the same list are one snapshot."""
    raw = TABLE.encode()
    forms = [raw, gzip.compress(raw), zstandard.ZstdCompressor().compress(raw), zipped(("l.csv", raw))]
    read = [read_list("table", written(tmp_path, form, f"f{n}.csv")) for n, form in enumerate(forms)]
    assert len({(s.id, s.designations) for s in read}) == 1


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress, lambda raw: zipped(("z", raw))])
def test_bombs_and_broken_archives_are_refused(pack: object) -> None:
    """Expansion stops at the bound, and a cut archive is named as such."""
    packed = pack(bytes(3_000_000))  # type: ignore[operator]
    assert len(decompress_bounded(packed, "x", 4_000_000)) == 3_000_000
    with pytest.raises(ListError, match="expands beyond"):
        decompress_bounded(packed, "x", 1_000_000)
    with pytest.raises(ListError, match="broken or ends early"):
        decompress_bounded(packed[: len(packed) // 2], "x")


@pytest.mark.parametrize(("place", "local"), [(6, None), (10, 8)])
def test_an_archive_of_an_unknown_kind_is_refused(tmp_path: Path, place: int, local: int | None) -> None:
    """A version or a method of compression that is not known here is told as a fault of the archive."""
    raw = bytearray(zipped(("list.csv", b"entry,name\n")))
    raw[raw.rfind(b"PK\x01\x02") + place] = 99
    if local is not None:
        raw[local] = 99
    file = written(tmp_path, bytes(raw), "list.zip")
    for kind in ("table", "ofac", "australia"):
        with pytest.raises(ListError, match=r"list.zip: .*(9\.9|not packed with deflate)"):
            read_list(kind, file)


def test_an_archive_of_two_files_is_no_list() -> None:
    """Which of two files is the list is not guessed."""
    with pytest.raises(ListError, match="holds 2 files"):
        decompress_bounded(zipped(("a", b"1"), ("b", b"2")), "x.zip")


def test_unknown_kind_missing_file_and_no_pdf(tmp_path: Path) -> None:
    """The kinds are named in the message; a file that is not there, or not a PDF, is said to be so."""
    with pytest.raises(ListError, match=r"known: ofac, .*un1718.*, table"):
        read_list("nato", tmp_path / "x")
    with pytest.raises(ListError, match="cannot be read"):
        read_list("table", tmp_path / "x")
    with pytest.raises(ListError, match="is not a PDF"):
        read_list("un1718", written(tmp_path, b"hello"))
    with pytest.raises(ListError, match=r"cannot be read as PDF|no table"):
        read_list("un1718", written(tmp_path, b"%PDF-1.7 and nothing"))
    assert {"ofac", "un1718", "table"} < set(KINDS)
