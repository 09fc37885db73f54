from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.speech import (
    Dialect,
    Phrase,
    say_completed,
    say_out_of_place,
    say_over,
    say_payment,
    say_received,
)
from devices.speech.phrases import say_short

pytestmark = pytest.mark.pure

AMOUNTS = st.integers(1, 2_000_000_000)


def test_the_full_amount_sounds_like_success() -> None:
    assert say_received(50_000) == Phrase("Đã nhận năm mươi nghìn đồng", "ok")
    assert str(say_received(120_000)) == "Đã nhận một trăm hai mươi nghìn đồng"


def test_short_money_warns_with_both_amounts() -> None:
    assert say_short(200, 200_000) == Phrase(
        "Chú ý, thiếu tiền, nhận hai trăm đồng trên hai trăm nghìn đồng", "warning"
    )


def test_over_money_warns_with_both_amounts() -> None:
    assert say_over(100_000, 50_000) == Phrase(
        "Chú ý, thừa tiền, nhận một trăm nghìn đồng trên năm mươi nghìn đồng", "warning"
    )


@pytest.mark.parametrize(
    ("amount", "text"),
    [(999, "Chú ý, chỉ nhận chín trăm chín mươi chín đồng"), (200, "Chú ý, chỉ nhận hai trăm đồng")],
)
def test_small_change_never_sounds_like_success(amount: int, text: str) -> None:
    assert say_received(amount) == Phrase(text, "warning")


def test_one_thousand_is_money() -> None:
    assert say_received(1_000) == Phrase("Đã nhận một nghìn đồng", "ok")


def test_the_second_transfer_that_completes_says_so() -> None:
    assert say_completed(150_000, 200_000) == Phrase(
        "Đã nhận thêm một trăm năm mươi nghìn đồng, đủ hai trăm nghìn đồng", "ok"
    )
    assert say_completed(200, 200_000) == Phrase(
        "Chú ý, chỉ nhận thêm hai trăm đồng, đã đủ hai trăm nghìn đồng", "warning"
    )


def test_money_for_a_voided_or_expired_charge_does_not_pass_for_the_present_one() -> None:
    assert say_out_of_place(50_000, "cancelled") == Phrase(
        "Chú ý, nhận năm mươi nghìn đồng cho lần thu đã hủy", "warning"
    )
    assert say_out_of_place(500, "late") == Phrase(
        "Chú ý, chỉ nhận năm trăm đồng cho lần thu đã hết giờ", "warning"
    )


@pytest.mark.parametrize(
    ("amount", "received", "due", "labels", "text"),
    [
        (50_000, 50_000, 50_000, {"paid"}, "Đã nhận năm mươi nghìn đồng"),
        (200, 200, 200_000, {"short"}, "Chú ý, thiếu tiền, nhận hai trăm đồng trên hai trăm nghìn đồng"),
        (1_000, 3_000, 5_000, {"short", "late"}, "Chú ý, thiếu tiền, nhận ba nghìn đồng trên năm nghìn đồng"),
        (2_000, 5_000, 5_000, {"paid"}, "Đã nhận thêm hai nghìn đồng, đủ năm nghìn đồng"),
        (5_000, 10_000, 5_000, {"over"}, "Chú ý, thừa tiền, nhận mười nghìn đồng trên năm nghìn đồng"),
        (5_000, 5_000, 5_000, {"paid", "late"}, "Chú ý, nhận năm nghìn đồng cho lần thu đã hết giờ"),
        (5_000, 5_000, 5_000, {"cancelled", "late"}, "Chú ý, nhận năm nghìn đồng cho lần thu đã hủy"),
        (500, 500, 500, {"paid"}, "Chú ý, chỉ nhận năm trăm đồng"),
    ],
)
def test_a_payment_is_said_for_what_it_is(
    amount: int, received: int, due: int, labels: set[str], text: str
) -> None:
    assert say_payment(amount_vnd=amount, received_vnd=received, due_vnd=due, labels=labels).text == text


def test_a_dialect_reaches_the_sentence() -> None:
    phrase = say_payment(
        amount_vnd=104_000,
        received_vnd=104_000,
        due_vnd=104_000,
        labels={"paid"},
        dialect=Dialect(zero_tens="linh", thousand="ngàn"),
    )
    assert phrase.text == "Đã nhận một trăm linh bốn ngàn đồng"


@given(
    amount=AMOUNTS,
    earlier=st.integers(0, 10**9),
    due=AMOUNTS,
    labels=st.sets(st.sampled_from(["late", "cancelled"])),
)
def test_only_the_full_amount_in_time_ever_sounds_like_success(
    amount: int, earlier: int, due: int, labels: set[str]
) -> None:
    phrase = say_payment(amount_vnd=amount, received_vnd=amount + earlier, due_vnd=due, labels=labels)
    full = amount + earlier == due and amount >= 1_000 and not labels
    assert (phrase.tone == "ok") == full
    assert phrase.text.startswith("Đã nhận" if full else "Chú ý, ")


@pytest.mark.parametrize("amount", [0, -1])
def test_what_cannot_be_received_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        say_received(amount)


@pytest.mark.parametrize(("say", "received", "due"), [(say_short, 5, 5), (say_short, 6, 5), (say_over, 5, 5)])
def test_short_and_over_are_never_said_of_the_wrong_money(say: object, received: int, due: int) -> None:
    assert callable(say)
    with pytest.raises(ValueError, match="nothing is"):
        say(received, due)
