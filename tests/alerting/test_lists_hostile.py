"""A list that is broken, cut, empty, shrunken or made to do harm is refused with its reason, and the old one stays."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from alerts.errors import ListError
from alerts.lists import AUTO, KINDS, ListStore, grid, read_list
from alerts.lists import content as list_content
from alerts.lists.content import Content
from alerts.lists.detect import detect_kind
from alerts.lists.reading import opened, parse_content

# A PDF is not made here (test_lists_un1718.py), and a watchlist is no published list (test_watchlist.py).
MADE = sorted(set(KINDS) - {"un1718", "watchlist"})
XML = ("ofac_xml", "ofac_advanced", "un_consolidated", "eu_fsf", "uk_xml", "canada", "switzerland")
WORKBOOKS = ("eu_vessels", "australia", "japan_mof")
TEXTS = sorted(set(MADE) - set(WORKBOOKS))
COUNT = {name: max(130, KINDS[name].min_vessels + 20) for name in MADE}
Write = Callable[..., Path]

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "boom"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">'
    '<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">'
    '<!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">]>'
)


@pytest.mark.parametrize("kind", MADE)
def test_each_kind_is_read_told_and_kept(kind: str, layouts: Any, list_file: Write) -> None:
    """A list in its layout has all ships with their numbers, is told by its content, and says who publishes it."""
    path = list_file(layouts.files[kind](COUNT[kind]))
    assert detect_kind(opened(kind, path)[1]) == kind
    snapshot = read_list(AUTO, path)
    ships = 0 if kind in ("un_consolidated", "japan_mof") else COUNT[kind]
    assert (len(snapshot.designations), snapshot.notes["imo_valid"]) == (ships, ships)
    assert len({d.entry for d in snapshot.designations}) == ships
    assert snapshot.source is not None and snapshot.source.list == snapshot.list
    if kind != "table":
        assert snapshot.source.publisher and snapshot.source.licence and snapshot.source.url.startswith("https://")
    legal = kind not in ("gur", "port_bans", "opensanctions", "opensanctions_maritime", "ftm")
    assert snapshot.source.legal_designation is legal
    assert snapshot.source.non_commercial is kind.startswith(("opensanctions", "ftm"))


@pytest.mark.parametrize("kind", MADE)
def test_a_bad_version_leaves_the_old_one(kind: str, layouts: Any, list_file: Write, tmp_path: Path) -> None:
    """Empty, blank, cut in half, another list's, below its floor: each is refused, and what was kept stays."""
    store = ListStore(tmp_path / "lists")
    good = layouts.files[kind](COUNT[kind])
    kept = store.import_list(kind, list_file(good), "2026-01-01")
    cut = good[: len(good) // 2]
    if kind in ("eu_vessels", "gur", "port_bans", "table", "opensanctions", "opensanctions_maritime", "uk"):
        # Half a table of text is a shorter table: its end has no mark, so the loss of entries tells it.
        cut = cut if kind == "eu_vessels" else cut[: cut.rindex(b"\n") + 1]
    for bad in (b"", b" \r\n \t", cut, b"not a list at all", layouts.files["table" if kind != "table" else "uk"](4)):
        with pytest.raises(ListError):
            store.import_list(kind, list_file(bad), "2026-02-01")
    assert store.current().lists() == ((kept.list, kept.id),)
    assert store.current().designations == store.snapshot(kept.id).designations
    assert [r.id for r in store.records()] == [kept.id]


@pytest.mark.parametrize("kind", [k for k in MADE if k not in ("un_consolidated", "japan_mof")])
def test_a_shrunken_version_is_refused(kind: str, layouts: Any, list_file: Write, tmp_path: Path) -> None:
    """A version above its floor that lacks more than a tenth of the last one's entries is doubted."""
    store = ListStore(tmp_path / "lists")
    floor = max(KINDS[kind].min_vessels, 20)
    kept = store.import_list(kind, list_file(layouts.files[kind](2 * floor)), "2026-01-01")
    with pytest.raises(ListError, match=r"entries of .* are gone"):
        store.import_list(kind, list_file(layouts.files[kind](floor + 5)), "2026-02-01")
    assert store.current().lists() == ((kept.list, kept.id),)


@pytest.mark.parametrize("kind", ["un_consolidated", "japan_mof"])
def test_a_list_without_ships_still_has_a_floor(kind: str, layouts: Any, list_file: Write) -> None:
    """Twenty persons are a cut list, not a list of nobody."""
    with pytest.raises(ListError, match="20 persons and companies are fewer than 100"):
        read_list(kind, list_file(layouts.files[kind](20)))


@pytest.mark.parametrize("kind", TEXTS)
def test_another_encoding_is_refused(kind: str, layouts: Any, list_file: Write) -> None:
    """UTF-16, and bytes of Latin-1 in the middle, are named as such or as broken text."""
    text = layouts.files[kind](COUNT[kind]).decode()
    with pytest.raises(ListError, match=r"UTF-8|not JSON|utf"):
        read_list(kind, list_file(text.encode("utf-16")))
    spoilt = text.replace("INVENTED 7", "INV\u00c9NTED 7").replace("Invented 7", "Inv\u00e9nted 7").replace(
        "COMPANY 7", "COMP\u00c4NY 7"
    )  # fmt: skip
    assert spoilt != text
    with pytest.raises(ListError, match=r"UTF-8|not JSON|well-formed"):
        read_list(kind, list_file(spoilt.encode("latin-1")))


@pytest.mark.parametrize("kind", XML)
def test_entities_are_refused_before_they_are_expanded(kind: str, layouts: Any, list_file: Write) -> None:
    """A billion laughs, an outside file and a bare document type: each is refused by name."""
    good = layouts.files[kind](COUNT[kind]).decode()
    body = good[good.index("?>") + 2 :] if good.startswith("<?xml") else good
    outside = '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    for head in (BOMB, outside, "<!DOCTYPE a>", "<!-- " + "x" * 300_000 + " --><!DOCTYPE a [<!ENTITY f 'x'>]>"):
        with pytest.raises(ListError, match="document type or entity declaration"):
            read_list(kind, list_file((head + body.replace("INVENTED 7", "&f;")).encode()))
    with pytest.raises(ListError, match=r"well-formed|UTF-8"):
        read_list(kind, list_file(body.replace("INVENTED 7", "&f;").replace("COMPANY 7", "&f;").replace(
            "Invented 7", "&f;").encode()))  # fmt: skip
    with pytest.raises(ListError, match="written in UTF-7"):
        read_list(kind, list_file(b"<?xml version='1.0' encoding='UTF-7'?>" + body.encode()))


@pytest.mark.parametrize("kind", XML)
def test_depth_and_another_root_are_refused(kind: str, list_file: Write) -> None:
    """Elements a thousand deep, and a page of HTML in the list's place."""
    with pytest.raises(ListError, match=r"begins with <html>|well-formed"):
        read_list(kind, list_file(b"<html><body>Service unavailable</body></html>"))
    root = {
        "ofac_xml": "sdnList", "ofac_advanced": "Sanctions", "un_consolidated": "CONSOLIDATED_LIST", "eu_fsf": "export",
        "uk_xml": "Designations", "canada": "data-set", "switzerland": "swiss-sanctions-list",
    }[kind]  # fmt: skip
    deep = f"<{root}>" + "<a>" * 1000 + "</a>" * 1000 + f"</{root}>"
    with pytest.raises(ListError, match=r"deep|Excessive depth"):
        read_list(kind, list_file(deep.encode()))


def rezipped(book: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A workbook with its parts changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return made.getvalue()


@pytest.mark.parametrize("kind", WORKBOOKS)
def test_a_workbook_that_expands_or_declares_is_refused(
    kind: str, layouts: Any, list_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts that unpack beyond the bound, entities inside, a broken part, and a part that lies about its size."""
    book = layouts.files[kind](COUNT[kind])
    laughs = rezipped(book, lambda name, part: BOMB.encode() + part if name.endswith("sheet1.xml") else part)
    with pytest.raises(ListError, match="document type or entity declaration"):
        read_list(kind, list_file(laughs))
    broken = rezipped(book, lambda name, part: part[: len(part) // 2] if name.endswith("sheet1.xml") else part)
    with pytest.raises(ListError, match=r"workbook|persons and companies|vessels are fewer"):
        read_list(kind, list_file(broken))
    spoilt = bytearray(book)
    spoilt[len(book) // 3] ^= 0xFF
    with pytest.raises(ListError):
        read_list(kind, list_file(bytes(spoilt[: len(book) // 2])))
    monkeypatch.setattr(grid, "MAX_XLSX_BYTES", 2_000_000)
    bomb = rezipped(book, lambda name, part: part + b" " * 3_000_000 if name.endswith("sheet1.xml") else part)
    assert len(bomb) < 100_000
    with pytest.raises(ListError, match="expand to"):
        read_list(kind, list_file(bomb))


@pytest.mark.parametrize("kind", ["ofac_advanced", "uk", "ftm"])
def test_archives_that_expand_are_refused(
    kind: str, layouts: Any, list_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What unpacks beyond the bound is stopped there, for readers that take the whole and for those that stream."""
    good = layouts.files[kind](COUNT[kind])
    bomb = gzip.compress(good + b"\n" * 600_000)
    assert len(bomb) < 100_000
    monkeypatch.setattr(list_content.decompressed, "__defaults__", (500_000,))
    with pytest.raises(ListError, match="expands beyond 500000 bytes"):
        read_list(kind, list_file(bomb))


@pytest.mark.parametrize("names", [("list.csv",), ("SDN.CSV", "ALT.CSV"), ("[Content_Types].xml", "xl/workbook.xml")])
@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_cannot_be_unpacked_in_pieces_is_refused(
    names: tuple[str, ...], method: int, list_file: Write
) -> None:
    """A few bytes of bzip2 in a zip stand for gigabytes, which zipfile would hold all at once: nothing is unpacked."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name in names:
            archive.writestr(name, b"\0" * 30_000_000)
    path = list_file(made.getvalue())
    tracemalloc.start()
    try:
        with pytest.raises(ListError, match="not packed with deflate"):
            read_list("ofac" if len(names) > 1 and names[0] == "SDN.CSV" else "eu_vessels", path)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("names", [("SDN.CSV", "ALT.CSV"), ("[Content_Types].xml", "xl/workbook.xml")])
def test_a_part_that_lies_about_its_size_takes_no_memory(names: tuple[str, ...], list_file: Write) -> None:
    """A directory that says 100 bytes where 60 MB are packed: no more than it says is unpacked."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"\0" * 60_000_000)
            archive.filelist[-1].file_size = 100
    path = list_file(made.getvalue())
    tracemalloc.start()
    try:
        with pytest.raises(ListError, match="broken"):
            read_list("ofac" if names[0] == "SDN.CSV" else "eu_vessels", path)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_too_many_lines_are_not_read(layouts: Any, list_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty lines without end, which pack into next to nothing, are counted."""
    monkeypatch.setattr(list_content, "MAX_LINES", 1000)
    with pytest.raises(ListError, match="more than 1000 lines"):
        read_list("uk", list_file(gzip.compress(layouts.uk_csv(300) + b"\n" * 5000)))


def test_a_file_beyond_the_bound_is_not_opened(list_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size on disk is asked first."""
    monkeypatch.setattr(list_content, "MAX_FILE_BYTES", 10)
    with pytest.raises(ListError, match="27 bytes is more than the 10"):
        read_list("table", list_file(b"entry,name\n1,A SHIP ABROAD\n"))


def test_what_is_no_list_is_not_guessed(list_file: Write, tmp_path: Path) -> None:
    """A file of no known kind is not read as any; a folder is no list but OFAC's."""
    with pytest.raises(ListError, match="no kind of list known here"):
        read_list(AUTO, list_file(b"a;b\n1;2\n"))
    with pytest.raises(ListError, match="is a folder"):
        read_list("uk", tmp_path)


PIECES = (
    b'"', b",", b"<", b">", b";", b"\n", b"\x00", b"\xff", b"9" * 5000, b"-1", b"IMO 9074729", b"31/02/2020", b"1e999",
    b"[", b"{", b"&", b"(", b"\xf0\x9f\x98\x80", b"2020-13-45", b"\xc2\xb2",
)  # fmt: skip


def spoiled(content: bytes, random: Random) -> bytes:
    """The content with one to four bytes or pieces changed, added or taken out."""
    made = bytearray(content)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(made))
        what = random.randrange(3)
        if what == 0:
            made[at] = random.randrange(256)
        elif what == 1:
            made[at:at] = random.choice(PIECES)
        else:
            del made[at : at + random.choice((1, 3, 30))]
    return bytes(made)


@pytest.mark.parametrize("times", [12, pytest.param(400, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", MADE)
def test_spoiled_lists_never_break_the_reader(kind: str, times: int, layouts: Any) -> None:
    """Whatever is changed in a list, it is read or refused with a reason; nothing else is raised."""
    random = Random(f"{kind} {times}")
    good = layouts.files[kind](120 if kind in ("un_consolidated", "japan_mof") else 12)
    read = 0
    for _ in range(times):
        bad = spoiled(good, random)
        if kind in WORKBOOKS and random.random() < 0.8:
            bad = rezipped(good, lambda name, part: spoiled(part, random) if name.endswith("sheet1.xml") else part)
        try:
            parse_content(kind, Content.of(bad, "list"), min_vessels=0)
            read += 1
        except ListError as error:
            assert str(error).startswith(("list", "sdn.csv"))
    assert read < times
