"""Saleor's JSON to values and back."""

from __future__ import annotations

import pytest

from backend.commerce import naming
from backend.commerce.errors import ShopUnavailable
from backend.common.money import vnd
from integrations.saleor import decode
from integrations.saleor.answers import ids_of, is_id
from integrations.saleor.app.amounts import whole_amount
from integrations.saleor.app.errors import Malformed

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    "text", ["", "Hái buổi sáng.", "Một\nHai\n\nBốn", "5 < 6 & \"ngon\" > 'rẻ'", "<b>đậm</b>"]
)
def test_a_description_survives_the_editor(text: str) -> None:
    assert decode.to_description(decode.from_description(text)) == text


@pytest.mark.parametrize("text", [None, "", "{}", "[]", "khong phai json", '{"blocks": [1, {"data": {}}]}'])
def test_a_description_that_is_none_is_empty(text: str | None) -> None:
    assert decode.to_description(text) == ""


def test_lists_and_marks_of_the_dashboard_become_lines() -> None:
    written = '{"blocks": [{"data": {"text": "<b>Rau</b> &amp; quả"}}, {"data": {"items": ["một", "hai"]}}]}'
    assert decode.to_description(written) == "Rau & quả\nmột\nhai"


@pytest.mark.parametrize(
    ("text", "type_name", "right"),
    [
        ("UHJvZHVjdDoxNjU=", "Product", True),
        ("UHJvZHVjdDoxNjU=", "Order", False),
        ("165", "Product", False),
        ("UHJvZHVjdDoxJyBPUg==", "Product", False),
        ("T3JkZXI6MTIz", "Order", False),
        ("T3JkZXI6ZWRkYjkwNDAtYjJkZS00YzI5LWIwOWEtNTNjNjhjYmM0ZDk0", "Order", True),
    ],
)
def test_only_what_can_be_an_id_is_asked_for(text: str, type_name: str, right: bool) -> None:
    assert is_id(text, type_name) is right


def test_no_more_than_a_page_is_asked_for() -> None:
    from backend.commerce.naming import global_id

    many = [global_id("Product", n) for n in range(1, 102)]
    assert len(ids_of(many[:100] + many[:1], "Product")) == 100
    with pytest.raises(ValueError, match="at most 100"):
        ids_of(many, "Product")


@pytest.mark.parametrize("number", [1000.5, 0.5, -1.0, True, "1000", None, float("nan"), float("inf"), 1e16])
def test_what_is_no_whole_amount_is_refused_at_both_doors(number: object) -> None:
    with pytest.raises(ShopUnavailable):
        decode.money_of(number)
    with pytest.raises(Malformed):
        whole_amount(number)


def test_other_money_is_not_taken_for_dong() -> None:
    assert decode.gross({"gross": {"amount": 1000.0, "currency": "VND"}}) == vnd(1000)
    with pytest.raises(ShopUnavailable):
        decode.gross({"gross": {"amount": 1000.0, "currency": "USD"}})


@pytest.mark.parametrize(
    ("amount", "currency", "offered"), [(5000.0, "VND", True), (5000.5, "VND", False), (5, "USD", False)]
)
def test_a_price_that_cannot_be_asked_for_takes_only_its_own_variant_off_the_shelf(
    amount: float, currency: str, offered: bool
) -> None:
    price = {"amount": amount, "currency": currency}
    listing = {"channel": {"slug": naming.CHANNEL}, "price": price}
    assert decode.is_offered({"channelListings": [listing]}) is offered
