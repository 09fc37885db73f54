"""Who may act where: the helpers that every page and every door asks. Deny by default."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import Membership, Seller, User
from backend.common.errors import NotFound

__all__ = ["Person", "Seller", "User", "access_seller", "has_role", "scope_ids", "sellers_of"]

Person = User | AnonymousUser
"""Whoever asks, signed in or not."""


def has_role(person: Person, scope: str, scope_id: str | int, roles: Iterable[str]) -> bool:
    """Whether ``person`` holds one of ``roles`` within exactly this scope, now."""
    if not person.is_authenticated or not person.is_active:
        return False
    return Membership.objects.filter(
        user_id=person.pk, scope=scope, scope_id=str(scope_id), role__in=list(roles), ended_at__isnull=True
    ).exists()


def scope_ids(person: Person, scope: str, roles: Iterable[str]) -> list[str]:
    """The ids of the scopes in which ``person`` holds one of ``roles``, oldest first."""
    if not person.is_authenticated or not person.is_active:
        return []
    rows = Membership.objects.filter(
        user_id=person.pk, scope=scope, role__in=list(roles), ended_at__isnull=True
    )
    return list(dict.fromkeys(rows.order_by("granted_at", "pk").values_list("scope_id", flat=True)))


def access_seller(person: Person, seller_id: int) -> Seller:
    """The seller whose desk ``person`` may use: its own staff, or a helper for it.

    Raises NotFound to everybody else, so that a stranger does not even learn that it exists.
    """
    if not has_role(
        person, Membership.Scope.SELLER, seller_id, [Membership.Role.FARMER, Membership.Role.HELPER]
    ):
        raise NotFound()
    seller = Seller.objects.select_related("commune__province").filter(pk=seller_id, active=True).first()
    if seller is None:
        raise NotFound()
    return seller


def sellers_of(person: Person) -> list[Seller]:
    """The sellers whose desk ``person`` may use, the first granted first."""
    ids = scope_ids(person, Membership.Scope.SELLER, [Membership.Role.FARMER, Membership.Role.HELPER])
    by_id = {
        str(s.pk): s
        for s in Seller.objects.select_related("commune__province").filter(pk__in=ids, active=True)
    }
    return [by_id[i] for i in ids if i in by_id]


def user_of(person: Person) -> User | None:
    """The signed-in person, or None for a visitor."""
    return person if isinstance(person, User) and person.is_active else None


def actor_of(person: Person) -> str:
    """How the audit log names ``person``. Raises NotFound for a visitor: nobody acts without a name."""
    if not isinstance(person, User):
        raise NotFound()
    return person.actor


def has_stopped(seller_id: str) -> bool:
    """Whether this seller sells no more. Sellers that the market does not know have not stopped. One query."""
    return seller_id.isdecimal() and Seller.objects.filter(pk=int(seller_id), active=False).exists()


def find_active_seller(seller_id: int) -> Seller | None:
    """The seller as anybody may see it, or None when there is none or it has stopped selling."""
    return Seller.objects.select_related("commune__province").filter(pk=seller_id, active=True).first()
