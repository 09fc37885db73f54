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

    app_id: str
    channel_id: str
    zone_id: str
    product_type_id: str
    attributes: dict[str, str]


class Places:
    """Looked up once per process: what is here is made once and never changes its id."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._market: Market | None = None
        self._warehouses: dict[str, str] = {}

    @property
    def market(self) -> Market:
        """Raises ShopUnavailable for a Saleor that ``manage.py saleor_setup`` has not prepared."""
        if self._market is None:
            self._market = self._look()
        return self._market

    def _look(self) -> Market:
        wanted = {"types": [naming.PRODUCT_TYPE], "attributes": list(ATTRIBUTES), "first": len(ATTRIBUTES)}
        found = self._client.run("market", wanted)
        zones = [
            edge["node"]
            for edge in found["shippingZones"]["edges"]
            if any(channel["slug"] == naming.CHANNEL for channel in edge["node"]["channels"])
        ]
        types = found["productTypes"]["edges"]
        attributes = {edge["node"]["slug"]: edge["node"]["id"] for edge in found["attributes"]["edges"]}
        if not (found["channel"] and found["app"] and zones and types and set(attributes) == set(ATTRIBUTES)):
            raise ShopUnavailable()
        return Market(
            app_id=found["app"]["id"],
            channel_id=found["channel"]["id"],
            zone_id=zones[0]["id"],
            product_type_id=types[0]["node"]["id"],
            attributes=attributes,
        )

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
        known = self.find_warehouse(seller_id)
        if known:
            return known
        return self.make_warehouse(seller_id, channel_id=self.market.channel_id, zone_id=self.market.zone_id)

    def make_warehouse(self, seller_id: str, *, channel_id: str, zone_id: str) -> str:
        """As warehouse, for a seller who has none, in a channel and a zone that the caller knows."""
        made = self._client.run(
            "warehouse_create",
            {
                "input": {
                    "slug": naming.warehouse_slug(seller_id),
                    "name": f"Người bán {seller_id}",
                    "address": {"country": naming.COUNTRY, "city": "Việt Nam", "streetAddress1": "–"},
                }
            },
        )["createWarehouse"]
        if made["errors"]:
            # Somebody else has made it in this instant.
            known = self.find_warehouse(seller_id)
            if known is None:
                expect_none(made["errors"], doing="a warehouse")
                raise ShopUnavailable()
        else:
            known = str(made["warehouse"]["id"])
        # Those that are there stay.
        where = {"channel": channel_id, "zone": zone_id, "warehouses": [known]}
        expect_none(
            errors_of(self._client.run("warehouse_place", where, safe=True)), doing="placing a warehouse"
        )
        self._warehouses[seller_id] = known
        return known

    # delivery

    def offer(self, delivery: Delivery) -> None:
        """Make a delivery method of Saleor's own for ``delivery``, unless there is one. One per way, name and price:
        a market has few of them, and no order waits for a webhook of ours."""
        for zone in self._client.run("shipping_methods")["shippingZones"]["edges"]:
            for method in zone["node"]["shippingMethods"] or []:
                if _is_for(method, delivery):
                    return
        made = self._client.run(
            "shipping_method_create",
            {"input": {"name": delivery.name, "type": "PRICE", "shippingZone": self.market.zone_id}},
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
        and bool(listing and listing["price"])
        and decode.money_of(listing["price"]["amount"] if listing else 0) == delivery.price
    )
