"""Ship types: the numbers of AIS and the words of lists, brought to a few classes that can contradict one another."""

from __future__ import annotations

import functools

# ITU-R M.1371 table 53; numbers left out (reserved, WIG, high speed, military, "other") state no class.
_AIS = (
    (range(30, 31), "fishing"), (range(31, 34), "work"), (range(36, 38), "pleasure"), (range(50, 56), "work"),
    (range(60, 70), "passenger"), (range(70, 80), "cargo"), (range(80, 90), "tanker"),
)  # fmt: skip

# Words of lists to the AIS classes that such a ship is met under, the first rule that fits. Supply ships, barges and
# fish carriers sail under several; "merchant" or "service" says nothing.
_WORDS: tuple[tuple[tuple[str, ...], frozenset[str]], ...] = (
    (("fish carrier", "fish factory"), frozenset({"fishing", "cargo"})),
    (("fishing", "trawler", "longliner"), frozenset({"fishing"})),
    (("bunkering", "barge"), frozenset({"tanker", "cargo", "work"})),
    (("tanker", "lng", "lpg", "gas carrier"), frozenset({"tanker"})),
    (("passenger", "ferry", "cruise"), frozenset({"passenger", "cargo"})),
    (("ro-ro", "roll-on", "roro", "vehicle"), frozenset({"cargo", "passenger"})),
    (("yacht", "pleasure", "sailing"), frozenset({"pleasure", "passenger"})),
    (("tug", "supply", "offshore", "dredger", "pilot", "salvage", "anchor handling", "research", "pipe", "drill",
      "crew", "landing craft"), frozenset({"work", "cargo", "passenger"})),
    (("cargo", "bulk", "container", "reefer", "refrigerated", "livestock", "heavy lift"), frozenset({"cargo"})),
)  # fmt: skip


def ais_class(ship_type: int | None) -> str | None:
    """The class that an AIS ship type states: cargo, tanker, fishing, passenger, work, pleasure, or None.

    >>> ais_class(84), ais_class(30), ais_class(90), ais_class(None)
    ('tanker', 'fishing', None, None)
    """
    if ship_type is None:
        return None
    return next((name for numbers, name in _AIS if ship_type in numbers), None)


@functools.lru_cache(maxsize=4096)
def listed_classes(words: str | None) -> frozenset[str]:
    """The AIS classes under which a ship of this listed type may fairly sail; empty if the words state none.

    >>> sorted(listed_classes("Crude Oil Tanker")), sorted(listed_classes("Fish Carrier")), sorted(listed_classes("?"))
    (['tanker'], ['cargo', 'fishing'], [])
    """
    text = (words or "").casefold()
    return next((classes for needles, classes in _WORDS if any(needle in text for needle in needles)), frozenset())
