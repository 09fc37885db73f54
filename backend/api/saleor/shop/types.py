"""The shop itself: channel, delivery, warehouses, menus, pages, collections, address rules."""

from __future__ import annotations

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
    Image,
    LanguageDisplay,
    MetadataFilter,
    Money,
    ObjectWithMetadata,
    PageInfo,
    Permission,
)
from backend.api.saleor.enums import (
    AllocationStrategyEnum,
    CollectionPublished,
    CollectionSortField,
    CountryCode,
    LanguageCodeEnum,
    MarkAsPaidStrategyEnum,
    OrderDirection,
    ShippingMethodTypeEnum,
    ThumbnailFormatEnum,
    TransactionFlowStrategyEnum,
    WarehouseClickAndCollectOptionEnum,
    WarehouseErrorCode,
    WarehouseSortField,
)
from backend.api.saleor.products.inputs import ProductFilterInput, ProductOrder, ProductWhereInput
from backend.api.saleor.products.types import Category, ProductCountableConnection
from backend.api.saleor.scalars import JSONString, Minute


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


class WarehouseSortingInput(InputObjectType):
    """What to sort by, and which way."""

    direction = OrderDirection(required=True)
    field = WarehouseSortField(required=True)


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
        before=String(),
        after=String(),
        first=Int(),
        last=Int(),
    )
    background_image = Field(Image, size=Int(), format=ThumbnailFormatEnum(default_value="ORIGINAL"))
    translation = Field(CollectionTranslation, language_code=LanguageCodeEnum(required=True))


class CollectionCountableEdge(ObjectType):
    """One row of a page, with its cursor."""

    node = Field(Collection, required=True)
    cursor = String(required=True)


class CollectionCountableConnection(ObjectType):
    """A page of collection rows."""

    page_info = Field(PageInfo, required=True)
    edges = List(NonNull(CollectionCountableEdge), required=True)
    total_count = Int()


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


class Page(ObjectType):
    """A page of text; the market keeps none here."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    seo_title = String()
    seo_description = String()
    title = String(required=True)
    content = JSONString()
    slug = String(required=True)
    translation = Field(PageTranslation, language_code=LanguageCodeEnum(required=True))


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


class Menu(ObjectType):
    """A menu; the market keeps none."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    name = String(required=True)
    slug = String(required=True)
    items = List(NonNull(MenuItem))


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


class WarehouseCountableEdge(ObjectType):
    """One row of a page, with its cursor."""

    node = Field(Warehouse, required=True)
    cursor = String(required=True)


class WarehouseCountableConnection(ObjectType):
    """A page of warehouse rows."""

    page_info = Field(PageInfo, required=True)
    edges = List(NonNull(WarehouseCountableEdge), required=True)
    total_count = Int()


class WarehouseError(ObjectType):
    """One reason why warehouse was refused."""

    field = String()
    message = String()
    code = WarehouseErrorCode(required=True)


class WarehouseCreate(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(WarehouseError), required=True)
    warehouse = Field(Warehouse)
