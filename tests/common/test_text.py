from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.common.text import ascii_upper, fold, slugify, strip_marks, tidy

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Nấm Linh Chi Đỏ", "nam linh chi do"),
        ("ĐÔNG TRÙNG HẠ THẢO", "dong trung ha thao"),
        ("rau mồng tơi, bó 300 g", "rau mong toi bo 300 g"),
        ("Đắk Lắk", "dak lak"),
        ("ướt ưỡn ởi", "uot uon oi"),
        ("  ", ""),
    ],
)
def test_accents_case_and_signs_fold_away(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded


@given(st.text())
def test_folding_twice_changes_nothing_and_forms_agree(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert set(once) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")


def test_names_as_banks_print_them() -> None:
    assert ascii_upper("Nguyễn Thị Sen") == "NGUYEN THI SEN"
    assert strip_marks("Hộ Bắc Thạnh") == "Ho Bac Thanh"


@given(st.text(), st.integers(1, 60))
def test_an_address_part_never_grows_beyond_its_limit(text: str, limit: int) -> None:
    slug = slugify(text, limit=limit)
    assert len(slug) <= limit
    assert slug == slug.strip("-") or len(slug) == limit


def test_tidy_keeps_what_was_meant() -> None:
    assert tidy(unicodedata.normalize("NFD", "  Rau   mồng tơi ")) == "Rau mồng tơi"
