"""What ships say of themselves that does not fit together: leads of kind ``identity``, each finding once.

Static reports are compared with what the same MMSI, and what others with the same IMO number, said before. None of it
proves anything: crews mistype, ships are sold, two transponders are set up alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import StaticReports
from shipwatch.engine.detections import Lead
from shipwatch.engine.findings import derived_id, whole_second
from shipwatch.engine.fixes import HULLS_PER_MMSI, track_name
from shipwatch.engine.identity_rows import STATIC_A, Said, sorted_out
from shipwatch.engine.motion import US, ceil_minute

Array = NDArray[Any]
Position = Callable[[int, int], tuple[float, float] | None]
"""Where an MMSI was heard last up to an instant (microseconds)."""

Meetings = tuple[tuple[int, int], ...]
"""Meetings of one ship: when each was told, and its end."""

DAY_US = 86_400 * US
AT_ONCE_US = DAY_US
"""Two ships say a number at once when each has said it within a day of the other, and the first says it again."""
ZEROS, ZEROS_SPAN_US = 3, 3_600 * US
"""A number is dropped when it is sent as 0 so often and over so long, having been sent before."""
SIZE_STEP, SIZE_STEP_M = 0.2, 20.0
"""A hull does not change by a fifth and 20 m."""
AFTER_MEETING_US = 30 * DAY_US
_WEIGHTS = np.array([7, 6, 5, 4, 3, 2])


def has_ship_check_digit(imo: Array) -> Array:
    """Whether seven-digit numbers carry a ship's check digit (IMO resolution A.1117(30)); the column form of it.

    >>> has_ship_check_digit(np.array([9074729, 9074720, 0])).tolist()
    [True, False, False]
    """
    digits = np.asarray(imo, np.int64)[:, None] // 10 ** np.arange(6, -1, -1) % 10
    inside = (np.asarray(imo) >= 1_000_000) & (np.asarray(imo) <= 9_999_999)
    placeholder = np.isin(imo, (1234567, 5555555))  # typed in as "something"
    return np.asarray(inside & ~placeholder & ((digits[:, :6] * _WEIGHTS).sum(axis=1) % 10 == digits[:, 6]))


@dataclass(frozen=True, slots=True)
class Identity:
    """The table, numbers that two ships have said and since when, and when ships last met; plain data."""

    said: Said = field(default_factory=Said.empty)
    doubles: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)
    met: Mapping[int, Meetings] = field(default_factory=dict)


def watch_identity(
    state: Identity, statics: StaticReports, met: Mapping[int, Meetings], where: Position, forget_us: int
) -> tuple[Identity, list[Lead]]:
    """Go on with the released static reports of one step (in order of time); ``met``: MMSI to meetings told.

    Told are: one valid IMO number from two MMSIs at once (``imo_on_two_mmsis``), an MMSI that says another valid number
    (``imo_changed``), a number dropped to 0 (``imo_dropped``), a length that a hull cannot have changed to
    (``length_changed``), another name or call sign within 30 days of a meeting (``name_changed_after_meeting``).
    Ships that no position is known of are not told. What was last said before ``forget_us`` is forgotten.
    """
    meetings = dict(state.met)
    for mmsi, more in met.items():
        meetings[mmsi] = (*meetings.get(mmsi, ()), *more)
    if not len(statics):
        return Identity(state.said, state.doubles, _lately(meetings, forget_us)), []
    desk = _Desk(state, meetings, where)
    order = np.lexsort((statics.msg_type, statics.time_us))
    rows = statics.take(order)
    valid = has_ship_check_digit(rows.imo)
    length = np.nan_to_num(rows.to_bow_m + rows.to_stern_m)
    matters, new = sorted_out(state.said, state.doubles, rows, valid)
    for row in np.flatnonzero(matters).tolist():
        desk.take(
            int(rows.mmsi[row]), int(rows.time_us[row]), int(rows.imo[row]) if valid[row] else 0,
            bool(rows.imo[row] == 0 and rows.msg_type[row] == STATIC_A), str(rows.name[row]), str(rows.callsign[row]),
            float(length[row]),
        )  # fmt: skip
    said = desk.table(new, rows, forget_us)
    doubles = {imo: pair for imo, pair in desk.doubles.items() if pair[2] >= forget_us}
    return Identity(said, doubles, _lately(meetings, forget_us)), desk.found


def _letters(text: str) -> str:
    """Letters and figures alone: receivers and crews differ in blanks and points."""
    return "".join(character for character in text if character.isalnum())


def _lately(meetings: Mapping[int, Meetings], forget_us: int) -> dict[int, Meetings]:
    kept = {mmsi: tuple(item for item in items if item[1] >= forget_us) for mmsi, items in meetings.items()}
    return {mmsi: items for mmsi, items in kept.items() if items}


class _Desk:
    """One call's working copy of the rows that change."""

    def __init__(self, state: Identity, met: Mapping[int, Meetings], where: Position) -> None:
        self.said, self.met, self.where = state.said, met, where
        self.doubles = dict(state.doubles)
        self.rows: dict[int, dict[str, Any]] = {}
        self.found: list[Lead] = []
        self._by_imo: Array | None = None
        self._claims: dict[int, set[int]] = {}

    def take(
        self, mmsi: int, at_us: int, imo: int, no_imo: bool, name: str, callsign: str, length_m: float
    ) -> None:  # fmt: skip
        """One static report."""
        held = self._held(mmsi)
        if imo:
            self._number(mmsi, at_us, imo, held)
        elif no_imo and held["imo"]:
            if not held["zeros"]:
                held["zeros_since_us"] = at_us
            held["zeros"] += 1
            if held["zeros"] >= ZEROS and at_us - held["zeros_since_us"] >= ZEROS_SPAN_US:
                self._tell("imo_dropped", mmsi, at_us, held["zeros_since_us"], (("imo_before", held["imo"]),))
                self._claims.setdefault(held["imo"], set()).discard(mmsi)
                held["imo"], held["zeros"] = 0, 0
        for what, now in (("name", name), ("callsign", callsign)):
            if now and held[what] and _letters(now) != _letters(held[what]):
                if _letters(now) != _letters(held[f"{what}_before"]):
                    self._renamed(mmsi, at_us, what, held[what], now)
                held[f"{what}_before"] = held[what]
            held[what] = now or held[what]
        before = held["length_m"]
        if length_m and before and abs(length_m - before) > max(SIZE_STEP_M, SIZE_STEP * max(length_m, before)):
            again, held["length_before_m"] = held["length_before_m"] == length_m, before
            facts = (("length_before_m", round(before)), ("length_m", round(length_m)))
            if not again:  # what changes to and fro is told once
                self._tell("length_changed", mmsi, at_us, at_us, facts)
        held["length_m"] = length_m or before

    def _number(self, mmsi: int, at_us: int, imo: int, held: dict[str, Any]) -> None:
        pair = self.doubles.get(imo)
        if pair is not None and mmsi == pair[0] and at_us - pair[2] <= AT_ONCE_US:
            self._tell("imo_on_two_mmsis", mmsi, at_us, pair[2], (("imo", imo), ("other_mmsi", pair[1])))
            del self.doubles[imo]
        if held["imo"] and held["imo"] != imo:
            facts = (("imo_before", held["imo"]), ("imo", imo))
            if held["imo_before"] != imo:
                self._tell("imo_changed", mmsi, at_us, held["imo_us"], facts)
            held["imo_before"] = held["imo"]
        other = self._other_than(mmsi, imo)
        if other is not None and held["imo"] != imo and imo not in self.doubles:
            lately = at_us - self._held(other)["imo_us"] <= AT_ONCE_US
            if lately:
                self.doubles[imo] = (other, mmsi, at_us)
        if held["imo"] != imo:
            self._claims.setdefault(held["imo"], set()).discard(mmsi)
            self._claims.setdefault(imo, set()).add(mmsi)
        held["imo"], held["imo_us"], held["zeros"] = imo, at_us, 0

    def _renamed(self, mmsi: int, at_us: int, what: str, before: str, now: str) -> None:
        ends = [end for told_us, end in self.met.get(mmsi, ()) if told_us < at_us <= end + AFTER_MEETING_US]
        if ends:
            met_us = max(ends)
            facts = ((f"{what}_before", before), (what, now), ("after_meeting_s", round((at_us - met_us) / US)))
            self._tell(f"{what}_changed_after_meeting", mmsi, at_us, at_us, facts)

    def _tell(
        self, finding: str, mmsi: int, at_us: int, since_us: int, facts: tuple[tuple[str, float | int | str], ...]
    ) -> None:
        track = mmsi * HULLS_PER_MMSI
        place = self.where(mmsi, at_us)
        if place is None:
            return
        start_us = whole_second(since_us)
        told = tuple(str(value) for _, value in facts if not isinstance(value, float))
        self.found.append(
            Lead(
                id=derived_id("identity", finding, track_name(track), start_us // US, *told),
                kind="identity",
                tracks=(track_name(track),),
                mmsis=(mmsi,),
                published_us=ceil_minute(at_us),
                start_us=start_us,
                end_us=whole_second(at_us),
                lat=round(place[0], 5),
                lon=round(place[1], 5),
                facts=(("finding", finding), *facts),
            )
        )

    def _held(self, mmsi: int) -> dict[str, Any]:
        row = self.rows.get(mmsi)
        if row is None:
            place = int(np.searchsorted(self.said.mmsi, mmsi))
            if place < len(self.said) and self.said.mmsi[place] == mmsi:
                row = {name: column[place].item() for name, column in self.said.columns().items()}
            else:
                row = {name: np.zeros(1, dtype)[0].item() for name, dtype in Said.DTYPES.items()} | {"mmsi": mmsi}
            self.rows[mmsi] = row
            if row["imo"]:
                self._claims.setdefault(row["imo"], set()).add(mmsi)
        return row

    def _other_than(self, mmsi: int, imo: int) -> int | None:
        """The other MMSI that goes by this number now; of several the one that said it last."""
        if self._by_imo is None:
            self._by_imo = np.argsort(self.said.imo, kind="stable")
        numbers = self.said.imo[self._by_imo]
        low, high = np.searchsorted(numbers, [imo, imo + 1]).tolist()
        before = self.said.mmsi[self._by_imo[low:high]].tolist()
        ships = {ship for ship in before if ship not in self.rows} | self._claims.get(imo, set())
        others = sorted((self._held(ship)["imo_us"], ship) for ship in ships if ship != mmsi)
        return others[-1][1] if others else None

    def table(self, new: Said, rows: StaticReports, forget_us: int) -> Said:
        """The table with what changed, with new ships, and when each ship was last heard."""
        columns = self.said.columns()
        changed = np.array(sorted(self.rows), np.int32)
        made = Said.of(**{name: [self.rows[int(mmsi)][name] for mmsi in changed] for name in Said.DTYPES})
        if len(made):
            place = np.minimum(np.searchsorted(self.said.mmsi, changed), max(len(self.said) - 1, 0))
            known = self.said.mmsi[place] == changed if len(self.said) else np.zeros(len(changed), bool)
            for name, column in columns.items():
                values = getattr(made, name)[known]
                if (column[place[known]] != values).any():
                    columns[name] = column.copy()
                    columns[name][place[known]] = values
            new = Said.concat((new, made.take(~known)))
        table = Said(**columns)
        if len(new):
            table = Said.concat((table, new))
            table = table.take(np.argsort(table.mmsi, kind="stable"))
        last_us, imo_us = table.last_us.copy(), table.imo_us.copy()
        place = np.searchsorted(table.mmsi, rows.mmsi)
        np.maximum.at(last_us, place, rows.time_us)
        again = (rows.imo > 0) & (table.imo[place] == rows.imo)
        np.maximum.at(imo_us, place[again], rows.time_us[again])
        table = Said(**table.columns() | {"last_us": last_us, "imo_us": imo_us})
        old = last_us < forget_us
        return table.take(~old) if old.any() else table
