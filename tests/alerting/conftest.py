"""Small lists in the publishers' layouts, made here of invented ships: what the readers' tests read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import openpyxl
import pytest

UK_COLUMNS = (
    "Last Updated", "Unique ID", "OFSI Group ID", "UN Reference Number", "Name 6", "Name 1", "Name 2", "Name 3",
    "Name 4", "Name 5", "Name type", "Alias strength", "Title", "Name non-latin script", "Non-latin script type",
    "Non-latin script language", "Regime Name", "Designation Type", "Designation source", "Sanctions Imposed",
    "Other Information", "UK Statement of Reasons", "Address Line 1", "Address Line 2", "Address Line 3",
    "Address Line 4", "Address Line 5", "Address Line 6", "Address Postal Code", "Address Country", "Phone number",
    "Website", "Email address", "Date Designated", "D.O.B", "Nationality(/ies)", "National Identifier number",
    "National Identifier additional information", "Passport number", "Passport additional information", "Position",
    "Gender", "Town of birth", "Country of birth", "Type of entity", "Subsidiaries", "Parent company",
    "Business registration number (s)", "IMO number", "Current owner/operator (s)", "Previous owner/operator (s)",
    "Current believed flag of ship", "Previous flags", "Type of ship", "Tonnage of ship", "Length of ship",
    "Year Built", "Hull identification number (HIN)",
)  # fmt: skip
AU_COLUMNS = (
    "Reference", "Name of Individual or Entity", "Type", "Name Type", "Alias Strength", "Date of Birth",
    "Place of Birth", "Citizenship", "Address", "Additional Information", "Listing Information", "IMO Number",
    "Committees", "Control Date", "Instrument of Designation", "Targeted Financial Sanction", "Travel Ban",
    "Arms Embargo", "Maritime Restriction",
)  # fmt: skip


def ship_imo(n: int) -> int:
    """The n-th valid ship IMO number from 8000003 on."""
    base = 800000 + n
    return base * 10 + sum(int(d) * w for d, w in zip(str(base), (7, 6, 5, 4, 3, 2), strict=True)) % 10


def company_imo(n: int) -> int:
    """The n-th valid company IMO number that is no ship's."""
    for base in range(543000, 600000):
        digit = (11 - sum(int(d) * w for d, w in zip(str(base), (8, 6, 4, 2, 9, 7), strict=True)) % 11) % 10
        if base * 10 + digit != ship_imo(base - 800000):
            n -= 1
            if n < 0:
                return base * 10 + digit
    raise ValueError(n)


def csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as a CSV file."""
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue().encode()


def xlsx_bytes(rows: Iterable[Sequence[object]], title: str = "Sheet1") -> bytes:
    """Rows as a workbook of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def uk_row(n: int, **cells: str) -> list[str]:
    """One row of the UK's CSV: a ship, unless told otherwise."""
    given = {
        "Unique ID": f"RUS{n:04}", "Name 6": f"INVENTED {n}", "Name type": "Primary Name", "Designation Type": "Ship",
        "Regime Name": "The Invented Regulations", "Sanctions Imposed": "Shipping sanctions",
        "Date Designated": "17/10/2024", "IMO number": f"IMO{ship_imo(n)}",
    } | cells  # fmt: skip
    return [given.get(column, "") for column in UK_COLUMNS]


def uk_csv(count: int, *more: list[str]) -> bytes:
    """The UK's CSV."""
    rows = csv_bytes([UK_COLUMNS, *(uk_row(n) for n in range(count)), *more])
    return b"Report Date: 11-Sep-2026\r\n" + rows


def uk_xml(count: int, more: str = "") -> bytes:
    """The UK's XML."""
    one = (
        "<Designation><DateDesignated>17/10/2024</DateDesignated><UniqueID>RUS{n:04}</UniqueID><Names><Name><Name6>"
        "INVENTED {n}</Name6><NameType>Primary Name</NameType></Name></Names><RegimeName>The Invented Regulations"
        "</RegimeName><IndividualEntityShip>Ship</IndividualEntityShip><ShipDetails><Ship><IMONumbers><IMONumber>"
        "{imo}</IMONumber></IMONumbers></Ship></ShipDetails></Designation>"
    )
    body = "".join(one.format(n=n, imo=ship_imo(n)) for n in range(count))
    return f"<Designations><DateGenerated>11/09/2026</DateGenerated>{body}{more}</Designations>".encode()


def sdn_csv(count: int) -> bytes:
    """OFAC's SDN.CSV."""
    row = (
        '{n},"INVENTED {n}","vessel","TEST",-0- ,-0- ,"Tanker",-0- ,-0- ,"Iran",-0- ,'
        '"Vessel Registration Identification IMO {imo}."\r\n'
    )
    return ("".join(row.format(n=n, imo=ship_imo(n)) for n in range(1, count + 1)) + "\x1a").encode()


def sdn_xml(count: int, more: str = "") -> bytes:
    """OFAC's SDN.XML."""
    one = (
        "<sdnEntry><uid>{n}</uid><lastName>INVENTED {n}</lastName><sdnType>Vessel</sdnType><programList><program>TEST"
        "</program></programList><idList><id><uid>1</uid><idType>Vessel Registration Identification</idType><idNumber>"
        "IMO {imo}</idNumber></id></idList></sdnEntry>"
    )
    body = "".join(one.format(n=n, imo=ship_imo(n)) for n in range(1, count + 1))
    return (
        '<?xml version="1.0"?><sdnList xmlns="urn:invented"><publshInformation><Publish_Date>07/02/2024</Publish_Date>'
        f"<Record_Count>{count}</Record_Count></publshInformation>{body}{more}</sdnList>"
    ).encode()


ADVANCED_SETS = (
    "<ReferenceValueSets><PartySubTypeValues><PartySubType ID='1' PartyTypeID='4'>Vessel</PartySubType><PartySubType "
    "ID='3' PartyTypeID='2'>Unknown</PartySubType></PartySubTypeValues><ScriptValues><Script ID='215'>Latin</Script>"
    "<Script ID='220'>Cyrillic</Script></ScriptValues><IDRegDocTypeValues><IDRegDocType ID='1626'>Vessel Registration "
    "Identification</IDRegDocType><IDRegDocType ID='91264'>MMSI</IDRegDocType><IDRegDocType ID='1571'>Passport"
    "</IDRegDocType></IDRegDocTypeValues><FeatureTypeValues><FeatureType ID='3'>VESSEL FLAG</FeatureType><FeatureType "
    "ID='24'>Former Vessel Flag</FeatureType><FeatureType ID='2'>VESSEL TYPE</FeatureType><FeatureType ID='1'>Vessel "
    "Call Sign</FeatureType><FeatureType ID='6'>Vessel Gross Registered Tonnage</FeatureType></FeatureTypeValues>"
    "<DetailReferenceValues><DetailReference ID='705'>Crude Oil Tanker</DetailReference></DetailReferenceValues>"
    "<EntryEventTypeValues><EntryEventType ID='1'>Created</EntryEventType><EntryEventType ID='2'>Modified"
    "</EntryEventType></EntryEventTypeValues><SanctionsTypeValues><SanctionsType ID='1'>Program</SanctionsType>"
    "<SanctionsType ID='2'>Block</SanctionsType></SanctionsTypeValues><RelationTypeValues><RelationType ID='15003'>"
    "Owned or Controlled By</RelationType></RelationTypeValues></ReferenceValueSets>"
)


def sdn_advanced(
    count: int, documents: str = "", parties: str = "", after: str = "", padding: int = 0
) -> Iterable[str]:
    """OFAC's SDN_ADVANCED.XML in pieces; ``padding`` other parties of 1.2 kB or so stand before the vessels."""
    yield (
        "<?xml version='1.0'?><Sanctions xmlns='urn:invented:ADVANCED_XML'><DateOfIssue><Year>2024</Year>"
        f"<Month>7</Month><Day>2</Day></DateOfIssue>{ADVANCED_SETS}<Locations/><IDRegDocuments>"
    )
    for n in range(1, count + 1):
        yield (
            f"<IDRegDocument ID='{n}' IDRegDocTypeID='1626' IdentityID='{9000 + n}'><IDRegistrationNo>IMO {ship_imo(n)}"
            "</IDRegistrationNo></IDRegDocument>"
        )
    yield f"{documents}</IDRegDocuments><DistinctParties>"
    feature = "<Feature><FeatureVersion><VersionDetail>detail</VersionDetail></FeatureVersion></Feature>"
    for n in range(padding):
        yield (
            f"<DistinctParty FixedRef='{10**6 + n}'><Comment>{'x' * 200}</Comment><Profile ID='{10**6 + n}' "
            f"PartySubTypeID='3'><Identity ID='{2 * 10**6 + n}'><Alias Primary='true' LowQuality='false'>"
            f"<DocumentedName><DocumentedNamePart><NamePartValue ScriptID='215'>COMPANY {n}</NamePartValue>"
            "</DocumentedNamePart>"
            f"</DocumentedName></Alias></Identity>{feature * 8}"
            "</Profile></DistinctParty>\n"
        )
    for n in range(1, count + 1):
        yield (
            f"<DistinctParty FixedRef='{n}'><Profile ID='{n}' PartySubTypeID='1'><Identity ID='{9000 + n}'><Alias "
            "Primary='true' LowQuality='false'><DocumentedName><DocumentedNamePart><NamePartValue ScriptID='215'>"
            f"INVENTED {n}</NamePartValue></DocumentedNamePart></DocumentedName></Alias></Identity></Profile>"
            "</DistinctParty>"
        )
    yield f"{parties}</DistinctParties><SanctionsEntries>"
    for n in range(1, count + 1):
        yield (
            f"<SanctionsEntry ID='{n}' ProfileID='{n}'><EntryEvent EntryEventTypeID='1'><Date><Year>2018</Year><Month>3"
            "</Month><Day>4</Day></Date></EntryEvent><SanctionsMeasure SanctionsTypeID='1'><Comment>TEST</Comment>"
            "</SanctionsMeasure></SanctionsEntry>"
        )
    yield f"{after}</SanctionsEntries></Sanctions>"


def canada_xml(count: int, more: str = "", bilingual: bool = False) -> bytes:
    """Canada's list, in either layout of element names."""
    names = ("EntityOrShip", "TitleOrShip", "ShipIMONumber", "Schedule", "Item", "DateOfListing", "Country")
    tags = {name: name for name in names}
    if bilingual:
        tags = {
            "EntityOrShip": "EntityOrShip-EntiteOuNavire", "TitleOrShip": "TitleOrShipType-TitreOuTypeDeNavire",
            "ShipIMONumber": "ShipIMONumber-NumeroOMIDuNavire", "Schedule": "Schedule-Annexe",
            "Item": "Item-NumeroDarticle", "DateOfListing": "DateOfListing-DateDinscription", "Country": "Country-Pays",
        }  # fmt: skip
    body = ""
    for n in range(count):
        values = (f"INVENTED {n}", "Oil Tanker", ship_imo(n), "1.1", n + 1, "2025-02-21", "Russia / Russie")
        cells = (f"<{tags[name]}>{value}</{tags[name]}>" for name, value in zip(names, values, strict=True))
        body += f"<record>{''.join(cells)}</record>"
    return f"<data-set>{body}{more}</data-set>".encode()


def seco_xml(count: int, more: str = "") -> bytes:
    """Switzerland's list."""
    one = (
        '<target ssid="{n}"><sanctions-set-id>77</sanctions-set-id><object object-type="vessel"><identity main="true">'
        '<name name-type="primary-name"><name-part order="1"><value>INVENTED {n}</value></name-part></name></identity>'
        "<other-information>IMO Number: {imo}</other-information></object>"
        '<modification modification-type="listed" effective-date="2016-05-18"/></target>'
    )
    body = "".join(one.format(n=n, imo=ship_imo(n)) for n in range(1, count + 1))
    head = (
        '<sanctions-program><program-key lang="eng">Invented</program-key><sanctions-set ssid="77" lang="eng">a'
        "</sanctions-set></sanctions-program>"
    )
    return f'<swiss-sanctions-list date="2026-08-27">{head}{body}{more}</swiss-sanctions-list>'.encode()


def fsf_xml(count: int, more: str = "") -> bytes:
    """The EU's financial sanctions."""
    one = (
        '<sanctionEntity euReferenceNumber="EU.{n}" logicalId="{n}"><regulation programme="PRK" '
        'regulationType="regulation" entryIntoForceDate="2017-08-12"/><subjectType code="enterprise"/>'
        '<nameAlias wholeName="Invented {n}" '
        'strong="true"/><identification identificationTypeCode="imo" number="{imo}"/></sanctionEntity>'
    )
    body = "".join(one.format(n=n, imo=ship_imo(n)) for n in range(count))
    head = '<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-05-08T16:00:00Z">'
    return f"{head}{body}{more}</export>".encode()


def un_xml(count: int) -> bytes:
    """The UN's consolidated list: companies with their own IMO numbers."""
    one = "<ENTITY><FIRST_NAME>COMPANY {n}</FIRST_NAME><COMMENTS1>Company IMO number: {imo}.</COMMENTS1></ENTITY>"
    body = "".join(one.format(n=n, imo=company_imo(n)) for n in range(count))
    head = '<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09Z"><ENTITIES>'
    return f"{head}{body}</ENTITIES></CONSOLIDATED_LIST>".encode()


def ftm_lines(count: int, *more: dict[str, object]) -> bytes:
    """FollowTheMoney entities."""
    vessels = [
        {"id": f"v{n}", "schema": "Vessel", "caption": f"INVENTED {n}",
         "properties": {"name": [f"INVENTED {n}"], "imoNumber": [f"IMO{ship_imo(n)}"], "topics": ["sanction"]}}
        for n in range(count)
    ]  # fmt: skip
    return "\n".join(json.dumps(entity) for entity in [*vessels, *more]).encode() + b"\n"


Layout = Callable[[int], bytes]

LAYOUTS: dict[str, Layout] = {
    "ofac": sdn_csv,
    "ofac_xml": sdn_xml,
    "ofac_advanced": lambda count: "".join(sdn_advanced(count)).encode(),
    "un_consolidated": un_xml,
    "eu_vessels": lambda count: xlsx_bytes(
        [["No", "Vessel name", "IMO number", "Date of application"]]
        + [[n, f"Invented {n}", f"0{ship_imo(n)}", "2024-12-17"] for n in range(count)]
    ),
    "eu_fsf": fsf_xml,
    "uk": uk_csv,
    "uk_xml": uk_xml,
    "australia": lambda count: xlsx_bytes(
        [AU_COLUMNS]
        + [
            [str(8000 + n), f"INVENTED {n}", "Vessel", "Primary Name", *[""] * 7, str(ship_imo(n)),
             "Autonomous (Vessels)", "2025-06-18", "Autonomous Sanctions Designation 2025", "false", "false", "false",
             "true"]
            for n in range(count)
        ]
    ),
    "canada": canada_xml,
    "switzerland": seco_xml,
    "japan_mof": lambda count: xlsx_bytes(
        [["資産凍結等の措置の対象者"], ["告示日付", "番号"]]
        + [[str(n), f"COMPANY {n}", f"IMO番号：{company_imo(n)}"] for n in range(1, count + 1)]
    ),
    "opensanctions": lambda count: csv_bytes(
        [["id", "schema", "name", "aliases", "birth_date", "countries", "addresses", "identifiers", "sanctions",
          "dataset"]]
        + [[f"v{n}", "Vessel", f"Invented {n}", "", "", "", "", f"IMO{ship_imo(n)}", "EU", "eu"] for n in range(count)]
    ),
    "opensanctions_maritime": lambda count: csv_bytes(
        [["type", "caption", "imo", "risk", "countries", "flag", "mmsi", "id", "url", "datasets", "aliases"]]
        + [["VESSEL", f"INVENTED {n}", f"IMO{ship_imo(n)}", "sanction", "ru", "pa", "", f"v{n}", "", "us", ""]
           for n in range(count)]
    ),
    "ftm": ftm_lines,
    "gur": lambda count: csv_bytes(
        [["Vessel name (international according to IMO)", "IMO", "MMSI"]]
        + [[f"INVENTED {n}", ship_imo(n), ""] for n in range(count)]
    ),
    "port_bans": lambda count: csv_bytes(
        [["Ship name", "IMO number", "Flag", "Date of detention"]]
        + [[f"INVENTED {n}", ship_imo(n), "Panama", "12/03/2024"] for n in range(count)]
    ),
    "table": lambda count: csv_bytes(
        [["entry", "name", "imo"]] + [[str(n), f"INVENTED {n}", ship_imo(n)] for n in range(count)]
    ),
}  # fmt: skip
"""A list of so many invented ships (or companies, for the two that name no ships) in the layout of each kind."""


class Layouts:
    """What tests take from here, since test files cannot import each other."""

    files = LAYOUTS
    uk_row = staticmethod(uk_row)
    uk_csv = staticmethod(uk_csv)
    uk_xml = staticmethod(uk_xml)
    sdn_csv = staticmethod(sdn_csv)
    sdn_xml = staticmethod(sdn_xml)
    sdn_advanced = staticmethod(sdn_advanced)
    canada_xml = staticmethod(canada_xml)
    seco_xml = staticmethod(seco_xml)
    fsf_xml = staticmethod(fsf_xml)
    ftm_lines = staticmethod(ftm_lines)
    csv_bytes = staticmethod(csv_bytes)
    xlsx_bytes = staticmethod(xlsx_bytes)
    ship_imo = staticmethod(ship_imo)
    company_imo = staticmethod(company_imo)
    au_columns = AU_COLUMNS
    uk_columns = UK_COLUMNS


@pytest.fixture(scope="session")
def layouts() -> type[Layouts]:
    """The makers of lists."""
    return Layouts


@pytest.fixture
def list_file(tmp_path: Path) -> Callable[..., Path]:
    """Bytes as a file of this name in a folder of the test's own."""

    def write(content: bytes, name: str = "list") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write
