"""MovingPandas and geopandas: positions interpolated trajectory by trajectory, a spatial join for every 10 minutes."""

from __future__ import annotations

from itertools import pairwise

from decoders.reports import PositionReports


def pairs(positions: PositionReports) -> set[tuple[int, int]]:
    """Pairs of MMSIs, the smaller first (no speed is asked)."""
    import geopandas as gpd  # noqa: PLC0415
    import movingpandas as mpd  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    frame = pd.DataFrame(
        {
            "mmsi": positions.mmsi,
            "t": pd.to_datetime(positions.time_us, unit="us"),
            "lat": positions.lat_deg,
            "lon": positions.lon_deg,
        }
    )
    ships = mpd.TrajectoryCollection(frame, traj_id_col="mmsi", t="t", x="lon", y="lat")
    begin, end = frame["t"].min().ceil("10min"), frame["t"].max().floor("10min")
    near: dict[tuple[int, int], list[pd.Timestamp]] = {}
    for slot in pd.date_range(begin, end, freq="10min"):
        there = [
            (ship.id, ship.interpolate_position_at(slot))
            for ship in ships
            if ship.get_start_time() <= slot <= ship.get_end_time()
        ]
        points = gpd.GeoDataFrame(
            {"mmsi": [mmsi for mmsi, _ in there]}, geometry=[point for _, point in there], crs="EPSG:4326"
        ).to_crs("ESRI:54032")
        joined = points.sjoin(points, predicate="dwithin", distance=500)
        for a, b in zip(joined["mmsi_left"].tolist(), joined["mmsi_right"].tolist(), strict=True):
            if a < b:
                near.setdefault((a, b), []).append(slot)
    found = set()
    for pair, slots in near.items():
        run = 0
        for before, after in pairwise(slots):
            run = run + 1 if (after - before).total_seconds() == 600 else 0
            if run >= 12:
                found.add(pair)
    return found
