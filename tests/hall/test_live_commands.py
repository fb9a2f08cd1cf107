"""`shipwatch watch` as a process: its feeds, its output, its end, and the real hours over TCP."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from decoders.reading import read
from decoders.reports import Batch
from shipwatch.cli import app
from shipwatch.ledger import Ledger
from shipwatch.player import encoded, play
from shipwatch.simulator.random_worlds import random_world

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parents[2]
MAIN = "from shipwatch.cli import main; main()"


@pytest.fixture
def station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHIPWATCH_HOME", raising=False)
    monkeypatch.delenv("SHIPWATCH_CONFIG", raising=False)
    return tmp_path


@contextmanager
def command(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`shipwatch` with these arguments, ended with the block."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments], cwd=folder, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def world_log(path: Path) -> Path:
    """A few hours of a random world with meetings."""
    world = random_world(11, ships=8, hours=6.0, spread_m=6_000.0, meetings=3)
    with path.open("wb") as file:
        play(encoded([Batch(world.positions, world.statics)]), file.write, speed=0)
    return path


def replayed(source: str) -> list[dict[str, Any]]:
    """The alerts that `shipwatch replay` prints."""
    done = CliRunner().invoke(app, ["replay", source, "--everywhere", "--json"])
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout[done.stdout.index("{") :])["alerts"]
    return found


def test_standard_input_to_its_end(station: Path) -> None:
    """Piped in, every revision comes out as a JSON line, the ledger and a file of deliveries hold the same; exit 0."""
    log = world_log(station / "log.nmea")
    (station / "config.toml").write_text('[delivery]\nfile = "out.jsonl"\n')
    with command(station, "watch", "--stdin", "--everywhere", "--to-end", "--json") as watching:
        out, errors = watching.communicate(log.read_text("latin-1"), timeout=120)
    assert watching.returncode == 0, errors
    told = [json.loads(line) for line in out.splitlines()]
    with Ledger(str(station / ".shipwatch" / "shipwatch.db")) as ledger:
        recorded = [alert for _, alert in ledger.changes_since(0, 10_000)]
        assert ledger.runs()[0]["counts"]["lines"]["read"] > 1_000
        assert ledger.runs()[0]["finished_us"] is not None
    delivered = [json.loads(line)["data"] for line in (station / "out.jsonl").read_text().splitlines()]
    assert told == recorded == delivered
    assert len(told) > 0
    newest = {alert["id"]: alert for alert in told}
    assert sorted(newest.values(), key=lambda a: (a["start"], a["id"])) == replayed("log.nmea")
    assert replayed(".shipwatch/journal") == replayed("log.nmea")


def test_sigterm_ends_in_order(station: Path) -> None:
    """SIGTERM: what had arrived is worked off, a checkpoint stands, the journal is closed, exit 0."""
    log = world_log(station / "log.nmea")
    with command(station, "watch", "--tail", str(log), "--everywhere", "--store", "x.db") as watching:
        deadline = time.perf_counter() + 60
        while not list(station.glob("journal/*.journal.zst")) and time.perf_counter() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        watching.send_signal(signal.SIGTERM)
        _, errors = watching.communicate(timeout=60)
    assert watching.returncode == 0, errors
    assert "stopped in order" in errors
    with Ledger("x.db") as ledger:
        checkpoint = ledger.load_checkpoint("watch")
    assert checkpoint is not None
    assert checkpoint.journal_position > 0
    with command(station, "watch", "--tail", str(log), "--everywhere", "--store", "x.db", "--to-end") as again:
        _, errors = again.communicate(timeout=120)
    assert again.returncode == 0, errors
    with Ledger("x.db") as ledger:
        newest = list(ledger.latest_alerts())
    assert newest == replayed("log.nmea")


def test_wrong_usage_says_what_to_do(station: Path) -> None:
    """No feed, a feed without a port, two of one name: exit 2 and a sentence."""
    for arguments, words in (
        (["watch"], "no feed is named"),
        (["watch", "--tcp", "localhost"], "has no port"),
        (["watch", "--udp", "99999"], "has no port"),
        (["watch", "--tail", "a=x", "--tail", "a=y"], "two are called"),
    ):
        done = CliRunner().invoke(app, [*arguments, "--store", "x.db"])
        assert done.exit_code == 2, done.output
        assert words in done.output


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.real_data
def test_the_southern_california_hours_over_tcp(station: Path, shared_data: Path) -> None:
    """19 real hours at 500x over TCP: revisions of `watch` are those of a replay of the lines and of its journal."""
    files = [
        str(path)
        for path in sorted((shared_data / "ais" / "socal-2018").glob("AIS_SBARC_*.txt.gz"))
        if "180602-18" <= path.name[10:19] <= "180603-12"
    ]
    assert len(files) == 19
    with (station / "lines.nmea").open("wb") as file:
        play(encoded(read(files)), file.write, speed=0)
    with command(station, "play", *files, "--speed", "500", "--tcp", "127.0.0.1:0", "--wait-s", "60") as player:
        assert player.stderr is not None
        found = re.search(r"port (\d+)", player.stderr.readline())
        assert found
        arguments = ["--tcp", f"127.0.0.1:{found[1]}", "--store", "x.db", "--everywhere", "--scale", "500", "--to-end"]
        with command(station, "watch", *arguments, "--json") as watching:
            out, errors = watching.communicate(timeout=400)
    assert watching.returncode == 0, errors
    told = [json.loads(line) for line in out.splitlines()]
    assert len(told) > 3
    newest = {alert["id"]: alert for alert in told}
    in_order = sorted(newest.values(), key=lambda alert: (alert["start"], alert["id"]))
    assert json.dumps(in_order) == json.dumps(replayed("lines.nmea")) == json.dumps(replayed("journal"))
    with Ledger("x.db") as ledger:
        assert [alert for _, alert in ledger.changes_since(0, 10_000)] == told
        counts = ledger.runs()[0]["counts"]
    assert counts["dropped"] == counts["cut"] == 0
    assert "late" not in counts["refused_by_engine"]


def test_what_was_lost_is_said_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    """After a kill the next run says what its journal lost and how long nothing was heard."""
    from shipwatch.cli.watching import _say_health

    _say_health(
        {
            "lines": {"read": 5}, "feeds": [], "refused_by_engine": {}, "problem": None,
            "journal_lost": "an unknown number of records", "not_heard": (1_741_955_400_000_000, 1_741_955_490_000_000),
        }
    )  # fmt: skip
    said = capsys.readouterr().err
    assert "an unknown number of records" in said
    assert "not heard from 2025-03-14T12:30:00Z to 2025-03-14T12:31:30Z: 90 s" in said
