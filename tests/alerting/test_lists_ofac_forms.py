"""OFAC's other forms: files beside SDN.CSV, SDN.XML, and SDN_ADVANCED.XML with its dates, in flat memory."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alerts.designations import ListedCompany
from alerts.errors import ListError
from alerts.in_force import in_force
from alerts.lists import ListStore, diff_snapshots, read_list

Write = Callable[..., Path]

SDN = (
    '1,"INVENTED ONE","vessel","IRAN] [SDGT",-0- ,"5IM 592","Crude Oil Tanker",-0- ,"99,144","Iran","OWNER SA",'
    "\"Vessel Registration Identification IMO 9074729; a.k.a. 'WEAK ONE'; Linked To: BIG CO., LTD; MMSI 5724\"\r\n"
    '2,"COMPANY","-0- ","TEST",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Company."\r\n\x1a'
)
ALT = '1,11,"fka","OLDER ONE",-0- \r\n1,12,"aka","OTHER ONE",-0- \r\n2,13,"aka","CO",-0- \r\n\x1a'
ADD = '1,5,"Street 1","Town","Country",-0- \r\n\x1a'
COMMENTS = '1,"69210; Former Vessel Flag Malta; Vessel Year of Build 1998."\r\n\x1a'
FILES = {"sdn.csv": SDN, "alt.csv": ALT, "add.csv": ADD, "sdn_comments.csv": COMMENTS}


def zipped(files: dict[str, str], inside: str = "") -> bytes:
    """These files as a zip archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(inside + name, text)
    return made.getvalue()


def test_the_files_beside_the_list(tmp_path: Path, list_file: Write) -> None:
    """Other names, remarks that ran over, the owner and the links come to the vessel; a folder and a zip are one."""
    folder = tmp_path / "ofac"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name.upper()).write_text(text, encoding="utf-8", newline="")
    read = read_list("ofac", folder, min_vessels=1)
    (ship,) = read.designations
    assert ship.names == ("INVENTED ONE", "OLDER ONE", "OTHER ONE", "WEAK ONE") and ship.weak_names == ("WEAK ONE",)
    assert (ship.mmsis, ship.flags, ship.former_flags) == ((572469210,), ("IRN", "MLT"), ("MLT",))
    assert (ship.year_built, ship.gross_tonnage, ship.callsigns) == (1998, 99144, ("5IM 592",))
    assert ship.companies == (ListedCompany("owner", "OWNER SA"), ListedCompany("linked to", "BIG CO., LTD"))
    assert (read.notes["addresses"], read.notes["rows_not_vessels"]) == (1, 1)
    packed = list_file(zipped({name.upper(): text for name, text in FILES.items()}, "sdn/"), "ofac.zip")
    assert read_list("auto", packed, min_vessels=1).sha256 == read.sha256
    store = ListStore(tmp_path / "kept")
    with pytest.raises(ListError, match="1 vessels are fewer"):
        store.import_list("ofac", folder)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"alt.csv": ALT[:-1]}, "alt.csv: does not end with the mark 0x1A"),
        ({"alt.csv": '9,11,"fka","OLDER ONE",-0- \r\n\x1a'}, "entry 9 is not in SDN.CSV"),
        ({"alt.csv": "1,11\r\n\x1a"}, "alt.csv:1: 2 columns, not 5"),
        ({"sdn.csv": None}, "SDN.CSV is missing"),
        ({"readme.txt": "hello"}, "readme.txt is none of"),
        ({f"{n}.csv": "x" for n in range(20)}, "holds 24 files"),
    ],
)
def test_files_that_do_not_fit_are_refused(changed: dict[str, Any], says: str, list_file: Write) -> None:
    """A cut file, one of another date, one of another layout, and one that does not belong."""
    files = {name: text for name, text in (FILES | changed).items() if text is not None}
    with pytest.raises(ListError, match=says):
        read_list("ofac", list_file(zipped(files)), min_vessels=1)


FULL = (
    "<sdnEntry><uid>900</uid><lastName>INVENTED FULL</lastName><sdnType>Vessel</sdnType><remarks>(Linked To: BIG CO.)"
    "</remarks><programList><program>IRAN</program><program>SDGT</program></programList><idList>"
    "<id><idType>Vessel Registration Identification</idType><idNumber>IMO  9074729</idNumber></id>"
    "<id><idType>MMSI</idType><idNumber>572469210</idNumber></id><id><idType>Former Vessel Flag</idType><idNumber>Malta"
    "</idNumber></id><id><idType>Vessel Year of Build</idType><idNumber>1998</idNumber></id></idList><akaList><aka>"
    "<type>f.k.a.</type><category>strong</category><lastName>OLDER</lastName></aka><aka><type>a.k.a.</type><category>"
    "weak</category><lastName>WEAK</lastName></aka></akaList><vesselInfo><callSign>5IM 592</callSign><vesselType>Crude "
    "Oil Tanker</vesselType><vesselFlag>Iran</vesselFlag><vesselOwner>OWNER SA</vesselOwner><tonnage>300000</tonnage>"
    "<grossRegisteredTonnage>160000</grossRegisteredTonnage></vesselInfo></sdnEntry><sdnEntry><uid>901</uid><lastName>P"
    "</lastName><sdnType>Individual</sdnType></sdnEntry>"
)


def test_sdn_xml_in_full(layouts: Any, list_file: Write) -> None:
    """Every field of an entry, and the day of publication with its month first."""
    read = read_list("ofac_xml", list_file(layouts.sdn_xml(0, FULL)), min_vessels=1)
    (ship,) = read.designations
    assert read.published == "2024-07-02"
    assert (ship.list, ship.entry, ship.imo, ship.mmsis) == ("ofac", "900", 9074729, (572469210,))
    assert (ship.names, ship.weak_names) == (("INVENTED FULL", "OLDER", "WEAK"), ("WEAK",))
    assert (ship.flags, ship.former_flags, ship.callsigns) == (("IRN", "MLT"), ("MLT",), ("5IM 592",))
    assert (ship.gross_tonnage, ship.year_built, ship.programs) == (160000, 1998, ("IRAN", "SDGT"))
    assert ListedCompany("owner", "OWNER SA") in ship.companies


DOCUMENTS = (
    "<IDRegDocument IDRegDocTypeID='1626' IdentityID='777'><IDRegistrationNo>IMO 9074729</IDRegistrationNo>"
    "</IDRegDocument><IDRegDocument IDRegDocTypeID='91264' IdentityID='777'><IDRegistrationNo>572469210"
    "</IDRegistrationNo></IDRegDocument><IDRegDocument IDRegDocTypeID='1571' IdentityID='777'><IDRegistrationNo>9999"
    "</IDRegistrationNo></IDRegDocument>"
)
NAME = (
    "<Alias Primary='{p}' LowQuality='{low}'><DocumentedName><DocumentedNamePart><NamePartValue ScriptID='{script}'>"
    "{name}</NamePartValue></DocumentedNamePart></DocumentedName></Alias>"
)
PARTY = (
    "<DistinctParty FixedRef='555'><Profile ID='555' PartySubTypeID='1'><Identity ID='777'>"
    + NAME.format(p="true", low="false", script="220", name="ИНВЕНТ")
    + NAME.format(p="false", low="true", script="215", name="WEAK")
    + NAME.format(p="true", low="false", script="215", name="INVENT")
    + "</Identity><Feature FeatureTypeID='3'><FeatureVersion><VersionDetail>Iran</VersionDetail></FeatureVersion>"
    "</Feature><Feature FeatureTypeID='24'><FeatureVersion><VersionDetail>Malta</VersionDetail></FeatureVersion>"
    "</Feature><Feature FeatureTypeID='2'><FeatureVersion><VersionDetail DetailReferenceID='705'/></FeatureVersion>"
    "</Feature><Feature FeatureTypeID='1'><FeatureVersion><VersionDetail>5IM 592</VersionDetail></FeatureVersion>"
    "</Feature><Feature FeatureTypeID='6'><FeatureVersion><VersionDetail>160,000</VersionDetail></FeatureVersion>"
    "</Feature></Profile></DistinctParty><DistinctParty FixedRef='556'><Profile ID='556' PartySubTypeID='3'><Identity "
    "ID='778'>" + NAME.format(p="true", low="false", script="215", name="BIG CO") + "</Identity></Profile>"
    "</DistinctParty>"
)
DATE = "<Date><Year>{}</Year><Month>{}</Month><Day>{}</Day></Date>"
ENTRY = (
    "<SanctionsEntry ProfileID='555'><EntryEvent EntryEventTypeID='2'>" + DATE.format(2010, 1, 1) + "</EntryEvent>"
    "<EntryEvent EntryEventTypeID='1'>"
    + DATE.format(2018, 9, 6)
    + "</EntryEvent><SanctionsMeasure SanctionsTypeID='1'>"
    "<Comment>IRAN</Comment></SanctionsMeasure><SanctionsMeasure SanctionsTypeID='2'><Comment>note</Comment>"
    "</SanctionsMeasure></SanctionsEntry>"
)
RELATION = "<ProfileRelationship From-ProfileID='555' To-ProfileID='556' RelationTypeID='15003' Former='false'/>"


def advanced(layouts: Any, **parts: str) -> bytes:
    """The advanced form of one vessel, with parts replaced."""
    given = {"documents": DOCUMENTS, "parties": PARTY, "after": ENTRY + RELATION} | parts
    return "".join(layouts.sdn_advanced(0, **given)).encode()


def test_sdn_advanced_in_full(layouts: Any, list_file: Write) -> None:
    """Five sections are joined by their numbers, types are told by label, the Latin name stands first."""
    read = read_list("ofac_advanced", list_file(advanced(layouts)), min_vessels=1)
    (ship,) = read.designations
    assert (read.published, ship.entry, ship.designated_on) == ("2024-07-02", "555", "2018-09-06")
    assert (ship.names, ship.weak_names) == (("INVENT", "ИНВЕНТ", "WEAK"), ("WEAK",))
    assert (ship.imo, ship.mmsis, ship.callsigns) == (9074729, (572469210,), ("5IM 592",))
    assert (ship.flags, ship.former_flags, ship.ship_type) == (("IRN", "MLT"), ("MLT",), "Crude Oil Tanker")
    assert (ship.gross_tonnage, ship.programs) == (160000, ("IRAN",))
    assert ship.companies == (ListedCompany("owner", "BIG CO"),)
    assert read.notes["rows_not_vessels"] == 1


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"after": ""}, "a vessel without a SanctionsEntry"),
        ({"parties": PARTY + PARTY}, "stands twice"),
        ({"parties": "", "after": ""}, "no DistinctParty"),
        ({"documents": DOCUMENTS + DOCUMENTS.replace("9074729", "8814275")}, "two IMO numbers"),
    ],
)
def test_sections_that_contradict_are_refused(parts: dict[str, str], says: str, layouts: Any, list_file: Write) -> None:
    """A vessel without entry, twice, with two numbers, or nobody at all."""
    with pytest.raises(ListError, match=says):
        read_list("ofac_advanced", list_file(advanced(layouts, **parts)), min_vessels=0)


def test_labels_come_first(layouts: Any, list_file: Write) -> None:
    """Without the reference values no type is guessed."""
    text = advanced(layouts).decode()
    cut = text[: text.index("<ReferenceValueSets")] + text[text.index("</ReferenceValueSets>") + 21 :]
    with pytest.raises(ListError, match="stands before the ReferenceValueSets"):
        read_list("ofac_advanced", list_file(cut.encode()), min_vessels=1)


def test_one_list_in_three_forms(layouts: Any, list_file: Write, tmp_path: Path) -> None:
    """Versions of the three forms are versions of one list; what the CSV does not date, the advanced form does."""
    store = ListStore(tmp_path / "lists")
    first = store.import_list("ofac", list_file(layouts.sdn_csv(210), "a.csv"), "2024-01-01")
    assert in_force(store.current().designations[0], "2020-01-01") == "unknown"
    second = store.import_list("ofac_xml", list_file(layouts.sdn_xml(212), "b.xml"))
    text = "".join(layouts.sdn_advanced(212)).encode()
    third = store.import_list("auto", list_file(text, "c.xml"), "2024-08-01")
    assert [r.kind for r in store.records()] == ["ofac", "ofac_xml", "ofac_advanced"]
    assert len(diff_snapshots(first, second).additions) == 2 and not diff_snapshots(first, second).removals
    assert not diff_snapshots(second, third).additions
    ship = store.current().designations[0]
    assert [in_force(ship, day) for day in ("2018-03-03", "2018-03-04")] == ["designated_after", "designated_at_event"]
    assert ListStore(tmp_path / "lists").current().designations == store.current().designations


# VmHWM and not ru_maxrss: that one carries the peak of the process that started this one.
MEASURED = """
import sys
from alerts.lists import ListStore
store = ListStore(sys.argv[2])
snapshot = store.import_list("ofac_advanced", sys.argv[1])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(len(snapshot.designations), int(peak.split()[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is asked in Linux's units")
def test_a_large_file_in_little_memory(layouts: Any, tmp_path: Path) -> None:
    """120 MB of SDN_ADVANCED are imported, kept and compressed within 200 MB of memory, all told."""
    path = tmp_path / "advanced.xml"
    with path.open("w", encoding="utf-8") as file:
        for piece in layouts.sdn_advanced(1500, padding=97_000):
            file.write(piece)
    assert path.stat().st_size > 120 * 10**6
    command = [sys.executable, "-c", MEASURED, str(path), str(tmp_path / "lists")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    ships, megabytes = map(int, done.stdout.split())
    assert ships == 1500
    assert megabytes < 200, f"{megabytes} MB"
