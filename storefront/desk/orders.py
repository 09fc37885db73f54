"""The seller's orders: what waits for a hand comes first."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from backend.accounts.access import access_seller, actor_of, sellers_of
from backend.common.errors import MarketError, NotFound
from backend.common.money import Money
from backend.sales.access import access_sale
from backend.sales.queries import desk_sales, view_of, waiting_for_seller
from backend.sales.refunds import note_refunded
from backend.sales.services import accept, ask_to_cancel, hand_over
from payments.intents.services import confirm_by_hand
from payments.payees.queries import payee_for
from storefront.fields import whole_number
from storefront.live.views import ticket
from storefront.money import news_for


@login_required
@require_GET
def entrance(request: HttpRequest) -> HttpResponse:
    """To the desk of the person's own seller; with several, the first granted."""
    sellers = sellers_of(request.user)
    if not sellers:
        raise NotFound()
    return redirect("desk-orders", seller_id=sellers[0].pk)


@login_required
@never_cache
@require_GET
def orders(request: HttpRequest, seller_id: int) -> HttpResponse:
    """Orders, newest first, those that wait for the seller marked; changes by itself when one comes."""
    seller = access_seller(request.user, seller_id)
    number = request.GET.get("trang", "1")
    page = whole_number(number, digits=4) or 1
    views, more = desk_sales(seller.pk, page=page)
    payee = payee_for(seller.owner)
    context = {
        "seller": seller,
        "tab": "orders",
        "unclear": news_for(seller.owner),
        "has_feed": payee is not None and payee.has_feed,
        "views": views,
        "page": page,
        "more": more,
        "waiting": waiting_for_seller(seller.pk),
        "sellers": sellers_of(request.user),
        "live": ticket([seller.owner]),
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "desk/_orders.html" if part else "desk/orders.html", context)


@login_required
@never_cache
@require_GET
def order(request: HttpRequest, sale_id: str) -> HttpResponse:
    """One order: what was ordered, who gets it, what to do next."""
    sale = access_sale(request.user, sale_id)
    view = view_of(sale)
    payee = payee_for(sale.seller.owner)
    channels = [f"order:{view.order.id}"] + ([f"intent:{view.intent.id}"] if view.intent else [])
    context = {
        "seller": sale.seller,
        "tab": "orders",
        "view": view,
        "sale": sale,
        "order": view.order,
        "intent": view.intent,
        "unclear": news_for(sale.seller.owner) if view.waiting_for_money else 0,
        "by_hand": bool(payee and not payee.has_feed and view.waiting_for_money),
        "waiting": waiting_for_seller(sale.seller_id),
        "live": ticket(channels),
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "desk/_order.html" if part else "desk/order.html", context)


@login_required
@require_POST
def act(request: HttpRequest, sale_id: str, verb: str) -> HttpResponse:
    """One button: accept, hand over, cancel, or (without a bank feed) money seen by the seller's own eyes."""
    sale = access_sale(request.user, sale_id)
    actor = actor_of(request.user)
    try:
        if verb == "nhan":
            accept(sale=sale, actor=actor)
            messages.success(request, _("Đã nhận đơn. Người mua thấy ngay."))
        elif verb == "giao":
            hand_over(sale=sale, actor=actor)
            messages.success(request, _("Đã ghi là giao xong."))
        elif verb == "huy":
            ask_to_cancel(sale_id=sale.pk, reason="by_seller", actor=actor)
            messages.success(request, _("Đã hủy đơn, hàng đã trở lại kệ."))
        elif verb == "tien":
            view = view_of(sale)
            payee = payee_for(sale.seller.owner)
            if view.intent is None or payee is None or payee.has_feed:
                raise NotFound()
            # What stood on the seller's screen, not what is missing now: a form left open confirms nothing new.
            amount = Money(whole_number(request.POST.get("amount", ""), digits=12) or 0)
            confirm_by_hand(intent_id=view.intent.id, amount=amount, actor=actor)
            messages.success(request, _("Đã ghi là nhận đủ tiền (tự xác nhận)."))
        elif verb == "tra-lai":
            # As above: what stood on the screen.
            amount = Money(whole_number(request.POST.get("amount", ""), digits=12) or 0)
            if note_refunded(sale_id=sale.pk, amount=amount, actor=actor):
                messages.success(request, _("Đã ghi là bạn đã trả lại tiền."))
        else:
            raise NotFound()
    except NotFound:
        raise
    except MarketError as refusal:
        messages.error(request, str(refusal))
    return redirect("desk-order", sale_id=sale.pk)
