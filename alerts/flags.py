"""Flags: from an MMSI's maritime identification digits, and from the words that lists use.

Two small tables of facts stand beside this file: ``mids.csv`` (ITU Radio Regulations, Appendix 42) and
``flag_names.csv``.
"""

from __future__ import annotations

import csv
import functools
import re
import unicodedata
from importlib import resources

# Registers without digits of their own use those of the state they belong to.
_DIGITS_OF = {"IMN": "GBR", "JEY": "GBR", "GGY": "GBR", "BES": "CUW", "SXM": "CUW"}

# ITU-R M.585: what the first digits of an identity say, and where its flag digits stand.
_KINDS = (
    ("970", "sart", None), ("972", "man_overboard", None), ("974", "epirb", None),
    ("111", "sar_aircraft", 3), ("00", "coast_station", 2), ("98", "craft", 2), ("99", "aid_to_navigation", 2),
    ("0", "group", 1), ("8", "handheld", 1),
)  # fmt: skip
_WORD = re.compile(r"[^a-z0-9]+")
_CODE_AT_END = re.compile(r"\(([A-Z]{3})\)\s*$")


def mmsi_kind(mmsi: int) -> str:
    """What an MMSI names: ship, craft, coast_station, group, sar_aircraft, aid_to_navigation, ... or invalid.

    >>> mmsi_kind(445114000), mmsi_kind(992451234), mmsi_kind(123456789), mmsi_kind(0)
    ('ship', 'aid_to_navigation', 'invalid', 'invalid')
    """
    return _kind_and_flag_digits(mmsi)[0]


def flag_of_mmsi(mmsi: int) -> str | None:
    """ISO 3166 alpha-3 of the state that the maritime identification digits name; None where they name none.

    >>> flag_of_mmsi(445114000), flag_of_mmsi(2715000), flag_of_mmsi(999999999), flag_of_mmsi(200000000)
    ('PRK', 'TUR', None, None)
    """
    digits = _kind_and_flag_digits(mmsi)[1]
    return None if digits is None else _mids().get(digits)


def flag_of_name(text: str | None) -> str | None:
    """ISO 3166 alpha-3 of a flag as a list writes it (name, variant, or the code itself); None if not known.

    >>> flag_of_name("Democratic People's Republic of Korea"), flag_of_name("St. Kitts & Nevis"), flag_of_name("pan")
    ('PRK', 'KNA', 'PAN')
    >>> flag_of_name("Korea (Republic of) (KOR)"), flag_of_name("None Identified")
    ('KOR', None)
    """
    if not text:
        return None
    names = _names()
    found = names.get(_fold(text))
    if found is not None:
        return found
    code = _CODE_AT_END.search(text)
    if code is None:
        return None
    if code[1] in _states():
        return code[1]
    return names.get(_fold(text[: code.start()]))


def flag_name(code: str | None) -> str | None:
    """The name shown for an ISO 3166 alpha-3 code; the code itself if it has none here.

    >>> flag_name("PRK"), flag_name("QQQ"), flag_name(None)
    ('North Korea', 'QQQ', None)
    """
    return None if code is None else _states().get(code, code)


def same_flag(one: str, other: str) -> bool:
    """Whether two flags are one, counting registers that use another's digits (Isle of Man: United Kingdom) as it.

    >>> same_flag("IMN", "GBR"), same_flag("PAN", "LBR")
    (True, False)
    """
    return _DIGITS_OF.get(one, one) == _DIGITS_OF.get(other, other)


def _kind_and_flag_digits(mmsi: int) -> tuple[str, int | None]:
    if not 0 < mmsi <= 999_999_999:
        return "invalid", None
    text = f"{mmsi:09d}"
    if text[0] in "234567":
        return "ship", int(text[:3])
    for prefix, kind, at in _KINDS:
        if text.startswith(prefix):
            digits = None if at is None else int(text[at : at + 3])
            # "8", "0" and "111" are open prefixes: without a known state behind them the number is nobody's.
            if digits is not None and digits not in _mids():
                return "invalid", None
            return kind, digits
    return "invalid", None


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold().replace("&", " and ")
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("'", "").replace("’", "")
    words = [word for word in _WORD.split(plain) if word and word != "the"]
    return " ".join(words)


@functools.cache
def _mids() -> dict[int, str]:
    return {int(mid): flag for mid, flag in _rows("mids.csv")}


@functools.cache
def _states() -> dict[str, str]:
    shown: dict[str, str] = {}
    for name, code in _rows("flag_names.csv"):
        shown.setdefault(code, name)
    return shown


@functools.cache
def _names() -> dict[str, str]:
    names = {_fold(name): code for name, code in _rows("flag_names.csv")}
    names.update({code.casefold(): code for code in _states()})
    return names


def _rows(file: str) -> list[tuple[str, str]]:
    text = resources.files("alerts").joinpath(file).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(one, other) for one, other in csv.reader(lines[1:])]
