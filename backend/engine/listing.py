"""Reading goods by rows, for doors that page and sort as Saleor does.

Rows are named tuples straight from the database, so that a list of a hundred products costs a fixed number of
statements and no model instances.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Collate
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from backend.commerce import naming
from backend.engine import models
from backend.engine.keyed import with_text


class ProductRow(NamedTuple):
    """A product as its table has it."""

    pk: int
    slug: str
    name: str
    description: str
    category_id: int
    seller_id: str
    label: dict[str, str]
    published: bool
    created: datetime
    updated_at: datetime
    external_reference: str | None
    public: dict[str, str]
    private_metadata: dict[str, str]

    @property
    def metadata(self) -> dict[str, str]:
        """The public metadata: who sells it, label fields that are no attributes, and what programs noted."""
        own = {naming.SELLER: self.seller_id}
        for name, text in self.label.items():
            if name not in naming.LABEL_FIELDS:
                own[naming.LABEL_METADATA + name] = text
        return {**self.public, **own}


class VariantRow(NamedTuple):
    """A variant with its stock. ``price_vnd`` is None before it was stated."""

    pk: int
    product_id: int
    sku: str
    own_name: str
    unit: str
    price_vnd: int | None
    weight_g: int | None
    gtin: str
    withdrawn_at: datetime | None
    external_reference: str | None
    public: dict[str, str]
    private_metadata: dict[str, str]
    quantity: int
    allocated: int

    @property
    def metadata(self) -> dict[str, str]:
        """The public metadata: the GTIN, and what programs noted."""
        return {**self.public, naming.GTIN: self.gtin} if self.gtin else self.public

    @property
    def available(self) -> int:
        """Pieces that can still be ordered."""
        return self.quantity - self.allocated


class ImageRow(NamedTuple):
    """A photograph as its table has it."""

    pk: int
    product_id: int
    stem: str
    widths: list[int]
    alt: str
    position: int


class CategoryRow(NamedTuple):
    """A category with its depth; ``below`` holds itself and everything under it."""

    pk: int
    slug: str
    name: str
    parent_id: int | None
    level: int
    below: tuple[int, ...]
    position: int

    @property
    def metadata(self) -> dict[str, str]:
        """Its place in the decision, by which the market sorts its groups."""
        return {"cho.position": str(self.position)}

    @property
    def private_metadata(self) -> dict[str, str]:
        return {}


_PRODUCT: Final = (
    "pk",
    "slug",
    "name",
    "description",
    "category_id",
    "seller_id",
    "label",
    "published",
    "created_at",
    "updated_at",
    "external_reference",
    "metadata",
    "private_metadata",
)
_VARIANT: Final = (
    "pk",
    "product_id",
    "sku",
    "name",
    "unit",
    "price_vnd",
    "weight_g",
    "gtin",
    "withdrawn_at",
    "external_reference",
    "metadata",
    "private_metadata",
    "stock__quantity",
    "stock__quantity_allocated",
)
_OFFERED: Final = models.Variant.objects.filter(product=OuterRef("pk"), withdrawn_at__isnull=True)


@dataclass(frozen=True, slots=True)
class Key:
    """One thing to sort by. ``read`` takes what a cursor holds back to what the column holds; never null."""

    name: str
    expression: Any
    read: Callable[[str], Any]


def _text(column: str) -> Any:
    """Sorted byte by byte on both databases, so that both give one order."""
    return Collate(F(column), "C") if connection.vendor == "postgresql" else F(column)


def _price() -> Any:
    cheapest = _OFFERED.order_by().values("product").annotate(price=Min("price_vnd")).values("price")
    return Coalesce(Subquery(cheapest), 0)


def sort_keys(field: str) -> tuple[Key, ...]:
    """What a list is sorted by: "slug", "name", "price", "created" or "updated". The id is always the last key.

    Names sort by their slugs, which are their folded words: so marks do not tear neighbours apart.
    """
    slug = Key("slug", _text("slug"), str)
    pk = Key("pk", F("pk"), int)
    first = {
        "slug": (slug,),
        "name": (slug,),
        "price": (Key("sort_price", _price(), int), slug),
        "created": (Key("created_at", F("created_at"), datetime.fromisoformat),),
        "updated": (Key("updated_at", F("updated_at"), datetime.fromisoformat),),
    }[field]
    return (*first, pk)


def offered() -> Q:
    """Products that anybody may see: on the shelf, with a variant that has a price."""
    return Q(published=True) & Q(Exists(_OFFERED))


def with_price(low: int | None, high: int | None) -> Q:
    """Products of which a variant costs from ``low`` to ``high`` đồng, both included."""
    variants = _OFFERED
    if low is not None:
        variants = variants.filter(price_vnd__gte=low)
    if high is not None:
        variants = variants.filter(price_vnd__lte=high)
    return Q(Exists(variants))


def in_stock(quantity_from: int | None = 1, quantity_to: int | None = None) -> Q:
    """Products of which a variant has from so many to so many pieces that can be ordered."""
    free = _OFFERED.annotate(free=F("stock__quantity") - F("stock__quantity_allocated"))
    if quantity_from is not None:
        free = free.filter(free__gte=quantity_from)
    if quantity_to is not None:
        free = free.filter(free__lte=quantity_to)
    return Q(Exists(free))


def with_metadata(key: str, value: str | None) -> Q:
    """Products whose public metadata has ``key``, with this value when one is given."""
    if key == naming.SELLER:
        return Q(seller_id=value) if value is not None else Q()
    if value is None:
        return Q(metadata__has_key=key)
    return with_text("metadata", key, [value])


def with_label(name: str, texts: Iterable[str] | None = None) -> Q:
    """Products whose label has the field ``name``, with one of these texts when some are given."""
    if texts is None:
        return Q(label__has_key=name)
    return with_text("label", name, texts)


def with_minimal_price(low: int | None, high: int | None) -> Q:
    """Products whose cheapest variant costs from ``low`` to ``high`` đồng, both included."""
    found = Q(Exists(_OFFERED)) if low is None and high is None else Q()
    if low is not None:
        found &= Q(GreaterThanOrEqual(_price(), low))
    if high is not None:
        found &= Q(LessThanOrEqual(_price(), high)) & Q(Exists(_OFFERED))
    return found


def with_unit(units: Iterable[str]) -> Q:
    """Products that are offered in one of these units."""
    return Q(Exists(_OFFERED.filter(unit__in=list(units))))


def page(
    where: Q,
    keys: Sequence[Key],
    *,
    descending: bool = False,
    limit: int,
    after: Sequence[str | None] | None = None,
    backward: bool = False,
) -> list[tuple[ProductRow, tuple[Any, ...]]]:
    """Up to ``limit`` products and their sort keys, past the cursor ``after``. One statement.

    ``backward`` walks from the end, last row first. Raises ValueError for a cursor that is none of this order.
    """
    chosen = models.Product.objects.filter(where)
    names = [key.name for key in keys]
    made = {key.name: key.expression for key in keys if key.name.startswith("sort_")}
    chosen = chosen.annotate(**made)
    downward = descending != backward
    if after is not None:
        chosen = chosen.filter(_past(keys, after, downward))
    orders = [F(key.name) if key.name in made else key.expression for key in keys]
    chosen = chosen.order_by(*(each.desc() if downward else each.asc() for each in orders))
    width = len(_PRODUCT)
    return [
        (ProductRow._make(row[:width]), tuple(_cursor(part) for part in row[width:]))
        for row in chosen.values_list(*_PRODUCT, *(F(name) if name in made else name for name in names))[
            :limit
        ]
    ]


def _cursor(part: Any) -> Any:
    return part.isoformat() if isinstance(part, datetime) else part


def _past(keys: Sequence[Key], after: Sequence[str | None], downward: bool) -> Q:
    if len(after) != len(keys) or None in after:
        raise ValueError("a cursor of another order")
    values = [key.read(str(part)) for key, part in zip(keys, after, strict=True)]
    side = "lt" if downward else "gt"
    past = Q()
    equal = Q()
    for key, value in zip(keys, values, strict=True):
        past |= equal & Q(**{f"{key.name}__{side}": value})
        equal &= Q(**{key.name: value})
    return past


def count(where: Q) -> int:
    """How many products there are."""
    return models.Product.objects.filter(where).count()


def count_by_category(where: Q) -> dict[int, int]:
    """How many products stand in each category itself."""
    rows = models.Product.objects.filter(where).order_by().values_list("category_id").annotate(n=Count("pk"))
    return dict(rows)


def ids(where: Q) -> list[int]:
    """The primary keys of products, in no order."""
    return list(models.Product.objects.filter(where).values_list("pk", flat=True))


def products(pks: Iterable[int]) -> dict[int, ProductRow]:
    """Products by primary key. One statement."""
    rows = models.Product.objects.filter(pk__in=list(pks)).values_list(*_PRODUCT)
    return {row[0]: ProductRow._make(row) for row in rows}


def find_product(where: Q) -> ProductRow | None:
    """The only product that ``where`` names. One statement."""
    row = models.Product.objects.filter(where).values_list(*_PRODUCT).first()
    return ProductRow._make(row) if row is not None else None


def variants(where: Q, *, limit: int | None = None) -> list[VariantRow]:
    """Variants with their stock, in the order of their products. One statement."""
    chosen = models.Variant.objects.filter(where).order_by("product_id", "position", "pk")
    return [VariantRow._make(row) for row in chosen.values_list(*_VARIANT)[:limit]]


def variants_of(product_pks: Iterable[int]) -> dict[int, list[VariantRow]]:
    """The variants of products, those that are not offered included. One statement."""
    found: defaultdict[int, list[VariantRow]] = defaultdict(list)
    for row in variants(Q(product_id__in=list(product_pks))):
        found[row.product_id].append(row)
    return found


def images_of(product_pks: Iterable[int]) -> dict[int, list[ImageRow]]:
    """The photographs of products in their order. One statement."""
    found: defaultdict[int, list[ImageRow]] = defaultdict(list)
    shown = models.ProductImage.objects.filter(product_id__in=list(product_pks)).order_by("position", "pk")
    for row in shown.values_list("pk", "product_id", "stem", "widths", "alt", "position"):
        image = ImageRow._make(row)
        found[image.product_id].append(image)
    return found


def find_image(pk: int) -> ImageRow | None:
    """One photograph."""
    row = (
        models.ProductImage.objects.filter(pk=pk)
        .values_list("pk", "product_id", "stem", "widths", "alt", "position")
        .first()
    )
    return ImageRow._make(row) if row is not None else None


def units(limit: int = 1000) -> list[str]:
    """The units that goods are offered in, each once, in their order."""
    chosen = models.Variant.objects.filter(withdrawn_at__isnull=True).order_by("unit")
    return list(chosen.values_list("unit", flat=True).distinct()[:limit])


def seller_ids(limit: int = 10_000) -> list[str]:
    """The sellers that have goods, each once."""
    return list(
        models.Product.objects.order_by("seller_id").values_list("seller_id", flat=True).distinct()[:limit]
    )


def category_tree() -> dict[int, CategoryRow]:
    """All categories, every parent before its branches. One statement."""
    rows = list(models.Category.objects.order_by("position").values_list("pk", "slug", "name", "parent_id"))
    levels: dict[int, int] = {}
    below: dict[int, list[int]] = {row[0]: [row[0]] for row in rows}
    parents = {row[0]: row[3] for row in rows}
    for pk, _, _, parent in rows:
        levels[pk] = levels[parent] + 1 if parent in levels else 0
        while parent is not None:
            below[parent].append(pk)
            parent = parents[parent]
    return {
        pk: CategoryRow(pk, slug, name, parent, levels[pk], tuple(below[pk]), place)
        for place, (pk, slug, name, parent) in enumerate(rows)
    }


def has_orders() -> bool:
    """Whether there is any order."""
    return models.Order.objects.exists()
