"""What a change of engine means for sales: orders have new ids, and the market's own accounts stay its own.

A payment belongs to a sale and not to an order, so money that arrives later finds the order by its sale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from django.db.models import QuerySet

from backend.accounts.errors import BadPhone, EmailTaken
from backend.accounts.models import User
from backend.accounts.services import create_person
from backend.commerce.moving import Customer, Refusal
from backend.commerce.values import Address
from backend.common import audit
from backend.sales.models import Purchase, Sale

ACTOR: Final = "system:moving"
AT_ONCE: Final = 200
MOST_ADDRESSES: Final = 5
"""Of a customer: those of their latest purchases; the market keeps no address book beside them."""


class MarketPeople:
    """The accounts of the market, as customers of a shop."""

    def customers(self) -> Iterator[Customer]:
        """Accounts with an e-mail address, in the order of their making. A phone number alone is no account elsewhere."""
        after = 0
        while True:
            page = list(_accounts().filter(pk__gt=after).order_by("pk")[:AT_ONCE])
            yield from _customers(page)
            if len(page) < AT_ONCE:
                return
            after = page[-1].pk

    def read_customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        """Those of ``ids`` that are here."""
        some = [int(each) for each in ids if each.isdigit()]
        return {each.id: each for each in _customers(list(_accounts().filter(pk__in=some)))}

    def put_customer(self, trace: str, customer: Customer, known: str) -> str:
        """An account without a password, unless there is one with this address: its own people know it better."""
        del trace
        email = customer.email.strip().lower()
        user = User.objects.filter(email=email).first()
        if user is not None:
            return str(user.pk)
        try:
            return str(_create(customer, email).pk)
        except EmailTaken as taken:
            raise Refusal(str(taken)) from taken


def _create(customer: Customer, email: str) -> User:
    def create(phone: str) -> User:
        return create_person(actor=ACTOR, name=customer.name[:120], password=None, email=email, phone=phone)

    try:
        return create(customer.phone)
    except BadPhone:
        return create("")


def without_address() -> int:
    """How many accounts have no e-mail address: they stay in the market alone."""
    return User.objects.filter(is_active=True, email=None).count()


def _accounts() -> QuerySet[User]:
    return User.objects.filter(is_active=True, email__isnull=False)


def _customers(page: Sequence[User]) -> list[Customer]:
    addresses: dict[int, dict[Address, None]] = {}
    bought = (
        Purchase.objects.filter(user__in=page).select_related("commune__province").order_by("-created_at")
    )
    for each in bought[: AT_ONCE * 20]:
        commune = each.commune
        found = addresses.setdefault(each.user_id or 0, {})
        if len(found) < MOST_ADDRESSES:
            found.setdefault(
                Address(
                    name=each.name,
                    phone=each.phone,
                    street=each.street,
                    commune_code=commune.code,
                    commune=str(commune),
                    province_code=commune.province_id,
                    province=str(commune.province),
                )
            )
    return [
        Customer(
            id=str(user.pk),
            email=user.email or "",
            name=user.name,
            phone=user.phone or "",
            addresses=tuple(addresses.get(user.pk, {})),
        )
        for user in page
    ]


def sold_orders(*, after: str = "", limit: int = AT_ONCE) -> list[tuple[str, str]]:
    """Sales that have an order, from the one behind ``after`` on: (id of the sale, id of the order)."""
    rows = Sale.objects.filter(pk__gt=after, order_id__isnull=False).order_by("pk")
    return [(pk, order_id or "") for pk, order_id in rows.values_list("pk", "order_id")[:limit]]


def has_sale(order_id: str) -> bool:
    """Whether somebody's desk shows this order."""
    return Sale.objects.filter(order_id=order_id).exists()


def follow_orders(orders: Mapping[str, tuple[str, int]]) -> int:
    """The sales of these orders belong to others from now on (old id to new id and number); return how many.

    Belongs inside the transaction of the switch. Who placed an order outside the market's pages follows, too.
    """
    moved = 0
    for old, (new, number) in orders.items():
        Purchase.objects.filter(key=f"order:{old}").update(key=f"order:{new}")
        for sale in Sale.objects.filter(order_id=old):
            Sale.objects.filter(pk=sale.pk).update(order_id=new, order_number=number)
            audit.record(ACTOR, "sales.moved", f"sale:{sale.pk}", was=sale.order_number, order=number)
            moved += 1
    return moved


def being_placed() -> int:
    """How many sales are between the market's row and the shop's answer: they are finished before anything moves."""
    return Sale.objects.filter(
        placed_at__isnull=True, failed_at__isnull=True, purchase__failed_at__isnull=True
    ).count()
