"""What a unit of sale says of its content, as farmers write it."""

from __future__ import annotations

import pytest

from backend.commerce.measures import Content, UnitPrice, content_of, unit_price, weight_in
from backend.common.money import vnd

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("unit", "grams"),
    [
        ("bó 300 g", 300),
        ("kg", 1000),
        ("ký", 1000),
        ("lạng", 100),
        ("Túi 250G", 250),
        ("quả 1,2 kg", 1200),
        ("quả 1.2 kg", 1200),
        ("bao 1.200 g", 1200),
        ("bao 0,500 kg", 500),
        ("nửa ký", 500),
        ("1/2 kg", 500),
        ("½ kg", 500),
        ("3 lạng", 300),
        ("1 hũ 250 g", 250),
        ("hộp 20 gói x 2 g", 40),
        ("20x2g", 40),
        ("lốc 6 hũ × 100 gam", 600),
        ("2 g x 20 gói", 40),
    ],
)
def test_a_mass_is_understood(unit: str, grams: int) -> None:
    assert content_of(unit) == Content("mass", grams)
    assert weight_in(unit) == grams


@pytest.mark.parametrize(
    ("unit", "millilitres"),
    [
        ("chai 500 ml", 500),
        ("lít", 1000),
        ("can 5 lít", 5000),
        ("chai 0,75 l", 750),
        ("lốc 4 hộp x 180 ml", 720),
    ],
)
def test_a_volume_is_understood_and_says_nothing_of_the_weight(unit: str, millilitres: int) -> None:
    assert content_of(unit) == Content("volume", millilitres)
    assert weight_in(unit) is None


@pytest.mark.parametrize(
    "unit",
    [
        "cái",
        "chậu",
        "người",
        "hộp 20 gói",
        "vỉ 10 quả",
        "10 lá",
        "2 hũ 250 g",
        "vỉ 10 quả 700 g",
        "500-600 g",
        "500 – 600 g",
        "1 1/2 kg",
        "3/4 kg",
        "250 g + 50 g",
        "chai 500 ml (700 g)",
        "0 g",
        "0,2 g",
        "1.500 kg",
        "9999999999999999999999 x 2 g",
        "20 gói x 2 g x 3",
        "",
    ],
)
def test_no_mass_no_volume_or_a_doubt(unit: str) -> None:
    assert content_of(unit) is None
    assert (weight_in(unit), unit_price(unit, vnd(10_000))) == (None, None)


def test_the_price_of_a_kilogram_and_of_a_litre() -> None:
    assert unit_price("bó 300 g", vnd(12_000)) == UnitPrice(vnd(40_000), "kg")
    assert unit_price("hộp 20 gói x 2 g", vnd(95_000)) == UnitPrice(vnd(2_375_000), "kg")
    assert unit_price("chai 250 ml", vnd(32_000)) == UnitPrice(vnd(128_000), "l")
    assert unit_price("quả 1,2 kg", vnd(22_000)) == UnitPrice(vnd(18_333), "kg")


def test_the_price_of_a_piece_that_is_a_kilogram_or_a_litre_is_not_said_twice() -> None:
    assert [unit_price(unit, vnd(20_000)) for unit in ("kg", "1 kg", "lít", "chai 1 lít")] == [None] * 4
