"""Sets of whole numbers by sorting."""

from __future__ import annotations

import numpy as np

from shipwatch.engine.sorted_numbers import among, distinct


def test_sets_by_sorting_are_those_of_numpy() -> None:
    """Of random numbers, none and one."""
    rng = np.random.default_rng(3)
    for sizes in ((0, 0), (1, 0), (0, 3), (50, 20), (500, 5)):
        one, other = (rng.integers(-20, 20, size) for size in sizes)
        assert distinct(one).tolist() == np.unique(one).tolist()
        assert among(one, other).tolist() == np.isin(one, other).tolist()
