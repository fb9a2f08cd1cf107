"""Who the ships are: invented names, numbers with right check digits, hulls of plausible size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shipwatch.simulator.visits import Hull

MIDS = {
    "CHN": (412, "B"), "KOR": (440, "D"), "JPN": (431, "J"), "TWN": (416, "B"), "PAN": (352, "3E"), "LBR": (636, "A8"),
    "MHL": (538, "V7"), "HKG": (477, "VR"), "SGP": (563, "9V"), "SLE": (667, "9L"), "TGO": (671, "5V"),
    "MNG": (457, "JV"), "COK": (518, "E5"), "BLZ": (312, "V3"), "VNM": (574, "3W"), "RUS": (273, "U"),
    "CYP": (209, "5B"), "MLT": (229, "9H"), "PLW": (511, "T8"), "GNQ": (631, "3C"),
}  # fmt: skip
"""Flag: one of its maritime identification digits and the start of its call signs (ITU tables)."""

PASSENGER, CARGO, TANKER, FISHING_BOAT, TOWING, PILOT, TUG, HIGH_SPEED = 60, 70, 80, 30, 31, 50, 52, 40
"""Ship types, ITU-R M.1371 table 53."""

_FIRST = (
    "AMBER", "BRISK", "CALM", "DAWN", "EAGER", "FABLED", "GILDED", "HAPPY", "IVORY", "JADE", "KINDLY", "LUCID", "MERRY",
    "NIMBLE", "OPAL", "PROUD", "QUIET", "ROSY", "SILVER", "TIDY", "URBAN", "VIVID", "WARM", "YOUNG", "ZESTY", "BOLD",
    "COPPER", "DUSKY", "EVEN", "FRESH",
)  # fmt: skip
_SECOND = (
    "ACORN", "BADGER", "CRICKET", "DAHLIA", "EMBER", "FINCH", "GINKGO", "HERON", "IBIS", "JUNIPER", "KESTREL", "LARCH",
    "MAGPIE", "NEWT", "OTTER", "PLOVER", "QUINCE", "ROBIN", "SPARROW", "TEASEL", "URCHIN", "VIOLET", "WALNUT", "YARROW",
    "ZINNIA", "BRAMBLE", "CLOVER", "DRAGONFLY", "ELDER", "FERN",
)  # fmt: skip

_KINDS: dict[int, tuple[tuple[int, int], float, tuple[float, float]]] = {
    CARGO: ((90, 230), 0.155, (5.0, 12.5)), TANKER: ((85, 185), 0.165, (5.0, 11.0)), PASSENGER: ((110, 190), 0.15,
    (5.0, 6.5)), FISHING_BOAT: ((24, 48), 0.22, (2.5, 4.5)), TUG: ((28, 38), 0.33, (3.5, 5.0)), TOWING: ((28, 40),
    0.33, (3.5, 5.0)), PILOT: ((14, 20), 0.3, (1.2, 2.0)), HIGH_SPEED: ((38, 60), 0.25, (1.8, 2.6)),
}  # fmt: skip
"""Ship type: length range in metres, beam over length, draught range in metres."""


@dataclass(frozen=True, slots=True)
class Vessel:
    """What a ship says of herself; ``imo`` is 0 where she sends none, ``class_b`` ships send types 18 and 24."""

    mmsi: int
    imo: int
    name: str
    callsign: str
    flag: str
    ship_type: int
    hull: Hull
    draught_m: float
    destination: str = ""
    class_b: bool = False


def ship_imo(serial: int) -> int:
    """The IMO number with a right ship check digit over six digits.

    The simulator uses serials from 300000 on: numbers that begin with 3 have not been given to ships.

    >>> ship_imo(907472)
    9074729
    """
    return serial * 10 + sum(int(d) * w for d, w in zip(f"{serial:06d}", range(7, 1, -1), strict=True)) % 10


def is_company_number(number: int) -> bool:
    """Whether seven digits also satisfy the check digit of IMO *company* numbers (weights 8 6 4 2 9 7)."""
    digits = f"{number:07d}"
    total = sum(int(d) * w for d, w in zip(digits[:6], (8, 6, 4, 2, 9, 7), strict=True))
    return (11 - total % 11) % 10 == int(digits[6])


class Shipyard:
    """Hands out invented vessels, no name, MMSI, IMO number or call sign twice, in an order that the seed fixes."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        pairs = [f"{first} {second}" for first in _FIRST for second in _SECOND]
        self._names = [pairs[i] for i in rng.permutation(len(pairs))]
        self._imo_serial = 300_000 + int(rng.integers(1000, 9000))
        self._mmsi_serial = int(rng.integers(910_000, 940_000))
        self._call_serial = int(rng.integers(10, 400))

    def build(
        self, ship_type: int, flag: str, length_m: int | None = None, name: str | None = None, with_imo: bool = True,
        class_b: bool = False, destination: str = "", draught_m: float | None = None,
    ) -> Vessel:  # fmt: skip
        """One new vessel of a type and flag; what is not given is drawn. Raises ``KeyError`` for an unknown flag."""
        (shortest, longest), slender, (light, deep) = _KINDS.get(ship_type - ship_type % 10, _KINDS[CARGO])
        if ship_type in _KINDS:
            (shortest, longest), slender, (light, deep) = _KINDS[ship_type]
        length = length_m or int(self._rng.integers(shortest, longest))
        beam = max(4, round(length * slender))
        # Merchant ships have the bridge and the antenna aft, small craft near the middle.
        aft = round(length * float(self._rng.uniform(0.12, 0.3) if length > 60 else self._rng.uniform(0.4, 0.6)))
        port = max(1, round(beam * float(self._rng.uniform(0.4, 0.6))))
        hull = Hull(length - aft, aft, port, beam - port)
        mid, prefix = MIDS[flag]
        self._mmsi_serial += int(self._rng.integers(1, 40))
        self._call_serial += int(self._rng.integers(1, 9))
        draught = draught_m if draught_m is not None else round(float(self._rng.uniform(light, deep)), 1)
        return Vessel(
            mid * 1_000_000 + self._mmsi_serial, self._next_imo() if with_imo else 0, name or self._names.pop(),
            f"{prefix}X{self._call_serial:04d}"[:7], flag, ship_type, hull, draught, destination, class_b,
        )  # fmt: skip

    def _next_imo(self) -> int:
        while True:
            self._imo_serial += int(self._rng.integers(1, 60))
            number = ship_imo(self._imo_serial)
            # Lists carry company numbers too: a ship's number that could be either would make the demo ambiguous.
            if not is_company_number(number):
                return number
