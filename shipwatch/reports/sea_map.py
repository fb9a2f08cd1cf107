"""The map of the day: where the incidents are, numbered; the shape says the level, so that colour need not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geofences.ports import Ports
from shipwatch.reports.area import Area
from shipwatch.reports.chart_frame import Floats, Frame, svg, text
from shipwatch.reports.coast_drawing import land_path

WIDTH, HEIGHT = 300.0, 400.0
LEAST_M = 150_000.0
MOST_PORTS = 7
ENOUGH_LAND = 1500
"""Letters of the land's path: less is an islet or two."""
PADS = (0.08, 0.5, 1.2)
"""Margins, as shares of what is shown: wider ones are tried until there is land to find one's way by."""
WORLD = (-180.0, -60.0, 180.0, 75.0)

COLOURS = {"critical": "#a3161f", "warning": "#8a5200", "notice": "#1d5c8f"}
STYLE = (
    ".sea{fill:#e3edf4}.land{fill:#efe9dc;stroke:#9a9488;stroke-width:.4}.grid{stroke:#b4c6d2;stroke-width:.4}"
    ".label{fill:#33414b}.plate{fill:#fff;fill-opacity:.75}.bar{fill:none;stroke:#222;stroke-width:.9}"
    ".area{fill:#2a6f97;fill-opacity:.07;stroke:#2a6f97;stroke-width:.9;stroke-dasharray:4 2}"
    ".port{fill:#5b6670}.name{fill:#5b6670;font-style:normal}.edge{fill:none;stroke:#5b6670;stroke-width:.8}"
    ".leader{stroke:#333;stroke-width:.5}.number{fill:#fff;font-weight:700}"
    + "".join(f".{level}{{fill:{colour};stroke:#fff;stroke-width:.8}}" for level, colour in COLOURS.items())
)

_FONT = 7.5
_HALF = 6.6
_PLACES = [(0.0, 0.0)] + [
    (ring * 11.0 * math.cos(turn * math.pi / 8), ring * 11.0 * math.sin(turn * math.pi / 8))
    for ring in range(1, 14)
    for turn in range(16)
]


@dataclass(frozen=True, slots=True)
class Spot:
    """What stands on the map: the incident's number, level and position in degrees."""

    number: int
    level: str
    lat: float
    lon: float


def sea_map(spots: Sequence[Spot], area: Area, heard: tuple[float, float, float, float] | None) -> str:
    """The map as SVG, around the area, else around the incidents, else around what was heard, else of the world.

    Numbers that would lie on one another are moved aside, each with a line to its place.
    """
    bounds = _bounds(spots, area, heard)
    for pad in PADS:
        frame = Frame.around(bounds, WIDTH, HEIGHT, least_m=LEAST_M, pad=pad)
        land = land_path(frame)
        if len(land) >= ENOUGH_LAND:
            break
    body = [f'<rect class="sea" width="{WIDTH:g}" height="{HEIGHT:g}"/><path class="land" d="{land}"/>']
    body.append(frame.grid(_FONT))
    if area.polygon is not None:
        body.append(f'<path class="area" d="{_outline(area, frame)}"/>')
    taken: list[tuple[float, float, float, float]] = []
    markers = _markers(spots, frame, taken)
    body += [*_ports(frame, taken), *markers, frame.scale_bar(_FONT)]
    body.append(text(WIDTH - 4, 10, "not for navigation", 6.5, "end", "name"))
    body.append(f'<rect class="edge" x=".4" y=".4" width="{WIDTH - 0.8:g}" height="{HEIGHT - 0.8:g}"/>')
    where = f"{len(spots)} numbered incidents" if spots else "no incidents"
    return svg("sea", WIDTH, HEIGHT, STYLE, "".join(body), f"Map with {where}; not for navigation")


def marker(x: float, y: float, level: str, number: int | None = None, half: float = _HALF) -> str:
    """The shape of a level, with the number in it: triangle critical, square warning, disc notice."""
    if level == "critical":
        r = half * 1.42
        shape = f'<path class="{level}" d="M{x:.1f} {y - r:.1f}l{r * 0.98:.1f} {r * 1.62:.1f}h{-r * 1.96:.1f}Z"/>'
    elif level == "warning":
        side = f'width="{2 * half:.1f}" height="{2 * half:.1f}"'
        shape = f'<rect class="{level}" x="{x - half:.1f}" y="{y - half:.1f}" {side}/>'
    else:
        shape = f'<circle class="{level}" cx="{x:.1f}" cy="{y:.1f}" r="{half:.1f}"/>'
    if number is None:
        return shape
    size = half * (1.16 if number < 10 else 0.98 if number < 100 else 0.74)
    low = 0.5 if level == "critical" else 0.36
    return shape + text(x, y + size * low, str(number), size, "middle", "number")


def _bounds(
    spots: Sequence[Spot], area: Area, heard: tuple[float, float, float, float] | None
) -> tuple[float, float, float, float]:
    if area.polygon is not None:
        return _on_one_turn(*shapely.get_coordinates(area.polygon).T[::-1])
    if spots:
        return _on_one_turn(np.array([s.lat for s in spots]), np.array([s.lon for s in spots]))
    return heard or WORLD


def _on_one_turn(lat: Floats, lon: Floats) -> tuple[float, float, float, float]:
    """Bounds with the longitudes on the turn on which they span least: an area across 180 is not the whole world."""
    turned = lon % 360.0
    if np.ptp(turned) < np.ptp(lon):
        lon = turned
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def _outline(area: Area, frame: Frame) -> str:
    parts = []
    for ring in shapely.get_rings(area.polygon):
        lon, lat = shapely.get_coordinates(ring).T
        for turn in (-360.0, 0.0, 360.0):
            if lon.max() + turn < frame.west or lon.min() + turn > frame.east:
                continue
            x, y = frame.xy_on_turn(lat, lon + turn)
            parts.append("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True)) + "Z")
    return "".join(parts)


def _markers(spots: Sequence[Spot], frame: Frame, taken: list[tuple[float, float, float, float]]) -> list[str]:
    lines: list[str] = []
    shapes: list[str] = []
    for spot in spots:
        x, y = (float(value) for value in frame.xy(spot.lat, spot.lon))
        half = _HALF + 2.2
        for dx, dy in _PLACES:
            a, b = x + dx, y + dy
            if half <= a <= WIDTH - half and half + 8 <= b <= HEIGHT - half - 10 and _free(a, b, half, taken):
                break
        else:
            a, b = x, y
        taken.append((a - half, b - half, a + half, b + half))
        if (a, b) != (x, y):
            lines.append(f'<path class="leader" d="M{x:.1f} {y:.1f}L{a:.1f} {b:.1f}"/>')
            lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.3" fill="#333"/>')
        shapes.append(marker(a, b, spot.level, spot.number))
    return [*lines, *reversed(shapes)]


def _free(x: float, y: float, half: float, taken: Sequence[tuple[float, float, float, float]]) -> bool:
    return not any(
        x - half < east and x + half > west and y - half < south and y + half > north
        for west, north, east, south in taken
    )


def _ports(frame: Frame, taken: list[tuple[float, float, float, float]]) -> list[str]:
    """A few names to find one's way by: the largest ports whose names have room."""
    ports = Ports.shipped().ports
    x, y = frame.xy([port.lat for port in ports], [port.lon for port in ports])
    inside = np.flatnonzero((x > 6) & (x < WIDTH - 6) & (y > 16) & (y < HEIGHT - 26)).tolist()
    order = ("Large", "Medium", "Small", "Very Small")
    drawn: list[str] = []
    for number in sorted(inside, key=lambda n: (order.index(ports[n].size), ports[n].name))[:60]:
        a, b, wide = float(x[number]), float(y[number]), 3.6 * len(ports[number].name) + 8
        right = a + wide < WIDTH - 4
        box = (a - 3, b - 5, a + wide, b + 5) if right else (a - wide, b - 5, a + 3, b + 5)
        if box[0] < 4 or any(box[0] < t[2] and box[2] > t[0] and box[1] < t[3] and box[3] > t[1] for t in taken):
            continue
        taken.append(box)
        drawn.append(f'<circle class="port" cx="{a:.1f}" cy="{b:.1f}" r="1.4"/>')
        drawn.append(
            text(a + (4 if right else -4), b + 2.4, ports[number].name, 6.8, "start" if right else "end", "name")
        )
        if len(drawn) >= 2 * MOST_PORTS:
            break
    return drawn
