"""The query fields of this room."""

from __future__ import annotations

from django.db.models import Q
from graphene import ID, Argument, Field, Int, List, NonNull, String

from backend.api.saleor.base import paged
from backend.api.saleor.connections import MOST, of_list, take
from backend.api.saleor.enums import LanguageCodeEnum
from backend.api.saleor.ids import pk_of
from backend.api.saleor.problems import BadArgument, one_of
from backend.api.saleor.products import attributes
from backend.api.saleor.products.choosing import (
    chosen_attributes,
    chosen_categories,
    connection,
    known_channel,
    narrowed_variants,
    seen_variants,
)
from backend.api.saleor.products.inputs import (
    AttributeFilterInput,
    AttributeSortingInput,
    AttributeWhereInput,
    CategoryFilterInput,
    CategorySortingInput,
    CategoryWhereInput,
    ProductFilterInput,
    ProductOrder,
    ProductTypeFilterInput,
    ProductTypeSortingInput,
    ProductVariantFilterInput,
    ProductVariantSortingInput,
    ProductVariantWhereInput,
    ProductWhereInput,
)
from backend.api.saleor.products.reading import TYPE, tree, visible, want
from backend.api.saleor.products.types import (
    Attribute,
    AttributeCountableConnection,
    Category,
    CategoryCountableConnection,
    Product,
    ProductCountableConnection,
    ProductType,
    ProductTypeCountableConnection,
    ProductVariant,
    ProductVariantCountableConnection,
)
from backend.common.text import fold
from backend.engine import listing


class ProductsQueries:
    """What products adds to the query root."""

    categories = Field(
        CategoryCountableConnection,
        filter=Argument(CategoryFilterInput),
        where=Argument(CategoryWhereInput),
        sort_by=Argument(CategorySortingInput),
        level=Int(),
        **paged(),
    )
    category = Field(Category, id=ID(), slug=String(), slug_language_code=LanguageCodeEnum())
    product = Field(
        Product,
        id=ID(),
        slug=String(),
        slug_language_code=LanguageCodeEnum(),
        external_reference=String(),
        channel=String(),
    )
    products = Field(
        ProductCountableConnection,
        filter=Argument(ProductFilterInput),
        where=Argument(ProductWhereInput),
        sort_by=Argument(ProductOrder),
        search=String(),
        channel=String(),
        **paged(),
    )
    product_type = Field(ProductType, id=ID(required=True))
    product_types = Field(
        ProductTypeCountableConnection,
        filter=Argument(ProductTypeFilterInput),
        sort_by=Argument(ProductTypeSortingInput),
        **paged(),
    )
    product_variant = Field(
        ProductVariant, id=ID(), sku=String(), external_reference=String(), channel=String()
    )
    product_variants = Field(
        ProductVariantCountableConnection,
        ids=List(NonNull(ID)),
        channel=String(),
        filter=Argument(ProductVariantFilterInput),
        where=Argument(ProductVariantWhereInput),
        search=String(),
        sort_by=Argument(ProductVariantSortingInput),
        **paged(),
    )
    attributes = Field(
        AttributeCountableConnection,
        filter=Argument(AttributeFilterInput),
        where=Argument(AttributeWhereInput),
        search=String(),
        sort_by=Argument(AttributeSortingInput),
        channel=String(),
        **paged(),
    )
    attribute = Field(Attribute, id=ID(), slug=String(), external_reference=String())

    @staticmethod
    def resolve_categories(root, info, filter=None, where=None, sort_by=None, level=None, **arguments):
        rows = chosen_categories(info.context, filter=filter, where=where, sort_by=sort_by, level=level)
        return of_list(info, rows, take(arguments), key=lambda row: row.pk)

    @staticmethod
    def resolve_category(root, info, id=None, slug=None, slug_language_code=None):
        one_of(id=id, slug=slug)
        if slug_language_code is not None:
            return None
        known = tree(info.context)
        if id is not None:
            return known.get(pk_of(id, "Category"))
        return next((row for row in known.values() if row.slug == slug), None)

    @staticmethod
    def resolve_products(root, info, **arguments):
        return connection(info, take(arguments), **arguments)

    @staticmethod
    def resolve_product(
        root, info, id=None, slug=None, slug_language_code=None, external_reference=None, channel=None
    ):
        one_of(id=id, slug=slug, external_reference=external_reference)
        if slug_language_code is not None or not known_channel(channel):
            return None
        if id is not None:
            named = Q(pk=pk_of(id, "Product"))
        elif slug is not None:
            named = Q(slug=slug)
        else:
            named = Q(external_reference=external_reference)
        found = listing.find_product(named & visible(info.context))
        if found is not None:
            want(info.context, [found])
        return found

    @staticmethod
    def resolve_product_type(root, info, id):
        return TYPE if id == TYPE.id else None

    @staticmethod
    def resolve_product_types(root, info, filter=None, sort_by=None, **arguments):
        asked = filter or {}
        here = (
            (asked.get("ids") is None or TYPE.id in asked["ids"])
            and (asked.get("slugs") is None or TYPE.slug in asked["slugs"])
            and fold(asked.get("search") or "") in fold(TYPE.name)
            and asked.get("kind") in (None, "NORMAL")
            and asked.get("product_type") in (None, "SHIPPABLE")
            and asked.get("configurable") in (None, "CONFIGURABLE")
            and not asked.get("metadata")
        )
        return of_list(info, [TYPE] if here else [], take(arguments), key=lambda row: row.pk)

    @staticmethod
    def resolve_product_variant(root, info, id=None, sku=None, external_reference=None, channel=None):
        one_of(id=id, sku=sku, external_reference=external_reference)
        if not known_channel(channel):
            return None
        if id is not None:
            named = Q(pk=pk_of(id, "ProductVariant"))
        elif sku is not None:
            named = Q(sku=sku) & ~Q(sku="")
        else:
            named = Q(external_reference=external_reference)
        return next(iter(seen_variants(info.context, named)), None)

    @staticmethod
    def resolve_product_variants(
        root,
        info,
        ids=None,
        channel=None,
        filter=None,
        where=None,
        search=None,
        sort_by=None,
        **arguments,
    ):
        if ids is not None and len(ids) > MOST:
            raise BadArgument(f"At most {MOST} ids at once.")
        named = Q() if ids is None else Q(pk__in=[pk_of(each, "ProductVariant") for each in ids])
        rows = seen_variants(info.context, named) if known_channel(channel) else []
        rows = narrowed_variants(
            rows, filter={**(filter or {}), "search": search} if search else filter, where=where
        )
        if sort_by and str(sort_by["direction"]) == "DESC":
            rows = rows[::-1]
        return of_list(info, rows, take(arguments), key=lambda row: row.pk)

    @staticmethod
    def resolve_attributes(
        root, info, filter=None, where=None, search=None, sort_by=None, channel=None, **arguments
    ):
        rows = chosen_attributes(filter=filter, where=where, search=search, sort_by=sort_by)
        return of_list(info, rows, take(arguments), key=lambda row: row.slug)

    @staticmethod
    def resolve_attribute(root, info, id=None, slug=None, external_reference=None):
        one_of(id=id, slug=slug, external_reference=external_reference)
        if id is not None:
            return attributes.BY_PK.get(pk_of(id, "Attribute"))
        return attributes.BY_SLUG.get(slug)
