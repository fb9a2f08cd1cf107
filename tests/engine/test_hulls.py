"""Water between hulls, from rectangles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from decoders.reports import StaticReports
from shipwatch.engine.hulls import Hulls, corners, forget, gap_m, learn, size_of

lengths = st.floats(5, 200)
angles = st.floats(0, 359.9)


@settings(max_examples=300, deadline=None)
@given(lengths, lengths, st.floats(2, 30), st.floats(2, 30), angles, angles, st.floats(-500, 500), st.floats(-500, 500))
def test_gap_equals_shapely(bow, stern, port, starboard, heading_a, heading_b, x, y) -> None:
    """The gap of any two hulls is the distance of their polygons."""
    a = corners((bow, stern, port, starboard), np.array([heading_a]), np.zeros(1), np.zeros(1))
    b = corners((stern, bow, starboard, port), np.array([heading_b]), np.array([x]), np.array([y]))
    assert gap_m(a, b)[0] == pytest.approx(Polygon(a[0]).distance(Polygon(b[0])), abs=1e-6)


def test_bow_points_along_the_heading() -> None:
    """Heading 90 puts the bow east of the antenna and starboard south of it."""
    box = corners((100, 20, 5, 15), np.array([90.0]), np.zeros(1), np.zeros(1))[0]
    assert box[:, 0].max() == pytest.approx(100)
    assert box[:, 0].min() == pytest.approx(-20)
    assert (box[:, 1].min(), box[:, 1].max()) == (pytest.approx(-15), pytest.approx(5))


def test_dimensions_as_said_by_then() -> None:
    """Dimensions are those said by the instant asked; implausible ones are none; an unsaid antenna is amidships."""
    statics = StaticReports.of(time_us=[10, 20, 30], mmsi=[7, 7, 7], to_bow_m=[100, 0, 900], to_stern_m=[50, 180, 0],
                               to_port_m=[10, 0, 10], to_starboard_m=[12, 30, 10])  # fmt: skip
    hulls = learn(Hulls(), statics)
    assert size_of(hulls, 7, 9) is None
    assert size_of(hulls, 7, 15) == (100, 50, 10, 12)
    assert size_of(hulls, 7, 99) == (90, 90, 15, 15)
    assert size_of(forget(hulls), 7, 99) == (90, 90, 15, 15)
    assert size_of(hulls, 8, 99) is None
