"""`shipwatch decode`: what it writes, what it says of the input, and that it leaves nothing half-done."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyarrow import feather
from typer.testing import CliRunner

from decoders.reports import Batch, PositionReports
from shipwatch.cli import app
from shipwatch.decode_tally import Tally
from shipwatch.decoded_files import decode_files
from shipwatch.line_places import line_places

runner = CliRunner()
HERE = Path(__file__).resolve().parents[2]
GOOD = b"1700000000 !AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A"
TAGGED = rb"\s:north,c:1700000060*53\!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A"
HEADER = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo\n"
)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs in an empty folder."""
    monkeypatch.chdir(tmp_path)


def account(*args: str, code: int = 0) -> dict[str, Any]:
    done = runner.invoke(app, ["decode", *args, "--json"])
    assert done.exit_code == code, done.output
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


def test_the_account_tells_types_stations_span_ships_and_refusals() -> None:
    """Every line is in one class; stations are named; the span is that of the reports."""
    Path("a.nmea").write_bytes(b"\n".join([GOOD, TAGGED, b"", b"rubbish", b"# said", GOOD[:-2] + b"00", b""]))
    shown = account("a.nmea", "--out", "out/r.parquet")
    assert (shown["positions"], shown["statics"], shown["mmsis"]) == (2, 0, 1)
    assert shown["messages"] == {"1": 2}
    assert shown["time_span"] == {"first": "2023-11-14T22:13:20Z", "last": "2023-11-14T22:14:20Z"}
    assert shown["stations"] == {
        "named": 1, "top": [{"station": "", "reports": 1}, {"station": "north", "reports": 1}],
    }  # fmt: skip
    assert sum(shown["lines"].values()) == 6
    assert {item["reason"]: item["lines"] for item in shown["refusals"]} == {"bad_checksum": 1, "not_nmea": 1}
    assert shown["files"] == {"positions": "out/r.parquet", "statics": "out/r.statics.parquet"}
    assert len(pq.read_table("out/r.parquet")) == 2
    assert sorted(path.name for path in Path("out").iterdir()) == ["r.parquet", "r.statics.parquet"]


def test_people_are_told_the_same() -> None:
    """Tables of lines, types, refusals and stations; which file holds what."""
    Path("a.nmea").write_bytes(b"\n".join([GOOD, TAGGED, b"rubbish", b""]))
    done = runner.invoke(app, ["decode", "a.nmea", "--out", "r.csv"])
    assert done.exit_code == 0, done.output
    for said in ("1 position, class A", "not nmea", "north", "1 MMSIs from 2023-11-14T22:13:20Z", "2 positions: r.csv"):
        assert said in done.stdout
    assert "0 statics: r.statics.csv" in done.stdout


@pytest.mark.parametrize("suffix", ["parquet", "csv", "arrow"])
def test_each_form_holds_the_same_rows(suffix: str) -> None:
    """Positions and statics, whatever the form."""
    rows = [
        f"36705299{n},2025-03-14T08:00:0{n},30.0,-{n}.5,0.1,10.0,511,SHIP {n},,,70,0,90,20,5,70\n" for n in range(5)
    ]
    Path("a.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    shown = account("a.csv", "--out", f"r.{suffix}")
    assert (shown["positions"], shown["statics"]) == (5, 5)
    if suffix == "csv":
        with Path("r.csv").open(newline="") as file:
            mmsis = [int(row["mmsi"]) for row in csv.DictReader(file)]
    else:
        table = pq.read_table("r.parquet") if suffix == "parquet" else feather.read_table("r.arrow")
        mmsis = table["mmsi"].to_pylist()
    assert mmsis == [367052990 + n for n in range(5)]


def test_no_cell_of_a_csv_is_a_formula() -> None:
    """A name or destination that a spreadsheet would run is written with an apostrophe before it."""
    names = ['"=HYPERLINK(""http://x"")"', "+1+1", "-2+3", " =1+1", "|calc", "%A", "=A", "PLAIN"]
    rows = [
        f"36705299{n},2025-03-14T08:00:0{n},30.0,-4.5,0.1,10.0,511,{name},,,70,0,90,20,5,70\n"
        for n, name in enumerate(names)
    ]
    Path("a.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    account("a.csv", "--out", "r.csv")
    with Path("r.statics.csv").open(newline="") as file:
        written = [row["name"] for row in csv.DictReader(file)]
    assert written[-1] == "PLAIN"
    assert len(written) == len(names)
    assert [name for name in written[:-1] if not name.startswith("'")] == []


def test_the_progress_bar_is_for_terminals_alone() -> None:
    """Nothing of it reaches a pipe."""
    Path("a.nmea").write_bytes(GOOD)
    done = runner.invoke(app, ["decode", "a.nmea"])
    assert (done.exit_code, done.stderr) == (0, "")


def test_exit_codes_are_those_of_all_commands() -> None:
    """2 for a suffix that is none, 1 for an unreadable input beside which the others are written, 0 for refusals."""
    Path("a.nmea").write_bytes(GOOD + b"\nrubbish\n")
    Path("noise.bin").write_bytes(b"\x00\x01\x02" * 1000)
    assert runner.invoke(app, ["decode", "a.nmea", "--out", "r.xlsx"]).exit_code == 2
    assert account("a.nmea")["positions"] == 1
    both = runner.invoke(app, ["decode", "a.nmea", "noise.bin", "absent.nmea", "--out", "two.parquet"])
    assert both.exit_code == 1
    assert "noise.bin" in both.stderr
    assert "absent.nmea: not found" in both.stderr
    assert len(pq.read_table("two.parquet")) == 1
    none = runner.invoke(app, ["decode", "noise.bin", "--out", "none.parquet"])
    assert none.exit_code == 1
    assert "noise.bin" in none.stderr
    assert not list(Path().glob("*none*"))


def test_an_input_is_not_written_over() -> None:
    """Neither the positions' file nor the statics' one may be among the inputs."""
    Path("a.nmea").write_bytes(GOOD)
    account("a.nmea", "--out", "r.parquet")
    before = Path("r.parquet").read_bytes()
    done = runner.invoke(app, ["decode", "r.parquet"])
    assert runner.invoke(app, ["decode", "r.parquet", "--out", "./r.parquet"]).exit_code == 1
    assert done.exit_code == 0
    assert Path("r.parquet").read_bytes() == before


HEARS_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
"""A test run in the background of a shell hands on that Ctrl-C is ignored."""


def test_interrupted_it_leaves_what_was_there() -> None:
    """Ctrl-C ends with 130; the output of an earlier run stands, and no half file beside it."""
    Path("a.nmea").write_bytes(GOOD + b"\n")
    account("a.nmea", "--out", "r.parquet")
    before = Path("r.parquet").read_bytes()
    process = subprocess.Popen(
        [sys.executable, "-c", f"{HEARS_CTRL_C}from shipwatch.cli import main; main()", "decode", "-", "--out",
         "r.parquet"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(HERE)},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write((GOOD + b"\n") * 20_000)  # more than the sample: it has begun, and waits for the rest
    process.stdin.flush()
    for _ in range(600):
        if list(Path().glob(".r.parquet.*.part")):
            break
        time.sleep(0.05)
    else:
        pytest.fail("decoding never began")
    process.send_signal(signal.SIGINT)
    said = process.stderr.read()
    assert process.wait() == 130
    process.stdin.close()
    process.stderr.close()
    assert b"interrupted" in said
    assert Path("r.parquet").read_bytes() == before
    assert sorted(path.name for path in Path().glob("*r.*")) == ["r.parquet", "r.statics.parquet"]


def test_a_full_disk_is_told_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where writing fails at the last step, what was there stands."""
    Path("a.nmea").write_bytes(GOOD)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("decoders.parquet_reports._Table.close", full)
    done = runner.invoke(app, ["decode", "a.nmea", "--out", "r.parquet"])
    assert done.exit_code == 1
    assert "No space left" in done.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["a.nmea"]


def test_all_writes_every_other_type_beside() -> None:
    """Each message without columns is there once, with the time and station that the decoder gives it."""
    corpus = HERE / "tests" / "decoding" / "corpus"
    shown = account(
        str(corpus / "every-type.nmea"), str(corpus / "simulated-tag-block.nmea"), "--all", "--out", "r.csv"
    )
    columns = {"1", "2", "3", "5", "9", "18", "19", "24", "27"}
    assert shown["others"] == {kind: count for kind, count in shown["messages"].items() if kind not in columns}
    assert len(shown["others"]) == 18
    lines = [json.loads(line) for line in Path(shown["files"]["others"]).read_text().splitlines()]
    assert len(lines) == sum(shown["others"].values())
    (text,) = [line for line in lines if line["msg_type"] == 14]
    assert (text["mmsi"], text["message"]["text"]) == (244660000, "ALL INVENTED")
    whole = (corpus / "every-type.nmea").read_bytes()
    assert whole[text["offset"] :].startswith(b"1741939208 !AIVDO")
    assert text["time_us"] == 1_741_939_208_000_000
    assert {line["station"] for line in lines if line["msg_type"] == 4} == {"platform", "coast-north"}
    assert runner.invoke(app, ["decode", "-", "--all"]).exit_code == 2


def test_places_are_told_by_line_in_whatever_packing(tmp_path: Path) -> None:
    """Lines of plain, packed and zipped inputs, of lines on the seams of pieces; what is not there is left out."""
    lines = [b"line %06d " % n + b"x" * (n % 50) for n in range(40_000)]
    text = b"\n".join(lines) + b"\n"
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    Path("a.txt").write_bytes(text)
    Path("a.gz").write_bytes(gzip.compress(text))
    with zipfile.ZipFile("a.zip", "w") as packed:
        packed.writestr("one", text)
        packed.writestr("two", text)
    wanted = [0, 1, 7, 6_000, *range(6_500, 7_300, 11), 39_999]
    for name in ("a.txt", "a.gz", "a.zip"):
        found = line_places(Path(name), [starts[n] for n in wanted])
        assert [found[starts[n]].line for n in wanted] == [n + 1 for n in wanted]
        assert [found[starts[n]].text.encode() for n in wanted] == [lines[n] for n in wanted]
    (second,) = line_places(Path("a.zip"), [len(text) + starts[5]]).values()
    assert (second.place, second.line) == ("a.zip:two", 6)
    assert line_places(Path("a.txt"), [len(text) + 1]) == {}
    assert line_places(Path("absent"), [0]) == line_places(Path("-"), [0]) == {}


def test_stations_beyond_the_bound_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed that invents station names cannot fill the memory; no report is left out of the count."""
    monkeypatch.setattr("shipwatch.decode_tally.MOST_STATIONS", 10)
    tally = Tally()
    for n in range(5):
        names = [b"s%d" % (n * 20 + k) for k in range(20)]
        tally.add(Batch(PositionReports.of(time_us=range(20), mmsi=range(20), station=names)))
    assert len(tally.stations) == 10
    assert sum(tally.stations.values()) + tally.reports_of_further_stations == 100
    assert tally.ships() == 20


def test_names_are_printed_and_not_run() -> None:
    """A file or zip member named like markup or a control sequence is shown as text."""
    name = "[red]a\x1b[2J[/nothing].nmea"
    with zipfile.ZipFile("[bold].zip", "w") as packed:
        packed.writestr(name, GOOD + b"\nrubbish\n")
    done = runner.invoke(app, ["decode", "[[]bold].zip", "--out", "[x].parquet"])
    assert done.exit_code == 0, done.output
    assert "[bold].zip:[red]a" in done.stdout
    assert "\x1b" not in done.stdout
    assert "1 positions: [x].parquet" in done.stdout


def test_from_python_the_account_is_an_object() -> None:
    """The same without a terminal: what scripts use."""
    Path("a.nmea").write_bytes(GOOD + b"\n" + GOOD + b"\n")
    done = decode_files(["a.nmea"], Path("r.arrow"))
    assert (done.tally.positions, done.tally.ships(), done.refusals) == (2, 1, ())


def test_what_several_receivers_heard_is_told_and_left_out_if_asked() -> None:
    """By default all that was heard is written; either way the account says how many repeat, in words and as JSON."""
    later = TAGGED.replace(b"1700000060*53", b"1700000002*57")
    Path("a.nmea").write_bytes(b"\n".join([GOOD, later, TAGGED, b""]))
    kept, left_out = account("a.nmea"), account("a.nmea", "--fold", "--out", "f.parquet")
    assert (kept["positions"], kept["repeats"]) == (3, {"positions": 1, "left_out": False})
    assert (left_out["positions"], left_out["repeats"]) == (2, {"positions": 1, "left_out": True})
    assert kept["lines"] == left_out["lines"] == {"read": 3}
    times = [pq.read_table(name)["time_us"].cast("int64").to_pylist() for name in ("reports.parquet", "f.parquet")]
    assert [len(times[0]), times[1]] == [3, [times[0][0], times[0][2]]]
    said = runner.invoke(app, ["decode", "a.nmea"]).stdout
    assert "1 position repeats what another receiver heard: kept" in " ".join(said.split())
    said = runner.invoke(app, ["decode", "a.nmea", "--fold"]).stdout
    assert "left out" in said and "2 positions: reports.parquet" in said
