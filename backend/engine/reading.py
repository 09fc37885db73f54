"""Rows to values. Every function asks a fixed number of queries, however much it is asked for.

Plain ``values_list`` rows, not model graphs: prefetched graphs are cyclic garbage, whose collection was
measured to cost a pause of 100 ms in every sixteenth request.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from backend.commerce.values import (
    Address,
    Category,
    Checkout,
    CheckoutLine,
    Delivery,
    Image,
    Order,
    OrderLine,
    Page,
    Product,
    Variant,
)
from backend.common.money import ZERO, Money, total
from backend.engine import models
from backend.engine.images import file_name

MOST_AT_ONCE: Final = 100
"""Rows in one answer, as on Saleor."""

_VARIANT = (
    "pk",
    "product_id",
    "sku",
    "name",
    "unit",
    "price_vnd",
    "weight_g",
    "gtin",
    "stock__quantity",
    "stock__quantity_allocated",
)


def row_id(outside: str) -> int:
    """The primary key behind an id of goods, or 0, which no row has, for text that never was one."""
    return int(outside) if outside.isascii() and outside.isdigit() and len(outside) <= 18 else 0


def row_ids(outside: Iterable[str]) -> list[int]:
    """As row_id for many, without what never was an id. Raises ValueError for more than MOST_AT_ONCE."""
    found = [pk for pk in (row_id(each) for each in dict.fromkeys(outside)) if pk]
    if len(found) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} ids at once")
    return found


def media_url(name: str) -> str:
    """The address of a stored file, empty for no file."""
    return default_storage.url(name) if name else ""


def to_variant(row: Sequence[Any]) -> Variant:
    pk, product_id, sku, name, unit, price, weight, gtin, quantity, allocated = row
    return Variant(
        id=str(pk),
        product_id=str(product_id),
        sku=sku,
        name=name,
        unit=unit,
        price=Money(price),
        weight_g=weight,
        gtin=gtin,
        quantity=quantity,
        available=quantity - allocated,
    )


def categories() -> tuple[Category, ...]:
    """All categories, every parent before its branches. One query."""
    rows = models.Category.objects.order_by("position").values_list("pk", "slug", "name", "parent_id")
    return tuple(
        Category(str(pk), slug, name, str(parent) if parent else None) for pk, slug, name, parent in rows
    )


def _products(chosen: QuerySet[models.Product]) -> list[Product]:
    """As _all_products, without what has no variant on offer: that is no good yet, or no more."""
    return [each for each in _all_products(chosen) if each.variants]


def _all_products(chosen: QuerySet[models.Product]) -> list[Product]:
    """Three queries: products, variants with their stock, images."""
    rows = list(chosen.values())
    if not rows:
        return []
    ids = [row["id"] for row in rows]
    variants: defaultdict[int, list[Variant]] = defaultdict(list)
    offered = models.Variant.objects.filter(product_id__in=ids, withdrawn_at__isnull=True).order_by(
        "position", "pk"
    )
    for row in offered.values_list(*_VARIANT):
        variants[row[1]].append(to_variant(row))
    images: defaultdict[int, list[Image]] = defaultdict(list)
    shown = models.ProductImage.objects.filter(product_id__in=ids).order_by("position", "pk")
    for pk, product_id, stem, widths, alt in shown.values_list("pk", "product_id", "stem", "widths", "alt"):
        urls = {width: media_url(file_name(stem, width)) for width in widths}
        images[product_id].append(Image(str(pk), alt, urls))
    return [
        Product(
            id=str(row["id"]),
            slug=row["slug"],
            name=row["name"],
            description=row["description"],
            category_id=str(row["category_id"]),
            seller_id=row["seller_id"],
            variants=tuple(variants[row["id"]]),
            images=tuple(images[row["id"]]),
            label=row["label"],
            published=row["published"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )
        for row in rows
    ]


def find_product(slug: str) -> Product | None:
    """The product at ``slug``, taken off the shelf or not. Three queries."""
    return next(iter(_products(models.Product.objects.filter(slug=slug))), None)


def products(ids: Sequence[str]) -> dict[str, Product]:
    """The products that exist among ``ids``, in the order of ``ids``. Three queries.

    Raises ValueError for more than MOST_AT_ONCE.
    """
    found = {each.id: each for each in _products(models.Product.objects.filter(pk__in=row_ids(ids)))}
    return {each: found[each] for each in ids if each in found}


def products_page(after: str | None, limit: int, seller_id: str | None) -> Page[Product]:
    """Products in the order of their making, those off the shelf included. Three queries."""
    limit = max(1, min(limit, MOST_AT_ONCE))
    chosen = models.Product.objects.filter(pk__gt=row_id(after or "")).order_by("pk")
    if seller_id is not None:
        chosen = chosen.filter(seller_id=seller_id)
    found = _all_products(chosen[: limit + 1])
    # What has no variant on offer is left out of the page, not of the paging.
    items = tuple(each for each in found[:limit] if each.variants)
    return Page(items, found[limit - 1].id if len(found) > limit else None)


def variants(ids: Sequence[str]) -> dict[str, Variant]:
    """The variants on offer among ``ids``, in the order of ``ids``. One query."""
    rows = models.Variant.objects.filter(pk__in=row_ids(ids), withdrawn_at__isnull=True).values_list(
        *_VARIANT
    )
    found = {str(row[0]): to_variant(row) for row in rows}
    return {each: found[each] for each in ids if each in found}


def checkout(checkout_id: str, *, open_only: bool) -> Checkout | None:
    """The checkout with today's prices. Two queries."""
    chosen = models.Checkout.objects.filter(pk=checkout_id)
    if open_only:
        chosen = chosen.filter(completed_at__isnull=True)
    seller_id = chosen.values_list("seller_id", flat=True).first()
    if seller_id is None:
        return None
    rows = (
        models.CheckoutLine.objects.filter(checkout_id=checkout_id)
        .order_by("pk")
        .values_list("pk", "quantity", "variant__product__name", *(f"variant__{field}" for field in _VARIANT))
    )
    lines = []
    for pk, quantity, product_name, *variant_row in rows:
        variant = to_variant(variant_row)
        lines.append(CheckoutLine(str(pk), variant, product_name, quantity, variant.price * quantity))
    subtotal = total([line.total for line in lines])
    return Checkout(checkout_id, seller_id, tuple(lines), subtotal, ZERO, subtotal)


def _orders(chosen: QuerySet[models.Order]) -> list[Order]:
    """Two queries: orders and lines."""
    rows = list(chosen.values())
    if not rows:
        return []
    lines: defaultdict[int, list[OrderLine]] = defaultdict(list)
    bought = models.OrderLine.objects.filter(order_id__in=[row["number"] for row in rows]).order_by("pk")
    for row in bought.values():
        lines[row["order_id"]].append(
            OrderLine(
                id=str(row["id"]),
                variant_id=str(row["variant_id"]),
                product_id=str(row["product_id"]),
                product_name=row["product_name"],
                unit=row["unit"],
                quantity=row["quantity"],
                quantity_fulfilled=row["quantity_fulfilled"],
                unit_price=Money(row["unit_price_vnd"]),
                total=Money(row["total_vnd"]),
                image=media_url(row["image"]),
            )
        )
    return [
        Order(
            id=row["key"],
            number=row["number"],
            seller_id=row["seller_id"],
            status=row["status"],
            charge_status=row["charge_status"],
            lines=tuple(lines[row["number"]]),
            address=Address(
                name=row["name"],
                phone=row["phone"],
                street=row["street"],
                commune_code=row["commune_code"],
                commune=row["commune"],
                province_code=row["province_code"],
                province=row["province"],
            ),
            email=row["email"],
            delivery=Delivery(row["delivery_method"], row["delivery_name"], Money(row["delivery_vnd"])),
            note=row["note"],
            subtotal=Money(row["subtotal_vnd"]),
            total=Money(row["total_vnd"]),
            charged=Money(row["charged_vnd"]),
            created_at=row["created_at"],
            metadata=row["metadata"],
        )
        for row in rows
    ]


def find_order(order_id: str) -> Order | None:
    """The order, whatever its state. Two queries."""
    return next(iter(_orders(models.Order.objects.filter(key=order_id))), None)


def orders(ids: Sequence[str]) -> dict[str, Order]:
    """The orders that exist among ``ids``, in the order of ``ids``. Two queries.

    Raises ValueError for more than MOST_AT_ONCE.
    """
    if len(ids) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} ids at once")
    found = {each.id: each for each in _orders(models.Order.objects.filter(key__in=list(ids)))}
    return {each: found[each] for each in ids if each in found}


def orders_page(seller_id: str, after: str | None, limit: int) -> Page[Order]:
    """The orders of a seller, newest first. Two queries."""
    limit = max(1, min(limit, MOST_AT_ONCE))
    chosen = models.Order.objects.filter(seller_id=seller_id).order_by("-number")
    number = row_id(after or "")
    if number:
        chosen = chosen.filter(number__lt=number)
    found = _orders(chosen[: limit + 1])
    more = len(found) > limit
    return Page(tuple(found[:limit]), str(found[limit - 1].number) if more else None)
