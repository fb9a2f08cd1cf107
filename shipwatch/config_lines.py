"""On which line of a TOML text each key stands (the parser of the standard library does not say)."""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\s*\[(\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*(?P<key>(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*="""
)


def key_lines(text: str) -> dict[tuple[str, str], int]:
    """(section, key) to 1-based line number; (section, "") is the section's header, ("", key) a key before any section.

    The text must be valid TOML. Keys inside brackets or multi-line strings are not keys of the section. Of a dotted
    header or key (`[a.b]`, `b.c = 1`) the first part below the section counts. A repeated header keeps its first line.

    >>> key_lines("[rules]\\nenter_m = 500\\n")
    {('rules', ''): 1, ('rules', 'enter_m'): 2}
    """
    found: dict[tuple[str, str], int] = {}
    section, depth, quote = "", 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if depth == 0 and not quote:
            header = _HEADER.match(line)
            if header:
                first, *rest = _split(header.group(2))
                section = first
                found.setdefault((section, ""), number)
                if rest:
                    found.setdefault((section, rest[0]), number)
                continue
            key = _KEY.match(line)
            if key:
                first, *rest = _split(key.group("key"))
                if section == "" and rest:  # `section.key = 1` before any header
                    found.setdefault((first, ""), number)
                    found.setdefault((first, rest[0]), number)
                else:
                    found.setdefault((section, first), number)
        depth, quote = _scan(line, depth, quote)
    return found


def syntax_error_line(message: str, text: str) -> int:
    """The line that a ``TOMLDecodeError`` message names (its end of document is the last line)."""
    named = re.search(r"line (\d+)", message)
    return int(named.group(1)) if named else max(1, len(text.splitlines()))


def _split(dotted: str) -> list[str]:
    parts = re.findall(r""""[^"]*"|'[^']*'|[^.\s]+""", dotted)
    return [part.strip("\"'") for part in parts]


def _scan(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Bracket depth and open multi-line quote after the line."""
    at = 0
    while at < len(line):
        rest = line[at:]
        if quote:
            if quote == '"""' and rest[0] == "\\":
                at += 2
            elif rest.startswith(quote):
                at, quote = at + 3, ""
            else:
                at += 1
            continue
        if rest[0] == "#":
            break
        if rest.startswith(('"""', "'''")):
            at, quote = at + 3, rest[:3]
        elif rest[0] in "\"'":
            single = re.match(r'"(?:\\.|[^"\\])*"' if rest[0] == '"' else r"'[^']*'", rest)
            at += single.end() if single else len(rest)
        else:
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(rest[0], 0)
            at += 1
    return depth, quote
