"""Names of ships: what makes two spellings one name, and what keeps two ships apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.names import compare_names, edit_budget, name_keys, unwrap
from alerts.romanise import romanise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SEA STAR", "sea  star"), ("M/V SEA STAR", "SEA STAR"), ("M.V. SEA STAR", "MV SEASTAR"),
        ("Mv.Sea Star", "SEA STAR"), ("M/T SEA STAR", "M.T. SEA STAR"), ("F/V SEA STAR", "SEA_STAR"),
        ("LPG/C SEA STAR", "SEA STAR"), ("MOTOR VESSEL SEA STAR", "SEA-STAR"), ("MT SEA STAR", "SEA STAR"),
        ("SEA STAR III", "SEA STAR 3"), ("SEA STAR3", "SEA STAR III"), ("BILLIONS NO. 18", "BILLIONS 18"),
        ("BILLIONS NO.18", "BILLIONS NO 18"), ("DE YOU 078", "DE YOU 78"), ('IMO 9074729 ("HORAE")', "HORAE"),
        ("IMO 9074729 (“HORAE”)", "HORAE"), ("CHONG BONG HO", "CHONG BONG"), ("ＳＥＡ ＳＴＡＲ", "SEA STAR"),
        ("ÉTOILE", "ETOILE"), ("청봉", "CHONG BONG"), ("청봉호", "CHONG BONG"), ("태평산", "THAE PYONG SAN"),
        ("태평산", "TAE PYONG SAN"), ("백마", "PAEK MA"), ("송평 7", "SONG PHYONG 7"),
        ("Маршал Василевский", "MARSHAL VASILEVSKIY"),
        ("重庆", "CHONGQING"), ("Αθηνά", "ATHINA"), ("EXCEEDINGLY LONG SHI", "EXCEEDINGLY LONG SHIP NAME"),
        ("M/V O'HARA", "OHARA"),
    ],
)  # fmt: skip
def test_one_name_in_two_spellings(one: str, other: str) -> None:
    """Prefixes, spacing, numerals, wrapping, script and the 20-character cut do not make another name."""
    assert compare_names(one, other) in ("same", "variant")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SEA STAR 2", "SEA STAR 3"), ("SEA STAR II", "SEA STAR III"), ("SEA STAR", "SEA STAR 1"), ("ABLE", "ABLY"),
        ("DAN", "DON"), ("SU HO", "SU"), ("HAO FAN 2", "HAO FAN 6"), ("SEA STAR", "SEA STORM"), ("V", "VI"),
        ("EXCEEDINGLY LONG", "EXCEEDINGLY LONG SHIP NAME"), ("@@@", "@@@"), ("", ""), ("7", "7"),
    ],
)  # fmt: skip
def test_two_names(one: str, other: str) -> None:
    """A numeral off by one, a short name off by a letter, or a name that is only a beginning is another name."""
    assert compare_names(one, other) is None


def test_budget_of_letters() -> None:
    """None below five letters, one below nine, two from there."""
    assert [edit_budget(n) for n in (4, 5, 8, 9, 30)] == [0, 1, 1, 2, 2]
    assert compare_names("OCEAN", "OCEAM") == "variant"
    assert compare_names("OCEAN", "OCAEM") is None
    assert compare_names("OCEAN EXPLORER", "OCAEN EXPLORRE") == "variant"


def test_korean_spellings_fold_only_for_korean_ships() -> None:
    """CHEONGBONG is CHONG BONG for a ship tied to the DPRK, and for any other it is two letters off."""
    assert compare_names("JEONJIN 2", "CHON JIN 2", korean=True) == "variant"
    assert compare_names("JEONJIN 2", "CHON JIN 2") is None


@pytest.mark.parametrize(
    ("hangul", "latin"),
    [
        ("청천강", "chong chon gang"), ("장자산", "jang ja san"), ("비류강", "pi ryu gang"),
        ("황금산", "hwang gum san"),
        ("릉라", "rung ra"), ("려명", "ryo myong"), ("을지봉", "ul ji bong"), ("새별", "sae byol"),
        ("강계", "kang gye"),
    ],
)  # fmt: skip
def test_dprk_romanisation(hangul: str, latin: str) -> None:
    """k, t, p are voiced between voiced sounds only, and r stays at the start, as the ships paint it."""
    assert romanise(hangul)[0] == latin


def test_unwrapping() -> None:
    """The number inside the wrapping is handed out with the name."""
    assert unwrap(' IMO 9074729 ("HORAE") ') == ("HORAE", 9074729)
    assert unwrap("HORAE (IMO)") == ("HORAE (IMO)", None)


@given(st.text(max_size=60))
def test_any_text_has_keys_or_none(text: str) -> None:
    """Names are attackers' text: nothing raises, and a key is capital letters and numbers."""
    for key in name_keys(text):
        assert len(key.letters) >= 2
        assert key.letters.isascii() and key.letters.isupper()


@given(
    st.text(alphabet="ABCDEFGHOSTRN 0123IVX./'", max_size=24), st.text(alphabet="ABCDEFGHOSTRN 0123IVX./'", max_size=24)
)
def test_mirror(one: str, other: str) -> None:
    """Which of two short names is the listed one does not matter, the 20-character cut aside."""
    if len(one.rstrip()) != 20 and len(other.rstrip()) != 20:
        assert compare_names(one, other) == compare_names(other, one)


@given(st.text(alphabet="ABCDEFGHKLMNOPRSTU ", min_size=2, max_size=19))
def test_a_name_is_itself(name: str) -> None:
    """A name that has a key is the same as itself, with a prefix too."""
    if name_keys(name):
        assert compare_names(name, name) == "same"


def test_an_endless_number_is_cut() -> None:
    """A name of thousands of digits, which Python would refuse to turn into a number, is only odd."""
    assert name_keys("SEA " + "9" * 6000)[0].letters == "SEA"


@pytest.mark.parametrize(
    ("raw", "letters"),
    [
        ("KELLY ROSE (formerly OLD COMET)", ["KELLYROSE", "OLDCOMET"]),
        ("Kelly Rose (ex-Old Comet", ["KELLYROSE", "OLDCOMET"]),
        ("KELLY ROSE (f.k.a. OLD COMET; FIRST STAR)", ["KELLYROSE", "OLDCOMET", "FIRSTSTAR"]),
        ("KELLY ROSE (EXPRESS)", ["KELLYROSEEXPRESS"]),
        ("(formerly OLD COMET)", ["FORMERLYOLDCOMET"]),
    ],
)
def test_a_former_name_in_brackets_is_a_name_of_its_own(raw: str, letters: list[str]) -> None:
    """Lists write the former name behind the present one; either may be met."""
    assert [key.letters for key in name_keys(raw)] == letters
