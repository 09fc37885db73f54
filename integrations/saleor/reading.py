"""What the port reads, each in one request."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

from backend.commerce import naming
from backend.commerce.values import Category, Checkout, CheckoutLine, Order, Page, Product, Variant
from backend.common import clock
from integrations.saleor import decode, snapshots
from integrations.saleor.answers import MOST_AT_ONCE, ids_of, is_id
from integrations.saleor.client import Client

MISS_S: Final = 60.0
"""How long goods that Saleor did not have are not asked for again."""
MOST_ASKED: Final = 30
"""Addresses that nobody has seen, asked for in MISS_S by one process."""


def categories(client: Client) -> tuple[Category, ...]:
    """All categories, every parent before its branches, in the order of the decision."""
    nodes: list[Mapping[str, Any]] = []
    after = None
    while True:
        page = client.run("categories", {"first": MOST_AT_ONCE, "after": after})["categories"]
        nodes += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    def place(node: Mapping[str, Any]) -> int:
        position = decode.metadata_of(node).get(naming.POSITION, "")
        return int(position) if position.isdigit() else 10_000

    ours = [node for node in nodes if naming.POSITION in decode.metadata_of(node)]
    return tuple(decode.to_category(node) for node in sorted(ours, key=place))


class Unknown:
    """Addresses of goods that nobody has seen. Strangers can make up any number of them, so each is asked for once in a
    while, and all of them together not often: then what the market knows is the answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._missed: dict[str, float] = {}
        self._asked: deque[float] = deque()

    def may_ask(self, slug: str) -> bool:
        now = time.monotonic()
        with self._lock:
            if self._missed.get(slug, 0.0) > now:
                return False
            while self._asked and self._asked[0] <= now - MISS_S:
                self._asked.popleft()
            if len(self._asked) >= MOST_ASKED:
                return False
            self._asked.append(now)
            return True

    def missed(self, slug: str) -> None:
        with self._lock:
            if len(self._missed) > MOST_ASKED * 2:
                self._missed.clear()
            self._missed[slug] = time.monotonic() + MISS_S


def find_product(client: Client, *, slug: str, unknown: Unknown) -> Product | None:
    """As last seen, which is as of the last change that anybody told of; Saleor is asked only for what never was, and
    only now and then."""
    node = snapshots.find(slug)
    if node is None and unknown.may_ask(slug):
        read_at = clock.now()
        node = client.run("product", {"slug": slug})["product"]
        if node:
            snapshots.keep({node["id"]: node}, asked=[node["id"]], read_at=read_at)
        else:
            unknown.missed(slug)
    return decode.to_product(node) if node else None


def products(client: Client, ids: Sequence[str]) -> dict[str, Product]:
    wanted = ids_of(ids, "Product")
    if not wanted:
        return {}
    read_at = clock.now()
    page = client.run("products", {"where": {"ids": wanted}, "first": len(wanted)})["products"]
    nodes = {edge["node"]["id"]: edge["node"] for edge in page["edges"]}
    snapshots.keep(nodes, asked=wanted, read_at=read_at)
    found = {pk: decode.to_product(node) for pk, node in nodes.items()}
    return {each: found[each] for each in ids if each in found}


def products_page(client: Client, *, after: str | None, limit: int, seller_id: str | None) -> Page[Product]:
    limit = max(1, min(limit, MOST_AT_ONCE))
    where: dict[str, Any] = {
        "metadata": [{"key": naming.SELLER, **({"value": seller_id} if seller_id else {})}]
    }
    read_at = clock.now()
    page = client.run("products", {"where": where, "first": limit, "after": after})["products"]
    nodes = {edge["node"]["id"]: edge["node"] for edge in page["edges"]}
    snapshots.keep(nodes, asked=nodes, read_at=read_at)
    more = page["pageInfo"]["hasNextPage"]
    return Page(
        tuple(decode.to_product(edge["node"]) for edge in page["edges"]),
        page["pageInfo"]["endCursor"] if more else None,
    )


def variant_nodes(client: Client, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Variants as Saleor gives them, with the product of each."""
    wanted = ids_of(ids, "ProductVariant")
    if not wanted:
        return {}
    page = client.run("variants", {"ids": wanted, "first": len(wanted)})["productVariants"]
    return {edge["node"]["id"]: edge["node"] for edge in page["edges"]}


def variants(client: Client, ids: Sequence[str]) -> dict[str, Variant]:
    nodes = variant_nodes(client, ids)
    return {
        each: decode.to_variant(nodes[each])
        for each in ids
        if each in nodes and decode.is_offered(nodes[each])
    }


def find_checkout(client: Client, checkout_id: str) -> Checkout | None:
    if not is_id(checkout_id, "Checkout"):
        return None
    node = client.run("checkout", {"id": checkout_id})["checkout"]
    return decode.to_checkout(node) if node else None


def find_order(client: Client, order_id: str) -> Order | None:
    if not is_id(order_id, "Order"):
        return None
    node = client.run("order", {"id": order_id})["order"]
    return decode.to_order(node) if node else None


def find_order_of(client: Client, checkout_id: str) -> Order | None:
    """The order that a checkout became."""
    where = {"checkoutId": {"eq": checkout_id}}
    edges = client.run("orders", {"where": where, "first": 1})["orders"]["edges"]
    return decode.to_order(edges[0]["node"]) if edges else None


def placed_checkout(client: Client, checkout_id: str) -> Checkout | None:
    """A checkout that has become an order, as it was; Saleor itself forgets it then. Prices are those of the order."""
    order = find_order_of(client, checkout_id)
    if order is None:
        return None
    now = variants(client, [line.variant_id for line in order.lines])
    lines = tuple(
        CheckoutLine(line.id, now[line.variant_id], line.product_name, line.quantity, line.total)
        for line in order.lines
        if line.variant_id in now
    )
    return Checkout(checkout_id, order.seller_id, lines, order.subtotal, order.delivery.price, order.total)


def orders(client: Client, ids: Sequence[str]) -> dict[str, Order]:
    if len(ids) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} ids at once")
    wanted = ids_of(ids, "Order")
    if not wanted:
        return {}
    page = client.run("orders", {"where": {"ids": wanted}, "first": len(wanted)})["orders"]
    found = {edge["node"]["id"]: decode.to_order(edge["node"]) for edge in page["edges"]}
    return {each: found[each] for each in ids if each in found}


def orders_page(client: Client, *, seller_id: str, after: str | None, limit: int) -> Page[Order]:
    limit = max(1, min(limit, MOST_AT_ONCE))
    where = {"metadata": {"key": naming.SELLER, "value": {"eq": seller_id}}}
    page = client.run("orders", {"where": where, "first": limit, "after": after})["orders"]
    more = page["pageInfo"]["hasNextPage"]
    return Page(
        tuple(decode.to_order(edge["node"]) for edge in page["edges"]),
        page["pageInfo"]["endCursor"] if more else None,
    )
