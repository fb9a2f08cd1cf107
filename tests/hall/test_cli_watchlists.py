"""`shipwatch watchlist`: taken, shown, asked, taken out of use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shipwatch.cli import app

runner = CliRunner()
ROWS = (
    "imo,mmsi,name,callsign,flag,reason,owner,expires\n"
    "9074729,,INVENTED STAR,,PRK,seen loading at night,desk 2,\n"
    ",,OLD COMET,,,asked by the harbour,desk 2,2020-01-31\n"
)


@pytest.fixture(autouse=True)
def fresh_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test in its own working directory, with a station's folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHIPWATCH_HOME", raising=False)
    Path("own.csv").write_text(ROWS, encoding="utf-8")


def said(*args: str, code: int = 0) -> str:
    """What a command printed; it must end with this code."""
    result = runner.invoke(app, list(args))
    assert result.exit_code == code, result.output + result.stderr
    return result.stdout if code == 0 else result.stderr


def test_import_show_screen_remove() -> None:
    """The whole life of a watchlist."""
    assert "watchlist:gulf: 2 entries" in said("watchlist", "import", "gulf", "own.csv")
    assert [row["watchlist"] for row in json.loads(said("watchlist", "show", "--json"))] == ["watchlist:gulf"]
    entries = json.loads(said("watchlist", "show", "gulf", "--json"))
    assert [(e["entry"], e["owner"], e["expired"]) for e in entries] == [
        ("9074729", "desk 2", False), ("OLD COMET", "desk 2", True),
    ]  # fmt: skip
    assert "seen loading at night" in said("watchlist", "show", "gulf")

    (match,) = json.loads(said("screen", "--imo", "9074729", "--json"))["matches"]
    assert match["tier"] == "exact" and match["when"] == "watched"
    assert match["watch"] == {"reason": "seen loading at night", "owner": "desk 2", "expires": None}
    assert match["source"]["legal"] is False
    assert "seen loading at night" in " ".join(said("screen", "--imo", "9074729").split())
    assert json.loads(said("screen", "--name", "OLD COMET", "--json"))["matches"] == []

    assert "taken out of use" in said("watchlist", "remove", "gulf")
    assert json.loads(said("screen", "--imo", "9074729", "--json"))["matches"] == []
    assert "watchlist:gulf: 2 entries" in said("watchlist", "import", "gulf", "own.csv")
    assert json.loads(said("screen", "--imo", "9074729", "--json"))["matches"] != []


def test_what_is_not_there_is_said() -> None:
    """An unknown watchlist, a file with an error, a name that cannot be one."""
    assert "no watchlist 'gulf'; kept: none" in said("watchlist", "show", "gulf", code=1)
    Path("bad.csv").write_text("imo,reason\n9074720,why\n", encoding="utf-8")
    assert "bad.csv:2: IMO 9074720 fails its check digit" in said("watchlist", "import", "gulf", "bad.csv", code=1)
    assert "small letters" in said("watchlist", "import", "../gulf", "own.csv", code=1)
    assert "no watchlists" in said("watchlist", "show")
