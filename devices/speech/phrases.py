"""What a sound box says about money. Amounts are whole đồng.

The fraud that these sentences must defeat is real: a buyer sends 200 đ instead of 200.000 đ, the box calls
"hai trăm", and the busy seller lets them go. So money that is short, over, out of place or below 1.000 đ
starts with "Chú ý" and carries the warning tone; only the full amount sounds like success.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from devices.speech.numbers import STANDARD, Dialect, number_words

Tone = Literal["ok", "warning"]

# No goods at a market cost less than the smallest common banknote; a payment below it is a mistake or a
# trick.
SMALLEST_PLAUSIBLE_VND: Final = 1_000


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence, every number in it already in words, and the tone a device plays before it."""

    text: str
    tone: Tone

    def __str__(self) -> str:
        return self.text


def money_words(amount_vnd: int, dialect: Dialect = STANDARD) -> str:
    """Return "một trăm hai mươi nghìn đồng" for 120000. Raises: NumberTooLarge."""
    return f"{number_words(amount_vnd, dialect)} đồng"


def say_received(amount_vnd: int, dialect: Dialect = STANDARD) -> Phrase:
    """Say that the money asked for is there; below 1.000 đ it never sounds like success ("Chú ý, chỉ nhận
    …").

    Raises: ValueError when the amount is not positive, NumberTooLarge.
    """
    _check_positive(amount_vnd)
    words = money_words(amount_vnd, dialect)
    if amount_vnd < SMALLEST_PLAUSIBLE_VND:
        return Phrase(f"Chú ý, chỉ nhận {words}", "warning")
    return Phrase(f"Đã nhận {words}", "ok")


def say_completed(amount_vnd: int, due_vnd: int, dialect: Dialect = STANDARD) -> Phrase:
    """Say that a second transfer of `amount_vnd` filled up what was short of `due_vnd`.

    Raises: ValueError when an amount is not positive, NumberTooLarge.
    """
    _check_positive(amount_vnd, due_vnd)
    more, due = money_words(amount_vnd, dialect), money_words(due_vnd, dialect)
    if amount_vnd < SMALLEST_PLAUSIBLE_VND:
        return Phrase(f"Chú ý, chỉ nhận thêm {more}, đã đủ {due}", "warning")
    return Phrase(f"Đã nhận thêm {more}, đủ {due}", "ok")


def say_short(received_vnd: int, due_vnd: int, dialect: Dialect = STANDARD) -> Phrase:
    """Warn that all money received so far is less than what is due.

    Raises: ValueError when an amount is not positive or nothing is missing, NumberTooLarge.
    """
    _check_positive(received_vnd, due_vnd)
    if received_vnd >= due_vnd:
        raise ValueError(f"nothing is missing: {received_vnd} of {due_vnd}")
    return Phrase(
        f"Chú ý, thiếu tiền, nhận {money_words(received_vnd, dialect)} trên {money_words(due_vnd, dialect)}",
        "warning",
    )


def say_over(received_vnd: int, due_vnd: int, dialect: Dialect = STANDARD) -> Phrase:
    """Warn that more came than was due: typed wrongly or paid twice; the seller owes the difference back.

    Raises: ValueError when an amount is not positive or nothing is over, NumberTooLarge.
    """
    _check_positive(received_vnd, due_vnd)
    if received_vnd <= due_vnd:
        raise ValueError(f"nothing is over: {received_vnd} of {due_vnd}")
    return Phrase(
        f"Chú ý, thừa tiền, nhận {money_words(received_vnd, dialect)} trên {money_words(due_vnd, dialect)}",
        "warning",
    )


def say_out_of_place(
    amount_vnd: int, why: Literal["cancelled", "late"], dialect: Dialect = STANDARD
) -> Phrase:
    """Warn that money came for a charge that was voided, or after its time: it must not pass for the one now
    on screen.

    Raises: ValueError when the amount is not positive, NumberTooLarge.
    """
    _check_positive(amount_vnd)
    only = "chỉ " if amount_vnd < SMALLEST_PLAUSIBLE_VND else ""
    reason = {"cancelled": "đã hủy", "late": "đã hết giờ"}[why]
    return Phrase(f"Chú ý, {only}nhận {money_words(amount_vnd, dialect)} cho lần thu {reason}", "warning")


def say_payment(
    *, amount_vnd: int, received_vnd: int, due_vnd: int, labels: Collection[str], dialect: Dialect = STANDARD
) -> Phrase:
    """Choose the sentence for one payment: `amount_vnd` just came, `received_vnd` in all, `due_vnd` was asked
    for.

    `labels` are those of the payment intent (docs: "waiting short paid over late refunded cancelled"); they
    can be true together, and the one that a seller must act on first is said: cancelled, short, over, late.
    Raises: ValueError when an amount is not positive, NumberTooLarge.
    """
    _check_positive(amount_vnd, received_vnd, due_vnd)
    if "cancelled" in labels:
        return say_out_of_place(amount_vnd, "cancelled", dialect)
    if received_vnd < due_vnd:
        return say_short(received_vnd, due_vnd, dialect)
    if received_vnd > due_vnd:
        return say_over(received_vnd, due_vnd, dialect)
    if "late" in labels:
        return say_out_of_place(amount_vnd, "late", dialect)
    if amount_vnd < received_vnd:
        return say_completed(amount_vnd, due_vnd, dialect)
    return say_received(amount_vnd, dialect)


def _check_positive(*amounts_vnd: int) -> None:
    for amount_vnd in amounts_vnd:
        if amount_vnd <= 0:
            raise ValueError(f"not an amount that can be received: {amount_vnd}")
