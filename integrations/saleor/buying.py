"""From a basket to an order that holds its stock, in Saleor."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from backend.commerce import events, naming
from backend.commerce.drafts import MOST_LINES, MOST_NOTE, MOST_PER_LINE
from backend.commerce.errors import (
    BadQuantity,
    EmptyCheckout,
    InsufficientStock,
    NotForSale,
    OrderNotFound,
    PriceChanged,
    PriceLowered,
    ProductNotFound,
    ShopUnavailable,
)
from backend.commerce.values import Address, Checkout, Delivery, LineDraft, Order
from backend.common.errors import Invalid
from backend.common.ids import new_token
from backend.common.money import Money
from integrations.saleor import decode, reading
from integrations.saleor.answers import Errors, codes, errors_of, expect_none, is_id
from integrations.saleor.calls import News, once, turn
from integrations.saleor.client import Client
from integrations.saleor.places import Places

log = logging.getLogger(__name__)

GONE = frozenset(
    {"PRODUCT_NOT_PUBLISHED", "PRODUCT_UNAVAILABLE_FOR_PURCHASE", "UNAVAILABLE_VARIANT_IN_CHANNEL"}
)


class Buying:
    def __init__(self, client: Client, places: Places) -> None:
        self._client = client
        self._places = places

    def create_checkout(self, *, key: str, seller_id: str, lines: Sequence[LineDraft]) -> Checkout:
        wanted: dict[str, int] = {}
        for line in lines:
            wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
        if not wanted:
            raise EmptyCheckout()
        if len(wanted) > MOST_LINES or any(not 1 <= n <= MOST_PER_LINE for n in wanted.values()):
            raise BadQuantity(most=MOST_PER_LINE)

        def do(again: bool) -> str:
            # A checkout holds nothing: one that was made by a process that was then killed is nobody's loss.
            nodes = reading.variant_nodes(self._client, list(wanted))
            for variant_id, quantity in wanted.items():
                node = nodes.get(variant_id)
                if node is None or decode.seller_of(node["product"]) != seller_id:
                    raise ProductNotFound()
                self._check(node, quantity)
            answer = self._client.run(
                "checkout_create",
                {
                    "input": {
                        "channel": naming.CHANNEL,
                        "lines": [
                            {
                                "variantId": variant_id,
                                "quantity": quantity,
                                "metadata": [
                                    {
                                        "key": naming.LINE_UNIT,
                                        "value": decode.to_variant(nodes[variant_id]).size,
                                    },
                                    {
                                        "key": naming.LINE_PRODUCT,
                                        "value": nodes[variant_id]["product"]["id"],
                                    },
                                ],
                            }
                            for variant_id, quantity in wanted.items()
                        ],
                        "metadata": [{"key": naming.SELLER, "value": seller_id}],
                    }
                },
                safe=True,
            )["checkoutCreate"]
            self._refuse(answer["errors"], nodes)
            return str(answer["checkout"]["id"])

        inputs = {"seller_id": seller_id, "lines": [asdict(line) for line in lines]}
        made = once(key=key, method="create_checkout", inputs=inputs, subject=f"call:{key}", do=do)
        checkout = reading.find_checkout(self._client, made)
        if checkout is None:
            # Whoever was killed after it had become an order starts again from here.
            checkout = reading.placed_checkout(self._client, made)
        if checkout is None:
            raise EmptyCheckout()
        return checkout

    def complete_checkout(
        self,
        *,
        key: str,
        checkout_id: str,
        address: Address,
        email: str,
        delivery: Delivery,
        confirmed_total: Money,
        note: str,
        metadata: dict[str, str],
    ) -> Order:
        if len(note) > MOST_NOTE or delivery.price < Money(0):
            raise Invalid()
        inputs = {
            "checkout_id": checkout_id,
            "address": asdict(address),
            "email": email,
            "delivery": asdict(delivery),
            "confirmed_total": asdict(confirmed_total),
            "note": note,
            "metadata": metadata,
        }

        def do(again: bool) -> str:
            if not is_id(checkout_id, "Checkout"):
                raise EmptyCheckout()
            order = self._find_placed(checkout_id) if again else None
            if order is None and self._address(checkout_id, address, email, delivery):
                told = {
                    naming.DELIVERY: delivery.method,
                    naming.COMMUNE_CODE: address.commune_code,
                    naming.PROVINCE_CODE: address.province_code,
                    naming.NOTE: note,
                    **{key: value for key, value in metadata.items() if not key.startswith(naming.RESERVED)},
                }
                checkout = self._deliver(checkout_id, told, delivery)
                order = self._complete(checkout, confirmed_total)
            elif order is None:
                order = self._find_placed(checkout_id)
                if order is None:
                    raise EmptyCheckout()
            news.append(News.of_order(order.id))
            for product_id in dict.fromkeys(line.product_id for line in order.lines):
                news.append(News.of_product(events.STOCK_UPDATED, product_id, order.seller_id))
            return order.id

        news: list[News] = []
        subject = f"checkout:{checkout_id}"
        placed = once(key=key, method="complete_checkout", inputs=inputs, subject=subject, do=do, news=news)
        found = reading.find_order(self._client, placed)
        if found is None:
            raise OrderNotFound()
        return found

    def _find_placed(self, checkout_id: str) -> Order | None:
        return reading.find_order_of(self._client, checkout_id)

    def _address(self, checkout_id: str, address: Address, email: str, delivery: Delivery) -> bool:
        """Say who buys and where it goes. False when there is no such checkout (any more)."""
        where = {
            **naming.address_names(address.name),
            "phone": address.phone,
            "streetAddress1": address.street,
            "city": address.commune,
            "cityArea": address.commune,
            "countryArea": address.province,
            "country": naming.COUNTRY,
        }
        offered = {"method": delivery.method, "name": delivery.name, "price": delivery.price.amount}
        answer = self._client.run(
            "checkout_address",
            {
                "id": checkout_id,
                "email": email or naming.guest_email(new_token(20)),
                "address": where,
                "rules": naming.AS_WRITTEN,
                "private": [{"key": naming.DELIVERY, "value": json.dumps(offered, ensure_ascii=False)}],
            },
            safe=True,
        )
        errors = errors_of(answer)
        if "NOT_FOUND" in codes(errors_of(answer, "checkoutEmailUpdate")):
            return False
        if any(each.get("field") in {"phone", "email", "streetAddress1", "city"} for each in errors):
            raise Invalid()
        if codes(errors) & (GONE | {"INSUFFICIENT_STOCK"}):
            self._check_lines(checkout_id)
        expect_none(errors, doing="an address")
        return True

    def _deliver(self, checkout_id: str, told: Mapping[str, str], delivery: Delivery) -> dict[str, Any]:
        """Choose the way of delivery; the checkout with its final prices."""
        chosen = self._option(checkout_id, told, delivery)
        if chosen is None:
            # Saleor offers no way for goods that are short or off the shelf.
            self._check_lines(checkout_id)
            self._places.offer(delivery)
            chosen = self._option(checkout_id, told, delivery)
        if chosen is None:
            raise ShopUnavailable()
        answer = self._client.run("checkout_delivery", {"id": checkout_id, "delivery": chosen}, safe=True)[
            "checkoutDeliveryMethodUpdate"
        ]
        if answer["errors"]:
            self._check_lines(checkout_id)
        expect_none(answer["errors"], doing="a way of delivery")
        return dict(answer["checkout"])

    def _option(self, checkout_id: str, told: Mapping[str, str], delivery: Delivery) -> str | None:
        answer = self._client.run(
            "checkout_deliveries",
            {"id": checkout_id, "metadata": [{"key": key, "value": value} for key, value in told.items()]},
            safe=True,
        )
        expect_none(errors_of(answer), doing="ways of delivery")
        for each in answer["deliveryOptionsCalculate"]["deliveries"]:
            method = each["shippingMethod"]
            if method["name"] == delivery.name and decode.money(method["price"]) == delivery.price:
                return str(each["id"])
        return None

    def _complete(self, checkout: Mapping[str, Any], confirmed_total: Money) -> Order:
        nodes = {line["variant"]["id"]: line["variant"] for line in checkout["lines"]}
        for node in nodes.values():
            if not (decode.is_published(node["product"]) and decode.is_offered(node)):
                raise NotForSale(name=node["product"]["name"])
        total = decode.gross(checkout["totalPrice"])
        if total != confirmed_total:
            listed = decode.to_checkout(checkout).total
            if total < listed == confirmed_total:
                # Today's prices are the confirmed ones, so renewing the page would help nobody.
                log.error(
                    "saleor asks for %s instead of %s: a promotion or voucher lowers prices in channel %s; end it there",
                    total.amount,
                    listed.amount,
                    naming.CHANNEL,
                )
                raise PriceLowered()
            raise PriceChanged(total=total)
        # Saleor 3.23 looks at the stock first and locks it later without looking again, so that two buyers at the same
        # instant both get the last piece (docs/saleor.md). Orders for the goods of one seller are placed one by one.
        with turn(naming.warehouse_slug(decode.seller_of(checkout))):
            answer = self._client.run("checkout_complete", {"id": checkout["id"]})["checkoutComplete"]
        if answer["errors"]:
            if codes(answer["errors"]) & {"INSUFFICIENT_STOCK"}:
                nodes = reading.variant_nodes(self._client, list(nodes))
                for line in checkout["lines"]:
                    self._check(nodes[line["variant"]["id"]], line["quantity"])
            self._refuse(answer["errors"], nodes)
        return decode.to_order(answer["order"])

    def _check_lines(self, checkout_id: str) -> None:
        """Raises NotForSale, InsufficientStock for what is in a checkout as it stands now."""
        checkout = self._client.run("checkout", {"id": checkout_id})["checkout"]
        for line in checkout["lines"] if checkout else ():
            self._check(line["variant"], line["quantity"])

    def _check(self, node: Mapping[str, Any], quantity: int) -> None:
        """Raises NotForSale, InsufficientStock."""
        name = node["product"]["name"]
        if not (decode.is_published(node["product"]) and decode.is_offered(node)):
            raise NotForSale(name=name)
        available = decode.to_variant(node).available
        if available < quantity:
            raise InsufficientStock(name=name, available=available, variant_id=node["id"])

    def _refuse(self, errors: Errors, nodes: Mapping[str, Mapping[str, Any]]) -> None:
        """Say it as the port does: by the goods that Saleor names, or else the first of them."""
        for each in errors:
            named = [nodes[one] for one in each.get("variants") or [] if one in nodes] or list(nodes.values())
            name = named[0]["product"]["name"]
            if each["code"] == "INSUFFICIENT_STOCK":
                left = decode.to_variant(named[0]).available
                raise InsufficientStock(name=name, available=left, variant_id=named[0]["id"])
            if each["code"] in GONE:
                raise NotForSale(name=name)
        expect_none(errors, doing="a checkout")
