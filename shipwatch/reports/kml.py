"""The summary as KML 2.2 for Google Earth and QGIS: incidents and tracks, each with its span of time."""

from __future__ import annotations

import re
from html import escape as escape_html

from shipwatch.event_frames import iso_z
from shipwatch.reports.content import LEVELS, IncidentEntry, Summary
from shipwatch.reports.geojson import split_at_180
from shipwatch.reports.records import incident_record

COLOURS = {"critical": "ff1f16a3", "warning": "ff00528a", "notice": "ff8f5c1d"}
"""aabbggrr, as KML writes colours."""
LINES = ("ff005cb8", "ff9e5c0b", "ff5a7300", "ff743c8a", "ff4d4d4d", "ff006a7a")

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def kml(summary: Summary) -> bytes:
    """The document; one folder of incidents, one of tracks. Refers to no icon or address outside itself."""
    made = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>',
        f"<name>{xml(summary.number + ' ' + summary.title)}</name>",
        f"<description>{_html(_about(summary))}</description>",
    ]
    for level in LEVELS:
        made.append(
            f'<Style id="{level}"><IconStyle><color>{COLOURS[level]}</color></IconStyle>'
            f"<LabelStyle><color>{COLOURS[level]}</color></LabelStyle></Style>"
        )
    for number, colour in enumerate(LINES):
        made.append(f'<Style id="ship{number}"><LineStyle><color>{colour}</color><width>2</width></LineStyle></Style>')
    made.append("<Folder><name>Incidents</name>")
    made += [_placemark(entry, summary) for entry in summary.incidents]
    made.append("</Folder><Folder><name>Tracks</name>")
    made += [line for entry in summary.incidents for line in _tracks(entry)]
    made.append("</Folder>\n</Document>\n</kml>\n")
    return "\n".join(made).encode("utf-8")


def xml(text: str) -> str:
    """Text as XML character data: what XML cannot carry is replaced, what it would read as markup is escaped.

    >>> xml("A<B>&\\x00")
    'A&lt;B&gt;&amp;\ufffd'
    """
    return escape_html(_NOT_XML.sub("\ufffd", text), quote=True)


def _html(text: str) -> str:
    """Plain text for an element that viewers show as HTML: escaped once for HTML, once for XML."""
    return xml(escape_html(text))


def _about(summary: Summary) -> str:
    return (
        f"{summary.marking}. {summary.period}, {summary.area}. From AIS, not verified by sight; not for navigation. "
        f"Suspected means: consistent with a ship-to-ship transfer, not proof of one."
    )


def _placemark(entry: IncidentEntry, summary: Summary) -> str:
    data = "".join(
        f'<Data name="{xml(name)}"><value>{xml(str(value))}</value></Data>'
        for name, value in incident_record(entry, summary).items()
        if value is not None and value != ""
    )
    return (
        f'<Placemark id="{xml(_identifier(entry.id))}">'
        f"<name>{xml(f'{entry.number} {entry.level}: {entry.title}')}</name>"
        f"<description>{_html(entry.finding + ' ' + entry.reading)}</description>"
        f"<TimeSpan><begin>{xml(entry.start)}</begin>{f'<end>{xml(entry.end)}</end>' if entry.end else ''}</TimeSpan>"
        f"<styleUrl>#{entry.level}</styleUrl><ExtendedData>{data}</ExtendedData>"
        f"<Point><coordinates>{entry.lon:.5f},{entry.lat:.5f}</coordinates></Point></Placemark>"
    )


def _tracks(entry: IncidentEntry) -> list[str]:
    made: list[str] = []
    ships = {ship.letter: (number, ship) for number, ship in enumerate(entry.ships)}
    for piece in entry.tracks:
        number, ship = ships[piece.letter]
        lines = split_at_180(piece)
        if not lines:
            continue
        shown = "".join(
            f"<LineString><tessellate>1</tessellate><coordinates>{' '.join(f'{x:.5f},{y:.5f}' for x, y in line)}"
            "</coordinates></LineString>"
            for line in lines
        )
        made.append(
            f"<Placemark><name>{xml(f'{entry.number}{piece.letter} {ship.called}, {piece.kind}')}</name>"
            f"<TimeSpan><begin>{iso_z(piece.time_us[0])}</begin><end>{iso_z(piece.time_us[-1])}</end></TimeSpan>"
            f"<styleUrl>#ship{number % len(LINES)}</styleUrl>"
            + (shown if len(lines) == 1 else f"<MultiGeometry>{shown}</MultiGeometry>")
            + "</Placemark>"
        )
    return made


def _identifier(text: str) -> str:
    """An XML name: letters, digits, dashes, not starting with a digit."""
    kept = re.sub(r"[^A-Za-z0-9_.-]", "-", text)
    return kept if kept[:1].isalpha() else f"i-{kept}"
