"""Who is who, and what they do where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from allauth.account.models import EmailAddress

from backend.accounts import scopes
from backend.accounts.models import Membership, Seller, User
from backend.common.errors import NotFound
from backend.common.pages import Rows
from backend.common.text import fold

MOST_WORDS: Final = 8
"""Of a search; more narrows nothing that eight did not."""
MOST_OF_ONE_NUMBER: Final = 8
"""Accounts that one unproved number can sign in to; see ``people_with_phone``."""


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """One role of a person, with the name of the place where it holds."""

    role: str
    role_name: str
    scope: str
    scope_id: str
    scope_name: str


def roles_of(user: User) -> list[RoleHeld]:
    """The roles that ``user`` holds now, the first granted first. A place that is gone is left out."""
    held = []
    for membership in Membership.objects.filter(user=user, ended_at=None).order_by("granted_at", "pk"):
        try:
            name = scopes.describe(membership.scope, membership.scope_id).name
        except NotFound:
            continue
        held.append(
            RoleHeld(
                role=membership.role,
                role_name=str(Membership.Role(membership.role).label),
                scope=membership.scope,
                scope_id=membership.scope_id,
                scope_name=name,
            )
        )
    return held


def find_proved(*, phone: str = "", email: str = "") -> User | None:
    """The person who has proved this number (E.164) or address to be theirs. What was merely typed is nobody's."""
    if phone:
        return User.objects.filter(phone=phone, phone_verified_at__isnull=False).first()
    proved = EmailAddress.objects.filter(email=email.lower(), verified=True).values("user")
    return User.objects.filter(pk__in=proved, email=email.lower()).first()


def people_with_phone(phone: str) -> list[User]:
    """Those who may sign in with this number (E.164), who proved it first, then the oldest.

    Several may have typed one number, since an unproved one excludes nobody (models.User). At most
    MOST_OF_ONE_NUMBER are asked for their password, so that a sign-in has a bounded cost.
    """
    people = User.objects.filter(phone=phone)
    proved = list(people.filter(phone_verified_at__isnull=False))
    return (proved + list(people.filter(phone_verified_at=None).order_by("pk")[:MOST_OF_ONE_NUMBER]))[
        :MOST_OF_ONE_NUMBER
    ]


def seller_ids() -> list[int]:
    """The ids of all sellers, in the order of their coming."""
    return list(Seller.objects.order_by("pk").values_list("pk", flat=True))


def sellers(*, commune_code: str = "", text: str = "") -> Rows[Seller]:
    """Who sells here now, as anybody may see them; ``text`` is looked for in the name's address part, without marks."""
    rows = Seller.objects.select_related("commune__province").filter(active=True)
    if commune_code:
        rows = rows.filter(commune_id=commune_code)
    for word in fold(text).split()[:MOST_WORDS]:
        rows = rows.filter(slug__contains=word)
    return Rows(rows)


def find_seller_by_slug(slug: str) -> Seller | None:
    """The seller at this address part, as anybody may see it."""
    return Seller.objects.select_related("commune__province").filter(slug=slug, active=True).first()
