"""Writes the inputs of the golden scenarios anew: python tests/scenarios/making [NAME ...]

Every scene is a function of this folder; ``input.nmea.gz`` in the folder of its name is made of it with seed 1. All of
it is invented.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import meetings
import odd_ships
from played import Played

SEED = 1
HELPERS = {"holes", "dark", "crowd"}
SCENES = {
    name: function
    for module in (meetings, odd_ships)
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if name not in HELPERS and not inspect.signature(function).parameters and function.__module__ == module.__name__
}


def main() -> None:
    """Write all scenes, or those that are named."""
    for name in sys.argv[1:] or sorted(SCENES):
        folder = Path(__file__).resolve().parent.parent / name
        folder.mkdir(exist_ok=True)
        scene: Played = SCENES[name]()
        scene.write(folder, SEED)
        ships = ", ".join(f"{ship.vessel.mmsi} {ship.vessel.name}" for ship in scene.ships)
        print(f"{name}: {(folder / 'input.nmea.gz').stat().st_size / 1000:.0f} kB; {ships}")


if __name__ == "__main__":
    main()
