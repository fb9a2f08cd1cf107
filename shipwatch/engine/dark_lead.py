"""The lead that a possible meeting gives, with all that it rests on; figures are rounded only here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shipwatch.engine.dark_evidence import Evidence, Stop, opposite
from shipwatch.engine.dark_partners import Partner, prism_of
from shipwatch.engine.dark_reach import region, ring
from shipwatch.engine.detections import Lead
from shipwatch.engine.draughts import DraughtChange
from shipwatch.engine.findings import derived_id, whole_second
from shipwatch.engine.fixes import track_name
from shipwatch.engine.motion import US
from shipwatch.engine.reception import first_track
from shipwatch.engine.reception_likelihood import Basis

Fact = tuple[str, float | int | str | bool | None]

SIDE_M = 500.0
"""How far from the places of a ship that was heard the other can have lain beside her."""


THERE_M = 1.0
"""A new draught that differs by so much, sent where the old one was still sent, says that cargo was moved there."""


@dataclass(frozen=True, slots=True)
class _Side:
    track: int
    mmsi: int
    silent: tuple[int, int] | None
    change: DraughtChange | None


def pair_lead(
    evidence: Evidence, row: int, partner: Partner, fits: float, others: int, change: DraughtChange | None,
    now_us: int,
) -> Lead:  # fmt: skip
    """Two ships: the one whose silence (row) it is, and the likeliest partner; ``others`` fit nearly as well."""
    rows, rules, reach = evidence.rows, evidence.rules, partner.reach
    own = prism_of(rows, row, evidence.top_kn)
    basis, off_us = evidence.basis(row, now_us), own.off_us
    if partner.row is not None and partner.prism is not None:
        other = partner.prism
        first, second = (own, other) if (own.off_us, own.off) <= (other.off_us, other.off) else (other, own)
        place, area_km2 = region(first, second, reach, min(rules.dark_dwell_s, reach.dwell_s))
        off_us = min(off_us, other.off_us)
        basis = min(basis, evidence.basis(partner.row, now_us), key=_strength)
        span = other.off_us, other.on_us
    else:
        place, area_km2 = ring(reach.lat, reach.lon, np.full(24, partner.spread_m + SIDE_M))
        span = round(reach.start_us), round(reach.end_us)
    silences = [row] if partner.row is None else [row, partner.row]
    stand_out = all(evidence.stands_out(one, now_us) for one in silences)
    theirs = evidence.change_across(partner.mmsi, *span, now_us)
    sides = sorted(
        (
            _Side(int(rows.track[row]), int(rows.mmsi[row]), (own.off_us, own.on_us), change),
            _Side(partner.track, partner.mmsi, span if partner.row is not None else None, theirs),
        ),
        key=lambda side: side.track,
    )
    facts: list[Fact] = [
        ("feasible_dwell_s", round(reach.dwell_s)), ("silence_likelihood", basis.likelihood),
        ("other_ships_heard", basis.others_heard), ("other_ships_missed", basis.others_missed),
        ("share_received", basis.share_received), ("basis", basis.text()),
        ("both_silent", partner.row is not None), ("silences_stand_out", stand_out),
        ("draughts_opposite", opposite(change, theirs)),
    ]  # fmt: skip
    for letter, side in zip("ab", sides, strict=True):
        facts += [
            (f"silent_s_{letter}", round((side.silent[1] - side.silent[0]) / US) if side.silent else 0),
            (f"silent_since_s_{letter}", side.silent[0] // US if side.silent else None),
            (f"draught_before_m_{letter}", side.change.before_m if side.change else None),
            (f"draught_after_m_{letter}", side.change.after_m if side.change else None),
        ]
    facts += [("region_area_km2", area_km2), ("fit_score", fits), ("other_candidates", others)]
    tracks = tuple(track_name(side.track) for side in sides)
    return Lead(
        id=derived_id("dark", *tracks, whole_second(off_us) // US), kind="dark_meeting", tracks=tracks,
        mmsis=tuple(side.mmsi for side in sides), published_us=now_us, start_us=whole_second(round(reach.start_us)),
        end_us=whole_second(round(reach.end_us)), lat=round(reach.lat, 5), lon=round(reach.lon, 5), region=place,
        facts=tuple(facts),
    )  # fmt: skip


def lone_lead(change: DraughtChange, stop: Stop, partners: tuple[int, ...], now_us: int) -> Lead:
    """One ship whose draught changed at sea, with a partner that nobody heard, or one of several that fit alike."""
    name = track_name(first_track(change.mmsi))
    how = "the ship was silent meanwhile" if stop.silent_s else "the ship was slow meanwhile, and no partner was heard"
    among = ", ".join(map(str, sorted(partners))) or None
    # Typed in late, it would have been sent anywhere; she lay there, sent the old one, and the new one before she left.
    there = stop.start_us <= change.said_us and change.time_us <= stop.end_us
    there = there and abs(change.after_m - change.before_m) >= THERE_M - 1e-6
    return Lead(
        id=derived_id("dark", name, change.time_us // US), kind="dark_meeting", tracks=(name,), mmsis=(change.mmsi,),
        published_us=now_us, start_us=whole_second(stop.start_us), end_us=whole_second(stop.end_us),
        lat=round(stop.lat, 5), lon=round(stop.lon, 5),
        facts=(
            ("draught_before_m_a", change.before_m), ("draught_after_m_a", change.after_m),
            ("draught_last_said_s", change.said_us // US), ("draught_first_said_s", change.time_us // US),
            ("silent_s_a", round(stop.silent_s)), ("draught_changed_there", there), ("land_in_reach", stop.land),
            ("basis", f"draught changed at sea, no position near land or in a port between the two reports; {how}"),
            ("possible_partners", among),
        ),
    )  # fmt: skip


def _strength(basis: Basis) -> float:
    return -1.0 if basis.likelihood is None else basis.likelihood
