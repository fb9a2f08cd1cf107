"""A progress bar on stderr, with rows a second and time left; silent where nobody looks (no terminal)."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class _RowsPerSecond(ProgressColumn):
    def render(self, task: Task) -> Text:
        rows, elapsed = task.fields.get("rows", 0), task.elapsed or 0.0
        rate = f"{rows / elapsed:,.0f}/s" if rows and elapsed > 0.2 else ""
        return Text(f"{rows:,} rows {rate}")


class ProgressBar:
    """Named stages, one after another; a context manager.

    ``show`` None means: where stderr is a terminal. Counting costs next to nothing where nothing is shown.
    """

    def __init__(self, show: bool | None = None) -> None:
        shown = sys.stderr.isatty() if show is None else show
        self._task: TaskID | None = None
        self._rows = 0
        self._bar: Progress | None = None
        if shown:
            self._bar = Progress(
                SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), _RowsPerSecond(), TimeRemainingColumn(),
                console=Console(stderr=True), transient=True,
            )  # fmt: skip

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def stage(self, name: str, total: float | None) -> None:
        """Begin the next stage of ``total`` steps (None: unknown)."""
        self._rows = 0
        if self._bar:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(name, total=total, rows=0)

    def done(self, steps: float, rows: int = 0) -> None:
        """So many more steps and rows of the stage are done."""
        self._rows += rows
        if self._bar and self._task is not None:
            self._bar.update(self._task, advance=steps, rows=self._rows)
