"""Config to a live service: feeds, journal, ledger, archive, channels and clock, wired."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from alerts.channels import Channel, JsonLinesChannel, WebhookChannel
from shipwatch.archive import Archive
from shipwatch.assemble import Station
from shipwatch.assemble_feeds import FeedSettings, feeds_of
from shipwatch.config import Config, ConfigError, bind
from shipwatch.journal import Journal
from shipwatch.ledger import Ledger
from shipwatch.live import LiveService
from shipwatch.live_clock import LiveClock
from shipwatch.live_delivery import DeliveryThread
from shipwatch.live_lists import LiveLists
from shipwatch.live_settings import LiveSettings
from shipwatch.pipeline import Outcome
from shipwatch.version import shipwatch_version


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """Section `[delivery]`: where alerts are sent."""

    file: str = ""
    """A file of JSON lines."""
    webhook: str = ""
    """An https URL (Standard Webhooks)."""
    webhook_secret_file: str = ""
    """The file whose first line is the secret (base64, `whsec_...`): secrets do not stand in a configuration."""
    allow_private: bool = False
    """The webhook may be http and at a private address."""

    def names(self) -> tuple[str, ...]:
        """Of the channels that :func:`channels_of` makes of it."""
        return tuple(name for name, value in (("file", self.file), ("webhook", self.webhook)) if value)


@dataclass(slots=True)
class Watch:
    """A live service, ready to run, and what belongs to it."""

    service: LiveService
    delivery: DeliveryThread
    ledger: Ledger
    run_id: int


def channels_of(settings: DeliverySettings, folder: Path, client: httpx.Client) -> list[Channel]:
    """The channels that the settings name."""
    made: list[Channel] = []
    if settings.file:
        made.append(JsonLinesChannel("file", folder / settings.file))
    if settings.webhook:
        if not settings.webhook_secret_file:
            raise ConfigError("delivery.webhook_secret_file: a webhook needs a secret to sign with")
        path = folder / settings.webhook_secret_file
        try:
            secret = path.read_text("utf-8").partition("\n")[0].strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise ConfigError(f"delivery.webhook_secret_file: {path}: cannot be read ({problem})") from None
        made.append(WebhookChannel("webhook", settings.webhook, secret, client, settings.allow_private))
    return made


@contextmanager
def watch(
    station: Station,
    *,
    store: str,
    clock: LiveClock,
    now_us: Callable[[], int],
    feeds: FeedSettings | None = None,
    delivery: DeliverySettings | None = None,
    live: LiveSettings | None = None,
    environment: Mapping[str, str] | None = None,
    to_end: bool = False,
    on_recorded: Callable[[Outcome], None] | None = None,
) -> Iterator[Watch]:
    """A service over the store, with its journal and archive beside it; closed in order when the block ends.

    ``clock`` is that of the feeds, ``now_us`` the wall's (for runs and retries). What is not given comes from the
    station's configuration. ``to_end``: the feeds end where their sources do, and then everything is decided.
    """
    config = station.config
    folder = config_folder(config)
    feeds = feeds if feeds is not None else bind(config, "feeds", FeedSettings)
    delivery = delivery if delivery is not None else bind(config, "delivery", DeliverySettings)
    live = live if live is not None else bind(config, "live", LiveSettings)
    environment = os.environ if environment is None else environment
    digests = station.digests()
    with ExitStack() as stack:
        sources = feeds_of(feeds, folder, once=to_end, environment=environment)
        client = stack.enter_context(httpx.Client(trust_env=False))
        channels = channels_of(delivery, folder, client)
        ledger = stack.enter_context(Ledger(store))
        folder_of_positions = Archive.beside(store, environment)
        archive = stack.enter_context(Archive(folder_of_positions))
        reached = ledger.load_checkpoint(live.name)
        journal = stack.enter_context(
            Journal(
                folder_of_positions.with_name("journal"), sync_every_s=live.sync_s,
                at_least=0 if reached is None else reached.journal_position,
            )
        )  # fmt: skip
        run_id = ledger.start_run(
            started_us=now_us(), version=shipwatch_version(), inputs=[{"path": feed.health.source} for feed in sources],
            config_digest=digests["config"], rules_digest=digests["alert_rules"], zones_digest=digests["zones"],
            snapshots=station.designations.snapshots, archive=str(folder_of_positions),
        )  # fmt: skip
        sender = DeliveryThread(ledger, channels, now_us)

        def recorded(outcome: Outcome) -> None:
            sender.wake()
            if on_recorded is not None:
                on_recorded(outcome)

        service = LiveService(
            pipeline=station.pipeline, feeds=sources, journal=journal, ledger=ledger, run_id=run_id, clock=clock,
            settings=live, archive=archive,
            lists=None if station.lists is None else LiveLists(station.lists),
            channels=[channel.name for channel in channels], on_recorded=recorded, to_end=to_end,
        )  # fmt: skip
        sender.start()
        stack.callback(_end_run, ledger, run_id, now_us, service)
        stack.callback(sender.stop)
        yield Watch(service, sender, ledger, run_id)


def config_folder(config: Config) -> Path:
    """To which paths in a configuration are relative."""
    return Path(config.source).parent if config.source != "defaults" else Path()


def _end_run(ledger: Ledger, run_id: int, now_us: Callable[[], int], service: LiveService) -> None:
    inputs = [{"path": feed.health.source} for feed in service.feeds]
    ledger.finish_run(run_id, finished_us=now_us(), counts=service.counts(), inputs=inputs)
