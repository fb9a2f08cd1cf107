"""Distance and speed against time around one meeting, as one drawing with two panels over a common clock."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decoders.reports import PositionReports
from shipwatch.reports.chart_frame import svg, text
from shipwatch.reports.track_map import SHIP_COLOURS, ship_mark
from shipwatch.reports.track_pieces import OBSERVED_US, distances, thinned

WIDTH, HEIGHT = 340.0, 176.0
LEFT, RIGHT, TOP = 34.0, 8.0, 12.0
DISTANCE_H, SPEED_H, BETWEEN = 78.0, 46.0, 16.0
ENTER_M = 500.0
HOUR_US = 3_600_000_000
STYLE = (
    ".grid{stroke:#d5dde3;stroke-width:.5}.label{fill:#33414b}.axis{fill:none;stroke:#5b6670;stroke-width:.7}"
    ".met{fill:#0b5c9e;fill-opacity:.10}.bound{stroke:#0b5c9e;stroke-width:.6;stroke-dasharray:2 2}"
    ".apart{fill:none;stroke:#222;stroke-width:1.1;stroke-linejoin:round}.guess{stroke-dasharray:4 2.5;stroke-width:.9}"
    ".enter{stroke:#a3161f;stroke-width:.7;stroke-dasharray:5 3}.red{fill:#a3161f}.dot{fill:#222}"
    ".title{fill:#111;font-weight:700}"
    ".speed{fill:none;stroke-width:.7;stroke-linejoin:round}"
)
_FONT = 7.5

Floats = NDArray[np.float64]
Clock = Callable[[ArrayLike], Floats]
"""Microseconds to units from the left."""
_CLOCK_STEPS_H = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48)


def meeting_plot(
    a: PositionReports, b: PositionReports, letters: tuple[str, str], ats: tuple[int, int], start_us: int, end_us: int,
    around_us: int,
) -> str:  # fmt: skip
    """The plot as SVG: metres apart (logarithmic) and speed over ground (knots), the meeting shaded.

    Whole lines join instants at which both were heard within 15 minutes; dashed ones are inferred over up to 2 hours;
    nothing is drawn across longer silences.
    """
    first, last = start_us - around_us, max(end_us, start_us + 60_000_000) + around_us

    def x(when: ArrayLike) -> Floats:
        return LEFT + (np.asarray(when, float) - first) * (WIDTH - LEFT - RIGHT) / (last - first)

    bottom = TOP + DISTANCE_H + BETWEEN + SPEED_H
    met_a, met_b = (float(np.clip(x(when), LEFT, WIDTH - RIGHT)) for when in (start_us, end_us))
    body = [f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#fff"/>']
    for top, high in ((TOP, DISTANCE_H), (TOP + DISTANCE_H + BETWEEN, SPEED_H)):
        body.append(f'<rect class="met" x="{met_a:.1f}" y="{top:g}" width="{met_b - met_a:.1f}" height="{high:g}"/>')
    body += _clock(first, last, x, bottom)
    thin_a, thin_b = (thinned(rows.take((rows.time_us >= first) & (rows.time_us <= last))) for rows in (a, b))
    body += _apart(thin_a, thin_b, x)
    body += _speeds(((thin_a, letters[0], ats[0]), (thin_b, letters[1], ats[1])), x)
    for at in (met_a, met_b):
        body.append(f'<line class="bound" x1="{at:.1f}" y1="{TOP:g}" x2="{at:.1f}" y2="{bottom:g}"/>')
    return svg("plot", WIDTH, HEIGHT, STYLE, "".join(body), "Distance between the ships and their speeds against time")


def _clock(first: int, last: int, x: Clock, bottom: float) -> list[str]:
    hours = (last - first) / HOUR_US
    step = next((step for step in _CLOCK_STEPS_H if hours / step <= 9), _CLOCK_STEPS_H[-1])
    step_us = int(step * HOUR_US)
    made = []
    for when in range(-(-first // step_us) * step_us, last + 1, step_us):
        at = float(x(when))
        instant = datetime.fromtimestamp(when // 1_000_000, tz=UTC)
        made.append(f'<line class="grid" x1="{at:.1f}" y1="{TOP:g}" x2="{at:.1f}" y2="{bottom:g}"/>')
        if LEFT + 6 < at < WIDTH - 14:
            made.append(text(at, bottom + 10, f"{instant:%H:%M}", _FONT, "middle", "label"))
            if made and (instant.hour == 0 and instant.minute == 0):
                made.append(text(at, bottom + 19, f"{instant.day} {instant:%b}", _FONT, "middle", "label"))
    opened = datetime.fromtimestamp(first // 1_000_000, tz=UTC)
    made.append(text(LEFT, bottom + 19, f"{opened.day} {opened:%b %Y}, UTC", _FONT, "start", "label"))
    return made


def _apart(a: PositionReports, b: PositionReports, x: Clock) -> list[str]:
    times, metres, guessed = distances(a, b)
    metres = np.maximum(metres, 1.0)
    low, high = 10.0, 10_000.0
    if metres.size:
        low = 10.0 ** math.floor(math.log10(min(low, float(metres.min())) + 1e-9)) if metres.min() < low else low
        high = min(1e6, max(high, 10.0 ** math.ceil(math.log10(float(metres.max())))))

    def y(value: ArrayLike) -> Floats:
        share = (np.log10(np.asarray(value, float)) - math.log10(low)) / (math.log10(high) - math.log10(low))
        return np.asarray(TOP + DISTANCE_H * (1 - np.clip(share, 0, 1)))

    made = [text(LEFT, TOP - 3.5, "Distance between antennas", _FONT, "start", "title")]
    for power in range(round(math.log10(low)), round(math.log10(high)) + 1):
        at, value = float(y(10.0**power)), 10.0**power
        made.append(f'<line class="grid" x1="{LEFT:g}" y1="{at:.1f}" x2="{WIDTH - RIGHT:g}" y2="{at:.1f}"/>')
        name = f"{value:g} m" if value < 1000 else f"{value / 1000:g} km"
        made.append(text(LEFT - 3, at + 2.6, name, _FONT, "end", "label"))
    enter = float(y(ENTER_M))
    made.append(f'<line class="enter" x1="{LEFT:g}" y1="{enter:.1f}" x2="{WIDTH - RIGHT:g}" y2="{enter:.1f}"/>')
    made.append(text(WIDTH - RIGHT - 2, enter - 2, "500 m", 6.5, "end", "red"))
    xs, ys = x(times).tolist(), y(metres).tolist()
    whole: list[str] = []
    for at in range(1, len(xs)):
        if times[at] - times[at - 1] > 2 * HOUR_US:
            continue
        rough = guessed[at] or guessed[at - 1] or times[at] - times[at - 1] > OBSERVED_US
        line = f"M{xs[at - 1]:.1f} {ys[at - 1]:.1f}L{xs[at]:.1f} {ys[at]:.1f}"
        if rough:
            made.append(f'<path class="apart guess" d="{line}"/>')
        else:
            whole.append(line)
    if whole:
        made.append(f'<path class="apart" d="{"".join(whole)}"/>')
    if len(xs) <= 60:
        made += [f'<circle class="dot" cx="{a:.1f}" cy="{b:.1f}" r="1.1"/>' for a, b in zip(xs, ys, strict=True)]
    if not xs:
        made.append(text((LEFT + WIDTH) / 2, TOP + DISTANCE_H / 2, "not both heard at one time", 9, "middle", "label"))
    made.append(
        f'<rect class="axis" x="{LEFT:g}" y="{TOP:g}" width="{WIDTH - LEFT - RIGHT:g}" height="{DISTANCE_H:g}"/>'
    )
    return made


def _speeds(ships: Sequence[tuple[PositionReports, str, int]], x: Clock) -> list[str]:
    top = TOP + DISTANCE_H + BETWEEN
    known = [rows.take(np.isfinite(rows.sog_kn)) for rows, _, _ in ships]
    fastest = max([4.0, *(float(rows.sog_kn.max()) for rows in known if len(rows))])
    high = next(value for value in (4, 8, 12, 16, 20, 30, 40, 60, 103) if fastest <= value)
    made = [text(LEFT, top - 3.5, "Speed over ground", _FONT, "start", "title")]
    for value in (0, high / 4, high / 2, 3 * high / 4, high):
        at = top + SPEED_H * (1 - value / high)
        made.append(f'<line class="grid" x1="{LEFT:g}" y1="{at:.1f}" x2="{WIDTH - RIGHT:g}" y2="{at:.1f}"/>')
        if value in (0, high / 2, high):
            made.append(text(LEFT - 3, at + 2.6, f"{value:g} kn", _FONT, "end", "label"))
    for rows, (_, letter, at_ship) in zip(known, ships, strict=True):
        colour = SHIP_COLOURS[at_ship % len(SHIP_COLOURS)]
        xs = x(rows.time_us).tolist()
        ys = (top + SPEED_H * (1 - np.clip(rows.sog_kn.astype(float) / high, 0, 1))).tolist()
        near = np.diff(rows.time_us) <= OBSERVED_US
        joined = [f"M{xs[k]:.1f} {ys[k]:.1f}L{xs[k + 1]:.1f} {ys[k + 1]:.1f}" for k in np.flatnonzero(near).tolist()]
        if joined:
            made.append(f'<path class="speed" stroke="{colour}" d="{"".join(joined)}"/>')
        every = max(1, len(xs) // 60)
        made += [ship_mark(xs[k], ys[k], at_ship, colour, 1.4) for k in range(0, len(xs), every)]
        key_x = WIDTH - RIGHT - 70 + 36 * [letter for _, letter, _ in ships].index(letter)
        made.append(ship_mark(key_x, top - 6, at_ship, colour, 2.2))
        made.append(text(key_x + 5, top - 3.5, f"ship {letter}", _FONT, "start", "label"))
    made.append(f'<rect class="axis" x="{LEFT:g}" y="{top:g}" width="{WIDTH - LEFT - RIGHT:g}" height="{SPEED_H:g}"/>')
    return made
