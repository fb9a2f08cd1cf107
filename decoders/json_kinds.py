"""Which messages stand in a parsed JSON object, and of which kind each is."""

from __future__ import annotations

from typing import Any

from decoders.json_formats import JsonFormat

_SIMPLE = (str, int, bool)
_MOST_ITEMS = 64
"""Of one message; a SignalK delta holds one or two."""


def items_of(form: JsonFormat, message: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages within a message: one for each element of a list, its path-value pairs made an object."""
    inner = message.get(form.each) if form.each else [message]
    if type(inner) is not list or not inner:
        return [message]
    made: list[dict[str, Any]] = []
    for element in inner[:_MOST_ITEMS]:
        if type(element) is not dict:
            made.append({})
            continue
        item = {**message, **element}
        item.pop(form.each, None)
        pairs = element.get(form.pairs) if form.pairs else None
        if type(pairs) is list:
            item[form.pairs] = _paired(pairs)
        made.append(item)
    return made


def _paired(pairs: list[Any]) -> dict[str, Any]:
    """``[{"path": "a.b", "value": 1}, ...]`` as ``{"a.b": 1}``; values of the empty path are merged."""
    made: dict[str, Any] = {}
    for pair in pairs:
        if type(pair) is not dict or type(pair.get("path")) is not str:
            continue
        value = pair.get("value")
        if pair["path"]:
            made[pair["path"]] = value
        elif type(value) is dict:
            made.update(value)
    return made


def kind_of(form: JsonFormat, message: dict[str, Any]) -> int | None:
    for index, record in enumerate(form.records):
        for condition in record.where:
            path = condition.path
            value = message.get(path[0]) if len(path) == 1 else _value(message, path)
            if condition.values is not None:
                if type(value) not in _SIMPLE or (type(value), value) not in condition.values:
                    break
            elif condition.pattern is not None:
                if type(value) not in (str, int) or condition.pattern.search(str(value)) is None:
                    break
            elif value is None:
                break
        else:
            return index
    return None


def _value(message: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if type(message) is not dict:
            return None
        message = message.get(key)
    return message
