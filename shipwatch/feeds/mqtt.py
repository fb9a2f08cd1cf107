"""Messages from an MQTT broker, over TCP or websockets (AIS-catcher, Digitraffic). Needs paho-mqtt (extra ``mqtt``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import orjson

from shipwatch.feeds.feed import LOOK_S, Feed, FeedProblem, MissingExtra
from shipwatch.feeds.health import shown
from shipwatch.feeds.message_lines import lines_of, one_line, short
from shipwatch.feeds.tcp import CONNECT_S, STALL_S

DIGITRAFFIC_URL = "wss://meri.digitraffic.fi:443/mqtt"
DIGITRAFFIC_TOPICS = ("vessels-v2/+/location", "vessels-v2/+/metadata")
SCHEMES = {"mqtt": 1883, "mqtts": 8883, "ws": 80, "wss": 443}
DIGITRAFFIC_HEADERS = {"Digitraffic-User": "shipwatch"}
"""The service asks its users to name themselves."""
KEEPALIVE_S = 60
AT_ONCE = 500
MOST_MESSAGE_BYTES = 1 << 20


class MqttFeed(Feed):
    """A subscriber of ``topics`` at ``mqtt://``, ``mqtts://``, ``ws://`` or ``wss://HOST[:PORT][/PATH]``.

    Each message is a line, one of several lines as many; with ``keep_topic`` it stands in an envelope
    ``{"topic": ..., "message": ...}`` where the topic says what the message leaves out (Digitraffic). ``headers`` go
    with the request for a websocket. Certificates are checked. Raises ``MissingExtra``.
    """

    def __init__(
        self,
        url: str,
        topics: Sequence[str],
        *,
        user: str = "",
        password: str = "",
        keep_topic: bool = False,
        headers: Mapping[str, str] | None = None,
        name: str | None = None,
        stall_s: float = STALL_S,
    ) -> None:
        super().__init__(name or f"mqtt:{shown(url)}", f"{shown(url)} {' '.join(topics)}")
        self.url, self.topics, self.keep_topic, self.stall_s = url, tuple(topics), keep_topic, stall_s
        self.secrets = (password,)
        self._user, self._password, self._headers = user, password, dict(headers or {})
        self._waiting: list[bytes] = []
        self._heard_s = 0.0
        self._refused: str | None = None
        try:
            from paho.mqtt import client as paho  # noqa: PLC0415 (an extra)
            from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415
        except ImportError:
            raise MissingExtra("paho-mqtt", "mqtt") from None
        self._paho, self._callbacks = paho, CallbackAPIVersion.VERSION2

    def listen(self) -> bool:
        """One connection, until it ends."""
        parts = urlsplit(self.url)
        client = self._client(parts.scheme in ("ws", "wss"), parts.scheme in ("mqtts", "wss"), parts.path)
        self._waiting, self._heard_s, self._refused = [], monotonic(), None
        client.connect(parts.hostname or "", parts.port or SCHEMES[parts.scheme], keepalive=KEEPALIVE_S)
        try:
            while not self.stopping.is_set():
                outcome = client.loop(timeout=LOOK_S)
                if self._waiting:
                    self._take()
                if self._refused is not None:
                    raise FeedProblem(self._refused)
                if outcome != self._paho.MQTT_ERR_SUCCESS:
                    raise FeedProblem(f"the connection ended: {self._paho.error_string(outcome)}")
                if monotonic() - self._heard_s >= self.stall_s:
                    self.failed(f"nothing received for {self.stall_s:g} s")
                    return False
        finally:
            self._take()
            client.disconnect()
        return False

    def _client(self, web: bool, tls: bool, path: str) -> Any:
        client = self._paho.Client(
            self._callbacks, transport="websockets" if web else "tcp", reconnect_on_failure=False
        )
        client.connect_timeout = CONNECT_S
        client.on_connect, client.on_message, client.on_subscribe = (
            self._on_connect,
            self._on_message,
            self._on_subscribe,
        )
        if web:
            client.ws_set_options(path=path or "/mqtt", headers=self._headers or None)
        if tls:
            client.tls_set()  # the system's authorities, and the name is checked
        if self._user:
            client.username_pw_set(self._user, self._password or None)
        return client

    def _on_connect(self, client: Any, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self._refused = f"the broker refused us: {reason}"
            return
        client.subscribe([(topic, 0) for topic in self.topics])

    def _on_subscribe(self, client: Any, userdata: Any, number: int, reasons: Any, properties: Any) -> None:
        refused = [
            f"{topic}: {reason}" for topic, reason in zip(self.topics, reasons, strict=False) if reason.is_failure
        ]
        if refused:
            self._refused = f"the broker refused a subscription ({'; '.join(refused)})"
        else:
            self.connected()

    def _on_message(self, client: Any, userdata: Any, message: Any) -> None:
        self._heard_s = monotonic()
        self.health.bytes += len(message.payload)
        if len(message.payload) > MOST_MESSAGE_BYTES:
            self.health.too_long += 1
            return
        if self.keep_topic:
            topic = orjson.dumps(message.topic)
            self._waiting.append(b'{"topic":' + topic + b',"message":' + one_line(message.payload) + b"}")
        else:
            self._waiting += lines_of(message.payload)
        if len(self._waiting) >= AT_ONCE:
            self._take()

    def _take(self) -> None:
        kept, too_long = short(self._waiting)
        self._waiting = []
        self.health.too_long += too_long
        self.arrived(kept)


def digitraffic(*, url: str = DIGITRAFFIC_URL, name: str = "digitraffic", stall_s: float = STALL_S) -> MqttFeed:
    """The open feed of Finnish waters (Fintraffic, CC BY 4.0)."""
    return MqttFeed(url, DIGITRAFFIC_TOPICS, keep_topic=True, headers=DIGITRAFFIC_HEADERS, name=name, stall_s=stall_s)
