"""The engine's settings, every default with its unit, and the published rules of others as presets."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

MOST_FORMS = 4


@dataclass(frozen=True, slots=True)
class EngineRules:
    """Thresholds of clock, tracks, legs, contacts, rendezvous and gaps; distances in metres, times in seconds.

    ``forms`` is a list of (distance, duration) pairs, any of which suffices: in all, for a pair at ``enter_m``; in one
    go, for a nearer one, whose leave distance is in the same proportion. Raises ``ValueError`` naming the key and the
    value when a setting makes no sense.

    >>> EngineRules(enter_m=900.0)
    Traceback (most recent call last):
    ValueError: leave_m: 800.0 is less than enter_m 900.0
    """

    lateness_s: float = 120.0
    """How long the clock waits for reports that arrive out of order."""
    ahead_s: float = 60.0
    """A report further ahead of the receiver's clock than this is refused."""
    reach_kn: float = 30.0
    reach_sog_factor: float = 1.5
    reach_slack_s: float = 180.0
    reach_slack_m: float = 200.0
    """A fix belongs to a track if max(reach_kn, factor x SOG) x (dt + slack) + slack reaches it."""
    hull_fixes: int = 3
    hull_span_s: float = 3600.0
    """So many impossible fixes that agree within this span are another hull on the same MMSI."""
    forget_s: float = 2_592_000.0
    """A ship not heard for so long (event time) begins anew: neither its last fix nor its dimensions are kept."""
    observed_s: float = 900.0
    inferred_s: float = 7200.0
    slow_kn: float = 6.0
    """Legs up to ``observed_s`` are observed; up to ``inferred_s`` inferred where slow; longer ones are silent."""
    contact_slow_kn: float = 8.0
    straight_m: float = 10.0
    straight_s: float = 600.0
    """Observed fixes that one straight line or one place explains within so many metres are one leg, of this length at
    most ..."""
    still_s: float = 3600.0
    """... or of this one while a ship lies still: each such leg may be twice as long as the one before."""
    enter_m: float = 500.0
    leave_m: float = 800.0
    hole_s: float = 21600.0
    """The longest hole in transmission across which one meeting may go on, where both could have stayed."""
    rejoin_s: float = 0.0
    """Meetings of one pair no further apart than this are one, even where the ships were seen apart between (0: never;
    a gap rule of others' methods)."""
    span_counts: bool = False
    """Durations of ``forms`` are judged on end minus start, holes included, not on the time known to be together."""
    forms: tuple[tuple[float, float], ...] = field(default=((500.0, 1800.0),))
    sighting_span_s: float = 1800.0
    relative_kn: float = 1.0
    relative_share: float = 0.5
    """Their relative speed is at most ``relative_kn`` for this part of the meeting (0: no such rule)."""
    off_excluded_m: float = 0.0
    """Meetings are sought only so far from excluded water (ports, anchorages) ..."""
    off_shore_m: float = 0.0
    """... and so far from any shore."""
    median_speed_max_kn: float = 99.0
    alongside_gap_m: float = 30.0
    alongside_angle_deg: float = 20.0
    alongside_overlap: float = 1 / 3
    alongside_s: float = 900.0
    report_every_s: float = 1800.0
    """An ongoing meeting is told again after so much more of it, and not before it has lasted as long again."""
    loiter_kn: float = 2.0
    loiter_s: float = 14400.0
    """A ship no faster than this for so long, in watched water and in no port, loiters (carriers of Global Fishing
    Watch: 2 kn; Starboard: 2 kn, 4 h)."""
    gap_report_s: float = 14400.0
    reception_s: float = 86_400.0
    """For so long it is remembered who was heard where: silences and possible meetings are judged by that."""
    reception_m: float = 25_000.0
    """A silence is judged by what was heard of others within this distance of where the ship can have been."""
    outage_ships: int = 5
    """So many unrelated ships that fall silent within minutes in one region, and nearly all there, are an outage."""
    dark_dwell_s: float = 3600.0
    """A possible meeting while silent is told where both can have been in one place for so long."""
    dark_slow_kn: float = 4.0
    """A ship that is heard can take part in one only while no faster than this."""
    dark_likelihood: float = 0.9
    """Without a change of draught the silence itself must be this improbable for one that only reception explains."""
    draught_change_m: float = 0.5
    """A smaller change of draught is no sign of a transfer."""
    draught_shore_m: float = 10_000.0
    """A change of draught counts as made at sea where no position so near land or in a port came between."""

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, int | float) and not value >= 0:
                raise ValueError(f"{item.name}: {value} is not >= 0")
        for name in (
            "reach_kn", "observed_s", "slow_kn", "contact_slow_kn", "enter_m", "report_every_s", "straight_s",
            "forget_s",
        ):  # fmt: skip
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: {getattr(self, name)} is not > 0")
        if self.leave_m < self.enter_m:
            raise ValueError(f"leave_m: {self.leave_m} is less than enter_m {self.enter_m}")
        if self.inferred_s < self.observed_s:
            raise ValueError(f"inferred_s: {self.inferred_s} is less than observed_s {self.observed_s}")
        for name in ("reception_s", "reception_m", "dark_dwell_s", "outage_ships"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: {getattr(self, name)} is not > 0")
        if self.dark_likelihood > 1:
            raise ValueError(f"dark_likelihood: {self.dark_likelihood} is more than 1")
        if self.relative_share > 1:
            raise ValueError(f"relative_share: {self.relative_share} is more than 1")
        if self.forget_s < max(self.hole_s, self.gap_report_s, self.hull_span_s, self.rejoin_s):
            raise ValueError(f"forget_s: {self.forget_s} is less than hole_s, gap_report_s, hull_span_s or rejoin_s")
        if self.gap_report_s < self.inferred_s:
            raise ValueError(f"gap_report_s: {self.gap_report_s} is less than inferred_s {self.inferred_s}")
        if not 1 <= len(self.forms) <= MOST_FORMS:
            raise ValueError(f"forms: {len(self.forms)} (distance, duration) pairs are not 1 to {MOST_FORMS}")
        for distance_m, duration_s in self.forms:
            if not 0 < distance_m <= self.enter_m:
                raise ValueError(f"forms: distance {distance_m} is not within 0..enter_m {self.enter_m}")
            if not duration_s > 0:
                raise ValueError(f"forms: duration {duration_s} is not > 0")


PRESETS: dict[str, EngineRules] = {
    "shipwatch": EngineRules(),
    # Global Fishing Watch, technical documentation of encounters and the published product: within 500 m, 2 h from
    # first to last, median speed below 2 kn, 10 km and more from a coastal anchorage (here: from excluded water).
    # Positions less than 1 h apart are interpolated, whatever the speed between; pieces of a pair less than 4 h apart
    # are one encounter, whether the ships were silent or seen apart. No hysteresis, no relative speed. The 10-minute
    # grid, its cut at midnight UTC and the dead reckoning at its ends: benchmarks/events/gfw_grid_rule.py has them.
    "gfw": replace(
        EngineRules(),
        leave_m=500.0, inferred_s=3600.0, slow_kn=99.0, hole_s=0.0, rejoin_s=14400.0, span_counts=True,
        forms=((500.0, 7200.0),), sighting_span_s=0.0, relative_share=0.0, median_speed_max_kn=2.0,
        off_excluded_m=10_000.0,
    ),
    # Skylight, standard rendezvous (help pages): both within 250 m for more than 30 minutes. No gap rule is published:
    # positions more than 15 minutes apart do not count as together, and a break ends the event.
    "skylight": replace(
        EngineRules(),
        enter_m=250.0, leave_m=250.0, inferred_s=900.0, hole_s=0.0, forms=((250.0, 1800.0),), sighting_span_s=0.0,
        relative_share=0.0,
    ),
    # Starboard, encounter (help pages): within 50 m for 10 minutes or within 200 m for 30; none within 10 km of shore,
    # in port boundaries or inland waters. Gap rule as above: none is published.
    "starboard": replace(
        EngineRules(),
        enter_m=200.0, leave_m=200.0, inferred_s=900.0, hole_s=0.0, forms=((50.0, 600.0), (200.0, 1800.0)),
        sighting_span_s=0.0, relative_share=0.0, off_shore_m=10_000.0,
    ),
}  # fmt: skip
"""Published rules of others, as far as they are stated; what their authors leave open is said at each."""


def preset(name: str) -> EngineRules:
    """The rules of that name; ``ValueError`` lists the known ones."""
    try:
        return PRESETS[name]
    except KeyError:
        raise ValueError(f"preset {name!r} is unknown; there are {', '.join(PRESETS)}") from None
