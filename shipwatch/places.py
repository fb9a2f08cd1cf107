"""What the watch knows of a place: its zones, whether it is a port, how far the shore is."""

from __future__ import annotations

from dataclasses import dataclass

from geofences.land import distance_to_shore_m
from geofences.ports import place_text
from geofences.zones import ZoneSet


@dataclass(frozen=True, slots=True)
class WatchedPlaces:
    """Answers for single positions (degrees, WGS 84) from the zones in force and the shipped coast."""

    zones: ZoneSet

    def zones_at(self, lat: float, lon: float) -> tuple[str, ...]:
        """Names of the watched zones there."""
        return self.zones.names_at([lat], [lon], kind="watched")[0]

    def in_port(self, lat: float, lon: float) -> bool:
        """Whether it is in excluded water: a port or an anchorage."""
        return bool(self.zones.excluded([lat], [lon])[0])

    def port_name(self, lat: float, lon: float) -> str:
        """Name of the port or anchorage there; its position in words where it has none."""
        names = self.zones.names_at([lat], [lon], kind="excluded")[0]
        return names[0] if names else place_text(lat, lon)

    def shore_distance_m(self, lat: float, lon: float) -> float | None:
        """Metres from the nearest shore; 0 on land."""
        return float(distance_to_shore_m([lat], [lon])[0])
