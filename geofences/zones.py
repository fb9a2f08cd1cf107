"""Where we watch: sets of zones, asked for millions of points at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geofences.cell_grid import Bools, CellGrid, Floats, Ints, on_globe
from geofences.errors import UnknownZoneError, ZoneError, did_you_mean
from geofences.land import distance_to_shore_m
from geofences.ports import Ports
from geofences.sphere import columns
from geofences.zone import KINDS, Zone
from geofences.zone_files import read_zone_files, zones_from_geodataframe

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Zone", "ZoneSet"]

_CHUNK = 1 << 16
"""Points worked on at a time: their temporaries stay in the processor's cache."""


class ZoneSet:
    """Zones, watched and excluded, and the questions put to them.

    The set is immutable and its order is its own (watched before excluded, then by name), so neither answers nor
    digest depend on the order of files. Excluded wins over watched, except inside a watched zone with
    ``overrides_ports``: a point is never both. Points that are NaN or off the globe are in no zone; longitudes may run
    to -540..540 and 180 is -180; an edge belongs to its zone. Raises :class:`geofences.errors.ZoneError` for a name
    that stands twice (letter case aside).

    >>> zones = ZoneSet.shipped()
    >>> zones.names_at([38.6], [124.6], kind="watched")
    [('Cho-do', 'Korea Bay')]
    """

    def __init__(self, zones: Iterable[Zone], *, watch_everywhere: bool = False) -> None:
        self.zones: tuple[Zone, ...] = tuple(sorted(zones, key=lambda z: (KINDS.index(z.kind), z.name)))
        self.watch_everywhere = watch_everywhere
        self._by_name = {zone.name.casefold(): zone for zone in self.zones}
        if len(self._by_name) < len(self.zones):
            names = [zone.name.casefold() for zone in self.zones]
            twice = next(zone.name for zone in self.zones if names.count(zone.name.casefold()) > 1)
            raise ZoneError(f'zone name "{twice}" stands twice')

    @classmethod
    def from_files(cls, paths: Iterable[str | Path], *, port_exclusions: bool = False) -> Self:
        """The zones of GeoJSON files, on wish with the shipped port exclusions; errors name file and feature."""
        zones = read_zone_files(paths)
        made = cls((*zones, *(Ports.shipped().zones() if port_exclusions else ())))
        len(made._grid.edge.counts)  # index now: zones too large for it are refused at the door, not at the first point
        return made

    @classmethod
    def from_geodataframe(cls, frame: gpd.GeoDataFrame) -> Self:
        """The rows of a GeoDataFrame (WGS 84; columns ``name``, ``kind``, ...); errors name the row."""
        return cls(zones_from_geodataframe(frame))

    @classmethod
    def shipped(cls) -> ZoneSet:
        """The watched zones and port exclusions that come with the package (read once)."""
        return _shipped()

    def watched(self, lat: ArrayLike, lon: ArrayLike) -> Bools:
        """Whether each point is in a watched zone (or, after :meth:`everywhere`, on the globe) and not excluded."""
        return self.watched_excluded(lat, lon)[0]

    def excluded(self, lat: ArrayLike, lon: ArrayLike) -> Bools:
        """Whether each point is in an excluded zone that no watched zone overrides there."""
        return self.watched_excluded(lat, lon)[1]

    def watched_excluded(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Bools, Bools]:
        """Both answers in one pass: two bool columns, never true together."""
        lat, lon = columns(lat, lon)
        watched, excluded = np.empty(lat.size, np.bool_), np.empty(lat.size, np.bool_)
        for start in range(0, lat.size, _CHUNK):
            part = slice(start, start + _CHUNK)
            self._settle(lat[part], lon[part], watched[part], excluded[part])
        return watched, excluded

    def shore_distance_m(self, lat: ArrayLike, lon: ArrayLike) -> Floats:
        """Metres from each point to the nearest shore (:func:`geofences.land.distance_to_shore_m`)."""
        return distance_to_shore_m(lat, lon)

    def locate(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Ints, Ints]:
        """(point, zone) index pairs of every zone that holds a point, by point, then zone; zones as in ``names``."""
        lat, lon = columns(lat, lon)
        parts = [
            (points + start, zones)
            for start in range(0, lat.size, _CHUNK)
            for points, zones in [self._grid.pairs(lat[start : start + _CHUNK], lon[start : start + _CHUNK])]
        ]
        none = np.empty(0, np.int64)
        return np.concatenate([none, *(p for p, _ in parts)]), np.concatenate([none, *(z for _, z in parts)])

    def names_at(self, lat: ArrayLike, lon: ArrayLike, *, kind: str | None = None) -> list[tuple[str, ...]]:
        """The names of the zones that hold each point, watched first; ``kind`` keeps one sort only.

        An excluded zone is named even where it is overridden, and a watched one even where it is excluded.
        """
        lat, lon = columns(lat, lon)
        found: list[list[str]] = [[] for _ in range(lat.size)]
        for point, number in zip(*(pair.tolist() for pair in self.locate(lat, lon)), strict=True):
            zone = self.zones[number]
            if kind is None or zone.kind == kind:
                found[point].append(zone.name)
        return [tuple(names) for names in found]

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the set's order."""
        return tuple(zone.name for zone in self.zones)

    def by_name(self, name: str) -> Zone:
        """The zone of that name, letter case aside; raises :class:`UnknownZoneError` with close names."""
        zone = self._by_name.get(name.casefold())
        if zone is None:
            raise UnknownZoneError(f'no zone is called "{name}"{did_you_mean(name, self.names)}')
        return zone

    def only(self, names: Iterable[str]) -> ZoneSet:
        """The set with these watched zones and all excluded ones; raises for an unknown or an excluded name."""
        chosen = {zone.name: zone for zone in map(self.by_name, names)}
        for zone in chosen.values():
            if zone.kind != "watched":
                raise UnknownZoneError(f'zone "{zone.name}" is excluded, not watched')
        return ZoneSet((*chosen.values(), *(zone for zone in self.zones if zone.kind == "excluded")))

    def everywhere(self) -> ZoneSet:
        """The same zones with all places outside excluded ones watched; these have no zone name; land is not cut."""
        made = ZoneSet(self.zones, watch_everywhere=True)
        if "_grid" in self.__dict__:  # the same polygons: the second it took to index them need not be spent again
            made.__dict__["_grid"] = self._grid
        return made

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content: every field, every vertex; the same for any order of files, features, vertices."""
        hashed = hashlib.sha256(b"zones 1\n" + (b"everywhere\n" if self.watch_everywhere else b""))
        for zone in self.zones:
            fields = (zone.name, zone.kind, zone.purpose, zone.source, zone.confidence, zone.note, zone.overrides_ports)
            hashed.update(json.dumps(fields, ensure_ascii=True).encode() + b"\n")
            hashed.update(shapely.to_wkb(shapely.normalize(zone.geometry), byte_order=1, output_dimension=2))
        return hashed.hexdigest()

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """One row a zone: name, kind, purpose, source, confidence, note, overrides_ports, geometry (EPSG:4326)."""
        import geopandas as gpd  # noqa: PLC0415 - half a second, for those who want it

        fields = ("name", "kind", "purpose", "source", "confidence", "note", "overrides_ports")
        data = {field: [getattr(zone, field) for zone in self.zones] for field in fields}
        return gpd.GeoDataFrame(data, geometry=[zone.geometry for zone in self.zones], crs="EPSG:4326")

    def __len__(self) -> int:
        return len(self.zones)

    def __repr__(self) -> str:
        watched = sum(zone.kind == "watched" for zone in self.zones)
        where = ", watching everywhere" if self.watch_everywhere else ""
        return f"ZoneSet({watched} watched, {len(self.zones) - watched} excluded{where})"

    @cached_property
    def _grid(self) -> CellGrid:
        return CellGrid([zone.geometry for zone in self.zones])

    @cached_property
    def _sorts(self) -> NDArray[np.bool_]:
        """Per zone: watched, excluded, overriding."""
        flags = [(z.kind == "watched", z.kind == "excluded", z.overrides_ports) for z in self.zones]
        return np.array(flags, np.bool_).reshape(-1, 3)

    @cached_property
    def _by_code(self) -> tuple[NDArray[np.bool_], Bools]:
        """Per code of the grid: whether a zone of each sort holds all of the cell; whether an edge has to be asked."""
        inside, asks = self._grid.inside, self._grid.edge.counts > 0
        sure = np.zeros((asks.size, 3), np.bool_)
        codes = np.repeat(np.arange(asks.size), inside.counts)
        for sort in range(3):
            sure[codes[self._sorts[inside.zones, sort]], sort] = True
        return sure, asks

    def _settle(self, lat: Floats, lon: Floats, watched: Bools, excluded: Bools) -> None:
        codes = self._grid.codes(lat, lon)
        sure, asks = self._by_code
        np.take(self._settled[0], codes, out=watched)
        np.take(self._settled[1], codes, out=excluded)
        if self.watch_everywhere:  # code 0 is also given to points that are nowhere
            nowhere = codes == 0
            nowhere &= ~on_globe(lat, lon)
            watched[nowhere] = False
        rows = np.flatnonzero(asks[codes])
        if rows.size:
            held = sure[codes[rows]]
            points, zones = self._grid.edge_hits(lat[rows], lon[rows], codes[rows])
            for sort in range(3):
                held[points[self._sorts[zones, sort]], sort] = True
            excluded[rows] = held[:, 1] & ~held[:, 2]
            watched[rows] = (held[:, 0] | self.watch_everywhere) & ~excluded[rows]

    @cached_property
    def _settled(self) -> tuple[Bools, Bools]:
        """Per code: watched and excluded, as they are where no edge has to be asked."""
        sure, _ = self._by_code
        excluded = sure[:, 1] & ~sure[:, 2]
        return (sure[:, 0] | self.watch_everywhere) & ~excluded, excluded


@cache
def _shipped() -> ZoneSet:
    # not indexed here: many askers only want the zones, or make another set of them
    zones = read_zone_files([Path(__file__).with_name("watched.geojson")])
    return ZoneSet((*zones, *Ports.shipped().zones()))
