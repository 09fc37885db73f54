"""The mutation fields of this room."""

from __future__ import annotations

from graphene import ID, Argument, Field, List, NonNull, String

from backend.api.saleor.base import MetadataInput
from backend.api.saleor.enums import (
    TransactionActionEnum,
    TransactionEventTypeEnum,
    TransactionFlowStrategyEnum,
)
from backend.api.saleor.scalars import JSON, UUID, DateTime, PositiveDecimal
from backend.api.saleor.transaction.types import (
    PaymentGatewayInitialize,
    PaymentGatewayToInitialize,
    PaymentMethodDetailsInput,
    TransactionCreate,
    TransactionCreateInput,
    TransactionEventInput,
    TransactionEventReport,
    TransactionInitialize,
    TransactionProcess,
    TransactionRequestAction,
    TransactionUpdate,
    TransactionUpdateInput,
)


class TransactionMutations:
    """What transaction adds to the mutation root."""

    transaction_create = Field(
        TransactionCreate,
        id=ID(required=True),
        transaction=Argument(TransactionCreateInput, required=True),
        transaction_event=Argument(TransactionEventInput),
    )
    transaction_update = Field(
        TransactionUpdate,
        id=ID(),
        token=UUID(),
        transaction=Argument(TransactionUpdateInput),
        transaction_event=Argument(TransactionEventInput),
    )
    transaction_request_action = Field(
        TransactionRequestAction,
        action_type=TransactionActionEnum(required=True),
        amount=PositiveDecimal(),
        id=ID(),
        refund_reason=String(),
        refund_reason_reference=ID(),
        token=UUID(),
    )
    transaction_event_report = Field(
        TransactionEventReport,
        amount=PositiveDecimal(),
        available_actions=List(NonNull(TransactionActionEnum)),
        external_url=String(),
        id=ID(),
        message=String(),
        payment_method_details=Argument(PaymentMethodDetailsInput),
        psp_reference=String(required=True),
        time=DateTime(),
        token=UUID(),
        transaction_metadata=List(NonNull(MetadataInput)),
        transaction_private_metadata=List(NonNull(MetadataInput)),
        type=TransactionEventTypeEnum(required=True),
    )
    payment_gateway_initialize = Field(
        PaymentGatewayInitialize,
        amount=PositiveDecimal(),
        id=ID(required=True),
        payment_gateways=List(NonNull(PaymentGatewayToInitialize)),
    )
    transaction_initialize = Field(
        TransactionInitialize,
        action=TransactionFlowStrategyEnum(),
        amount=PositiveDecimal(),
        customer_ip_address=String(),
        id=ID(required=True),
        idempotency_key=String(),
        payment_gateway=Argument(PaymentGatewayToInitialize, required=True),
    )
    transaction_process = Field(
        TransactionProcess, customer_ip_address=String(), data=JSON(), id=ID(), token=UUID()
    )
