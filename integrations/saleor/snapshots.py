"""Products as Saleor last gave them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from integrations.saleor.models import Snapshot

FRESH: Final = timedelta(seconds=10)
"""What was seen unchanged is stamped anew when its stamp is older than this, so that a reading of before that loses."""


def keep(nodes: Mapping[str, Mapping[str, Any]], *, asked: Iterable[str], read_at: datetime) -> None:
    """Remember what a reading that began at ``read_at`` gave, and what it asked for in vain.

    Nothing is written when nothing has changed. An older reading never takes the place of a younger one, also of another
    process at the same moment: the database compares. What is gone keeps its row, empty, for the same reason.
    """
    asked = list(asked)
    known = {row.product_id: row for row in Snapshot.objects.filter(pk__in=asked)}
    new = [
        Snapshot(product_id=pk, slug=node["slug"], node=node, read_at=read_at)
        for pk, node in nodes.items()
        if pk not in known
    ]
    if new:
        Snapshot.objects.bulk_create(new, ignore_conflicts=True)
        # Somebody else may have been there first.
        known |= {row.product_id: row for row in Snapshot.objects.filter(pk__in=[row.pk for row in new])}
    same = [pk for pk, node in nodes.items() if pk in known and known[pk].node == node]
    for pk, node in nodes.items():
        if pk in known and pk not in same and known[pk].read_at <= read_at:
            older = Snapshot.objects.filter(pk=pk, read_at__lte=read_at)
            older.update(slug=node["slug"], node=node, read_at=read_at)
    same = [pk for pk in same if known[pk].read_at < read_at - FRESH]
    if same:
        Snapshot.objects.filter(pk__in=same, read_at__lt=read_at).update(read_at=read_at)
    gone = [pk for pk, row in known.items() if pk not in nodes and row.node and row.read_at <= read_at]
    if gone:
        Snapshot.objects.filter(pk__in=gone, read_at__lte=read_at).update(slug="", node={}, read_at=read_at)


def find(slug: str) -> dict[str, Any] | None:
    """The product of this address as it was last seen."""
    row = Snapshot.objects.filter(slug=slug).exclude(slug="").order_by("-read_at").first()
    return dict(row.node) if row else None
