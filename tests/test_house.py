"""The rules of the house: floors, file sizes, names, words that may not stand anywhere."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGES = ("shipwatch", "decoders", "geofences", "alerts")
SOURCES = sorted(path for name in PACKAGES for path in (CHECKOUT / name).rglob("*.py"))
MOST_LINES = 400
NO_NAMES = {"utils", "util", "common", "base", "core", "manager", "helpers", "misc"}


def test_there_is_something_to_look_at() -> None:
    """A moved folder must not make every rule below pass."""
    assert len(SOURCES) > 50
    assert {path.relative_to(CHECKOUT).parts[0] for path in SOURCES} == set(PACKAGES)


def test_floors_hold() -> None:
    """import-linter: wings apart, floors downwards, no circles, no I/O in kernels."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_a_file_is_one_step(path: Path) -> None:
    """At most 400 lines, named for what it does, with a docstring that says so."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert path.stem.lower() not in NO_NAMES
    assert path.parent.name.lower() not in NO_NAMES
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "no docstring"


def test_nothing_names_a_machine() -> None:
    """No absolute path of somebody's machine in any file that is kept."""
    pattern = re.compile(r"(?<![\w.])/(?:home|root|Users|tmp|work)/\w")
    kept = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=False)
    names = [name for name in kept.stdout.decode().split("\0") if name]
    if not names:
        pytest.skip("not a git checkout")
    texts = {".py", ".toml", ".md", ".geojson", ".csv", ".txt", ""}
    found = []
    for name in names:
        path = CHECKOUT / name
        if path.suffix in texts and path.is_file() and path != Path(__file__).resolve():
            found += [
                f"{name}: {line}" for line in path.read_text("utf-8", "replace").splitlines() if pattern.search(line)
            ]
    assert not found


def test_tests_do_not_shadow_packages_or_each_other() -> None:
    """No tests/decoders or the like, no __init__.py, no two test files of one name."""
    tests = CHECKOUT / "tests"
    assert not [name for name in PACKAGES if (tests / name).exists()]
    assert not list(tests.rglob("__init__.py"))
    names = [path.name for path in tests.rglob("test_*.py")]
    assert len(names) == len(set(names))


def test_lint_bans_asking_the_time() -> None:
    """The ban stands in the configuration, and one file alone is excepted from it."""
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    banned = settings["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    assert {"datetime.datetime.now", "time.time"} <= set(banned)
    excepted = [path for path in SOURCES if "noqa: TID251" in path.read_text(encoding="utf-8")]
    assert [str(path.relative_to(CHECKOUT)) for path in excepted] == ["shipwatch/cli/wall_clock.py"]


def test_input_is_never_checked_with_assert() -> None:
    """`python -O` must not switch a check off."""
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)], path
