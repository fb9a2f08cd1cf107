"""Water between hulls, from rectangles."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from decoders.reports import StaticReports
from shipwatch.engine.hull_water import size_of, water_between
from shipwatch.engine.hulls import Hulls, forget, learn
from shipwatch.engine.rules import EngineRules

RULES = EngineRules()

lengths = st.floats(5, 200)
angles = st.floats(0, 359.9)


@settings(max_examples=300, deadline=None)
@given(lengths, lengths, st.floats(2, 30), st.floats(2, 30), angles, angles, st.floats(-500, 500), st.floats(-500, 500))
def test_gap_equals_shapely(bow, stern, port, starboard, heading_a, heading_b, x, y) -> None:
    """The gap of any two hulls is the distance of their polygons."""
    sizes = (bow, stern, port, starboard), (stern, bow, starboard, port)
    gap, _, box = water_between(*sizes, heading_a, heading_b, x, y, RULES)
    assert gap == pytest.approx(Polygon(box[:2].T).distance(Polygon(box[2:].T)), abs=1e-4)


def test_bow_points_along_the_heading() -> None:
    """Heading 90 puts the bow east of the antenna and starboard south of it."""
    _, _, box = water_between((100, 20, 5, 15), (1, 1, 1, 1), 90.0, 0.0, 900.0, 0.0, RULES)
    assert box[0].max() == pytest.approx(100)
    assert box[0].min() == pytest.approx(-20)
    assert (box[1].min(), box[1].max()) == (pytest.approx(-15), pytest.approx(5))


def test_dimensions_as_said_by_then() -> None:
    """Dimensions are those said by the instant asked; implausible ones are none; an unsaid antenna is amidships."""
    statics = StaticReports.of(time_us=[10, 20, 30], mmsi=[7, 7, 7], to_bow_m=[100, 0, 900], to_stern_m=[50, 180, 0],
                               to_port_m=[10, 0, 10], to_starboard_m=[12, 30, 10])  # fmt: skip
    hulls = learn(Hulls(), statics, RULES)
    assert size_of(hulls, 7, 9, RULES) is None
    assert size_of(hulls, 7, 15, RULES) == (100, 50, 10, 12)
    assert size_of(hulls, 7, 99, RULES) == (90, 90, 15, 15)
    assert size_of(forget(hulls, 99, RULES), 7, 99, RULES) == (90, 90, 15, 15)
    assert size_of(hulls, 8, 99, RULES) is None


def test_dimensions_not_said_for_long_are_forgotten_whenever_that_is_tidied_up() -> None:
    """A month after they were last said they hold no more, and when old rows are dropped makes no difference."""
    day = 86_400_000_000
    said = {"mmsi": [7], "to_bow_m": [100], "to_stern_m": [50], "to_port_m": [10], "to_starboard_m": [12]}
    first, again = (StaticReports.of(time_us=[at], **said) for at in (0, 20 * day))
    for hulls in (learn(learn(Hulls(), first, RULES), again, RULES),
                  learn(forget(learn(Hulls(), first, RULES), 10 * day, RULES), again, RULES)):  # fmt: skip
        assert size_of(hulls, 7, 45 * day, RULES) is not None
        assert size_of(hulls, 7, 51 * day, RULES) is None
        assert len(forget(hulls, 49 * day, RULES).sizes) == 1
        assert len(forget(hulls, 51 * day, RULES).sizes) == 0
