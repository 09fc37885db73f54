"""Ordering."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from backend.accounts.access import user_of
from backend.commerce.errors import PriceChanged, ShopError, ShopUnavailable
from backend.common.errors import MarketError
from backend.common.ids import new_token
from backend.common.networks import network_of
from backend.sales.basket import look_at
from backend.sales.errors import TooManyOpenOrders
from backend.sales.queries import find_finished_purchase, find_waiting_purchase
from backend.sales.services import place_purchase
from storefront.shop.basket import contents, keep
from storefront.shop.forms import CheckoutForm


@require_http_methods(["GET", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """The one page between basket and order. What was typed stays, whatever is refused."""
    if request.method == "POST":
        # The same form again (a second press, a reload): the purchase of the first time, though the basket is empty now.
        again = find_finished_purchase(request.POST.get("key", ""))
        if again is not None:
            return redirect("purchase", token=again.token)
    basket = look_at(contents(request))
    if not basket.ready:
        return redirect("basket")
    if request.method == "GET":
        initial = {}
        known = user_of(request.user)
        if known is not None:
            initial = {"name": known.name, "phone": known.phone, "email": known.email}
        return _page(request, CheckoutForm(basket, initial=initial))
    form = CheckoutForm(basket, data=request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        purchase = place_purchase(
            key=form.cleaned_data["key"],
            buyer=form.buyer(),
            choices=form.choices(),
            user=user_of(request.user),
            language=request.LANGUAGE_CODE or "vi",
            visitor=network_of(request),
        )
    except MarketError as refusal:
        waiting = find_waiting_purchase(form.cleaned_data["key"])
        if isinstance(refusal, ShopUnavailable) and waiting is not None:
            # It is written down and goes on being placed under its own keys: a second form would order it twice.
            keep(request, {})
            return redirect("purchase", token=waiting.token)
        # A new key and today's prices and stock; everything that was typed is still there.
        renewed = request.POST.copy()
        renewed["key"] = new_token(32)
        basket = look_at(contents(request))
        for part in basket.parts:
            renewed[f"total_{part.seller.pk}"] = str(part.subtotal.amount)
        again_form = CheckoutForm(basket, data=renewed)
        again_form.is_valid()
        status = refusal.status if isinstance(refusal, ShopError | PriceChanged | TooManyOpenOrders) else 422
        return _page(request, again_form, refusal=refusal, status=status)
    keep(request, {})
    return redirect("purchase", token=purchase.token)


def _page(
    request: HttpRequest, form: CheckoutForm, *, refusal: MarketError | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "basket": form.basket, "parts": form.parts, "refusal": refusal}
    return render(request, "shop/checkout.html", context, status=status)
