"""Text from strangers made fit for print: no invisible characters, and in the PDF only letters that its font has."""

from __future__ import annotations

import re

from alerts.romanise import romanise
from alerts.wording import plain_text

LONGEST_NAME = 60
LONGEST_WORD = 14
REPLACEMENT = "□"
"""Stands, visibly, for what the font has not and nobody romanises."""

_FONT_RANGES = (
    (0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x377), (0x37A, 0x37F), (0x384, 0x38A), (0x38C, 0x38C), (0x38E, 0x3A1),
    (0x3A3, 0x3FF), (0x400, 0x45F), (0x2010, 0x2015), (0x2018, 0x201F), (0x2020, 0x2022), (0x2026, 0x2026),
    (0x2030, 0x2030), (0x2032, 0x2033), (0x2039, 0x203A), (0x20AC, 0x20AC), (0x2116, 0x2116), (0x2190, 0x2193),
    (0x2212, 0x2212), (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265), (0x25A0, 0x25A1), (0x25B2, 0x25B3),
    (0x25B8, 0x25B8), (0x25BA, 0x25BA), (0x25C2, 0x25C2), (0x25C4, 0x25C4), (0x25C6, 0x25C7), (0x25CB, 0x25CB),
    (0x25CF, 0x25CF), (0xFFFD, 0xFFFD),
)  # fmt: skip
IN_FONT = frozenset(chr(code) for first, last in _FONT_RANGES for code in range(first, last + 1))
"""The characters of the fonts in ``reports/fonts`` (both weights), as they were cut."""

_UNBROKEN = re.compile(rf"[^\s\u200b]{{{LONGEST_WORD}}}(?=[^\s\u200b])")
_SPACES = re.compile(r"\s+")


def said(text: str | None, longest: int = LONGEST_NAME) -> str:
    """What a ship, a list or a file said, on one line, without invisible characters, cut visibly where it is long.

    >>> said("SEA\\u202eSTAR\\n1 "), said(None), said("A" * 70)[-3:]
    ('SEASTAR1', '', 'AA…')
    """
    shown = _SPACES.sub(" ", plain_text(text or "")).strip()
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def for_font(text: str) -> str:
    """The same in letters that the font has: other scripts romanised, the rest as a visible box; words breakable.

    >>> for_font("청봉 5"), for_font("ЗАРЯ")
    ('chong bong 5', 'ЗАРЯ')
    """
    if not set(text) <= IN_FONT:
        text = "".join(_run_for_font(run) for run in _runs(text))
    return _UNBROKEN.sub(lambda found: found[0] + "\u200b", text)


def _runs(text: str) -> list[str]:
    """The text in runs that are all in the font or all not: only the latter are romanised."""
    runs: list[str] = []
    for character in text:
        if runs and (character in IN_FONT) == (runs[-1][-1] in IN_FONT):
            runs[-1] += character
        else:
            runs.append(character)
    return runs


def _run_for_font(run: str) -> str:
    if run[0] in IN_FONT:
        return run
    latin = "".join(c if c in IN_FONT else REPLACEMENT for c in romanise(run)[0])
    return latin.strip() or REPLACEMENT * len(run)
