"""How a feed is doing: its state and what became of everything it received."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

MOST_REASONS = 20
LONGEST_REASON = 300


@dataclass(slots=True)
class Health:
    """One feed's record, written by its own thread, read by whoever asks.

    ``state`` is ``starting``, ``listening`` (a server that nobody has called yet), ``connected``, ``waiting`` (for the
    next try or for a file to appear), ``ended`` or ``stopped``. ``dropped`` lines found the queue full; ``cut`` lines
    lost their end with the connection; ``too_long`` lines had no end in sight; ``refused`` is what was not let in (a
    connection over the limit, a request without the token). ``last_stamp`` is the stamp of the service's clock at the
    newest line. ``errors`` counts failures by what was said of them, ``last_error`` is the newest.
    """

    name: str
    source: str
    state: str = "starting"
    connections: int = 0
    bytes: int = 0
    lines: int = 0
    dropped: int = 0
    cut: int = 0
    too_long: int = 0
    refused: int = 0
    last_stamp: int | None = None
    last_error: str | None = None
    errors: dict[str, int] = field(default_factory=dict)

    def failed(self, problem: str) -> None:
        """Take note of a failure."""
        text = problem[:LONGEST_REASON]
        self.last_error = text
        if text in self.errors or len(self.errors) < MOST_REASONS:
            self.errors[text] = self.errors.get(text, 0) + 1

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


def shown(url: str) -> str:
    """A URL without what may be secret in it: user, password, query and fragment.

    >>> shown("wss://me:word@stream.example:443/v0/stream?key=1")
    'wss://stream.example:443/v0/stream'
    """
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with each secret, as it is and as a URL writes it, replaced by asterisks.

    >>> without("no user me%40home (me@home)", ["me@home"])
    'no user *** (***)'
    """
    for secret in secrets:
        for form in {secret, quote(secret, safe=""), quote_plus(secret)}:
            if form:
                text = text.replace(form, "***")
    return text
