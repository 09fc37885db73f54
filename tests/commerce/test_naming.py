"""Names shared with Saleor."""

from __future__ import annotations

import pytest

from backend.commerce import naming
from storefront.shop.browsing import LABEL_FIELDS

pytestmark = pytest.mark.pure


def test_every_field_of_the_label_form_is_an_attribute() -> None:
    assert tuple(name for name, _text in LABEL_FIELDS) == naming.LABEL_FIELDS


def test_a_label_field_survives_its_slug() -> None:
    for field in naming.LABEL_FIELDS:
        assert naming.label_field(naming.label_slug(field)) == field
    assert naming.label_field("don-vi") is None


def test_global_ids_are_saleors() -> None:
    assert naming.global_id("Product", 165) == "UHJvZHVjdDoxNjU="
    assert naming.parse_global_id("UHJvZHVjdDoxNjU=") == ("Product", "165")


@pytest.mark.parametrize("text", ["", "165", "khong-co", "đ", "UHJvZHVjdA==", "//8="])
def test_text_that_is_no_global_id_is_refused_quietly(text: str) -> None:
    assert naming.parse_global_id(text) is None


def test_a_guest_has_no_address_to_show() -> None:
    assert naming.shown_email(naming.guest_email("01JD")) == ""
    assert naming.shown_email("ut@example.vn") == "ut@example.vn"


def test_a_name_is_kept_whole() -> None:
    assert naming.address_names("Trần Thị Út") == {"firstName": "Trần Thị Út", "lastName": ""}
    assert naming.whole_name("Trần Thị Út", "") == "Trần Thị Út"
    assert naming.whole_name(" Út ", "Trần") == "Út Trần"
