"""From what a user names to files."""

from __future__ import annotations

from pathlib import Path

from shipwatch.inputs import input_files, sha256_of


def test_folders_and_patterns_unfold_in_one_order(tmp_path: Path) -> None:
    """Each file once, in name order, whatever the order of naming; hidden files stay out."""
    for name in ("b.csv", "a.csv", ".hidden", "deep/c.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    first, missing = input_files([str(tmp_path / "*.csv"), tmp_path])
    second, _ = input_files([tmp_path, tmp_path / "a.csv"])
    assert [p.name for p in first] == ["a.csv", "b.csv", "c.csv"]
    assert first == second
    assert missing == []


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    """A pattern without a match and an empty folder are told, not passed over."""
    (tmp_path / "empty").mkdir()
    files, missing = input_files([tmp_path / "none*.gz", tmp_path / "empty"])
    assert files == []
    assert missing == [str(tmp_path / "none*.gz"), str(tmp_path / "empty")]


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    """The digest of a known text."""
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
