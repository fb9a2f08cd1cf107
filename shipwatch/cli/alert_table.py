"""Alerts as people read them on a terminal: one row each, gravest first, with why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerts.lead_grading import fact_text
from shipwatch.event_frames import iso_z

if TYPE_CHECKING:
    from alerts.incident import Alert, Match, Party
    from shipwatch.replay import ReplayResult

STYLES = {"critical": "bold red", "warning": "bold yellow", "notice": "cyan"}
PIPED_WIDTH = 160
REASONS_SHOWN = 5
FACTS_SHOWN = 4
LEAD_NAMES = {
    "dark_meeting": ("possible meeting while silent", "possible meetings while silent"),
    "loitering": ("ship loitering", "ships loitering"), "identity": ("identity lead", "identity leads"),
    "spoofing": ("position lead", "position leads"), "outage": ("outage of reception", "outages of reception"),
    "sighting": ("sighting", "sightings"),
}  # fmt: skip


def out(*, stderr: bool = False) -> Console:
    """A console that colours only on a terminal and not under NO_COLOR; wide where the output is a pipe or a file."""
    console = Console(stderr=stderr, highlight=False, emoji=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, emoji=False, width=PIPED_WIDTH)


def alert_table(alerts: Sequence[Alert], place_of: dict[str, str], limit: int | None = None) -> Table:
    """Gravest first, then highest score, then earliest. ``place_of`` maps alert id to where it is in words.

    Withdrawn alerts are left out. Names come from the air: they are printed as text, never as markup or control codes.
    """
    ranks = {name: rank for rank, name in enumerate(STYLES)}
    standing = [alert for alert in alerts if alert.state != "withdrawn"]
    ordered = sorted(
        standing, key=lambda a: (ranks.get(a.severity, len(ranks)), -a.score, a.incident.start_us, a.id)
    )  # fmt: skip
    table = Table(show_lines=True, pad_edge=False)
    table.add_column("Severity", no_wrap=True)
    table.add_column("When (UTC), where", ratio=3)
    table.add_column("Parties and lists", ratio=4)
    table.add_column("Meeting", ratio=3)
    table.add_column("Why", ratio=5)
    for alert in ordered[:limit]:
        table.add_row(
            Text(f"{alert.severity}\nscore {alert.score}", style=STYLES.get(alert.severity, "")),
            Text(_when(alert) + "\n" + plain(", ".join(alert.incident.zones) or place_of.get(alert.id, ""))),
            Text("\n".join([*map(_party, alert.incident.parties), *map(_match, alert.matches)])),
            Text(_meeting(alert)),
            Text(_why(alert)),
        )
    return table


def counts_text(result: ReplayResult) -> str:
    """What became of every line and row, in three lines."""
    counts = result.counts()
    lines: dict[str, int] = counts["lines"]
    refused = {kind.removeprefix("refused:"): n for kind, n in lines.items() if kind.startswith("refused:")}
    levels = [
        f"{sum(a.severity == level and a.state != 'withdrawn' for a in result.alerts)} {level}" for level in STYLES
    ]
    withdrawn = sum(alert.state == "withdrawn" for alert in result.alerts)
    text = [
        f"Alerts: {', '.join(levels)}" + (f", {withdrawn} withdrawn" if withdrawn else "")
        + f". Found: {len(result.rendezvous)} meetings of two ships, {len(result.gaps)} gaps in transmission"
        + _leads_text(result) + ".",
        f"Read: {len(result.inputs)} inputs, {sum(lines.values()):,} lines, {result.positions:,} positions, "
        f"{result.statics:,} static reports in {sum(result.seconds.values()):.1f} s.",
        f"Refused lines: {_counts(refused)}. Refused by the engine: {_counts(result.refused)}.",
    ]  # fmt: skip
    return "\n".join(text)


def _leads_text(result: ReplayResult) -> str:
    kinds = Counter(item.kind for item in result.leads if item.withdrawn_reason is None)
    return "".join(f", {n} {LEAD_NAMES.get(kind, (kind, kind))[n != 1]}" for kind, n in sorted(kinds.items()))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n:,} {kind}" for kind, n in sorted(counts.items(), key=lambda p: (-p[1], p[0]))) or "none"


def plain(text: str) -> str:
    """The text with every character that is not printable as `?` (a newline in a ship's name stays in its cell)."""
    return "".join(c if c.isprintable() else "?" for c in text)


def duration(seconds: int) -> str:
    """Hours and minutes, cut and not rounded, as in the alert's own sentences.

    >>> duration(15_300), duration(540), duration(0), duration(2_879)
    ('4 h 15', '9 min', '0', '47 min')
    """
    hours, minutes = divmod(max(0, seconds) // 60, 60)
    if hours:
        return f"{hours} h {minutes:02d}"
    return f"{minutes} min" if minutes else "0"


def _when(alert: Alert) -> str:
    start = iso_z(alert.incident.start_us)
    day, clock = start[:10], start[11:16]
    if alert.incident.end_us is None:
        return f"{day} {clock} - ongoing"
    end = iso_z(alert.incident.end_us)
    return f"{day} {clock} - {'' if end[:10] == day else end[5:10] + ' '}{end[11:16]}"


def _party(party: Party) -> str:
    known = [party.flag or "flag ?", f"IMO {party.imo}" if party.imo else f"MMSI {party.mmsi}"]
    attending = ", attending" if party.role == "attending" else ""
    return plain(f"{party.name or 'name not sent'} ({', '.join(known)}{attending})")


def _match(match: Match) -> str:
    listed = f" {match.listed_name}" if match.listed_name else ""
    cautions = f" ({'; '.join(match.source.cautions)})" if match.source is not None and match.source.cautions else ""
    return plain(f"> {match.list} {match.entry}{listed}: {match.tier}, {match.when.replace('_', ' ')}{cautions}")


def _meeting(alert: Alert) -> str:
    incident = alert.incident
    if incident.kind != "rendezvous":
        facts = [
            f"{name.replace('_', ' ')}: {fact_text(name, value)}"
            for name, value in incident.facts
            if value not in (None, False)
        ]
        return "\n".join(map(plain, [incident.kind.replace("_", " "), *facts[:FACTS_SHOWN]]))
    lines = [f"observed {duration(incident.observed_s)}"]
    if incident.inferred_s:
        lines.append(f"inferred {duration(incident.inferred_s)}")
    if incident.dark_s:
        lines.append(f"dark {duration(incident.dark_s)}")
    if incident.median_distance_m is not None:
        lines.append(f"{incident.median_distance_m} m apart (least {incident.min_distance_m})")
    if incident.hull_gap_m is not None:
        lines.append(f"hulls {incident.hull_gap_m} m apart{', alongside' if incident.alongside else ''}")
    if incident.median_speed_kn is not None:
        lines.append(f"{incident.median_speed_kn:.1f} kn")
    return "\n".join(lines)


def _why(alert: Alert) -> str:
    weighty = sorted(alert.reasons, key=lambda reason: -abs(reason.weight))
    lines = [plain(f"{reason.weight:+d} {reason.text}") for reason in weighty[:REASONS_SHOWN]]
    return "\n".join(lines)
