"""The rows of the engine's memory, as compiled kernels read and write them: one record is one thing, side by side.

A record holds what one step of a walk needs together, so that a walk over 300,000 ships costs two or three reads of
memory a fix and not twenty. Times are microseconds, positions degrees, distances metres, speeds knots. Numbers of
records are int32; -1 is none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine.rules import EngineRules

Records = NDArray[Any]
"""A one-dimensional structured array."""


LINE = 64
"""Bytes that a processor fetches from memory at once."""


def copied(records: Records, room: int = 0) -> Records:
    """The same records, and so many places more (zero); the first begins where a processor's fetches do.

    As bytes, because NumPy copies records field by field (8 x slower).
    """
    used, size = len(records) * records.dtype.itemsize, (len(records) + room) * records.dtype.itemsize
    taken = np.empty(size + LINE, np.uint8)
    begin = -taken.ctypes.data % LINE
    made = taken[begin : begin + size]
    made[:used] = np.ascontiguousarray(records).view(np.uint8)
    made[used:] = 0
    return made.view(records.dtype)


def roomy(records: Records) -> Records:
    """A copy with room for some more: an eighth, and a few."""
    return copied(records, len(records) // 8 + 64)


def rows_at(records: Records, rows: NDArray[Any]) -> Records:
    """The records of these numbers or of this mask, in that order; as bytes, too (10 to 20 x as fast as indexing)."""
    whole = np.ascontiguousarray(records).view(f"V{records.dtype.itemsize}")
    return np.asarray(whole[rows].view(records.dtype))


NEVER_US = -(2**62)
"""Stands for "no such instant"."""

HULLS_PER_MMSI = 64
"""Track key = mmsi x this + ordinal; the ordinal of the first track is 0."""

TRACK = np.dtype(
    [
        ("key", "<i8"), ("time_us", "<i8"), ("lat", "<f8"), ("lon", "<f8"),
        # The run: fixes since run_us that one straight line explains so far; it ends at the fix above.
        ("run_us", "<i8"), ("limit_us", "<i8"), ("run_lat", "<f8"), ("run_lon", "<f8"), ("run_cos", "<f8"),
        ("sog", "<f4"), ("cog", "<f4"), ("heading", "<f4"), ("run_sog", "<f4"), ("run_heading", "<f4"),
        ("mmsi", "<i4"), ("count", "<i4"), ("next", "<i4"),
        # Velocities (m/s) that keep every fix of the run near the line, along four directions.
        ("x_lo", "<f4"), ("x_hi", "<f4"), ("y_lo", "<f4"), ("y_hi", "<f4"),
        ("p_lo", "<f4"), ("p_hi", "<f4"), ("q_lo", "<f4"), ("q_hi", "<f4"),
        # Where its fixes lie, metres from its first along the same directions.
        ("x_least", "<f4"), ("x_most", "<f4"), ("y_least", "<f4"), ("y_most", "<f4"),
        ("p_least", "<f4"), ("p_most", "<f4"), ("q_least", "<f4"), ("q_most", "<f4"),
        ("second", "i1"), ("coarse", "u1"), ("run", "u1"), ("drifts", "u1"), ("held", "u1"),
        ("calm", "u1"),
    ],
    align=True,
)  # fmt: skip
"""The last fix of a track, and the run that it closes, with how long that may get. ``held`` 0: the slot is free, 1: in
use, 2: given up, kept until nothing can refer to it. ``calm``: the leg that ended at the last fix was slow or silent.
"""

GROUP = np.dtype([("mmsi", "<i4"), ("first", "<i4"), ("waiting", "<i4")], align=True)
"""Open-addressing hash of MMSIs: first track, first candidate; ``mmsi`` is -1 where free."""

CANDIDATE = np.dtype(
    [("time_us", "<i8"), ("lat", "<f8"), ("lon", "<f8"), ("sog", "<f8"), ("count", "<i4"), ("next", "<i4")],
    align=True,
)
"""The last of the fixes agreeing on a hull that is not confirmed yet, and how many they are."""

LEG = np.dtype(
    [
        ("t0_us", "<i8"), ("t1_us", "<i8"), ("known_us", "<i8"), ("track", "<i8"),
        ("lat0_deg", "<f8"), ("lon0_deg", "<f8"), ("lat1_deg", "<f8"), ("lon1_deg", "<f8"), ("length_m", "<f8"),
        ("sog0_kn", "<f4"), ("sog1_kn", "<f4"), ("heading0_deg", "<f4"), ("heading1_deg", "<f4"),
        ("mmsi", "<i4"), ("slot", "<i4"), ("before", "<i4"),
        ("kind", "u1"), ("slow", "u1"), ("drifts", "u1"), ("in_scope", "u1"),
    ],
    align=True,
)  # fmt: skip
"""A leg; ``slot`` is the place of its track, ``before`` the leg of the same track stored before it."""

RULE = np.dtype(
    [
        (name, "<f8")
        for name in (
            "reach_kn", "reach_sog_factor", "reach_slack_s", "reach_slack_m", "hull_fixes", "hull_span_us", "forget_us",
            "observed_us", "inferred_us", "slow_kn", "contact_slow_kn", "straight_m", "straight_us", "still_us",
            "enter_m", "leave_m", "hole_us", "rejoin_us", "span_counts", "sighting_span_us", "relative_kn",
            "relative_share", "median_speed_max_kn", "alongside_gap_m", "alongside_angle_deg", "alongside_overlap",
            "alongside_us", "report_every_us", "least_us", "reach_us", "forms",
        )
    ]
    + [("form_m", "<f8", 4), ("form_us", "<f8", 4)],
    align=True,
)  # fmt: skip
"""The rules with all times in microseconds; ``least_us`` is the shortest duration of any form,
``reach_us`` how far back a leg that is not silent can begin."""


def rule_record(rules: EngineRules) -> Records:
    """The rules as an array of one record, for kernels.

    >>> float(rule_record(EngineRules())["hole_us"][0])
    21600000000.0
    """
    made = np.zeros(1, RULE)
    for name in RULE.names or ():
        if name.endswith("_us") and hasattr(rules, f"{name[:-3]}_s"):
            made[name] = round(getattr(rules, f"{name[:-3]}_s") * 1e6)
        elif name not in ("least_us", "reach_us", "forms", "form_m", "form_us"):
            made[name] = float(getattr(rules, name))
    made["straight_us"] = min(made["straight_us"][0], made["observed_us"][0])
    made["still_us"] = max(made["straight_us"][0], made["still_us"][0])
    made["least_us"] = min(duration_s for _, duration_s in rules.forms) * 1e6
    made["reach_us"] = max(made[name][0] for name in ("observed_us", "inferred_us", "still_us"))
    made["forms"] = len(rules.forms)
    for number, (distance_m, duration_s) in enumerate(rules.forms):
        made["form_m"][0, number], made["form_us"][0, number] = distance_m, duration_s * 1e6
    return made


MEETING = np.dtype(
    [
        ("key_a", "<i8"), ("key_b", "<i8"), ("start_us", "<i8"), ("end_us", "<i8"),
        ("cover_us", "<i8"), ("lost_us", "<i8"), ("first_sighting_us", "<i8"), ("last_sighting_us", "<i8"),
        ("next_sample_us", "<i8"), ("sample_step_us", "<i8"), ("next_told_us", "<i8"),
        ("least_m", "<f8"), ("lat", "<f8"), ("lon", "<f8"), ("seconds_us", "<i8", 3),
        ("slot_a", "<i4"), ("slot_b", "<i4"), ("mmsi_a", "<i4"), ("mmsi_b", "<i4"), ("next_a", "<i4"),
        ("next_b", "<i4"),
        ("first_piece", "<i4"), ("last_piece", "<i4"), ("first_tail", "<i4"), ("last_tail", "<i4"),
        ("first_block", "<i4"), ("last_block", "<i4"), ("samples", "<i4"), ("confirmed", "<i4"), ("sightings", "<i4"),
        ("pieces", "<i4"),
        ("held", "u1"), ("formed", "u1"), ("told_observed", "u1"), ("parked", "u1"), ("reached", "u1"),
        # Only rules with a nearer distance ask for these: they come last.
        ("run_from_us", "<i8", 4), ("run_to_us", "<i8", 4),
    ],
    align=True,
)  # fmt: skip
"""A meeting while it lasts. Tail: contact since the last instant within the enter distance; it counts once they are
that near again. ``lost_us``: where known contact ended in silence. ``run_*``: the time in one go within each nearer
distance of the rules. ``parked``: left, and may be rejoined."""

PIECE = np.dtype([("start_us", "<i8"), ("end_us", "<i8"), ("kind", "<i4"), ("next", "<i4")], align=True)
"""A stretch of a meeting of which one thing is known: 0 observed, 1 inferred, 2 dark."""

SAMPLE = np.dtype(
    [(name, "<f4") for name in ("t", "x", "y", "heading_a", "heading_b", "sog_a", "sog_b", "lat", "lon")], align=True
)
"""A meeting at one instant: seconds since its start, b as seen from a (m), headings, speeds, place midway less the
meeting's first."""

BLOCK = 16
"""Samples are kept in blocks of so many."""

TOLD = np.dtype(
    [
        ("published_us", "<i8"), ("ended_by", "<i4"), ("piece", "<i4"), ("pieces", "<i4"),
    ],
    align=True,
)  # fmt: skip
"""A revision to be told: a copy of a meeting as it stood, with its figures and pieces. ``ended_by`` 0 none
(it goes on), 1 left, 2 silence."""

FIGURES = np.dtype(
    [
        *((name, "<f8") for name in ("lat", "lon", "median_m", "gap_m", "angle_deg", "speed_kn", "relative_kn")),
        ("settled", "<i4"), ("beside", "<i4"),
    ],
    align=True,
)  # fmt: skip
"""What a revision amounts to; ``beside`` -1 where not known."""

ENTRY = np.dtype(
    [
        ("key", "<u8"), ("bucket", "<i4"), ("slot", "<i4"), ("lat", "<f4"), ("lon", "<f4"), ("long_m", "<f4"),
        ("fresh", "<i4"),
    ],
    align=True,
)  # fmt: skip
"""A track that has a slow leg in a cell of water in half an hour of time (``key``): where the piece in that half hour
begins, and how long it is; ``fresh`` 1 if it came with this step."""

SIZE = np.dtype(
    [("mmsi", "<i8"), ("time_us", "<i8"), ("bow", "<f4"), ("stern", "<f4"), ("port", "<f4"), ("starboard", "<f4")],
    align=True,
)
"""A ship's dimensions (m from the antenna), and from when on she said them."""
