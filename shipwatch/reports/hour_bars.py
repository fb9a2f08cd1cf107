"""How many positions came in from the area in each hour of the period, as 24 bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from shipwatch.reports.chart_frame import svg, text

WIDTH, HEIGHT = 300.0, 58.0
STYLE = (
    ".bar{fill:#5c7f99}.none{fill:none;stroke:#a3161f;stroke-width:.7}.label{fill:#33414b}"
    ".base{stroke:#5b6670;stroke-width:.7}"
)
HOUR_US = 3_600_000_000


def hour_bars(hours: Sequence[int], start_us: int) -> str:
    """The bars as SVG; an hour in which nothing came from the area is an empty red box."""
    wide, base, high = (WIDTH - 8) / 24, HEIGHT - 14, HEIGHT - 26
    most = max(max(hours, default=0), 1)
    body = [text(4, 8, f"Positions received an hour (most: {most if any(hours) else 0:,})", 7.5, "start", "label")]
    for number, count in enumerate(hours):
        x = 4 + number * wide
        if count:
            tall = max(1.2, high * count / most)
            at = f'x="{x + 0.8:.1f}" y="{base - tall:.1f}"'
            body.append(f'<rect class="bar" {at} width="{wide - 1.6:.1f}" height="{tall:.1f}"/>')
        else:
            body.append(
                f'<rect class="none" x="{x + 1.2:.1f}" y="{base - 8:.1f}" width="{wide - 2.4:.1f}" height="7.4"/>'
            )
        if number % 6 == 0:
            hour = datetime.fromtimestamp((start_us + number * HOUR_US) // 1_000_000, tz=UTC)
            body.append(text(x + 0.8, HEIGHT - 4, f"{hour:%H:%M}Z", 7, "start", "label"))
    body.append(f'<line class="base" x1="4" y1="{base:g}" x2="{WIDTH - 4:g}" y2="{base:g}"/>')
    empty = sum(not count for count in hours)
    return svg(
        "hours", WIDTH, HEIGHT, STYLE, "".join(body), f"Positions received in each hour; {empty} of 24 hours empty"
    )
