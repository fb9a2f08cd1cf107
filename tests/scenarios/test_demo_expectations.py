"""The demo's expectations are those of the scenario that the simulator makes today."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from shipwatch.simulator.demo import demo_scenario
from shipwatch.simulator.scenario import Truth

EXPECTED = tomllib.loads((Path(__file__).parent / "demo" / "expected.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def truth() -> tuple[Truth, ...]:
    """What really happened in the demo of seed 1."""
    return demo_scenario(1).truth


def microseconds(when: datetime) -> int:
    return round(when.timestamp() * 1_000_000)


@pytest.mark.parametrize("section", ["meeting", "hidden", "quiet"])
def test_expectations_agree_with_the_simulated_truth(section: str, truth: tuple[Truth, ...]) -> None:
    """Each expected scene is in the truth with the same parties and, where given, the same times."""
    entries: list[dict[str, Any]] = EXPECTED[section]
    assert entries
    for entry in entries:
        (fact,) = (f for f in truth if f.kind == entry["kind"])
        assert list(fact.mmsis) == entry["mmsis"]
        if "start" in entry:
            assert (fact.start_us, fact.end_us) == (microseconds(entry["start"]), microseconds(entry["end"]))


def test_nothing_may_fire_before_the_ships_were_together_for_half_an_hour(truth: tuple[Truth, ...]) -> None:
    """``not_before`` of a two-ship meeting is thirty minutes after its true start."""
    for entry in EXPECTED["meeting"]:
        if len(entry["mmsis"]) == 2:
            (fact,) = (f for f in truth if f.kind == entry["kind"])
            assert microseconds(entry["not_before"]) == fact.start_us + 1_800_000_000
