"""AISHub's web service, asked at most once a minute: the last position of each vessel in a box."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any

import httpx
import orjson

from shipwatch.feeds.feed import Feed, FeedProblem
from shipwatch.feeds.health import shown
from shipwatch.feeds.message_lines import of_value, short

URL = "https://data.aishub.net/ws.php"
SHORTEST_POLL_S = 60.0
"""The service's own rule; asked more often it answers with nothing."""
TIMEOUT_S = 30.0
MOST_ANSWER_BYTES = 32 << 20
"""Of the whole world's ships: some 15 MB."""
_DEEPEST = 4
_SHOWN = 120


class AisHubFeed(Feed):
    """Asks for the vessels of a box every ``poll_s`` seconds, as JSON or CSV; each vessel becomes a JSON line.

    ``box`` may hold ``latmin latmax lonmin lonmax``. What the service refuses is said, and it is asked again when the
    next poll is due. Redirects are not followed, certificates are checked, no proxy of the environment is used.
    """

    def __init__(
        self,
        username: str,
        *,
        box: Mapping[str, float] | None = None,
        output: str = "json",
        poll_s: float = SHORTEST_POLL_S,
        url: str = URL,
        name: str = "aishub",
    ) -> None:
        super().__init__(name, shown(url))
        self.url, self.poll_s, self.output, self.secrets = url, poll_s, output, (username,)
        self._asked = {"username": username, "format": "1", "output": output, "compress": "0"} | {
            key: f"{value:g}" for key, value in (box or {}).items()
        }
        self._due_s = 0.0

    def listen(self) -> bool:
        """One poll after another, however they end."""
        with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            while not self.stopping.is_set():
                if self.pause(max(0.0, self._due_s - monotonic())):
                    break
                self._due_s = monotonic() + self.poll_s
                self._poll(client)
        return False

    def _poll(self, client: httpx.Client) -> None:
        try:
            answer = self._answer(client)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise FeedProblem(f"{type(problem).__name__}: {problem}") from None
        self.health.bytes += len(answer)
        vessels = _of_csv(answer) if self.output == "csv" else _of_json(answer)
        self.connected()
        kept, too_long = short([of_value(vessel) for vessel in vessels])
        self.health.too_long += too_long
        self.arrived(kept)

    def _answer(self, client: httpx.Client) -> bytes:
        with client.stream("GET", self.url, params=self._asked) as response:
            if response.status_code != httpx.codes.OK:
                raise FeedProblem(f"the service answered {response.status_code}")
            pieces: list[bytes] = []
            size = 0
            for piece in response.iter_bytes():
                size += len(piece)
                if size > MOST_ANSWER_BYTES:
                    raise FeedProblem(f"the answer has more than {MOST_ANSWER_BYTES >> 20} MB")
                if self.stopping.is_set():
                    return b"[]"
                pieces.append(piece)
        answer = b"".join(pieces)
        if not answer.strip():
            raise FeedProblem("the service answered with nothing: it was asked too often")
        return answer


def _of_json(answer: bytes) -> list[dict[str, Any]]:
    """The vessels of an answer, whichever way they are nested."""
    try:
        value = orjson.loads(answer)
    except ValueError:
        raise FeedProblem(f"the answer is no JSON: {answer[:_SHOWN].decode('utf-8', 'replace')}") from None
    for meta in value if type(value) is list else [value]:
        if type(meta) is dict and meta.get("ERROR") not in (None, False, "false", 0):
            raise FeedProblem(f"the service says: {meta.get('ERROR_MESSAGE') or 'ERROR'}")
    return list(_vessels(value, 0))


def _vessels(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if type(value) is dict:
        if "MMSI" in value:
            yield value
            return
        value = list(value.values())
    if type(value) is list and depth < _DEEPEST:
        for inner in value:
            yield from _vessels(inner, depth + 1)


def _of_csv(answer: bytes) -> list[dict[str, Any]]:
    text = answer.decode("utf-8", "replace").replace("\x00", " ")
    reader = csv.DictReader(io.StringIO(text))
    try:
        if "MMSI" not in (reader.fieldnames or ()):
            raise FeedProblem(f"the service says: {text[:_SHOWN].strip()}")
        return [{key: value for key, value in row.items() if key is not None} for row in reader]
    except csv.Error as problem:
        raise FeedProblem(f"the answer is no CSV: {problem}") from None
