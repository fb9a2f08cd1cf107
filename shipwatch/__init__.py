"""Watches the sea for suspected illicit ship-to-ship transfers.

>>> import shipwatch as sw
>>> reports = sw.read("logs/2018-06-0*.txt.gz")   # doctest: +SKIP
>>> found = sw.find(reports, everywhere=True)     # doctest: +SKIP
>>> found.rendezvous.sort_values("observed_s")    # doctest: +SKIP

Importing this reads nothing and imports nothing heavy; that happens when one of the names below is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shipwatch.api import Found, Reports, find, read, screen

__all__ = ["Found", "Reports", "find", "read", "screen"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from shipwatch import api

        return getattr(api, name)
    if name == "__version__":
        from shipwatch.version import shipwatch_version

        return shipwatch_version()
    raise AttributeError(f"module 'shipwatch' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
