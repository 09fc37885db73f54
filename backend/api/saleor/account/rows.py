"""People and programs as the dialect shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q

from backend.accounts.models import User
from backend.api.saleor.addresses import AddressRow, address_row
from backend.api.saleor.context import Context, Requestor, requestor_of_user
from backend.api.saleor.ids import to_global
from backend.api.saleor.keys import global_key
from backend.commerce.naming import address_names
from backend.common import clock
from backend.engine import details
from backend.sales.queries import orders_of

MOST_ADDRESSES = 5
"""Addresses of earlier orders that are offered again; the market keeps no address book beside them."""


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person, as they themselves and who serves them may see them."""

    GUARD: ClassVar = ("MANAGE_USERS",)

    pk: int | None
    email: str
    first_name: str
    last_name: str
    is_staff: bool
    date_joined: datetime
    last_login: datetime | None = None
    is_active: bool = True
    is_confirmed: bool = True
    language_code: str = "VI"
    avatar: None = None
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return to_global("User", self.pk) if self.pk is not None else ""

    @classmethod
    def nobody(cls, email: str, name: str) -> UserRow:
        """What signing up answers: nothing but what was typed."""
        names = address_names(name)
        return cls(None, email, names["firstName"], names["lastName"], False, clock.now(), is_confirmed=False)


def user_row(user: User, *, is_staff: bool | None = None) -> UserRow:
    """The row of a person. One query unless it is known whether they are staff."""
    names = address_names(user.name)
    return UserRow(
        user.pk,
        # Saleor knows people by an address; who signed up by phone is known by the number.
        user.email or user.phone or "",
        names["firstName"],
        names["lastName"],
        requestor_of_user(user).is_staff if is_staff is None else is_staff,
        user.date_joined,
        user.last_login,
    )


def orders_of_person(pk: int) -> Q:
    """The orders that somebody placed while signed in, here or on the market's pages."""
    return Q(user_ref=str(pk)) | Q(key__in=orders_of(pk))


def addresses_of(context: Context, pk: int) -> list[AddressRow]:
    """The addresses of a person's latest orders, newest first, each once. Read once per request."""
    return list(context.loader(_load_addresses).get(pk) or [])


def _load_addresses(context: Context, pks: list[int]) -> dict[int, list[AddressRow]]:
    return {pk: _addresses(pk) for pk in pks}


def _addresses(pk: int) -> list[AddressRow]:
    found: dict[tuple[Any, ...], AddressRow] = {}
    latest = details.orders_page(
        orders_of_person(pk), sort="number", descending=True, after=None, backward=False, limit=20
    )
    for order in latest:
        row = address_row(order, "shipping", masked=False)
        if row is not None:
            found.setdefault(row.written(), row)
    return list(found.values())[:MOST_ADDRESSES]


def checkout_ids_of(pk: int) -> list[str]:
    """The open checkouts of a person."""
    return [global_key("Checkout", each) for each in details.open_checkouts_of(str(pk))]


@dataclass(frozen=True, slots=True)
class PermissionRow:
    code: str

    @property
    def name(self) -> str:
        return self.code.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class AppRow:
    """The App that asks."""

    GUARD: ClassVar = ("MANAGE_APPS",)

    pk: str
    name: str
    permissions: list[PermissionRow]
    identifier: str = ""
    is_active: bool = True
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return to_global("App", self.pk)


def app_row(requestor: Requestor) -> AppRow:
    """The row of the App that asks."""
    return AppRow(
        requestor.app_id, requestor.app, [PermissionRow(each) for each in sorted(requestor.permissions)]
    )
