"""What is "not available": one set of rules for sentences and tables, on columns of any dtype."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from decoders import validity
from decoders.reports import PositionReports, StaticReports


def positions(**columns):
    size = len(next(iter(columns.values())))
    raw = {
        "time_us": np.zeros(size, np.int64), "mmsi": np.full(size, 244660000), "lat_deg": np.full(size, 52.5),
        "lon_deg": np.full(size, 4.25),
    }  # fmt: skip
    return validity.clean_positions(raw | {name: np.array(values) for name, values in columns.items()})


def statics(**columns):
    size = len(next(iter(columns.values())))
    raw = {"time_us": np.zeros(size, np.int64), "mmsi": np.full(size, 244660000)}
    return validity.clean_statics(raw | {name: np.array(values) for name, values in columns.items()})


def test_each_row_is_kept_or_refused_once():
    """A row with several faults counts under the first: MMSI, then no position, then range."""
    _, refused, keep = positions(
        mmsi=[0, 244660000, 244660000, 244660000, 1_000_000_000, 2190067],
        lat_deg=[91.0, 91.0, 90.1, np.nan, 52.0, -90.0],
        lon_deg=[181.0, 300.0, 0.0, 4.0, 4.0, 180.0],
    )
    assert refused == {
        "refused:mmsi_out_of_range": 2, "refused:position_not_available": 2, "refused:position_out_of_range": 1,
    }  # fmt: skip
    assert keep.tolist() == [False, False, False, False, False, True]


@pytest.mark.parametrize(
    ("knots", "kind", "kept"),
    [
        (102.2, 1, True), (102.3, 1, False), (102.3, 0, False), (63.0, 0, False), (63.0, 1, True), (62.0, 27, True),
        (63.0, 27, False), (1022.0, 9, True), (1023.0, 9, False), (102.3, 9, True), (1023.0, 0, False),
        (-0.1, 1, False), (51.2, 18, True), (np.nan, 1, False),
    ],
)  # fmt: skip
def test_speed_depends_on_the_message_type(knots, kind, kept):
    """The same number is a speed in one message and "not available" in another; 0 is a row that does not say."""
    got = positions(sog_kn=[knots], msg_type=[kind])[0].sog_kn[0]
    assert got == np.float32(knots) if kept else math.isnan(got)


def test_tables_may_round_and_widen():
    """Decimals printed by tables, float32 and text-born float64 are judged alike; 359.99999 does not become 360."""
    got, refused, _ = positions(
        lat_deg=[91.0000001, 52.0], sog_kn=np.array([0, 102.3], np.float32), cog_deg=[0.0, 359.99999999],
        heading_deg=[511.0, 511.0], nav_status=[np.nan, np.nan], utc_second=[np.nan, 75],
    )  # fmt: skip
    assert refused == {"refused:position_not_available": 1}
    assert all(math.isnan(getattr(got, name)[0]) for name in ("sog_kn", "cog_deg", "heading_deg"))
    assert got.nav_status.tolist() == [-1] and got.utc_second.tolist() == [-1]
    assert got.mmsi.dtype == np.int32 and got.lat_deg.dtype == np.float64 and got.sog_kn.dtype == np.float32


def test_dimensions_are_judged_in_pairs():
    """A length or a beam of 0 is "not available"; a 0 with a partner stands; a part no ship can have does not."""
    got, _, _ = statics(
        to_bow_m=[0, 0, 10, 2000], to_stern_m=[0, 183, 0, 5], to_port_m=[3, 0, 0, 1], to_starboard_m=[4, 32, 0, 200]
    )
    nan = math.nan
    expected = {
        "to_bow_m": [nan, 0, 10, nan], "to_stern_m": [nan, 183, 0, 5], "to_port_m": [3, 0, nan, 1],
        "to_starboard_m": [4, 32, nan, nan],
    }  # fmt: skip
    for name, values in expected.items():
        np.testing.assert_array_equal(getattr(got, name), values)


def test_identity_columns():
    """IMO and type out of their fields become 0; draughts of 0 and beyond 25.5 m NaN; text ends at the first ``@``."""
    got, refused, keep = statics(
        mmsi=[244660000, 1, -1], imo=[np.nan, 9074729.0, 1], ship_type=[80, 256, 0], draught_m=[0.0, 25.5, 1],
        name=["A B @C", "  LEADING ", "x"], callsign=["@", "PABC", ""], destination=["", "X" * 30, ""],
    )  # fmt: skip
    assert refused == {"refused:mmsi_out_of_range": 1} and keep.tolist() == [True, True, False]
    assert got.imo.tolist() == [0, 9074729] and got.ship_type.tolist() == [80, 0]
    assert math.isnan(got.draught_m[0]) and got.draught_m[1] == 25.5
    assert got.name.tolist() == ["A B", "  LEADING"] and got.callsign.tolist() == ["", "PABC"]
    assert got.destination.tolist() == ["", "X" * 20]


def test_no_rows_and_missing_columns():
    """Columns that are not there are "not available"; no rows give no rows."""
    got = positions(mmsi=[1])[0]
    assert math.isnan(got.sog_kn[0]) and got.nav_status[0] == -1 and got.msg_type[0] == 0
    assert len(positions(mmsi=np.empty(0, np.int64))[0]) == 0 and len(statics(mmsi=np.empty(0, np.int64))[0]) == 0


FLOATS = st.floats(width=64, allow_nan=True, allow_infinity=True)


@given(arrays(np.float64, (6, 8), elements=FLOATS), st.integers(0, 27))
def test_any_numbers_give_clean_columns(values, kind):
    """Whatever stands in a table, what comes out is in range or "not available", and every row is accounted for."""
    names = ("mmsi", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "utc_second")
    raw = {name: values[:, column] for column, name in enumerate(names)}
    raw |= {"time_us": np.zeros(6, np.int64), "msg_type": np.full(6, kind)}
    got, refused, keep = validity.clean_positions(raw)
    assert isinstance(got, PositionReports) and len(got) + sum(refused.values()) == 6 and len(got) == keep.sum()
    assert ((got.lat_deg >= -90) & (got.lat_deg <= 90) & (abs(got.lon_deg) <= 180)).all()
    assert (np.isnan(got.cog_deg) | ((got.cog_deg >= 0) & (got.cog_deg < 360))).all()
    assert (np.isnan(got.sog_kn) | ((got.sog_kn >= 0) & (got.sog_kn < 1023))).all()
    assert ((got.nav_status >= -1) & (got.nav_status < 15) & (got.utc_second >= -1) & (got.utc_second < 60)).all()
    raw = {
        name: values[:, column]
        for column, name in enumerate(("mmsi", "imo", "ship_type", "draught_m", "to_bow_m", "to_stern_m"))
    }
    got, refused, _ = validity.clean_statics(raw | {"time_us": np.zeros(6, np.int64)})
    assert isinstance(got, StaticReports) and len(got) + sum(refused.values()) == 6
    assert ((got.imo >= 0) & (got.ship_type >= 0) & (got.ship_type <= 255)).all()
    assert (np.isnan(got.draught_m) | ((got.draught_m > 0) & (got.draught_m <= 25.55))).all()
