"""Saleor's way of asking: what a line means, and what it finds, on both databases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.catalogue import asking, queries
from backend.common.text import fold
from tests.catalogue.conftest import HOANG_GIANG, Stand


def told(text: str) -> list[list[str]]:
    """The terms of every alternative: ! for what is left out, quotation marks for phrases."""
    return [
        [
            ("!" if term.negated else "")
            + (f'"{" ".join(term.words)}"' if term.whole else "+".join(term.words))
            for term in terms
        ]
        for terms in asking.read(text)
    ]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("cà phê", [["ca", "phe"]]),
        ("Đậu OR Đỗ đen", [["dau"], ["do", "den"]]),
        ("dau or do", [["dau", "or", "do"]]),
        ("dau AND do", [["dau", "do"]]),
        ("nấm -trà", [["nam", "!tra"]]),
        ("nấm - trà", [["nam", "tra"]]),
        ("nấm-trà", [["nam+tra"]]),
        ('"Linh Chi" -"túi lọc"', [['"linh chi"', '!"tui loc"']]),
        ('"linh chi đỏ', [['"linh chi do"']]),
        ('nam"linh chi"', [["nam+linh", "chi"]]),
        ("-trà", [["!tra"]]),
        ("OR dau OR OR do OR", [["dau"], ["do"]]),
        ("--trà", [["!tra"]]),
        ("!!! OR ***", []),
        ('""', []),
        ("-", []),
        ("a b c d e f g h i j k l m n", [list("abcdefghijkl")]),
        ("x" * 300, [["x" * 200]]),
    ],
)
def test_a_line_is_read_as_saleor_reads_it(text: str, meant: list[list[str]]) -> None:
    assert told(text) == meant


@pytest.mark.pure
@given(st.text(alphabet="ab đ-\"OR*%&|!:()'\\ ", max_size=60))
def test_every_line_means_something(text: str) -> None:
    words = [word for terms in asking.read(text) for term in terms for word in term.words]
    assert len(words) <= asking.MOST_WORDS
    assert all(word == fold(word) and " " not in word for word in words)


@pytest.fixture
def shelf(stand: Stand) -> Stand:
    """Listed in this order, so the last is the newest."""
    herbs = stand.seller("Hộ Út Sen, ấp Bắc Thạnh")
    greens = stand.seller("HTX Rau sạch Hoằng Giang", HOANG_GIANG)
    stand.list("Nấm linh chi đỏ", seller=herbs, price=350_000)
    stand.list("Trà nấm linh chi túi lọc", seller=herbs, category="che-tra", price=95_000)
    stand.list("Chi nhánh linh thiêng", seller=herbs, price=1_000)
    stand.list("Đậu đen xanh lòng", seller=greens, category="gao-ngu-coc", price=60_000)
    stand.list("Cà chua bi", seller=greens, price=25_000)
    return stand


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("linh chi", ["Nấm linh chi đỏ", "Trà nấm linh chi túi lọc", "Chi nhánh linh thiêng"]),
        ('"linh chi"', ["Nấm linh chi đỏ", "Trà nấm linh chi túi lọc"]),
        ('"linh ch"', []),
        ('"linh"', ["Chi nhánh linh thiêng", "Nấm linh chi đỏ", "Trà nấm linh chi túi lọc"]),
        ('"chi linh"', []),
        ("lin ch -tra", ["Nấm linh chi đỏ", "Chi nhánh linh thiêng"]),
        ('nam -"tui loc"', ["Nấm linh chi đỏ"]),
        ('nam -"loc tui"', ["Nấm linh chi đỏ", "Trà nấm linh chi túi lọc"]),
        ("dau OR ca chua", ["Cà chua bi", "Đậu đen xanh lòng"]),
        ("ĐẬU OR trà nấm", ["Đậu đen xanh lòng", "Trà nấm linh chi túi lọc"]),
        ("-linh -dau", ["Cà chua bi"]),
        ("đậu -den", []),
        ("ca*", ["Cà chua bi"]),
        ("zzz OR yyy", []),
        ("' OR 1=1 --", []),
    ],
)
def test_what_is_asked_for_is_found(shelf: Stand, text: str, found: list[str]) -> None:
    ids = queries.ranked_ids(text)
    cards = queries.cards(ids)
    assert sorted(cards[each].name for each in ids) == sorted(found)
