"""DuckDB: a grid self-join in SQL, on one thread."""

from __future__ import annotations

from decoders.reports import PositionReports

SQL = """
WITH leg AS (
  SELECT mmsi, t, lat, lon,
         lead(t) OVER ship AS t2, lead(lat) OVER ship AS lat2, lead(lon) OVER ship AS lon2
  FROM fixes WINDOW ship AS (PARTITION BY mmsi ORDER BY t)
), slot AS (
  SELECT mmsi, g,
         lat + (lat2 - lat) * (g * 600.0 - t) / (t2 - t) AS lat,
         lon + (((lon2 - lon + 540) % 360) - 180) * (g * 600.0 - t) / (t2 - t) AS lon
  FROM (SELECT *, unnest(range(CAST(ceil(t / 600.0) AS BIGINT), CAST(ceil(t2 / 600.0) AS BIGINT))) AS g
        FROM leg WHERE t2 - t < 3600 AND ceil(t / 600.0) < ceil(t2 / 600.0))
), cell AS (
  SELECT *, CAST(floor(lat / 0.005) AS INTEGER) AS y,
         CAST(floor(lon * cos(radians(round(lat))) / 0.005) AS INTEGER) AS x
  FROM slot
), near AS (
  SELECT a.mmsi AS a, b.mmsi AS b, a.g
  FROM cell a
  JOIN (SELECT mmsi, g, lat, lon, y + dy AS y, x + dx AS x
        FROM cell, (VALUES (-1), (0), (1)) AS r(dy), (VALUES (-1), (0), (1)) AS c(dx)) b
    ON a.g = b.g AND a.y = b.y AND a.x = b.x AND a.mmsi < b.mmsi
  WHERE pow((a.lat - b.lat) * 111195, 2) + pow((a.lon - b.lon) * 111195 * cos(radians(a.lat)), 2) <= 250000
), run AS (
  SELECT a, b, min(g) AS first, max(g) AS last
  FROM (SELECT a, b, g, g - row_number() OVER (PARTITION BY a, b ORDER BY g) AS island FROM near)
  GROUP BY a, b, island HAVING max(g) - min(g) >= 12
), speed AS (
  SELECT mmsi, g, 60 * sqrt(pow(lat - lag(lat) OVER s, 2)
                            + pow((lon - lag(lon) OVER s) * cos(radians(lat)), 2)) * 6 AS kn
  FROM slot WINDOW s AS (PARTITION BY mmsi ORDER BY g)
)
SELECT run.a, run.b, first, last FROM run JOIN speed ON speed.mmsi = run.a AND speed.g BETWEEN first AND last
GROUP BY run.a, run.b, first, last HAVING median(kn) < 2
"""


def pairs(positions: PositionReports) -> set[tuple[int, int]]:
    """Pairs of MMSIs, the smaller first."""
    import duckdb  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    with duckdb.connect(config={"threads": 1}) as database:
        table = pa.table(
            {"mmsi": positions.mmsi, "t": positions.time_us / 1e6, "lat": positions.lat_deg, "lon": positions.lon_deg}
        )
        database.register("fixes", table)
        return {(a, b) for a, b, _, _ in database.execute(SQL).fetchall()}
