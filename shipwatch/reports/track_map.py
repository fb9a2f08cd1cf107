"""The map of one incident: both ships' tracks around the meeting, each told by its own line, mark and letter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shipwatch.reports.chart_frame import Floats, Frame, svg, text
from shipwatch.reports.coast_drawing import land_path
from shipwatch.reports.content import TrackPiece

WIDTH, HEIGHT = 300.0, 176.0
LEAST_M = 3_000.0
AROUND_US = 30 * 60_000_000
SHIP_COLOURS = ("#b85c00", "#0b5c9e", "#00735a", "#8a3c74", "#4d4d4d", "#7a6a00")
STYLE = (
    ".sea{fill:#eef4f8}.land{fill:#efe9dc;stroke:#9a9488;stroke-width:.4}.grid{stroke:#c3d2dc;stroke-width:.4}"
    ".label{fill:#33414b}.plate{fill:#fff;fill-opacity:.75}.bar{fill:none;stroke:#222;stroke-width:.9}"
    ".name{fill:#5b6670}.edge{fill:none;stroke:#5b6670;stroke-width:.8}.none{fill:#33414b}"
    ".line{fill:none;stroke-width:.9;stroke-linejoin:round}.met{fill:none;stroke-width:2.1;stroke-linejoin:round}"
    ".inferred{stroke-dasharray:5 2.5}.silent{stroke-dasharray:1.2 2.6}.here{fill:none;stroke:#111;stroke-width:1}"
)
_FONT = 7.5


def track_map(
    pieces: Sequence[TrackPiece], letters: Sequence[str], start_us: int, end_us: int, lat: float, lon: float
) -> str:
    """The map as SVG: thick during the meeting, dashed where inferred, dotted where silent; a cross where they met.

    Framed on the meeting and half an hour to either side; ``letters`` are the ships in order.
    """
    frame = Frame.around(_bounds(pieces, start_us, end_us, lat, lon), WIDTH, HEIGHT, least_m=LEAST_M, pad=0.12)
    body = [
        f'<rect class="sea" width="{WIDTH:g}" height="{HEIGHT:g}"/><path class="land" d="{land_path(frame)}"/>',
        frame.grid(_FONT),
    ]
    labelled: set[str] = set()
    lines: list[str] = []
    marks: list[str] = []
    for piece in pieces:
        at = list(letters).index(piece.letter)
        colour = SHIP_COLOURS[at % len(SHIP_COLOURS)]
        x, y = frame.xy(piece.lat_deg, piece.lon_deg)
        lines += _lines(piece, x, y, colour, start_us, end_us)
        for a, b, when in zip(x.tolist(), y.tolist(), piece.time_us, strict=True):
            if not (8 < a < WIDTH - 8 and 14 < b < HEIGHT - 22):
                continue
            if piece.letter not in labelled:
                labelled.add(piece.letter)
                marks.append(_flag(a, b, piece.letter, colour, at))
            if start_us <= when <= end_us and len(piece.time_us) <= 40:
                marks.append(ship_mark(a, b, at, colour, 1.7))
    x0, y0 = (float(value) for value in frame.xy(lat, lon))
    body += [*lines, *marks, f'<path class="here" d="M{x0 - 6:.1f} {y0:.1f}h12M{x0:.1f} {y0 - 6:.1f}v12"/>']
    if not pieces:
        body.append(text(WIDTH / 2, HEIGHT / 2 - 16, "no positions in the archive", 9, "middle", "none"))
    body += [frame.scale_bar(_FONT), text(WIDTH - 4, 10, "not for navigation", 6.5, "end", "name")]
    body.append(f'<rect class="edge" x=".4" y=".4" width="{WIDTH - 0.8:g}" height="{HEIGHT - 0.8:g}"/>')
    return svg("track", WIDTH, HEIGHT, STYLE, "".join(body), "Tracks around the meeting; not for navigation")


def ship_mark(x: float, y: float, at: int, colour: str, r: float) -> str:
    """The mark of the ship with that index: disc, square, diamond, triangle, then rings and crosses."""
    kind = at % 4
    paint = f'fill="{colour}"' if at < 4 else f'fill="#fff" stroke="{colour}" stroke-width=".7"'
    if kind == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" {paint}/>'
    if kind == 1:
        return f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r:.1f}" height="{2 * r:.1f}" {paint}/>'
    if kind == 2:
        d = 1.4 * r
        return f'<path d="M{x:.1f} {y - d:.1f}l{d:.1f} {d:.1f}l{-d:.1f} {d:.1f}l{-d:.1f} {-d:.1f}Z" {paint}/>'
    return f'<path d="M{x:.1f} {y - 1.3 * r:.1f}l{1.2 * r:.1f} {2.1 * r:.1f}h{-2.4 * r:.1f}Z" {paint}/>'


def _flag(x: float, y: float, letter: str, colour: str, at: int) -> str:
    """The ship's letter on a plate of its colour, beside the first position in the frame."""
    left = at % 2 == 0 if 24 < x < WIDTH - 24 else x >= WIDTH - 24
    a = x - 18 if left else x + 6
    b = y - 5.5 + 12 * (at // 2)
    return (
        ship_mark(x, y, at, colour, 2.6)
        + f'<rect x="{a:.1f}" y="{b:.1f}" width="12" height="11" rx="2" fill="{colour}"/>'
        f'<text x="{a + 6:.1f}" y="{b + 8.6:.1f}" font-size="8.5" font-weight="700" text-anchor="middle" fill="#fff">'
        f"{letter}</text>"
    )


def _lines(piece: TrackPiece, x: Floats, y: Floats, colour: str, start_us: int, end_us: int) -> list[str]:
    """The piece as SVG, its part within the meeting drawn thick over it."""
    if len(piece.time_us) < 2:
        return []
    kind = "" if piece.kind == "observed" else f" {piece.kind}"
    made = [f'<path class="line{kind}" stroke="{colour}" d="{_d(x, y)}"/>']
    times = np.asarray(piece.time_us)
    met = (times >= start_us) & (times <= end_us)
    if len(times) == 2 and piece.kind != "observed":
        met[:] = bool(met.any())
    if met.sum() > 1:
        made.append(f'<path class="met{kind}" stroke="{colour}" d="{_d(x[met], y[met])}"/>')
    return made


def _d(x: Floats, y: Floats) -> str:
    """A path; far outside the frame it is cut, so that no number grows without bound."""
    x, y = np.clip(x, -5 * WIDTH, 6 * WIDTH), np.clip(y, -5 * HEIGHT, 6 * HEIGHT)
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))


def _bounds(
    pieces: Sequence[TrackPiece], start_us: int, end_us: int, lat: float, lon: float
) -> tuple[float, float, float, float]:
    """What the ships covered from half an hour before to half an hour after, on the turn around the meeting."""
    lats, lons = [lat], [lon]
    for piece in pieces:
        for when, a, b in zip(piece.time_us, piece.lat_deg, piece.lon_deg, strict=True):
            if start_us - AROUND_US <= when <= end_us + AROUND_US:
                lats.append(a)
                lons.append(lon + (b - lon + 180.0) % 360.0 - 180.0)
    return min(lons), min(lats), max(lons), max(lats)
