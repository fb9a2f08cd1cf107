"""What a user names on the command line to files: folders and patterns unfolded, in one order, each with its sha256."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterable
from pathlib import Path

HASH_BLOCK = 1 << 20
STDIN = "-"


def input_files(named: Iterable[str | Path]) -> tuple[list[Path], list[str]]:
    """Files in name order, each once, and what is named but not there.

    A folder stands for all files below it (hidden ones left out), a pattern (`*`, `?`, `[..]`, `**`) for what it
    matches, `-` for standard input. The order never depends on the order of naming, so that the same files give the
    same result.

    >>> input_files(["no/such/file.csv"])
    ([], ['no/such/file.csv'])
    """
    found: dict[Path, Path] = {}
    missing = []
    for item in named:
        path = Path(item)
        if str(item) == STDIN:
            files = [path]
        elif path.is_dir():
            files = [f for f in path.rglob("*") if f.is_file() and not _hidden(f.relative_to(path))]
        elif path.exists():
            files = [path]
        else:
            files = [Path(match) for match in glob.glob(str(item), recursive=True) if Path(match).is_file()]  # noqa: PTH207 (a pattern may be absolute)
        if not files:
            missing.append(str(item))
        for file in files:
            found.setdefault(file.resolve(), file)
    return sorted(found.values(), key=lambda file: (file.name, str(file))), missing


def sha256_of(path: Path) -> str:
    """SHA-256 of the file's bytes as lower-case hex; of a folder, of its files' one after another, by name."""
    digest = hashlib.sha256()
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        with file.open("rb") as stream:
            while block := stream.read(HASH_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
