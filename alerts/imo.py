"""IMO numbers: one seven-digit form, two schemes with different check digits (ships, companies).

Source: IMO resolution A.1117(30) (ships), IMO circular letter 2554 (companies and registered owners).
"""

from __future__ import annotations

_COMPANY_WEIGHTS = (8, 6, 4, 2, 9, 7)

# Typed in as "something": they pass the ship check digit by chance and belong to no ship, so an equality or a
# conflict of them says nothing.
PLACEHOLDERS = frozenset({1234567, 5555555})


def _digits(number: int) -> tuple[int, ...] | None:
    if not 1_000_000 <= number <= 9_999_999:
        return None
    return tuple(int(digit) for digit in str(number))


def is_ship_imo(number: int | None) -> bool:
    """Whether this is a ship's IMO number: seven digits, check digit right, not a known placeholder.

    >>> is_ship_imo(9074729), is_ship_imo(9074720), is_ship_imo(1234567), is_ship_imo(None)
    (True, False, False, False)
    """
    if number is None or not 1_000_000 <= number <= 9_999_999 or number in PLACEHOLDERS:
        return False
    # In whole numbers rather than digit by digit: it is asked for each ship seen.
    rest, weighted = number // 10, 0
    for weight in (2, 3, 4, 5, 6, 7):
        weighted += rest % 10 * weight
        rest //= 10
    return weighted % 10 == number % 10


def is_company_imo(number: int | None) -> bool:
    """Whether the check digit is that of a company's IMO number (never a ship's identity).

    >>> is_company_imo(5434358), is_ship_imo(5434358)
    (True, False)
    """
    digits = _digits(number) if number is not None else None
    if digits is None:
        return False
    weighted = sum(d * w for d, w in zip(digits, _COMPANY_WEIGHTS, strict=False))
    return (11 - weighted % 11) % 10 == digits[6]


def ship_imo(number: int | None) -> int | None:
    """The number itself if it is a ship's, else None.

    >>> ship_imo(9074729), ship_imo(0)
    (9074729, None)
    """
    return number if is_ship_imo(number) else None


def describe_imo(number: int) -> str:
    """What a number is, in words for a person who typed it.

    >>> describe_imo(9074720)
    'IMO 9074720 fails its check digit'
    """
    if is_ship_imo(number):
        return f"IMO {number} is a valid ship number"
    if number in PLACEHOLDERS:
        return f"IMO {number} is a placeholder"
    if _digits(number) is None:
        return f"IMO {number} is not seven digits"
    if is_company_imo(number):
        return f"IMO {number} is a company number, not a ship's"
    return f"IMO {number} fails its check digit"
