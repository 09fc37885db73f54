"""The gateway: VietQR, and cash when goods change hands. Both are for an order, which holds its stock already.

What is answered never says that money has come. That is said by the bank, and goes to Saleor as one
``transactionEventReport`` per credit (the port's ``report_charge``).
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from backend.commerce import shop
from backend.commerce.values import Order
from backend.common import audit, clock
from backend.common.errors import MarketError
from backend.common.money import format_vnd
from backend.sales.gateways import check_cash, pay_by_transfer, ways_to_pay
from backend.sales.refunds import ask_refund
from backend.sales.values import Payment
from integrations.saleor.app.amounts import whole_amount
from integrations.saleor.app.errors import Malformed
from integrations.saleor.app.manifest import absolute
from integrations.saleor.app.models import GatewayTransaction, Installation
from payments.intents.queries import get_intent
from payments.intents.values import Intent
from payments.vietqr import draw

LONGEST_MESSAGE: Final = 512
_SALT: Final = "saleor-qr"


def answer(installation: Installation, event: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a payment's event is answered. Repeats are answered alike. Raises Malformed."""
    if event == "payment_gateway_initialize_session":
        return {"data": _offer(body)}
    if event in {"transaction_initialize_session", "transaction_process_session"}:
        return _session(installation, body)
    return _action(installation, body)


# --- what is offered --------------------------------------------------------------------------------------------------


def _offer(body: dict[str, Any]) -> dict[str, Any]:
    """The ways in which this order can be paid; for a checkout none yet, since orders come first here."""
    order = _order_of(body)
    ways = ways_to_pay(order) if order is not None else ()
    return {"methods": [{"id": str(way), "name": str(way.label)} for way in ways], "orderFirst": True}


# --- paying -----------------------------------------------------------------------------------------------------------


def _session(installation: Installation, body: dict[str, Any]) -> dict[str, Any]:
    transaction_id, action = body.get("merchantReference"), body.get("action")
    if not isinstance(transaction_id, str) or not isinstance(action, dict) or len(transaction_id) > 80:
        raise Malformed("The transaction is not as asked for.")
    amount = whole_amount(action.get("amount"))
    if action.get("currency") != "VND" or action.get("actionType") != "CHARGE":
        return _failed(_("Chợ chỉ nhận tiền đồng, trả một lần."))
    order = _order_of(body)
    if order is None:
        return _failed(_("Xin đặt hàng trước, rồi trả tiền cho đơn."))
    data = body.get("data")
    method = data.get("method", Payment.VIETQR) if isinstance(data, dict) else Payment.VIETQR
    try:
        if method == Payment.CASH:
            check_cash(order)
            _remember(installation, transaction_id, order, "")
            return {
                "result": "CHARGE_ACTION_REQUIRED",
                "amount": amount.amount,
                "message": _("Trả tiền mặt khi nhận hàng."),
                "data": {"method": str(Payment.CASH), "amount": amount.amount, "currency": "VND"},
            }
        if method != Payment.VIETQR:
            return _failed(_("Chợ không biết cách trả tiền này."))
        intent = pay_by_transfer(order)
    except MarketError as refusal:
        return _failed(str(refusal))
    asked = intent.outstanding_vnd or intent.due_vnd
    if amount.amount != asked:
        return _failed(
            _("Đơn %(number)s cần trả đúng %(asked)s.") % {"number": order.number, "asked": format_vnd(asked)}
        )
    _remember(installation, transaction_id, order, intent.id)
    return {
        "result": "CHARGE_ACTION_REQUIRED",
        "amount": amount.amount,
        "pspReference": intent.reference,
        "message": _("Chuyển khoản VietQR, nội dung %(reference)s.") % {"reference": intent.reference},
        "data": _code(intent, asked),
    }


def _code(intent: Intent, asked_vnd: int) -> dict[str, Any]:
    """What a storefront needs to show the code, or to write out the transfer."""
    return {
        "method": str(Payment.VIETQR),
        "payload": intent.qr_payload,
        "reference": intent.reference,
        "bank": {"bin": intent.bin, "name": intent.bank_short_name},
        "account": intent.account,
        "accountName": intent.account_name,
        "amount": asked_vnd,
        "currency": "VND",
        "image": absolute("saleor-qr", ticket=_tickets().sign(intent.id)),
        "expiresAt": intent.expires_at.isoformat() if intent.expires_at else None,
    }


def _tickets() -> signing.Signer:
    # Without a time in it: a repeated question gets the same address.
    return signing.Signer(salt=_SALT)


def qr_picture(ticket: str) -> bytes:
    """The code of a payment as PNG. Raises BadSignature for an address that we did not give."""
    intent = get_intent(_tickets().unsign(ticket))
    return draw.card_png(intent.qr_payload, account_name=intent.account_name)


def _remember(installation: Installation, transaction_id: str, order: Order, intent_id: str) -> None:
    GatewayTransaction.objects.bulk_create(
        [
            GatewayTransaction(
                transaction_id=transaction_id,
                installation=installation,
                order_id=order.id,
                intent_id=intent_id,
                opened_at=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )


def _failed(message: str) -> dict[str, Any]:
    return {"result": "CHARGE_FAILURE", "message": message[:LONGEST_MESSAGE]}


def _order_of(body: dict[str, Any]) -> Order | None:
    """The order that is paid, as the shop has it now; None for a checkout."""
    source = body.get("sourceObject")
    if not isinstance(source, dict) or not isinstance(source.get("id"), str):
        raise Malformed("What is paid is not named.")
    return shop().find_order(source["id"]) if source.get("__typename") == "Order" else None


# --- what staff ask of a payment --------------------------------------------------------------------------------------


def _action(installation: Installation, body: dict[str, Any]) -> dict[str, Any]:
    """Charge, refund and cancellation, as somebody presses them in Saleor's dashboard.

    The market holds nobody's money, so it can neither take nor give any: the seller's own bank does. It says so, and
    keeps on record that it was asked.
    """
    paid, action = body.get("transaction"), body.get("action")
    if not isinstance(paid, dict) or not isinstance(paid.get("id"), str) or not isinstance(action, dict):
        raise Malformed("The transaction is not as asked for.")
    amount = whole_amount(action.get("amount"))
    kind = action.get("actionType")
    with transaction.atomic():
        audit.record(
            installation.actor,
            f"saleor.{str(kind).lower()}_asked"[:80],
            f"saleor:{paid['id']}"[:80],
            amount_vnd=amount.amount,
        )
    known = GatewayTransaction.objects.filter(transaction_id=paid["id"]).first()
    if kind == "CANCEL":
        intent = get_intent(known.intent_id) if known is not None and known.intent_id else None
        if intent is None or (intent.cancelled_at is not None and intent.received_vnd == 0):
            return {
                "pspReference": f"cancel-{paid['id']}",
                "result": "CANCEL_SUCCESS",
                "amount": amount.amount,
            }
        return _action_failed("CANCEL", _("Xin hủy đơn hàng: khoản phải thu của đơn sẽ hủy theo."))
    if kind == "REFUND":
        order = paid.get("order")
        named = order.get("id") if isinstance(order, dict) else None
        order_id = known.order_id if known is not None else named
        # Saleor sends one request up to six times, each time with the same bytes.
        told = isinstance(order_id, str) and ask_refund(
            key=hashlib.sha256(f"{paid['id']} {amount.amount} {body.get('issuedAt')}".encode()).hexdigest()[
                :32
            ],
            order_id=order_id,
            amount=amount,
            actor=installation.actor,
        )
        if told:
            return _action_failed(
                "REFUND",
                _("Tiền ở tài khoản của người bán. Chợ đã nhắc người bán chuyển trả cho người mua."),
            )
        return _action_failed(
            "REFUND", _("Tiền ở tài khoản của người bán. Xin người bán chuyển trả cho người mua.")
        )
    return _action_failed("CHARGE", _("Ngân hàng báo tiền về thì đơn tự ghi; không thu bằng nút này."))


def _action_failed(kind: str, message: str) -> dict[str, Any]:
    return {"result": f"{kind}_FAILURE", "message": message[:LONGEST_MESSAGE]}


def find_transaction(order_id: str) -> str | None:
    """The newest payment that a Saleor opened with us for this order."""
    rows = GatewayTransaction.objects.filter(order_id=order_id).order_by("-pk")
    return rows.values_list("transaction_id", flat=True).first()
