"""What stands in both shops, written down after it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.utils.crypto import salted_hmac

from backend.common import clock
from integrations.saleor.models import Moved

EMBEDDED: Final = "embedded"
SALEOR: Final = "saleor"

PRODUCT: Final = "product"
VARIANT: Final = "variant"
PICTURE: Final = "picture"
ORDER: Final = "order"
CUSTOMER: Final = "customer"


def forget(api_url: str) -> None:
    """Believe nothing that was noted of this Saleor, which was emptied or restored since. What stands there all the same
    is found again by its references."""
    Moved.objects.filter(api_url=api_url).delete()


class Ledger:
    """The pairs of one Saleor and this market, seen from one side to the other."""

    def __init__(self, api_url: str, *, source: str, target: str) -> None:
        self.api_url, self.source, self.target = api_url, source, target
        self._mine, self._theirs = f"{source}_id", f"{target}_id"

    def trace(self, kind: str, source_id: str) -> str:
        """What stands for a thing of this market in a shop where others may read it: the same at every try, on every
        machine that has the market's key, and of no other market."""
        digest = salted_hmac("saleor.moving", f"{self.source}:{kind}:{source_id}", algorithm="sha256")
        return f"cho-{digest.hexdigest()[:32]}"

    def find(self, kind: str, source_id: str) -> Moved | None:
        """The pair of a thing of the source; also one that was only refused."""
        rows = Moved.objects.filter(api_url=self.api_url, kind=kind, **{self._mine: source_id})
        return rows.first()

    def target_id(self, kind: str, source_id: str) -> str:
        """The id over there, empty where it does not stand there yet."""
        row = self.find(kind, source_id)
        return str(getattr(row, self._theirs)) if row is not None else ""

    def targets(self, kind: str, source_ids: Iterable[str]) -> dict[str, str]:
        """As target_id, of many; those without one are left out."""
        wanted = list(source_ids)
        found: dict[str, str] = {}
        for start in range(0, len(wanted), 500):
            rows = Moved.objects.filter(
                api_url=self.api_url, kind=kind, **{f"{self._mine}__in": wanted[start : start + 500]}
            )
            pairs = rows.values_list(self._mine, self._theirs)
            found |= {mine: theirs for mine, theirs in pairs if theirs}
        return found

    def pairs(self, kind: str) -> dict[str, str]:
        """All pairs of a kind: id here to id there."""
        rows = Moved.objects.filter(api_url=self.api_url, kind=kind).order_by("pk")
        return {
            mine: theirs for mine, theirs in rows.values_list(self._mine, self._theirs) if mine and theirs
        }

    def keep(self, kind: str, source_id: str, target_id: str, digest: str = "") -> None:
        """It stands there. Whatever was noted of it before gives way."""
        fields = {"towards": self.target, "digest": digest, "state": "moved", "reason": "", "at": clock.now()}
        with transaction.atomic():
            # A thing over there that stood for something that is gone stands for this from now on.
            others = Moved.objects.filter(api_url=self.api_url, kind=kind, **{self._theirs: target_id})
            others.exclude(**{self._mine: source_id}).delete()
            self._put(kind, source_id, {self._theirs: target_id, **fields})

    def refuse(self, kind: str, source_id: str, reason: str) -> None:
        """It cannot be moved as it is. A pair that is known stays known."""
        fields = {"towards": self.target, "digest": "", "state": "refused", "reason": reason[:300]}
        self._put(kind, source_id, {**fields, "at": clock.now()})

    def _put(self, kind: str, source_id: str, fields: dict[str, Any]) -> None:
        named: dict[str, Any] = {"api_url": self.api_url, "kind": kind, self._mine: source_id}
        Moved.objects.update_or_create(defaults=fields, **named)

    def is_done(self, row: Moved | None, digest: str) -> bool:
        """Whether the thing was already moved this way as it is now."""
        return (
            row is not None
            and row.state == "moved"
            and row.towards == self.target
            and row.digest == digest
            and bool(getattr(row, self._theirs))
        )
