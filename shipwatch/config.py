"""`config.toml`: sections, values, and the line on which each stands; rooms bind their own settings from it."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import math
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from shipwatch.config_lines import key_lines, syntax_error_line

T = TypeVar("T")

ENVIRONMENT_PREFIX = "SHIPWATCH_"


class ConfigError(ValueError):
    """A setting that cannot be used; the message says where it stands, which it is and why."""


@dataclass(frozen=True)
class Config:
    """Settings by section as read, with the place of each; nothing here knows what a setting means.

    ``source`` is the file as it was named, or ``defaults``. ``lines`` maps (section, key) and (section, "") to 1-based
    line numbers; ``environment`` holds the variable that set a value instead.
    """

    source: str = "defaults"
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict)
    environment: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def section(self, name: str) -> Mapping[str, Any]:
        """The settings that the section states (empty when it is absent)."""
        return self.sections.get(name, {})

    def place(self, section: str, key: str = "") -> str:
        """Where a setting stands, for messages: ``config.toml:31 rendezvous.enter_m``."""
        dotted = f"{section}.{key}" if key else section
        if (section, key) in self.environment:
            return f"${self.environment[section, key]} {dotted}"
        line = self.lines.get((section, key))
        return f"{self.source}:{line} {dotted}" if line else f"{self.source} {dotted}"

    def require_sections(self, known: Sequence[str]) -> None:
        """Raise ``ConfigError`` at the first section that no room reads."""
        for name in self.sections:
            if name not in known:
                raise ConfigError(f"{self.place(name)}: unknown section{_did_you_mean(name, known)}")

    def digest(self) -> str:
        """SHA-256 of the settings stated, independent of their order, comments and file name."""
        text = json.dumps(self.sections, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def load_config(path: Path | str | None = None, environment: Mapping[str, str] | None = None) -> Config:
    """Read a TOML file of sections (none: only defaults), then `SHIPWATCH_SECTION__KEY` variables over it.

    A variable's value is read as TOML (`400`, `true`, `["a"]`), else as text. Raises ``ConfigError`` for a file that
    cannot be read, bad TOML, or a key that stands outside every section.

    >>> load_config(environment={"SHIPWATCH_RENDEZVOUS__ENTER_M": "400"}).section("rendezvous")
    {'enter_m': 400}
    """
    source, sections, lines = "defaults", {}, {}
    if path is not None:
        source = str(path)
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise ConfigError(f"{source}: cannot be read ({problem})") from None
        try:
            read = tomllib.loads(text)
        except tomllib.TOMLDecodeError as problem:
            line = syntax_error_line(str(problem), text)
            raise ConfigError(f"{source}:{line}: not TOML ({problem})") from None
        except (ValueError, RecursionError) as problem:  # thousands of digits, or of brackets
            raise ConfigError(f"{source}: cannot be read ({problem})") from None
        lines = key_lines(text)
        for name, content in read.items():
            if not isinstance(content, dict):
                line = lines.get(("", name), 1)
                raise ConfigError(f"{source}:{line} {name}: stands outside every [section]")
            sections[name] = dict(content)
    origins: dict[tuple[str, str], str] = {}
    for variable, value in sorted((environment or {}).items()):
        section, mark, key = variable.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if not (variable.startswith(ENVIRONMENT_PREFIX) and mark and section and key):
            continue
        sections.setdefault(section, {})[key] = _environment_value(value)
        origins[section, key] = variable
        origins.setdefault((section, ""), variable)
    return Config(source, sections, lines, origins)


def bind(config: Config, section: str, settings: type[T], start: T | None = None) -> T:
    """The settings dataclass of one section: its defaults (or ``start``), with what the section states in their place.

    Raises ``ConfigError`` with file, line, key and value for an unknown key, a value of another type, and whatever the
    dataclass's own ``__post_init__`` refuses with ``ValueError``.

    >>> @dataclass(frozen=True)
    ... class Rules:
    ...     enter_m: float = 500.0
    >>> bind(load_config(environment={"SHIPWATCH_RULES__ENTER_M": "400"}), "rules", Rules)
    Rules(enter_m=400.0)
    """
    if not dataclasses.is_dataclass(settings):
        raise TypeError(f"{settings!r} is not a dataclass")
    hints = typing.get_type_hints(settings)
    known = {f.name: hints[f.name] for f in dataclasses.fields(settings) if f.init}
    stated: dict[str, Any] = {}
    for key, value in config.section(section).items():
        place = config.place(section, key)
        if key not in known:
            raise ConfigError(f"{place}: unknown key{_did_you_mean(key, list(known))}")
        try:
            stated[key] = _fit(value, known[key])
        except TypeError:
            wanted = _type_name(known[key])
            raise ConfigError(f"{place}: {value!r} is {_toml_name(value)}, not {wanted}") from None
        except OverflowError as problem:
            raise ConfigError(f"{place}: {problem}") from None
    base = start if start is not None else settings()
    try:
        return dataclasses.replace(base, **stated)  # type: ignore[type-var]
    except ValueError as problem:
        raise ConfigError(_locate(config, section, stated, base, str(problem))) from None


def _locate(config: Config, section: str, stated: Mapping[str, Any], base: Any, problem: str) -> str:
    """The message of a refused range, at the key that caused it: the one alone that brings the refusal about."""
    guilty = ""
    for key, value in stated.items():
        try:
            dataclasses.replace(base, **{key: value})
        except ValueError as alone:
            guilty, problem = key, str(alone)
            break
    if not guilty:  # only together are they wrong: the key that the message names, else the section
        guilty = next((key for key in stated if key in problem), "")
    text = problem
    for lead in (f"{section}.{guilty}: ", f"{guilty}: ", f"{guilty} "):
        if guilty and text.startswith(lead):
            text = text.removeprefix(lead)
            break
    return f"{config.place(section, guilty)}: {text}"


def _fit(value: Any, wanted: Any) -> Any:
    """The value as the annotated type, or ``TypeError``; an integer is also a float, a list a tuple, text a path.

    ``OverflowError`` for a number beyond 64 bits, infinite or none at all: nothing here is measured in such.
    """
    origin, parts = typing.get_origin(wanted), typing.get_args(wanted)
    if wanted is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        for part in parts:
            if part is type(None):
                continue
            try:
                return _fit(value, part)
            except TypeError:
                continue
        raise TypeError
    if origin is typing.Literal:
        if value not in parts:
            raise TypeError
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError
        if len(parts) == 2 and parts[1] is Ellipsis:
            return tuple(_fit(item, parts[0]) for item in value)
        if len(value) != len(parts):
            raise TypeError
        return tuple(_fit(item, part) for item, part in zip(value, parts, strict=True))
    if origin is not None and isinstance(value, dict):  # Mapping[str, X]
        return {key: _fit(item, parts[1]) for key, item in value.items()}
    if dataclasses.is_dataclass(wanted) and isinstance(wanted, type):
        return _fit_dataclass(value, wanted)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise OverflowError(f"a whole number of {value.bit_length()} bits is too large")
    if wanted is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise OverflowError(f"{value} is not a number that can be used")
        return float(value)
    if wanted is Path and isinstance(value, str):
        return Path(value)
    if isinstance(wanted, type) and isinstance(value, wanted) and not (isinstance(value, bool) and wanted is int):
        return value
    raise TypeError


def _fit_dataclass(value: Any, wanted: type) -> Any:
    hints = typing.get_type_hints(wanted)
    if not isinstance(value, dict) or not set(value) <= set(hints):
        raise TypeError
    return wanted(**{key: _fit(item, hints[key]) for key, item in value.items()})


def _environment_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f" (did you mean {near[0]}?)"
    return f" (known: {', '.join(known)})"


def _toml_name(value: Any) -> str:
    kinds = {bool: "a boolean", int: "a whole number", float: "a number", str: "text", list: "a list", dict: "a table"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def _type_name(wanted: Any) -> str:
    kinds = {bool: "a boolean", int: "a whole number", float: "a number", str: "text", Path: "a path"}
    if wanted in kinds:
        return kinds[wanted]
    origin, parts = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_type_name(part) for part in parts if part is not type(None))
    if origin is typing.Literal:
        return " or ".join(repr(part) for part in parts)
    if origin is tuple:
        if len(parts) == 2 and parts[1] is Ellipsis:
            return f"a list of {_type_name(parts[0]).removeprefix('a ')}s"
        return f"a list of {len(parts)}"
    return "a table"
