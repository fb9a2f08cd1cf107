"""Versions of lists on disk: kept, dated, compared, refused when doubtful."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alerts.errors import ListError
from alerts.in_force import in_force
from alerts.lists import ListStore, diff_snapshots, guard_shrink, read_list

IMOS = (9074729, 8814275, 9319466)


def table(folder: Path, rows: list[str], name: str = "mine.csv", header: str = "list,entry,name,imo,flag") -> Path:
    """A table list."""
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_versions_bound_what_the_list_does_not_date(tmp_path: Path) -> None:
    """First seen, last seen and first missed stand for listing dates; between two versions nothing is claimed."""
    store = ListStore(tmp_path / "lists")
    first = table(tmp_path, [f"mine,1,ONE SHIP,{IMOS[0]},PAN", f"mine,2,TWO SHIP,{IMOS[1]},PAN"], "a.csv")
    second = table(tmp_path, [f"mine,1,ONE SHIP,{IMOS[0]},PAN", f"mine,3,THREE SHIP,{IMOS[2]},PAN"], "b.csv")
    # The later version comes first: history can be filled in behind.
    store.import_list("table", second, "2022-01-01", fetched_at="2026-01-01T00:00:00Z")
    store.import_list("table", first, "2020-01-01")
    one, three, two = store.current().designations
    assert [in_force(one, day) for day in ("2019-01-01", "2020-01-01", "2023-01-01")] == [
        "unknown", "designated_at_event", "designated_at_event",
    ]  # fmt: skip
    assert [in_force(three, day) for day in ("2020-01-01", "2021-01-01", "2022-01-01")] == [
        "designated_after", "unknown", "designated_at_event",
    ]  # fmt: skip
    assert two.names == ("TWO SHIP",)
    assert [in_force(two, day) for day in ("2020-06-01", "2020-01-01", "2022-01-01")] == [
        "unknown", "designated_at_event", "delisted_before",
    ]  # fmt: skip


def test_as_of_takes_the_version_of_that_day(tmp_path: Path) -> None:
    """A day before the first version knows only entries that state their own date."""
    store = ListStore(tmp_path / "lists")
    header = "list,entry,name,imo,designated_on,delisted_on"
    rows = [f"mine,1,ONE SHIP,{IMOS[0]},2018-03-30,2021-05-05", f"mine,2,TWO SHIP,{IMOS[1]},,"]
    store.import_list("table", table(tmp_path, rows, header=header), "2020-01-01")
    assert [d.entry for d in store.as_of("2018-02-13").designations] == []
    assert [d.entry for d in store.as_of("2018-06-01").designations] == ["1"]
    assert [d.entry for d in store.as_of("2020-06-01").designations] == ["1", "2"]
    assert [d.entry for d in store.as_of("2021-05-05").designations] == ["2"]
    assert store.as_of("2018-06-01").snapshots[0].notes["undated_left_out"] == 1
    with pytest.raises(ListError, match="'yesterday'"):
        store.as_of("yesterday")


def test_a_shrunken_version_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    """Losing more than a tenth (and more than five) is doubted; losing one is not."""
    store = ListStore(tmp_path / "lists")
    rows = [f"mine,{n},SHIP {n},," for n in range(30)]
    kept = store.import_list("table", table(tmp_path, rows), "2020-01-01")
    with pytest.raises(ListError, match=r"20 of the 30 entries .* are gone .*10 SHIP 10"):
        store.import_list("table", table(tmp_path, rows[:10]), "2020-02-01")
    assert store.current().lists() == (("mine", kept.id),)
    store.import_list("table", table(tmp_path, rows[1:]), "2020-03-01")
    assert len(store.show()) == 2


def test_the_same_bytes_twice_are_one_version(tmp_path: Path) -> None:
    """Importing again changes nothing but a date given later."""
    store = ListStore(tmp_path / "lists")
    path = table(tmp_path, [f"mine,1,ONE SHIP,{IMOS[0]},PAN"])
    first = store.import_list("table", path)
    again = store.import_list("table", path, "2020-01-01", fetched_at="2026-01-01T00:00:00Z")
    assert first.id == again.id
    (record,) = store.show()
    assert (record.published, record.vessels, record.kind) == ("2020-01-01", 1, "table")
    assert store.current().designations[0].listed_by == "2020-01-01"


def test_bytes_are_verified_when_read_again(tmp_path: Path) -> None:
    """A store opened anew gives the same set; altered bytes, a broken record and a lost file are named."""
    folder = tmp_path / "lists"
    snapshot = ListStore(folder).import_list("table", table(tmp_path, [f"mine,1,ONE SHIP,{IMOS[0]},PAN"]), "2020-01-01")
    assert ListStore(folder).current().designations == ListStore(folder).current().designations
    assert ListStore(folder).snapshot(snapshot.id) == snapshot
    (folder / f"{snapshot.id}.parsed-2").write_bytes(b"{broken")
    assert ListStore(folder).snapshot(snapshot.id) == snapshot
    (folder / f"{snapshot.id}.zst").write_bytes(b"list,entry,name\nmine,1,OTHER\n")
    with pytest.raises(ListError, match="sha256 differs"):
        ListStore(folder).snapshot(snapshot.id)
    (folder / f"{snapshot.id}.zst").unlink()
    with pytest.raises(ListError, match="cannot be read"):
        ListStore(folder).current()
    (folder / f"{snapshot.id}.json").write_text(json.dumps({"id": 1}))
    with pytest.raises(ListError, match="not a record"):
        ListStore(folder).show()


def test_an_empty_store_is_an_empty_set(tmp_path: Path) -> None:
    """Asking makes no folder."""
    store = ListStore(tmp_path / "none")
    assert store.current().designations == () and store.show() == ()
    assert not (tmp_path / "none").exists()
    with pytest.raises(ListError, match="kept: none"):
        store.diff("a", "b")


def test_diff(tmp_path: Path) -> None:
    """Additions, removals, renames, reflags; an entry number given to another hull is removed and added."""
    store = ListStore(tmp_path / "lists")
    before = [
        f"mine,1,ONE SHIP,{IMOS[0]},PAN", f"mine,2,TWO SHIP,{IMOS[1]},PAN", "mine,3,THREE SHIP,,PAN",
        "mine,4,FOUR SHIP,,",
    ]  # fmt: skip
    after = [
        f"mine,1,NEW NAME,{IMOS[0]},PRK", f"mine,2,TWO SHIP,{IMOS[2]},PAN", "mine,3,THREE SHIP,9339301,PAN",
        "mine,5,FIVE SHIP,,",
    ]  # fmt: skip
    a = store.import_list("table", table(tmp_path, before), "2020-01-01")
    b = store.import_list("table", table(tmp_path, after), "2021-01-01")
    change = store.diff(a.id, b.id)
    assert [d.entry for d in change.additions] == ["2", "5"]
    assert [d.entry for d in change.removals] == ["2", "4"]
    assert [(c.before.names[0], c.after.names[0]) for c in change.renames] == [("ONE SHIP", "NEW NAME")]
    assert [c.after.flags for c in change.reflags] == [("PRK",)]
    assert [c.after.entry for c in change.others] == ["3"]
    back = diff_snapshots(b, a)
    assert (back.additions, back.removals) == (change.removals, change.additions)
    assert diff_snapshots(a, a).additions == ()


def test_two_lists_are_not_compared(tmp_path: Path) -> None:
    """The guard and the diff are for versions of one list; a list keeps its kind."""
    a = read_list("table", table(tmp_path, ["mine,1,ONE SHIP,,"]))
    b = read_list("table", table(tmp_path, ["other,1,ONE SHIP,,"]))
    with pytest.raises(ListError, match="two lists"):
        guard_shrink(a, b)
