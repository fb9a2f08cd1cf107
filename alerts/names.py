"""Name keys: what of a ship's name has to be equal, and how unlike two spellings of it may be.

A key is the letters run together and the numbers as a tuple. Numbers are compared exactly (``SEA STAR 2`` and
``SEA STAR 3`` are two ships), letters by an edit distance with a budget that grows with the length.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from alerts.romanise import has_hangul, romanise

AIS_NAME_LENGTH = 20
_LONGEST = 200

_WRAPPED = re.compile(r"""^\s*IMO\s*(\d{7})\s*\(\s*["'“”‘’]*(.*?)["'“”‘’]*\s*\)\s*$""", re.IGNORECASE)
_PREFIX = re.compile(
    r"^(?:(?:MOTOR|STEAM|FISHING|RESEARCH|SAILING) ?(?:VESSEL|TANKER|SHIP|YACHT)\b"
    r"|(?:LPG|LNG|CNG)[ /.]*C\b\.?|[MFSTRW][ .]*/[ .]*[VTSYB]\b\.?|M\. ?[VTSY]\b\.?|F\. ?V\b\.?|S\. ?S\b\.?|T\. ?T\b\.?"
    r"|(?:MV|MT|FV|SS|TT|LPGC|LNGC)\b\.?)[ :]*(?=\S)"
)
_FORMER = re.compile(
    r"""[\s,;]*\(\s*(?:formerly|former|previously|ex|f\.?/?k\.?/?a|a\.?/?k\.?/?a)\b[\s.:'"-]*([^()]*?)['"\s]*\)?\s*$""",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[A-Z]+|[0-9]+")
_ROMAN_NUMERALS = (
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X",
    "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII", "XVIII", "XIX", "XX",
)  # fmt: skip
_ROMAN = {numeral: value for value, numeral in enumerate(_ROMAN_NUMERALS, start=1)}
# Sounds that lists and crews of Korean ships spell either way.
_KOREAN_FOLD = (
    ("EO", "O"), ("EU", "U"), ("KH", "K"), ("TH", "T"), ("PH", "P"), ("CH", "J"), ("G", "K"), ("D", "T"), ("B", "P"),
    ("L", "R"), ("KK", "K"), ("TT", "T"), ("PP", "P"), ("SS", "S"), ("JJ", "J"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NameKey:
    """The comparable part of a name; ``cut`` is set when the name filled all 20 characters that AIS carries."""

    letters: str
    numbers: tuple[int, ...] = ()
    cut: bool = False
    korean: bool = False


def unwrap(raw: str) -> tuple[str, int | None]:
    """The name inside ``IMO 9413004 ("HORAE")`` and the number before it; any other name as it is, and None.

    >>> unwrap('IMO 9413004 ("HORAE")'), unwrap("HORAE")
    (('HORAE', 9413004), ('HORAE', None))
    """
    found = _WRAPPED.match(raw)
    return (raw, None) if found is None else (found[2].strip(), int(found[1]))


@functools.lru_cache(maxsize=65536)
def name_keys(raw: str) -> tuple[NameKey, ...]:
    """The keys a name may be met under, the usual one first; empty for a name without two letters.

    More than one for Hangul (see :func:`alerts.romanise.romanise`) and for a name with a former one behind it.

    >>> name_keys("M/V Sea_Star III")
    (NameKey(letters='SEASTAR', numbers=(3,), cut=False, korean=False),)
    >>> [key.letters for key in name_keys("Kelly Rose (formerly Old Comet)")]
    ['KELLYROSE', 'OLDCOMET']
    >>> name_keys("CHONG BONG HO")[0].letters, name_keys("BILLIONS NO. 18")[0].numbers, name_keys("@@")
    ('CHONGBONG', (18,), ())
    """
    name = unwrap(unicodedata.normalize("NFKC", raw[:_LONGEST]))[0]
    keys: list[NameKey] = []
    cut = len(raw.rstrip()) == AIS_NAME_LENGTH
    korean = has_hangul(name)
    for part in _with_former(name):
        for spelling in romanise(part):
            letters, numbers = _letters_and_numbers(spelling)
            if len(letters) >= 2:
                keys.append(NameKey(letters, numbers, cut, korean))
    return tuple(dict.fromkeys(keys))


def _with_former(name: str) -> tuple[str, ...]:
    """``NEW (formerly OLD)`` as both names; any other as it is."""
    found = _FORMER.search(name) if "(" in name else None
    if found is None or not found.start():
        return (name,)
    return (name[: found.start()], *(part for part in re.split(r"[;,]", found[1]) if part.strip()))


def _letters_and_numbers(spelling: str) -> tuple[str, tuple[int, ...]]:
    plain = unicodedata.normalize("NFKD", spelling.replace("_", " ")).upper()
    # A prefix can stand twice ("M/T LPG/C X"); the second pass takes it, a third has not been met.
    plain = _PREFIX.sub("", _PREFIX.sub("", plain.strip(), count=1), count=1)
    tokens = _TOKEN.findall(plain.replace("'", ""))
    if len(tokens) > 1 and tokens[-1] in _ROMAN and not tokens[-2].isdigit():
        tokens[-1] = str(_ROMAN[tokens[-1]])
    words: list[str] = []
    numbers: list[int] = []
    for position, token in enumerate(tokens):
        if token.isdigit():
            numbers.append(int(token))
        elif not (token == "NO" and position + 1 < len(tokens) and tokens[position + 1].isdigit()):
            words.append(token)
    # "Ho" is Korean for ship; four letters have to stay, so that SU HO keeps its name.
    if len(words) > 1 and words[-1] == "HO" and sum(map(len, words[:-1])) >= 4:
        words.pop()
    return "".join(words), tuple(numbers)


def korean_fold(letters: str) -> str:
    """Letters with the sounds that are spelled either way in Korean names made one.

    >>> korean_fold("CHEONGBONG") == korean_fold("CHONGBONG") == korean_fold("JONGPONG")
    True
    """
    for pattern, one in _KOREAN_FOLD:
        letters = letters.replace(pattern, one)
    return letters


def edit_budget(length: int) -> int:
    """How many letters two spellings of this length may differ in: 0 below five, 1 below nine, else 2."""
    return 0 if length < 5 else 1 if length < 9 else 2


def compare_keys(seen: NameKey, listed: NameKey, *, korean: bool = False) -> str | None:
    """``same``, ``variant`` or None (another name) for one pair of keys.

    ``same``: letters and numbers equal, or the seen name was cut at 20 characters and the listed one begins with it.
    ``variant``: numbers equal, letters within the budget, or (``korean`` or Hangul) equal in the Korean fold.

    >>> compare_keys(*name_keys("SEA STAR II"), *name_keys("SEA STAR 3")) is None
    True
    >>> compare_keys(*name_keys("OCEAN EXPLROER"), *name_keys("OCEAN EXPLORER"))
    'variant'
    """
    if seen.letters == listed.letters and seen.numbers == listed.numbers:
        return "same"
    if seen.cut and _is_cut_of(seen, listed):
        return "same"
    if seen.numbers != listed.numbers:
        return None
    budget = edit_budget(min(len(seen.letters), len(listed.letters)))
    if budget and OSA.distance(seen.letters, listed.letters, score_cutoff=budget) <= budget:
        return "variant"
    folds = korean or seen.korean or listed.korean
    if folds and len(seen.letters) >= 4 and korean_fold(seen.letters) == korean_fold(listed.letters):
        return "variant"
    return None


def compare_names(seen: str, listed: str, *, korean: bool = False) -> str | None:
    """The best of :func:`compare_keys` over all spellings of both names.

    >>> compare_names("청봉", "Chong Bong"), compare_names("태평산", "Thae Pyong San"), compare_names("ABLE", "ABLY")
    ('same', 'variant', None)
    """
    grades = {compare_keys(a, b, korean=korean) for a in name_keys(seen) for b in name_keys(listed)}
    return "same" if "same" in grades else "variant" if "variant" in grades else None


def _is_cut_of(seen: NameKey, listed: NameKey) -> bool:
    # The cut can fall inside a number, so the numbers seen must begin the listed ones, the last digit by digit.
    longer = len(listed.letters) > len(seen.letters) or listed.numbers != seen.numbers
    if not (longer and listed.letters.startswith(seen.letters) and len(seen.letters) >= 10):
        return False
    if not seen.numbers:
        return True
    head, last = seen.numbers[:-1], str(seen.numbers[-1])
    rest = listed.numbers[len(head) :]
    return listed.numbers[: len(head)] == head and bool(rest) and str(rest[0]).startswith(last)
