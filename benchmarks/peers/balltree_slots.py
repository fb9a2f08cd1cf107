"""pandas and scikit-learn: a BallTree for every 10 minutes."""

from __future__ import annotations

from decoders.reports import PositionReports

EARTH_M = 6_371_008.8


def pairs(positions: PositionReports) -> set[tuple[int, int]]:
    """Pairs of MMSIs, the smaller first."""
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415
    from sklearn.neighbors import BallTree  # noqa: PLC0415

    frame = pd.DataFrame(
        {"mmsi": positions.mmsi, "t": positions.time_us / 1e6, "lat": positions.lat_deg, "lon": positions.lon_deg}
    ).sort_values(["mmsi", "t"])
    parts = []
    for mmsi, ship in frame.groupby("mmsi"):
        t = ship["t"].to_numpy()
        grid = np.arange(np.ceil(t[0] / 600), np.floor(t[-1] / 600) + 1)
        after = np.clip(np.searchsorted(t, grid * 600), 1, len(t) - 1) if len(t) > 1 else np.zeros(0, int)
        if not len(after):
            continue
        known = t[after] - t[after - 1] < 3600
        lat = np.interp(grid * 600, t, ship["lat"])
        lon = np.interp(grid * 600, t, np.unwrap(ship["lon"].to_numpy(), period=360))
        speed = np.hypot(np.gradient(lat), np.gradient(lon) * np.cos(np.radians(lat))) * 360 if len(grid) > 1 else lat
        parts.append(pd.DataFrame({"mmsi": mmsi, "g": grid, "lat": lat, "lon": lon, "kn": speed})[known])
    slots = pd.concat(parts)
    met = []
    for g, slot in slots.groupby("g"):
        where = np.radians(slot[["lat", "lon"]].to_numpy())
        near = BallTree(where, metric="haversine").query_radius(where, 500 / EARTH_M)
        one = np.repeat(np.arange(len(near)), [len(row) for row in near])
        other = np.concatenate(near)
        mmsi, kn = slot["mmsi"].to_numpy(), slot["kn"].to_numpy()
        keep = mmsi[one] < mmsi[other]
        met.append(pd.DataFrame({"a": mmsi[one[keep]], "b": mmsi[other[keep]], "g": g, "kn": kn[one[keep]]}))
    near_pairs = pd.concat(met).sort_values(["a", "b", "g"])
    breaks = (near_pairs[["a", "b"]].diff().ne(0).any(axis=1)) | (near_pairs["g"].diff() != 1)
    runs = near_pairs.groupby(breaks.cumsum()).agg(
        a=("a", "first"), b=("b", "first"), first=("g", "min"), last=("g", "max"), kn=("kn", "median")
    )
    found = runs[(runs["last"] - runs["first"] >= 12) & (runs["kn"] < 2)]
    return set(zip(found["a"].tolist(), found["b"].tolist(), strict=True))
