"""What can go wrong with a whole input; a bad line never raises, it is counted."""

from __future__ import annotations


class DecodeError(Exception):
    """An input that cannot be decoded at all; the message is ``place: what is wrong``."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
        self.place = place
        self.problem = problem


class UnreadableInput(DecodeError):
    """The file is missing, may not be opened, is encrypted or is damaged from its first byte."""


class UnknownFormat(DecodeError):
    """The content is of no known form, or of a form that holds no AIS reports; the message says which."""


class FormatError(DecodeError):
    """A format description (``decoders/formats/*.toml``) or the name of one is wrong."""
