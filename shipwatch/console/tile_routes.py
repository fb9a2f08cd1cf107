"""`/tiles/{theme}/{z}/{x}/{y}.png`: the coast, drawn here so that no request leaves the machine."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from geofences.errors import CoastError
from shipwatch.console.tiles import DEEPEST, THEMES, CoastTiles


def tile_routes(tiles: CoastTiles | None = None) -> APIRouter:
    """Tiles of the shipped coast."""
    routes = APIRouter()
    drawn = tiles or CoastTiles()

    @routes.get("/tiles/{theme}/{z}/{x}/{y}.png")
    def tile(theme: str, z: int, x: int, y: int) -> Response:
        """A PNG of 256 x 256 points; 404 outside the world, 503 where the coast files are missing."""
        if theme not in THEMES or not 0 <= z <= DEEPEST or not (0 <= x < 2**z and 0 <= y < 2**z):
            raise HTTPException(404, "no such tile")
        try:
            content = drawn.png(theme, z, x, y)
        except CoastError as problem:
            raise HTTPException(503, str(problem)) from problem
        return Response(content, media_type="image/png", headers={"cache-control": "private, max-age=604800"})

    return routes
