"""What a report refuses to be made from, said with place and value."""

from __future__ import annotations


class ReportError(ValueError):
    """A report cannot be made; the message names what was asked and what is wrong with it."""
