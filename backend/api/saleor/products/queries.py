"""The query fields of this room."""

from __future__ import annotations

from graphene import ID, Argument, Field, Int, List, NonNull, String

from backend.api.saleor.enums import LanguageCodeEnum
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


class ProductsQueries:
    """What products adds to the query root."""

    categories = Field(
        CategoryCountableConnection,
        filter=Argument(CategoryFilterInput),
        where=Argument(CategoryWhereInput),
        sort_by=Argument(CategorySortingInput),
        level=Int(),
        before=String(),
        after=String(),
        first=Int(),
        last=Int(),
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
        before=String(),
        after=String(),
        first=Int(),
        last=Int(),
    )
    product_type = Field(ProductType, id=ID(required=True))
    product_types = Field(
        ProductTypeCountableConnection,
        filter=Argument(ProductTypeFilterInput),
        sort_by=Argument(ProductTypeSortingInput),
        before=String(),
        after=String(),
        first=Int(),
        last=Int(),
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
        before=String(),
        after=String(),
        first=Int(),
        last=Int(),
    )
    attributes = Field(
        AttributeCountableConnection,
        filter=Argument(AttributeFilterInput),
        where=Argument(AttributeWhereInput),
        search=String(),
        sort_by=Argument(AttributeSortingInput),
        channel=String(),
        before=String(),
        after=String(),
        first=Int(),
        last=Int(),
    )
    attribute = Field(Attribute, id=ID(), slug=String(), external_reference=String())
