"""XML lists, element by element, in flat memory: the one door to the XML parser.

Document type declarations are refused altogether (no list has one; entity bombs and outside files need one), as is any
encoding but UTF-8; nothing is fetched, nothing expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from alerts.errors import ListError
from alerts.lists.content import Content, PieceReader

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_ELEMENTS = 50_000_000
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
_ENCODING = re.compile(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_LONGEST = max(map(len, _FORBIDDEN)) - 1


class _Guarded:
    """The pieces of a file on their way to the parser, looked through for what no list has."""

    def __init__(self, content: Content) -> None:
        self._name = content.name
        self._reader: PieceReader = content.stream()
        self._tail = b""
        self._begun = False

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes; :class:`ListError` for a document type or another encoding."""
        piece = self._reader.read(size)
        if not self._begun:
            self._begun = True
            if b"\x00" in piece[:8] or piece.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise ListError(f"{self._name}: is not UTF-8; save the list as UTF-8")
            stated = _ENCODING.match(piece)
            if stated is not None and stated[1].upper() not in (b"UTF-8", b"US-ASCII", b"ASCII"):
                raise ListError(f"{self._name}: is written in {stated[1].decode()}; save the list as UTF-8")
        window = self._tail + piece
        if any(mark in window for mark in _FORBIDDEN):
            raise ListError(f"{self._name}: holds a document type or entity declaration, which no list has: refused")
        self._tail = window[-_LONGEST:]
        return piece


def elements(content: Content, tags: Iterable[str], root: str) -> Iterator[_Element]:
    """Every element with one of these local names, whole, in order; cleared once the next is asked for.

    ``root`` is the local name that the document must begin with. Raises :class:`ListError` for anything that is not
    well-formed XML of that root, with the parser's line.
    """
    # A tenth of a second of modules: only whoever reads XML waits for them.
    from lxml import etree  # noqa: PLC0415

    wanted = frozenset(tags)
    depth = 0
    # huge_tree lifts the bounds on one document's size; entities, which they guard against, cannot be declared here.
    parser = etree.iterparse(
        _Guarded(content), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    inside = 0
    counted = 0
    try:
        for event, element in parser:
            name = local(element)
            if event == "start":
                counted += 1
                if counted == 1 and name != root:
                    raise ListError(
                        f"{content.name}: begins with <{name}>, not <{root}>: another list or another layout"
                    )
                if counted > MAX_ELEMENTS:
                    raise ListError(f"{content.name}: more than {MAX_ELEMENTS} elements")
                depth += 1
                if depth > 100:
                    raise ListError(f"{content.name}: elements stand more than 100 deep in each other")
                inside += name in wanted
                continue
            depth -= 1
            if name in wanted:
                inside -= 1
                if not inside:
                    yield element
            if not inside:
                element.clear()
                # What was read before it hangs on its parent until it is taken off.
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
    except etree.XMLSyntaxError as error:
        raise ListError(f"{content.name}: is not whole, well-formed XML ({error.msg})") from error


def local(element: _Element) -> str:
    """An element's name without its namespace; empty for what is no element."""
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def child(element: _Element, *names: str) -> _Element | None:
    """The first element down this path of local names; None where it ends."""
    found: _Element | None = element
    for name in names:
        found = next((e for e in found if local(e) == name), None) if found is not None else None
    return found


def children(element: _Element | None, *names: str) -> list[_Element]:
    """All elements down this path of local names, in document order."""
    level = [] if element is None else [element]
    for name in names:
        level = [e for parent in level for e in parent if local(e) == name]
    return level


def text_of(element: _Element | None, *names: str) -> str:
    """The text of the first element down this path, in one line; empty for none."""
    found = child(element, *names) if element is not None and names else element
    return "" if found is None else " ".join("".join(str(part) for part in found.itertext()).split())


def texts_of(element: _Element | None, *names: str) -> list[str]:
    """The texts of all elements down this path that have one."""
    return [text for text in (text_of(e) for e in children(element, *names)) if text]


def root_attributes(content: Content) -> dict[str, str]:
    """The attributes of the document's first element, by local name; empty for what is not XML."""
    from lxml import etree  # noqa: PLC0415

    parser = etree.iterparse(_Guarded(content), events=("start",), resolve_entities=False, no_network=True)
    try:
        _, element = next(iter(parser))
    except (etree.XMLSyntaxError, StopIteration):
        return {}
    return {str(name).rsplit("}", 1)[-1]: str(value) for name, value in element.attrib.items()}
