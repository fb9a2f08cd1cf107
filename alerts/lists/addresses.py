"""Where the publishers put their lists: one public address for each form that can be fetched as it is."""

from __future__ import annotations

# Forms without an address here are published as pages, only to browsers, or in several files (OFAC's CSV).
ADDRESSES: dict[str, str] = {
    "ofac_xml": "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN.XML",
    "ofac_advanced": "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN_ADVANCED.XML",
    "un1718": "https://main.un.org/securitycouncil/sites/default/files/1718_designated_vessels_list_final.pdf",
    "un_consolidated": "https://scsanctions.un.org/resources/xml/en/consolidated.xml",
    "eu_vessels": "https://dk9q89lxhn3e0.cloudfront.net/EU+designated+vessels+consolidated.xlsx",
    "eu_fsf": "https://webgate.ec.europa.eu/fsd/fsf/public/files/xmlFullSanctionsList_1_1/content?token=dG9rZW4tMjAxNw",
    "uk": "https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.csv",
    "uk_xml": "https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.xml",
    "australia": "https://www.dfat.gov.au/sites/default/files/Australian_Sanctions_Consolidated_List.xlsx",
    "canada": "https://www.international.gc.ca/world-monde/assets/office_docs/international_relations-relations_internationales/sanctions/sema-lmes.xml",
    "switzerland": "https://www.sesam.search.admin.ch/sesam-search-web/pages/downloadXmlGesamtliste.xhtml?lang=en&action=downloadXmlGesamtlisteAction",
    "opensanctions_maritime": "https://data.opensanctions.org/datasets/latest/maritime/maritime.csv",
}
