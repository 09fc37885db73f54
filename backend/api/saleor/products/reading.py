"""Goods for the resolvers: read together, once per request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db.models import Q

from backend.api.saleor.context import Context, absolute
from backend.api.saleor.ids import to_global
from backend.api.saleor.rows import ImageRow as Picture
from backend.commerce import naming
from backend.engine import listing
from backend.engine.images import file_name
from backend.engine.listing import CategoryRow, ImageRow, ProductRow, VariantRow
from backend.engine.reading import media_url


def load_products(context: Context, pks: list[int]) -> dict[int, ProductRow]:
    """Products by primary key, whether they are on the shelf or not."""
    found = listing.products(pks)
    want(context, found.values())
    return found


def load_variants_of(context: Context, product_pks: list[int]) -> dict[int, list[VariantRow]]:
    """The variants of each product."""
    found = listing.variants_of(product_pks)
    variants = context.loader(load_variants)
    for rows in found.values():
        for row in rows:
            variants.put(row.pk, row)
    return found


def load_images_of(context: Context, product_pks: list[int]) -> dict[int, list[ImageRow]]:
    """The photographs of each product."""
    return listing.images_of(product_pks)


def load_variants(context: Context, pks: list[int]) -> dict[int, VariantRow]:
    """Variants by primary key."""
    rows = listing.variants(Q(pk__in=pks))
    context.loader(load_products).want(row.product_id for row in rows)
    return {row.pk: row for row in rows}


def want(context: Context, products: Iterable[ProductRow]) -> None:
    """These products are here; their variants and photographs will probably be asked for."""
    by_pk = context.loader(load_products)
    pks = []
    for row in products:
        by_pk.put(row.pk, row)
        pks.append(row.pk)
    context.loader(load_variants_of).want(pks)
    context.loader(load_images_of).want(pks)


def product_of(context: Context, pk: int) -> ProductRow | None:
    """The product of this primary key."""
    found: ProductRow | None = context.loader(load_products).get(pk)
    return found


def variant_of(context: Context, pk: int) -> VariantRow | None:
    """The variant of this primary key. Say ``context.loader(load_variants).want(pks)`` before, for many."""
    found: VariantRow | None = context.loader(load_variants).get(pk)
    return found


def seller_of_variant(variant: VariantRow, info: Any) -> str:
    """Whose variant it is; of a product that is gone, nobody's."""
    product = product_of(info.context, variant.product_id)
    return product.seller_id if product is not None else ""


def variants_of(context: Context, product: ProductRow) -> list[VariantRow]:
    """The variants that the requestor may see: those on offer, and to whoever keeps these goods all of them."""
    rows: list[VariantRow] = context.loader(load_variants_of).get(product.pk) or []
    if context.requestor.reaches(product.seller_id):
        return rows
    return [row for row in rows if row.withdrawn_at is None]


def offered_of(context: Context, product: ProductRow) -> list[VariantRow]:
    """The variants that can be bought."""
    rows: list[VariantRow] = context.loader(load_variants_of).get(product.pk) or []
    return [row for row in rows if row.withdrawn_at is None]


def images_of(context: Context, product_pk: int) -> list[ImageRow]:
    """The photographs of a product in their order."""
    found: list[ImageRow] = context.loader(load_images_of).get(product_pk) or []
    return found


def tree(context: Context) -> dict[int, CategoryRow]:
    """All categories by primary key."""
    return context.once(listing.category_tree)


def image_url(image: ImageRow, size: int | None) -> str:
    """The address of the smallest picture that is at least ``size`` wide; of the largest for none or 0."""
    fitting = [width for width in sorted(image.widths) if size and width >= size]
    return absolute(media_url(file_name(image.stem, fitting[0] if fitting else max(image.widths))))


def thumbnail(image: ImageRow, size: int | None) -> Picture:
    """A photograph as Image."""
    return Picture(image_url(image, size), image.alt)


def variant_name(variant: VariantRow) -> str:
    """As Saleor names a variant: its own name, else the unit by which it is chosen."""
    return variant.own_name or variant.unit or variant.sku


def visible(context: Context) -> Q:
    """The products that the requestor may see."""
    requestor = context.requestor
    if requestor.app:
        return Q()
    if requestor.reach:
        return listing.offered() | Q(seller_id__in=requestor.reach)
    return listing.offered()


@dataclass(frozen=True, slots=True)
class ListingRow:
    """ProductChannelListing."""

    product: ProductRow

    @property
    def id(self) -> str:
        return to_global("ProductChannelListing", self.product.pk)

    @property
    def is_published(self) -> bool:
        return self.product.published

    @property
    def visible_in_listings(self) -> bool:
        return self.product.published

    @property
    def is_available_for_purchase(self) -> bool:
        return self.product.published

    @property
    def published_at(self) -> Any:
        return self.product.created if self.product.published else None

    @property
    def available_for_purchase_at(self) -> Any:
        return self.published_at


class VariantListingRow(NamedTuple):
    """ProductVariantChannelListing."""

    variant: VariantRow

    @property
    def id(self) -> str:
        return to_global("ProductVariantChannelListing", self.variant.pk)


class StockRow(NamedTuple):
    """Stock, in the warehouse of the seller."""

    variant: VariantRow
    seller_id: str

    @property
    def id(self) -> str:
        return to_global("Stock", self.variant.pk)

    @property
    def quantity(self) -> int:
        return self.variant.quantity

    @property
    def quantity_allocated(self) -> int:
        return self.variant.allocated


@dataclass(frozen=True, slots=True)
class TypeRow:
    """ProductType: there is one."""

    pk: int
    slug: str
    name: str

    has_variants = True
    is_shipping_required = True
    is_digital = False
    kind = "NORMAL"

    @property
    def id(self) -> str:
        return to_global("ProductType", self.pk)


TYPE: Final = TypeRow(1, naming.PRODUCT_TYPE, naming.PRODUCT_TYPE_NAME)
