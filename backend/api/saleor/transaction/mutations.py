"""The mutation fields of this room."""

from __future__ import annotations

from typing import Any

from graphene import ID, Argument, Field, List, NonNull, String

from backend.api.saleor.base import MetadataInput
from backend.api.saleor.checkout.buying import metadata_from
from backend.api.saleor.checkout.reading import gateways
from backend.api.saleor.context import require
from backend.api.saleor.enums import (
    TransactionActionEnum,
    TransactionEventTypeEnum,
    TransactionFlowStrategyEnum,
)
from backend.api.saleor.problems import Problem, change
from backend.api.saleor.scalars import JSON, UUID, DateTime, PositiveDecimal
from backend.api.saleor.transaction import paying, rows
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
from backend.commerce.naming import GATEWAY
from backend.engine import transactions


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

    @staticmethod
    @change(PaymentGatewayInitialize)
    def resolve_payment_gateway_initialize(
        root: Any,
        info: Any,
        id: str,
        amount: Any = None,
        payment_gateways: list[Any] | None = None,
    ) -> Any:
        """What gateways offer; nothing is written."""
        source = paying.source_of(info.context, id)
        known = {each.id: each for each in gateways()}
        asked = list(known) if payment_gateways is None else [each["id"] for each in payment_gateways]
        configs = []
        for each in asked:
            if each not in known:
                problem = Problem("NOT_FOUND", f"Payment gateway with id: {each} not found.", "id")
                configs.append({"id": each, "data": None, "errors": [problem]})
            elif each == GATEWAY:
                data = {"methods": paying.offers(source), "orderFirst": True}
                configs.append({"id": each, "data": data, "errors": []})
            else:
                configs.append({"id": each, "data": {}, "errors": []})
        return {"gateway_configs": configs}

    @staticmethod
    @change(TransactionInitialize)
    def resolve_transaction_initialize(
        root: Any,
        info: Any,
        id: str,
        payment_gateway: dict[str, Any],
        amount: Any = None,
        idempotency_key: str | None = None,
        action: Any = None,
        customer_ip_address: str | None = None,
    ) -> Any:
        session = paying.initialize(
            info.context,
            outside=id,
            gateway=payment_gateway,
            amount=amount,
            idempotency_key=idempotency_key,
            action=action,
            customer_ip_address=customer_ip_address,
        )
        return _session(info.context, session)

    @staticmethod
    @change(TransactionProcess)
    def resolve_transaction_process(
        root: Any,
        info: Any,
        id: str | None = None,
        token: Any = None,
        data: Any = None,
        customer_ip_address: str | None = None,
    ) -> Any:
        row = paying.find_one(info.context, id, token)
        return _session(info.context, paying.process(info.context, row, data))

    @staticmethod
    @change(TransactionCreate)
    def resolve_transaction_create(
        root: Any,
        info: Any,
        id: str,
        transaction: dict[str, Any],
        transaction_event: dict[str, Any] | None = None,
    ) -> Any:
        context = info.context
        source = paying.source_of(context, id)
        require(info, "HANDLE_PAYMENTS", seller_id=source.seller_id)
        requestor = context.requestor
        amounts = {
            name: paying.money(transaction.get(f"amount_{name}"), f"amount{name.capitalize()}")
            for name in _AMOUNTS
        }
        texts = paying.texts_of(transaction)
        made = transactions.open_transaction(
            checkout_id=source.checkout_id,
            order_id=source.order_id,
            app=paying.owner_of(requestor),
            user_ref=str(requestor.user.pk) if requestor.user is not None else "",
            **texts,
        )
        _state(made, amounts, transaction_event, texts.get("psp_reference", ""))
        context.forget()
        return {"transaction": rows.find(context, made)}

    @staticmethod
    @change(TransactionUpdate)
    def resolve_transaction_update(
        root: Any,
        info: Any,
        id: str | None = None,
        token: Any = None,
        transaction: dict[str, Any] | None = None,
        transaction_event: dict[str, Any] | None = None,
    ) -> Any:
        context = info.context
        require(info, "HANDLE_PAYMENTS")
        row = paying.find_one(context, id, token)
        paying.check_owner(context, row)
        sent = transaction or {}
        amounts = {
            name: paying.money(sent.get(f"amount_{name}"), f"amount{name.capitalize()}") for name in _AMOUNTS
        }
        _state(row.data.id, amounts, transaction_event, row.data.psp_reference, paying.texts_of(sent))
        context.forget()
        return {"transaction": rows.find(context, row.data.id)}

    @staticmethod
    @change(TransactionEventReport)
    def resolve_transaction_event_report(
        root: Any,
        info: Any,
        type: Any,
        psp_reference: str,
        id: str | None = None,
        token: Any = None,
        amount: Any = None,
        time: Any = None,
        external_url: str | None = None,
        message: str | None = None,
        available_actions: list[Any] | None = None,
        transaction_metadata: list[Any] | None = None,
        transaction_private_metadata: list[Any] | None = None,
        payment_method_details: Any = None,
    ) -> Any:
        context = info.context
        require(info, "HANDLE_PAYMENTS")
        row = paying.find_one(context, id, token)
        paying.check_owner(context, row)
        if external_url:
            paying.check_url(external_url)
        reported = paying.report(
            transaction_id=row.data.id,
            event=transactions.Report(
                str(type).lower(),
                psp_reference,
                paying.whole(amount),
                at=time,
                message=message or "",
                external_url=external_url or "",
                actor=context.requestor.actor,
            ),
            actions=None if available_actions is None else paying.actions_of(available_actions),
            metadata=metadata_from(transaction_metadata) if transaction_metadata else None,
        )
        context.forget()
        return {
            "already_processed": reported.repeated,
            "transaction": rows.find(context, row.data.id),
            "transaction_event": rows.event_of(context, row.data.id, reported.event_id),
        }

    @staticmethod
    @change(TransactionRequestAction)
    def resolve_transaction_request_action(
        root: Any,
        info: Any,
        action_type: Any,
        id: str | None = None,
        token: Any = None,
        amount: Any = None,
        refund_reason: str | None = None,
        refund_reason_reference: str | None = None,
    ) -> Any:
        """Nobody moves money back for a seller: what is asked for waits until who moved it reports it."""
        context = info.context
        row = paying.find_one(context, id, token)
        require(info, "HANDLE_PAYMENTS", seller_id=row.seller_id)
        what = str(action_type).lower()
        most = {"charge": row.data.authorized_vnd, "refund": row.data.charged_vnd}.get(
            what, row.data.authorized_vnd
        )
        wanted = paying.whole(amount)
        wanted = most if wanted is None or wanted > most else wanted
        transactions.request_action(
            transaction_id=row.data.id,
            action=what,
            amount=wanted,
            message=refund_reason or "",
            actor=context.requestor.actor,
        )
        context.forget()
        return {"transaction": rows.find(context, row.data.id)}


_AMOUNTS = ("authorized", "charged", "refunded", "canceled")


def _session(context: Any, session: paying.Session) -> dict[str, Any]:
    return {
        "transaction": rows.find(context, session.transaction_id),
        "transaction_event": rows.event_of(context, session.transaction_id, session.event_id),
        "data": session.data,
    }


def _state(
    transaction_id: str,
    amounts: dict[str, int | None],
    event: dict[str, Any] | None,
    psp_reference: str,
    texts: dict[str, Any] | None = None,
) -> None:
    """Amounts, words and the event that a program states of a transaction."""
    noted = None
    if event is not None:
        noted = transactions.Report(
            "info", event.get("psp_reference") or "", 0, message=event.get("message") or ""
        )
    if noted is not None or texts or any(each is not None for each in amounts.values()):
        transactions.state_amounts(
            transaction_id=transaction_id,
            texts=texts,
            event=noted,
            psp_reference=psp_reference,
            **amounts,
        )
