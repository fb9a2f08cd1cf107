"""What a possible meeting that was told says: which silences and draughts it rests on, whether another says more."""

from __future__ import annotations

from shipwatch.engine.detections import Lead
from shipwatch.engine.draughts import DraughtChange


def silences_of(lead: Lead) -> set[tuple[int, int]]:
    """(MMSI, start in whole seconds) of the silences that a lead rests on."""
    found = set()
    for letter, mmsi in zip("ab", lead.mmsis, strict=False):
        since = lead.fact(f"silent_since_s_{letter}")
        if isinstance(since, int):
            found.add((mmsi, since))
    return found


def draught_in(lead: Lead) -> bool:
    """Whether a change of draught is part of it."""
    return any(isinstance(lead.fact(f"draught_after_m_{letter}"), float) for letter in "ab")


def same_change(lone: Lead, pair: Lead) -> bool:
    """Whether a pair's lead rests on the change of draught that a lead of one ship told."""
    letter = "ab"[pair.mmsis.index(lone.mmsis[0])]
    return all(
        lone.fact(f"draught_{when}_m_a") == pair.fact(f"draught_{when}_m_{letter}") for when in ("before", "after")
    )


def rests_on(lead: Lead, change: DraughtChange) -> bool:
    """Whether a pair's lead rests on that change of draught: one cargo is moved once."""
    if change.mmsi not in lead.mmsis:
        return False
    letter = "ab"[lead.mmsis.index(change.mmsi)]
    said = lead.fact(f"draught_before_m_{letter}"), lead.fact(f"draught_after_m_{letter}")
    return said == (change.before_m, change.after_m)


def rank(lead: Lead) -> float:
    """How well its two ships fit; opposite draughts come before all else."""
    fits = lead.fact("fit_score")
    return (fits if isinstance(fits, float) else 0.0) + (1.0 if lead.fact("draughts_opposite") else 0.0)


_FIGURES = (
    "feasible_dwell_s", "silence_likelihood", "other_ships_heard", "other_ships_missed", "share_received", "basis",
    "region_area_km2", "fit_score", "other_candidates", "possible_partners",
)  # fmt: skip


def as_good_as(told: Lead, lead: Lead) -> bool:
    """Whether a revision says nothing new: figures that moved a little are not told again."""
    if told.withdrawn_reason != lead.withdrawn_reason or told.tracks != lead.tracks:
        return False
    if any(told.fact(name) != value for name, value in lead.facts if name not in _FIGURES):
        return False
    if told.fact("possible_partners") is None and lead.fact("possible_partners") is not None:
        return False
    for name, far in (("silence_likelihood", 0.1), ("fit_score", 0.25), ("feasible_dwell_s", 1800)):
        before, after = told.fact(name), lead.fact(name)
        if before is None or after is None:
            if before != after:
                return False
        elif abs(float(after) - float(before)) > far:
            return False
    return True
