"""Lists fetched from their publishers: new versions into the store; whatever fails leaves the old one and is told."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import sleep

import httpx

from alerts.channels import Resolve, resolved
from alerts.errors import ListError
from alerts.lists.addresses import ADDRESSES
from alerts.lists.kinds import KINDS
from alerts.lists.store import ListStore
from shipwatch.guarded_download import Bounds, DownloadError, download

FOLDER = "updates"
"""Beside the versions: how the last update of each list went."""


@dataclass(frozen=True, slots=True)
class UpdateState:
    """How the last updates of one kind of list went; instants are ISO 8601 UTC."""

    kind: str
    url: str
    tried_at: str
    done_at: str | None = None
    """When it was last seen to be up to date."""
    error: str | None = None
    """Why the last attempt failed; None where it did not."""
    snapshot: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Updated:
    """What one update came to: ``outcome`` is new, unchanged or failed."""

    kind: str
    outcome: str
    snapshot: str | None
    error: str | None = None
    before: str | None = None
    """The newest version of the list before."""


def update_lists(
    store: ListStore,
    kinds: Sequence[str],
    *,
    now: str,
    urls: Mapping[str, str] | None = None,
    bounds: Bounds | None = None,
    resolve: Resolve = resolved,
    wait: Callable[[float], None] = sleep,
    on_done: Callable[[Updated], None] | None = None,
) -> list[Updated]:
    """Fetch these kinds of lists, one after the other, and import what is new; ``now`` is an ISO instant.

    ``urls`` stand in for the publishers' addresses. A list that cannot be had, does not parse or shrank suspiciously
    leaves its old version and does not keep the others from being updated. Raises ``ListError`` for a kind without an
    address, and nothing else.
    """
    addresses = {**ADDRESSES, **(urls or {})}
    for kind in kinds:
        if kind not in addresses or kind not in KINDS:
            known = ", ".join(sorted(addresses.keys() & KINDS.keys()))
            raise ListError(f"{kind!r} cannot be fetched; known: {known}")
    done: list[Updated] = []
    with httpx.Client(trust_env=False, follow_redirects=False) as client:
        for kind in dict.fromkeys(kinds):
            found = _update(store, kind, addresses[kind], now, client, bounds or Bounds(), resolve, wait)
            done.append(found)
            if on_done is not None:
                on_done(found)
    return done


def update_states(store: ListStore) -> dict[str, UpdateState]:
    """How the last update of each kind went; records that cannot be read are left out, the next update mends them."""
    found: dict[str, UpdateState] = {}
    for path in sorted((store.folder / FOLDER).glob("*.json")):
        with contextlib.suppress(OSError, ValueError, TypeError):
            state = UpdateState(**json.loads(path.read_text(encoding="utf-8")))
            if state.kind == path.stem:
                found[state.kind] = state
    return found


def _update(
    store: ListStore,
    kind: str,
    url: str,
    now: str,
    client: httpx.Client,
    bounds: Bounds,
    resolve: Resolve,
    wait: Callable[[float], None],
) -> Updated:
    state = update_states(store).get(kind)
    before: str | None = None
    try:
        records = store.records()
        held = {record.id for record in records}
        list_name = KINDS[kind].list
        before = next((r.id for r in reversed(records) if r.list == list_name), None)
        if before is None and state is not None and state.snapshot in held:  # the file itself names its list
            before = state.snapshot
        # The server's marks count only while the version that they stand for is kept here.
        known = state is not None and state.url == url and state.snapshot in held
        etag = state.etag if state is not None and known else None
        modified = state.last_modified if state is not None and known else None
        with tempfile.TemporaryDirectory(prefix="shipwatch-list-") as folder:
            file = Path(folder) / kind
            got = download(
                url, file, client, bounds, etag=etag, last_modified=modified, resolve=resolve, wait=wait
            )  # fmt: skip
            if got.changed:
                snapshot = store.import_list(kind, file, fetched_at=now).id
            else:
                snapshot = (state.snapshot or "") if state is not None else ""
    except (DownloadError, ListError, OSError) as problem:
        text = str(problem)
        _write(store, _failed(state, kind, url, now, text))
        return Updated(kind, "failed", before, text, before)
    _write(store, UpdateState(kind, url, now, now, None, snapshot, got.etag, got.last_modified))
    return Updated(kind, "unchanged" if snapshot in held else "new", snapshot, None, before)


def _failed(state: UpdateState | None, kind: str, url: str, now: str, error: str) -> UpdateState:
    if state is None or state.url != url:
        return UpdateState(kind, url, now, None, error)
    return UpdateState(kind, url, now, state.done_at, error, state.snapshot, state.etag, state.last_modified)


def _write(store: ListStore, state: UpdateState) -> None:
    """Whole or not at all; that it cannot be written is no reason for an update to fail."""
    folder = store.folder / FOLDER
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{state.kind}.part"
        part.write_text(json.dumps(asdict(state), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        part.replace(folder / f"{state.kind}.json")
