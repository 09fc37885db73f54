"""What a transfer's text says that it is for.

Only a reference decides, never an amount. The intent that it names must be paid into the very account on
which the money arrived. Whether the amount is right, late or too much is not asked here: money that came is
counted for what it was sent for, and the intent's labels say the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from payments.feeds.provider import ReportedTransfer
from payments.intents.models import PaymentIntent
from payments.plaintext import squash
from payments.references import find_references, is_reference

REASONS: Final = {
    "outgoing": _("Tiền ra, không phải tiền về."),
    "not_vnd": _("Không phải tiền Việt Nam."),
    "unknown_account": _("Tài khoản này chưa gắn với nguồn báo nào của chợ."),
    "no_reference": _("Nội dung chuyển khoản không có mã của chợ."),
    "unknown_reference": _("Mã trong nội dung không phải của khoản nào."),
    "other_account": _("Mã thuộc khoản phải trả vào tài khoản khác."),
    "several": _("Nội dung có mã của nhiều khoản."),
    "error": _("Không ghi nhận tự động được; xem nhật ký."),
}
"""Why no intent was found, for people. All but `outgoing` are for a person to look at."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The intent that a transfer is for, or the reason why none was found."""

    intent_id: str | None = None
    reason: str = ""


def references_in(transfer: ReportedTransfer) -> tuple[str, ...]:
    """References that a transfer carries: the provider's recognised code first, then those in its text."""
    code = squash(transfer.code)
    named = (code,) if is_reference(code) else find_references(code)
    return tuple(dict.fromkeys((*named, *find_references(transfer.content))))


def decide(transfer: ReportedTransfer, *, bank_account_id: int | None) -> Decision:
    """Which intent `transfer` is for. `bank_account_id` is the account it moved on, None when that is not one
    of ours.
    """
    if transfer.direction != "in":
        return Decision(reason="outgoing")
    if transfer.currency != "VND":
        return Decision(reason="not_vnd")
    if bank_account_id is None:
        return Decision(reason="unknown_account")
    references = references_in(transfer)
    if not references:
        return Decision(reason="no_reference")
    found = list(
        PaymentIntent.objects.filter(reference__in=references).values_list("pk", "payee__bank_account_id")[
            :10
        ]
    )
    if not found:
        return Decision(reason="unknown_reference")
    here = [intent_id for intent_id, account_id in found if account_id == bank_account_id]
    if not here:
        return Decision(reason="other_account")
    if len(found) > 1:
        return Decision(reason="several")
    return Decision(intent_id=here[0])
