"""The commands: exit codes, streams, outputs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from shipwatch.cli import app
from shipwatch.cli.exits import guarded

runner = CliRunner()
CHECKOUT = Path(__file__).parents[2]

LIST = "list,entry,name,imo,mmsi,flag\ninvented,7,INVENTED ONE,9074729,538000001,MHL\n"


@pytest.fixture(autouse=True)
def fresh_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test in its own working directory, with a station's folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHIPWATCH_HOME", raising=False)
    monkeypatch.delenv("SHIPWATCH_CONFIG", raising=False)
    return tmp_path


def alongside_csv(minutes: int = 240) -> str:
    """Two invented tankers of 180 m drifting side by side in the East China Sea, one fix every two minutes each."""
    rows = [
        "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass"
    ]
    for minute in range(0, minutes, 2):
        hour, rest = divmod(minute, 60)
        time = f"2025-03-14T{8 + hour:02d}:{rest:02d}:00"
        lat = 29.0 + minute * 1e-4
        for mmsi, shift, name, imo in (
            (538000001, 0.0, "INVENTED ONE", 9074729),
            (538000002, 0.0004, "INVENTED TWO", 9000003),
        ):
            rows.append(
                f"{mmsi},{time},{lat:.5f},{124.0 + shift:.5f},0.5,0.0,0.0,{name},IMO{imo},ABC,80,1,180,30,9.0,80,A"
            )
    return "\n".join(rows) + "\n"


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    """`shipwatch --help` does not wait for numpy, pandas or geopandas."""
    code = (
        "import sys; from shipwatch.cli import app; import shipwatch;"
        "print(sorted({'numpy','pandas','geopandas','pyarrow','sqlalchemy','numba'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    assert done.stdout.strip() == "[]"


def test_the_package_runs_as_the_command() -> None:
    """`python -m shipwatch` is the command itself: same version, same commands, same exit codes."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "shipwatch", *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(CHECKOUT)}
        )

    version = run("--version")
    assert (version.returncode, version.stdout) == (0, runner.invoke(app, ["--version"]).stdout)
    shown = run("--help")
    assert shown.returncode == 0
    assert all(name in shown.stdout for name in ("replay", "watch", "summary"))
    assert run("bogus").returncode == 2


def test_usage_errors_exit_2() -> None:
    """An unknown command, a missing argument, options that exclude each other, a bad config."""
    assert runner.invoke(app, ["bogus"]).exit_code == 2
    assert runner.invoke(app, ["replay"]).exit_code == 2
    Path("x.csv").write_text(alongside_csv(2))
    assert runner.invoke(app, ["replay", "x.csv", "--everywhere", "--zone", "Korea Bay"]).exit_code == 2
    assert runner.invoke(app, ["replay", "x.csv", "--lists-as-of", "2024-13-01"]).exit_code == 2
    Path("bad.toml").write_text("[engine]\nenter_mm = 3\n")
    done = runner.invoke(app, ["replay", "x.csv", "--config", "bad.toml"])
    assert done.exit_code == 2
    assert "bad.toml:2 engine.enter_mm: unknown key (did you mean enter_m?)" in done.stderr


def test_interruption_exits_130() -> None:
    """Ctrl-C says so and ends with 130."""
    import typer

    @guarded
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as caught:
        interrupted()
    assert caught.value.exit_code == 130


def test_replay_finds_screens_and_writes() -> None:
    """From a table and a list to an alert that names both ships and the entry, and the four files."""
    Path("ais.csv").write_text(alongside_csv())
    Path("list.csv").write_text(LIST)
    done = runner.invoke(app, ["lists", "import", "table", "list.csv", "--published", "2025-01-01"])
    assert done.exit_code == 0, done.output
    done = runner.invoke(app, ["replay", "ais.csv", "--out", "out", "--store", "out/ledger.db", "--json"])
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    alert, sighting = sorted(shown["alerts"], key=lambda item: item["kind"])
    assert (alert["kind"], sighting["kind"]) == ("rendezvous", "sighting")
    assert [party["name"] for party in sighting["parties"]] == [sighting_name(alert)]
    assert {party["name"] for party in alert["parties"]} == {"INVENTED ONE", "INVENTED TWO"}
    assert [(m["list"], m["entry"], m["tier"]) for m in alert["matches"]] == [("invented", "7", "exact")]
    assert [json.loads(line) for line in Path("out/alerts.jsonl").read_text().splitlines()] == shown["alerts"]
    run = json.loads(Path("out/run.json").read_text())
    assert run["lists"][0]["list"] == "invented"
    assert run["counts"]["lines"]["read"] == 240
    assert run["inputs"][0]["path"] == "ais.csv"
    from shipwatch.ledger import Ledger

    with Ledger("out/ledger.db") as ledger:
        assert sorted(ledger.latest_alerts(), key=lambda item: item["id"]) == sorted(
            shown["alerts"], key=lambda item: item["id"]
        )
    again = runner.invoke(app, ["replay", "ais.csv"])
    assert again.exit_code == 0
    assert "INVENTED ONE" in again.stdout
    assert "1 critical" in again.stdout


def sighting_name(alert: dict[str, Any]) -> str:
    """The party that the one match of an alert names."""
    (match,) = alert["matches"]
    return next(party["name"] for party in alert["parties"] if party["track"] == match["party"])


@pytest.mark.slow
def test_two_runs_write_the_same_bytes() -> None:
    """All but the timings in run.json."""
    Path("ais.csv").write_text(alongside_csv())
    files = []
    for out in ("one", "two"):
        assert runner.invoke(app, ["replay", "ais.csv", "--out", out]).exit_code == 0
        run = json.loads(Path(out, "run.json").read_text())
        run.pop("timings")
        files.append([Path(out, n).read_bytes() for n in ("alerts.jsonl", "events.parquet", "events.geojson")] + [run])
    assert files[0] == files[1]


def test_an_unreadable_input_exits_1_and_the_rest_is_done() -> None:
    """The reason names the file; the readable one is replayed and written."""
    Path("ais.csv").write_text(alongside_csv())
    Path("noise.bin").write_bytes(b"\x00\x01\x02" * 1000)
    done = runner.invoke(app, ["replay", "ais.csv", "noise.bin", "absent.csv", "--out", "out"])
    assert done.exit_code == 1
    assert "noise.bin" in done.stderr
    assert "absent.csv: not found" in done.stderr
    assert len(Path("out/alerts.jsonl").read_text().splitlines()) == 1


def test_decode_writes_reports_and_counts() -> None:
    """Positions and statics as Parquet, the classes of all lines as JSON."""
    Path("ais.csv").write_text(alongside_csv(20))
    done = runner.invoke(app, ["decode", "ais.csv", "--out", "r.parquet", "--json"])
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    assert (shown["positions"], shown["lines"]["read"]) == (20, 20)
    assert Path("r.parquet").is_file()
    nothing = runner.invoke(app, ["decode", "absent*", "--out", "n.parquet"])
    assert nothing.exit_code == 1
    assert not Path("n.parquet").exists()


def test_lists_and_screen() -> None:
    """Import, show, compare, ask; a question without a list or without a value is told apart."""
    assert runner.invoke(app, ["screen", "--imo", "9074729"]).exit_code == 1
    Path("a.csv").write_text(LIST)
    Path("b.csv").write_text(
        LIST.replace("INVENTED ONE", "INVENTED RENAMED") + "invented,8,INVENTED THREE,9000015,,PAN\n"
    )
    for name, day in (("a.csv", "2025-01-01"), ("b.csv", "2025-06-01")):
        assert runner.invoke(app, ["lists", "import", "table", name, "--published", day]).exit_code == 0
    kept = json.loads(runner.invoke(app, ["lists", "show", "--json"]).stdout)
    assert [(k["list"], k["published"], k["vessels"]) for k in kept] == [
        ("invented", "2025-01-01", 1),
        ("invented", "2025-06-01", 2),
    ]
    changes = json.loads(runner.invoke(app, ["lists", "diff", kept[0]["id"], kept[1]["id"], "--json"]).stdout)
    assert [d["entry"] for d in changes["added"]] == ["8"]
    assert changes["renamed"][0]["after"]["names"][0] == "INVENTED RENAMED"
    done = runner.invoke(app, ["screen", "--imo", "9074729", "--json"])
    answer = json.loads(done.stdout)
    assert answer["query"]["imo"] == 9074729
    assert [m["tier"] for m in answer["matches"]] == ["exact"]
    assert runner.invoke(app, ["screen"]).exit_code == 2
    assert runner.invoke(app, ["lists", "import", "nosuch", "a.csv"]).exit_code == 2
    assert runner.invoke(app, ["lists", "import", "ofac", "a.csv"]).exit_code == 1


def test_zones_check_names_file_and_feature() -> None:
    """Sound files pass; a broken one exits 1 with its place."""
    good = {"type": "FeatureCollection", "features": [{
        "type": "Feature", "properties": {"name": "Invented Bank", "kind": "watched", "purpose": "sts_area"},
        "geometry": {"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]]}}]}  # fmt: skip
    Path("good.geojson").write_text(json.dumps(good))
    good["features"][0]["properties"]["kind"] = "wached"  # type: ignore[index]
    Path("bad.geojson").write_text(json.dumps(good))
    assert runner.invoke(app, ["zones", "check", "good.geojson"]).exit_code == 0
    done = runner.invoke(app, ["zones", "check", "good.geojson", "bad.geojson"])
    assert done.exit_code == 1
    assert "bad.geojson" in done.stderr
    shown = json.loads(runner.invoke(app, ["zones", "show", "Korea Bay", "--json"]).stdout)
    assert [f["properties"]["name"] for f in shown["features"]] == ["Korea Bay"]


def test_doctor_tells_what_is_wrong(fresh_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Health in a sound folder; a wrong setting and a folder that cannot be are problems with a mend."""
    found = json.loads(runner.invoke(app, ["doctor", "--json"]).stdout)
    subjects = {f["subject"]: f["level"] for f in found}
    assert subjects["coast"] == subjects["zones"] == subjects["configuration"] == "ok"
    assert subjects["lists"] == "note"
    Path("config.toml").write_text("[engine]\nenter_m = 0\n")
    Path("file").write_text("")
    monkeypatch.setenv("SHIPWATCH_HOME", "file/home")
    done = runner.invoke(app, ["doctor", "--json"])
    assert done.exit_code == 1
    problems = {f["subject"]: f for f in json.loads(done.stdout) if f["level"] == "problem"}
    assert "config.toml:2 engine.enter_m" in problems["configuration"]["text"]
    assert problems["folder"]["mend"]


def test_doctor_looks_at_every_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """What shipwatch cannot do without is looked at, extras are not; one that is gone is a problem with its mend."""
    from shipwatch import doctor

    assert {"numba", "orjson", "typst", "fastapi", "numpy"} <= set(doctor.libraries())
    assert not {"psycopg", "pytest", "paho-mqtt"} & set(doctor.libraries())
    assert {finding.level for finding in doctor.versions()} == {"ok"}
    monkeypatch.setattr(doctor, "libraries", lambda: ["numpy", "no-such-library"])
    gone = [finding for finding in doctor.versions() if finding.level == "problem"]
    assert [(finding.subject, finding.mend) for finding in gone] == [("no-such-library", "pip install no-such-library")]


def test_doctor_sees_a_name_with_two_owners() -> None:
    """`decoders` is also a distribution on the index: it would overwrite ours."""
    from shipwatch.doctor import NAMES, package_names

    owners = {name: ["shipwatch-sts"] for name in NAMES} | {"decoders": ["shipwatch-sts", "decoders"]}
    levels = {finding.subject: finding for finding in package_names(owners)}
    assert levels["package decoders"].level == "problem"
    assert "pip uninstall -y decoders" in levels["package decoders"].mend
    assert levels["package alerts"].level == "ok"


@pytest.mark.slow
def test_demo_tells_the_staged_transfer() -> None:
    """The demo ends with exit 0, critical alerts and the files; a second run finds its scenario again."""
    done = runner.invoke(app, ["demo", "--out", "demo", "--json"])
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    severities = [alert["severity"] for alert in shown["alerts"] if alert["state"] != "withdrawn"]
    assert severities.count("critical") >= 2
    assert any(match["tier"] == "exact" for alert in shown["alerts"] for match in alert["matches"])
    again = runner.invoke(app, ["demo", "--out", "demo"])
    assert again.exit_code == 0
    assert "simulating" not in again.stderr
