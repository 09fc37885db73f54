"""A shop behind the port that stands for a Saleor's: it holds values, and can be down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from backend.commerce.values import Address, Category, Delivery, Order, OrderLine, Page, Product
from backend.common.money import vnd


class Down(Exception):
    """The shop does not answer."""


@dataclass
class RemoteShop:
    """Reads only. ``held`` is what it has; ``reads`` counts the calls."""

    held: dict[str, Order] = field(default_factory=dict)
    goods: dict[str, Product] = field(default_factory=dict)
    down: bool = False
    reads: int = 0

    def _ask(self) -> None:
        self.reads += 1
        if self.down:
            raise Down

    def categories(self) -> tuple[Category, ...]:
        self._ask()
        return (Category(id="c1", slug="rau-cu-qua", name="Rau, củ, quả"),)

    def find_order(self, order_id: str) -> Order | None:
        self._ask()
        return self.held.get(order_id)

    def orders(self, ids: Sequence[str]) -> dict[str, Order]:
        self._ask()
        return {key: self.held[key] for key in ids if key in self.held}

    def orders_page(self, *, seller_id: str, after: str | None = None, limit: int = 20) -> Page[Order]:
        self._ask()
        mine = sorted((o for o in self.held.values() if o.seller_id == seller_id), key=lambda o: -o.number)
        start = int(after or 0)
        more = str(start + limit) if len(mine) > start + limit else None
        return Page(tuple(mine[start : start + limit]), more)

    def products(self, ids: Sequence[str]) -> dict[str, Product]:
        self._ask()
        return {key: self.goods[key] for key in ids if key in self.goods}

    def products_page(
        self, *, after: str | None = None, limit: int = 100, seller_id: str | None = None
    ) -> Page[Product]:
        self._ask()
        some = [self.goods[key] for key in sorted(self.goods) if key > (after or "")]
        return Page(tuple(some[:limit]), some[limit - 1].id if len(some) > limit else None)

    def place(self, order: Order) -> Order:
        self.held[order.id] = order
        return order

    def change(self, order_id: str, **fields: Any) -> Order:
        return self.place(replace(self.held[order_id], **fields))


def new_order(order_id: str = "T3JkZXI6MQ==", *, seller_id: str, number: int = 21, **fields: Any) -> Order:
    """An unpaid order over 60 000 đồng of a guest in phường Vị Tân."""
    order = Order(
        id=order_id,
        number=number,
        seller_id=seller_id,
        status="unconfirmed",
        charge_status="none",
        lines=(OrderLine("l1", "v1", "p1", "Nấm linh chi", "túi 250 g", 1, 0, vnd(60_000), vnd(60_000)),),
        address=Address(
            "Trần Văn Nam", "+84900000006", "Ấp 3", "31333", "Phường Vị Tân", "92", "Thành phố Cần Thơ"
        ),
        email="",
        delivery=Delivery("pickup", "Tự đến lấy", vnd(0)),
        note="",
        subtotal=vnd(60_000),
        total=vnd(60_000),
        charged=vnd(0),
        created_at=datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
        metadata={},
    )
    return replace(order, **fields)
