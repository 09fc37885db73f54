"""Who asks, and what is read once for the whole request."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from django.conf import settings
from django.http import HttpRequest

from backend.accounts.access import sellers_of
from backend.accounts.models import User
from backend.api.saleor.problems import PermissionDenied

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

STAFF_PERMISSIONS: Final = frozenset({"MANAGE_PRODUCTS", "MANAGE_ORDERS", "MANAGE_SHIPPING"})
"""What people of a seller's desk may do here, with the goods and orders of their sellers alone."""


@dataclass(frozen=True, slots=True)
class Requestor:
    """Anonymous, a person, or an App. ``reach``: the sellers whose goods and orders they may see as staff, None for
    all of them, which only an App has."""

    user: User | None = None
    app: str = ""
    app_id: str = ""
    permissions: frozenset[str] = frozenset()
    reach: frozenset[str] | None = frozenset()

    @property
    def is_staff(self) -> bool:
        """A person of a seller's desk."""
        return self.user is not None and bool(self.reach)

    @property
    def works_here(self) -> bool:
        """Staff or App: who sees what is off the shelf."""
        return bool(self.app) or self.is_staff

    @property
    def actor(self) -> str:
        """How the audit log names the requestor."""
        return f"app:{self.app_id}" if self.app else self.user.actor if self.user else "anonymous"

    def may(self, *permissions: str) -> bool:
        """Whether one of ``permissions`` is held."""
        return not self.permissions.isdisjoint(permissions)

    def reaches(self, seller_id: str) -> bool:
        """Whether the goods and orders of this seller are the requestor's to see as staff."""
        return self.works_here and (self.reach is None or seller_id in self.reach)


ANONYMOUS: Final = Requestor()


def require(info: Any, *permissions: str, seller_id: str | None = None) -> Requestor:
    """The requestor, who holds one of ``permissions`` (for ``seller_id`` when given). Raises PermissionDenied."""
    requestor: Requestor = info.context.requestor
    if not requestor.may(*permissions) or (seller_id is not None and not requestor.reaches(seller_id)):
        raise PermissionDenied(*permissions)
    return requestor


def require_worker(info: Any) -> Requestor:
    """The requestor, who is staff or an App. Raises PermissionDenied."""
    requestor: Requestor = info.context.requestor
    if not requestor.works_here:
        raise PermissionDenied("AUTHENTICATED_APP", "AUTHENTICATED_STAFF_USER")
    return requestor


def requestor_of_user(user: User) -> Requestor:
    """A signed-in person; staff when they have a seller's desk. One query."""
    reach = frozenset(str(seller.pk) for seller in sellers_of(user))
    return Requestor(user=user, permissions=STAFF_PERMISSIONS if reach else frozenset(), reach=reach)


class Loader(Generic[K, V]):
    """Rows by key, read together.

    Whoever resolves a list says ``want`` for everything that its members may be asked; the first ``get`` then reads
    all that is wanted at once. ``load`` is given the keys and returns what it found of them.
    """

    def __init__(self, load: Callable[[list[K]], dict[K, V]]) -> None:
        self._load = load
        self._wanted: dict[K, None] = {}
        self._found: dict[K, V | None] = {}

    def want(self, keys: Iterable[K]) -> None:
        """These will probably be asked for."""
        self._wanted.update(dict.fromkeys(keys))

    def get(self, key: K) -> V | None:
        """The row of ``key``, or None."""
        if key not in self._found:
            self._wanted[key] = None
            keys = [each for each in self._wanted if each not in self._found]
            self._wanted = {}
            found = self._load(keys)
            for each in keys:
                self._found[each] = found.get(each)
        return self._found[key]

    def put(self, key: K, value: V) -> None:
        """The row is already here."""
        self._found[key] = value

    def clear(self) -> None:
        """A change happened: read again."""
        self._found = {}


@dataclass
class Context:
    """``info.context`` of every resolver. Rooms keep their loaders under ``loader``."""

    request: HttpRequest
    requestor: Requestor = ANONYMOUS
    _kept: dict[Any, Any] = field(default_factory=dict)

    def loader(self, load: Callable[[Context, list[Any]], dict[Any, Any]]) -> Loader[Any, Any]:
        """The one loader of this request that reads by ``load``, a function of (context, keys)."""
        found = self._kept.get(load)
        if found is None:
            found = self._kept[load] = Loader(lambda keys: load(self, keys))
        return found

    def once(self, read: Callable[[], V]) -> V:
        """What ``read`` returns, asked once for the request."""
        if read not in self._kept:
            self._kept[read] = read()
        kept: V = self._kept[read]
        return kept

    def forget(self) -> None:
        """A change happened: whatever was read before is read again."""
        self._kept.clear()


def absolute(path: str) -> str:
    """The address of ``path`` as the world sees it; empty stays empty."""
    return f"{settings.PUBLIC_URL}{path}" if path.startswith("/") else path
