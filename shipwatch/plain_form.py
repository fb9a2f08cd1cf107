"""Frozen dataclasses to plain JSON values and back, by their annotations alone: no pickle, nothing runs on reading."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any

Form = Callable[[Any], Any]


def to_plain(value: Any) -> Any:
    """The value as lists, texts, numbers, booleans and None; a mapping becomes a list of pairs in its own order.

    NumPy scalars become Python's. ``TypeError`` names a type that has no plain form.

    >>> to_plain({1: (2.5, "three")})
    [[1, [2.5, 'three']]]
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return [to_plain(getattr(value, item.name)) for item in fields(value)]
    if isinstance(value, Mapping):
        return [[to_plain(key), to_plain(held)] for key, held in value.items()]
    if isinstance(value, (tuple, list)):
        return [to_plain(held) for held in value]
    if hasattr(value, "item"):
        return to_plain(value.item())
    raise TypeError(f"{type(value).__name__} has no plain form")


def from_plain(kind: Any, plain: Any) -> Any:
    """The value of that type (a dataclass or an annotation made of them) that :func:`to_plain` wrote.

    Raises ``ValueError`` where the plain form is not of that type.

    >>> from_plain(dict[int, tuple[float, str]], [[1, [2.5, "three"]]])
    {1: (2.5, 'three')}
    """
    try:
        return _reader(kind)(plain)
    except (TypeError, KeyError, IndexError, AttributeError) as problem:
        raise ValueError(f"not the saved form of {getattr(kind, '__name__', kind)}: {problem}") from problem


@cache
def _reader(kind: Any) -> Form:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _either([part for part in parts if part is not type(None)])
    if origin is tuple:
        return _tuple_of(parts)
    if origin is not None and issubclass(origin, Mapping):
        key, held = _reader(parts[0]), _reader(parts[1])
        return lambda plain: {key(name): held(value) for name, value in plain}
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return _as_it_is


def _dataclass(kind: type[Any]) -> Form:
    hints = typing.get_type_hints(kind)
    readers = [(item.name, _reader(hints[item.name])) for item in fields(kind)]

    def read(plain: Any) -> Any:
        if len(plain) != len(readers):
            raise TypeError(f"{kind.__name__} has {len(readers)} fields, not {len(plain)}")
        return kind(**{name: form(value) for (name, form), value in zip(readers, plain, strict=True)})

    return read


def _tuple_of(parts: tuple[Any, ...]) -> Form:
    if len(parts) == 2 and parts[1] is Ellipsis:
        each = _reader(parts[0])
        return lambda plain: tuple(each(value) for value in plain)
    forms = [_reader(part) for part in parts]
    return lambda plain: tuple(form(value) for form, value in zip(forms, plain, strict=True))


def _either(parts: list[Any]) -> Form:
    if len(parts) != 1:  # int | str and the like: JSON keeps them apart by itself
        return _as_it_is
    form = _reader(parts[0])
    return lambda plain: None if plain is None else form(plain)


def _as_it_is(plain: Any) -> Any:
    return plain
