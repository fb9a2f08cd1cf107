"""Files to report files, and an account of what they held: the work of `shipwatch decode`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from decoders.disguised_messages import other_messages
from decoders.folding import Folding
from decoders.parquet_reports import statics_path, write_reports
from decoders.reports import Batch
from shipwatch.decode_tally import Tally
from shipwatch.event_frames import iso_z
from shipwatch.line_places import LinePlace, line_places
from shipwatch.progress import ProgressBar
from shipwatch.replay import InputFile, decoded

TOP_STATIONS = 10


class DecodingError(RuntimeError):
    """Nothing could be decoded, or the output cannot be what was asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Lines refused for one reason; the first of them stands at byte ``offset`` of input ``path``, where that is known.

    ``place`` is that line for a human, where it could be looked up.
    """

    reason: str
    lines: int
    path: str | None = None
    offset: int | None = None
    place: LinePlace | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        first = None
        if self.path is not None:
            place = self.place
            first = {
                "path": self.path, "offset": self.offset, "place": None if place is None else place.place,
                "line": None if place is None else place.line, "text": None if place is None else place.text,
            }  # fmt: skip
        return {"reason": self.reason, "lines": self.lines, "first": first}


@dataclass(frozen=True, slots=True)
class Decoded:
    """What became of the inputs: their account, the counts of all, and which file holds what."""

    inputs: tuple[InputFile, ...]
    tally: Tally
    refusals: tuple[Refusal, ...]
    written: dict[str, Path]
    """Positions, statics (and others) to the file that holds them."""
    others: dict[int, int] = field(default_factory=dict)
    """Messages without columns that were written, by type."""
    repeats: int = 0
    """Positions that repeat what another receiver heard of the same transmission."""
    folded: bool = False
    """Whether those were left out of what was written."""

    def positions(self) -> int:
        """How many positions were written."""
        return self.tally.positions - (self.repeats if self.folded else 0)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; keys are only ever added."""
        tally = self.tally
        stations = sorted(tally.stations.items(), key=lambda pair: (-pair[1], pair[0]))
        return {
            "positions": self.positions(),
            "statics": tally.statics,
            "repeats": {"positions": self.repeats, "left_out": self.folded},
            "lines": dict(sorted(tally.lines.items(), key=lambda pair: (-pair[1], pair[0]))),
            "messages": {str(kind): count for kind, count in sorted(tally.messages.items())},
            "mmsis": tally.ships(),
            "time_span": {
                "first": None if tally.first_us is None else iso_z(tally.first_us),
                "last": None if tally.last_us is None else iso_z(tally.last_us),
            },
            "stations": {
                "named": sum(bool(name) for name, _ in stations),
                "top": [{"station": name, "reports": count} for name, count in stations[:TOP_STATIONS]],
            },
            "refusals": [refusal.to_json() for refusal in self.refusals],
            "inputs": [item.to_json() for item in self.inputs],
            "written": [str(path) for path in self.written.values()],
            "others": {str(kind): count for kind, count in self.others.items()},
            "files": {kind: str(path) for kind, path in self.written.items()},
        }


def others_path(path: Path) -> Path:
    """Where messages without columns go that belong to a file of positions.

    >>> others_path(Path("out/reports.parquet")).name
    'reports.others.jsonl'
    """
    return path.with_name(f"{path.stem}.others.jsonl")


def decode_files(
    paths: Sequence[str | Path],
    out: Path,
    *,
    format: str | None = None,
    every_type: bool = False,
    fold: bool = False,
    progress: ProgressBar | None = None,
) -> Decoded:
    """Decode files, folders and patterns into ``out`` (.parquet, .csv or .arrow) and the statics file beside it.

    With ``every_type`` the messages of NMEA inputs that have no columns (base stations, aids, texts, binary and others)
    go to a file of JSON lines, each as pyais reads it; the inputs are read twice. Positions that repeat what another
    receiver heard are counted, and with ``fold`` left out. Memory does not grow with the input.
    Refused lines are counted; an input that cannot be read is noted and the others
    are decoded. What is at ``out`` is replaced when all is done, never before. Raises :class:`DecodingError` where
    nothing can be decoded or ``out`` is one of the inputs, :class:`~decoders.errors.FormatError` for another suffix and
    ``OSError`` where it cannot be written.
    """
    tally = Tally()
    progress = progress or ProgressBar(show=False)
    inputs, batches = decoded(paths, format=format, progress=progress)
    written = {"positions": out, "statics": statics_path(out)}
    targets = {path.resolve() for path in written.values()}
    for item in inputs:
        if item.error is None and Path(item.path).resolve() in targets:
            raise DecodingError(f"{item.path}: is an input and would be written over; name another --out")
    _need_one(inputs)
    out.parent.mkdir(parents=True, exist_ok=True)
    folding = Folding()
    told = _told(batches, tally.add, lambda: _need_one(inputs))
    write_reports(out, folding.fold(told) if fold else _told(told, lambda b: folding.repeats(b.positions), _nothing))
    others: dict[int, int] = {}
    if every_type:
        written["others"] = others_path(out)
        others = _write_others(inputs, written["others"], progress)
    return Decoded(
        tuple(inputs), tally, tuple(_refusals(inputs, tally)), written, others, repeats=folding.folded, folded=fold
    )


def _write_others(inputs: Sequence[InputFile], out: Path, progress: ProgressBar) -> dict[int, int]:
    """Messages without columns as JSON lines, in the order of the inputs; how many of each type."""
    counts: dict[int, int] = {}
    passing = out.with_name(f".{out.name}.{os.getpid()}.part")
    progress.stage("messages of other types", len(inputs))
    try:
        with passing.open("w", encoding="utf-8") as file:
            for item in inputs:
                if item.error is None and Path(item.path).is_file():
                    for message in other_messages(item.path):
                        file.write(json.dumps({"path": item.path, **message}, ensure_ascii=True) + "\n")
                        kind = int(message["msg_type"])
                        counts[kind] = counts.get(kind, 0) + 1
                progress.done(1)
        passing.replace(out)
    finally:
        passing.unlink(missing_ok=True)
    return dict(sorted(counts.items()))


def _told(batches: Iterator[Batch], tell: Callable[[Batch], object], at_end: Callable[[], None]) -> Iterator[Batch]:
    for batch in batches:
        tell(batch)
        yield batch
    at_end()  # before the writer puts its files in place


def _nothing() -> None:
    pass


def _need_one(inputs: Sequence[InputFile]) -> None:
    if all(item.error for item in inputs):
        raise DecodingError("; ".join(item.error or "" for item in inputs) or "no input is named")


def _refusals(inputs: Sequence[InputFile], tally: Tally) -> Iterator[Refusal]:
    """Most lines first; the first place is in the first input that has one."""
    first: dict[str, InputFile] = {}
    for item in inputs:
        for name in item.first_places:
            first.setdefault(name, item)
    looked_up = {
        item.path: line_places(Path(item.path), [item.first_places[n] for n, held in first.items() if held is item])
        for item in first.values()
    }
    for reason, count in tally.refused().items():
        name = f"refused:{reason}"
        held = first.get(name)
        if held is None:
            yield Refusal(reason, count)
            continue
        offset = held.first_places[name]
        yield Refusal(reason, count, held.path, offset, looked_up[held.path].get(offset))
