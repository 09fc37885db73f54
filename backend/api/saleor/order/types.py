"""Orders, their lines, events and hand-overs."""

from __future__ import annotations

from typing import Any

from graphene import (
    ID,
    Boolean,
    Field,
    Float,
    InputField,
    InputObjectType,
    Int,
    List,
    NonNull,
    ObjectType,
    String,
)

from backend.api.saleor.account.rows import user_row
from backend.api.saleor.account.types import User
from backend.api.saleor.addresses import address_row, mask_email
from backend.api.saleor.base import (
    Address,
    CountryCodeEnumFilterInput,
    DateRangeInput,
    DateTimeRangeInput,
    GlobalIDFilterInput,
    Image,
    IntFilterInput,
    MetadataFilter,
    MetadataFilterInput,
    Money,
    ObjectWithMetadata,
    Reason,
    StringFilterInput,
    TaxedMoney,
    UUIDFilterInput,
    choice,
    countable,
    sorting,
)
from backend.api.saleor.checkout.reading import authorize_status, method_row
from backend.api.saleor.checkout.types import DeliveryMethod, Voucher
from backend.api.saleor.context import require
from backend.api.saleor.enums import (
    FulfillmentStatus,
    LanguageCodeEnum,
    OrderAction,
    OrderAuthorizeStatusEnum,
    OrderChargeStatusEnum,
    OrderDiscountType,
    OrderErrorCode,
    OrderEventsEnum,
    OrderOriginEnum,
    OrderSortField,
    OrderStatus,
    OrderStatusFilter,
    PaymentChargeStatusEnum,
    ThumbnailFormatEnum,
)
from backend.api.saleor.goods import channel_row, variant_of, warehouse_of
from backend.api.saleor.ids import to_global
from backend.api.saleor.keys import global_key, uuid_of
from backend.api.saleor.order import reading
from backend.api.saleor.products.inputs import PriceFilterInput
from backend.api.saleor.products.types import ProductVariant
from backend.api.saleor.rows import MoneyRow, TaxedRow, taxed
from backend.api.saleor.scalars import UUID, DateTime
from backend.api.saleor.shop.types import Channel, ShippingMethod, Warehouse
from backend.api.saleor.transaction.rows import transaction_rows
from backend.api.saleor.transaction.types import TransactionFilterInput, TransactionItem
from backend.commerce.values import Delivery
from backend.common.money import Money as Amount


class AddressFilterInput(InputObjectType):
    """Which rows are wanted: address."""

    phone_number = InputField(StringFilterInput)
    country = InputField(CountryCodeEnumFilterInput)


class InvoiceFilterInput(InputObjectType):
    """Which rows are wanted: invoice."""

    created_at = InputField(DateTimeRangeInput)


OrderAuthorizeStatusEnumFilterInput = choice("OrderAuthorizeStatusEnumFilterInput", OrderAuthorizeStatusEnum)


OrderChargeStatusEnumFilterInput = choice("OrderChargeStatusEnumFilterInput", OrderChargeStatusEnum)


OrderStatusEnumFilterInput = choice("OrderStatusEnumFilterInput", OrderStatus)


class CustomerOrderWhereInput(InputObjectType):
    """Which rows are wanted: customer order."""

    metadata = InputField(MetadataFilterInput)
    ids = List(NonNull(ID))
    number = InputField(IntFilterInput)
    channel_id = InputField(GlobalIDFilterInput)
    created_at = InputField(DateTimeRangeInput)
    updated_at = InputField(DateTimeRangeInput)
    user_email = InputField(StringFilterInput)
    authorize_status = InputField(OrderAuthorizeStatusEnumFilterInput)
    charge_status = InputField(OrderChargeStatusEnumFilterInput)
    status = InputField(OrderStatusEnumFilterInput)
    checkout_token = InputField(UUIDFilterInput)
    checkout_id = InputField(GlobalIDFilterInput)
    is_click_and_collect = Boolean()
    is_gift_card_used = Boolean()
    is_gift_card_bought = Boolean()
    voucher_code = InputField(StringFilterInput)
    has_invoices = Boolean()
    invoices = List(NonNull(InvoiceFilterInput))
    has_fulfillments = Boolean()
    lines_count = InputField(IntFilterInput)
    total_gross = InputField(PriceFilterInput)
    total_net = InputField(PriceFilterInput)
    product_type_id = InputField(GlobalIDFilterInput)
    billing_address = InputField(AddressFilterInput)
    shipping_address = InputField(AddressFilterInput)
    AND = List(NonNull(lambda: CustomerOrderWhereInput), name="AND")
    OR = List(NonNull(lambda: CustomerOrderWhereInput), name="OR")


class FulfillmentCancelInput(InputObjectType):
    """Input: fulfillment cancel."""

    warehouse_id = ID()


FulfillmentStatusEnumFilterInput = choice("FulfillmentStatusEnumFilterInput", FulfillmentStatus)


class FulfillmentWarehouseFilterInput(InputObjectType):
    """Which rows are wanted: fulfillment warehouse."""

    id = InputField(GlobalIDFilterInput)
    slug = InputField(StringFilterInput)
    external_reference = InputField(StringFilterInput)


class FulfillmentFilterInput(InputObjectType):
    """Which rows are wanted: fulfillment."""

    status = InputField(FulfillmentStatusEnumFilterInput)
    metadata = InputField(MetadataFilterInput)
    warehouse = InputField(FulfillmentWarehouseFilterInput)


class FulfillmentUpdateTrackingInput(InputObjectType):
    """Input: fulfillment update tracking."""

    tracking_number = String()
    notify_customer = Boolean(default_value=False)


class LinesFilterInput(InputObjectType):
    """Which rows are wanted: lines."""

    metadata = InputField(MetadataFilterInput)


OrderEventTypeEnumFilterInput = choice("OrderEventTypeEnumFilterInput", OrderEventsEnum)


class OrderEventFilterInput(InputObjectType):
    """Which rows are wanted: order event."""

    date = InputField(DateTimeRangeInput)
    type = InputField(OrderEventTypeEnumFilterInput)


class OrderFilterInput(InputObjectType):
    """Which rows are wanted: order."""

    payment_status = List(NonNull(PaymentChargeStatusEnum))
    status = List(NonNull(OrderStatusFilter))
    customer = String()
    created = InputField(DateRangeInput)
    search = String()
    metadata = List(NonNull(MetadataFilter))
    channels = List(NonNull(ID))
    authorize_status = List(NonNull(OrderAuthorizeStatusEnum))
    charge_status = List(NonNull(OrderChargeStatusEnum))
    updated_at = InputField(DateTimeRangeInput)
    is_click_and_collect = Boolean()
    is_preorder = Boolean()
    ids = List(NonNull(ID))
    checkout_tokens = List(NonNull(UUID))
    gift_card_used = Boolean()
    gift_card_bought = Boolean()
    numbers = List(NonNull(String))
    checkout_ids = List(NonNull(ID))


class OrderFulfillStockInput(InputObjectType):
    """Input: order fulfill stock."""

    quantity = Int(required=True)
    warehouse = ID(required=True)


class OrderFulfillLineInput(InputObjectType):
    """Input: order fulfill line."""

    order_line_id = ID()
    stocks = List(NonNull(OrderFulfillStockInput), required=True)


class OrderFulfillInput(InputObjectType):
    """Input: order fulfill."""

    lines = List(NonNull(OrderFulfillLineInput), required=True)
    notify_customer = Boolean()
    allow_stock_to_be_exceeded = Boolean(default_value=False)
    tracking_number = String()


OrderSortingInput = sorting("OrderSortingInput", OrderSortField)


class OrderWhereInput(InputObjectType):
    """Which rows are wanted: order."""

    metadata = InputField(MetadataFilterInput)
    ids = List(NonNull(ID))
    number = InputField(IntFilterInput)
    channel_id = InputField(GlobalIDFilterInput)
    created_at = InputField(DateTimeRangeInput)
    updated_at = InputField(DateTimeRangeInput)
    user = InputField(GlobalIDFilterInput)
    user_email = InputField(StringFilterInput)
    authorize_status = InputField(OrderAuthorizeStatusEnumFilterInput)
    charge_status = InputField(OrderChargeStatusEnumFilterInput)
    status = InputField(OrderStatusEnumFilterInput)
    checkout_token = InputField(UUIDFilterInput)
    checkout_id = InputField(GlobalIDFilterInput)
    is_click_and_collect = Boolean()
    is_gift_card_used = Boolean()
    is_gift_card_bought = Boolean()
    voucher_code = InputField(StringFilterInput)
    has_invoices = Boolean()
    invoices = List(NonNull(InvoiceFilterInput))
    has_fulfillments = Boolean()
    fulfillments = List(NonNull(FulfillmentFilterInput))
    lines = List(NonNull(LinesFilterInput))
    lines_count = InputField(IntFilterInput)
    transactions = List(NonNull(TransactionFilterInput))
    total_gross = InputField(PriceFilterInput)
    total_net = InputField(PriceFilterInput)
    product_type_id = InputField(GlobalIDFilterInput)
    events = List(NonNull(OrderEventFilterInput))
    billing_address = InputField(AddressFilterInput)
    shipping_address = InputField(AddressFilterInput)
    AND = List(NonNull(lambda: OrderWhereInput), name="AND")
    OR = List(NonNull(lambda: OrderWhereInput), name="OR")


class OrderLine(ObjectType):
    """A line as it was confirmed."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    product_name = String(required=True)
    variant_name = String(required=True)
    product_sku = String()
    product_variant_id = String()
    is_shipping_required = Boolean(required=True)
    quantity = Int(required=True)
    quantity_fulfilled = Int(required=True)
    tax_rate = Float(required=True)
    thumbnail = Field(Image, size=Int(), format=ThumbnailFormatEnum(default_value="ORIGINAL"))
    unit_price = Field(TaxedMoney, required=True)
    undiscounted_unit_price = Field(TaxedMoney, required=True)
    total_price = Field(TaxedMoney, required=True)
    undiscounted_total_price = Field(TaxedMoney, required=True)
    variant = Field(ProductVariant)
    quantity_to_fulfill = Int(required=True)

    @staticmethod
    def resolve_product_name(root: Any, info: Any) -> str:
        return str(root.data.product_name)

    @staticmethod
    def resolve_variant_name(root: Any, info: Any) -> str:
        return str(root.data.unit)

    @staticmethod
    def resolve_product_sku(root: Any, info: Any) -> str | None:
        return root.data.sku or None

    @staticmethod
    def resolve_product_variant_id(root: Any, info: Any) -> str:
        return to_global("ProductVariant", root.data.variant_id)

    @staticmethod
    def resolve_is_shipping_required(root: Any, info: Any) -> bool:
        return True

    @staticmethod
    def resolve_quantity(root: Any, info: Any) -> int:
        return int(root.data.quantity)

    @staticmethod
    def resolve_quantity_fulfilled(root: Any, info: Any) -> int:
        return int(root.data.quantity_fulfilled)

    @staticmethod
    def resolve_quantity_to_fulfill(root: Any, info: Any) -> int:
        return int(root.data.quantity - root.data.quantity_fulfilled)

    @staticmethod
    def resolve_tax_rate(root: Any, info: Any) -> float:
        return 0.0

    @staticmethod
    def resolve_thumbnail(root: Any, info: Any, **arguments: Any) -> Any:
        return reading.image_of(root.data)

    @staticmethod
    def resolve_unit_price(root: Any, info: Any) -> TaxedRow:
        return taxed(root.data.unit_price_vnd)

    @staticmethod
    def resolve_undiscounted_unit_price(root: Any, info: Any) -> TaxedRow:
        return taxed(root.data.unit_price_vnd)

    @staticmethod
    def resolve_total_price(root: Any, info: Any) -> TaxedRow:
        return taxed(root.data.total_vnd)

    @staticmethod
    def resolve_undiscounted_total_price(root: Any, info: Any) -> TaxedRow:
        return taxed(root.data.total_vnd)

    @staticmethod
    def resolve_variant(root: Any, info: Any) -> Any:
        return variant_of(info.context, root.data.variant_id)


class FulfillmentLine(ObjectType):
    """Fulfillment line."""

    id = ID(required=True)
    quantity = Int(required=True)
    order_line = Field(OrderLine)

    @staticmethod
    def resolve_order_line(root: Any, info: Any) -> Any:
        lines = reading.lines_of(info.context, root.order)
        return next((each for each in lines if each.data.id == root.data.order_line_id), None)


class Fulfillment(ObjectType):
    """One hand-over of goods."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    fulfillment_order = Int(required=True)
    status = FulfillmentStatus(required=True)
    tracking_number = String(required=True)
    created = DateTime(required=True)
    lines = List(NonNull(FulfillmentLine))
    status_display = String()
    warehouse = Field(Warehouse)

    @staticmethod
    def resolve_warehouse(root: Any, info: Any) -> Any:
        return warehouse_of(info.context, root.order.seller_id)


class OrderDiscount(ObjectType):
    """Order discount."""

    type = OrderDiscountType(required=True)
    name = String()
    amount = Field(Money, required=True)


class OrderError(Reason):
    """One reason why order was refused."""

    code = OrderErrorCode(required=True)
    warehouse = ID()
    order_lines = List(NonNull(ID))


class OrderEvent(ObjectType):
    """Order event."""

    id = ID(required=True)
    date = DateTime()
    type = OrderEventsEnum()
    message = String()


class _OrderChange(ObjectType):
    """What every change of an order answers."""

    class Meta:
        abstract = True

    errors = List(NonNull(OrderError), required=True)


class Order(_OrderChange):
    """An order as the buyer confirmed it."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    created = DateTime(required=True)
    updated_at = DateTime(required=True)
    status = OrderStatus(required=True)
    user = Field(User)
    tracking_client_id = String(required=True)
    billing_address = Field(Address)
    shipping_address = Field(Address)
    shipping_method_name = String()
    collection_point_name = String()
    channel = Field(Channel, required=True)
    fulfillments = List(NonNull(Fulfillment), required=True)
    lines = List(NonNull(OrderLine), required=True)
    actions = List(NonNull(OrderAction), required=True)
    shipping_methods = List(NonNull(ShippingMethod), required=True)
    number = String(required=True)
    origin = OrderOriginEnum(required=True)
    is_paid = Boolean(required=True)
    payment_status = PaymentChargeStatusEnum(required=True)
    payment_status_display = String(required=True)
    authorize_status = OrderAuthorizeStatusEnum(required=True)
    charge_status = OrderChargeStatusEnum(required=True)
    transactions = List(NonNull(TransactionItem), required=True)
    total = Field(TaxedMoney, required=True)
    shipping_price = Field(TaxedMoney, required=True)
    token = String(required=True)
    voucher = Field(Voucher)
    customer_note = String(required=True)
    subtotal = Field(TaxedMoney, required=True)
    status_display = String(required=True)
    can_finalize = Boolean(required=True)
    total_captured = Field(Money, required=True)
    total_charged = Field(Money, required=True)
    events = List(NonNull(OrderEvent), required=True)
    total_balance = Field(Money, required=True)
    user_email = String()
    is_shipping_required = Boolean(required=True)
    delivery_method = Field(DeliveryMethod)
    language_code_enum = LanguageCodeEnum(required=True)
    discounts = List(NonNull(OrderDiscount), required=True)
    external_reference = String()
    checkout_id = ID()

    @staticmethod
    def resolve_token(root: Any, info: Any) -> str:
        return str(uuid_of(root.data.id))

    @staticmethod
    def resolve_created(root: Any, info: Any) -> Any:
        return root.data.created_at

    @staticmethod
    def resolve_updated_at(root: Any, info: Any) -> Any:
        return root.data.updated_at

    @staticmethod
    def resolve_status(root: Any, info: Any) -> str:
        return reading.STATUS[root.data.status]

    @staticmethod
    def resolve_status_display(root: Any, info: Any) -> str:
        return reading.STATUS_WORDS[root.data.status]

    @staticmethod
    def resolve_user(root: Any, info: Any) -> Any:
        """Who placed it: told to themselves; the seller's people see name and number in the address."""
        user = info.context.requestor.user
        if user is None or str(user.pk) != root.data.user_ref:
            return None
        return user_row(user, is_staff=info.context.requestor.is_staff)

    @staticmethod
    def resolve_tracking_client_id(root: Any, info: Any) -> str:
        return ""

    @staticmethod
    def resolve_shipping_address(root: Any, info: Any) -> Any:
        return address_row(root.data, "shipping", masked=not root.shows("shipping_address"))

    @staticmethod
    def resolve_billing_address(root: Any, info: Any) -> Any:
        return address_row(root.data, "billing", masked=not root.shows("billing_address"))

    @staticmethod
    def resolve_shipping_method_name(root: Any, info: Any) -> str:
        return str(root.data.delivery_name)

    @staticmethod
    def resolve_channel(root: Any, info: Any) -> Any:
        return channel_row()

    @staticmethod
    def resolve_fulfillments(root: Any, info: Any) -> Any:
        return reading.fulfillments_of(info.context, root.data)

    @staticmethod
    def resolve_lines(root: Any, info: Any) -> Any:
        return reading.lines_of(info.context, root.data)

    @staticmethod
    def resolve_actions(root: Any, info: Any) -> Any:
        require(info, "MANAGE_ORDERS", seller_id=root.seller_id)
        if root.data.status == "canceled" or root.data.charged_vnd:
            return []
        return ["MARK_AS_PAID"]

    @staticmethod
    def resolve_shipping_methods(root: Any, info: Any) -> Any:
        return []

    @staticmethod
    def resolve_number(root: Any, info: Any) -> str:
        return str(root.data.number)

    @staticmethod
    def resolve_origin(root: Any, info: Any) -> str:
        return "CHECKOUT"

    @staticmethod
    def resolve_is_paid(root: Any, info: Any) -> bool:
        return bool(root.data.charge_status in {"full", "overcharged"})

    @staticmethod
    def resolve_payment_status(root: Any, info: Any) -> str:
        return _PAYMENT[root.data.charge_status][0]

    @staticmethod
    def resolve_payment_status_display(root: Any, info: Any) -> str:
        return _PAYMENT[root.data.charge_status][1]

    @staticmethod
    def resolve_authorize_status(root: Any, info: Any) -> str:
        return authorize_status(root.data.charged_vnd + root.data.authorized_vnd, root.data.total_vnd)

    @staticmethod
    def resolve_charge_status(root: Any, info: Any) -> str:
        return str(root.data.charge_status).upper()

    @staticmethod
    def resolve_transactions(root: Any, info: Any) -> Any:
        require(info, "MANAGE_ORDERS", "HANDLE_PAYMENTS", seller_id=root.seller_id)
        rows = info.context.loader(reading.load_transactions).get(root.data.number) or []
        return transaction_rows(info.context, rows)

    @staticmethod
    def resolve_total(root: Any, info: Any) -> TaxedRow:
        return taxed(root.data.total_vnd)

    @staticmethod
    def resolve_shipping_price(root: Any, info: Any) -> TaxedRow:
        return taxed(root.data.delivery_vnd)

    @staticmethod
    def resolve_customer_note(root: Any, info: Any) -> str:
        return str(root.data.note) if root.shows("note") else ""

    @staticmethod
    def resolve_subtotal(root: Any, info: Any) -> TaxedRow:
        return taxed(root.data.subtotal_vnd)

    @staticmethod
    def resolve_can_finalize(root: Any, info: Any) -> bool:
        return False

    @staticmethod
    def resolve_total_captured(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.charged_vnd)

    @staticmethod
    def resolve_total_charged(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.charged_vnd)

    @staticmethod
    def resolve_total_balance(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.charged_vnd - root.data.total_vnd)

    @staticmethod
    def resolve_events(root: Any, info: Any) -> Any:
        require(info, "MANAGE_ORDERS", seller_id=root.seller_id)
        rows = info.context.loader(reading.load_events).get(root.data.id) or []
        return [reading.EventRow(each) for each in rows]

    @staticmethod
    def resolve_user_email(root: Any, info: Any) -> str | None:
        email = root.data.email
        return email if root.shows("email") else mask_email(email)

    @staticmethod
    def resolve_is_shipping_required(root: Any, info: Any) -> bool:
        return True

    @staticmethod
    def resolve_delivery_method(root: Any, info: Any) -> Any:
        return method_row(
            Delivery(root.data.delivery_method, root.data.delivery_name, Amount(root.data.delivery_vnd))
        )

    @staticmethod
    def resolve_language_code_enum(root: Any, info: Any) -> str:
        return str(root.data.language).upper()

    @staticmethod
    def resolve_discounts(root: Any, info: Any) -> Any:
        return []

    @staticmethod
    def resolve_errors(root: Any, info: Any) -> Any:
        return []

    @staticmethod
    def resolve_checkout_id(root: Any, info: Any) -> str:
        return global_key("Checkout", root.data.checkout_id)


_PAYMENT = {
    "none": ("NOT_CHARGED", "Not charged"),
    "partial": ("PARTIALLY_CHARGED", "Partially charged"),
    "full": ("FULLY_CHARGED", "Fully charged"),
    "overcharged": ("FULLY_CHARGED", "Fully charged"),
}
"""PaymentChargeStatusEnum, which older clients read, and its words."""


class FulfillmentCancel(_OrderChange):
    """Answer to the change of this name."""

    fulfillment = Field(Fulfillment)
    order = Field(Order)


class FulfillmentUpdateTracking(_OrderChange):
    """Answer to the change of this name."""

    fulfillment = Field(Fulfillment)


class OrderCancel(_OrderChange):
    """Answer to the change of this name."""

    order = Field(Order)


class OrderConfirm(_OrderChange):
    """Answer to the change of this name."""

    order = Field(Order)


OrderCountableConnection = countable("Order", Order)


class OrderFulfill(_OrderChange):
    """Answer to the change of this name."""

    fulfillments = List(NonNull(Fulfillment))
    order = Field(Order)


class OrderMarkAsPaid(_OrderChange):
    """Answer to the change of this name."""

    order = Field(Order)
