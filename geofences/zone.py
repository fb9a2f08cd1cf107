"""One zone: a named polygon that is watched or excluded, with where it comes from and how sure its bounds are."""

from __future__ import annotations

from dataclasses import dataclass

from shapely.geometry import MultiPolygon, Polygon

from geofences.errors import ZoneError, did_you_mean
from geofences.polygons import as_zone_polygon

KINDS = ("watched", "excluded")
PURPOSES = ("sts_area", "port", "anchorage", "pilot_ground", "terminal", "fishing_ground", "other")
CONFIDENCES = ("published", "approximate", "reported", "memory")
"""How the bounds are known: printed as bounds in a source; drawn by us after printed positions or bounds; a place named
in public reporting, drawn by us; drawn from general knowledge only."""

LONGEST_NAME = 120
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Zone:
    """A named polygon, watched or excluded; checked on the way in, so that a zone that exists is a sound one.

    ``geometry`` is a valid shapely Polygon or MultiPolygon in WGS 84 degrees, cut at longitude 180. Where a watched and
    an excluded zone overlap, excluded wins, except inside a watched zone with ``overrides_ports``. Raises
    :class:`geofences.errors.ZoneError` naming the field and the value.

    >>> import shapely
    >>> Zone("Korea Bay", "watched", "sts_area", shapely.box(123, 38, 125, 39)).confidence
    'approximate'
    """

    name: str
    kind: str
    purpose: str
    geometry: Polygon | MultiPolygon
    source: str = "not stated"
    confidence: str = "approximate"
    note: str = ""
    overrides_ports: bool = False

    def __post_init__(self) -> None:
        _check_text("name", self.name, LONGEST_NAME)
        if not self.name.strip() or self.name != self.name.strip():
            raise ZoneError(f"name {self.name!r} is empty or has spaces around it")
        for field in ("source", "note"):
            _check_text(field, getattr(self, field), LONGEST_TEXT)
        if self.kind not in KINDS:
            raise ZoneError(f"kind {self.kind!r} is not watched or excluded")
        for field, allowed in (("purpose", PURPOSES), ("confidence", CONFIDENCES)):
            value = getattr(self, field)
            if value not in allowed:
                hint = did_you_mean(str(value), allowed)
                raise ZoneError(f"{field} {value!r} is not one of {', '.join(allowed)}{hint}")
        if not isinstance(self.overrides_ports, bool):
            raise ZoneError(f"overrides_ports {self.overrides_ports!r} is not true or false")
        if self.overrides_ports and self.kind != "watched":
            raise ZoneError("overrides_ports is for watched zones only")
        object.__setattr__(self, "geometry", as_zone_polygon(self.geometry))


def _check_text(field: str, value: object, longest: int) -> None:
    if not isinstance(value, str):
        raise ZoneError(f"{field} {value!r} is not text")
    if len(value) > longest:
        raise ZoneError(f"{field} is longer than {longest} characters: {value[:40]!r}...")
    if not value.isprintable():
        raise ZoneError(f"{field} {value[:60]!r} has control characters")
