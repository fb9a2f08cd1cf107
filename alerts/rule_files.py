"""A rule file: its content, and where in it a wrong value stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from alerts.errors import RulesError


class RuleFile:
    """The TOML of a rule file, read with :class:`alerts.errors.RulesError` for all that is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.text = path.read_text(encoding="utf-8")
            self.content: dict[str, Any] = tomllib.loads(self.text)
        except OSError as error:
            raise RulesError(f"{path}: cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:  # bad TOML or text, thousands of digits or of brackets
            raise RulesError(f"{path}: not TOML: {error}") from error

    def fail(self, wanted: str, message: str) -> NoReturn:
        """Raise with the first line on which the wanted text stands."""
        lines = self.text.splitlines()
        pattern = re.compile(rf"(?<![\w-]){re.escape(wanted)}(?![\w-])")
        number = next((n for n, line in enumerate(lines, 1) if pattern.search(line.split("#")[0])), 1)
        raise RulesError(f"{self.path.name}:{number}: {message}")

    def keys(
        self, known: set[str], table: Mapping[str, Any] | None = None, at: str = "", *, required: bool = False
    ) -> None:
        """Refuse unknown keys, and missing ones where all are required."""
        table = self.content if table is None else table
        for key in table:
            if key not in known:
                self.fail(key, f"{at + '.' if at else ''}{key}: unknown key")
        missing = sorted(known - set(table)) if required else []
        if missing:
            self.fail(at, f"{at}.{missing[0]}: missing")

    def table(self, name: str) -> dict[str, Any]:
        """A table of the file."""
        value = self.content.get(name)
        if not isinstance(value, dict):
            self.fail(name, f"{name}: {value!r} is not a table")
        return value

    def rows(self, name: str) -> list[dict[str, Any]]:
        """An array of tables of the file, empty where it has none."""
        value = self.content.get(name, [])
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            self.fail(name, f"{name}: {value!r} is not an array of tables")
        return value

    def one_of(self, value: object, known: Sequence[str], at: str) -> str:
        """A text out of the known ones."""
        if not isinstance(value, str) or value not in known:
            self.fail(str(value), f"{at}: {value!r} is not one of {', '.join(known)}")
        return value

    def some_of(self, value: object, known: Sequence[str], at: str) -> tuple[str, ...]:
        """A list of texts out of the known ones."""
        if not isinstance(value, list):
            self.fail(str(value), f"{at}: {value!r} is not a list")
        return tuple(self.one_of(item, known, at) for item in value)
