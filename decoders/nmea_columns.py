"""The columns into which the NMEA kernel writes, and the batch that becomes of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from decoders import layout, validity
from decoders.reports import AidReports, Array, BaseStationReports, Batch, PositionReports, StaticReports

_RAW_HEAD = 6  # type, time, offset, station (two words), MMSI
_BASE_NAMES = [name for name, field in layout.BASE_STATION.items() if isinstance(field, layout.Field)]
_AID_NAMES = [name for name, field in layout.AID.items() if isinstance(field, layout.Field)]


class Room:
    """Columns with room for a number of rows, used again for each block; what was never written costs no memory.

    Batches get copies of the rows that were written: memory that a block has used is at hand for the next, and nobody
    holds more than the rows.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._p_times = np.empty((2, rows), np.int64)  # time, offset
        self._p_mmsi = np.empty(rows, np.int32)
        self._p_degrees = np.empty((2, rows), np.float64)
        self._p_floats = np.empty((3, rows), np.float32)
        self._p_codes = np.empty((2, rows), np.int8)
        self._p_types = np.empty(rows, np.uint8)
        self._p_stations = np.empty((rows, 2), np.int64)
        self._s_times = np.empty((2, rows), np.int64)
        self._s_numbers = np.empty((4, rows), np.int32)  # MMSI, IMO, ship type, message type
        self._s_floats = np.empty((5, rows), np.float32)
        self._s_stations = np.empty((rows, 2), np.int64)
        self._s_names = np.empty((rows, 20), np.uint32)
        self._s_callsigns = np.empty((rows, 7), np.uint32)
        self._s_destinations = np.empty((rows, 20), np.uint32)
        self._raw = np.empty((rows, _RAW_HEAD + max(len(_BASE_NAMES), len(_AID_NAMES))), np.int64)
        self._raw_names = np.empty((rows, 34), np.uint32)

    def arrays(self) -> tuple[Array, ...]:
        """In the order in which the kernel takes them."""
        return (
            self._p_times, self._p_mmsi, self._p_degrees, self._p_floats, self._p_codes, self._p_types,
            self._p_stations, self._s_times, self._s_numbers, self._s_floats, self._s_stations, self._s_names,
            self._s_callsigns, self._s_destinations, self._raw, self._raw_names,
        )  # fmt: skip

    def batch(self, positions: int, statics: int, others: int, **counted: Any) -> Batch:
        """The first rows of each kind as reports."""
        return Batch(
            self._positions(positions) if positions else PositionReports.empty(),
            self._statics(statics) if statics else StaticReports.empty(),
            base_stations=self._base_stations(others) if others else BaseStationReports.empty(),
            aids=self._aids(others) if others else AidReports.empty(),
            **counted,
        )

    def _positions(self, rows: int) -> PositionReports:
        times, degrees = self._p_times[:, :rows].copy(), self._p_degrees[:, :rows].copy()
        floats, codes = self._p_floats[:, :rows].copy(), self._p_codes[:, :rows].copy()
        return PositionReports(
            time_us=times[0], mmsi=self._p_mmsi[:rows].copy(), lat_deg=degrees[0], lon_deg=degrees[1], sog_kn=floats[0],
            cog_deg=floats[1], heading_deg=floats[2], nav_status=codes[0], msg_type=self._p_types[:rows].copy(),
            utc_second=codes[1], station=_stations(self._p_stations[:rows].copy()), offset=times[1],
        )  # fmt: skip

    def _statics(self, rows: int) -> StaticReports:
        times, numbers = self._s_times[:, :rows].copy(), self._s_numbers[:, :rows].copy()
        floats = self._s_floats[:, :rows].copy()
        return StaticReports(
            time_us=times[0], mmsi=numbers[0], imo=numbers[1], name=_texts(self._s_names[:rows].copy()),
            callsign=_texts(self._s_callsigns[:rows].copy()), ship_type=numbers[2].astype(np.int16),
            to_bow_m=floats[0], to_stern_m=floats[1], to_port_m=floats[2], to_starboard_m=floats[3],
            draught_m=floats[4], destination=_texts(self._s_destinations[:rows].copy()),
            msg_type=numbers[3].astype(np.uint8), station=_stations(self._s_stations[:rows].copy()), offset=times[1],
        )  # fmt: skip

    def _base_stations(self, rows: int) -> BaseStationReports:
        raw = self._raw[:rows]
        raw = raw[raw[:, 0] == 4]
        fields = dict(zip(_BASE_NAMES, raw[:, _RAW_HEAD:].T, strict=False))
        return BaseStationReports.of(
            **_head(raw), **_place(fields, layout.BASE_STATION), fix_type=fields["fix_type"],
            sent_us=_utc_us(*(fields[name] for name in ("year", "month", "day", "hour", "minute", "second"))),
        )  # fmt: skip

    def _aids(self, rows: int) -> AidReports:
        here = self._raw[:rows, 0] == 21
        raw, names = self._raw[:rows][here], self._raw_names[:rows][here]
        fields = dict(zip(_AID_NAMES, raw[:, _RAW_HEAD:].T, strict=False))
        sides = {}
        length, beam = validity.LENGTH_PART_MAX_M, validity.BEAM_PART_MAX_M
        for first, other, most in (("to_bow_m", "to_stern_m", length), ("to_port_m", "to_starboard_m", beam)):
            sides[first], sides[other] = validity.dimension(fields[first], fields[other], most)
        return AidReports.of(
            **_head(raw), **_place(fields, layout.AID), **sides, name=_texts(names), aid_type=fields["aid_type"],
            fix_type=fields["fix_type"], utc_second=validity.second(fields["utc_second"]),
            off_position=fields["off_position"], virtual=fields["virtual"],
        )  # fmt: skip


def _head(raw: Array) -> dict[str, Array]:
    stations = _stations(np.ascontiguousarray(raw[:, 3:5]))
    return {"time_us": raw[:, 1], "offset": raw[:, 2], "station": stations, "mmsi": raw[:, 5]}


def _place(fields: dict[str, Array], known: dict[str, Any]) -> dict[str, Array]:
    """Latitudes and longitudes, both NaN where the position is not available or out of range."""
    lat, lon = fields["lat_deg"] / known["lat_deg"].divisor, fields["lon_deg"] / known["lon_deg"].divisor
    good = validity.position_refusals({"lat_deg": lat, "lon_deg": lon, "mmsi": np.ones(len(lat), np.int64)}) == 0
    return {"lat_deg": np.where(good, lat, np.nan), "lon_deg": np.where(good, lon, np.nan)}


def _utc_us(year: Array, month: Array, day: Array, hour: Array, minute: Array, second: Array) -> Array:
    """Microseconds since 1970 of the times that exist, else -1 (message 4: year 0, month 0, day 0, hour 24: none)."""
    good = (year >= 1990) & (year < 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60)
    good &= second < 60
    months = ((np.where(good, year, 1990) - 1970) * 12 + np.where(good, month, 1) - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    good &= days.astype("datetime64[M]") == months
    seconds = ((days.astype(np.int64) * 24 + hour) * 60 + minute) * 60 + second
    return np.where(good, seconds * 1_000_000, -1)


def _stations(words: Array) -> Array:
    return words.view("S16")[:, 0]


def _texts(codes: Array) -> Array:
    return codes.view(f"U{codes.shape[1]}")[:, 0]
