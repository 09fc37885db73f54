"""What changes people's roles and who sells. Every act is audited; a refusal changes nothing."""

from __future__ import annotations

from typing import Final

from allauth.account.models import EmailAddress
from django.db import transaction

from backend.accounts import scopes
from backend.accounts.errors import (
    BadKind,
    BadName,
    BadPersonName,
    EmailTaken,
    LastAdmin,
    MayNotGrant,
    MayNotOpenSeller,
    RoleDoesNotFit,
    RoleNotHeld,
    SellerKnown,
)
from backend.accounts.models import Membership, Seller, User
from backend.accounts.phones import parse_phone
from backend.common import audit, clock
from backend.common.outbox import emit
from backend.common.text import fold, slugify, tidy
from backend.places.models import Commune

Role = Membership.Role
Scope = Membership.Scope

_ROLES_AT: Final = {
    Scope.COMMUNE: {Role.OFFICER, Role.HELPER, Role.ADMIN},
    Scope.MARKET: {Role.MANAGER},
    Scope.SELLER: {Role.FARMER, Role.HELPER},
    Scope.STALL: {Role.VENDOR, Role.HELPER},
}
_GRANTED_BY: Final = {
    Role.FARMER: {Role.FARMER, Role.OFFICER, Role.ADMIN},
    Role.VENDOR: {Role.MANAGER, Role.ADMIN},
    Role.MANAGER: {Role.ADMIN},
    Role.OFFICER: {Role.ADMIN},
    Role.ADMIN: {Role.ADMIN},
}
"""Who may grant and end a role: holders of one of these at the same place or above it."""
_HELPER_GRANTED_BY: Final = {
    # Helpers act for the person: that person asks for them, or the administrator; no officer puts one in.
    Scope.SELLER: {Role.FARMER, Role.ADMIN},
    Scope.STALL: {Role.VENDOR, Role.ADMIN},
    Scope.COMMUNE: {Role.OFFICER, Role.ADMIN},
}
_OPENS_SELLERS: Final = {Role.OFFICER, Role.HELPER, Role.ADMIN}
LONGEST_NAME: Final = 120
"""Of a person, as the account keeps it."""
_SYSTEM: Final = "system:"
SELLER_STOPPED: Final = "seller_stopped"
"""The event of a seller who sells no more."""
SELF: Final = "system:sign-up"
"""The actor of somebody who opens an account for themselves; the audit log names the new account."""

Actor = User | str
"""Who acts: a person, or a program of the market by its audit name ("system:open_market"), which may do
everything.
"""


def create_person(
    *,
    actor: Actor,
    name: str,
    password: str | None,
    phone: str = "",
    email: str = "",
    email_proved: bool = False,
) -> User:
    """A new account that signs in with ``phone`` (as people write it) or ``email``, at least one of them.

    The caller has checked the password's strength; with None nobody can sign in before an invitation is
    accepted. ``email_proved`` says that the caller knows the address to be this person's; otherwise signing in with
    it first asks for a code. A phone always starts unproved.
    Raises BadPhone, EmailTaken.
    """
    number = parse_phone(phone) if phone else None
    address = email.strip().lower() or None
    if address and (
        User.objects.filter(email=address).exists() or EmailAddress.objects.filter(email=address).exists()
    ):
        raise EmailTaken()
    with transaction.atomic():
        user = User.objects.create_user(password=password, email=address, phone=number, name=tidy(name))
        if address:
            EmailAddress.objects.create(user=user, email=address, primary=True, verified=email_proved)
        audit.record(user.actor if actor == SELF else _name_of(actor), "person_created", user.actor)
    return user


def check_new_seller(*, name: str, commune: Commune) -> None:
    """Raise SellerKnown when a seller of ``commune`` already has this name, however it is written."""
    wanted = fold(name)
    for seller in Seller.objects.filter(commune=commune, active=True):
        if fold(seller.name) == wanted:
            raise SellerKnown(name=seller.name, number=seller.pk)


def set_password(*, actor: Actor, user: User, password: str) -> None:
    """Give somebody a new password; their other devices must sign in anew. The caller checked its strength.

    For programs and for the person themselves. Raises MayNotGrant for everybody else.
    """
    if not _is_program(actor) and actor != user:
        raise MayNotGrant()
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        audit.record(_name_of(actor), "password_set", user.actor)


def set_name(*, actor: Actor, user: User, name: str) -> None:
    """Call somebody by this name from now on. For programs and for the person themselves.

    Raises BadPersonName, MayNotGrant.
    """
    if not _is_program(actor) and actor != user:
        raise MayNotGrant()
    name = tidy(name)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadPersonName()
    with transaction.atomic():
        user.name = name
        user.save(update_fields=["name"])
        audit.record(_name_of(actor), "name_set", user.actor)


def grant_role(*, actor: Actor, user: User, role: str, scope: str, scope_id: str | int) -> Membership:
    """Let ``user`` hold ``role`` at one place from now on; the membership that is there when they hold it
    already.

    Raises RoleDoesNotFit (no such role at such a place), NotFound (no such place) and MayNotGrant.
    """
    held_role, place, place_id = _check_place(role, scope, scope_id)
    with transaction.atomic():
        _check_may_grant(actor, held_role, place, place_id)
        membership, made = Membership.objects.get_or_create(
            user=user, role=held_role, scope=place, scope_id=place_id, ended_at=None
        )
        if made:
            audit.record(
                _name_of(actor), "role_granted", f"{place}:{place_id}", user=user.pk, role=str(held_role)
            )
    return membership


def end_role(*, actor: Actor, user: User, role: str, scope: str, scope_id: str | int) -> Membership:
    """End a role of ``user`` at one place; the row stays as history. Everybody may lay down their own.

    Raises RoleDoesNotFit, NotFound, MayNotGrant, RoleNotHeld, and LastAdmin: a commune is never left without
    one.
    """
    held_role, place, place_id = _check_place(role, scope, scope_id)
    with transaction.atomic():
        if actor != user:
            _check_may_grant(actor, held_role, place, place_id)
        here = Membership.objects.filter(role=held_role, scope=place, scope_id=place_id, ended_at=None)
        # Locked in one order, so that of two administrators who leave at once one is told to stay.
        held = list(here.order_by("pk").select_for_update())
        membership = next((one for one in held if one.user_id == user.pk), None)
        if membership is None:
            raise RoleNotHeld()
        if held_role == Role.ADMIN and len(held) == 1:
            raise LastAdmin()
        membership.ended_at = clock.now()
        membership.save(update_fields=["ended_at"])
        audit.record(_name_of(actor), "role_ended", f"{place}:{place_id}", user=user.pk, role=str(held_role))
    return membership


def create_seller(
    *,
    actor: Actor,
    name: str,
    kind: str,
    commune: Commune,
    phone: str,
    hamlet: str = "",
    street: str = "",
    email: str = "",
    about: str = "",
    registration_number: str = "",
    owner: User | None = None,
) -> Seller:
    """A new seller of ``commune``; ``owner``, when given, becomes its farmer.

    ``phone`` as people write it. The address part of its pages is made from its name and stays when the name
    changes. Raises BadName, BadKind, BadPhone, MayNotOpenSeller.
    """
    name = tidy(name)
    if not 2 <= len(name) <= 160:
        raise BadName()
    if kind not in Seller.Kind.values:
        raise BadKind()
    number = parse_phone(phone)
    with transaction.atomic():
        if not _holds(actor, _OPENS_SELLERS, [(Scope.COMMUNE, commune.pk)]):
            raise MayNotOpenSeller()
        seller = Seller.objects.create(
            slug=_free_slug(name),
            name=name,
            kind=kind,
            commune=commune,
            hamlet=tidy(hamlet),
            street=tidy(street),
            phone=number,
            email=email.strip().lower(),
            about=about.strip(),
            registration_number=tidy(registration_number),
        )
        audit.record(_name_of(actor), "seller_created", seller.owner, commune=commune.pk)
        if owner is not None:
            grant_role(
                actor="system:create_seller",
                user=owner,
                role=Role.FARMER,
                scope=Scope.SELLER,
                scope_id=seller.pk,
            )
    return seller


def stop_seller(*, actor: Actor, seller: Seller) -> bool:
    """``seller`` sells no more from now on: their pages and desk are closed, their goods leave the shop (SELLER_STOPPED).

    False when they had stopped before. Raises MayNotOpenSeller for who may not open sellers there either.
    """
    with transaction.atomic():
        if not _holds(actor, _OPENS_SELLERS, [(Scope.COMMUNE, seller.commune_id)]):
            raise MayNotOpenSeller()
        stopped = Seller.objects.filter(pk=seller.pk, active=True).update(active=False)
        if stopped:
            audit.record(_name_of(actor), "seller_stopped", seller.owner)
            emit(SELLER_STOPPED, seller.owner, {"seller_id": str(seller.pk)})
    return bool(stopped)


def may_grant(actor: Actor, *, role: str, scope: str, scope_id: str | int) -> bool:
    """Whether ``actor`` may grant and end this role there: for showing a button, never instead of the
    service.
    """
    held_role, place, place_id = _check_place(role, scope, scope_id)
    return _holds(actor, _granters(held_role, place), scopes.chain(place, place_id))


def _check_place(role: str, scope: str, scope_id: str | int) -> tuple[Membership.Role, Membership.Scope, str]:
    if scope not in Scope.values or role not in _ROLES_AT[Scope(scope)]:
        raise RoleDoesNotFit()
    return Role(role), Scope(scope), str(scope_id)


def _check_may_grant(actor: Actor, role: Membership.Role, scope: Membership.Scope, scope_id: str) -> None:
    places = scopes.chain(scope, scope_id)
    if not _holds(actor, _granters(role, scope), places):
        raise MayNotGrant()


def _granters(role: Membership.Role, scope: Membership.Scope) -> set[Membership.Role]:
    return _HELPER_GRANTED_BY[scope] if role == Role.HELPER else _GRANTED_BY[role]


def _holds(actor: Actor, roles: set[Membership.Role], places: list[scopes.Scope]) -> bool:
    """Whether the actor holds one of ``roles`` at one of ``places``. Programs of the market hold all."""
    if isinstance(actor, str):
        return _is_program(actor)
    if not actor.is_active:
        return False
    held = Membership.objects.filter(user=actor, role__in=roles, ended_at=None)
    return any(place in places for place in held.values_list("scope", "scope_id"))


def _is_program(actor: Actor) -> bool:
    """Whether a program of the market acts. Raises ValueError for a person's name instead of the person."""
    if isinstance(actor, str) and not actor.startswith(_SYSTEM):
        raise ValueError("A person acts as a User, so that what they may do can be asked.")
    return isinstance(actor, str)


def _name_of(actor: Actor) -> str:
    return actor if isinstance(actor, str) else actor.actor


def _free_slug(name: str) -> str:
    wanted = slugify(name) or "nguoi-ban"
    taken = set(Seller.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
