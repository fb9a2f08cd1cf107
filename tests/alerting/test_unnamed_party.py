"""A ship that never says what she is, beside one that carries cargo."""

from __future__ import annotations

import pytest

from alerts.grading import grade
from alerts.incident import Incident, Party
from alerts.rules import load_rules

START_US = 1_741_939_200_000_000


def meeting(types: tuple[int | None, int | None], observed_s: int = 5400, alongside: bool | None = None) -> Incident:
    """Two ships 60 m apart at sea for an hour and a half."""
    parties = tuple(Party(f"44100000{n}", 441000000 + n, ship_type=kind) for n, kind in enumerate(types))
    return Incident(
        id="rv-1", kind="rendezvous", phase="ended", published_us=START_US + 9_000_000_000, start_us=START_US,
        end_us=START_US + 5_400_000_000, lat=30.0, lon=125.0, zones=(), parties=parties, intervals=(),
        observed_s=observed_s, inferred_s=0, dark_s=0, min_distance_m=50, median_distance_m=60, hull_gap_m=None,
        alongside=alongside, settled=True, median_speed_kn=1.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("types", "observed_s", "severity"),
    [((80, None), 5400, "warning"), ((80, 0), 5400, "warning"), ((80, None), 900, "notice"),
     ((None, None), 5400, "notice"), ((80, 52), 5400, "notice"), ((80, 90), 5400, "notice")],
)  # fmt: skip
def test_an_unnamed_ship_beside_a_tanker_is_worth_a_warning(
    types: tuple[int | None, int | None], observed_s: int, severity: str
) -> None:
    """Only beside a merchant ship, only when seen for long enough, and never critical; a type that is sent decides."""
    assert grade(meeting(types, observed_s), (), load_rules()).severity == severity
