"""The pages and what they load, all from this machine: own files, and Leaflet out of the ``xstatic-leaflet`` wheel."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).with_name("static")


def leaflet_folder() -> Path:
    """Where the wheel keeps leaflet.js and its style."""
    from xstatic.pkg import leaflet  # noqa: PLC0415 - found when pages are added, not at import

    return Path(leaflet.BASE_DIR)


def add_pages(app: FastAPI) -> None:
    """`/`, `/login`, and everything below `/static/`."""

    @app.get("/", include_in_schema=False)
    def index() -> FileResponse:
        return FileResponse(FOLDER / "index.html", media_type="text/html")

    @app.get("/login", include_in_schema=False)
    def login() -> FileResponse:
        return FileResponse(FOLDER / "login.html", media_type="text/html")

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> FileResponse:
        return FileResponse(FOLDER / "icon.svg", media_type="image/svg+xml")

    app.mount("/static/leaflet", StaticFiles(directory=leaflet_folder()), name="leaflet")
    app.mount("/static", StaticFiles(directory=FOLDER), name="static")
