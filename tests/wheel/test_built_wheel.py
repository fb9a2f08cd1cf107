"""The built wheel, installed in a fresh environment away from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[2]
NAMES = ("shipwatch", "decoders", "geofences", "alerts")


def run(command: list[str | Path], folder: Path, environment: dict[str, str] | None = None) -> str:
    """Run to its end away from the checkout; its output, or a failure that shows it."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False,
        env={**kept, **(environment or {})},
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a user would build it."""
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--wheel", "--outdir", folder, CHECKOUT], folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def station(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a fresh environment in which only the wheel and what it asks for are installed."""
    folder = tmp_path_factory.mktemp("station")
    run([sys.executable, "-m", "venv", folder / "env"], folder)
    run([folder / "env/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel], folder)
    return folder


def test_the_wheel_holds_the_four_packages_with_their_data(wheel: Path) -> None:
    """Code, formats, zones, rules; no tests, no examples."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops - {t for t in tops if t.endswith(".dist-info")} == set(NAMES)
    kept = {
        str(path.relative_to(CHECKOUT))
        for top in NAMES
        for path in (CHECKOUT / top).rglob("*")
        if path.is_file() and path.suffix in {".toml", ".geojson", ".csv", ".py"}
    }
    assert kept <= set(names)
    assert any(name.endswith("LICENSE") for name in names)


def test_each_import_name_has_one_owner(station: Path) -> None:
    """`decoders` is also a distribution on the index; nothing that we ask for brings it."""
    code = "import importlib.metadata as m, json; print(json.dumps(m.packages_distributions()))"
    owners = json.loads(run([station / "env/bin/python", "-c", code], station))
    assert {name: owners[name] for name in NAMES} == {name: ["shipwatch-sts"] for name in NAMES}


def test_it_runs_doctor_and_demo(station: Path) -> None:
    """Away from the checkout, without a network, in an empty folder."""
    found = json.loads(run([station / "env/bin/shipwatch", "doctor", "--json"], station))
    assert not [finding for finding in found if finding["level"] == "problem"]
    shown = json.loads(run([station / "env/bin/shipwatch", "demo", "--json"], station))
    assert "critical" in {alert["severity"] for alert in shown["alerts"]}
    assert (station / "demo" / "alerts.jsonl").stat().st_size > 0
    run([station / "env/bin/shipwatch", "db", "upgrade", "--store", "new.db"], station)
    code = "import shipwatch as sw; print(len(sw.find(sw.read('demo/scenario')).rendezvous))"
    assert int(run([station / "env/bin/python", "-c", code], station)) > 0
