"""Saleor's JSON to values and back."""

from __future__ import annotations

import pytest

from integrations.saleor import decode
from integrations.saleor.answers import ids_of, is_id

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
