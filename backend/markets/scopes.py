"""Markets and stalls as places where people hold roles."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backend.accounts import scopes
from backend.accounts.models import Membership
from backend.accounts.scopes import ScopeInfo
from backend.common.errors import NotFound
from backend.markets.models import Market, Stall


def register() -> None:
    """Tell the accounts room what a market and a stall are called and where they stand."""
    scopes.register(Membership.Scope.MARKET, _describe_market)
    scopes.register(Membership.Scope.STALL, _describe_stall)


def _describe_market(scope_id: str) -> ScopeInfo:
    market = Market.objects.filter(pk=scope_id).first() if scope_id.isdecimal() else None
    if market is None:
        raise NotFound()
    return ScopeInfo(market.name, (Membership.Scope.COMMUNE, market.commune_id))


def _describe_stall(scope_id: str) -> ScopeInfo:
    stall = (
        Stall.objects.select_related("market").filter(pk=scope_id).first() if scope_id.isdecimal() else None
    )
    if stall is None:
        raise NotFound()
    name = _("Sạp %(code)s, %(market)s") % {"code": stall.code, "market": stall.market}
    return ScopeInfo(name, (Membership.Scope.MARKET, str(stall.market_id)))
