"""Coast tiles: the scheme, both themes, seams, and what is not drawn."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from PIL import Image

from geofences.coast_files import Ring
from shipwatch.console.tile_routes import tile_routes
from shipwatch.console.tiles import THEMES, CoastTiles, graticule, mercator, shore_runs


def square(west: float, south: float, east: float, north: float) -> Ring:
    return np.array([(west, south), (east, south), (east, north), (west, north), (west, south)], np.float64)


@pytest.fixture
def island() -> CoastTiles:
    """One island of ten degrees, north-east of 0, 0."""

    def read(resolution: str) -> Sequence[Ring]:
        return [square(10.0, 10.0, 20.0, 20.0)]

    return CoastTiles(read)


def pixels(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def colour(text: str) -> tuple[int, ...]:
    return tuple(int(text[at : at + 2], 16) for at in (1, 3, 5))


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_land_is_where_it_is(island: CoastTiles, theme: str) -> None:
    """The island's middle has the colour of land and the sea that of the sea, at every zoom."""
    land, sea = colour(THEMES[theme].land), colour(THEMES[theme].sea)
    for z in (2, 4, 6, 9, 13):
        for lon, lat, wanted in ((15.13, 15.17, land), (-15.13, 15.17, sea), (25.13, -15.17, sea)):
            x, y = mercator(np.array([[lon, lat]]))[0] * 2**z
            drawn = pixels(island.png(theme, z, int(x), int(y)))
            assert drawn.shape == (256, 256, 3)
            at = drawn[int(y % 1 * 256), int(x % 1 * 256)].astype(int)
            assert np.abs(at - wanted).max() <= 6, (z, lon)


def test_tiles_meet_without_a_shore_between_them(island: CoastTiles) -> None:
    """Where a tile cuts land no line is drawn: the cut lies outside the tile."""
    x, y = (mercator(np.array([[15.0, 15.0]]))[0] * 2**6).astype(int)
    drawn = pixels(island.png("light", 6, int(x), int(y))).astype(int)
    shore = np.array(colour(THEMES["light"].shore))
    assert np.abs(drawn - shore).sum(axis=2).min() > 40
    assert np.array_equal(pixels(island.png("light", 6, int(x), int(y))), drawn)


def test_cuts_of_the_data_are_no_shore() -> None:
    """The seam at 180 degrees, long straight meridians and the closing at the pole are not drawn as coast."""
    ring = mercator(np.array([(170.0, 60.0), (180.0, 60.0), (180.0, 70.0), (170.0, 70.3), (170.0, 60.0)]))
    assert shore_runs(ring) == [(0, 2), (2, 4)]
    polar = mercator(np.array([(-10.0, -90.0), (10.0, -90.0), (10.2, -75.0), (-10.2, -75.1), (-10.0, -90.0)]))
    assert shore_runs(polar) == [(1, 5)]


def test_a_graticule_stands_at_every_zoom() -> None:
    """Lines far enough apart to be read, also where there is nothing else to see."""
    for z in (0, 3, 6, 10, 14):
        assert all(len(graticule(z, x, x)) < 30 for x in range(min(2**z, 3)))
        assert any(graticule(z, x, x) for x in range(min(2**z, 3)))
    assert graticule(1, 1, 0)[0] == [(0.0, 0.0), (0.0, 1.0)]


def test_the_shipped_coast_is_drawn() -> None:
    """GSHHG from its wheel: Korea is land, the Yellow Sea is not, in every resolution that zooms use."""
    tiles = CoastTiles()
    for z in (2, 5, 8):
        for lon, lat, name in ((127.53, 36.57, "land"), (123.53, 35.57, "sea")):
            x, y = mercator(np.array([[lon, lat]]))[0] * 2**z
            at = pixels(tiles.png("dark", z, int(x), int(y)))[int(y % 1 * 256), int(x % 1 * 256)].astype(int)
            wanted = colour(getattr(THEMES["dark"], name))
            assert np.abs(at - wanted).max() <= 6, (z, name)


@pytest.mark.parametrize(
    "path", ["blue/0/0/0", "dark/0/1/0", "dark/2/0/4", "dark/30/0/0", "dark/-1/0/0", "dark/a/0/0", "dark/9.5/0/0"]
)
def test_tiles_that_are_not_there(island: CoastTiles, path: str) -> None:
    """Refused, not drawn."""
    app = FastAPI()
    app.include_router(tile_routes(island))
    client = TestClient(app)
    assert client.get(f"/tiles/{path}.png").status_code in {404, 422}
    good = client.get("/tiles/dark/2/2/1.png")
    assert (good.status_code, good.headers["content-type"]) == (200, "image/png")
    assert "max-age" in good.headers["cache-control"]
