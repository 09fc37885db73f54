"""Products, variants, categories, attributes and their pages."""

from __future__ import annotations

from django.db.models import Q
from graphene import ID, Argument, Boolean, Field, Float, Int, Interface, List, NonNull, ObjectType, String

from backend.api.saleor.base import (
    KINDS,
    SELLERS,
    AddressInput,
    File,
    Image,
    LanguageDisplay,
    Money,
    ObjectWithMetadata,
    Reason,
    TaxedMoney,
    TaxedMoneyRange,
    Weight,
    countable,
    paged,
)
from backend.api.saleor.connections import of_list, take
from backend.api.saleor.context import require_worker
from backend.api.saleor.enums import (
    AttributeEntityTypeEnum,
    AttributeErrorCode,
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
from backend.api.saleor.ids import pk_of, to_global
from backend.api.saleor.problems import BadArgument, PermissionDenied
from backend.api.saleor.products import attributes
from backend.api.saleor.products.attributes import AssignedChoice
from backend.api.saleor.products.choosing import chosen_units, connection, narrowed_variants
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
from backend.api.saleor.products.reading import (
    TYPE,
    ListingRow,
    StockRow,
    TypeRow,
    VariantListingRow,
    image_url,
    images_of,
    offered_of,
    product_of,
    seller_of_variant,
    thumbnail,
    tree,
    variant_name,
    variants_of,
)
from backend.api.saleor.rows import MoneyRow, RangeRow, WeightRow, taxed
from backend.api.saleor.scalars import Date, DateTime, JSONString, PositiveInt
from backend.api.saleor.shop.places import CHANNEL_ROW, warehouse_of
from backend.commerce import editor
from backend.commerce.drafts import MOST_PER_LINE
from backend.engine.listing import CategoryRow, ImageRow, ProductRow, VariantRow


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

    # The market's values are texts and choices; what is a date, a number or a file elsewhere is nothing here.
    @staticmethod
    def resolve_translation(root, info, language_code):
        return None

    @staticmethod
    def resolve_reference(root, info):
        return None

    @staticmethod
    def resolve_file(root, info):
        return None

    @staticmethod
    def resolve_rich_text(root, info):
        return None

    @staticmethod
    def resolve_boolean(root, info):
        return None

    @staticmethod
    def resolve_date(root, info):
        return None

    @staticmethod
    def resolve_date_time(root, info):
        return None

    @staticmethod
    def resolve_external_reference(root, info):
        return None


AttributeValueCountableConnection = countable("AttributeValue", AttributeValue)


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
        **paged(),
    )
    value_required = Boolean(required=True)
    visible_in_storefront = Boolean(required=True)
    translation = Field(AttributeTranslation, language_code=LanguageCodeEnum(required=True))
    with_choices = Boolean(required=True)
    external_reference = String()

    @staticmethod
    def resolve_choices(root, info, **arguments):
        page = take(arguments)
        choices = chosen_units(**arguments) if root.with_choices else []
        return of_list(info, choices, page, key=lambda row: row.slug)

    @staticmethod
    def resolve_entity_type(root, info):
        return None

    @staticmethod
    def resolve_unit(root, info):
        return None

    @staticmethod
    def resolve_external_reference(root, info):
        return None

    @staticmethod
    def resolve_translation(root, info, language_code):
        return None


class AssignedAttribute(Interface):
    """An attribute as it stands on a product or variant."""

    attribute = Field(Attribute, required=True)

    @staticmethod
    def resolve_type(instance, info):
        return (
            AssignedSingleChoiceAttribute
            if isinstance(instance, AssignedChoice)
            else AssignedPlainTextAttribute
        )


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

    @staticmethod
    def resolve_translation(root, info, language_code):
        return None


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

    @staticmethod
    def resolve_translation(root, info, language_code):
        return None


class AssignedSingleChoiceAttribute(ObjectType):
    """Assigned single choice attribute."""

    class Meta:
        interfaces = (AssignedAttribute,)

    value = Field(AssignedChoiceAttributeValue)


class AssignedVariantAttribute(ObjectType):
    """Assigned variant attribute."""

    attribute = Field(Attribute, required=True)
    variant_selection = Boolean(required=True)


AttributeCountableConnection = countable("Attribute", Attribute)


class BulkProductError(Reason):
    """One reason why bulk product was refused."""

    code = ProductErrorCode(required=True)
    index = Int()


class BulkStockError(Reason):
    """One reason why bulk stock was refused."""

    code = ProductErrorCode(required=True)


CategoryCountableConnection = countable("Category", lambda: Category)


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

    @staticmethod
    def resolve_channel(root, info):
        return CHANNEL_ROW


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

    @staticmethod
    def resolve_id(root, info):
        return to_global("ProductMedia", root.pk)

    @staticmethod
    def resolve_product_id(root, info):
        return to_global("Product", root.product_id)

    @staticmethod
    def resolve_sort_order(root, info):
        return root.position

    @staticmethod
    def resolve_type(root, info):
        return "IMAGE"

    @staticmethod
    def resolve_oembed_data(root, info):
        return {}

    @staticmethod
    def resolve_url(root, info, size=None, format=None):
        return image_url(root, size)

    @staticmethod
    def resolve_metadata(root, info):
        return []

    @staticmethod
    def resolve_private_metadata(root, info):
        return []


class ProductPricingInfo(ObjectType):
    """Product pricing info."""

    on_sale = Boolean()
    display_gross_prices = Boolean(required=True)
    price_range = Field(TaxedMoneyRange)
    price_range_undiscounted = Field(TaxedMoneyRange)

    # ``root`` is the lowest and the highest price, or None where nothing has a price.
    @staticmethod
    def resolve_on_sale(root, info):
        return False

    @staticmethod
    def resolve_display_gross_prices(root, info):
        return True

    @staticmethod
    def resolve_price_range(root, info):
        return root

    @staticmethod
    def resolve_price_range_undiscounted(root, info):
        return root


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

    @staticmethod
    def resolve_weight(root, info):
        return WeightRow(0.0)

    @staticmethod
    def resolve_product_attributes(root, info):
        return attributes.LABEL

    @staticmethod
    def resolve_variant_attributes(root, info, variant_selection=None):
        return [] if variant_selection == "NOT_VARIANT_SELECTION" else [attributes.UNIT]

    @staticmethod
    def resolve_assigned_variant_attributes(root, info, variant_selection=None):
        if variant_selection == "NOT_VARIANT_SELECTION":
            return []
        return [{"attribute": attributes.UNIT, "variant_selection": True}]

    @staticmethod
    def resolve_metadata(root, info):
        return []

    @staticmethod
    def resolve_private_metadata(root, info):
        return []


class ProductVariantChannelListing(ObjectType):
    """Product variant channel listing."""

    id = ID(required=True)
    channel = Field("backend.api.saleor.shop.types.Channel", required=True)
    price = Field(Money)
    cost_price = Field(Money)

    @staticmethod
    def resolve_channel(root, info):
        return CHANNEL_ROW

    @staticmethod
    def resolve_price(root, info):
        return MoneyRow(root.variant.price_vnd)

    @staticmethod
    def resolve_cost_price(root, info):
        return None


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

    @staticmethod
    def resolve_warehouse(root, info):
        return warehouse_of(info.context, root.seller_id)


class VariantPricingInfo(ObjectType):
    """Variant pricing info."""

    on_sale = Boolean()
    price = Field(TaxedMoney)
    price_undiscounted = Field(TaxedMoney)

    # ``root`` is the price as TaxedMoney.
    @staticmethod
    def resolve_on_sale(root, info):
        return False

    @staticmethod
    def resolve_price(root, info):
        return root

    @staticmethod
    def resolve_price_undiscounted(root, info):
        return root


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

    @staticmethod
    def resolve_id(root, info):
        return to_global("ProductVariant", root.pk)

    @staticmethod
    def resolve_name(root, info):
        return variant_name(root)

    @staticmethod
    def resolve_sku(root, info):
        return root.sku or None

    @staticmethod
    def resolve_product(root, info):
        return product_of(info.context, root.product_id)

    @staticmethod
    def resolve_track_inventory(root, info):
        return True

    @staticmethod
    def resolve_quantity_limit_per_customer(root, info):
        return None

    @staticmethod
    def resolve_weight(root, info):
        return WeightRow(root.weight_g / 1000) if root.weight_g else None

    @staticmethod
    def resolve_channel_listings(root, info):
        require_worker(info)
        return [VariantListingRow(root)] if root.withdrawn_at is None else []

    @staticmethod
    def resolve_pricing(root, info, address=None):
        return taxed(root.price_vnd) if root.withdrawn_at is None else None

    @staticmethod
    def resolve_attributes(root, info, variant_selection=None):
        return [] if variant_selection == "NOT_VARIANT_SELECTION" else attributes.of_variant(root)

    @staticmethod
    def resolve_assigned_attributes(root, info, limit=100):
        return [AssignedChoice(attributes.UNIT, attributes.unit_value(root.unit))]

    @staticmethod
    def resolve_assigned_attribute(root, info, slug):
        if slug != attributes.UNIT.slug:
            return None
        return AssignedChoice(attributes.UNIT, attributes.unit_value(root.unit))

    @staticmethod
    def resolve_margin(root, info):
        return None

    @staticmethod
    def resolve_quantity_ordered(root, info):
        return None

    @staticmethod
    def resolve_media(root, info):
        return []

    @staticmethod
    def resolve_translation(root, info, language_code):
        return None

    @staticmethod
    def resolve_stocks(root, info, address=None, country_code=None):
        product = product_of(info.context, root.product_id)
        if not info.context.requestor.reaches(product.seller_id):
            raise PermissionDenied("MANAGE_PRODUCTS", "MANAGE_ORDERS")
        return [StockRow(root, product.seller_id)]

    @staticmethod
    def resolve_quantity_available(root, info, address=None, country_code=None):
        return max(min(root.available, MOST_PER_LINE), 0)

    @staticmethod
    def resolve_created(root, info):
        return product_of(info.context, root.product_id).created

    @staticmethod
    def resolve_updated_at(root, info):
        return product_of(info.context, root.product_id).updated_at


ProductVariantCountableConnection = countable("ProductVariant", ProductVariant)


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
        **paged(),
    )
    media = List(NonNull(ProductMedia), sort_by=Argument(MediaSortingInput))
    collections = List(NonNull("backend.api.saleor.shop.types.Collection"))
    translation = Field(ProductTranslation, language_code=LanguageCodeEnum(required=True))
    available_for_purchase_at = DateTime()
    is_available_for_purchase = Boolean()
    external_reference = String()

    @staticmethod
    def resolve_id(root, info):
        return to_global("Product", root.pk)

    @staticmethod
    def resolve_assigned_attributes(root, info, limit=100):
        return [attributes.assigned_to_product(root, each) for each in attributes.LABEL[:limit]]

    @staticmethod
    def resolve_assigned_attribute(root, info, slug):
        attribute = attributes.BY_SLUG.get(slug)
        if attribute is None or not attribute.field:
            return None
        return attributes.assigned_to_product(root, attribute)

    @staticmethod
    def resolve_attributes(root, info):
        return attributes.of_product(root)

    @staticmethod
    def resolve_seo_title(root, info):
        return None

    @staticmethod
    def resolve_seo_description(root, info):
        return None

    @staticmethod
    def resolve_description(root, info):
        return editor.from_text(root.description)

    @staticmethod
    def resolve_description_json(root, info):
        return editor.from_text(root.description)

    @staticmethod
    def resolve_product_type(root, info):
        return TYPE

    @staticmethod
    def resolve_category(root, info):
        return tree(info.context).get(root.category_id)

    @staticmethod
    def resolve_charge_taxes(root, info):
        return True

    @staticmethod
    def resolve_weight(root, info):
        return None

    @staticmethod
    def resolve_rating(root, info):
        return None

    @staticmethod
    def resolve_default_variant(root, info):
        return next(iter(variants_of(info.context, root)), None)

    @staticmethod
    def resolve_thumbnail(root, info, size=None, format=None):
        images = images_of(info.context, root.pk)
        return thumbnail(images[0], size) if images else None

    @staticmethod
    def resolve_pricing(root, info, address=None):
        prices = [row.price_vnd for row in offered_of(info.context, root)]
        if not prices:
            return None
        return RangeRow(taxed(min(prices)), taxed(max(prices)))

    @staticmethod
    def resolve_is_available(root, info, address=None):
        return root.published and any(row.available > 0 for row in offered_of(info.context, root))

    @staticmethod
    def resolve_channel_listings(root, info):
        require_worker(info)
        return [ListingRow(root)]

    @staticmethod
    def resolve_media(root, info, sort_by=None):
        images = images_of(info.context, root.pk)
        return images[::-1] if sort_by and str(sort_by["direction"]) == "DESC" else images

    @staticmethod
    def resolve_media_by_id(root, info, id):
        pk = pk_of(id, "ProductMedia")
        return next((each for each in images_of(info.context, root.pk) if each.pk == pk), None)

    @staticmethod
    def resolve_variant(root, info, id=None, sku=None):
        if (id is None) == (sku is None):
            raise BadArgument("Exactly one of arguments is required: 'id', 'sku'.")
        pk = pk_of(id, "ProductVariant")
        rows = variants_of(info.context, root)
        return next((each for each in rows if (each.pk == pk if id is not None else each.sku == sku)), None)

    @staticmethod
    def resolve_variants(root, info):
        return variants_of(info.context, root)

    @staticmethod
    def resolve_product_variants(root, info, filter=None, where=None, sort_by=None, **arguments):
        rows = narrowed_variants(variants_of(info.context, root), filter=filter, where=where)
        if sort_by and str(sort_by["direction"]) == "DESC":
            rows = rows[::-1]
        return of_list(info, rows, take(arguments), key=lambda row: row.pk)

    @staticmethod
    def resolve_collections(root, info):
        return []

    @staticmethod
    def resolve_translation(root, info, language_code):
        return None

    @staticmethod
    def resolve_available_for_purchase_at(root, info):
        return root.created if root.published else None

    @staticmethod
    def resolve_is_available_for_purchase(root, info):
        return root.published


ProductCountableConnection = countable("Product", Product)


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
    ancestors = Field(CategoryCountableConnection, **paged())
    products = Field(
        ProductCountableConnection,
        filter=Argument(ProductFilterInput),
        where=Argument(ProductWhereInput),
        sort_by=Argument(ProductOrder),
        search=String(),
        channel=String(),
        **paged(),
    )
    children = Field(CategoryCountableConnection, **paged())
    background_image = Field(Image, size=Int(), format=ThumbnailFormatEnum(default_value="ORIGINAL"))
    translation = Field(CategoryTranslation, language_code=LanguageCodeEnum(required=True))

    @staticmethod
    def resolve_id(root, info):
        return to_global("Category", root.pk)

    @staticmethod
    def resolve_seo_title(root, info):
        return None

    @staticmethod
    def resolve_seo_description(root, info):
        return None

    @staticmethod
    def resolve_description(root, info):
        return None

    @staticmethod
    def resolve_parent(root, info):
        return tree(info.context).get(root.parent_id)

    @staticmethod
    def resolve_ancestors(root, info, **arguments):
        known, found = tree(info.context), []
        here = known.get(root.parent_id)
        while here is not None:
            found.insert(0, here)
            here = known.get(here.parent_id)
        return of_list(info, found, take(arguments), key=lambda row: row.pk)

    @staticmethod
    def resolve_children(root, info, **arguments):
        rows = [each for each in tree(info.context).values() if each.parent_id == root.pk]
        return of_list(info, rows, take(arguments), key=lambda row: row.pk)

    @staticmethod
    def resolve_products(root, info, **arguments):
        return connection(info, take(arguments), base=Q(category_id__in=root.below), **arguments)

    @staticmethod
    def resolve_background_image(root, info, size=None, format=None):
        return None

    @staticmethod
    def resolve_translation(root, info, language_code):
        return None


class ProductError(Reason):
    """One reason why product was refused."""

    code = ProductErrorCode(required=True)
    attributes = List(NonNull(ID))
    values = List(NonNull(ID))


class _ProductChange(ObjectType):
    """What every change of goods answers."""

    class Meta:
        abstract = True

    errors = List(NonNull(ProductError), required=True)


class CategoryCreate(_ProductChange):
    """Answer to the change of this name."""

    category = Field(Category)


class ProductTypeCreate(_ProductChange):
    """The product type that is wanted."""

    product_type = Field(ProductType)


class AttributeProblem(Reason):
    """One reason why an attribute was refused."""

    class Meta:
        name = "AttributeError"

    code = AttributeErrorCode(required=True)


class AttributeCreate(ObjectType):
    """The attribute that is wanted."""

    errors = List(NonNull(AttributeProblem), required=True)
    attribute = Field(Attribute)


class ProductChannelListingError(Reason):
    """One reason why product channel listing was refused."""

    code = ProductErrorCode(required=True)
    channels = List(NonNull(ID))


class ProductChannelListingUpdate(ObjectType):
    """Answer to the change of this name."""

    product = Field(Product)
    errors = List(NonNull(ProductChannelListingError), required=True)


class ProductCreate(_ProductChange):
    """Answer to the change of this name."""

    product = Field(Product)


class ProductDelete(_ProductChange):
    """Answer to the change of this name."""

    product = Field(Product)


class ProductMediaCreate(_ProductChange):
    """Answer to the change of this name."""

    media = Field(ProductMedia)


class ProductMediaDelete(_ProductChange):
    """Answer to the change of this name."""

    product = Field(Product)
    media = Field(ProductMedia)


ProductTypeCountableConnection = countable("ProductType", ProductType)


class ProductUpdate(_ProductChange):
    """Answer to the change of this name."""

    product = Field(Product)


class ProductVariantBulkError(Reason):
    """One reason why product variant bulk was refused."""

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


class ProductVariantCreate(_ProductChange):
    """Answer to the change of this name."""

    product_variant = Field(ProductVariant)


class ProductVariantDelete(_ProductChange):
    """Answer to the change of this name."""

    product_variant = Field(ProductVariant)


class ProductVariantStocksCreate(ObjectType):
    """Answer to the change of this name."""

    product_variant = Field(ProductVariant)
    errors = List(NonNull(BulkStockError), required=True)


class ProductVariantStocksUpdate(ObjectType):
    """Answer to the change of this name."""

    product_variant = Field(ProductVariant)
    errors = List(NonNull(BulkStockError), required=True)


class ProductVariantUpdate(_ProductChange):
    """Answer to the change of this name."""

    product_variant = Field(ProductVariant)


KINDS |= {
    ProductRow: Product,
    VariantRow: ProductVariant,
    ImageRow: ProductMedia,
    CategoryRow: Category,
    TypeRow: ProductType,
    attributes.AttributeRow: Attribute,
}
SELLERS[VariantRow] = seller_of_variant
