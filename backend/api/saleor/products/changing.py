"""What staff and programs send, as the engine's steps understand it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q

from backend.api.saleor.context import Requestor, require
from backend.api.saleor.ids import key_of, pk_of
from backend.api.saleor.problems import Problem, Refused, one_of, whole_vnd
from backend.api.saleor.products import attributes
from backend.api.saleor.products.reading import load_products, load_variants, variant_of
from backend.api.saleor.shop.places import CHANNEL_ROW
from backend.commerce import naming
from backend.commerce.drafts import MOST_VARIANTS
from backend.commerce.errors import ReferenceTaken
from backend.common.errors import MarketError
from backend.engine import listing, shelf
from backend.engine.listing import ProductRow, VariantRow
from backend.engine.shelf import NewVariant


@dataclass(frozen=True, slots=True)
class Metadata:
    """Public metadata as it was sent, parted into what is the market's own and what is the caller's. None: not sent."""

    seller_id: str | None = None
    gtin: str | None = None
    label: Mapping[str, str] = field(default_factory=dict)
    rest: Mapping[str, str] = field(default_factory=dict)


def read_metadata(sent: Iterable[Any] | None) -> Metadata:
    """``[MetadataInput!]``."""
    pairs = texts(sent)
    label = {
        key.removeprefix(naming.LABEL_METADATA): value
        for key, value in pairs.items()
        if key.startswith(naming.LABEL_METADATA)
    }
    rest = {
        key: value
        for key, value in pairs.items()
        if key not in {naming.SELLER, naming.GTIN} and not key.startswith(naming.LABEL_METADATA)
    }
    return Metadata(pairs.get(naming.SELLER), pairs.get(naming.GTIN), label, rest)


def texts(sent: Iterable[Any] | None) -> dict[str, str]:
    """``[MetadataInput!]`` as keys and texts. Raises Refused for an empty key."""
    pairs = {str(each["key"]).strip(): str(each["value"]) for each in sent or ()}
    if "" in pairs:
        raise Refused("REQUIRED", "Metadata key cannot be empty.", "metadata")
    return pairs


def _unknown_attribute(sent: Any) -> Refused:
    message = "The attribute is none of this product type."
    return Refused("NOT_FOUND", message, "attributes", attributes=[sent.get("id") or ""])


def _no_unit() -> Refused:
    message = "All required attributes must take a value."
    return Refused("REQUIRED", message, "attributes", attributes=[attributes.UNIT.id])


def read_label(sent: Iterable[Any] | None) -> dict[str, str]:
    """The label fields that product attributes name; an empty text takes a field away. Raises Refused."""
    found: dict[str, str] = {}
    for each in sent or ():
        attribute = attributes.BY_PK.get(pk_of(each.get("id"), "Attribute"))
        if attribute is None or not attribute.field:
            raise Refused(
                "NOT_FOUND",
                "The attribute is none of this product type.",
                "attributes",
                attributes=[each.get("id") or ""],
            )
        text = each.get("plain_text")
        if text is None:
            text = next(iter(each.get("values") or ()), "")
        found[attribute.field] = text.strip()
    return found


def merged_label(before: Mapping[str, str], *changes: Mapping[str, str]) -> dict[str, str]:
    """The label after ``changes``, without fields that became empty."""
    after = dict(before)
    for each in changes:
        after.update(each)
    return {name: text for name, text in after.items() if text}


def read_unit(sent: Iterable[Any] | None) -> str | None:
    """The unit that the variant attributes name; None when they name none. Raises Refused."""
    unit: str | None = None
    for each in sent or ():
        if pk_of(each.get("id"), "Attribute") != attributes.UNIT.pk:
            raise Refused(
                "NOT_FOUND",
                "The attribute is none of this product type.",
                "attributes",
                attributes=[each.get("id") or ""],
            )
        choice = each.get("dropdown") or {}
        unit = choice.get("value")
        if unit is None and choice.get("id"):
            key = key_of(choice["id"], "AttributeValue")
            unit = next((unit for unit in listing.units() if attributes.unit_value(unit).key == key), None)
        if unit is None:
            unit = next(iter(each.get("values") or ()), None)
        if not unit or not unit.strip():
            raise _no_unit()
    return unit


def grams(weight: Any) -> int | None:
    """Kilograms as whole grams; nothing weighs none."""
    return round(weight * 1000) or None if weight is not None else None


def read_variant(sent: Any, *, seller_id: str, price_vnd: int | None = None) -> NewVariant:
    """A new variant. Raises Refused."""
    metadata = read_metadata(sent.get("metadata"))
    name = (sent.get("name") or "").strip()
    unit = read_unit(sent.get("attributes"))
    if unit is None:
        raise Refused(
            "REQUIRED",
            "All required attributes must take a value.",
            "attributes",
            attributes=[attributes.UNIT.id],
        )
    return NewVariant(
        unit=unit,
        # Saleor would name it by its unit; a name of its own says more than that.
        name="" if name == unit else name,
        sku=sent.get("sku") or "",
        weight_g=grams(sent.get("weight")),
        gtin=metadata.gtin or "",
        price_vnd=price_vnd,
        quantity=pieces(sent.get("stocks"), seller_id=seller_id) or 0,
        external_reference=sent.get("external_reference"),
        metadata=metadata.rest,
        private_metadata=texts(sent.get("private_metadata")),
    )


def pieces(stocks: Iterable[Any] | None, *, seller_id: str) -> int | None:
    """The pieces in the seller's warehouse; None when none are stated. Raises Refused for another warehouse."""
    found: int | None = None
    for place, each in enumerate(stocks or ()):
        if key_of(each["warehouse"], "Warehouse") != seller_id:
            raise Refused(
                "NOT_FOUND", "Goods lie in the warehouse of their seller.", "warehouse", index=place
            )
        if found is not None:
            raise Refused("UNIQUE", "Duplicated warehouse ID.", "warehouse", index=place)
        if each["quantity"] < 0:
            raise Refused("INVALID", "Quantity cannot be lower than 0.", "quantity", index=place)
        found = each["quantity"]
    return found


def channel_price(listings: Iterable[Any] | None) -> int | None:
    """The price in the market's channel; None when none is stated. Raises Refused."""
    found: int | None = None
    for each in listings or ():
        if each["channel_id"] != CHANNEL_ROW.id:
            raise Refused(
                "NOT_FOUND", "Couldn't resolve to a node.", "channelId", channels=[each["channel_id"]]
            )
        if found is not None:
            raise Refused(
                "DUPLICATED_INPUT_ITEM", "Duplicated channel ID.", "channelId", channels=[each["channel_id"]]
            )
        found = whole_vnd(each["price"], "price", channels=[each["channel_id"]])
        if found < 1:
            raise Refused("INVALID", "A price is at least 1.", "price", channels=[each["channel_id"]])
    return found


def keeper(info: Any, seller_id: str) -> Requestor:
    """The requestor, who keeps this seller's goods. Raises PermissionDenied."""
    return require(info, "MANAGE_PRODUCTS", seller_id=seller_id)


def product_to_change(
    info: Any, *, id: str | None = None, external_reference: str | None = None
) -> ProductRow:
    """The product, which is the requestor's to change. Raises PermissionDenied, Refused NOT_FOUND."""
    require(info, "MANAGE_PRODUCTS")
    one_of(id=id, external_reference=external_reference)
    named = Q(pk=pk_of(id, "Product")) if id is not None else Q(external_reference=external_reference)
    found = listing.find_product(named)
    if found is None:
        raise Refused("NOT_FOUND", f"Couldn't resolve to a node: {id or external_reference}", "id")
    keeper(info, found.seller_id)
    return found


def variant_to_change(
    info: Any, *, id: str | None = None, sku: str | None = None, external_reference: str | None = None
) -> tuple[VariantRow, ProductRow]:
    """The variant and its product, which are the requestor's to change. Raises PermissionDenied, Refused NOT_FOUND."""
    require(info, "MANAGE_PRODUCTS")
    one_of(id=id, sku=sku, external_reference=external_reference)
    if id is not None:
        named = Q(pk=pk_of(id, "ProductVariant"))
    elif sku is not None:
        named = Q(sku=sku) & ~Q(sku="")
    else:
        named = Q(external_reference=external_reference)
    found = next(iter(listing.variants(named, limit=1)), None)
    if found is None:
        raise Refused("NOT_FOUND", f"Couldn't resolve to a node: {id or sku or external_reference}", "id")
    product = listing.products([found.product_id])[found.product_id]
    keeper(info, product.seller_id)
    return found, product


def fresh_product(info: Any, pk: int) -> ProductRow | None:
    """The product after a change."""
    info.context.forget()
    found: ProductRow | None = info.context.loader(load_products).get(pk)
    return found


def fresh_variant(info: Any, pk: int) -> VariantRow | None:
    """The variant after a change."""
    info.context.forget()
    found: VariantRow | None = info.context.loader(load_variants).get(pk)
    return found


@contextmanager
def taken(field: str) -> Generator[None]:
    """Say at ``field`` that a slug, SKU or outside reference is somebody else's."""
    try:
        yield
    except ReferenceTaken as error:
        raise Refused("UNIQUE", str(error), field) from error


def keep(actor: str, kind: str, pk: int, public: Mapping[str, str], private: Mapping[str, str]) -> None:
    """Put metadata beside what is there already."""
    for put, hidden in ((public, False), (private, True)):
        if put:
            shelf.set_metadata(actor=actor, kind=kind, pk=pk, put=put, private=hidden)


def put_stocks(info: Any, stocks: Iterable[Any], *, id: str | None, sku: str | None = None) -> dict[str, Any]:
    """The payload of a change of stock."""
    row, product = variant_to_change(info, id=id, sku=sku)
    quantity = pieces(stocks, seller_id=product.seller_id)
    if quantity is not None:
        shelf.put_stock(actor=info.context.requestor.actor, variant_pk=row.pk, quantity=quantity)
    return {"product_variant": fresh_variant(info, row.pk)}


def bulk_create(info: Any, product: str, sent: Sequence[Any], policy: str) -> Any:
    """The payload of productVariantBulkCreate: one result per variant, under the three policies of Saleor.

    Rows that cannot be are left out (IGNORE_FAILED and REJECT_FAILED_ROWS, which the market's rows make one and the
    same: none of them is half a row), or nothing is made at all.
    """
    try:
        row = product_to_change(info, id=product)
    except Refused as refused:
        return _Bulk(0, [], [Problem(each.code, each.message, "product") for each in refused.problems])
    if len(sent) > MOST_VARIANTS:
        return _Bulk(0, [], [Problem("INVALID", f"At most {MOST_VARIANTS} variants at once.", "variants")])
    actor = info.context.requestor.actor
    read: list[NewVariant | list[Problem]] = [_read_one(each, row.seller_id) for each in sent]
    skus = [each.sku for each in read if isinstance(each, NewVariant) and each.sku]
    read = [
        [Problem("UNIQUE", "Duplicated SKU.", "sku")]
        if isinstance(each, NewVariant) and skus.count(each.sku) > 1
        else each
        for each in read
    ]
    made: dict[int, int] = {}
    if not any(isinstance(each, list) for each in read) or policy != "REJECT_EVERYTHING":
        good = {place: each for place, each in enumerate(read) if isinstance(each, NewVariant)}
        try:
            if policy == "REJECT_EVERYTHING":
                pks = shelf.add_variants(actor=actor, product_pk=row.pk, variants=list(good.values()))
                made = dict(zip(good, pks, strict=True))
        except MarketError as error:
            # Which of them it was is said by trying each against what is there.
            read = [[_problem(error)] if _fails(each, error) else each for each in read]
        if policy != "REJECT_EVERYTHING":
            for place, each in good.items():
                try:
                    (made[place],) = shelf.add_variants(actor=actor, product_pk=row.pk, variants=[each])
                except MarketError as error:
                    read[place] = [_problem(error)]
    info.context.forget()
    results = [
        _BulkResult(
            variant_of(info.context, made[place]) if place in made else None,
            each if isinstance(each, list) else [],
        )
        for place, each in enumerate(read)
    ]
    errors = [
        replace(problem, index=place)
        for place, each in enumerate(read)
        if isinstance(each, list)
        for problem in each
    ]
    return _Bulk(len(made), results, errors)


def _read_one(sent: Any, seller_id: str) -> NewVariant | list[Problem]:
    try:
        price_vnd = channel_price(sent.get("channel_listings"))
        return read_variant(sent, seller_id=seller_id, price_vnd=price_vnd)
    except Refused as refused:
        return refused.problems


def _problem(error: MarketError) -> Problem:
    known = {"UNIQUE", "INVALID", "NOT_FOUND"}
    return Problem(
        error.code if error.code in known else "INVALID",
        str(error),
        "sku" if error.code == "UNIQUE" else None,
    )


def _fails(each: NewVariant | list[Problem], error: MarketError) -> bool:
    if not isinstance(each, NewVariant):
        return False
    if error.code != "UNIQUE":
        return True
    named = Q(sku=each.sku) & ~Q(sku="")
    if each.external_reference is not None:
        named |= Q(external_reference=each.external_reference)
    return bool(listing.variants(named, limit=1))


@dataclass(frozen=True, slots=True)
class _BulkResult:
    """ProductVariantBulkResult."""

    product_variant: VariantRow | None
    errors: list[Problem]


@dataclass(frozen=True, slots=True)
class _Bulk:
    """ProductVariantBulkCreate."""

    count: int
    results: list[_BulkResult]
    errors: list[Problem]


def change_product_metadata(
    info: Any, row: ProductRow, *, private: bool, put: Mapping[str, str], drop: Sequence[str]
) -> None:
    """Put and drop metadata of a product; what the market keeps as the label's goes there. Raises Refused."""
    actor = info.context.requestor.actor
    if private:
        shelf.set_metadata(actor=actor, kind="product", pk=row.pk, put=put, delete=drop, private=True)
        return
    asked = read_metadata({"key": key, "value": value} for key, value in put.items())
    if asked.seller_id not in (None, row.seller_id) or naming.SELLER in drop:
        raise Refused("INVALID", "Goods stay with their seller.", "metadata")
    gone = {
        key.removeprefix(naming.LABEL_METADATA): "" for key in drop if key.startswith(naming.LABEL_METADATA)
    }
    label = merged_label(row.label, asked.label, gone)
    if label != row.label:
        shelf.change(actor=actor, product_pk=row.pk, label=label)
    if asked.rest or drop:
        shelf.set_metadata(actor=actor, kind="product", pk=row.pk, put=asked.rest, delete=drop)


def change_variant_metadata(
    info: Any, row: VariantRow, *, private: bool, put: Mapping[str, str], drop: Sequence[str]
) -> None:
    """Put and drop metadata of a variant; the GTIN is a column of its own. Raises Refused."""
    actor = info.context.requestor.actor
    rest = put
    if not private:
        asked = read_metadata({"key": key, "value": value} for key, value in put.items())
        rest = asked.rest
        gtin = "" if naming.GTIN in drop else asked.gtin
        if gtin is not None and gtin != row.gtin:
            shelf.change_variant(actor=actor, variant_pk=row.pk, changes={"gtin": gtin})
    if rest or drop:
        shelf.set_metadata(actor=actor, kind="variant", pk=row.pk, put=rest, delete=drop, private=private)
