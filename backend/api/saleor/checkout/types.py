"""Checkouts."""

from __future__ import annotations

from graphene import (
    ID,
    Boolean,
    Field,
    InputField,
    InputObjectType,
    Int,
    List,
    NonNull,
    ObjectType,
    String,
    Union,
)

from backend.api.saleor.account.types import User
from backend.api.saleor.base import (
    Address,
    AddressInput,
    MetadataInput,
    Money,
    ObjectWithMetadata,
    TaxedMoney,
)
from backend.api.saleor.enums import (
    AddressTypeEnum,
    CheckoutAuthorizeStatusEnum,
    CheckoutChargeStatusEnum,
    CheckoutErrorCode,
    DeliveryOptionsCalculateErrorCode,
    LanguageCodeEnum,
)
from backend.api.saleor.products.types import ProductVariant
from backend.api.saleor.scalars import UUID, DateTime, JSONString, PositiveDecimal
from backend.api.saleor.shop.types import Channel, ShippingMethod, Warehouse
from backend.api.saleor.transaction.types import PaymentGateway, TransactionItem


class CheckoutAddressValidationRules(InputObjectType):
    """Checkout address validation rules."""

    check_required_fields = Boolean(default_value=True)
    check_fields_format = Boolean(default_value=True)
    enable_fields_normalization = Boolean(default_value=True)


class CheckoutLineInput(InputObjectType):
    """Input: checkout line."""

    quantity = Int(required=True)
    variant_id = ID(required=True)
    price = PositiveDecimal()
    price_override_reason = String()
    force_new_line = Boolean(default_value=False)
    metadata = List(NonNull(MetadataInput))


class CheckoutValidationRules(InputObjectType):
    """Checkout validation rules."""

    shipping_address = InputField(CheckoutAddressValidationRules)
    billing_address = InputField(CheckoutAddressValidationRules)


class CheckoutCreateInput(InputObjectType):
    """Input: checkout create."""

    channel = String()
    lines = List(NonNull(CheckoutLineInput), required=True)
    email = String()
    save_shipping_address = Boolean()
    shipping_address = InputField(AddressInput)
    save_billing_address = Boolean()
    billing_address = InputField(AddressInput)
    language_code = LanguageCodeEnum()
    validation_rules = InputField(CheckoutValidationRules)
    metadata = List(NonNull(MetadataInput))
    private_metadata = List(NonNull(MetadataInput))


class CheckoutLineUpdateInput(InputObjectType):
    """Input: checkout line update."""

    variant_id = ID()
    quantity = Int()
    price = PositiveDecimal()
    price_override_reason = String()
    line_id = ID()
    metadata = List(NonNull(MetadataInput))


class CheckoutLineProblemInsufficientStock(ObjectType):
    """Checkout line problem insufficient stock."""

    available_quantity = Int()
    line = Field(lambda: CheckoutLine, required=True)
    variant = Field(ProductVariant, required=True)


class CheckoutLineProblemVariantNotAvailable(ObjectType):
    """Checkout line problem variant not available."""

    line = Field(lambda: CheckoutLine, required=True)


class CheckoutLineProblem(Union):
    """Checkout line problem."""

    class Meta:
        types = (
            CheckoutLineProblemInsufficientStock,
            CheckoutLineProblemVariantNotAvailable,
        )


class CheckoutLine(ObjectType):
    """A variant in a checkout."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    variant = Field(ProductVariant, required=True)
    quantity = Int(required=True)
    unit_price = Field(TaxedMoney, required=True)
    undiscounted_unit_price = Field(Money, required=True)
    total_price = Field(TaxedMoney, required=True)
    undiscounted_total_price = Field(Money, required=True)
    requires_shipping = Boolean(required=True)
    problems = List(NonNull(CheckoutLineProblem))
    is_gift = Boolean()


class Delivery(ObjectType):
    """A delivery choice of a checkout."""

    id = ID(required=True)
    shipping_method = Field(ShippingMethod)


class CheckoutProblemDeliveryMethodInvalid(ObjectType):
    """Checkout problem delivery method invalid."""

    delivery = Field(Delivery, required=True)


class CheckoutProblemDeliveryMethodStale(ObjectType):
    """Checkout problem delivery method stale."""

    delivery = Field(Delivery, required=True)


class CheckoutProblem(Union):
    """Checkout problem."""

    class Meta:
        types = (
            CheckoutProblemDeliveryMethodStale,
            CheckoutProblemDeliveryMethodInvalid,
            CheckoutLineProblemInsufficientStock,
            CheckoutLineProblemVariantNotAvailable,
        )


class DeliveryMethod(Union):
    """How goods change hands: by a method, or at a warehouse."""

    class Meta:
        types = (
            Warehouse,
            ShippingMethod,
        )


class GiftCard(ObjectType):
    """A gift card; the market has none."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    display_code = String(required=True)
    current_balance = Field(Money, required=True)


class Checkout(ObjectType):
    """A basket of one seller on its way to an order."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    created = DateTime(required=True)
    updated_at = DateTime(required=True)
    user = Field(User)
    channel = Field(Channel, required=True)
    billing_address = Field(Address)
    shipping_address = Field(Address)
    note = String(required=True)
    discount = Field(Money)
    discount_name = String()
    translated_discount_name = String()
    voucher_code = String()
    available_shipping_methods = List(NonNull(ShippingMethod), required=True)
    shipping_methods = List(NonNull(ShippingMethod), required=True)
    available_collection_points = List(NonNull(Warehouse), required=True)
    available_payment_gateways = List(NonNull(PaymentGateway), required=True)
    email = String()
    gift_cards = List(NonNull(GiftCard), required=True)
    is_shipping_required = Boolean(required=True)
    quantity = Int(required=True)
    stock_reservation_expires = DateTime()
    lines = List(NonNull(CheckoutLine), required=True)
    shipping_price = Field(TaxedMoney, required=True)
    delivery = Field(Delivery)
    shipping_method = Field(ShippingMethod)
    delivery_method = Field(DeliveryMethod)
    subtotal_price = Field(TaxedMoney, required=True)
    token = UUID(required=True)
    total_price = Field(TaxedMoney, required=True)
    total_balance = Field(Money, required=True)
    language_code = LanguageCodeEnum(required=True)
    transactions = List(NonNull(TransactionItem))
    authorize_status = CheckoutAuthorizeStatusEnum(required=True)
    charge_status = CheckoutChargeStatusEnum(required=True)
    problems = List(NonNull(CheckoutProblem))


class CheckoutError(ObjectType):
    """One reason why checkout was refused."""

    field = String()
    message = String()
    code = CheckoutErrorCode(required=True)
    variants = List(NonNull(ID))
    lines = List(NonNull(ID))
    address_type = AddressTypeEnum()


class CheckoutAddPromoCode(ObjectType):
    """Answer to the change of this name."""

    checkout = Field(Checkout)
    errors = List(NonNull(CheckoutError), required=True)


class CheckoutBillingAddressUpdate(ObjectType):
    """Answer to the change of this name."""

    checkout = Field(Checkout)
    errors = List(NonNull(CheckoutError), required=True)


class CheckoutComplete(ObjectType):
    """Answer to the change of this name."""

    order = Field("backend.api.saleor.order.types.Order")
    confirmation_needed = Boolean(required=True)
    confirmation_data = JSONString()
    errors = List(NonNull(CheckoutError), required=True)


class CheckoutCreate(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(CheckoutError), required=True)
    checkout = Field(Checkout)


class CheckoutCustomerAttach(ObjectType):
    """Answer to the change of this name."""

    checkout = Field(Checkout)
    errors = List(NonNull(CheckoutError), required=True)


class CheckoutDeliveryMethodUpdate(ObjectType):
    """Answer to the change of this name."""

    checkout = Field(Checkout)
    errors = List(NonNull(CheckoutError), required=True)


class CheckoutEmailUpdate(ObjectType):
    """Answer to the change of this name."""

    checkout = Field(Checkout)
    errors = List(NonNull(CheckoutError), required=True)


class CheckoutLinesAdd(ObjectType):
    """Answer to the change of this name."""

    checkout = Field(Checkout)
    errors = List(NonNull(CheckoutError), required=True)


class CheckoutLinesDelete(ObjectType):
    """Answer to the change of this name."""

    checkout = Field(Checkout)
    errors = List(NonNull(CheckoutError), required=True)


class CheckoutLinesUpdate(ObjectType):
    """Answer to the change of this name."""

    checkout = Field(Checkout)
    errors = List(NonNull(CheckoutError), required=True)


class CheckoutRemovePromoCode(ObjectType):
    """Answer to the change of this name."""

    checkout = Field(Checkout)
    errors = List(NonNull(CheckoutError), required=True)


class CheckoutShippingAddressUpdate(ObjectType):
    """Answer to the change of this name."""

    checkout = Field(Checkout)
    errors = List(NonNull(CheckoutError), required=True)


class CheckoutShippingMethodUpdate(ObjectType):
    """Answer to the change of this name."""

    checkout = Field(Checkout)
    errors = List(NonNull(CheckoutError), required=True)


class DeliveryOptionsCalculateError(ObjectType):
    """One reason why delivery options calculate was refused."""

    field = String()
    message = String()
    code = DeliveryOptionsCalculateErrorCode(required=True)


class DeliveryOptionsCalculate(ObjectType):
    """Answer to the change of this name."""

    deliveries = List(NonNull(Delivery), required=True)
    errors = List(NonNull(DeliveryOptionsCalculateError), required=True)


class Voucher(ObjectType):
    """A voucher; the market has none."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    code = String()
