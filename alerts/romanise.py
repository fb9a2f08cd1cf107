"""Names in other scripts to Latin letters as ships paint them.

Hangul after the DPRK's own practice (initial k t p, voiced between voiced sounds; r kept at the start; kh, th, ph):
lists and transponders follow it, not the South Korean system. Chinese by pinyin; all other scripts by anyascii.
"""

from __future__ import annotations

import re

from anyascii import anyascii

_FIRST = ("k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "", "j", "jj", "ch", "kh", "th", "ph", "h")
_VOICED = {"k": "g", "t": "d", "p": "b"}
_VOWELS = (
    "a", "ae", "ya", "yae", "o", "e", "yo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "u",
    "ui", "i",
)  # fmt: skip
_LAST = (
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t",
    "t", "k", "t", "p", "t",
)  # fmt: skip
_SONORANT_ENDS = frozenset({"", "n", "l", "m", "ng"})

_HANGUL = re.compile(r"[\uac00-\ud7a3]+")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")


def romanise(text: str) -> tuple[str, ...]:
    """The Latin spellings a name may be met under, the usual one first; Latin text comes back as it is.

    More than one only for Hangul with an aspirated consonant: lists write both ``PHO`` and ``PO`` for one syllable.

    >>> romanise("청봉"), romanise("태평산"), romanise("Маршал")
    (('chong bong',), ('thae phyong san', 'tae pyong san'), ('Marshal',))
    """
    if text.isascii():
        return (text,)
    usual = _plain(_HANGUL.sub(lambda found: f" {_dprk(found[0])} ", text))
    if _HANGUL.search(text) is None:
        return (usual,)
    bare = _plain(_HANGUL.sub(lambda found: f" {_dprk(found[0], aspirated=False)} ", text))
    return (usual,) if bare == usual else (usual, bare)


def has_hangul(text: str) -> bool:
    """Whether any syllable is written in Hangul."""
    return _HANGUL.search(text) is not None


def _plain(text: str) -> str:
    if _HAN.search(text) is not None:
        text = _HAN.sub(lambda found: f" {_pinyin(found[0])} ", text)
    return " ".join(anyascii(text).split())


def _pinyin(han: str) -> str:
    # Half a second of tables: only whoever meets a Chinese name waits for them.
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    return " ".join(lazy_pinyin(han))


def _dprk(hangul: str, *, aspirated: bool = True) -> str:
    syllables: list[str] = []
    voiced_before = False
    for character in hangul:
        index = ord(character) - 0xAC00
        first, vowel, last = _FIRST[index // 588], _VOWELS[index % 588 // 28], _LAST[index % 28]
        if voiced_before:
            first = _VOICED.get(first, first)
        if not aspirated and first in ("kh", "th", "ph"):
            first = first[0]
        syllables.append(first + vowel + last)
        voiced_before = last in _SONORANT_ENDS
    return " ".join(syllables)
