"""The versions of the lists on disk: bytes kept, dated, never overwritten; asked for now or for a day in the past.

Only what a version was called may be said anew: when it was published, how its columns are named.

A folder holds, per version, ``<id>.zst`` (the bytes as published, decompressed and compressed again) and ``<id>.json``
(where from, when, sha256, parser version, counts). The record is written last and whole, so that a crash leaves at
most bytes without a record, which the next import overwrites. No clock: ``fetched_at`` is handed in.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import zstandard

from alerts.designations import Designation, DesignationSet, Snapshot
from alerts.errors import ListError
from alerts.lists import parsed
from alerts.lists.content import Content, decompressed
from alerts.lists.fields import iso_date
from alerts.lists.kinds import KINDS
from alerts.lists.reading import PARSER_VERSION, opened, parse_content
from alerts.lists.versions import ListDiff, diff_snapshots, guard_shrink, with_bounds


@dataclass(frozen=True, slots=True)
class Record:
    """One version of one list as the store keeps it; ``sequence`` counts the imports."""

    id: str
    list: str
    kind: str
    sha256: str
    published: str | None
    fetched_at: str | None
    file: str
    parser_version: int
    vessels: int
    notes: dict[str, int]
    sequence: int
    columns: dict[str, str] = field(default_factory=dict)
    """What the headings of a table are called here, where that was said at the import."""
    before: dict[str, str | None] = field(default_factory=dict)
    """Earlier imports of a watchlist that was put on again: their ``sequence``, and when each was had."""

    @property
    def dated(self) -> str | None:
        """The day from which this version is known to have been in force: published, else fetched."""
        return self.published or (self.fetched_at[:10] if self.fetched_at else None)


class ListStore:
    """Dated versions of lists in a folder, made when first written to."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._parsed: dict[str, Snapshot] = {}

    def import_list(
        self,
        kind: str,
        file: Path | str,
        published: str | None = None,
        *,
        fetched_at: str | None = None,
        columns: Mapping[str, str] | None = None,
        list_name: str | None = None,
    ) -> Snapshot:
        """Read, check and keep one published file; what was there stays if it is refused.

        ``kind`` is one of ``KINDS`` or ``auto``; ``published`` the list's ISO date where the file does not state it
        itself, ``fetched_at`` the ISO instant at which it was had, ``columns`` what a table's headings are called here,
        ``list_name`` names a watchlist. The same bytes again change nothing but ``published`` and ``columns``, if
        given. Raises :class:`ListError` where the file is not understood or lacks too many entries of the version
        before it.
        """
        if fetched_at is not None:
            iso_date(fetched_at[:10], "fetched_at")
        path = Path(file)
        kind, content = opened(kind, path)
        snapshot = parse_content(kind, content, published=published, columns=columns, list_name=list_name)
        records = self.records()
        same = next((r for r in records if r.id == snapshot.id), None)
        if same is not None:
            kept = replace(same, published=snapshot.published or same.published, columns=dict(columns or same.columns))
            if KINDS[kind].own and same != [r for r in records if r.list == same.list][-1]:
                # What was taken off a watchlist and put on again is its newest version once more, and was so before.
                earlier = {**same.before, str(same.sequence): same.fetched_at}
                number = 1 + max(r.sequence for r in records)
                kept = replace(kept, fetched_at=fetched_at, sequence=number, before=earlier)
            if kept != same:
                self._write_record(kept)
                self._parsed.pop(kept.id, None)
            return self.snapshot(kept.id)
        record = Record(
            id=snapshot.id,
            list=snapshot.list,
            kind=kind,
            sha256=snapshot.sha256,
            published=snapshot.published,
            fetched_at=fetched_at,
            file=path.name,
            parser_version=PARSER_VERSION,
            vessels=len(snapshot.designations),
            notes=snapshot.notes,
            sequence=1 + max((r.sequence for r in records), default=0),
            columns=dict(columns or {}),
        )
        other = next((r for r in records if r.list == record.list and KINDS[r.kind].list != KINDS[kind].list), None)
        if other is not None:
            raise ListError(f"{path.name}: list {record.list!r} is already kept as kind {other.kind!r}, not {kind!r}")
        before = [r for r in _in_order([*records, record]) if r.list == record.list]
        at = before.index(record)
        if at and not KINDS[kind].own:
            guard_shrink(self.snapshot(before[at - 1].id), snapshot)
        self._write(f"{record.id}.zst", _compressed(content, record.sha256))
        self._write(_parsed_name(record.id), parsed.to_bytes(snapshot))
        self._write_record(record)
        self._parsed[record.id] = snapshot
        return snapshot

    def records(self) -> tuple[Record, ...]:
        """All versions kept, in order of list and date; :class:`ListError` for a record that cannot be read."""
        found: list[Record] = []
        for path in sorted(self.folder.glob("*.json")) if self.folder.is_dir() else ():
            try:
                record = Record(**json.loads(path.read_text(encoding="utf-8")))
                # The id becomes file names: only the one that this file is called by.
                if record.id != path.stem or record.kind not in KINDS:
                    raise ValueError(f"it names {record.kind} {record.id}")
                found.append(record)
            except (OSError, ValueError, TypeError) as error:
                raise ListError(f"{path.name}: not a record of a list version ({error})") from error
        return _in_order(found)

    def show(self) -> tuple[Record, ...]:
        """The same as :meth:`records`, for a table of what is kept."""
        return self.records()

    def snapshot(self, snapshot_id: str) -> Snapshot:
        """One version, read again from its bytes, which must still have their sha256; :class:`ListError` otherwise."""
        if snapshot_id not in self._parsed:
            record = self._record(snapshot_id)
            path = self.folder / f"{record.id}.zst"
            content = Content(record.file, lambda: decompressed(lambda: path.open("rb"), path.name))
            name = path.name
            if content.sha256() != record.sha256:
                raise ListError(f"{name}: the bytes are not those imported as {record.id} (sha256 differs)")
            self._parsed[snapshot_id] = self._read_again(record, content)
        return self._parsed[snapshot_id]

    def _read_again(self, record: Record, content: Content) -> Snapshot:
        kept = self.folder / _parsed_name(record.id)
        read = parsed.from_bytes(kept.read_bytes(), record.sha256) if kept.is_file() else None
        if read is None or read.published != record.published:
            read = parse_content(
                record.kind, content, published=record.published, min_vessels=0, columns=record.columns or None,
                list_name=record.list,
            )  # fmt: skip
            # Only a convenience: a folder that may not be written to is read all the same.
            with contextlib.suppress(ListError):
                self._write(kept.name, parsed.to_bytes(read))
        return read

    def current(self, upto: int | None = None) -> DesignationSet:
        """The newest version of every list, its entries bounded in time by the older versions (see ``with_bounds``).

        ``upto``: as it was after the import of that ``sequence``.
        """
        return DesignationSet(self._newest(records, None) for records in self._by_list(upto).values())

    def as_of(self, date: str) -> DesignationSet:
        """What was in force on an ISO date: of every list the newest version of that day or before.

        Where the store holds none so old, the oldest is taken with those entries alone that state a date of their own
        not after that day; the others are counted in the snapshot's notes as ``undated_left_out``.
        """
        day = iso_date(date, "as of")
        made = (self._newest(records, day) for records in self._by_list().values())
        return DesignationSet(made).as_of(day)

    def diff(self, before: str, after: str) -> ListDiff:
        """What version ``after`` has otherwise than ``before``; both are snapshot ids or unambiguous beginnings."""
        return diff_snapshots(self.snapshot(self._record(before).id), self.snapshot(self._record(after).id))

    def known_since(self, list_name: str, entry: str, imo: int | None = None) -> Record | None:
        """The version with which an entry was first had here (by ``fetched_at``, which says when); None: never.

        When it was *in force* is another question: that is for its dates, see ``in_force``.
        """
        holding = (
            record
            for record in self._imports()
            if record.list == list_name
            and any(d.entry == entry and imo in (None, d.imo) for d in self.snapshot(record.id).designations)
        )
        return min(holding, key=lambda r: (r.fetched_at is None, r.fetched_at or "", r.sequence), default=None)

    def _newest(self, records: list[Record], day: str | None) -> Snapshot:
        dated = [r for r in records if r.dated is not None]
        if day is not None and not any((r.dated or "") <= day for r in dated):
            return _dated_entries(self.snapshot(records[0].id), day)
        if day is not None:
            dated = [r for r in dated if (r.dated or "") <= day]
        newest = dated[-1] if dated else records[-1]
        if newest not in dated or KINDS[newest.kind].own:
            return self.snapshot(newest.id)
        versions = [replace(self.snapshot(r.id), published=r.dated) for r in dated]
        return replace(with_bounds(versions, len(versions) - 1), published=newest.published)

    def _by_list(self, upto: int | None = None) -> dict[str, list[Record]]:
        grouped: dict[str, list[Record]] = {}
        for record in self._imports():
            if upto is not None and record.sequence > upto:
                continue
            grouped.setdefault(record.list, []).append(record)
        return grouped

    def _imports(self) -> tuple[Record, ...]:
        """All imports, in order of list and date: of a watchlist put on again there are several of one version."""
        found: list[Record] = []
        for record in self.records():
            found += [replace(record, sequence=int(n), fetched_at=at, before={}) for n, at in record.before.items()]
            found.append(record)
        return _in_order(found)

    def _record(self, snapshot_id: str) -> Record:
        known = self.records()
        found = [r for r in known if r.id == snapshot_id] or [r for r in known if r.id.startswith(snapshot_id)]
        if len(found) != 1:
            said = "is not a version kept here" if not found else f"is the beginning of {len(found)} versions"
            raise ListError(f"{snapshot_id!r} {said}; kept: {', '.join(r.id for r in known) or 'none'}")
        return found[0]

    def _write_record(self, record: Record) -> None:
        text = json.dumps(asdict(record), ensure_ascii=False, indent=1, sort_keys=True)
        self._write(f"{record.id}.json", text.encode() + b"\n")

    def _write(self, name: str, content: bytes | Iterator[bytes]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part = self.folder / f".{name}.part"
            with part.open("wb") as file:
                for piece in (content,) if isinstance(content, bytes) else content:
                    file.write(piece)
            part.replace(self.folder / name)
        except OSError as error:
            raise ListError(f"{self.folder / name}: cannot be written ({error.strerror or error})") from error


def _compressed(content: Content, sha256: str) -> Iterator[bytes]:
    packer = zstandard.ZstdCompressor(level=9).compressobj()
    digest = hashlib.sha256()
    for piece in content.pieces():
        digest.update(piece)
        yield packer.compress(piece)
    if digest.hexdigest() != sha256:
        raise ListError(f"{content.name}: the file changed while it was read")
    yield packer.flush()


def _parsed_name(snapshot_id: str) -> str:
    return f"{snapshot_id}.parsed-{PARSER_VERSION}"


def _in_order(records: list[Record]) -> tuple[Record, ...]:
    return tuple(sorted(records, key=lambda r: (r.list, r.dated or "", r.sequence)))


def _dated_entries(snapshot: Snapshot, day: str) -> Snapshot:
    kept: list[Designation] = []
    for d in snapshot.designations:
        if d.designated_on is not None and d.designated_on <= day:
            kept.append(d)
    undated = sum(d.designated_on is None for d in snapshot.designations)
    return replace(snapshot, designations=tuple(kept), notes={**snapshot.notes, "undated_left_out": undated})
