"""The mutation fields of this room."""

from __future__ import annotations

from graphene import ID, Argument, Field, List, NonNull, String

from backend.api.saleor.enums import ErrorPolicyEnum
from backend.api.saleor.products.inputs import (
    CategoryInput,
    ProductChannelListingUpdateInput,
    ProductCreateInput,
    ProductInput,
    ProductMediaCreateInput,
    ProductVariantBulkCreateInput,
    ProductVariantChannelListingAddInput,
    ProductVariantCreateInput,
    ProductVariantInput,
    StockInput,
)
from backend.api.saleor.products.types import (
    CategoryCreate,
    ProductChannelListingUpdate,
    ProductCreate,
    ProductDelete,
    ProductMediaCreate,
    ProductMediaDelete,
    ProductUpdate,
    ProductVariantBulkCreate,
    ProductVariantChannelListingUpdate,
    ProductVariantCreate,
    ProductVariantDelete,
    ProductVariantStocksCreate,
    ProductVariantStocksUpdate,
    ProductVariantUpdate,
)


class ProductsMutations:
    """What products adds to the mutation root."""

    category_create = Field(CategoryCreate, input=Argument(CategoryInput, required=True), parent=ID())
    product_create = Field(ProductCreate, input=Argument(ProductCreateInput, required=True))
    product_delete = Field(ProductDelete, external_reference=String(), id=ID())
    product_update = Field(
        ProductUpdate, external_reference=String(), id=ID(), input=Argument(ProductInput, required=True)
    )
    product_channel_listing_update = Field(
        ProductChannelListingUpdate,
        id=ID(required=True),
        input=Argument(ProductChannelListingUpdateInput, required=True),
    )
    product_media_create = Field(ProductMediaCreate, input=Argument(ProductMediaCreateInput, required=True))
    product_media_delete = Field(ProductMediaDelete, id=ID(required=True))
    product_variant_create = Field(
        ProductVariantCreate, input=Argument(ProductVariantCreateInput, required=True)
    )
    product_variant_delete = Field(ProductVariantDelete, external_reference=String(), id=ID(), sku=String())
    product_variant_bulk_create = Field(
        ProductVariantBulkCreate,
        error_policy=ErrorPolicyEnum(),
        product=ID(required=True),
        variants=List(NonNull(ProductVariantBulkCreateInput), required=True),
    )
    product_variant_stocks_create = Field(
        ProductVariantStocksCreate,
        stocks=List(NonNull(StockInput), required=True),
        variant_id=ID(required=True),
    )
    product_variant_stocks_update = Field(
        ProductVariantStocksUpdate,
        sku=String(),
        stocks=List(NonNull(StockInput), required=True),
        variant_id=ID(),
    )
    product_variant_update = Field(
        ProductVariantUpdate,
        external_reference=String(),
        id=ID(),
        input=Argument(ProductVariantInput, required=True),
        sku=String(),
    )
    product_variant_channel_listing_update = Field(
        ProductVariantChannelListingUpdate,
        id=ID(),
        input=List(NonNull(ProductVariantChannelListingAddInput), required=True),
        sku=String(),
    )
