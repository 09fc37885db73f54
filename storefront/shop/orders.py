"""A buyer's orders: paying, waiting, following."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from backend.common import clock
from backend.common.errors import MarketError, NotFound
from backend.sales.access import Purchase, access_purchase
from backend.sales.queries import SaleView, failure_of, is_waiting, sales_of
from backend.sales.services import BY_BUYER, ask_to_cancel, placing_until
from payments.vietqr import draw
from storefront.live.views import ticket


def _channels(view: SaleView) -> list[str]:
    channels = [f"order:{view.order.id}"]
    if view.intent is not None:
        channels.append(f"intent:{view.intent.id}")
    return channels


@never_cache
@require_GET
def purchase(request: HttpRequest, token: str) -> HttpResponse:
    """All orders of one purchase; a purchase from one seller goes straight to its order."""
    bought = access_purchase(token)
    if bought.failed_at is not None or is_waiting(bought):
        return _not_placed(request, bought)
    views = sales_of(bought)
    if len(views) == 1:
        return redirect("sale", token=token, index=1)
    if not views:
        raise NotFound()
    live = ticket(channel for view in views for channel in _channels(view))
    context = {"purchase": bought, "views": views, "live": live}
    return render(request, "shop/_purchase.html" if _wants_part(request) else "shop/purchase.html", context)


def _not_placed(request: HttpRequest, bought: Purchase) -> HttpResponse:
    """Nothing is ordered: not yet, because the shop does not answer, or not at all."""
    context = {
        "purchase": bought,
        "reason": failure_of(bought) if bought.failed_at else "",
        "until": placing_until(bought),
    }
    part = _wants_part(request)
    return render(request, "shop/_not_placed.html" if part else "shop/not_placed.html", context)


def _wants_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _sale(token: str, index: int) -> tuple[SaleView, int]:
    views = sales_of(access_purchase(token))
    if not 1 <= index <= len(views):
        raise NotFound()
    return views[index - 1], len(views)


@never_cache
@require_GET
def sale(request: HttpRequest, token: str, index: int) -> HttpResponse:
    """One order: what to pay and how, then where it stands. Changes by itself when money comes."""
    view, count = _sale(token, index)
    intent = view.intent
    left = intent.outstanding_vnd if intent else 0
    expired = bool(intent and intent.expires_at and intent.expires_at <= clock.now())
    context = {
        "view": view,
        "sale": view.sale,
        "order": view.order,
        "intent": intent,
        "token": token,
        "index": index,
        "count": count,
        "left": left,
        "expired": expired,
        "live": ticket(_channels(view)),
    }
    return render(request, "shop/_sale.html" if _wants_part(request) else "shop/sale.html", context)


@never_cache
@require_GET
def qr_image(request: HttpRequest, token: str, index: int) -> HttpResponse:
    """The code as a picture, to be saved and opened in a bank app on the same phone."""
    view, _count = _sale(token, index)
    intent = view.intent
    if intent is None or not view.waiting_for_money:
        raise NotFound()
    picture = draw.card_png(intent.qr_payload, account_name=intent.account_name)
    return HttpResponse(
        picture,
        content_type="image/png",
        headers={"Content-Disposition": f'attachment; filename="vietqr-{intent.reference}.png"'},
    )


@require_http_methods(["POST"])
def cancel(request: HttpRequest, token: str, index: int) -> HttpResponse:
    """The buyer changed their mind: before paying, or before the seller took on an order in cash."""
    view, _count = _sale(token, index)
    try:
        ask_to_cancel(sale_id=view.sale.pk, reason=BY_BUYER, actor="buyer", unless_accepted=True)
    except MarketError as refusal:
        messages.error(request, str(refusal))
    return redirect("sale", token=token, index=index)
