"""The vendor's till: an amount, a code, and the word that the money is there."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backend.accounts.access import actor_of
from backend.common import clock
from backend.common.errors import MarketError, NotFound
from backend.common.money import Money, parse_vnd
from backend.markets.access import access_charge, access_stall, stalls_of
from backend.markets.queries import charges_today, get_charge
from backend.markets.services import open_charge, void_charge
from backend.markets.values import ChargeView, DayView
from devices.speech import money_words
from payments.intents.services import confirm_by_hand
from payments.payees.queries import payee_for
from storefront.fields import whole_number
from storefront.live.views import ticket
from storefront.money import news_for
from storefront.till.forms import QUICK, ChargeForm


@login_required
@require_GET
def entrance(request: HttpRequest) -> HttpResponse:
    """To the till of the person's own stall; with several, a list to choose from."""
    stalls = stalls_of(request.user)
    if not stalls:
        raise NotFound()
    if len(stalls) == 1:
        return redirect("till", stall_id=stalls[0].pk)
    return render(request, "till/stalls.html", {"stalls": stalls})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def till(request: HttpRequest, stall_id: int) -> HttpResponse:
    """The keypad; sending it opens a charge and shows its code."""
    stall = access_stall(request.user, stall_id)
    form = ChargeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            opened = open_charge(
                key=f"till:{data['key']}",
                stall_id=stall.pk,
                amount=data["amount"],
                note=data["note"],
                actor=actor_of(request.user),
            )
        except MarketError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("charge", charge_id=opened.id)
    context = {
        "stall": stall,
        "tab": "till",
        "form": form,
        "quick": QUICK,
        "today": charges_today(stall.pk),
        "unclear": news_for(stall.owner),
    }
    return render(request, "till/till.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def words(request: HttpRequest, stall_id: int) -> HttpResponse:
    """The typed amount in words, while it is being typed."""
    access_stall(request.user, stall_id)
    try:
        amount = parse_vnd(request.GET.get("amount", ""))
        text = money_words(amount) if 0 < amount < 1_000_000_000 else ""
    except ValueError:
        text = ""
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@login_required
@never_cache
@require_GET
def charge(request: HttpRequest, charge_id: str) -> HttpResponse:
    """One charge: its code while money is awaited, then what came. Changes by itself."""
    access_charge(request.user, charge_id)
    view = get_charge(charge_id)
    stall = access_stall(request.user, view.stall_id)
    labels = view.labels(clock.now())
    intent = view.intent
    paid, voided = "paid" in labels, view.voided_at is not None
    payee = payee_for(stall.owner)
    today = charges_today(stall.pk)
    expired = intent.expires_at is not None and intent.expires_at <= clock.now()
    context = {
        "stall": stall,
        "tab": "till",
        "charge": view,
        "labels": labels,
        "paid": paid,
        "voided": voided,
        "intent": intent,
        "by_hand": payee is not None and not payee.has_feed,
        "words": money_words(view.received.amount if paid else view.amount.amount),
        "expired": expired,
        "again": _again(view, today) if expired else None,
        # The stall's own channel tells of money that names no charge.
        "live": ticket([f"intent:{intent.id}", f"charge:{view.id}", stall.owner]),
        "unclear": 0 if paid or voided else news_for(stall.owner),
        "today": today,
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "till/_charge.html" if part else "till/charge.html", context)


@dataclass(frozen=True)
class Again:
    """A new charge in place of one whose code has ended: what is still missing of it, under a key that stays the same until
    the stall asks for something else, so that a button pressed twice asks once."""

    key: str
    amount: Money


def _again(view: ChargeView, today: DayView) -> Again | None:
    if not view.can_be_asked_again:
        return None
    newest = today.rows[0].id if today.rows else ""
    return Again(key=f"{view.id}-{newest}", amount=view.missing)


@login_required
@require_POST
def void(request: HttpRequest, charge_id: str) -> HttpResponse:
    """Take back a charge that was typed wrong."""
    found = access_charge(request.user, charge_id)
    try:
        void_charge(charge_id=charge_id, actor=actor_of(request.user))
    except MarketError as refusal:
        messages.error(request, str(refusal))
        return redirect("charge", charge_id=charge_id)
    messages.success(request, _("Đã bỏ lần thu này."))
    return redirect("till", stall_id=found.stall_id)


@login_required
@require_POST
def confirm(request: HttpRequest, charge_id: str) -> HttpResponse:
    """Money that the vendor saw in their own bank's app, where no feed tells of it: marked as such, never spoken."""
    access_charge(request.user, charge_id)
    amount = Money(whole_number(request.POST.get("amount", ""), digits=12) or 0)
    try:
        intent_id = get_charge(charge_id).intent.id
        confirm_by_hand(intent_id=intent_id, amount=amount, actor=actor_of(request.user))
    except MarketError as refusal:
        messages.error(request, str(refusal))
    return redirect("charge", charge_id=charge_id)


@login_required
@never_cache
@require_GET
def today(request: HttpRequest, stall_id: int) -> HttpResponse:
    """Today's charges and what came."""
    stall = access_stall(request.user, stall_id)
    payee = payee_for(stall.owner)
    context = {
        "stall": stall,
        "tab": "today",
        "unclear": news_for(stall.owner),
        "has_feed": payee is not None and payee.has_feed,
        "today": charges_today(stall.pk),
        "live": ticket([stall.owner]),
        "now": clock.now(),
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "till/_today.html" if part else "till/today.html", context)
