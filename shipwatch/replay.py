"""Historical files through the one pipeline: decode, sort by time in bounded memory, advance, finish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from decoders.errors import DecodeError
from decoders.reports import Batch, PositionReports, StaticReports, add_counts
from shipwatch.hearing import Hearing
from shipwatch.inputs import STDIN, input_files, sha256_of
from shipwatch.journal import JournalError, is_journal, read_journal
from shipwatch.outputs import newest
from shipwatch.progress import ProgressBar
from shipwatch.sorting import BLOCK_ROWS, CHUNK_ROWS, SortCounts, in_time_order

if TYPE_CHECKING:
    from alerts.incident import Alert
    from shipwatch.engine.detections import Gap, Lead, Rendezvous
    from shipwatch.pipeline import Outcome, Pipeline

Reader = Callable[[Path], Iterator[Batch]]

AHEAD_S = 60.0
JOURNAL_RECORDS = 100_000
OFFSET_BITS = 40
"""A report's ``offset`` in a replay is (number of the file << 40) | byte offset: files of up to 1 TiB, unpacked."""


@dataclass(slots=True)
class InputFile:
    """One input as it was read: its digest, every line by class, what was wrong with it.

    ``first_places`` is the byte offset of the first line of a refused class, where its decoder tells. ``problems`` were
    not fatal (it ends early, no line carries a time); ``error`` says why nothing came of it.
    """

    path: str
    bytes: int = 0
    sha256: str = ""
    lines: dict[str, int] = field(default_factory=dict)
    messages: dict[int, int] = field(default_factory=dict)
    first_places: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in run.json."""
        return {
            "path": self.path, "bytes": self.bytes, "sha256": self.sha256, "lines": dict(sorted(self.lines.items())),
            "messages": {str(kind): count for kind, count in sorted(self.messages.items())}, "problems": self.problems,
            "error": self.error,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replay found: each alert's newest revision, each event's last one, and what became of every row.

    ``refused`` counts the engine's refusals by reason; the decoder's stand with each input. ``seconds`` by stage.
    """

    alerts: tuple[Alert, ...]
    rendezvous: tuple[Rendezvous, ...]
    gaps: tuple[Gap, ...]
    leads: tuple[Lead, ...]
    inputs: tuple[InputFile, ...]
    refused: Mapping[str, int]
    positions: int
    statics: int
    processed_us: int | None
    seconds: Mapping[str, float]

    @property
    def unreadable(self) -> tuple[InputFile, ...]:
        """Inputs of which nothing could be read."""
        return tuple(item for item in self.inputs if item.error)

    def counts(self) -> dict[str, Any]:
        """Counts for run.json and the ledger, equal for equal input."""
        lines: dict[str, int] = {}
        for item in self.inputs:
            add_counts(lines, item.lines)
        return {
            "positions": self.positions, "statics": self.statics, "lines": dict(sorted(lines.items())),
            "refused_by_engine": dict(sorted(self.refused.items())), "alerts": len(self.alerts),
            "rendezvous": len(self.rendezvous), "gaps": len(self.gaps),
            "leads": dict(sorted(Counter(item.kind for item in self.leads).items())),
        }  # fmt: skip


def replay(
    paths: Sequence[str | Path],
    pipeline: Pipeline,
    *,
    reader: Reader | None = None,
    format: str | None = None,
    on_outcome: Callable[[Outcome], None] | None = None,
    on_batch: Callable[[Batch], None] | None = None,
    progress: ProgressBar | None = None,
    chunk_rows: int = CHUNK_ROWS,
    block_rows: int = BLOCK_ROWS,
    ahead_s: float = AHEAD_S,
) -> ReplayResult:
    """Replay files, folders and patterns in any order, sorted by ship or by time: the result is the same.

    ``reader`` decodes one file (default: :func:`decoders.reading.read` with ``format``). ``on_outcome`` sees every
    outcome as it comes, ``on_batch`` every batch in the order of time before it is looked at. The folder of a live
    service's journal is heard as that service heard it, ``ahead_s`` being its setting. An input that cannot be read is
    noted in the result, and the others are replayed. Holds about ``chunk_rows`` rows at a time; more go to a temporary
    folder.
    """
    progress = progress or ProgressBar(show=False)
    inputs, batches = _opened(paths, with_journals(reader or default_reader(format), ahead_s), progress)
    return replay_batches(
        batches, pipeline, inputs=inputs, on_outcome=on_outcome, on_batch=on_batch, progress=progress,
        chunk_rows=chunk_rows, block_rows=block_rows,
    )  # fmt: skip


def replay_batches(
    batches: Iterable[Batch],
    pipeline: Pipeline,
    *,
    inputs: Sequence[InputFile] = (),
    on_outcome: Callable[[Outcome], None] | None = None,
    on_batch: Callable[[Batch], None] | None = None,
    progress: ProgressBar | None = None,
    chunk_rows: int = CHUNK_ROWS,
    block_rows: int = BLOCK_ROWS,
) -> ReplayResult:
    """The same for reports that are decoded already, in any order; ``inputs`` is what they came from."""
    progress = progress or ProgressBar(show=False)
    seconds: dict[str, float] = {}
    counts = SortCounts()
    alerts: dict[str, Alert] = {}
    rendezvous: dict[str, Rendezvous] = {}
    gaps: dict[str, Gap] = {}
    leads: dict[str, Lead] = {}
    refused: dict[str, int] = {}
    processed_us: int | None = None

    def keep(outcome: Outcome) -> None:
        nonlocal processed_us
        alerts.update((alert.id, alert) for alert in outcome.alerts)
        rendezvous.update((item.id, item) for item in outcome.rendezvous)
        gaps.update((item.id, item) for item in outcome.gaps)
        leads.update((item.id, item) for item in outcome.leads)
        add_counts(refused, outcome.refused)
        processed_us = processed_us if outcome.processed_us is None else outcome.processed_us
        if on_outcome:
            on_outcome(outcome)

    started = perf_counter()
    state = pipeline.start()
    decoding = True
    for batch in in_time_order(batches, chunk_rows=chunk_rows, block_rows=block_rows, counts=counts):
        if decoding:  # the first sorted batch comes when the last file is read
            decoding = False
            seconds["decode_and_sort"], started = perf_counter() - started, perf_counter()
            progress.stage("finding meetings", counts.positions + counts.statics)
        if on_batch:
            on_batch(batch)
        state, outcome = pipeline.advance(state, batch)
        keep(outcome)
        rows = len(batch.positions) + len(batch.statics)
        progress.done(rows, rows)
    state, outcome = pipeline.finish(state)
    keep(outcome)
    seconds["decode_and_sort" if decoding else "find"] = perf_counter() - started
    return ReplayResult(
        alerts=tuple(newest(alerts.values())),
        rendezvous=tuple(sorted(rendezvous.values(), key=lambda item: (item.start_us, item.id))),
        gaps=tuple(sorted(gaps.values(), key=lambda item: (item.off_us, item.id))),
        leads=tuple(sorted(leads.values(), key=lambda item: (item.start_us, item.id))),
        inputs=tuple(inputs),
        refused=refused,
        positions=counts.positions,
        statics=counts.statics,
        processed_us=processed_us,
        seconds=seconds,
    )


def default_reader(format: str | None = None) -> Reader:
    """The decoders' reader of one file, whatever its format, or of the named ``format``."""
    from decoders.reading import read

    return lambda path: iter(read([path], format=format))


def decoded(
    paths: Iterable[str | Path],
    *,
    reader: Reader | None = None,
    format: str | None = None,
    progress: ProgressBar | None = None,
) -> tuple[list[InputFile], Iterator[Batch]]:
    """The inputs and their batches in file order; the inputs' counts and errors fill while the batches are drawn."""
    return _opened(paths, with_journals(reader or default_reader(format)), progress or ProgressBar(show=False))


def with_journals(read: Reader, ahead_s: float = AHEAD_S) -> Reader:
    """The reader, and for a folder that is the journal of a live service one that hears it as that service did."""

    def read_either(path: Path) -> Iterator[Batch]:
        if not is_journal(path):
            yield from read(path)
            return
        hearing = Hearing(ahead_s)
        records = read_journal(path)
        while some := list(islice(records, JOURNAL_RECORDS)):
            yield from hearing.hear(some)
        yield hearing.finish()

    return read_either


def _opened(
    paths: Iterable[str | Path], read: Reader, progress: ProgressBar
) -> tuple[list[InputFile], Iterator[Batch]]:
    named = list(paths)
    journals = [Path(path) for path in named if is_journal(Path(path))]
    files, missing = input_files(path for path in named if Path(path) not in journals)
    files = [*journals, *files]
    inputs = [InputFile(str(path)) for path in files]
    inputs += [InputFile(name, error=f"{name}: not found") for name in missing]
    return inputs, _decoded(files, inputs, read, progress)


def _decoded(files: list[Path], inputs: list[InputFile], read: Reader, progress: ProgressBar) -> Iterator[Batch]:
    sizes = [_size(path) for path in files]
    progress.stage("reading", sum(sizes))
    for number, (path, size, noted) in enumerate(zip(files, sizes, inputs, strict=False)):
        told = 0.0
        try:
            if str(path) != STDIN:
                noted.sha256, noted.bytes = sha256_of(path), size
            rows = 0
            for batch in read(path):
                rows += len(batch.positions) + len(batch.statics)
                noted.problems.extend(batch.problems)
                add_counts(noted.lines, batch.lines)
                add_counts(noted.messages, batch.messages)
                for reason, place in batch.first_places.items():
                    noted.first_places[reason] = min(place, noted.first_places.get(reason, place))
                # Of a packed file the offset runs past the packed size: then the bar waits for the file's end.
                at = min(float(_last_offset(batch)), 0.95 * size)
                progress.done(max(0.0, at - told), len(batch.positions) + len(batch.statics))
                told = max(told, at)
                yield _numbered(batch, number)
            if noted.problems and not rows:
                noted.error = noted.problems[0]
        except (DecodeError, JournalError, OSError) as problem:
            text = str(problem)
            noted.error = text if str(path) in text else f"{path}: {text}"
        progress.done(size - told)


def _numbered(batch: Batch, number: int) -> Batch:
    """The batch with the file's number in the high bits of every offset."""
    if number == 0:
        return batch
    mark = np.int64(number << OFFSET_BITS)
    return Batch(
        positions=_with_offset(batch.positions, mark),
        statics=_with_offset(batch.statics, mark),
        lines=batch.lines,
        messages=batch.messages,
        tick_us=batch.tick_us,
        problems=batch.problems,
    )


def _with_offset(reports: Any, mark: np.int64) -> Any:
    kind: type[PositionReports] | type[StaticReports] = type(reports)
    return kind(**{**reports.columns(), "offset": reports.offset | mark})


def _last_offset(batch: Batch) -> int:
    ends = [int(reports.offset[-1]) for reports in (batch.positions, batch.statics) if len(reports)]
    return max(ends, default=0)


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(file.stat().st_size for file in path.iterdir())
        return path.stat().st_size
    except OSError:
        return 0
