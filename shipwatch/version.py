"""Which shipwatch this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "shipwatch-sts"


def shipwatch_version() -> str:
    """The version of the installed distribution; ``0+not-installed`` when run from bare files."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "0+not-installed"
