"""What product queries and changes take."""

from __future__ import annotations

from graphene import ID, Boolean, Float, InputField, InputObjectType, Int, List, NonNull, String

from backend.api.saleor.base import (
    ContainsFilterInput,
    DateRangeInput,
    DateTimeFilterInput,
    DateTimeRangeInput,
    DecimalFilterInput,
    GlobalIDFilterInput,
    IntRangeInput,
    MetadataFilter,
    MetadataInput,
    PriceRangeInput,
    SeoInput,
    StringFilterInput,
    choice,
    sorting,
)
from backend.api.saleor.enums import (
    AttributeChoicesSortField,
    AttributeEntityTypeEnum,
    AttributeInputTypeEnum,
    AttributeSortField,
    AttributeTypeEnum,
    CategorySortField,
    MeasurementUnitsEnum,
    MediaChoicesSortField,
    OrderDirection,
    ProductOrderField,
    ProductTypeConfigurable,
    ProductTypeEnum,
    ProductTypeKindEnum,
    ProductTypeSortField,
    ProductVariantSortField,
    StockAvailability,
)
from backend.api.saleor.scalars import Date, DateTime, JSONString, PositiveDecimal, Upload, WeightScalar


class AssignedAttributeReferenceInput(InputObjectType):
    """Input: assigned attribute reference."""

    referenced_ids = InputField(ContainsFilterInput)
    page_slugs = InputField(ContainsFilterInput)
    product_slugs = InputField(ContainsFilterInput)
    product_variant_skus = InputField(ContainsFilterInput)
    category_slugs = InputField(ContainsFilterInput)
    collection_slugs = InputField(ContainsFilterInput)


class AssignedAttributeValueInput(InputObjectType):
    """Input: assigned attribute value."""

    slug = InputField(StringFilterInput)
    name = InputField(StringFilterInput)
    numeric = InputField(DecimalFilterInput)
    date = InputField(DateRangeInput)
    date_time = InputField(DateTimeRangeInput)
    boolean = Boolean()
    reference = InputField(AssignedAttributeReferenceInput)


class AssignedAttributeWhereInput(InputObjectType):
    """Which rows are wanted: assigned attribute."""

    slug = String()
    value = InputField(AssignedAttributeValueInput)


AttributeChoicesSortingInput = sorting("AttributeChoicesSortingInput", AttributeChoicesSortField)


AttributeEntityTypeEnumFilterInput = choice("AttributeEntityTypeEnumFilterInput", AttributeEntityTypeEnum)


class AttributeFilterInput(InputObjectType):
    """Which rows are wanted: attribute."""

    value_required = Boolean()
    is_variant_only = Boolean()
    visible_in_storefront = Boolean()
    metadata = List(NonNull(MetadataFilter))
    search = String()
    ids = List(NonNull(ID))
    type = AttributeTypeEnum()
    in_collection = ID()
    in_category = ID()
    slugs = List(NonNull(String))
    filterable_in_storefront = Boolean()
    available_in_grid = Boolean()
    filterable_in_dashboard = Boolean()
    channel = String()


class AttributeInput(InputObjectType):
    """Input: attribute."""

    slug = String()
    value = InputField(AssignedAttributeValueInput)
    values = List(NonNull(String))
    values_range = InputField(IntRangeInput)
    date_time = InputField(DateTimeRangeInput)
    date = InputField(DateRangeInput)
    boolean = Boolean()


AttributeInputTypeEnumFilterInput = choice("AttributeInputTypeEnumFilterInput", AttributeInputTypeEnum)


AttributeSortingInput = sorting("AttributeSortingInput", AttributeSortField)


AttributeTypeEnumFilterInput = choice("AttributeTypeEnumFilterInput", AttributeTypeEnum)


class AttributeValueFilterInput(InputObjectType):
    """Which rows are wanted: attribute value."""

    search = String()
    ids = List(NonNull(ID))
    slugs = List(NonNull(String))


class AttributeValueSelectableTypeInput(InputObjectType):
    """Input: attribute value selectable type."""

    id = ID()
    external_reference = String()
    value = String()


class AttributeValueInput(InputObjectType):
    """Input: attribute value."""

    id = ID()
    external_reference = String()
    values = List(NonNull(String))
    dropdown = InputField(AttributeValueSelectableTypeInput)
    swatch = InputField(AttributeValueSelectableTypeInput)
    multiselect = List(NonNull(AttributeValueSelectableTypeInput))
    numeric = String()
    file = String()
    content_type = String()
    reference = ID()
    references = List(NonNull(ID))
    rich_text = JSONString()
    plain_text = String()
    boolean = Boolean()
    date = Date()
    date_time = DateTime()


class AttributeValueWhereInput(InputObjectType):
    """Which rows are wanted: attribute value."""

    ids = List(NonNull(ID))
    name = InputField(StringFilterInput)
    slug = InputField(StringFilterInput)
    AND = List(NonNull(lambda: AttributeValueWhereInput), name="AND")
    OR = List(NonNull(lambda: AttributeValueWhereInput), name="OR")


MeasurementUnitsEnumFilterInput = choice("MeasurementUnitsEnumFilterInput", MeasurementUnitsEnum)


class AttributeWhereInput(InputObjectType):
    """Which rows are wanted: attribute."""

    metadata = List(NonNull(MetadataFilter))
    ids = List(NonNull(ID))
    name = InputField(StringFilterInput)
    slug = InputField(StringFilterInput)
    with_choices = Boolean()
    input_type = InputField(AttributeInputTypeEnumFilterInput)
    entity_type = InputField(AttributeEntityTypeEnumFilterInput)
    type = InputField(AttributeTypeEnumFilterInput)
    unit = InputField(MeasurementUnitsEnumFilterInput)
    in_collection = ID()
    in_category = ID()
    value_required = Boolean()
    visible_in_storefront = Boolean()
    filterable_in_dashboard = Boolean()
    AND = List(NonNull(lambda: AttributeWhereInput), name="AND")
    OR = List(NonNull(lambda: AttributeWhereInput), name="OR")


class BulkAttributeValueInput(InputObjectType):
    """Input: bulk attribute value."""

    id = ID()
    external_reference = String()
    values = List(NonNull(String))
    dropdown = InputField(AttributeValueSelectableTypeInput)
    swatch = InputField(AttributeValueSelectableTypeInput)
    multiselect = List(NonNull(AttributeValueSelectableTypeInput))
    numeric = String()
    file = String()
    content_type = String()
    reference = ID()
    references = List(NonNull(ID))
    rich_text = JSONString()
    plain_text = String()
    boolean = Boolean()
    date = Date()
    date_time = DateTime()


class CategoryFilterInput(InputObjectType):
    """Which rows are wanted: category."""

    search = String()
    metadata = List(NonNull(MetadataFilter))
    ids = List(NonNull(ID))
    slugs = List(NonNull(String))
    updated_at = InputField(DateTimeRangeInput)


class AttributeValueCreateInput(InputObjectType):
    """A value that is wanted."""

    value = String()
    name = String(required=True)
    external_reference = String()


class AttributeCreateInput(InputObjectType):
    """The attribute that is wanted."""

    input_type = AttributeInputTypeEnum()
    entity_type = AttributeEntityTypeEnum()
    name = String(required=True)
    slug = String()
    type = AttributeTypeEnum(required=True)
    unit = MeasurementUnitsEnum()
    values = List(NonNull(AttributeValueCreateInput))
    value_required = Boolean()
    is_variant_only = Boolean()
    visible_in_storefront = Boolean()
    external_reference = String()


class ProductTypeInput(InputObjectType):
    """The product type that is wanted."""

    name = String()
    slug = String()
    kind = ProductTypeKindEnum()
    has_variants = Boolean()
    product_attributes = List(NonNull(ID))
    variant_attributes = List(NonNull(ID))
    is_shipping_required = Boolean()
    is_digital = Boolean()
    weight = WeightScalar()


class CategoryInput(InputObjectType):
    """Input: category."""

    description = JSONString()
    name = String()
    slug = String()
    seo = InputField(SeoInput)
    background_image = Upload()
    background_image_alt = String()
    metadata = List(NonNull(MetadataInput))
    private_metadata = List(NonNull(MetadataInput))


class CategorySortingInput(InputObjectType):
    """What to sort by, and which way."""

    direction = OrderDirection(required=True)
    channel = String()
    field = CategorySortField(required=True)


class CategoryWhereInput(InputObjectType):
    """Which rows are wanted: category."""

    metadata = List(NonNull(MetadataFilter))
    ids = List(NonNull(ID))
    AND = List(NonNull(lambda: CategoryWhereInput), name="AND")
    OR = List(NonNull(lambda: CategoryWhereInput), name="OR")


MediaSortingInput = sorting("MediaSortingInput", MediaChoicesSortField)


class PreorderSettingsInput(InputObjectType):
    """Input: preorder settings."""

    global_threshold = Int()
    end_date = DateTime()


class PriceFilterInput(InputObjectType):
    """Which rows are wanted: price."""

    currency = String()
    amount = InputField(DecimalFilterInput, required=True)


class ProductChannelListingAddInput(InputObjectType):
    """Input: product channel listing add."""

    channel_id = ID(required=True)
    is_published = Boolean()
    publication_date = Date()
    published_at = DateTime()
    visible_in_listings = Boolean()
    is_available_for_purchase = Boolean()
    available_for_purchase_date = Date()
    available_for_purchase_at = DateTime()
    add_variants = List(NonNull(ID))
    remove_variants = List(NonNull(ID))


class ProductChannelListingUpdateInput(InputObjectType):
    """Input: product channel listing update."""

    update_channels = List(NonNull(ProductChannelListingAddInput))
    remove_channels = List(NonNull(ID))


class ProductCreateInput(InputObjectType):
    """Input: product create."""

    attributes = List(NonNull(AttributeValueInput))
    category = ID()
    charge_taxes = Boolean()
    collections = List(NonNull(ID))
    description = JSONString()
    name = String()
    slug = String()
    tax_class = ID()
    tax_code = String()
    seo = InputField(SeoInput)
    weight = WeightScalar()
    rating = Float()
    metadata = List(NonNull(MetadataInput))
    private_metadata = List(NonNull(MetadataInput))
    external_reference = String()
    product_type = ID(required=True)


class ProductStockFilterInput(InputObjectType):
    """Which rows are wanted: product stock."""

    warehouse_ids = List(NonNull(ID))
    quantity = InputField(IntRangeInput)


class ProductFilterInput(InputObjectType):
    """Which rows are wanted: product."""

    is_published = Boolean()
    collections = List(NonNull(ID))
    categories = List(NonNull(ID))
    has_category = Boolean()
    attributes = List(NonNull(AttributeInput))
    stock_availability = StockAvailability()
    stocks = InputField(ProductStockFilterInput)
    search = String()
    metadata = List(NonNull(MetadataFilter))
    published_from = DateTime()
    is_available = Boolean()
    available_from = DateTime()
    is_visible_in_listing = Boolean()
    price = InputField(PriceRangeInput)
    minimal_price = InputField(PriceRangeInput)
    updated_at = InputField(DateTimeRangeInput)
    product_types = List(NonNull(ID))
    gift_card = Boolean()
    ids = List(NonNull(ID))
    has_preordered_variants = Boolean()
    slugs = List(NonNull(String))
    channel = String()


class ProductInput(InputObjectType):
    """Input: product."""

    attributes = List(NonNull(AttributeValueInput))
    category = ID()
    charge_taxes = Boolean()
    collections = List(NonNull(ID))
    description = JSONString()
    name = String()
    slug = String()
    tax_class = ID()
    tax_code = String()
    seo = InputField(SeoInput)
    weight = WeightScalar()
    rating = Float()
    metadata = List(NonNull(MetadataInput))
    private_metadata = List(NonNull(MetadataInput))
    external_reference = String()


class ProductMediaCreateInput(InputObjectType):
    """Input: product media create."""

    alt = String()
    image = Upload()
    product = ID(required=True)
    media_url = String()


class ProductOrder(InputObjectType):
    """What to sort by, and which way."""

    direction = OrderDirection(required=True)
    channel = String()
    attribute_id = ID()
    field = ProductOrderField()


class ProductTypeFilterInput(InputObjectType):
    """Which rows are wanted: product type."""

    search = String()
    configurable = ProductTypeConfigurable()
    product_type = ProductTypeEnum()
    metadata = List(NonNull(MetadataFilter))
    kind = ProductTypeKindEnum()
    ids = List(NonNull(ID))
    slugs = List(NonNull(String))


ProductTypeSortingInput = sorting("ProductTypeSortingInput", ProductTypeSortField)


class ProductVariantChannelListingAddInput(InputObjectType):
    """Input: product variant channel listing add."""

    channel_id = ID(required=True)
    price = PositiveDecimal(required=True)
    cost_price = PositiveDecimal()
    prior_price = PositiveDecimal()
    preorder_threshold = Int()


class StockInput(InputObjectType):
    """Input: stock."""

    warehouse = ID(required=True)
    quantity = Int(required=True)


class ProductVariantBulkCreateInput(InputObjectType):
    """Input: product variant bulk create."""

    attributes = List(NonNull(BulkAttributeValueInput), required=True)
    sku = String()
    name = String()
    track_inventory = Boolean()
    weight = WeightScalar()
    preorder = InputField(PreorderSettingsInput)
    quantity_limit_per_customer = Int()
    metadata = List(NonNull(MetadataInput))
    private_metadata = List(NonNull(MetadataInput))
    external_reference = String()
    stocks = List(NonNull(StockInput))
    channel_listings = List(NonNull(ProductVariantChannelListingAddInput))


class ProductVariantCreateInput(InputObjectType):
    """Input: product variant create."""

    attributes = List(NonNull(AttributeValueInput), required=True)
    sku = String()
    name = String()
    track_inventory = Boolean()
    weight = WeightScalar()
    preorder = InputField(PreorderSettingsInput)
    quantity_limit_per_customer = Int()
    metadata = List(NonNull(MetadataInput))
    private_metadata = List(NonNull(MetadataInput))
    external_reference = String()
    product = ID(required=True)
    stocks = List(NonNull(StockInput))


class ProductVariantFilterInput(InputObjectType):
    """Which rows are wanted: product variant."""

    search = String()
    sku = List(NonNull(String))
    metadata = List(NonNull(MetadataFilter))
    is_preorder = Boolean()
    updated_at = InputField(DateTimeRangeInput)


class ProductVariantInput(InputObjectType):
    """Input: product variant."""

    attributes = List(NonNull(AttributeValueInput))
    sku = String()
    name = String()
    track_inventory = Boolean()
    weight = WeightScalar()
    preorder = InputField(PreorderSettingsInput)
    quantity_limit_per_customer = Int()
    metadata = List(NonNull(MetadataInput))
    private_metadata = List(NonNull(MetadataInput))
    external_reference = String()


ProductVariantSortingInput = sorting("ProductVariantSortingInput", ProductVariantSortField)


class ProductVariantWhereInput(InputObjectType):
    """Which rows are wanted: product variant."""

    metadata = List(NonNull(MetadataFilter))
    ids = List(NonNull(ID))
    sku = InputField(StringFilterInput)
    updated_at = InputField(DateTimeRangeInput)
    attributes = List(NonNull(AssignedAttributeWhereInput))
    AND = List(NonNull(lambda: ProductVariantWhereInput), name="AND")
    OR = List(NonNull(lambda: ProductVariantWhereInput), name="OR")


class ProductWhereInput(InputObjectType):
    """Which rows are wanted: product."""

    metadata = List(NonNull(MetadataFilter))
    ids = List(NonNull(ID))
    name = InputField(StringFilterInput)
    slug = InputField(StringFilterInput)
    product_type = InputField(GlobalIDFilterInput)
    category = InputField(GlobalIDFilterInput)
    collection = InputField(GlobalIDFilterInput)
    is_available = Boolean()
    is_published = Boolean()
    is_visible_in_listing = Boolean()
    published_from = DateTime()
    available_from = DateTime()
    has_category = Boolean()
    price = InputField(DecimalFilterInput)
    minimal_price = InputField(DecimalFilterInput)
    attributes = List(NonNull(AttributeInput))
    stock_availability = StockAvailability()
    stocks = InputField(ProductStockFilterInput)
    gift_card = Boolean()
    has_preordered_variants = Boolean()
    updated_at = InputField(DateTimeFilterInput)
    AND = List(NonNull(lambda: ProductWhereInput), name="AND")
    OR = List(NonNull(lambda: ProductWhereInput), name="OR")
