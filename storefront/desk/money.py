"""Money that came to a seller and names no order."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.access import access_seller, actor_of
from backend.sales.queries import names_of, waiting_for_seller
from payments.intents.values import Intent
from storefront import money


def _names(intents: Sequence[Intent]) -> dict[str, str]:
    sales = names_of([each.subject for each in intents])
    return {
        each.id: _("Đơn %(number)s · %(name)s")
        % {"number": sales[each.subject][0], "name": sales[each.subject][1]}
        for each in intents
        if each.subject in sales
    }


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def unclear(request: HttpRequest, seller_id: int) -> HttpResponse:
    """The list, and its two buttons: of this order; not of it after all."""
    seller = access_seller(request.user, seller_id)
    if request.method == "POST":
        money.act(request, owner=seller.owner, actor=actor_of(request.user), names=_names)
        return redirect("desk-money", seller_id=seller.pk)
    context = {
        "seller": seller,
        "tab": "money",
        "waiting": waiting_for_seller(seller.pk),
        **money.page_for(request, owner=seller.owner, names=_names),
    }
    return render(request, "desk/money.html", context)
