from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.common.money import MAX_VND, Money, format_vnd, parse_vnd, share, total, vnd

pytestmark = pytest.mark.pure
amounts = st.integers(-(10**14), 10**14)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0\u00a0₫"), (999, "999\u00a0₫"), (50_000, "50.000\u00a0₫"), (-1_234_567, "-1.234.567\u00a0₫")],
)
def test_an_amount_is_written_with_points_and_an_unbreakable_sign(amount: int, text: str) -> None:
    assert format_vnd(amount) == text
    assert str(vnd(amount)) == text


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("50000", 50_000),
        ("50.000", 50_000),
        ("50,000 đ", 50_000),
        ("50 000₫", 50_000),
        ("50k", 50_000),
        (" 1.234.567 đồng ", 1_234_567),
        ("12000vnd", 12_000),
        ("0", 0),
    ],
)
def test_people_type_amounts_in_many_ways(typed: str, amount: int) -> None:
    assert parse_vnd(typed) == amount


@pytest.mark.parametrize(
    "typed", ["", "đ", "-5", "+5", "1.5", "12.50", "1.2345", "1,000.5", "5e3", "9" * 16, "k", "1..000"]
)
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - parse_vnd promises no more than a ValueError
        parse_vnd(typed)


@given(st.integers(0, MAX_VND))
def test_what_was_written_is_read_back(amount: int) -> None:
    if amount < MAX_VND:
        assert parse_vnd(format_vnd(amount)) == amount


@given(amounts, amounts, amounts)
def test_sums_do_not_depend_on_order(a: int, b: int, c: int) -> None:
    assert (vnd(a) + vnd(b)) + vnd(c) == vnd(c) + (vnd(b) + vnd(a)) == total([vnd(a), vnd(b), vnd(c)])
    assert vnd(a) - vnd(b) == -(vnd(b) - vnd(a))


@given(st.integers(0, 10**12), st.integers(0, 100))
def test_parts_of_a_hundred_add_up_within_one_dong(amount: int, percent: int) -> None:
    first = share(vnd(amount), numerator=percent, denominator=100)
    second = share(vnd(amount), numerator=100 - percent, denominator=100)
    assert 0 <= (first + second).amount - amount <= 1


@pytest.mark.parametrize(("amount", "part"), [(149, 1), (150, 2), (151, 2), (-150, -2), (0, 0)])
def test_halves_are_rounded_away_from_zero(amount: int, part: int) -> None:
    assert share(vnd(amount), numerator=1, denominator=100) == vnd(part)


@pytest.mark.parametrize("wrong", [1.0, "1", True, None])
def test_money_takes_nothing_but_whole_numbers(wrong: object) -> None:
    with pytest.raises(TypeError):
        Money(wrong)  # type: ignore[arg-type]


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="Cannot mix"):
        Money(1, "VND") + Money(1, "USD")
