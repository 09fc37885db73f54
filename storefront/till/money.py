"""Money that came to a stall and names no charge."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.access import actor_of
from backend.common import clock
from backend.markets.access import access_stall
from backend.markets.queries import charges_today, notes_of
from payments.intents.values import Intent
from storefront import money


def _names(intents: Sequence[Intent]) -> dict[str, str]:
    notes = notes_of([each.subject for each in intents])
    named = {}
    for each in intents:
        opened = clock.local(each.opened_at)
        name = _("Thu lúc %(hour)s") % {"hour": opened.strftime("%H:%M")}
        if opened.date() != clock.today():
            name += f" {opened:%d/%m}"
        named[each.id] = f"{name} · {notes[each.subject]}" if each.subject in notes else name
    return named


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def unclear(request: HttpRequest, stall_id: int) -> HttpResponse:
    """The list, and its two buttons: of this charge; not of it after all."""
    stall = access_stall(request.user, stall_id)
    if request.method == "POST":
        money.act(request, owner=stall.owner, actor=actor_of(request.user), names=_names)
        return redirect("till-money", stall_id=stall.pk)
    context = {
        "stall": stall,
        "tab": "money",
        "today": charges_today(stall.pk),
        **money.page_for(request, owner=stall.owner, names=_names),
    }
    return render(request, "till/money.html", context)
