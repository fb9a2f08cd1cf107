"""Columns of whole inputs in memory, in the order of the input or of ship and time; repeats folded."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders import folding, loading
from decoders.folding import LOOKED_BACK, WINDOW_US, Folding
from decoders.loading import MAIN_COLUMNS, load_positions
from decoders.reading import read
from decoders.reports import Batch, PositionReports
from decoders.ship_order import places_by_ship, put

HEAD = "mmsi;lon;lat;date_time_utc;sog;cog;true_heading;nav_status;rot;message_nr;source\n"


def table(path: Path, rows: int) -> Path:
    """Rows of a few ships, out of the order of time now and then."""
    rng = np.random.default_rng(1)
    lines = [
        f"{257000000 + ship};7.{ship};63.{i};2020-01-02 {i % 24:02}:00:{i % 60:02};0.{ship};{ship};511;0;0;1;g\n"
        for i, ship in enumerate(rng.integers(0, 5, rows).tolist())
    ]
    path.write_text(HEAD + "".join(lines))
    return path


def test_columns_are_those_of_the_batches(tmp_path: Path):
    """Same values and types, in the order of the input, only the columns asked for."""
    path = table(tmp_path / "rows.csv", 200)
    positions = PositionReports.concat(batch.positions for batch in read(path))
    loaded = load_positions(path)
    assert tuple(loaded) == MAIN_COLUMNS
    for name, column in loaded.items():
        np.testing.assert_array_equal(column, getattr(positions, name))
        assert column.dtype == PositionReports.DTYPES[name]
    with pytest.raises(ValueError, match="'speed'"):
        load_positions(path, columns=["speed"])
    with pytest.raises(ValueError, match="'random'"):
        load_positions(path, order="random")


def test_ship_order_is_ship_then_time_then_input(tmp_path: Path):
    """As a plain stable sort puts it; an input without a position gives empty columns of the right types."""
    path = table(tmp_path / "rows.csv", 300)
    columns = ("time_us", "lat_deg", "station", "nav_status", "offset", "mmsi")
    plain, loaded = load_positions(path, columns=columns), load_positions(path, columns=columns, order="ship")
    order = np.lexsort((plain["time_us"], plain["mmsi"]))
    assert not (np.diff(plain["time_us"][np.argsort(plain["mmsi"], kind="stable")]) >= 0).all()
    for name in columns:
        np.testing.assert_array_equal(loaded[name], plain[name][order])
    path.write_text(HEAD)
    assert {name: (len(c), c.dtype) for name, c in load_positions(path, order="ship", columns=["sog_kn"]).items()} == {
        "sog_kn": (0, np.float32)
    }


@pytest.mark.parametrize("platform", ["linux", "other"])
def test_columns_outgrow_their_first_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str):
    """Far more rows than room was made for, where memory can be moved and where it must be copied."""
    if platform == "linux" and sys.platform != "linux":
        pytest.skip("only there is memory moved")
    monkeypatch.setattr(loading, "_FIRST_ROWS", 3)
    monkeypatch.setattr(loading.sys, "platform", platform)
    path = table(tmp_path / "rows.csv", 30_000)
    positions = PositionReports.concat(batch.positions for batch in read(path, block_bytes=1000))
    monkeypatch.setattr(loading, "read", lambda *a, **k: read(*a, block_bytes=1000, **k))
    for name, column in load_positions(path).items():
        np.testing.assert_array_equal(column, getattr(positions, name))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-(2**31), 2**31 - 1) | st.integers(0, 3), st.integers(0, 5)), max_size=60))
def test_places_are_those_of_a_stable_sort(rows: list[tuple[int, int]]):
    """Whatever the numbers and times."""
    mmsi = np.array([ship for ship, _ in rows], np.int32)
    time_us = np.array([time for _, time in rows], np.int64)
    places = places_by_ship(mmsi, time_us)
    np.testing.assert_array_equal(put(np.arange(len(rows)), places), np.lexsort((time_us, mmsi)))


def test_many_ships_outgrow_the_first_table():
    """More ships than the hash table starts with."""
    mmsi = np.random.default_rng(2).permutation(50_000).astype(np.int32)
    np.testing.assert_array_equal(places_by_ship(mmsi, np.zeros(len(mmsi), np.int64)), mmsi)


def test_ships_that_are_a_little_or_wholly_out_of_order():
    """Of many rows each: in order, some steps off, backwards, and all at one time, among each other."""
    rng = np.random.default_rng(3)
    time = np.arange(3000)
    kinds = [time, time + rng.integers(-3, 3, 3000), time[::-1] // 2, time * 0]
    mmsi = np.repeat(np.arange(4, dtype=np.int32)[::-1], 3000)
    shuffled = np.argsort(rng.random(12_000) + np.tile(time, 4), kind="stable")  # ships take turns
    mmsi, time_us = mmsi[shuffled], np.concatenate(kinds)[shuffled]
    rows = np.arange(12_000)
    np.testing.assert_array_equal(put(rows, places_by_ship(mmsi, time_us)), np.lexsort((rows, time_us, mmsi)))


def reports(rows: list[tuple[int, int, float, int]]) -> PositionReports:
    """(mmsi, seconds, latitude, the ship's own second) each."""
    ship, seconds, lat, own = zip(*rows, strict=True) if rows else ((), (), (), ())
    return PositionReports.of(
        mmsi=np.array(ship, int), time_us=np.array(seconds, np.int64) * 1_000_000, lat_deg=np.array(lat, float),
        lon_deg=np.zeros(len(rows)), utc_second=np.array(own, int), offset=np.arange(len(rows)),
    )  # fmt: skip


def test_what_several_receivers_heard_is_folded_to_the_first():
    """Same content within seconds, or at the same time where the ship's second is not known; nothing else."""
    window = WINDOW_US // 1_000_000
    rows = [
        (1, 0, 5.0, 7), (1, 3, 5.0, 7), (2, 3, 5.0, 7), (1, window, 5.0, 7), (1, 2 * window + 1, 5.0, 7),
        (1, 30, 6.0, 8), (1, 30, 6.5, 8), (3, 0, 5.0, -1), (3, 0, 5.0, -1), (3, 1, 5.0, -1),
    ]  # fmt: skip
    folding = Folding()
    assert folding.kept(reports(rows)).offset.tolist() == [0, 2, 4, 5, 6, 7, 9] and folding.folded == 3


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(0, 15), st.sampled_from([5.0, 6.0]), st.integers(-1, 1)), max_size=50
    ),
    st.lists(st.integers(0, 50), max_size=5),
)
def test_folding_does_not_depend_on_the_cut(rows: list[tuple[int, int, float, int]], cuts: list[int]):
    """In one piece or in many: each row is compared with the last ones of its ship, as a plain loop does."""
    whole = reports(rows)
    folding = Folding()
    at_once = folding.kept(whole).offset.tolist() if rows else []
    edges = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    pieces = [Batch(whole.take(slice(a, b))) for a, b in pairwise(edges)]
    in_pieces = Folding()
    got = [offset for batch in in_pieces.fold(pieces) for offset in batch.positions.offset.tolist()]
    wanted, before = [], dict[int, list[tuple[int, int, float, int]]]()
    for number, row in enumerate(rows):
        seen = before.setdefault(row[0], [])
        near = WINDOW_US // 1_000_000 if row[3] >= 0 else 0
        if not any(other[2:] == row[2:] and abs(other[1] - row[1]) <= near for other in seen[-LOOKED_BACK:]):
            wanted.append(number)
        seen.append(row)
    assert at_once == got == wanted and in_pieces.folded == folding.folded == len(rows) - len(wanted)


def test_folding_forgets_when_too_many_ships_are_known(monkeypatch: pytest.MonkeyPatch):
    """Memory does not grow with made-up numbers; where it forgets depends on the rows, not on how they were cut."""
    monkeypatch.setattr(folding, "MOST_SHIPS", 4)
    rows = reports([(ship, 0, 5.0, 7) for ship in (1, 1, 2, 3, 4, 1, 5, 1, 5)])
    at_once, in_pieces = Folding(), Folding()
    wanted = [False, True, False, False, False, True, False, False, True]  # the fifth ship makes it forget the first
    assert at_once.repeats(rows).tolist() == wanted
    assert [in_pieces.repeats(rows.take(slice(i, i + 1))).item() for i in range(len(rows))] == wanted


def test_a_column_can_be_asked_for_again_while_it_is_in_use():
    """Whoever still holds the first array (compiled code may, until the next collection) does not matter."""
    pile = loading._Pile("int64")
    pile.add(np.arange(5))
    first = pile.column()
    np.testing.assert_array_equal(pile.column(), first)
