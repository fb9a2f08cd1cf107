"""The larger ports of the world: whether a point is in one, and how a place is called from the nearest one."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from geofences.cell_grid import Bools, Floats, Ints
from geofences.errors import PortTableError
from geofences.polygons import disc
from geofences.sphere import (
    EARTH_RADIUS_M,
    METRES_PER_NM,
    bearing_deg,
    columns,
    compass_point,
    distance_m,
    unit_vectors,
)
from geofences.zone import Zone

SIZES = ("Large", "Medium", "Small", "Very Small")
HEADER = ["name", "country", "lat", "lon", "size", "radius_m"]
SOURCE = "NGA World Port Index (Pub. 150), public domain; radius set by this project"

_CHUNK = 8192
_LARGEST_RADIUS_M = 50_000.0


@dataclass(frozen=True, slots=True)
class Port:
    """A port of the World Port Index: position in degrees, harbour size, radius of its exclusion disc in metres."""

    name: str
    country: str
    lat: float
    lon: float
    size: str
    radius_m: float


class Place(NamedTuple):
    """Where a point lies as seen from a named port: ``bearing_deg`` is from the port to the point."""

    name: str
    country: str
    distance_m: float
    bearing_deg: float


class Ports:
    """A table of ports and the questions put to it, in columns.

    >>> Ports.shipped().nearest_place(38.6, 125.0).name
    'Nampo'
    """

    def __init__(self, ports: Iterable[Port]) -> None:
        self.ports = tuple(ports)

    @classmethod
    def shipped(cls) -> Ports:
        """The table that comes with the package (read once)."""
        return _shipped()

    @classmethod
    def from_csv(cls, path: str | Path) -> Self:
        """Ports of a CSV with columns name, country, lat, lon, size, radius_m; lines that begin with # are comments.

        Raises :class:`PortTableError` with file, line and value.
        """
        path = Path(path)
        ports: list[Port] = []
        seen: set[tuple[str, str]] = set()
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows = csv.reader(file)
                header: list[str] | None = None
                for row in rows:
                    if not row or row[0].startswith("#"):
                        continue
                    if header is None:
                        header = row
                        if header != HEADER:
                            raise PortTableError(f"{path}:{rows.line_num}: columns {header} are not {HEADER}")
                        continue
                    port = _port(f"{path}:{rows.line_num}", row)
                    if (port.name, port.country) in seen:
                        raise PortTableError(f"{path}:{rows.line_num}: {port.name}, {port.country} stands twice")
                    seen.add((port.name, port.country))
                    ports.append(port)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise PortTableError(f"{path}: cannot be read: {error}") from error
        return cls(ports)

    def in_port(self, lat: ArrayLike, lon: ArrayLike) -> Bools:
        """Whether each point is within the radius of a port (NaN: false)."""
        lat, lon = columns(lat, lon)
        inside = np.zeros(lat.size, np.bool_)
        near = np.cos(self._radius_rad)
        for part, dots in self._dots(lat, lon):
            with np.errstate(invalid="ignore"):
                inside[part] = (dots >= near).any(axis=1)
        return inside

    def nearest(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Ints, Floats]:
        """Index of the nearest port and great-circle metres to it; -1 and NaN where the point is NaN."""
        lat, lon = columns(lat, lon)
        index = np.full(lat.size, -1, np.int64)
        if self.ports:
            for part, dots in self._dots(lat, lon):
                index[part] = np.where(np.isnan(dots[:, 0]), -1, np.argmax(dots, axis=1))
        metres = np.full(lat.size, np.nan)
        known = index >= 0
        at = self._lat_lon[index[known]]
        metres[known] = distance_m(at[:, 0], at[:, 1], lat[known], lon[known])
        return index, metres

    def nearest_place(self, lat: float, lon: float) -> Place:
        """The nearest port, with distance and the bearing from it to the point; raises ``ValueError`` for NaN."""
        index, metres = self.nearest(lat, lon)
        if index[0] < 0:
            raise ValueError(f"no place is nearest to {lat}, {lon}")
        port = self.ports[int(index[0])]
        return Place(port.name, port.country, float(metres[0]), float(bearing_deg(port.lat, port.lon, lat, lon)))

    def zones(self) -> tuple[Zone, ...]:
        """Each port's disc as an excluded zone of purpose ``port``, called "Nampo, North Korea (port)"."""
        return tuple(
            Zone(
                f"{port.name}, {port.country} (port)", "excluded", "port",
                disc(port.lat, port.lon, port.radius_m), SOURCE, "approximate",
            )
            for port in self.ports
        )  # fmt: skip

    @cached_property
    def _lat_lon(self) -> Floats:
        return np.array([(port.lat, port.lon) for port in self.ports], np.float64).reshape(-1, 2)

    @cached_property
    def _radius_rad(self) -> Floats:
        return np.array([port.radius_m for port in self.ports], np.float64) / EARTH_RADIUS_M

    @cached_property
    def _vectors(self) -> Floats:
        return np.ascontiguousarray(unit_vectors(self._lat_lon[:, 0], self._lat_lon[:, 1]).T)

    def _dots(self, lat: Floats, lon: Floats) -> Iterable[tuple[slice, Floats]]:
        """Cosines of the angles to all ports, a bounded piece of the points at a time."""
        for start in range(0, lat.size, _CHUNK):
            part = slice(start, start + _CHUNK)
            yield part, unit_vectors(lat[part], lon[part]) @ self._vectors


def in_port(lat: ArrayLike, lon: ArrayLike) -> Bools:
    """Whether each point is within the radius of one of the shipped ports."""
    return Ports.shipped().in_port(lat, lon)


def nearest_place(lat: float, lon: float) -> Place:
    """The nearest of the shipped ports: name, country, metres, bearing from it to the point."""
    return Ports.shipped().nearest_place(lat, lon)


def place_text(lat: float, lon: float) -> str:
    """Where a point lies, in words that a report can print.

    >>> place_text(38.55, 125.19)
    '14 nm SW of Nampo, North Korea'
    """
    place = nearest_place(lat, lon)
    miles = place.distance_m / METRES_PER_NM
    if miles < 1.0:
        return f"at {place.name}, {place.country}"
    return f"{miles:.0f} nm {compass_point(place.bearing_deg)} of {place.name}, {place.country}"


def _port(where: str, row: list[str]) -> Port:
    if len(row) != len(HEADER):
        raise PortTableError(f"{where}: {len(row)} fields instead of {len(HEADER)}")
    name, country, *_ = row
    numbers: list[float] = []
    for field, text, limit in (("lat", row[2], 90.0), ("lon", row[3], 180.0), ("radius_m", row[5], _LARGEST_RADIUS_M)):
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not abs(number) <= limit or (field == "radius_m" and number <= 0):
            raise PortTableError(f"{where}: {field} {text!r} is not a number within its bounds (up to {limit:g})")
        numbers.append(number)
    if not name.strip() or not country.strip():
        raise PortTableError(f"{where}: name or country is empty")
    if row[4] not in SIZES:
        raise PortTableError(f"{where}: size {row[4]!r} is not one of {', '.join(SIZES)}")
    return Port(name, country, numbers[0], numbers[1], row[4], numbers[2])


@cache
def _shipped() -> Ports:
    return Ports.from_csv(Path(__file__).with_name("ports.csv"))
