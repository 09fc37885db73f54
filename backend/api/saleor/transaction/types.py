"""Payment gateways, transactions and their events."""

from __future__ import annotations

from typing import Any

from graphene import (
    ID,
    Boolean,
    Field,
    InputField,
    InputObjectType,
    Int,
    Interface,
    List,
    NonNull,
    ObjectType,
    String,
)

from backend.api.saleor.account.rows import app_row
from backend.api.saleor.base import (
    MetadataFilterInput,
    MetadataInput,
    Money,
    MoneyInput,
    ObjectWithMetadata,
    Reason,
    StringFilterInput,
    choice,
)
from backend.api.saleor.context import require
from backend.api.saleor.enums import (
    PaymentGatewayConfigErrorCode,
    PaymentGatewayInitializeErrorCode,
    PaymentMethodTypeEnum,
    TransactionActionEnum,
    TransactionCreateErrorCode,
    TransactionEventReportErrorCode,
    TransactionEventTypeEnum,
    TransactionInitializeErrorCode,
    TransactionProcessErrorCode,
    TransactionRequestActionErrorCode,
    TransactionUpdateErrorCode,
)
from backend.api.saleor.keys import uuid_of
from backend.api.saleor.rows import MoneyRow
from backend.api.saleor.scalars import JSON, UUID, DateTime
from backend.api.saleor.transaction.rows import EventRow, MethodDetailsRow, load_events
from backend.commerce.naming import DEMO_GATEWAY, GATEWAY


class CardPaymentMethodDetailsInput(InputObjectType):
    """Input: card payment method details."""

    name = String(required=True)
    brand = String()
    first_digits = String()
    last_digits = String()
    exp_month = Int()
    exp_year = Int()


class GiftCardPaymentMethodDetailsInput(InputObjectType):
    """Input: gift card payment method details."""

    name = String(required=True)
    brand = String()
    last_chars = String()


class OtherPaymentMethodDetailsInput(InputObjectType):
    """Input: other payment method details."""

    name = String(required=True)


class PaymentGatewayToInitialize(InputObjectType):
    """Payment gateway to initialize."""

    id = String(required=True)
    data = JSON()


class PaymentMethodDetailsCardFilterInput(InputObjectType):
    """Which rows are wanted: payment method details card."""

    brand = InputField(StringFilterInput)


PaymentMethodTypeEnumFilterInput = choice("PaymentMethodTypeEnumFilterInput", PaymentMethodTypeEnum)


class PaymentMethodDetailsFilterInput(InputObjectType):
    """Which rows are wanted: payment method details."""

    type = InputField(PaymentMethodTypeEnumFilterInput)
    card = InputField(PaymentMethodDetailsCardFilterInput)


class PaymentMethodDetailsInput(InputObjectType):
    """Input: payment method details."""

    card = InputField(CardPaymentMethodDetailsInput)
    other = InputField(OtherPaymentMethodDetailsInput)
    gift_card = InputField(GiftCardPaymentMethodDetailsInput)


class TransactionCreateInput(InputObjectType):
    """Input: transaction create."""

    name = String()
    message = String()
    psp_reference = String()
    available_actions = List(NonNull(TransactionActionEnum))
    amount_authorized = InputField(MoneyInput)
    amount_charged = InputField(MoneyInput)
    amount_refunded = InputField(MoneyInput)
    amount_canceled = InputField(MoneyInput)
    metadata = List(NonNull(MetadataInput))
    private_metadata = List(NonNull(MetadataInput))
    external_url = String()
    payment_method_details = InputField(PaymentMethodDetailsInput)


class TransactionEventInput(InputObjectType):
    """Input: transaction event."""

    psp_reference = String()
    message = String()


class TransactionFilterInput(InputObjectType):
    """Which rows are wanted: transaction."""

    payment_method_details = InputField(PaymentMethodDetailsFilterInput)
    psp_reference = InputField(StringFilterInput)
    metadata = InputField(MetadataFilterInput)


class TransactionUpdateInput(InputObjectType):
    """Input: transaction update."""

    name = String()
    message = String()
    psp_reference = String()
    available_actions = List(NonNull(TransactionActionEnum))
    amount_authorized = InputField(MoneyInput)
    amount_charged = InputField(MoneyInput)
    amount_refunded = InputField(MoneyInput)
    amount_canceled = InputField(MoneyInput)
    metadata = List(NonNull(MetadataInput))
    private_metadata = List(NonNull(MetadataInput))
    external_url = String()
    payment_method_details = InputField(PaymentMethodDetailsInput)


class GatewayConfigLine(ObjectType):
    """Gateway config line."""

    field = String(required=True)
    value = String()


class PaymentGateway(ObjectType):
    """Payment gateway."""

    name = String(required=True)
    id = ID(required=True)
    config = List(NonNull(GatewayConfigLine), required=True)
    currencies = List(NonNull(String), required=True)


class PaymentGatewayConfigError(Reason):
    """One reason why payment gateway config was refused."""

    code = PaymentGatewayConfigErrorCode(required=True)


class PaymentGatewayConfig(ObjectType):
    """Payment gateway config."""

    id = String(required=True)
    data = JSON()
    errors = List(NonNull(PaymentGatewayConfigError))


class PaymentGatewayInitializeError(Reason):
    """One reason why payment gateway initialize was refused."""

    code = PaymentGatewayInitializeErrorCode(required=True)


class PaymentGatewayInitialize(ObjectType):
    """Answer to the change of this name."""

    gateway_configs = List(NonNull(PaymentGatewayConfig))
    errors = List(NonNull(PaymentGatewayInitializeError), required=True)


class PaymentMethodDetails(Interface):
    """Payment method details."""

    name = String(required=True)

    @classmethod
    def resolve_type(cls, instance: Any, info: Any) -> Any:
        return OtherPaymentMethodDetails


class OtherPaymentMethodDetails(ObjectType):
    """How it is paid, in words."""

    class Meta:
        interfaces = (PaymentMethodDetails,)

    name = String(required=True)


class TransactionCreateError(Reason):
    """One reason why transaction create was refused."""

    code = TransactionCreateErrorCode(required=True)


class TransactionEvent(ObjectType):
    """One thing that happened to a transaction."""

    id = ID(required=True)
    created_at = DateTime(required=True)
    psp_reference = String(required=True)
    message = String(required=True)
    external_url = String(required=True)
    amount = Field(Money, required=True)
    type = TransactionEventTypeEnum()
    idempotency_key = String()


class TransactionItem(ObjectType):
    """Money on its way to the seller of one order."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    token = UUID(required=True)
    created_at = DateTime(required=True)
    actions = List(NonNull(TransactionActionEnum), required=True)
    authorized_amount = Field(Money, required=True)
    authorize_pending_amount = Field(Money, required=True)
    refunded_amount = Field(Money, required=True)
    refund_pending_amount = Field(Money, required=True)
    canceled_amount = Field(Money, required=True)
    cancel_pending_amount = Field(Money, required=True)
    charged_amount = Field(Money, required=True)
    charge_pending_amount = Field(Money, required=True)
    name = String(required=True)
    message = String(required=True)
    psp_reference = String(required=True)
    order = Field("backend.api.saleor.order.types.Order")
    checkout = Field("backend.api.saleor.checkout.types.Checkout")
    events = List(NonNull(TransactionEvent), required=True)
    external_url = String(required=True)
    payment_method_details = Field(PaymentMethodDetails)
    created_by = Field("backend.api.saleor.account.types.UserOrApp")

    @staticmethod
    def resolve_token(root: Any, info: Any) -> Any:
        return uuid_of(root.data.id)

    @staticmethod
    def resolve_actions(root: Any, info: Any) -> Any:
        return [each.upper() for each in root.data.actions]

    @staticmethod
    def resolve_authorized_amount(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.authorized_vnd)

    @staticmethod
    def resolve_authorize_pending_amount(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.authorize_pending_vnd)

    @staticmethod
    def resolve_refunded_amount(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.refunded_vnd)

    @staticmethod
    def resolve_refund_pending_amount(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.refund_pending_vnd)

    @staticmethod
    def resolve_canceled_amount(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.canceled_vnd)

    @staticmethod
    def resolve_cancel_pending_amount(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.cancel_pending_vnd)

    @staticmethod
    def resolve_charged_amount(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.charged_vnd)

    @staticmethod
    def resolve_charge_pending_amount(root: Any, info: Any) -> MoneyRow:
        return MoneyRow(root.data.charge_pending_vnd)

    @staticmethod
    def resolve_created_at(root: Any, info: Any) -> Any:
        return root.data.created_at

    @staticmethod
    def resolve_name(root: Any, info: Any) -> Any:
        return root.data.name

    @staticmethod
    def resolve_message(root: Any, info: Any) -> Any:
        return root.data.message

    @staticmethod
    def resolve_psp_reference(root: Any, info: Any) -> Any:
        return root.data.psp_reference

    @staticmethod
    def resolve_external_url(root: Any, info: Any) -> Any:
        return root.data.external_url

    @staticmethod
    def resolve_order(root: Any, info: Any) -> Any:
        from backend.api.saleor.order.reading import find

        return find(info.context, root.data.order_id) if root.data.order_id else None

    @staticmethod
    def resolve_checkout(root: Any, info: Any) -> Any:
        from backend.api.saleor.checkout.reading import find

        return find(info.context, root.data.checkout_id) if root.data.checkout_id else None

    @staticmethod
    def resolve_events(root: Any, info: Any) -> Any:
        """What was reported is for those who serve the order."""
        require(info, "MANAGE_ORDERS", "HANDLE_PAYMENTS", seller_id=root.seller_id)
        return [EventRow(each) for each in info.context.loader(load_events).get(root.data.id) or []]

    @staticmethod
    def resolve_payment_method_details(root: Any, info: Any) -> Any:
        """How a gateway of ours is paid; a transaction that a program opened says nothing of it."""
        return MethodDetailsRow(root.data.name) if root.data.app in {GATEWAY, DEMO_GATEWAY} else None

    @staticmethod
    def resolve_created_by(root: Any, info: Any) -> Any:
        """The App that opened it, told to itself; of people nothing is told."""
        requestor = info.context.requestor
        mine = bool(requestor.app) and root.data.app == f"app:{requestor.app_id}"
        return app_row(requestor) if mine else None


class TransactionCreate(ObjectType):
    """Answer to the change of this name."""

    transaction = Field(TransactionItem)
    errors = List(NonNull(TransactionCreateError), required=True)


class TransactionEventReportError(Reason):
    """One reason why transaction event report was refused."""

    code = TransactionEventReportErrorCode(required=True)


class TransactionEventReport(ObjectType):
    """Answer to the change of this name."""

    already_processed = Boolean()
    transaction = Field(TransactionItem)
    transaction_event = Field(TransactionEvent)
    errors = List(NonNull(TransactionEventReportError), required=True)


class TransactionInitializeError(Reason):
    """One reason why transaction initialize was refused."""

    code = TransactionInitializeErrorCode(required=True)


class TransactionInitialize(ObjectType):
    """Answer to the change of this name."""

    transaction = Field(TransactionItem)
    transaction_event = Field(TransactionEvent)
    data = JSON()
    errors = List(NonNull(TransactionInitializeError), required=True)


class TransactionProcessError(Reason):
    """One reason why transaction process was refused."""

    code = TransactionProcessErrorCode(required=True)


class TransactionProcess(ObjectType):
    """Answer to the change of this name."""

    transaction = Field(TransactionItem)
    transaction_event = Field(TransactionEvent)
    data = JSON()
    errors = List(NonNull(TransactionProcessError), required=True)


class TransactionRequestActionError(Reason):
    """One reason why transaction request action was refused."""

    code = TransactionRequestActionErrorCode(required=True)


class TransactionRequestAction(ObjectType):
    """Answer to the change of this name."""

    transaction = Field(TransactionItem)
    errors = List(NonNull(TransactionRequestActionError), required=True)


class TransactionUpdateError(Reason):
    """One reason why transaction update was refused."""

    code = TransactionUpdateErrorCode(required=True)


class TransactionUpdate(ObjectType):
    """Answer to the change of this name."""

    transaction = Field(TransactionItem)
    errors = List(NonNull(TransactionUpdateError), required=True)
