"""The errors of this wing: one tree, each message with the place and the value that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ZoneError(ValueError):
    """Something about a zone, a port or the coast is wrong; the base of every error of this wing."""


class ZoneFileError(ZoneError):
    """A zone file cannot be read, or one of its features is refused."""


class UnknownZoneError(ZoneError):
    """No zone has the name that was asked for."""


class PortTableError(ZoneError):
    """The table of ports cannot be read."""


class CoastError(ZoneError):
    """The coast files are missing or are not what they should be."""


def did_you_mean(wanted: str, known: Iterable[str]) -> str:
    """A clause naming up to three close spellings, or the empty string where nothing is close.

    >>> did_you_mean("Korea Bey", ["Korea Bay", "Augusta"])
    ' (did you mean "Korea Bay"?)'
    """
    by_folded = {name.casefold(): name for name in known}
    close = get_close_matches(wanted.casefold(), list(by_folded), n=3, cutoff=0.6)
    if not close:
        return ""
    return f" (did you mean {' or '.join(chr(34) + by_folded[name] + chr(34) for name in close)}?)"
