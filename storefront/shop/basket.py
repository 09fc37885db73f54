"""The basket: a few lines in the visitor's session, at today's prices."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backend.commerce import shop
from backend.sales.basket import MOST_LINES, MOST_PIECES, look_at
from storefront.fields import whole_number


def contents(request: HttpRequest) -> dict[str, int]:
    """``{variant id: pieces}`` of this visitor."""
    stored = request.session.get("basket")
    return dict(stored) if isinstance(stored, dict) else {}


def keep(request: HttpRequest, basket: dict[str, int]) -> None:
    """Remember the basket; an empty one is forgotten."""
    if basket:
        request.session["basket"] = basket
    else:
        request.session.pop("basket", None)


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The basket by seller, with in plain words how many orders and payments it will be."""
    return render(request, "shop/basket.html", {"basket": look_at(contents(request)), "most": MOST_PIECES})


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put pieces of a variant into the basket; never more than the seller has."""
    variant_id = request.POST.get("variant", "")[:64]
    pieces = whole_number(request.POST.get("quantity", "1"), digits=4) or 1
    variant = shop().variants([variant_id]).get(variant_id)
    basket = contents(request)
    if variant is None:
        messages.error(request, _("Món này không còn bán."))
        return redirect("home")
    if variant_id not in basket and len(basket) >= MOST_LINES:
        messages.error(request, _("Giỏ đã đầy. Xin đặt những món đang có trước."))
        return redirect("basket")
    wanted = basket.get(variant_id, 0) + pieces
    most = min(variant.available, MOST_PIECES)
    if most <= 0:
        messages.error(request, _("Món này vừa hết hàng."))
        return redirect("basket")
    basket[variant_id] = min(wanted, most)
    keep(request, basket)
    if wanted > most:
        messages.error(request, _("Chỉ còn %(most)s, nên giỏ có %(most)s.") % {"most": most})
    return redirect("basket")


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Set the pieces of one line: a number, ``+``, ``-`` or ``remove``."""
    variant_id = request.POST.get("variant", "")[:64]
    basket = contents(request)
    if variant_id in basket:
        step = request.POST.get("step", "")
        typed = whole_number(request.POST.get("quantity", ""), digits=4)
        now = basket[variant_id] if typed is None else typed
        after = {"+": now + 1, "-": now - 1, "remove": 0}.get(step, now)
        if after <= 0:
            basket.pop(variant_id)
        else:
            basket[variant_id] = min(after, MOST_PIECES)
        keep(request, basket)
    if request.headers.get("HX-Request") == "true":
        return render(request, "shop/_basket.html", {"basket": look_at(basket), "most": MOST_PIECES})
    return redirect("basket")
