"""Money that came and did not say what for: the page of a desk and that of a till are one.

Who may open it is checked by the desk or the till, by the same helper as everything else there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from backend.common import clock
from backend.common.errors import MarketError
from backend.common.money import Money, format_vnd
from payments.feeds.queries import UnmatchedTransfer, count_unmatched, unmatched_for
from payments.intents.queries import open_intents
from payments.intents.values import Intent
from payments.matching.decision import REASONS
from payments.matching.queries import assigned_for
from payments.matching.services import assign_for, take_back_for
from payments.payees.queries import payee_for
from storefront.fields import whole_number

NEWS_FOR: Final = timedelta(days=3)
"""So long other pages point to money that nobody has claimed; the list itself forgets nothing."""
ON_A_PAGE: Final = 20

Names = Callable[[Sequence[Intent]], dict[str, str]]
"""What the owner calls each of these intents, by their ids."""


@dataclass(frozen=True)
class Card:
    """One transfer, with what it may have been for: what asks for just this amount, and everything else."""

    transfer: UnmatchedTransfer
    reason: str
    likely: list[tuple[Intent, str]]
    others: list[tuple[Intent, str]]


def news_for(owner: str) -> int:
    """How many transfers of the last days wait for somebody to say what they were for."""
    return count_unmatched(owner, since=clock.now() - NEWS_FOR)


def page_for(request: HttpRequest, *, owner: str, names: Names) -> dict[str, Any]:
    """What the page shows."""
    page = whole_number(request.GET.get("trang", "1"), digits=4) or 1
    transfers = unmatched_for(owner, start=(page - 1) * ON_A_PAGE, limit=ON_A_PAGE + 1)
    payee = payee_for(owner)
    asked = open_intents(owner, bin=payee.bin, account=payee.account) if payee else []
    assigned = assigned_for(owner)
    named = names([*asked, *(each.intent for each in assigned)])
    return {
        "cards": [_card(each, asked, named) for each in transfers[:ON_A_PAGE]],
        "assigned": [(each, named.get(each.intent.id, each.intent.reference)) for each in assigned],
        "page": page,
        "more": len(transfers) > ON_A_PAGE,
        "payee": payee,
    }


def _card(transfer: UnmatchedTransfer, asked: Sequence[Intent], named: dict[str, str]) -> Card:
    choices = [(each, named.get(each.id, each.reference)) for each in asked]
    likely = [each for each in choices if each[0].outstanding_vnd == transfer.unallocated_vnd]
    return Card(
        transfer=transfer,
        reason=str(REASONS.get(transfer.reason, "")),
        likely=likely,
        others=[each for each in choices if each not in likely],
    )


def act(request: HttpRequest, *, owner: str, actor: str, names: Names) -> None:
    """One button: this money was for that, or it was not after all. What happened is said on the next page."""
    try:
        if request.POST.get("allocation"):
            take_back_for(owner=owner, allocation_id=request.POST["allocation"][:26], actor=actor)
            messages.success(request, _("Đã lấy lại. Khoản tiền này lại chờ bạn cho biết là của đâu."))
            return
        # What stood on the screen, not what is left now: a form left open counts nothing new.
        amount = Money(whole_number(request.POST.get("amount", ""), digits=12) or 0)
        intent = assign_for(
            owner=owner,
            transaction_id=request.POST.get("transaction", "")[:26],
            intent_id=request.POST.get("intent", "")[:26],
            amount=amount,
            actor=actor,
        )
        words = {
            "amount": format_vnd(amount.amount),
            "what": names([intent]).get(intent.id, intent.reference),
        }
        messages.success(request, _("Đã ghi %(amount)s vào: %(what)s.") % words)
    except MarketError as refusal:
        messages.error(request, str(refusal))
