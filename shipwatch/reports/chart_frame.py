"""The frame of a drawn map: Mercator, bounds that fit it, grid lines with labels, a scale bar. Units are SVG units."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geofences.sphere import METRES_PER_NM

HIGHEST_LAT_DEG = 84.0
METRES_PER_DEGREE = 60 * METRES_PER_NM
_STEPS_MINUTES = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_BARS_NM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

Floats = NDArray[np.float64]

_STYLED = re.compile(r"\.([a-z]+)\{")
_CLASSED = re.compile(r'class="([a-z ]+)"')


@dataclass(frozen=True, slots=True)
class Frame:
    """West, south, east, north in degrees (east may pass 180) on ``width`` x ``height`` units, y downwards."""

    west: float
    south: float
    east: float
    north: float
    width: float
    height: float

    @classmethod
    def around(
        cls,
        bounds: tuple[float, float, float, float],
        width: float,
        height: float,
        *,
        least_m: float,
        pad: float = 0.08,
    ) -> Frame:
        """The frame that holds the bounds with a margin, spans at least ``least_m``, and has the shape of the paper."""
        west, south, east, north = bounds
        south, north = max(south, -HIGHEST_LAT_DEG), min(north, HIGHEST_LAT_DEG)
        if east < west:
            east += 360.0
        middle_y, middle_x = (_mercator(south) + _mercator(north)) / 2, (west + east) / 2
        least = least_m / METRES_PER_DEGREE / max(0.1, math.cos(math.radians(_latitude(middle_y))))
        tall = max((_mercator(north) - _mercator(south)) * (1 + 2 * pad), least * min(1.0, height / width))
        wide = max((east - west) * (1 + 2 * pad), least * min(1.0, width / height))
        wide, tall = max(wide, tall * width / height), max(tall, wide * height / width)
        if wide > 360.0:
            wide, tall = 360.0, 360.0 * height / width
        low, high = middle_y - tall / 2, middle_y + tall / 2
        limit = _mercator(HIGHEST_LAT_DEG)
        if high > limit:
            low, high = low - (high - limit), limit
        if low < -limit:
            low, high = -limit, min(limit, high - (low + limit))
        return cls(middle_x - wide / 2, _latitude(low), middle_x + wide / 2, _latitude(high), width, height)

    def xy(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> tuple[Floats, Floats]:
        """Units from the upper left corner; longitudes are taken on the turn that is nearest to the frame's middle."""
        middle = (self.west + self.east) / 2
        lon = middle + (np.asarray(lon_deg, float) - middle + 180.0) % 360.0 - 180.0
        return self.xy_on_turn(lat_deg, lon)

    def xy_on_turn(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> tuple[Floats, Floats]:
        """The same with longitudes as they are, so that a line across the frame's far side is not torn."""
        lat = np.clip(np.asarray(lat_deg, float), -HIGHEST_LAT_DEG, HIGHEST_LAT_DEG)
        x = (np.asarray(lon_deg, float) - self.west) * self.width / (self.east - self.west)
        top, bottom = _mercator(self.north), _mercator(self.south)
        y = (top - np.degrees(np.arctanh(np.sin(np.radians(lat))))) * self.height / (top - bottom)
        return x, y

    @property
    def metres_per_unit(self) -> float:
        """On the ground, in the middle of the frame."""
        lat = _latitude((_mercator(self.north) + _mercator(self.south)) / 2)
        return (self.east - self.west) * METRES_PER_DEGREE * math.cos(math.radians(lat)) / self.width

    def grid(self, font: float = 7.5) -> str:
        """Grid lines and their labels, as SVG."""
        step_x = _step((self.east - self.west) * 60, self.width / 85)
        step_y = _step((self.north - self.south) * 60, self.height / 70)
        parts: list[str] = []
        for minutes in _ticks(self.west * 60, self.east * 60, step_x):
            x = float(self.xy_on_turn(0, minutes / 60)[0])
            parts.append(f'<line class="grid" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{self.height:g}"/>')
            if 24 < x < self.width - 24:
                label = degrees_label((minutes / 60 + 180) % 360 - 180, "E", "W", step_x)
                parts.append(text(x, self.height - 3.5, label, font, "middle", "label"))
        for minutes in _ticks(self.south * 60, self.north * 60, step_y):
            y = float(self.xy_on_turn(minutes / 60, 0)[1])
            parts.append(f'<line class="grid" x1="0" y1="{y:.1f}" x2="{self.width:g}" y2="{y:.1f}"/>')
            if 12 < y < self.height - 14:
                parts.append(text(3, y - 2, degrees_label(minutes / 60, "N", "S", step_y), font, "start", "label"))
        return "".join(parts)

    def scale_bar(self, font: float = 7.5) -> str:
        """A bar of a round number of nautical miles in the lower right corner, as SVG."""
        fits = [miles for miles in _BARS_NM if miles * METRES_PER_NM / self.metres_per_unit <= self.width * 0.28]
        miles = fits[-1] if fits else _BARS_NM[0]
        length = miles * METRES_PER_NM / self.metres_per_unit
        x2, y = self.width - 8, self.height - 16
        box = (
            f'<rect class="plate" x="{x2 - length - 4:.1f}" y="{y - 12:.1f}" width="{length + 8:.1f}" height="16"/>'
            f'<path class="bar" d="M{x2 - length:.1f} {y - 3:.1f}v3h{length:.1f}v-3"/>'
        )
        return box + text(x2 - length / 2, y - 4, f"{miles:g} nm", font, "middle", "label")


def text(x: float, y: float, words: str, size: float, anchor: str, kind: str) -> str:
    """One line of text, escaped, as SVG."""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'


def svg(kind: str, width: float, height: float, style: str, body: str, words: str) -> str:
    """A whole SVG document with its alternative text; no script, no address but the name of the SVG language.

    Its class names get ``kind`` before them: drawings that stand in one page do not paint one another.
    """
    style = _STYLED.sub(rf".{kind}-\1{{", style)
    body = _CLASSED.sub(lambda found: f'class="{" ".join(f"{kind}-{name}" for name in found[1].split())}"', body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(words)}" font-family="DejaVu Sans, Verdana, sans-serif" font-stretch="condensed">'
        f"<style>{style}</style>{body}</svg>"
    )


def degrees_label(value: float, positive: str, negative: str, step_minutes: float) -> str:
    """A grid line's name: whole degrees, or degrees and minutes where the grid is finer.

    >>> degrees_label(-117.5, "E", "W", 30), degrees_label(31, "N", "S", 60)
    ("117°30'W", '31°N')
    """
    minutes = round(abs(value) * 60, 1)
    side = positive if value > 0 else negative if value < 0 else ""
    if value in (180.0, -180.0):
        side = ""
    degrees, rest = divmod(minutes, 60)
    if step_minutes >= 60:
        return f"{degrees:.0f}°{side}"
    return f"{degrees:.0f}°{rest:04.1f}'{side}" if step_minutes < 1 else f"{degrees:.0f}°{rest:02.0f}'{side}"


def _mercator(lat_deg: float) -> float:
    lat = math.radians(min(max(lat_deg, -HIGHEST_LAT_DEG), HIGHEST_LAT_DEG))
    return math.degrees(math.atanh(math.sin(lat)))


def _latitude(y_deg: float) -> float:
    return math.degrees(math.asin(math.tanh(math.radians(y_deg))))


def _step(span_minutes: float, most: float) -> float:
    return next((step for step in _STEPS_MINUTES if span_minutes / step <= most), _STEPS_MINUTES[-1])


def _ticks(low: float, high: float, step: float) -> list[float]:
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
