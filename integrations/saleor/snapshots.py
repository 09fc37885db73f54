"""Products as Saleor last gave them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from integrations.saleor.models import Snapshot


def keep(nodes: Mapping[str, Mapping[str, Any]], *, asked: Iterable[str], read_at: datetime) -> None:
    """Remember what a reading that began at ``read_at`` gave, and forget what it asked for in vain.

    Nothing is written when nothing has changed; an older reading never takes the place of a younger one.
    """
    asked = list(asked)
    known = {row.product_id: row for row in Snapshot.objects.filter(pk__in=asked)}
    fresh = [
        Snapshot(product_id=pk, slug=node["slug"], node=node, read_at=read_at)
        for pk, node in nodes.items()
        if pk not in known or (known[pk].node != node and known[pk].read_at <= read_at)
    ]
    if fresh:
        Snapshot.objects.bulk_create(
            fresh,
            update_conflicts=True,
            unique_fields=["product_id"],
            update_fields=["slug", "node", "read_at"],
        )
    gone = [pk for pk, row in known.items() if pk not in nodes and row.read_at <= read_at]
    if gone:
        Snapshot.objects.filter(pk__in=gone).delete()


def find(slug: str) -> dict[str, Any] | None:
    """The product of this address as it was last seen."""
    row = Snapshot.objects.filter(slug=slug).order_by("-read_at").first()
    return dict(row.node) if row else None
