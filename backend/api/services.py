"""Letting programs in, and sending them away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from django.db import transaction

from backend.api.models import ApiApp
from backend.common import audit, clock
from backend.common.errors import Invalid
from backend.common.ids import new_token

TOKEN_LENGTH: Final = 40
PERMISSIONS: Final = frozenset(
    {
        "HANDLE_CHECKOUTS",
        "HANDLE_PAYMENTS",
        "MANAGE_CHANNELS",
        "MANAGE_CHECKOUTS",
        "MANAGE_ORDERS",
        "MANAGE_PRODUCTS",
        "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES",
        "MANAGE_SETTINGS",
        "MANAGE_SHIPPING",
        "MANAGE_USERS",
    }
)
"""What an App may be given here: the permissions that the dialect asks for."""


def create_app(
    *, actor: str, name: str, permissions: Iterable[str], identifier: str = ""
) -> tuple[ApiApp, str]:
    """A new App and its token, which is told this once. Raises Invalid for a permission that nothing asks for."""
    wanted = sorted(set(permissions))
    if not name.strip() or not PERMISSIONS.issuperset(wanted):
        raise Invalid()
    token = new_token(TOKEN_LENGTH)
    with transaction.atomic():
        app = ApiApp.objects.create(
            name=name.strip()[:120],
            identifier=identifier[:120],
            token_sha256=digest(token),
            permissions=wanted,
            created_at=clock.now(),
        )
        audit.record(actor, "api_app.created", f"app:{app.pk}", permissions=wanted)
    return app, token


def revoke_app(*, actor: str, app_id: int) -> bool:
    """The App's token opens nothing from now on. A repeat changes nothing, and is False."""
    with transaction.atomic():
        revoked = ApiApp.objects.filter(pk=app_id, revoked_at__isnull=True).update(revoked_at=clock.now())
        if revoked:
            audit.record(actor, "api_app.revoked", f"app:{app_id}")
    return bool(revoked)


def digest(token: str) -> str:
    """How a token is kept: it is random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_app(token: str) -> ApiApp | None:
    """The App of this token, unless it was sent away. One query."""
    if len(token) != TOKEN_LENGTH:
        return None
    return ApiApp.objects.filter(token_sha256=digest(token), revoked_at__isnull=True).first()
