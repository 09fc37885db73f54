"""Checkouts."""

from __future__ import annotations

from typing import Any

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

from backend.api.saleor.account.rows import user_row
from backend.api.saleor.account.types import User
from backend.api.saleor.addresses import address_row, mask_email
from backend.api.saleor.base import (
    Address,
    AddressInput,
    MetadataInput,
    Money,
    ObjectWithMetadata,
    Reason,
    TaxedMoney,
)
from backend.api.saleor.checkout import reading
from backend.api.saleor.context import require
from backend.api.saleor.enums import (
    AddressTypeEnum,
    CheckoutAuthorizeStatusEnum,
    CheckoutChargeStatusEnum,
    CheckoutErrorCode,
    DeliveryOptionsCalculateErrorCode,
    LanguageCodeEnum,
)
from backend.api.saleor.goods import channel_row, variant_of, want_variants
from backend.api.saleor.keys import global_key, uuid_of
from backend.api.saleor.products.types import ProductVariant
from backend.api.saleor.rows import MoneyRow, TaxedRow, taxed
from backend.api.saleor.scalars import UUID, DateTime, JSONString, PositiveDecimal
from backend.api.saleor.shop.types import Channel, ShippingMethod, Warehouse
from backend.api.saleor.transaction.rows import transaction_rows
from backend.api.saleor.transaction.types import PaymentGateway, TransactionItem
from backend.commerce.naming import NOTE


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

    @classmethod
    def resolve_type(cls, instance: Any, info: Any) -> Any:
        return info.schema.get_type(instance.kind).graphene_type


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

    @staticmethod
    def resolve_variant(root: Any, info: Any) -> Any:
        return variant_of(info.context, root.data.variant_id)

    @staticmethod
    def resolve_quantity(root: Any, info: Any) -> int:
        return int(root.data.quantity)

    @staticmethod
    def resolve_unit_price(root: Any, info: Any) -> TaxedRow:
        return taxed(root.data.price_vnd)

    @staticmethod
    def resolve_undiscounted_unit_price(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.price_vnd)

    @staticmethod
    def resolve_total_price(root: Any, info: Any) -> TaxedRow:
        return taxed(root.data.price_vnd * root.data.quantity)

    @staticmethod
    def resolve_undiscounted_total_price(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.price_vnd * root.data.quantity)

    @staticmethod
    def resolve_requires_shipping(root: Any, info: Any) -> bool:
        return True

    @staticmethod
    def resolve_is_gift(root: Any, info: Any) -> bool:
        return False

    @staticmethod
    def resolve_problems(root: Any, info: Any) -> Any:
        return reading.line_problems(root, variant_of(info.context, root.data.variant_id))


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

    @classmethod
    def resolve_type(cls, instance: Any, info: Any) -> Any:
        return info.schema.get_type(instance.kind).graphene_type


class DeliveryMethod(Union):
    """How goods change hands: by a method, or at a warehouse."""

    class Meta:
        types = (
            Warehouse,
            ShippingMethod,
        )

    @classmethod
    def resolve_type(cls, instance: Any, info: Any) -> Any:
        return ShippingMethod


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

    @staticmethod
    def resolve_id(root: Any, info: Any) -> str:
        return global_key("Checkout", root.key)

    @staticmethod
    def resolve_token(root: Any, info: Any) -> Any:
        return uuid_of(root.key)

    @staticmethod
    def resolve_created(root: Any, info: Any) -> Any:
        return root.data.created_at

    @staticmethod
    def resolve_updated_at(root: Any, info: Any) -> Any:
        return root.data.updated_at

    @staticmethod
    def resolve_user(root: Any, info: Any) -> Any:
        """Whose it is: told to themselves and nobody else."""
        user = info.context.requestor.user
        if user is None or str(user.pk) != root.data.user_ref:
            return None
        return user_row(user, is_staff=info.context.requestor.is_staff)

    @staticmethod
    def resolve_channel(root: Any, info: Any) -> Any:
        return channel_row()

    @staticmethod
    def resolve_email(root: Any, info: Any) -> str | None:
        email = root.data.email
        return (email if root.shows("email") else mask_email(email)) or None

    @staticmethod
    def resolve_shipping_address(root: Any, info: Any) -> Any:
        return address_row(root.data, "shipping", masked=not root.shows("shipping_address"))

    @staticmethod
    def resolve_billing_address(root: Any, info: Any) -> Any:
        return address_row(root.data, "billing", masked=not root.shows("billing_address"))

    @staticmethod
    def resolve_note(root: Any, info: Any) -> str:
        return str(root.data.metadata.get(NOTE, "")) if root.shows("note") else ""

    @staticmethod
    def resolve_discount(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(0)

    @staticmethod
    def resolve_shipping_methods(root: Any, info: Any) -> Any:
        return [reading.method_row(way) for way in reading.options(info.context, root.data)]

    @staticmethod
    def resolve_available_shipping_methods(root: Any, info: Any) -> Any:
        return Checkout.resolve_shipping_methods(root, info)

    @staticmethod
    def resolve_available_collection_points(root: Any, info: Any) -> Any:
        return []

    @staticmethod
    def resolve_available_payment_gateways(root: Any, info: Any) -> Any:
        return reading.gateways()

    @staticmethod
    def resolve_gift_cards(root: Any, info: Any) -> Any:
        return []

    @staticmethod
    def resolve_is_shipping_required(root: Any, info: Any) -> bool:
        """Goods change hands; an empty checkout has none."""
        return bool(reading.lines_of(info.context, root.key))

    @staticmethod
    def resolve_quantity(root: Any, info: Any) -> int:
        return sum(line.quantity for line in reading.lines_of(info.context, root.key))

    @staticmethod
    def resolve_lines(root: Any, info: Any) -> Any:
        lines = reading.lines_of(info.context, root.key)
        want_variants(info.context, [line.variant_id for line in lines])
        return [reading.LineRow(line, root.seller_id) for line in lines]

    @staticmethod
    def resolve_shipping_price(root: Any, info: Any) -> TaxedRow:
        way = reading.chosen(info.context, root.data)
        return taxed(way.price.amount if way else 0)

    @staticmethod
    def resolve_delivery(root: Any, info: Any) -> Any:
        way = reading.chosen(info.context, root.data)
        return reading.delivery_row(root.data, way) if way else None

    @staticmethod
    def resolve_shipping_method(root: Any, info: Any) -> Any:
        way = reading.chosen(info.context, root.data)
        return reading.method_row(way) if way else None

    @staticmethod
    def resolve_delivery_method(root: Any, info: Any) -> Any:
        return Checkout.resolve_shipping_method(root, info)

    @staticmethod
    def resolve_subtotal_price(root: Any, info: Any) -> TaxedRow:
        return taxed(reading.subtotal(info.context, root.key))

    @staticmethod
    def resolve_total_price(root: Any, info: Any) -> TaxedRow:
        return taxed(reading.total(info.context, root.data))

    @staticmethod
    def resolve_total_balance(root: Any, info: Any) -> MoneyRow:
        paid = reading.sums(info.context, root.key)
        return MoneyRow(paid.charged - reading.total(info.context, root.data))

    @staticmethod
    def resolve_language_code(root: Any, info: Any) -> str:
        return str(root.data.language).upper()

    @staticmethod
    def resolve_transactions(root: Any, info: Any) -> Any:
        require(info, "MANAGE_CHECKOUTS", "HANDLE_PAYMENTS")
        rows = info.context.loader(reading.load_transactions).get(root.key) or []
        return transaction_rows(info.context, rows)

    @staticmethod
    def resolve_charge_status(root: Any, info: Any) -> str:
        paid = reading.sums(info.context, root.key)
        return reading.charge_status(
            paid.charged + paid.charge_pending, reading.total(info.context, root.data)
        )

    @staticmethod
    def resolve_authorize_status(root: Any, info: Any) -> str:
        paid = reading.sums(info.context, root.key)
        covered = paid.charged + paid.charge_pending + paid.authorized + paid.authorize_pending
        return reading.authorize_status(covered, reading.total(info.context, root.data))

    @staticmethod
    def resolve_problems(root: Any, info: Any) -> Any:
        found = reading.delivery_problems(info.context, root.data)
        for line in Checkout.resolve_lines(root, info):
            found += reading.line_problems(line, variant_of(info.context, line.data.variant_id))
        return found


class CheckoutError(Reason):
    """One reason why checkout was refused."""

    code = CheckoutErrorCode(required=True)
    variants = List(NonNull(ID))
    lines = List(NonNull(ID))
    address_type = AddressTypeEnum()


class _CheckoutChange(ObjectType):
    """What every change of a checkout answers."""

    class Meta:
        abstract = True

    checkout = Field(Checkout)
    errors = List(NonNull(CheckoutError), required=True)


class CheckoutAddPromoCode(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutBillingAddressUpdate(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutComplete(ObjectType):
    """Answer to the change of this name."""

    order = Field("backend.api.saleor.order.types.Order")
    confirmation_needed = Boolean(required=True)
    confirmation_data = JSONString()
    errors = List(NonNull(CheckoutError), required=True)

    @staticmethod
    def resolve_confirmation_needed(root: Any, info: Any) -> bool:
        return False

    @staticmethod
    def resolve_confirmation_data(root: Any, info: Any) -> Any:
        """Nothing is ever left to confirm."""
        return {} if root.order is not None else None


class CheckoutCreate(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutCustomerAttach(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutCustomerDetach(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutLineDelete(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutDeliveryMethodUpdate(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutEmailUpdate(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutLinesAdd(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutLinesDelete(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutLinesUpdate(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutRemovePromoCode(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutShippingAddressUpdate(_CheckoutChange):
    """Answer to the change of this name."""


class CheckoutShippingMethodUpdate(_CheckoutChange):
    """Answer to the change of this name."""


class DeliveryOptionsCalculateError(Reason):
    """One reason why delivery options calculate was refused."""

    code = DeliveryOptionsCalculateErrorCode(required=True)


class DeliveryOptionsCalculate(ObjectType):
    """Answer to the change of this name."""

    deliveries = List(NonNull(Delivery), required=True)
    errors = List(NonNull(DeliveryOptionsCalculateError), required=True)

    @staticmethod
    def resolve_deliveries(root: Any, info: Any) -> Any:
        return root.deliveries or []


class Voucher(ObjectType):
    """A voucher; the market has none."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    code = String()
