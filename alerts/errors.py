"""What the alerting wing raises; every message carries place and value."""

from __future__ import annotations


class AlertError(ValueError):
    """Root of the alerting wing's errors."""


class ListError(AlertError):
    """A list of designated vessels is not what its reader knows: file, row and value are in the message."""


class ScreeningError(AlertError):
    """A question to the lists cannot be answered as asked: the argument and its value are in the message."""


class RulesError(AlertError):
    """An alert rule file is wrong: file, key and value are in the message."""
