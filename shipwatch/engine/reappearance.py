"""Ships that fall silent under one number and may have come back under another: the same size where they can have been.

Two ships of one size are common; what makes a lead is that neither the silence of the one nor the late appearance of
the other is explained by reception, or that both give one IMO number. It is withdrawn when the first is heard again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from shipwatch.engine.detections import Lead
from shipwatch.engine.draughts import Particulars, ship_at
from shipwatch.engine.findings import derived_id, whole_second
from shipwatch.engine.fixes import track_name
from shipwatch.engine.motion import KN, US, ceil_minute, distance_between_m
from shipwatch.engine.reception import DECAY_S, SILENCE_S, Reception, SilenceIndex, first_track
from shipwatch.engine.reception_likelihood import Silence, judge
from shipwatch.engine.reception_rows import MOST_TOP_KN
from shipwatch.engine.rules import EngineRules

SIZE_M = 1.0
BEFORE_US = 7200 * US
"""The appearance is judged by who was heard around in this time before it."""
SLACK_S = 600.0


def arrivals(
    reception: Reception, particulars: Particulars, before_us: int | None, upto_us: int
) -> list[tuple[int, int]]:
    """(minute, MMSI) of ships that are new: first heard, and their size first said, the later of both in this step."""
    runs = reception.runs
    since_us = -(2**62) if before_us is None else before_us
    sized = particulars.length_m > 0
    mmsi, first = np.unique(particulars.mmsi[sized], return_index=True)
    said_us = particulars.time_us[sized][first]
    place = np.searchsorted(mmsi, runs.mmsi)
    place = np.minimum(place, max(len(mmsi) - 1, 0))
    if not len(mmsi):
        return []
    known = mmsi[place] == runs.mmsi
    at_us = np.maximum(runs.first_us, said_us[place])
    rows = np.flatnonzero(known & (at_us > since_us) & (at_us <= upto_us) & (at_us - runs.first_us < 86_400 * US))
    return sorted((ceil_minute(int(at_us[row])), int(runs.mmsi[row])) for row in rows)


def appeared(
    reception: Reception, index: SilenceIndex, particulars: Particulars, mmsi: int, now_us: int, rules: EngineRules
) -> Lead | None:
    """The lead that this new ship gives, by what was known at ``now_us``; None where no silent ship fits."""
    runs = reception.runs
    row = int(np.flatnonzero(runs.mmsi == mmsi)[0])
    if runs.class_b[row]:
        return None
    first_us = int(runs.first_us[row])
    where = float(runs.first_lat_deg[row]), float(runs.first_lon_deg[row])
    ship = ship_at(particulars, mmsi, now_us)
    if ship.length_m is None or ship.beam_m is None or not ship.merchant():
        return None
    alike = np.unique(
        particulars.mmsi[
            (np.abs(particulars.length_m - ship.length_m) <= SIZE_M)
            & (np.abs(particulars.beam_m - ship.beam_m) <= SIZE_M)
            & (particulars.time_us <= now_us) & (particulars.mmsi != mmsi)
        ]
    )  # fmt: skip
    appearance = None
    best: tuple[float, int, Lead] | None = None
    for other in alike.tolist():
        them = ship_at(particulars, other, now_us)
        same_imo = them.imo is not None and them.imo == ship.imo
        if (them.imo and ship.imo and not same_imo) or (
            them.ship_type and ship.ship_type and them.ship_type // 10 != ship.ship_type // 10
        ):
            continue
        silence = _silent(reception, index, other, first_us, now_us)
        if silence is None or first_us - silence.off_us > 86_400 * US:
            continue
        away_m = distance_between_m(*silence.off, *where)
        seconds = (first_us - silence.off_us) / US
        if away_m > MOST_TOP_KN * KN * (seconds + SLACK_S):
            continue
        gone = judge(reception, index, silence, now_us, rules)
        if appearance is None:
            late = Silence(
                mmsi, first_us - BEFORE_US, first_us, where, where, math.nan, math.nan,
                float(runs.first_sog_kn[row]), float(runs.first_cog_deg[row]), False, DECAY_S, 0.0,
            )  # fmt: skip
            appearance = judge(reception, index, late, now_us, rules)
        likely = min(-1.0 if basis.likelihood is None else basis.likelihood for basis in (gone, appearance))
        if not same_imo and likely < rules.dark_likelihood:
            continue
        tracks = track_name(first_track(other)), track_name(first_track(mmsi))
        lead = Lead(
            id=derived_id("again", *tracks, first_us // US), kind="identity", tracks=tracks, mmsis=(other, mmsi),
            published_us=now_us, start_us=whole_second(silence.off_us), end_us=whole_second(first_us),
            lat=round(where[0], 5), lon=round(where[1], 5),
            facts=(
                ("reason", "a ship of the same size appears under another number where a silent one can have been"),
                ("length_m", ship.length_m), ("beam_m", ship.beam_m), ("same_imo", same_imo),
                ("silent_before_s", round(seconds)), ("distance_m", round(away_m)),
                ("implied_speed_kn", round(away_m / max(seconds, 1.0) / KN, 1)),
                ("silence_likelihood", gone.likelihood), ("appearance_likelihood", appearance.likelihood),
                ("other_ships_heard", gone.others_heard), ("basis", gone.text()),
            ),
        )  # fmt: skip
        rank = (1.0 if same_imo else 0.0) - away_m / 1e9
        if best is None or rank > best[0]:
            best = (rank, other, lead)
    return best[2] if best else None


def came_back(told: Mapping[str, Lead], mmsi: int, off_us: int, now_us: int) -> list[Lead]:
    """The leads that the end of this silence refutes, withdrawn."""
    return [
        replace(lead, published_us=now_us, withdrawn_reason="the first ship is heard again under its own number")
        for lead in told.values()
        if lead.withdrawn_reason is None and lead.mmsis[0] == mmsi and lead.start_us == whole_second(off_us)
    ]


def _silent(reception: Reception, index: SilenceIndex, mmsi: int, since_us: int, now_us: int) -> Silence | None:
    """The ship's silence from before ``since_us`` that still lasts at ``now_us``."""
    rows = index.rows
    mine = np.flatnonzero((rows.mmsi == mmsi) & (rows.t0_us < since_us) & (rows.t1_us > now_us))
    if len(mine):
        row = int(mine[0])
        off_us, off = int(rows.t0_us[row]), (float(rows.lat0_deg[row]), float(rows.lon0_deg[row]))
        said = float(rows.sog0_kn[row]), float(rows.cog0_deg[row])
        own = float(rows.heard_s[row]), float(rows.missed_s[row])
        class_b = bool(rows.class_b[row])
    else:
        found = open_silence(reception, mmsi, now_us)
        if found is None or found.off_us >= since_us:
            return None
        return found if now_us - found.off_us >= SILENCE_S * US else None
    if now_us - off_us < SILENCE_S * US:
        return None
    return Silence(mmsi, off_us, now_us, off, None, *said, class_b=class_b, heard_s=own[0], missed_s=own[1])


def open_silence(reception: Reception, mmsi: int, now_us: int) -> Silence | None:
    """The silence of a ship that has not been heard since; None where the ship is not known."""
    runs = reception.runs
    found = np.flatnonzero(runs.mmsi == mmsi)
    if not len(found) or int(runs.t1_us[found[0]]) >= now_us:
        return None
    row = int(found[0])
    # The stay that it was in when it was last heard belongs to its record, as when the silence ends.
    ran_s = (int(runs.t1_us[row]) - int(runs.t0_us[row])) / US
    fade = math.exp(-ran_s / DECAY_S)
    return Silence(
        mmsi, int(runs.t1_us[row]), now_us, (float(runs.lat1_deg[row]), float(runs.lon1_deg[row])), None,
        float(runs.sog_kn[row]), float(runs.cog_deg[row]), class_b=bool(runs.class_b[row]),
        heard_s=float(runs.heard_s[row]) * fade + ran_s, missed_s=float(runs.missed_s[row]) * fade,
    )  # fmt: skip
