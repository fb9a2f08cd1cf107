"""What the AIS ship type number says: its class in plain words, and which classes carry cargo.

Source of the numbers: Recommendation ITU-R M.1371, static and voyage related data, "type of ship and cargo type".
"""

from __future__ import annotations

_SINGLE = {
    30: "fishing vessel",
    31: "towing vessel",
    32: "towing vessel",
    33: "dredger",
    34: "diving vessel",
    35: "military vessel",
    36: "sailing vessel",
    37: "pleasure craft",
    50: "pilot vessel",
    51: "search and rescue vessel",
    52: "tug",
    53: "port tender",
    54: "anti-pollution vessel",
    55: "law enforcement vessel",
    56: "local vessel",
    57: "local vessel",
    58: "medical transport",
    59: "noncombatant ship",
}
_TENS = {
    2: "wing-in-ground craft",
    4: "high speed craft",
    6: "passenger ship",
    7: "cargo ship",
    8: "tanker",
    9: "other ship",
}


def ship_class(ship_type: int | None) -> str:
    """The class of an AIS ship type number in plain words; ``ship of unsent type`` for None, 0, reserved and unknown.

    >>> ship_class(80), ship_class(52), ship_class(None)
    ('tanker', 'tug', 'ship of unsent type')
    """
    if ship_type is None:
        return "ship of unsent type"
    return _SINGLE.get(ship_type) or _TENS.get(ship_type // 10) or "ship of unsent type"


def is_unsent(ship_type: int | None) -> bool:
    """Whether the number says nothing of what the ship is: never sent, 0, or reserved.

    >>> is_unsent(None), is_unsent(0), is_unsent(52)
    (True, True, False)
    """
    return ship_class(ship_type) == ship_class(None)


def is_merchant(ship_type: int | None) -> bool:
    """Whether the number is that of a cargo ship or a tanker (70-89), the classes that carry what is transferred.

    >>> is_merchant(70), is_merchant(89), is_merchant(90), is_merchant(None)
    (True, True, False, False)
    """
    return ship_type is not None and 70 <= ship_type <= 89
