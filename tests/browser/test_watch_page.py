"""A live feed, a watch beside it, and a page: what the watch finds stands on the page at once."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from decoders.parquet_reports import write_reports
from shipwatch.simulator.worlds import meeting_world

pytestmark = pytest.mark.slow

SPEED = 500
SHIPWATCH = (sys.executable, "-c", "from shipwatch.cli import main; main()")


def free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return int(some.getsockname()[1])


class Lines:
    """The lines that a process prints, each with the moment at which it came."""

    def __init__(self, process: subprocess.Popen[str], stream: Any) -> None:
        self.came: list[tuple[float, str]] = []
        self.process = process
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream: Any) -> None:
        for line in stream:
            self.came.append((time.monotonic(), line))

    def wait_for(self, wanted: Callable[[str], bool], seconds: float) -> tuple[float, str]:
        """The first line like that; fails where none comes in time or the process ends."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for moment, line in self.came:
                if wanted(line):
                    return moment, line
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        pytest.fail("no such line:\n" + "".join(line for _, line in self.came)[-2000:])


def test_an_alert_stands_on_the_page_within_two_seconds(chromium: Any, tmp_path: Path) -> None:
    """Played over TCP at 500 x, a meeting is on the page less than two seconds after the watch has recorded it."""
    write_reports(tmp_path / "day.parquet", iter([meeting_world((29.0, 123.5), duration_s=5400).batch()]))
    feed, web = f"127.0.0.1:{free_port()}", free_port()
    played = subprocess.Popen(
        [*SHIPWATCH, "play", str(tmp_path / "day.parquet"), "--speed", str(SPEED), "--tcp", feed, "--wait-s", "120"],
        text=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    # The page is opened before the feed is there, so that nothing of the way from line to page is left out.
    watch = subprocess.Popen(
        [*SHIPWATCH, "watch", "--tcp", feed, "--scale", str(SPEED), "--everywhere", "--store", str(tmp_path / "s.db"),
         "--console", "--port", str(web), "--json"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        told, said = Lines(watch, watch.stdout), Lines(watch, watch.stderr)
        _, line = said.wait_for(lambda text: "http://127.0.0.1" in text, 90)
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address is not None
        page = chromium.new_page()
        page.goto(address.group(0))
        moment, printed = told.wait_for(lambda text: text.startswith("{"), 120)
        alert = json.loads(printed)
        page.locator(f"#row-{alert['id']}").wait_for(timeout=10_000)
        shown = time.monotonic()
        print(f"on the page {shown - moment:.2f} s after it was recorded")
        assert shown - moment < 2.0
        page.close()
    finally:
        for process in (watch, played):
            process.terminate()
            process.wait(timeout=60)
