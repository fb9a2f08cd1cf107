"""Takes the keys of a description (TOML) one by one, so that a missing, wrong or unknown one is told with its place."""

from __future__ import annotations

from typing import Any, TypeVar

from decoders.errors import FormatError

_Kind = TypeVar("_Kind")


class TomlKeys:
    """The keys of one TOML table, each of which must be taken.

    ``file`` and ``at`` (where in the file, ``"record[0]."``) stand in errors, which are all
    :class:`~decoders.errors.FormatError`.

    >>> keys = TomlKeys("made.toml", "time.", {"zone": "UTC", "form": "hh:mm"})
    >>> keys.take("zone", str), keys.take("more", bool, False)
    ('UTC', False)
    >>> keys.done()
    Traceback (most recent call last):
    decoders.errors.FormatError: made.toml: unknown key time.form
    """

    def __init__(self, file: str, at: str, raw: Any) -> None:
        if not isinstance(raw, dict):
            raise FormatError(file, f"{at.rstrip('.')}: {raw!r} is not a table")
        self.file, self.at, self.raw = file, at, dict(raw)
        self._untaken = set(raw)

    def take(self, key: str, kind: type[_Kind], default: _Kind | None = None) -> _Kind:
        """Its value, which must be of this kind (a float may be a whole number); without a default it must be there."""
        self._untaken.discard(key)
        value = self.raw.get(key, default)
        if value is None:
            raise FormatError(self.file, f"{self.at}{key} is missing")
        if kind is float and type(value) is int:
            value = float(value)
        if not isinstance(value, kind):
            raise FormatError(self.file, f"{self.at}{key}: {value!r} is not a {kind.__name__}")
        return value

    def inside(self, key: str) -> TomlKeys:
        """The keys of the table that stands there; none where there is no such table."""
        return TomlKeys(self.file, f"{self.at}{key}.", self.raw.get(key, {}))

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self.raw

    def done(self) -> None:
        """Nothing more will be taken: what is left is unknown."""
        if self._untaken:
            raise FormatError(self.file, f"unknown key {self.at}{sorted(self._untaken)[0]}")
