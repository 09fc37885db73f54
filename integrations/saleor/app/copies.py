"""Orders copied on arrival and kept; what changed between two readings is what the market is told.

Saleor's webhooks come late, twice and out of order, so none of them is believed about an order: each only says that it
is to be read anew. From the difference between the last reading and this one follow the same events that the embedded
engine tells, each once, whatever was repeated, re-ordered or lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from backend.commerce import events
from backend.commerce.values import Address, Delivery, Order, OrderLine
from backend.common import clock
from backend.common.money import Money
from backend.common.outbox import emit
from integrations.saleor.app.models import OrderCopy

PAID: Final = frozenset({"full", "overcharged"})
TAKEN_ON: Final = frozenset({"unfulfilled", "partially fulfilled", "fulfilled"})
FINAL: Final = frozenset({"fulfilled", "canceled", "returned", "expired"})


def keep(orders: Iterable[Order], *, read_at: datetime) -> int:
    """Keep ``orders``, whose reading began at ``read_at``, and tell what is new; return how many had changed.

    Safe to repeat and to race: of two readings the one that began later stands.
    """
    return sum(_keep(order, read_at) for order in sorted(orders, key=lambda each: each.id))


def keep_quietly(orders: Iterable[Order], *, read_at: datetime) -> None:
    """Keep ``orders`` as they are and tell nobody: everybody knows them, they only stand elsewhere from now on."""
    for order in sorted(orders, key=lambda each: each.id):
        fields: dict[str, Any] = {
            "number": order.number,
            "seller_id": order.seller_id,
            "status": order.status,
            "charge_status": order.charge_status,
            "total_vnd": order.total.amount,
            "charged_vnd": order.charged.amount,
            "most_charged_vnd": order.charged.amount,
            "content": _plain(order),
            "ordered_at": order.created_at,
            "read_at": read_at,
        }
        first = {**fields, "first_read_at": read_at}
        OrderCopy.objects.update_or_create(order_id=order.id, defaults=fields, create_defaults=first)


def _keep(order: Order, read_at: datetime) -> bool:
    with transaction.atomic(durable=True):
        OrderCopy.objects.bulk_create(
            [OrderCopy(order_id=order.id, first_read_at=read_at, read_at=read_at)], ignore_conflicts=True
        )
        row = OrderCopy.objects.select_for_update().get(order_id=order.id)
        if row.status and row.read_at > read_at:
            return False
        content = _plain(order)
        changed: bool = row.content != content
        if changed:
            _tell(row, order)
        row.number, row.seller_id = order.number, order.seller_id
        row.status, row.charge_status = order.status, order.charge_status
        row.total_vnd, row.charged_vnd = order.total.amount, order.charged.amount
        row.most_charged_vnd = max(row.most_charged_vnd, order.charged.amount)
        row.content, row.ordered_at, row.read_at = content, order.created_at, read_at
        row.save()
    return changed


def _tell(before: OrderCopy, order: Order) -> None:
    """The embedded engine's events for the way from ``before`` to ``order``."""
    new = not before.status
    charged, most = order.charged.amount, before.most_charged_vnd
    about = {
        "order_id": order.id,
        "seller_id": order.seller_id,
        "number": order.number,
        "status": order.status,
        "charge_status": order.charge_status,
        "total_vnd": order.total.amount,
        "charged_vnd": order.charged.amount,
    }
    told: list[tuple[str, dict[str, Any]]] = []
    if new:
        told.append((events.ORDER_CREATED, {}))
    if charged > most:
        told.append((events.ORDER_PAID, {"amount_vnd": charged - most}))
        if order.charge_status in PAID and most < order.total.amount:
            told.append((events.ORDER_FULLY_PAID, {"amount_vnd": charged - most}))
    elif charged < before.charged_vnd:
        told.append((events.ORDER_REFUNDED, {"amount_vnd": before.charged_vnd - charged}))
    if order.status in TAKEN_ON and before.status not in TAKEN_ON:
        told.append((events.ORDER_CONFIRMED, {}))
    if order.status == "fulfilled" and before.status != "fulfilled":
        told.append((events.ORDER_FULFILLED, {}))
    freed = order.status == "canceled" and before.status != "canceled"
    if freed:
        told.append((events.ORDER_CANCELLED, {}))
    if not told:
        told.append((events.ORDER_UPDATED, {}))
    for name, more in told:
        emit(name, f"order:{order.id}", {**about, **more})
    if new != freed:
        # What can be ordered of these goods has changed; Saleor tells that only when a stock runs out.
        for product_id in sorted({line.product_id for line in order.lines if line.product_id}):
            emit(
                events.STOCK_UPDATED,
                f"product:{product_id}",
                {"product_id": product_id, "seller_id": order.seller_id},
            )


def was_read_since(order_id: str, moment: datetime) -> bool:
    """Whether a reading of this order that began after ``moment`` is kept already."""
    return OrderCopy.objects.filter(order_id=order_id, read_at__gt=moment).exclude(status="").exists()


def find_copy(order_id: str) -> Order | None:
    """The order as it was last read, for when its Saleor cannot be asked."""
    return find_copies([order_id]).get(order_id)


def find_copies(order_ids: Iterable[str]) -> dict[str, Order]:
    """As ``find_copy``, for many."""
    rows = OrderCopy.objects.filter(order_id__in=list(order_ids)).exclude(status="")
    return {row.order_id: _order(row.content) for row in rows}


def open_copies(*, before: datetime, limit: int) -> list[str]:
    """The orders that may still change and were last read before ``before``, the longest unread first."""
    rows = OrderCopy.objects.filter(read_at__lt=before).exclude(status__in=[*FINAL, ""])
    return list(rows.order_by("read_at").values_list("order_id", flat=True)[:limit])


def known_among(order_ids: Iterable[str]) -> set[str]:
    """Those of ``order_ids`` that are kept."""
    rows = OrderCopy.objects.filter(order_id__in=list(order_ids)).exclude(status="")
    return set(rows.values_list("order_id", flat=True))


def touch(order_ids: Iterable[str]) -> None:
    """Note that these were asked for just now and are not to be had, so that others have their turn."""
    OrderCopy.objects.filter(order_id__in=list(order_ids)).update(read_at=clock.now())


# --- an order as JSON -------------------------------------------------------------------------------------------------


def _plain(order: Order) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            if value.keys() == {"amount", "currency"}:
                return value["amount"]
            return {key: plain(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [plain(each) for each in value]
        return value.isoformat() if isinstance(value, datetime) else value

    fields = {name: getattr(order, name) for name in order.__slots__}
    fields["metadata"] = dict(order.metadata)
    for name in ("address", "delivery", "subtotal", "total", "charged"):
        fields[name] = asdict(fields[name])
    fields["lines"] = [asdict(line) for line in order.lines]
    result: dict[str, Any] = plain(fields)
    return result


def _order(content: dict[str, Any]) -> Order:
    delivery = content["delivery"]
    return Order(
        **{
            **content,
            "lines": tuple(
                OrderLine(**{**line, "unit_price": Money(line["unit_price"]), "total": Money(line["total"])})
                for line in content["lines"]
            ),
            "address": Address(**content["address"]),
            "delivery": Delivery(delivery["method"], delivery["name"], Money(delivery["price"])),
            "subtotal": Money(content["subtotal"]),
            "total": Money(content["total"]),
            "charged": Money(content["charged"]),
            "created_at": datetime.fromisoformat(content["created_at"]),
        }
    )
