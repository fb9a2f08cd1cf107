"""The publishers of the lists that have a reader: title, licence and cautions, quoted wherever an entry is.

Licences are as the publishers state them on the pages named; where none was found, the licence says so in words.
"""

from __future__ import annotations

from alerts.list_source import ListSource

_TERMS = "the publisher's terms"

SOURCES: dict[str, ListSource] = {
    source.list: source
    for source in (
        ListSource(
            "ofac", "Specially Designated Nationals and Blocked Persons List", "US Treasury, OFAC",
            "public domain (work of the US government)", "https://sanctionslist.ofac.treas.gov/Home/SdnList",
        ),
        ListSource(
            "un1718", "1718 Designated Vessels List", "UN Security Council, 1718 Committee",
            "United Nations terms of use",
            "https://main.un.org/securitycouncil/en/sanctions/1718/materials/1718-Designated-Vessels-List",
        ),
        ListSource(
            "un_consolidated", "United Nations Security Council Consolidated List", "UN Security Council",
            "United Nations terms of use", "https://main.un.org/securitycouncil/en/content/un-sc-consolidated-list",
            note="lists persons and companies, no ships",
        ),
        ListSource(
            "eu_vessels", "EU designated vessels (Annex XLII of Reg. 833/2014, Annexes XIII to XV of Reg. 2017/1509)",
            "European Union", "reuse with credit (Decision 2011/833/EU)", "https://www.sanctionsmap.eu",
        ),
        ListSource(
            "eu_fsf", "Consolidated list of persons, groups and entities subject to EU financial sanctions",
            "European Commission", "reuse with credit (Decision 2011/833/EU)",
            "https://data.europa.eu/data/datasets/consolidated-list-of-persons-groups-and-entities-subject-to-eu-financial-sanctions",
        ),
        ListSource(
            "uk", "UK Sanctions List", "UK Foreign, Commonwealth and Development Office",
            "Open Government Licence v3.0", "https://www.gov.uk/government/publications/the-uk-sanctions-list",
        ),
        ListSource(
            "australia", "DFAT Consolidated List", "Australian Department of Foreign Affairs and Trade",
            "Creative Commons Attribution",
            "https://www.dfat.gov.au/international-relations/security/sanctions/consolidated-list",
        ),
        ListSource(
            "canada", "Consolidated Canadian Autonomous Sanctions List", "Global Affairs Canada",
            "Open Government Licence - Canada",
            "https://www.international.gc.ca/world-monde/international_relations-relations_internationales/sanctions/consolidated-consolide.aspx",
        ),
        ListSource(
            "switzerland", "SECO sanctions list", "Swiss State Secretariat for Economic Affairs", _TERMS,
            "https://www.seco.admin.ch/sanctions",
        ),
        ListSource(
            "japan_mof", "Targets of asset freezing", "Japanese Ministry of Finance",
            "Government of Japan standard terms of use", "https://www.mof.go.jp/policy/international_policy/gaitame_kawase/gaitame/economic_sanctions/list.html",
            "ja", note="lists persons and companies, no ships",
        ),
        ListSource(
            "opensanctions", "OpenSanctions", "OpenSanctions", "CC BY-NC 4.0", "https://www.opensanctions.org",
            legal_designation=False, non_commercial=True,
            note="a compilation: the designation stands in the lists that the entry names",
        ),
        ListSource(
            "opensanctions_maritime", "OpenSanctions maritime", "OpenSanctions", "CC BY-NC 4.0",
            "https://www.opensanctions.org/datasets/maritime/", legal_designation=False, non_commercial=True,
            note="a compilation: the designation stands in the lists that the entry names",
        ),
        ListSource(
            "gur", "War and Sanctions: ships", "Defence Intelligence of Ukraine (GUR)", _TERMS,
            "https://war-sanctions.gur.gov.ua/en/transport/ships", legal_designation=False,
            note="findings of a state's intelligence service",
        ),
        ListSource(
            "port_bans", "Port State control bans and detentions", "a port State control authority", _TERMS,
            "https://parismou.org", legal_designation=False, note="concerns the safety of the ship, not sanctions",
        ),
    )
}  # fmt: skip


def source_of(list_name: str) -> ListSource:
    """The publisher's particulars of a list; for one without a reader here, its name alone.

    >>> source_of("gur").cautions
    ('not a legal designation', "findings of a state's intelligence service")
    >>> source_of("our-own").credit
    'our-own'
    """
    return SOURCES.get(list_name) or ListSource(list_name, list_name)
