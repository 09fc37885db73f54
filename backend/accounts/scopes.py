"""Where roles hold, and what stands above: a stall in its market, a market and a seller in their commune.

Rooms that keep places of their own tell here how to find their parent and name (in their AppConfig.ready), so
that this room imports none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from backend.accounts.models import Membership, Seller
from backend.common.errors import NotFound
from backend.places.queries import get_commune

Scope = tuple[str, str]
"""A kind of scope and the id of one of them: ("stall", "7")."""


@dataclass(frozen=True, slots=True)
class ScopeInfo:
    """The name that people know it by, and the scope it stands in."""

    name: str
    parent: Scope | None


Describe = Callable[[str], ScopeInfo]
"""Describes one scope by its id. Raises NotFound for an id that does not exist."""

_DEEPEST: Final = 4
_describe: dict[str, Describe] = {}


def register(scope: str, describe: Describe) -> None:
    """Tell how scopes of this kind are described; once per kind, when the apps are ready."""
    _describe[scope] = describe


def describe(scope: str, scope_id: str) -> ScopeInfo:
    """Name and parent of a scope. Raises NotFound when it, or its kind, does not exist."""
    try:
        return _describe[scope](scope_id)
    except KeyError:
        raise NotFound() from None


def chain(scope: str, scope_id: str) -> list[Scope]:
    """The scope itself and all it stands in, the nearest first. Raises NotFound."""
    found: list[Scope] = []
    here: Scope | None = (scope, scope_id)
    while here is not None and len(found) < _DEEPEST:
        found.append(here)
        here = describe(*here).parent
    return found


def _describe_commune(scope_id: str) -> ScopeInfo:
    return ScopeInfo(get_commune(scope_id).label, None)


def _describe_seller(scope_id: str) -> ScopeInfo:
    seller = Seller.objects.filter(pk=scope_id).first() if scope_id.isdecimal() else None
    if seller is None:
        raise NotFound()
    return ScopeInfo(seller.name, (Membership.Scope.COMMUNE, seller.commune_id))


def register_own() -> None:
    """The scopes that this room knows itself."""
    register(Membership.Scope.COMMUNE, _describe_commune)
    register(Membership.Scope.SELLER, _describe_seller)
