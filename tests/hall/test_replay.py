"""Replay: decode, sort, advance, finish; files in any order, errors told, nothing dropped uncounted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from decoders.errors import UnreadableInput
from decoders.reports import Batch, PositionReports, StaticReports
from shipwatch.replay import OFFSET_BITS, decoded, replay, replay_batches


class RecordingPipeline:
    """Remembers what it was given: the state is all rows so far."""

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome

    def start(self) -> tuple[Batch, ...]:
        return ()

    def advance(self, state: tuple[Batch, ...], batch: Batch) -> tuple[tuple[Batch, ...], Any]:
        self.seen = (*state, batch)
        return self.seen, self.outcome(refused={"late": 1})

    def finish(self, state: tuple[Batch, ...]) -> tuple[tuple[Batch, ...], Any]:
        return state, self.outcome(processed_us=7)

    def rows(self) -> tuple[PositionReports, StaticReports]:
        return (
            PositionReports.concat(b.positions for b in self.seen),
            StaticReports.concat(b.statics for b in self.seen),
        )


def invented_reader(path: Path) -> Iterator[Batch]:
    """Each line of the file is `time mmsi`; a line `bad` is refused, a line `broken` ends the file."""
    times, mmsis, refused = [], [], 0
    for line in path.read_text().splitlines():
        if line == "broken":
            raise UnreadableInput(str(path), "is broken")
        if line == "bad":
            refused += 1
            continue
        time, mmsi = line.split()
        times.append(int(time) * 1_000_000)
        mmsis.append(int(mmsi))
    positions = PositionReports.of(time_us=times, mmsi=mmsis, offset=np.arange(len(times)))
    yield Batch(positions=positions, lines={"read": len(times), "refused:bad": refused})


def written(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text)


def test_rows_come_in_time_order_whatever_the_files(tmp_path: Path, make_outcome: Any) -> None:
    """Files sorted by ship, named in any order: the pipeline sees one stream in time order."""
    written(tmp_path, b="1 5\n9 5\n", a="2 6\n3 6\n")
    one, other = RecordingPipeline(make_outcome), RecordingPipeline(make_outcome)
    result = replay([tmp_path], one, reader=invented_reader)  # type: ignore[arg-type]
    again = [tmp_path / "b.txt", str(tmp_path / "*.txt")]
    replay(again, other, reader=invented_reader, chunk_rows=1)  # type: ignore[arg-type]
    assert one.rows()[0].time_us.tolist() == [1_000_000, 2_000_000, 3_000_000, 9_000_000]
    for mine, theirs in zip(one.rows()[0].columns().values(), other.rows()[0].columns().values(), strict=True):
        assert mine.tobytes() == theirs.tobytes()
    assert (result.positions, result.statics, result.processed_us) == (4, 0, 7)


def test_offsets_carry_the_number_of_the_file(tmp_path: Path, make_outcome: Any) -> None:
    """A row can be found again: file number in the high bits, byte offset below."""
    written(tmp_path, a="1 5\n", b="2 6\n3 6\n")
    pipeline = RecordingPipeline(make_outcome)
    replay([tmp_path], pipeline, reader=invented_reader)  # type: ignore[arg-type]
    offsets = pipeline.rows()[0].offset
    assert (offsets >> OFFSET_BITS).tolist() == [0, 1, 1]
    assert (offsets & ((1 << OFFSET_BITS) - 1)).tolist() == [0, 0, 1]


def test_every_line_is_counted(tmp_path: Path, make_outcome: Any) -> None:
    """The decoder's classes by input, the engine's refusals summed."""
    written(tmp_path, a="1 5\nbad\nbad\n")
    result = replay([tmp_path], RecordingPipeline(make_outcome), reader=invented_reader)  # type: ignore[arg-type]
    assert result.inputs[0].lines == {"read": 1, "refused:bad": 2}
    assert result.counts()["lines"] == {"read": 1, "refused:bad": 2}
    assert result.refused == {"late": 1}
    assert len(result.inputs[0].sha256) == 64


def test_an_unreadable_input_is_named_and_the_others_go_on(tmp_path: Path, make_outcome: Any) -> None:
    """A broken file and one that is not there."""
    written(tmp_path, a="broken\n", b="1 5\n")
    pipeline = RecordingPipeline(make_outcome)
    result = replay([tmp_path, tmp_path / "none.txt"], pipeline, reader=invented_reader)  # type: ignore[arg-type]
    errors = [item.error for item in result.unreadable]
    assert errors == [f"{tmp_path / 'a.txt'}: is broken", f"{tmp_path / 'none.txt'}: not found"]
    assert result.positions == 1


def test_no_rows_at_all_still_finish(tmp_path: Path, make_outcome: Any) -> None:
    """An empty input gives an empty result."""
    written(tmp_path, a="")
    result = replay([tmp_path], RecordingPipeline(make_outcome), reader=invented_reader)  # type: ignore[arg-type]
    assert (result.alerts, result.positions, result.processed_us) == ((), 0, 7)


def test_the_newest_of_each_is_kept(make_outcome: Any, make_alert: Any, meeting: Any) -> None:
    """Revisions supersede each other in the order in which they come; each is shown to the caller once."""
    seen = []

    class Telling(RecordingPipeline):
        def finish(self, state: Any) -> Any:
            return state, make_outcome(
                alerts=(make_alert("a", 1), make_alert("a", 2)), rendezvous=(meeting, meeting), processed_us=1
            )

    result = replay_batches([], Telling(make_outcome), on_outcome=seen.append)  # type: ignore[arg-type]
    assert [(a.id, a.revision) for a in result.alerts] == [("a", 2)]
    assert result.rendezvous == (meeting,)
    assert len(seen) == 1


def test_interruption_passes_through(tmp_path: Path, make_outcome: Any) -> None:
    """Ctrl-C is not swallowed as a bad file."""

    def interrupted(path: Path) -> Iterator[Batch]:
        raise KeyboardInterrupt
        yield Batch()

    written(tmp_path, a="1 5\n")
    with pytest.raises(KeyboardInterrupt):
        replay([tmp_path], RecordingPipeline(make_outcome), reader=interrupted)  # type: ignore[arg-type]


def test_decoded_fills_the_counts_as_it_is_drawn(tmp_path: Path) -> None:
    """Only decoding: inputs and their batches."""
    written(tmp_path, a="1 5\n", b="broken\n")
    inputs, batches = decoded([tmp_path], reader=invented_reader)
    assert sum(len(batch.positions) for batch in batches) == 1
    assert [bool(item.error) for item in inputs] == [False, True]
