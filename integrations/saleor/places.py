"""What stands around goods and orders in Saleor: the channel, the zone, a warehouse per seller, ways of delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from backend.commerce import naming
from backend.commerce.errors import ShopUnavailable
from backend.commerce.values import Delivery
from integrations.saleor import decode
from integrations.saleor.answers import errors_of, expect_none
from integrations.saleor.client import Client

ATTRIBUTES: Final = (naming.UNIT, *(naming.label_slug(field) for field in naming.LABEL_FIELDS))


@dataclass(frozen=True)
class Market:
    """The ids of what the set-up made."""

    channel_id: str
    product_type_id: str
    attributes: dict[str, str]


class Places:
    """Looked up once per process: what is here is made once and never changes its id."""

    def __init__(self, client: Client, *, zoned: bool = True) -> None:
        """``zoned``: warehouses and delivery methods stand in shipping zones. Our own GraphQL has none: every warehouse
        serves the one channel, and each checkout is offered what its seller offers."""
        self._client = client
        self.zoned = zoned
        self._zone_id = ""
        self._market: Market | None = None
        self._warehouses: dict[str, str] = {}
        self._placed: set[str] = set()

    @property
    def market(self) -> Market:
        """Raises ShopUnavailable for a Saleor that ``manage.py saleor_setup`` has not prepared."""
        if self._market is None:
            self._market = self._look()
        return self._market

    def _look(self) -> Market:
        wanted = {"types": [naming.PRODUCT_TYPE], "attributes": list(ATTRIBUTES), "first": len(ATTRIBUTES)}
        found = self._client.run("market", wanted)
        types = found["productTypes"]["edges"]
        attributes = {edge["node"]["slug"]: edge["node"]["id"] for edge in found["attributes"]["edges"]}
        if not (found["channel"] and types and set(attributes) == set(ATTRIBUTES)):
            raise ShopUnavailable()
        return Market(
            channel_id=found["channel"]["id"],
            product_type_id=types[0]["node"]["id"],
            attributes=attributes,
        )

    @property
    def zone_id(self) -> str:
        """The shipping zone of the channel. Raises ShopUnavailable where there is none."""
        if not self._zone_id:
            for edge in self._client.run("zones")["shippingZones"]["edges"]:
                if any(channel["slug"] == naming.CHANNEL for channel in edge["node"]["channels"]):
                    self._zone_id = edge["node"]["id"]
        if not self._zone_id:
            raise ShopUnavailable()
        return self._zone_id

    def find_warehouse(self, seller_id: str) -> str | None:
        """The warehouse of a seller who has one."""
        if seller_id not in self._warehouses:
            slug = naming.warehouse_slug(seller_id)
            page = self._client.run("warehouses", {"slugs": [slug], "first": 1})["warehouses"]
            for edge in page["edges"]:
                self._warehouses[seller_id] = edge["node"]["id"]
        return self._warehouses.get(seller_id)

    def warehouse(self, seller_id: str) -> str:
        """The warehouse of a seller, made when it is not there yet, and in the channel and the zone. May be repeated."""
        if seller_id not in self._placed:
            zone_id = self.zone_id if self.zoned else ""
            self.open_warehouse(seller_id, channel_id=self.market.channel_id, zone_id=zone_id)
        return self._warehouses[seller_id]

    def open_warehouse(self, seller_id: str, *, channel_id: str, zone_id: str) -> bool:
        """As warehouse, in a channel and a zone that the caller knows; whether it was made now."""
        known = self.find_warehouse(seller_id)
        made = None if known else self._make_warehouse(seller_id)
        if zone_id:
            # Also one that is there: whoever made it may have been killed at this point. What is placed stays so.
            where = {"channel": channel_id, "zone": zone_id, "warehouses": [known or made]}
            placed = self._client.run("warehouse_place", where, safe=True)
            expect_none(errors_of(placed), doing="placing a warehouse")
        self._placed.add(seller_id)
        return known is None

    def _make_warehouse(self, seller_id: str) -> str:
        answer = self._client.run(
            "warehouse_create",
            {
                "input": {
                    "slug": naming.warehouse_slug(seller_id),
                    "name": f"Người bán {seller_id}",
                    "address": {"country": naming.COUNTRY, "city": "Việt Nam", "streetAddress1": "–"},
                }
            },
        )["createWarehouse"]
        if answer["errors"]:
            # Somebody else has made it in this instant.
            known = self.find_warehouse(seller_id)
            if known is None:
                expect_none(answer["errors"], doing="a warehouse")
                raise ShopUnavailable()
            return known
        self._warehouses[seller_id] = answer["warehouse"]["id"]
        return self._warehouses[seller_id]

    # delivery

    def offer(self, delivery: Delivery) -> None:
        """Make a delivery method of Saleor's own for ``delivery``, unless there is one. One per way, name and price:
        a market has few of them, and no order waits for a webhook of ours."""
        if not self.zoned:
            return
        for zone in self._client.run("shipping_methods")["shippingZones"]["edges"]:
            for method in zone["node"]["shippingMethods"] or []:
                if _is_for(method, delivery):
                    return
        made = self._client.run(
            "shipping_method_create",
            {"input": {"name": delivery.name, "type": "PRICE", "shippingZone": self.zone_id}},
        )["shippingPriceCreate"]
        expect_none(made["errors"], doing="a delivery method")
        listed = self._client.run(
            "shipping_method_listing",
            {
                "id": made["shippingMethod"]["id"],
                "input": {
                    "addChannels": [{"channelId": self.market.channel_id, "price": delivery.price.amount}]
                },
                "metadata": [{"key": naming.DELIVERY, "value": delivery.method}],
            },
            safe=True,
        )
        expect_none(errors_of(listed), doing="the price of a delivery method")


def _is_for(method: dict[str, Any], delivery: Delivery) -> bool:
    listing = decode.in_channel(method)
    return (
        method["name"] == delivery.name
        and listing is not None
        and bool(listing["price"])
        and decode.money(listing["price"]) == delivery.price
    )
