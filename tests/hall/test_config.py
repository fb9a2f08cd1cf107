"""The configuration file: defaults, places of errors, environment."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from alerts.errors import RulesError
from alerts.rules import load_rules
from shipwatch.config import ConfigError, bind, load_config
from shipwatch.config_lines import key_lines


@dataclass(frozen=True, slots=True)
class Settings:
    enter_m: float = 500.0
    names: tuple[str, ...] = ()
    forms: tuple[tuple[float, float], ...] = ((500.0, 1800.0),)
    fixes: int = 3
    on: bool = True
    folder: Path | None = None

    def __post_init__(self) -> None:
        if not self.enter_m > 0:
            raise ValueError(f"enter_m: {self.enter_m} is not > 0")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_stand() -> None:
    """No file, no environment: the dataclass's own defaults."""
    assert bind(load_config(environment={}), "engine", Settings) == Settings()


def test_stated_values_replace_defaults(tmp_path: Path) -> None:
    """Whole numbers pass as numbers, lists as tuples, text as paths."""
    path = written(
        tmp_path,
        '[engine]\nenter_m = 400\nnames = ["a", "b"]\nforms = [[50, 600], [200, 1800]]\non = false\nfolder = "x"\n',
    )
    got = bind(load_config(path), "engine", Settings)
    assert got == Settings(400.0, ("a", "b"), ((50.0, 600.0), (200.0, 1800.0)), 3, False, Path("x"))
    assert isinstance(got.enter_m, float)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# c\n[engine]\n\nenter_mm = 1\n", ":4 engine.enter_mm: unknown key (did you mean enter_m?)"),
        ("[engine]\nenter_m = 0\n", ":2 engine.enter_m: 0.0 is not > 0"),
        ('[engine]\nenter_m = "far"\n', ":2 engine.enter_m: 'far' is text, not a number"),
        ("[engine]\nfixes = 2.5\n", ":2 engine.fixes: 2.5 is a number, not a whole number"),
        ("[engine]\nfixes = true\n", ":2 engine.fixes: True is a boolean, not a whole number"),
        ("[engine]\nnames = [1]\n", ":2 engine.names: [1] is a list, not a list of texts"),
        ("[engine]\nenter_m = inf\n", ":2 engine.enter_m: inf is not a number that can be used"),
        ("[engine]\nenter_m = nan\n", ":2 engine.enter_m: nan is not a number that can be used"),
        ("[engine]\nforms = [[50, 1e999]]\n", ":2 engine.forms: inf is not a number that can be used"),
        (f"[engine]\nenter_m = 1{'0' * 400}\n", ":2 engine.enter_m: a whole number of 1329 bits is too large"),
        (f"[engine]\nfixes = 0x{'f' * 4000}\n", ":2 engine.fixes: a whole number of 16000 bits is too large"),
    ],
)
def test_a_bad_setting_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    """File, line, key, value and reason stand in the message."""
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        bind(load_config(path), "engine", Settings)
    assert str(caught.value) == f"{path}{message}"


def test_an_unknown_section_is_an_error(tmp_path: Path) -> None:
    """A section that no room reads is refused, with the nearest known one."""
    path = written(tmp_path, "[engine]\n\n[zonse]\n")
    with pytest.raises(ConfigError, match=r"config\.toml:3 zonse: unknown section \(did you mean zones\?\)"):
        load_config(path).require_sections(["engine", "zones"])


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    """What the parser cannot read is a ConfigError with the line."""
    with pytest.raises(ConfigError, match=r"config\.toml:2: not TOML"):
        load_config(written(tmp_path, "[engine]\nenter_m = = 3\n"))


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 5000 + "]" * 5000])
def test_toml_beyond_what_can_be_read_is_an_error(tmp_path: Path, value: str) -> None:
    """Thousands of digits or of brackets, in the file or a variable, are refused as any other wrong value."""
    with pytest.raises(ConfigError, match=r"config\.toml: cannot be read"):
        load_config(written(tmp_path, f"[engine]\nenter_m = {value}\n"))
    with pytest.raises(ConfigError, match=r"\$SHIPWATCH_ENGINE__ENTER_M engine.enter_m: .* is text, not a number"):
        bind(load_config(environment={"SHIPWATCH_ENGINE__ENTER_M": value}), "engine", Settings)
    with pytest.raises(RulesError, match="not TOML"):
        load_rules(written(tmp_path, f"weight = {value}\n").rename(tmp_path / "grading.toml").parent)


def test_a_key_outside_every_section_is_an_error(tmp_path: Path) -> None:
    """Every setting belongs to a section."""
    with pytest.raises(ConfigError, match=r"config\.toml:1 enter_m: stands outside"):
        load_config(written(tmp_path, "enter_m = 3\n"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A named file that is not there is an error, not an empty configuration."""
    with pytest.raises(ConfigError, match=r"absent\.toml: cannot be read"):
        load_config(tmp_path / "absent.toml")


def test_environment_overrides_the_file(tmp_path: Path) -> None:
    """SHIPWATCH_SECTION__KEY wins over the file, and an error names the variable."""
    path = written(tmp_path, "[engine]\nenter_m = 400\n")
    config = load_config(path, {"SHIPWATCH_ENGINE__ENTER_M": "300", "SHIPWATCH_HOME": "x", "PATH": "y"})
    assert bind(config, "engine", Settings).enter_m == 300.0
    wrong = load_config(path, {"SHIPWATCH_ENGINE__ENTER_M": "-1"})
    with pytest.raises(ConfigError, match=r"\$SHIPWATCH_ENGINE__ENTER_M engine.enter_m: -1.0 is not > 0"):
        bind(wrong, "engine", Settings)


def test_digest_ignores_comments_and_order(tmp_path: Path) -> None:
    """Two files that say the same have the same digest."""
    one = load_config(written(tmp_path, "[a]\nx = 1\ny = 2\n")).digest()
    two = load_config(written(tmp_path, "# said\n[a]\ny = 2\nx = 1\n")).digest()
    three = load_config(written(tmp_path, "[a]\ny = 2\nx = 2\n")).digest()
    assert one == two != three


def test_lines_of_keys_survive_strings_and_brackets() -> None:
    """What looks like a key inside a string or an array is none; lines go on counting."""
    text = '[a]\ntext = """\nb = 1\n[c]\n"""\nlist = [\n  "x = 1", # ]\n  "]",\n]\nd = 2\n[e.f]\ng = 1\n"h i" = 3\n'
    lines = key_lines(text)
    assert lines[("a", "text")] == 2
    assert lines[("a", "list")] == 6
    assert lines[("a", "d")] == 10
    assert ("a", "b") not in lines
    assert lines[("e", "f")] == 11
    assert lines[("e", "h i")] == 13


def test_the_shipped_file_states_every_default() -> None:
    """config.toml is complete and says what holds without it."""
    from shipwatch.assemble import SECTIONS, AlertSettings, ListSettings, ZoneSettings
    from shipwatch.assemble_feeds import FeedSettings
    from shipwatch.assemble_watch import DeliverySettings
    from shipwatch.engine.rules import EngineRules
    from shipwatch.jobs import JobSettings
    from shipwatch.live_settings import LiveSettings
    from shipwatch.retention import RetentionSettings

    config = load_config(Path(__file__).parents[2] / "config.toml")
    rooms = {
        "engine": EngineRules, "zones": ZoneSettings, "alerts": AlertSettings, "lists": ListSettings,
        "feeds": FeedSettings, "live": LiveSettings, "delivery": DeliverySettings, "jobs": JobSettings,
        "retention": RetentionSettings,
    }  # fmt: skip
    assert set(rooms) == set(SECTIONS) == set(config.sections)
    for section, settings in rooms.items():
        assert bind(config, section, settings) == settings()
        assert set(config.section(section)) == {field.name for field in fields(settings)}
