"""Lines from Kafka topics, NMEA or JSON. Needs confluent-kafka (extra ``kafka``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shipwatch.feeds.feed import LOOK_S, Feed, FeedProblem, MissingExtra
from shipwatch.feeds.message_lines import lines_of, short

AT_ONCE = 2_000
GROUP = "shipwatch"
OWN = frozenset({"bootstrap.servers", "group.id", "enable.auto.commit", "enable.auto.offset.store", "error_cb"})


class KafkaFeed(Feed):
    """A consumer of ``topics`` in ``group``; ``options`` are librdkafka's own (``security.protocol`` and its like).

    While the service's queue is full the broker waits. Offsets are kept by the group when lines are handed over: what
    stood in the queue when the service was killed is not heard again. A topic from which nothing comes is no failure.
    Raises ``MissingExtra``.
    """

    can_wait = True

    def __init__(
        self,
        brokers: str,
        topics: Sequence[str],
        *,
        group: str = GROUP,
        options: Mapping[str, str | int | float | bool] | None = None,
        secrets: Sequence[str] = (),
        name: str | None = None,
    ) -> None:
        super().__init__(name or f"kafka:{','.join(topics)}", f"kafka://{brokers} {' '.join(topics)}")
        self.brokers, self.topics, self.group, self.options = brokers, tuple(topics), group, dict(options or {})
        self.secrets = tuple(secrets)
        try:
            import confluent_kafka  # noqa: PLC0415 (an extra)
        except ImportError:
            raise MissingExtra("confluent-kafka", "kafka") from None
        self._library = confluent_kafka

    def listen(self) -> bool:
        """One consumer, until it fails for good; librdkafka itself connects again where a broker goes away."""
        try:
            consumer = self._library.Consumer(
                {
                    "auto.offset.reset": "latest",
                    **self.options,
                    "bootstrap.servers": self.brokers,
                    "group.id": self.group,
                    "enable.auto.commit": True,
                    "enable.auto.offset.store": False,
                    "error_cb": self._told,
                }
            )
        except self._library.KafkaException as problem:
            raise FeedProblem(str(problem)) from None
        try:
            consumer.subscribe(list(self.topics), on_assign=lambda *_: self.connected())
            while not self.stopping.is_set():
                self._take(consumer, consumer.consume(AT_ONCE, LOOK_S))
        except self._library.KafkaException as problem:
            raise FeedProblem(str(problem)) from None
        finally:
            consumer.close()
        return False

    def _take(self, consumer: Any, messages: Sequence[Any]) -> None:
        lines: list[bytes] = []
        heard = []
        for message in messages:
            error = message.error()
            if error is not None:
                self.failed(error.str())
                continue
            heard.append(message)
            payload = message.value() or b""
            self.health.bytes += len(payload)
            kept, too_long = short(lines_of(payload))
            self.health.too_long += too_long
            lines += kept
        if heard:
            self.health.state = "connected"
        self.arrived(lines)
        for message in heard:
            consumer.store_offsets(message)

    def _told(self, error: Any) -> None:
        """What librdkafka says of its brokers: it goes on trying by itself."""
        self.failed(error.str())
        if error.fatal():
            raise self._library.KafkaException(error)
        if error.code() == self._library.KafkaError._ALL_BROKERS_DOWN:
            self.health.state = "waiting"
