"""Call signs: how they are compared, and the state whose series one is of.

The series stand in ``callsigns.csv`` (ITU Radio Regulations, Appendix 42); ships' call signs have the forms of
article 19.
"""

from __future__ import annotations

import csv
import functools
import re
from importlib import resources

# Two characters of the series, then letters and digits as article 19 allows them, some administrations more freely.
_SHIP = re.compile(r"(?=.?[A-Z])[A-Z0-9]{2}(?:[A-Z]{2}[0-9]{0,2}|[A-Z]{0,2}[0-9]{2,4})")

# Who answers for the station of a territory: its ships are met under the series of either.
_ANSWERS_FOR = {
    "GBR": ("GIB", "BMU", "CYM", "FLK", "VGB", "AIA", "MSR", "TCA", "SHN", "PCN", "IMN", "JEY", "GGY"),
    "FRA": ("GLP", "MTQ", "GUF", "REU", "SPM", "ATF", "NCL", "PYF", "WLF"),
    "USA": ("PRI", "VIR", "ASM", "MNP", "GUM"),
    "NLD": ("CUW", "ABW", "SXM", "BES"),
    "DNK": ("FRO", "GRL"),
    "NZL": ("COK", "NIU"),
    "AUS": ("CXR", "CCK"),
    "CHN": ("HKG", "MAC", "TWN"),
}
_STATE_OF = {territory: state for state, some in _ANSWERS_FOR.items() for territory in some}


@functools.lru_cache(maxsize=65536)
def callsign_key(callsign: str) -> str:
    """A call sign without spaces and in capitals, as it is compared.

    >>> callsign_key("5im 592")
    '5IM592'
    """
    return "".join(c for c in callsign.upper() if c.isalnum())


@functools.lru_cache(maxsize=65536)
def flag_of_callsign(callsign: str | None) -> str | None:
    """ISO alpha-3 of the state whose series a ship's call sign is of; None for what has not the form of one.

    >>> flag_of_callsign("HMYM8"), flag_of_callsign("9V 8234"), flag_of_callsign("3DAB"), flag_of_callsign("UNKNOWN")
    ('PRK', 'SGP', 'SWZ', None)
    """
    key = callsign_key(callsign or "")
    if _SHIP.fullmatch(key) is None:
        return None
    series = _series()
    return series.get(key[:2]) or series.get(key[:3])


def same_administration(one: str, other: str) -> bool:
    """Whether one administration gives call signs to ships of both flags (a state and its territories).

    >>> same_administration("BMU", "GBR"), same_administration("PAN", "LBR")
    (True, False)
    """
    return _STATE_OF.get(one, one) == _STATE_OF.get(other, other)


@functools.cache
def _series() -> dict[str, str]:
    text = resources.files("alerts").joinpath("callsigns.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {
        first[:-1] + chr(at): flag
        for first, last, flag in csv.reader(lines[1:])
        for at in range(ord(first[-1]), ord(last[-1]) + 1)
    }
