"""Saleor's JSON to the values of the port. The only place that knows the shapes of our documents' answers."""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from backend.commerce import naming
from backend.commerce.errors import ShopUnavailable
from backend.commerce.values import (
    Address,
    Category,
    Checkout,
    CheckoutLine,
    Delivery,
    Image,
    Order,
    OrderLine,
    Product,
    Variant,
)
from backend.common.money import Money, total
from integrations.saleor.amounts import NoAmount, dong
from integrations.saleor.pictures import SIZES, picture_url

log = logging.getLogger(__name__)

Json = Mapping[str, Any]

_GRAMS: Final = {"G": 1.0, "KG": 1000.0, "LB": 453.59237, "OZ": 28.349523125, "TONNE": 1_000_000.0}
_STATUSES: Final = {
    "UNCONFIRMED": "unconfirmed",
    "UNFULFILLED": "unfulfilled",
    "PARTIALLY_FULFILLED": "partially fulfilled",
    "FULFILLED": "fulfilled",
    "RETURNED": "fulfilled",
    "PARTIALLY_RETURNED": "fulfilled",
    "CANCELED": "canceled",
    "EXPIRED": "canceled",
    "DRAFT": "unconfirmed",
}
_TAG = re.compile(r"<[^>]*>")


def metadata_of(node: Json) -> dict[str, str]:
    """The public metadata of a node."""
    return {each["key"]: each["value"] for each in node.get("metadata") or []}


def money_of(amount: object, currency: object = naming.CURRENCY) -> Money:
    """An amount of đồng. Raises ShopUnavailable, with a line in the log, for parts of a đồng and for other money."""
    try:
        return dong(amount, currency)
    except NoAmount as error:
        log.error("saleor says %r %r: %s", amount, currency, error)
        raise ShopUnavailable() from None


def money(node: Json) -> Money:
    return money_of(node["amount"], node["currency"])


def gross(node: Json) -> Money:
    return money(node["gross"])


def _price(listing: Json | None) -> Money | None:
    """The price of a variant; None for what has none that can be asked for: that one is not on offer, and the goods beside
    it are."""
    try:
        return money(listing["price"]) if listing and listing["price"] else None
    except ShopUnavailable:
        return None


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- goods ------------------------------------------------------------------------------------------------------------


def to_category(node: Json) -> Category:
    parent = node.get("parent")
    return Category(node["id"], node["slug"], node["name"], parent["id"] if parent else None)


def to_description(text: str | None) -> str:
    """The paragraphs of an EditorJS document as plain text, one a line."""
    try:
        blocks = json.loads(text or "{}").get("blocks", [])
    except (ValueError, AttributeError):
        return ""
    lines = []
    for block in blocks:
        data = block.get("data", {}) if isinstance(block, dict) else {}
        items = data.get("items")
        said = items if isinstance(items, list) else [data.get("text", "")]
        lines += [html.unescape(_TAG.sub("", each)) for each in said if isinstance(each, str)]
    return "\n".join(lines).strip()


def from_description(text: str) -> str:
    """Plain text as an EditorJS document."""
    lines = text.strip().split("\n") if text.strip() else []
    blocks = [
        {"id": f"p{n}", "type": "paragraph", "data": {"text": html.escape(line, quote=False)}}
        for n, line in enumerate(lines)
    ]
    return json.dumps({"time": 0, "blocks": blocks, "version": "2.24.3"})


def in_channel(node: Json) -> Json | None:
    """What the node's listing in our channel says; None when it has none."""
    for listing in node.get("channelListings") or []:
        if listing["channel"]["slug"] == naming.CHANNEL:
            found: Json = listing
            return found
    return None


def is_published(product: Json) -> bool:
    listing = in_channel(product)
    return bool(listing and listing["isPublished"])


def seller_of(node: Json) -> str:
    return metadata_of(node).get(naming.SELLER, "")


def is_offered(variant: Json) -> bool:
    """Whether it has a price in our channel and was not withdrawn."""
    listing = in_channel(variant)
    return _price(listing) is not None and not variant.get("withdrawn")


def to_variant(node: Json) -> Variant:
    """A variant with its stock in every warehouse, which for us is the one of its seller."""
    listing = in_channel(node)
    units = [
        value["name"]
        for each in node["attributes"]
        if each["attribute"]["slug"] == naming.UNIT
        for value in each["values"]
    ]
    unit = units[0] if units else node["name"]
    weight = node.get("weight")
    pieces = sum(each["quantity"] for each in node["stocks"] or [])
    held = sum(each["quantityAllocated"] for each in node["stocks"] or [])
    return Variant(
        id=node["id"],
        product_id=node["product"]["id"],
        sku=node["sku"] or "",
        name="" if node["name"] in {unit, node["sku"], node["id"]} else node["name"],
        unit=unit,
        price=_price(listing) or Money(0),
        weight_g=round(weight["value"] * _GRAMS[weight["unit"]]) or None if weight else None,
        quantity=pieces,
        available=max(pieces - held, 0),
        gtin=metadata_of(node).get(naming.GTIN, ""),
    )


def in_order(variants: Iterable[Json]) -> list[Json]:
    """Variants in the order that the market gave them."""

    def place(numbered: tuple[int, Json]) -> tuple[int, int]:
        n, node = numbered
        position = node.get("position") or ""
        return (int(position) if position.isdigit() else 10_000 + n, n)

    return [node for _n, node in sorted(enumerate(variants), key=place)]


def to_product(node: Json) -> Product:
    """A product with the variants that are on offer."""
    metadata = metadata_of(node)
    label = {
        key.removeprefix(naming.LABEL_METADATA): value
        for key, value in metadata.items()
        if key.startswith(naming.LABEL_METADATA)
    }
    for each in node["attributes"]:
        field = naming.label_field(each["attribute"]["slug"] or "")
        text = "".join(value["plainText"] or value["name"] or "" for value in each["values"])
        if field and text:
            label[field] = text
    return Product(
        id=node["id"],
        slug=node["slug"],
        name=node["name"],
        description=to_description(node["description"]),
        category_id=node["category"]["id"] if node["category"] else "",
        seller_id=metadata.get(naming.SELLER, ""),
        variants=tuple(to_variant(each) for each in in_order(node["variants"] or []) if is_offered(each)),
        images=tuple(
            Image(each["id"], each["alt"], {size: picture_url(each["id"], size) for size in SIZES})
            for each in node["media"] or []
            if each["type"] == "IMAGE"
        ),
        label=label,
        published=is_published(node),
        created_at=moment(node["created"]),
        updated_at=moment(node["updatedAt"]),
    )


# --- buying -----------------------------------------------------------------------------------------------------------


def to_checkout(node: Json) -> Checkout:
    """A checkout at today's prices. Saleor keeps the prices of a checkout for an hour after they were last asked for,
    so they come from the variants; what is ordered is compared with Saleor's own total."""
    lines = []
    for each in node["lines"]:
        variant = to_variant(each["variant"])
        lines.append(
            CheckoutLine(
                each["id"],
                variant,
                each["variant"]["product"]["name"],
                each["quantity"],
                variant.price * each["quantity"],
            )
        )
    subtotal = total([line.total for line in lines])
    delivery = gross(node["shippingPrice"])
    return Checkout(node["id"], seller_of(node), tuple(lines), subtotal, delivery, subtotal + delivery)


def _to_order_line(node: Json) -> OrderLine:
    own = metadata_of(node)
    variant = node.get("variant") or {}
    shown = (variant.get("product") or {}).get("media") or []
    return OrderLine(
        id=node["id"],
        variant_id=variant.get("id") or node["productVariantId"] or "",
        product_id=own.get(naming.LINE_PRODUCT) or (variant.get("product") or {}).get("id", ""),
        product_name=node["productName"],
        unit=own.get(naming.LINE_UNIT) or node["variantName"],
        quantity=node["quantity"],
        quantity_fulfilled=node["quantityFulfilled"],
        unit_price=gross(node["unitPrice"]),
        total=gross(node["totalPrice"]),
        image=next((picture_url(each["id"], SIZES[0]) for each in shown if each["type"] == "IMAGE"), ""),
    )


def to_order(node: Json) -> Order:
    metadata = metadata_of(node)
    address = node.get("shippingAddress") or {}
    return Order(
        id=node["id"],
        number=int(node["number"]),
        seller_id=metadata.get(naming.SELLER, ""),
        status=_STATUSES[node["status"]],
        charge_status=node["chargeStatus"].lower(),
        lines=tuple(_to_order_line(each) for each in node["lines"]),
        address=Address(
            name=naming.whole_name(address.get("firstName", ""), address.get("lastName", "")),
            phone=address.get("phone") or "",
            street=address.get("streetAddress1", ""),
            commune_code=metadata.get(naming.COMMUNE_CODE, ""),
            commune=address.get("cityArea") or address.get("city", ""),
            province_code=metadata.get(naming.PROVINCE_CODE, ""),
            province=address.get("countryArea", ""),
        ),
        email=naming.shown_email(node["userEmail"] or ""),
        delivery=Delivery(
            metadata.get(naming.DELIVERY, "courier"),
            node["shippingMethodName"] or "",
            gross(node["shippingPrice"]),
        ),
        note=metadata.get(naming.NOTE) or node["customerNote"] or "",
        subtotal=gross(node["subtotal"]),
        total=gross(node["total"]),
        charged=money(node["totalCharged"]),
        created_at=moment(node["created"]),
        metadata={key: value for key, value in metadata.items() if not key.startswith(naming.RESERVED)},
    )
