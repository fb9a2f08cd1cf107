"""AIS message types in words (ITU-R M.1371-5, annex 8, table 46)."""

from __future__ import annotations

_WORDS = {
    0: "not said (a table's row)",
    1: "position, class A",
    2: "position, class A, assigned",
    3: "position, class A, on interrogation",
    4: "base station",
    5: "static and voyage, class A",
    6: "binary, addressed",
    7: "binary acknowledge",
    8: "binary, broadcast",
    9: "search and rescue aircraft",
    10: "time inquiry",
    11: "time response",
    12: "safety text, addressed",
    13: "safety acknowledge",
    14: "safety text, broadcast",
    15: "interrogation",
    16: "assignment command",
    17: "DGNSS corrections",
    18: "position, class B",
    19: "position, class B, extended",
    20: "data link management",
    21: "aid to navigation",
    22: "channel management",
    23: "group assignment",
    24: "static, class B",
    25: "single slot binary",
    26: "multiple slot binary",
    27: "position, long range",
}


def message_words(kind: int) -> str:
    """Number and name of a message type.

    >>> message_words(5)
    '5 static and voyage, class A'
    """
    return f"{kind} {_WORDS[kind]}" if kind in _WORDS else str(kind)
