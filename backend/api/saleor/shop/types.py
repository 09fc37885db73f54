"""The shop itself: channel, delivery, warehouses, menus, pages, collections, address rules."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from graphene import (
    ID,
    Argument,
    Boolean,
    Field,
    InputField,
    InputObjectType,
    Int,
    List,
    NonNull,
    ObjectType,
    String,
)

from backend.api.saleor.base import (
    Address,
    AddressInput,
    CountryDisplay,
    CountryFilterInput,
    File,
    GlobalIDFilterInput,
    Image,
    LanguageDisplay,
    MetadataFilter,
    MetadataFilterInput,
    MetadataInput,
    Money,
    ObjectWithMetadata,
    Permission,
    Reason,
    StringFilterInput,
    countable,
    paged,
    sorting,
)
from backend.api.saleor.context import require, require_worker
from backend.api.saleor.enums import (
    AllocationStrategyEnum,
    ChannelErrorCode,
    CollectionPublished,
    CollectionSortField,
    CountryCode,
    LanguageCodeEnum,
    MarkAsPaidStrategyEnum,
    OrderDirection,
    PageSortField,
    ShippingErrorCode,
    ShippingMethodTypeEnum,
    ThumbnailFormatEnum,
    TransactionFlowStrategyEnum,
    WarehouseClickAndCollectOptionEnum,
    WarehouseErrorCode,
    WarehouseSortField,
)
from backend.api.saleor.products.inputs import ProductFilterInput, ProductOrder, ProductWhereInput
from backend.api.saleor.products.types import AssignedAttribute, Category, ProductCountableConnection
from backend.api.saleor.rows import VIETNAM
from backend.api.saleor.scalars import JSONString, Minute, PositiveDecimal, PositiveInt, WeightScalar
from backend.api.saleor.shop.delivering import methods_of
from backend.api.saleor.shop.facts import SPEAKS, has_orders, market_name
from backend.api.saleor.shop.places import CHANNEL_ROW, SETTINGS, warehouses
from backend.api.services import PERMISSIONS
from backend.commerce import naming
from backend.commerce.drafts import MOST_PER_LINE


class CollectionFilterInput(InputObjectType):
    """Which rows are wanted: collection."""

    published = CollectionPublished()
    search = String()
    metadata = List(NonNull(MetadataFilter))
    ids = List(NonNull(ID))
    slugs = List(NonNull(String))
    channel = String()


class CollectionSortingInput(InputObjectType):
    """What to sort by, and which way."""

    direction = OrderDirection(required=True)
    channel = String()
    field = CollectionSortField(required=True)


class CollectionWhereInput(InputObjectType):
    """Which rows are wanted: collection."""

    metadata = List(NonNull(MetadataFilter))
    ids = List(NonNull(ID))
    AND = List(NonNull(lambda: CollectionWhereInput), name="AND")
    OR = List(NonNull(lambda: CollectionWhereInput), name="OR")


class WarehouseCreateInput(InputObjectType):
    """Input: warehouse create."""

    slug = String()
    email = String()
    external_reference = String()
    name = String(required=True)
    address = InputField(AddressInput, required=True)
    shipping_zones = List(NonNull(ID))


class WarehouseFilterInput(InputObjectType):
    """Which rows are wanted: warehouse."""

    click_and_collect_option = WarehouseClickAndCollectOptionEnum()
    metadata = List(NonNull(MetadataFilter))
    search = String()
    ids = List(NonNull(ID))
    is_private = Boolean()
    channels = List(NonNull(ID))
    slugs = List(NonNull(String))


WarehouseSortingInput = sorting("WarehouseSortingInput", WarehouseSortField)


class ChoiceValue(ObjectType):
    """One choice of an address form."""

    raw = String()
    verbose = String()


class AddressValidationData(ObjectType):
    """What an address form of a country asks for."""

    country_code = String(required=True)
    address_format = String(required=True)
    allowed_fields = List(NonNull(String), required=True)
    required_fields = List(NonNull(String), required=True)
    upper_fields = List(NonNull(String), required=True)
    country_area_type = String(required=True)
    country_area_choices = List(NonNull(ChoiceValue), required=True)
    city_type = String(required=True)
    city_choices = List(NonNull(ChoiceValue), required=True)
    city_area_type = String(required=True)
    city_area_choices = List(NonNull(ChoiceValue), required=True)
    postal_code_type = String(required=True)
    postal_code_matchers = List(NonNull(String), required=True)
    postal_code_examples = List(NonNull(String), required=True)


class CheckoutSettings(ObjectType):
    """Checkout settings."""

    use_legacy_error_flow = Boolean(required=True)
    automatically_complete_fully_paid_checkouts = Boolean(required=True)


class OrderSettings(ObjectType):
    """Order settings."""

    automatically_confirm_all_new_orders = Boolean(required=True)
    expire_orders_after = Minute()
    mark_as_paid_strategy = MarkAsPaidStrategyEnum(required=True)
    allow_unpaid_orders = Boolean(required=True)


class PaymentSettings(ObjectType):
    """Payment settings."""

    default_transaction_flow_strategy = TransactionFlowStrategyEnum(required=True)


class ShippingMethod(ObjectType):
    """A way in which goods change hands."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    type = ShippingMethodTypeEnum()
    name = String(required=True)
    description = JSONString()
    maximum_delivery_days = Int()
    minimum_delivery_days = Int()
    price = Field(Money, required=True)
    active = Boolean(required=True)
    message = String()


class ShippingMethodsPerCountry(ObjectType):
    """Shipping methods per country."""

    country_code = CountryCode(required=True)
    shipping_methods = List(NonNull(ShippingMethod))


class StockSettings(ObjectType):
    """Stock settings."""

    allocation_strategy = AllocationStrategyEnum(required=True)


class Warehouse(ObjectType):
    """Where one seller keeps goods; the embedded engine has one per seller."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    name = String(required=True)
    slug = String(required=True)
    address = Field(Address, required=True)
    external_reference = String()


class Channel(ObjectType):
    """The one channel of the market."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    slug = String(required=True)
    name = String(required=True)
    is_active = Boolean(required=True)
    currency_code = String(required=True)
    has_orders = Boolean(required=True)
    default_country = Field(CountryDisplay, required=True)
    warehouses = List(NonNull(Warehouse), required=True)
    countries = List(NonNull(CountryDisplay))
    available_shipping_methods_per_country = List(
        NonNull(ShippingMethodsPerCountry), countries=List(NonNull(CountryCode))
    )
    stock_settings = Field(StockSettings, required=True)
    order_settings = Field(OrderSettings, required=True)
    checkout_settings = Field(CheckoutSettings, required=True)
    payment_settings = Field(PaymentSettings, required=True)

    # What anybody may read: id, slug, countries, metadata, delivery.
    @staticmethod
    def resolve_name(root, info):
        require_worker(info)
        return root.name

    @staticmethod
    def resolve_is_active(root, info):
        require_worker(info)
        return True

    @staticmethod
    def resolve_currency_code(root, info):
        require_worker(info)
        return naming.CURRENCY

    @staticmethod
    def resolve_has_orders(root, info):
        require(info, "MANAGE_CHANNELS")
        return has_orders()

    @staticmethod
    def resolve_default_country(root, info):
        require_worker(info)
        return VIETNAM

    @staticmethod
    def resolve_warehouses(root, info):
        require_worker(info)
        return warehouses(info.context)

    @staticmethod
    def resolve_countries(root, info):
        return [VIETNAM]

    @staticmethod
    def resolve_available_shipping_methods_per_country(root, info, countries=None):
        # Delivery is each seller's own: a checkout says which ways there are.
        return (
            [{"country_code": "VN", "shipping_methods": []}] if countries is None or "VN" in countries else []
        )

    @staticmethod
    def resolve_stock_settings(root, info):
        require(info, "MANAGE_CHANNELS", "MANAGE_ORDERS")
        return SETTINGS["stock_settings"]

    @staticmethod
    def resolve_order_settings(root, info):
        require(info, "MANAGE_CHANNELS", "MANAGE_ORDERS")
        return SETTINGS["order_settings"]

    @staticmethod
    def resolve_checkout_settings(root, info):
        require(info, "MANAGE_CHANNELS", "MANAGE_CHECKOUTS")
        return SETTINGS["checkout_settings"]

    @staticmethod
    def resolve_payment_settings(root, info):
        require(info, "MANAGE_CHANNELS", "HANDLE_PAYMENTS")
        return SETTINGS["payment_settings"]


class CollectionTranslation(ObjectType):
    """Texts in another language."""

    seo_title = String()
    seo_description = String()
    slug = String()
    name = String()
    description = JSONString()


class Collection(ObjectType):
    """A collection of goods; the market keeps none."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    seo_title = String()
    seo_description = String()
    name = String(required=True)
    description = JSONString()
    slug = String(required=True)
    products = Field(
        ProductCountableConnection,
        filter=Argument(ProductFilterInput),
        where=Argument(ProductWhereInput),
        search=String(),
        sort_by=Argument(ProductOrder),
        **paged(),
    )
    background_image = Field(Image, size=Int(), format=ThumbnailFormatEnum(default_value="ORIGINAL"))
    translation = Field(CollectionTranslation, language_code=LanguageCodeEnum(required=True))


CollectionCountableConnection = countable("Collection", Collection)


class Domain(ObjectType):
    """Domain."""

    host = String(required=True)
    url = String(required=True)


class MenuItemTranslation(ObjectType):
    """Texts in another language."""

    name = String(required=True)


class PageTranslation(ObjectType):
    """Texts in another language."""

    seo_title = String()
    seo_description = String()
    slug = String()
    title = String()
    content = JSONString()


class PageType(ObjectType):
    """A kind of pages."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    name = String(required=True)
    slug = String(required=True)


class PageFilterInput(InputObjectType):
    """Which rows are wanted: pages."""

    search = String()
    metadata = List(NonNull(MetadataFilter))
    page_types = List(NonNull(ID))
    ids = List(NonNull(ID))
    slugs = List(NonNull(String))


class PageWhereInput(InputObjectType):
    """Which rows are wanted: pages."""

    metadata = InputField(MetadataFilterInput)
    ids = List(NonNull(ID))
    slug = InputField(StringFilterInput)
    page_type = InputField(GlobalIDFilterInput)
    AND = List(NonNull(lambda: PageWhereInput), name="AND")
    OR = List(NonNull(lambda: PageWhereInput), name="OR")


PageSortingInput = sorting("PageSortingInput", PageSortField)


class Page(ObjectType):
    """A page of text; the market keeps none here."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    is_published = Boolean(required=True)
    page_type = Field(PageType, required=True)
    assigned_attribute = Field(AssignedAttribute, slug=String(required=True))
    assigned_attributes = List(
        NonNull(AssignedAttribute), required=True, limit=PositiveInt(default_value=100)
    )
    seo_title = String()
    seo_description = String()
    title = String(required=True)
    content = JSONString()
    slug = String(required=True)
    translation = Field(PageTranslation, language_code=LanguageCodeEnum(required=True))


PageCountableConnection = countable("Page", Page)


class AssignedSingleCollectionReferenceAttribute(ObjectType):
    """A collection that an attribute names; the market keeps none."""

    class Meta:
        interfaces = (AssignedAttribute,)

    value = Field(Collection)


class AssignedFileAttribute(ObjectType):
    """A file that an attribute names; the market keeps none."""

    class Meta:
        interfaces = (AssignedAttribute,)

    value = Field(File)


class MenuItem(ObjectType):
    """An entry of a menu."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    name = String(required=True)
    category = Field(Category)
    collection = Field(Collection)
    page = Field(Page)
    level = Int(required=True)
    children = List(NonNull(lambda: MenuItem))
    url = String()
    translation = Field(MenuItemTranslation, language_code=LanguageCodeEnum(required=True))

    @staticmethod
    def resolve_children(root, info):
        return root.below(info.context)

    @staticmethod
    def resolve_translation(root, info, language_code):
        return None


class Menu(ObjectType):
    """A menu: of the goods by their groups, or an empty one."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    name = String(required=True)
    slug = String(required=True)
    items = List(NonNull(MenuItem))

    @staticmethod
    def resolve_items(root, info):
        return root.entries(info.context)


class Shop(ObjectType):
    """The market as a whole."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    available_payment_gateways = List(
        NonNull("backend.api.saleor.transaction.types.PaymentGateway"),
        required=True,
        currency=String(),
        channel=String(),
    )
    channel_currencies = List(NonNull(String), required=True)
    countries = List(
        NonNull(CountryDisplay),
        required=True,
        language_code=LanguageCodeEnum(),
        filter=Argument(CountryFilterInput),
    )
    default_country = Field(CountryDisplay)
    description = String()
    domain = Field(Domain, required=True)
    languages = List(NonNull(LanguageDisplay), required=True)
    name = String(required=True)
    permissions = List(NonNull(Permission), required=True)
    phone_prefixes = List(NonNull(String), required=True)
    fulfillment_auto_approve = Boolean(required=True)
    fulfillment_allow_unpaid = Boolean(required=True)
    track_inventory_by_default = Boolean()
    reserve_stock_duration_anonymous_user = Int()
    limit_quantity_per_checkout = Int()
    enable_account_confirmation_by_email = Boolean()
    version = String(required=True)
    schema_version = String(required=True)
    include_taxes_in_prices = Boolean(required=True)
    display_gross_prices = Boolean(required=True)
    charge_taxes_on_shipping = Boolean(required=True)

    @staticmethod
    def resolve_metadata(root, info):
        return []

    @staticmethod
    def resolve_private_metadata(root, info):
        require(info, "MANAGE_SETTINGS")
        return []

    @staticmethod
    def resolve_available_payment_gateways(root, info, currency=None, channel=None):
        return []

    @staticmethod
    def resolve_channel_currencies(root, info):
        require_worker(info)
        return [naming.CURRENCY]

    @staticmethod
    def resolve_countries(root, info, language_code=None, filter=None):
        return [VIETNAM]

    @staticmethod
    def resolve_default_country(root, info):
        return VIETNAM

    @staticmethod
    def resolve_description(root, info):
        return ""

    @staticmethod
    def resolve_domain(root, info):
        return {"host": urlsplit(settings.PUBLIC_URL).netloc, "url": settings.PUBLIC_URL}

    @staticmethod
    def resolve_languages(root, info):
        return [{"code": code.upper(), "language": str(name)} for code, name in settings.LANGUAGES]

    @staticmethod
    def resolve_name(root, info):
        return market_name()

    @staticmethod
    def resolve_permissions(root, info):
        return [{"code": code, "name": code.replace("_", " ").capitalize()} for code in sorted(PERMISSIONS)]

    @staticmethod
    def resolve_phone_prefixes(root, info):
        return ["84"]

    @staticmethod
    def resolve_fulfillment_auto_approve(root, info):
        require(info, "MANAGE_SETTINGS")
        return True

    @staticmethod
    def resolve_fulfillment_allow_unpaid(root, info):
        require(info, "MANAGE_SETTINGS")
        return True

    @staticmethod
    def resolve_track_inventory_by_default(root, info):
        require(info, "MANAGE_SETTINGS")
        return True

    @staticmethod
    def resolve_reserve_stock_duration_anonymous_user(root, info):
        require(info, "MANAGE_SETTINGS")
        return

    @staticmethod
    def resolve_limit_quantity_per_checkout(root, info):
        require(info, "MANAGE_SETTINGS")
        return MOST_PER_LINE

    @staticmethod
    def resolve_enable_account_confirmation_by_email(root, info):
        require(info, "MANAGE_SETTINGS")
        return True

    @staticmethod
    def resolve_version(root, info):
        require_worker(info)
        return SPEAKS

    @staticmethod
    def resolve_schema_version(root, info):
        require_worker(info)
        return SPEAKS.rpartition(".")[0]

    @staticmethod
    def resolve_include_taxes_in_prices(root, info):
        return True

    @staticmethod
    def resolve_display_gross_prices(root, info):
        return True

    @staticmethod
    def resolve_charge_taxes_on_shipping(root, info):
        return False


WarehouseCountableConnection = countable("Warehouse", Warehouse)


class WarehouseError(Reason):
    """One reason why warehouse was refused."""

    code = WarehouseErrorCode(required=True)


class WarehouseCreate(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(WarehouseError), required=True)
    warehouse = Field(Warehouse)


class ChannelUpdateInput(InputObjectType):
    """What may change of the channel: nothing but its warehouses, and they are in it already."""

    add_warehouses = List(NonNull(ID))


class ShippingZoneUpdateInput(InputObjectType):
    """What may change of the zone: nothing but its warehouses, and they are in it already."""

    add_warehouses = List(NonNull(ID))


class StockSettingsInput(InputObjectType):
    """Stock settings that are wanted."""

    allocation_strategy = AllocationStrategyEnum(required=True)


class OrderSettingsInput(InputObjectType):
    """Order settings that are wanted."""

    automatically_confirm_all_new_orders = Boolean()
    expire_orders_after = Minute()
    mark_as_paid_strategy = MarkAsPaidStrategyEnum()
    allow_unpaid_orders = Boolean()


class CheckoutSettingsInput(InputObjectType):
    """Checkout settings that are wanted."""

    use_legacy_error_flow = Boolean()
    automatically_complete_fully_paid_checkouts = Boolean()


class PaymentSettingsInput(InputObjectType):
    """Payment settings that are wanted."""

    default_transaction_flow_strategy = TransactionFlowStrategyEnum()


class ChannelCreateInput(ChannelUpdateInput):
    """The channel that is wanted."""

    is_active = Boolean()
    name = String(required=True)
    slug = String(required=True)
    currency_code = String(required=True)
    default_country = CountryCode(required=True)
    add_shipping_zones = List(NonNull(ID))
    metadata = List(NonNull(MetadataInput))
    private_metadata = List(NonNull(MetadataInput))
    stock_settings = InputField(StockSettingsInput)
    order_settings = InputField(OrderSettingsInput)
    checkout_settings = InputField(CheckoutSettingsInput)
    payment_settings = InputField(PaymentSettingsInput)


class ShippingZoneCreateInput(ShippingZoneUpdateInput):
    """The zone that is wanted."""

    name = String()
    description = String()
    countries = List(NonNull(String))
    default = Boolean()
    add_channels = List(NonNull(ID))


class ShippingPriceInput(InputObjectType):
    """The delivery method that is wanted."""

    name = String()
    description = JSONString()
    minimum_order_weight = WeightScalar()
    maximum_order_weight = WeightScalar()
    maximum_delivery_days = Int()
    minimum_delivery_days = Int()
    type = ShippingMethodTypeEnum()
    shipping_zone = ID()


class ShippingMethodChannelListingAddInput(InputObjectType):
    """What a delivery method costs."""

    channel_id = ID(required=True)
    price = PositiveDecimal()
    minimum_order_price = PositiveDecimal()
    maximum_order_price = PositiveDecimal()


class ShippingMethodChannelListingInput(InputObjectType):
    """Where a delivery method is offered."""

    add_channels = List(NonNull(ShippingMethodChannelListingAddInput))
    remove_channels = List(NonNull(ID))


class ShippingZoneFilterInput(InputObjectType):
    """Which rows are wanted: shipping zone."""

    search = String()
    channels = List(NonNull(ID))


class ShippingMethodChannelListing(ObjectType):
    """The price of a delivery method."""

    id = ID(required=True)
    channel = Field(Channel, required=True)
    price = Field(Money)


class ShippingMethodType(ObjectType):
    """A delivery method: one of the two ways of one seller."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    name = String(required=True)
    type = ShippingMethodTypeEnum()
    channel_listings = List(NonNull(ShippingMethodChannelListing))


class ShippingZone(ObjectType):
    """Where the market sends goods: Vietnam."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    name = String(required=True)
    default = Boolean(required=True)
    countries = List(NonNull(CountryDisplay), required=True)
    shipping_methods = List(NonNull(ShippingMethodType))
    warehouses = List(NonNull(Warehouse), required=True)
    channels = List(NonNull(Channel), required=True)
    description = String()

    @staticmethod
    def resolve_countries(root, info):
        return [VIETNAM]

    @staticmethod
    def resolve_shipping_methods(root, info):
        require(info, "MANAGE_SHIPPING")
        return methods_of(row.seller_id for row in warehouses(info.context))

    @staticmethod
    def resolve_warehouses(root, info):
        return warehouses(info.context)

    @staticmethod
    def resolve_channels(root, info):
        return [CHANNEL_ROW]


ShippingZoneCountableConnection = countable("ShippingZone", ShippingZone)


class ChannelError(Reason):
    """One reason why a change of the channel was refused."""

    code = ChannelErrorCode(required=True)
    warehouses = List(NonNull(ID))


class ChannelUpdate(ObjectType):
    """The channel after the change."""

    errors = List(NonNull(ChannelError), required=True)
    channel = Field(Channel)


class ShippingError(Reason):
    """One reason why a change of a zone was refused."""

    code = ShippingErrorCode(required=True)
    warehouses = List(NonNull(ID))
    channels = List(NonNull(ID))


class ShippingZoneUpdate(ObjectType):
    """The zone after the change."""

    errors = List(NonNull(ShippingError), required=True)
    shipping_zone = Field(ShippingZone)


class ChannelCreate(ObjectType):
    """The channel that is wanted."""

    errors = List(NonNull(ChannelError), required=True)
    channel = Field(Channel)


class ShippingZoneCreate(ObjectType):
    """The zone that is wanted."""

    errors = List(NonNull(ShippingError), required=True)
    shipping_zone = Field(ShippingZone)


class ShippingPriceCreate(ShippingZoneCreate):
    """The delivery method that is wanted."""

    shipping_method = Field(ShippingMethodType)


class ShippingMethodChannelListingUpdate(ObjectType):
    """The delivery method after the change."""

    errors = List(NonNull(ShippingError), required=True)
    shipping_method = Field(ShippingMethodType)
