"""nomenklatura's logic-v2 on pairs of ships, run in an environment of its own: ``peers.py PAIRS.json SCORES.json``.

A pair is two records of followthemoney properties ({"name": [...], "imoNumber": [...], ...}); each score is 0 to 1.
Imports nothing of this project, which is not in that environment.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import nomenklatura
from followthemoney import model
from nomenklatura.matching import get_algorithm


def main() -> int:
    """Score every pair of the file."""
    pairs = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    algorithm = get_algorithm("logic-v2")
    if algorithm is None:
        raise SystemExit("this nomenklatura has no logic-v2")
    config = algorithm.default_config()

    def made(properties: dict[str, list[str]], name: str) -> object:
        return model.get_proxy({"id": name, "schema": "Vessel", "properties": properties})

    began = time.process_time()
    scores = [algorithm.compare(made(one, "q"), made(other, "r"), config).score for one, other in pairs]
    took_s = time.process_time() - began
    said = {"version": nomenklatura.__version__, "scores": scores, "seconds": took_s}
    Path(sys.argv[2]).write_text(json.dumps(said), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
