"""Where a station keeps its lists and its ledger: `$SHIPWATCH_HOME`, or `.shipwatch/` in the working directory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

VARIABLE = "SHIPWATCH_HOME"
FOLDER = ".shipwatch"


def home_folder(environment: Mapping[str, str]) -> Path:
    """The folder; it need not be there yet.

    >>> home_folder({"SHIPWATCH_HOME": "station"})
    PosixPath('station')
    """
    return Path(environment.get(VARIABLE) or FOLDER)


def lists_folder(environment: Mapping[str, str]) -> Path:
    """Where imported lists are kept."""
    return home_folder(environment) / "lists"


def default_store(environment: Mapping[str, str]) -> Path:
    """The ledger's file where no other store is named."""
    return home_folder(environment) / "shipwatch.db"
