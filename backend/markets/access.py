"""Who may act at which stall: its vendor and its helpers take money, the manager of its market reads."""

from __future__ import annotations

from backend.accounts.access import Person, has_role, scope_ids
from backend.accounts.models import Membership
from backend.common.errors import NotFound
from backend.markets.models import Charge, Market, Stall

TAKES_MONEY = (Membership.Role.VENDOR, Membership.Role.HELPER)


def access_stall(person: Person, stall_id: int) -> Stall:
    """The stall at whose till ``person`` may take money: its vendor's or a helper's of this very stall.

    Raises NotFound to everybody else, the market's manager included.
    """
    if not has_role(person, Membership.Scope.STALL, stall_id, TAKES_MONEY):
        raise NotFound()
    return _active(stall_id)


def read_stall(person: Person, stall_id: int) -> Stall:
    """The stall whose figures ``person`` may read: those who take money there, and managers of its market.

    Raises NotFound to everybody else.
    """
    if has_role(person, Membership.Scope.STALL, stall_id, TAKES_MONEY):
        return _active(stall_id)
    stall = _active(stall_id)
    if not has_role(person, Membership.Scope.MARKET, stall.market_id, [Membership.Role.MANAGER]):
        raise NotFound()
    return stall


def access_charge(person: Person, charge_id: str) -> Charge:
    """The charge that ``person`` may show to a buyer or void: one of a stall where they take money.

    Raises NotFound to everybody else.
    """
    charge = Charge.objects.select_related("stall__market").filter(pk=charge_id).first()
    if charge is None or not has_role(person, Membership.Scope.STALL, charge.stall_id, TAKES_MONEY):
        raise NotFound()
    return charge


def stalls_of(person: Person) -> list[Stall]:
    """The working stalls where ``person`` may take money, the first granted first."""
    ids = scope_ids(person, Membership.Scope.STALL, TAKES_MONEY)
    by_id = {
        str(s.pk): s for s in Stall.objects.select_related("market", "zone").filter(pk__in=ids, active=True)
    }
    return [by_id[i] for i in ids if i in by_id]


def markets_of(person: Person) -> list[Market]:
    """The markets whose figures ``person`` may read as their manager, the first granted first."""
    ids = scope_ids(person, Membership.Scope.MARKET, [Membership.Role.MANAGER])
    by_id = {str(m.pk): m for m in Market.objects.select_related("commune__province").filter(pk__in=ids)}
    return [by_id[i] for i in ids if i in by_id]


def _active(stall_id: int) -> Stall:
    stall = Stall.objects.select_related("market__commune", "zone").filter(pk=stall_id, active=True).first()
    if stall is None:
        raise NotFound()
    return stall
