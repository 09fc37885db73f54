"""A phone number is read in every way people write it, and kept in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.errors import BadPhone
from backend.accounts.phones import PhoneField, format_phone, mask_phone, parse_phone

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    "written",
    [
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "091-234-5678",
        "(0912) 345 678",
        "+84912345678",
        "+84 912 345 678",
        "+84 (0) 912 345 678",
        "84912345678",
        "0084 912 345 678",
        " 0912\u00a0345\u202f678 ",
        "０９１２３４５６７８",  # full-width digits, as some keyboards type them
    ],
)
def test_every_way_of_writing_is_one_number(written: str) -> None:
    assert parse_phone(written) == "+84912345678"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0",
        "912345678",  # the leading zero is part of the number
        "091234567",
        "09123456789",
        "01234567890",  # eleven digits: ended in 2018
        "02923123456",  # a landline cannot get a message
        "0412345678",
        "+855912345678",
        "+1 202 555 0100",
        "0912345678/0913345678",
        "0912345678 (Lan)",
        "0٩١٢٣٤٥٦٧٨",
        "0912345678" + " " * 30,
        "++84912345678",
        "+8484912345678",
    ],
)
def test_what_is_no_mobile_number_is_refused(written: str) -> None:
    with pytest.raises(BadPhone) as refusal:
        parse_phone(written)
    assert "0912 345 678" in str(refusal.value)


@given(st.from_regex(r"\+84[35789][0-9]{8}", fullmatch=True))
def test_what_is_shown_can_be_typed_again(phone: str) -> None:
    assert parse_phone(format_phone(phone)) == phone
    assert parse_phone(phone) == phone


@given(st.text(max_size=40))
def test_any_text_gives_a_number_or_a_refusal(text: str) -> None:
    try:
        phone = parse_phone(text)
    except BadPhone:
        return
    assert phone.startswith("+84")
    assert len(phone) == 12
    assert phone.isascii()


def test_strangers_see_a_masked_number() -> None:
    assert format_phone("+84912345678") == "0912 345 678"
    assert mask_phone("+84912345678") == "0912 ••• 678"
    assert "12345" not in mask_phone("+4412345678")


def test_the_form_field_gives_e164_and_shows_the_national_form() -> None:
    field = PhoneField(required=False)
    assert field.clean("0912 345 678") == "+84912345678"
    assert field.clean("") == ""
    assert field.prepare_value("+84912345678") == "0912 345 678"
    assert field.prepare_value("091") == "091"
