"""Products, variants, categories, attributes and their pages."""

from __future__ import annotations

from graphene import ID, Argument, Boolean, Field, Float, Int, Interface, List, NonNull, ObjectType, String

from backend.api.saleor.base import (
    AddressInput,
    File,
    Image,
    LanguageDisplay,
    Money,
    ObjectWithMetadata,
    PageInfo,
    TaxedMoney,
    TaxedMoneyRange,
    Weight,
)
from backend.api.saleor.enums import (
    AttributeEntityTypeEnum,
    AttributeInputTypeEnum,
    AttributeTypeEnum,
    CountryCode,
    LanguageCodeEnum,
    MeasurementUnitsEnum,
    ProductErrorCode,
    ProductMediaType,
    ProductTypeKindEnum,
    ProductVariantBulkErrorCode,
    ThumbnailFormatEnum,
    VariantAttributeScope,
)
from backend.api.saleor.products.inputs import (
    AttributeChoicesSortingInput,
    AttributeValueFilterInput,
    AttributeValueWhereInput,
    MediaSortingInput,
    ProductFilterInput,
    ProductOrder,
    ProductVariantFilterInput,
    ProductVariantSortingInput,
    ProductVariantWhereInput,
    ProductWhereInput,
)
from backend.api.saleor.scalars import Date, DateTime, JSONString, PositiveInt


class AttributeTranslation(ObjectType):
    """Texts in another language."""

    name = String(required=True)


class AttributeValueTranslation(ObjectType):
    """Texts in another language."""

    name = String(required=True)


class AttributeValue(ObjectType):
    """What a product or variant says in an attribute."""

    id = ID(required=True)
    name = String()
    slug = String()
    value = String()
    translation = Field(AttributeValueTranslation, language_code=LanguageCodeEnum(required=True))
    reference = ID()
    file = Field(File)
    rich_text = JSONString()
    plain_text = String()
    boolean = Boolean()
    date = Date()
    date_time = DateTime()
    external_reference = String()


class AttributeValueCountableEdge(ObjectType):
    """One row of a page, with its cursor."""

    node = Field(AttributeValue, required=True)
    cursor = String(required=True)


class AttributeValueCountableConnection(ObjectType):
    """A page of attribute value rows."""

    page_info = Field(PageInfo, required=True)
    edges = List(NonNull(AttributeValueCountableEdge), required=True)
    total_count = Int()


class Attribute(ObjectType):
    """What is said of goods: a field of the label, or the unit."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    input_type = AttributeInputTypeEnum()
    entity_type = AttributeEntityTypeEnum()
    name = String(required=True)
    slug = String(required=True)
    type = AttributeTypeEnum(required=True)
    unit = MeasurementUnitsEnum()
    choices = Field(
        AttributeValueCountableConnection,
        sort_by=Argument(AttributeChoicesSortingInput),
        filter=Argument(AttributeValueFilterInput),
        where=Argument(AttributeValueWhereInput),
        search=String(),
        before=String(),
        after=String(),
        first=Int(),
        last=Int(),
    )
    value_required = Boolean(required=True)
    visible_in_storefront = Boolean(required=True)
    translation = Field(AttributeTranslation, language_code=LanguageCodeEnum(required=True))
    with_choices = Boolean(required=True)
    external_reference = String()


class AssignedAttribute(Interface):
    """An attribute as it stands on a product or variant."""

    attribute = Field(Attribute, required=True)


class AssignedBooleanAttribute(ObjectType):
    """Assigned boolean attribute."""

    class Meta:
        interfaces = (AssignedAttribute,)

    value = Boolean()


class AssignedChoiceAttributeValue(ObjectType):
    """Assigned choice attribute value."""

    name = String()
    slug = String()
    translation = String(language_code=LanguageCodeEnum(required=True))


class AssignedMultiChoiceAttribute(ObjectType):
    """Assigned multi choice attribute."""

    class Meta:
        interfaces = (AssignedAttribute,)

    value = List(NonNull(AssignedChoiceAttributeValue), required=True, limit=PositiveInt(default_value=100))


class AssignedNumericAttribute(ObjectType):
    """Assigned numeric attribute."""

    class Meta:
        interfaces = (AssignedAttribute,)

    value = Float()


class AssignedPlainTextAttribute(ObjectType):
    """Assigned plain text attribute."""

    class Meta:
        interfaces = (AssignedAttribute,)

    value = String()
    translation = String(language_code=LanguageCodeEnum(required=True))


class AssignedSingleChoiceAttribute(ObjectType):
    """Assigned single choice attribute."""

    class Meta:
        interfaces = (AssignedAttribute,)

    value = Field(AssignedChoiceAttributeValue)


class AssignedVariantAttribute(ObjectType):
    """Assigned variant attribute."""

    attribute = Field(Attribute, required=True)
    variant_selection = Boolean(required=True)


class AttributeCountableEdge(ObjectType):
    """One row of a page, with its cursor."""

    node = Field(Attribute, required=True)
    cursor = String(required=True)


class AttributeCountableConnection(ObjectType):
    """A page of attribute rows."""

    page_info = Field(PageInfo, required=True)
    edges = List(NonNull(AttributeCountableEdge), required=True)
    total_count = Int()


class BulkProductError(ObjectType):
    """One reason why bulk product was refused."""

    field = String()
    message = String()
    code = ProductErrorCode(required=True)
    index = Int()


class BulkStockError(ObjectType):
    """One reason why bulk stock was refused."""

    field = String()
    message = String()
    code = ProductErrorCode(required=True)


class CategoryCountableEdge(ObjectType):
    """One row of a page, with its cursor."""

    node = Field(lambda: Category, required=True)
    cursor = String(required=True)


class CategoryCountableConnection(ObjectType):
    """A page of category rows."""

    page_info = Field(PageInfo, required=True)
    edges = List(NonNull(CategoryCountableEdge), required=True)
    total_count = Int()


class CategoryTranslation(ObjectType):
    """Texts in another language."""

    seo_title = String()
    seo_description = String()
    slug = String()
    name = String()
    description = JSONString()


class ProductChannelListing(ObjectType):
    """Product channel listing."""

    id = ID(required=True)
    published_at = DateTime()
    is_published = Boolean(required=True)
    channel = Field("backend.api.saleor.shop.types.Channel", required=True)
    visible_in_listings = Boolean(required=True)
    available_for_purchase_at = DateTime()
    is_available_for_purchase = Boolean()


class ProductMedia(ObjectType):
    """Product media."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    sort_order = Int()
    alt = String(required=True)
    type = ProductMediaType(required=True)
    oembed_data = JSONString(required=True)
    url = String(required=True, size=Int(), format=ThumbnailFormatEnum(default_value="ORIGINAL"))
    product_id = ID()


class ProductPricingInfo(ObjectType):
    """Product pricing info."""

    on_sale = Boolean()
    display_gross_prices = Boolean(required=True)
    price_range = Field(TaxedMoneyRange)
    price_range_undiscounted = Field(TaxedMoneyRange)


class ProductTranslation(ObjectType):
    """Texts in another language."""

    id = ID(required=True)
    language = Field(LanguageDisplay, required=True)
    seo_title = String()
    seo_description = String()
    slug = String()
    name = String()
    description = JSONString()


class ProductType(ObjectType):
    """The kind of goods; the market has one."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    name = String(required=True)
    slug = String(required=True)
    has_variants = Boolean(required=True)
    is_shipping_required = Boolean(required=True)
    is_digital = Boolean(required=True)
    weight = Field(Weight)
    kind = ProductTypeKindEnum(required=True)
    variant_attributes = List(NonNull(Attribute), variant_selection=VariantAttributeScope())
    assigned_variant_attributes = List(
        NonNull(AssignedVariantAttribute), variant_selection=VariantAttributeScope()
    )
    product_attributes = List(NonNull(Attribute))


class ProductVariantChannelListing(ObjectType):
    """Product variant channel listing."""

    id = ID(required=True)
    channel = Field("backend.api.saleor.shop.types.Channel", required=True)
    price = Field(Money)
    cost_price = Field(Money)


class ProductVariantTranslation(ObjectType):
    """Texts in another language."""

    name = String(required=True)


class SelectedAttribute(ObjectType):
    """An attribute with its values."""

    attribute = Field(Attribute, required=True)
    values = List(NonNull(AttributeValue), required=True)


class Stock(ObjectType):
    """The pieces of a variant in the warehouse of its seller."""

    id = ID(required=True)
    warehouse = Field("backend.api.saleor.shop.types.Warehouse", required=True)
    quantity = Int(required=True)
    quantity_allocated = Int(required=True)


class VariantPricingInfo(ObjectType):
    """Variant pricing info."""

    on_sale = Boolean()
    price = Field(TaxedMoney)
    price_undiscounted = Field(TaxedMoney)


class ProductVariant(ObjectType):
    """What is put into a basket: a product in one unit at one price."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    assigned_attribute = Field(AssignedAttribute, slug=String(required=True))
    assigned_attributes = List(
        NonNull(AssignedAttribute), required=True, limit=PositiveInt(default_value=100)
    )
    name = String(required=True)
    sku = String()
    product = Field(lambda: Product, required=True)
    track_inventory = Boolean(required=True)
    quantity_limit_per_customer = Int()
    weight = Field(Weight)
    channel_listings = List(NonNull(ProductVariantChannelListing))
    pricing = Field(VariantPricingInfo, address=Argument(AddressInput))
    attributes = List(NonNull(SelectedAttribute), required=True, variant_selection=VariantAttributeScope())
    margin = Int()
    quantity_ordered = Int()
    media = List(NonNull(ProductMedia))
    translation = Field(ProductVariantTranslation, language_code=LanguageCodeEnum(required=True))
    stocks = List(NonNull(Stock), address=Argument(AddressInput), country_code=CountryCode())
    quantity_available = Int(address=Argument(AddressInput), country_code=CountryCode())
    created = DateTime(required=True)
    updated_at = DateTime(required=True)
    external_reference = String()


class ProductVariantCountableEdge(ObjectType):
    """One row of a page, with its cursor."""

    node = Field(ProductVariant, required=True)
    cursor = String(required=True)


class ProductVariantCountableConnection(ObjectType):
    """A page of product variant rows."""

    page_info = Field(PageInfo, required=True)
    edges = List(NonNull(ProductVariantCountableEdge), required=True)
    total_count = Int()


class Product(ObjectType):
    """A product of one seller."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    assigned_attribute = Field(AssignedAttribute, slug=String(required=True))
    assigned_attributes = List(
        NonNull(AssignedAttribute), required=True, limit=PositiveInt(default_value=100)
    )
    seo_title = String()
    seo_description = String()
    name = String(required=True)
    description = JSONString()
    product_type = Field(ProductType, required=True)
    slug = String(required=True)
    category = Field(lambda: Category)
    created = DateTime(required=True)
    updated_at = DateTime(required=True)
    charge_taxes = Boolean(required=True)
    weight = Field(Weight)
    default_variant = Field(ProductVariant)
    rating = Float()
    description_json = JSONString()
    thumbnail = Field(Image, size=Int(), format=ThumbnailFormatEnum(default_value="ORIGINAL"))
    pricing = Field(ProductPricingInfo, address=Argument(AddressInput))
    is_available = Boolean(address=Argument(AddressInput))
    attributes = List(NonNull(SelectedAttribute), required=True)
    channel_listings = List(NonNull(ProductChannelListing))
    media_by_id = Field(ProductMedia, id=ID(required=True))
    variant = Field(ProductVariant, id=ID(), sku=String())
    variants = List(NonNull(ProductVariant))
    product_variants = Field(
        ProductVariantCountableConnection,
        filter=Argument(ProductVariantFilterInput),
        where=Argument(ProductVariantWhereInput),
        sort_by=Argument(ProductVariantSortingInput),
        before=String(),
        after=String(),
        first=Int(),
        last=Int(),
    )
    media = List(NonNull(ProductMedia), sort_by=Argument(MediaSortingInput))
    collections = List(NonNull("backend.api.saleor.shop.types.Collection"))
    translation = Field(ProductTranslation, language_code=LanguageCodeEnum(required=True))
    available_for_purchase_at = DateTime()
    is_available_for_purchase = Boolean()
    external_reference = String()


class ProductCountableEdge(ObjectType):
    """One row of a page, with its cursor."""

    node = Field(Product, required=True)
    cursor = String(required=True)


class ProductCountableConnection(ObjectType):
    """A page of product rows."""

    page_info = Field(PageInfo, required=True)
    edges = List(NonNull(ProductCountableEdge), required=True)
    total_count = Int()


class Category(ObjectType):
    """One of the OCOP groups, or a branch below one."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    seo_title = String()
    seo_description = String()
    name = String(required=True)
    description = JSONString()
    slug = String(required=True)
    parent = Field(lambda: Category)
    level = Int(required=True)
    ancestors = Field(CategoryCountableConnection, before=String(), after=String(), first=Int(), last=Int())
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
    children = Field(CategoryCountableConnection, before=String(), after=String(), first=Int(), last=Int())
    background_image = Field(Image, size=Int(), format=ThumbnailFormatEnum(default_value="ORIGINAL"))
    translation = Field(CategoryTranslation, language_code=LanguageCodeEnum(required=True))


class ProductError(ObjectType):
    """One reason why product was refused."""

    field = String()
    message = String()
    code = ProductErrorCode(required=True)
    attributes = List(NonNull(ID))
    values = List(NonNull(ID))


class CategoryCreate(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(ProductError), required=True)
    category = Field(Category)


class ProductChannelListingError(ObjectType):
    """One reason why product channel listing was refused."""

    field = String()
    message = String()
    code = ProductErrorCode(required=True)
    channels = List(NonNull(ID))


class ProductChannelListingUpdate(ObjectType):
    """Answer to the change of this name."""

    product = Field(Product)
    errors = List(NonNull(ProductChannelListingError), required=True)


class ProductCreate(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(ProductError), required=True)
    product = Field(Product)


class ProductDelete(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(ProductError), required=True)
    product = Field(Product)


class ProductMediaCreate(ObjectType):
    """Answer to the change of this name."""

    media = Field(ProductMedia)
    errors = List(NonNull(ProductError), required=True)


class ProductMediaDelete(ObjectType):
    """Answer to the change of this name."""

    product = Field(Product)
    media = Field(ProductMedia)
    errors = List(NonNull(ProductError), required=True)


class ProductTypeCountableEdge(ObjectType):
    """One row of a page, with its cursor."""

    node = Field(ProductType, required=True)
    cursor = String(required=True)


class ProductTypeCountableConnection(ObjectType):
    """A page of product type rows."""

    page_info = Field(PageInfo, required=True)
    edges = List(NonNull(ProductTypeCountableEdge), required=True)
    total_count = Int()


class ProductUpdate(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(ProductError), required=True)
    product = Field(Product)


class ProductVariantBulkError(ObjectType):
    """One reason why product variant bulk was refused."""

    field = String()
    message = String()
    code = ProductVariantBulkErrorCode(required=True)


class ProductVariantBulkResult(ObjectType):
    """Product variant bulk result."""

    product_variant = Field(ProductVariant)
    errors = List(NonNull(ProductVariantBulkError))


class ProductVariantBulkCreate(ObjectType):
    """Answer to the change of this name."""

    count = Int(required=True)
    results = List(NonNull(ProductVariantBulkResult), required=True)
    errors = List(NonNull(BulkProductError), required=True)


class ProductVariantChannelListingUpdate(ObjectType):
    """Answer to the change of this name."""

    variant = Field(ProductVariant)
    errors = List(NonNull(ProductChannelListingError), required=True)


class ProductVariantCreate(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(ProductError), required=True)
    product_variant = Field(ProductVariant)


class ProductVariantDelete(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(ProductError), required=True)
    product_variant = Field(ProductVariant)


class ProductVariantStocksCreate(ObjectType):
    """Answer to the change of this name."""

    product_variant = Field(ProductVariant)
    errors = List(NonNull(BulkStockError), required=True)


class ProductVariantStocksUpdate(ObjectType):
    """Answer to the change of this name."""

    product_variant = Field(ProductVariant)
    errors = List(NonNull(BulkStockError), required=True)


class ProductVariantUpdate(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(ProductError), required=True)
    product_variant = Field(ProductVariant)
