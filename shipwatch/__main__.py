"""``python -m shipwatch``: the command ``shipwatch``, where its script is not on the path."""

from __future__ import annotations

from shipwatch.cli import main

if __name__ == "__main__":
    main()
