"""How far a ship can have got between two reports, for columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from shipwatch.engine.motion import KN
from shipwatch.engine.rules import EngineRules


def reach_m(dt_s: Any, sog_kn: Any, rules: EngineRules) -> Any:
    """How far a ship can have got: at 30 kn or half as fast again as it says, with slack for clocks and positions."""
    speed_kn = np.fmax(rules.reach_kn, rules.reach_sog_factor * sog_kn)
    return speed_kn * KN * (dt_s + rules.reach_slack_s) + rules.reach_slack_m
