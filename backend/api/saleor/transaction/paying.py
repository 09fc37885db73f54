"""Paying: what gateways answer, and what programs and staff report of money.

The market's gateway takes VietQR and cash for an order, which holds its stock already: order first, money after. What
it answers never says that money has come; the bank does. In the demo the gateway id that public storefronts know
stands for cash, before the order too: it authorizes the amount, and the money is charged when the goods change hands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from backend.api.saleor.checkout import reading as checkouts
from backend.api.saleor.context import Context, Requestor
from backend.api.saleor.keys import key_of_uuid, read_key
from backend.api.saleor.order import reading as orders
from backend.api.saleor.problems import PermissionDenied, Refused
from backend.api.saleor.transaction import rows
from backend.api.saleor.transaction.rows import TransactionRow
from backend.commerce import shop
from backend.commerce.naming import CURRENCY, DEMO_GATEWAY
from backend.commerce.values import Order
from backend.common.errors import MarketError
from backend.common.ids import new_id
from backend.common.money import MAX_VND, format_vnd
from backend.engine import transactions
from backend.engine.errors import AlreadyAuthorized, AmountMissing, ReportDiffers
from backend.engine.transactions import Report
from backend.sales.delivery import Terms
from backend.sales.gateways import check_cash, pay_by_transfer, ways_to_pay
from backend.sales.values import Payment
from payments.intents.values import Intent

FINAL: Final = frozenset(
    f"{what}_{how}"
    for what in ("authorization", "charge", "cancel")
    for how in ("success", "failure", "request")
)
"""Events after which a gateway is not asked again."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is paid for: a checkout or an order."""

    checkout_id: str | None
    order_id: str | None
    seller_id: str


def source_of(context: Context, outside: str) -> Source:
    """The checkout or order of a global id. Raises Refused NOT_FOUND."""
    order_key = read_key(outside, "Order")
    order = orders.find(context, order_key) if order_key else None
    if order is not None:
        return Source(None, order_key, order.seller_id)
    checkout = checkouts.find(context, read_key(outside, "Checkout"))
    if checkout is None:
        raise Refused("NOT_FOUND", f"Couldn't resolve to a node: {outside}", "id")
    return Source(checkout.key, None, checkout.seller_id)


def outstanding(context: Context, source: Source) -> int:
    """What of it, in đồng, is neither charged nor authorized nor on its way."""
    if source.order_id is not None:
        order = orders.find(context, source.order_id)
        assert order is not None  # source_of has just read it
        due, covered = order.data.total_vnd, order.data.charged_vnd + order.data.authorized_vnd
    else:
        checkout = checkouts.find(context, source.checkout_id or "")
        assert checkout is not None
        paid = checkouts.sums(context, checkout.key)
        covered = paid.charged + paid.charge_pending + paid.authorized + paid.authorize_pending
        due = checkouts.total(context, checkout.data)
    return max(due - covered, 0)


def whole(amount: Any) -> int | None:
    """An amount as Saleor takes it in: half a đồng goes to the even side. Raises Refused INVALID out of range."""
    if amount is None:
        return None
    found = int(Decimal(amount).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    if not 0 <= found <= MAX_VND:
        raise Refused("INVALID", "Value is out of range.", "amount")
    return found


# --- gateways ---------------------------------------------------------------------------------------------------------


def offers(source: Source) -> list[dict[str, str]]:
    """The ways in which this can be paid through the market's gateway; none yet for a checkout."""
    order = shop().find_order(source.order_id) if source.order_id else None
    ways = ways_to_pay(order) if order is not None else ()
    return [{"id": str(way), "name": str(way.label)} for way in ways]


def _takes_cash(context: Context, seller_id: str) -> bool:
    return bool((context.loader(checkouts.load_terms).get(seller_id) or Terms()).cash)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway says: Saleor's session answer."""

    type: str
    message: str
    psp_reference: str = ""
    name: str = ""
    data: Mapping[str, Any] | None = None


def ask_gateway(context: Context, gateway: str, source: Source, amount: int, data: Any, key: str) -> Answer:
    """What the gateway answers to an amount. Repeats are answered alike; ``key`` names the transaction."""
    try:
        if gateway == DEMO_GATEWAY:
            return _demo(context, source, amount, key)
        return _market(source, amount, data)
    except MarketError as refusal:
        return Answer("charge_failure", str(refusal))


def _demo(context: Context, source: Source, amount: int, key: str) -> Answer:
    if not _takes_cash(context, source.seller_id):
        return Answer("authorization_failure", _("Người bán này không nhận tiền mặt."))
    message = _("Trả tiền mặt khi nhận hàng.")
    return Answer(
        "authorization_success",
        message,
        f"cash:{key}",
        str(Payment.CASH.label),
        {"method": str(Payment.CASH), "amount": amount, "currency": CURRENCY},
    )


def _market(source: Source, amount: int, data: Any) -> Answer:
    order = shop().find_order(source.order_id) if source.order_id else None
    if order is None:
        return Answer("charge_failure", _("Xin đặt hàng trước, rồi trả tiền cho đơn."))
    method = data.get("method", Payment.VIETQR) if isinstance(data, dict) else Payment.VIETQR
    if method == Payment.CASH:
        check_cash(order)
        answer = {"method": str(Payment.CASH), "amount": amount, "currency": CURRENCY}
        message = _("Trả tiền mặt khi nhận hàng.")
        return Answer("charge_action_required", message, name=str(Payment.CASH.label), data=answer)
    if method != Payment.VIETQR:
        return Answer("charge_failure", _("Chợ không biết cách trả tiền này."))
    return _transfer(order, pay_by_transfer(order), amount)


def _transfer(order: Order, intent: Intent, amount: int) -> Answer:
    asked = intent.outstanding_vnd or intent.due_vnd
    if amount != asked:
        message = _("Đơn %(number)s cần trả đúng %(asked)s.")
        return Answer("charge_failure", message % {"number": order.number, "asked": format_vnd(asked)})
    return Answer(
        "charge_action_required",
        _("Chuyển khoản VietQR, nội dung %(reference)s.") % {"reference": intent.reference},
        intent.reference,
        str(Payment.VIETQR.label),
        {
            "method": str(Payment.VIETQR),
            "payload": intent.qr_payload,
            "reference": intent.reference,
            "bank": {"bin": intent.bin, "name": intent.bank_short_name},
            "account": intent.account,
            "accountName": intent.account_name,
            "amount": asked,
            "currency": CURRENCY,
            "expiresAt": intent.expires_at.isoformat() if intent.expires_at else None,
        },
    )


@dataclass(frozen=True, slots=True)
class Session:
    """What transactionInitialize and transactionProcess give back."""

    transaction_id: str
    event_id: int | None
    data: Mapping[str, Any] | None


def initialize(
    context: Context,
    *,
    outside: str,
    gateway: Mapping[str, Any],
    amount: Any,
    idempotency_key: str | None,
    action: str | None,
    customer_ip_address: str | None,
) -> Session:
    """transactionInitialize: a transaction of the checkout or order, and what its gateway answers.

    Raises Refused: NOT_FOUND, INVALID (an empty key, an unknown gateway), UNIQUE (the key was used for something else).
    """
    if (action or customer_ip_address) and not context.requestor.may("HANDLE_PAYMENTS"):
        raise PermissionDenied("HANDLE_PAYMENTS")
    source = source_of(context, outside)
    if gateway["id"] not in {each.id for each in checkouts.gateways()}:
        raise Refused("NOT_FOUND", "App with provided identifier not found.", "paymentGateway")
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= 512:
        raise Refused("INVALID", "Cannot be provided as an empty string.", "idempotencyKey")
    wanted = whole(amount)
    if wanted is None:
        wanted = outstanding(context, source)
    key = idempotency_key or new_id()
    if idempotency_key is not None:
        earlier = transactions.find_by_key(
            checkout_id=source.checkout_id, order_id=source.order_id, idempotency_key=key
        )
        if earlier is not None:
            return _again(context, earlier, gateway, source, wanted, key)
        if transactions.key_is_taken(key):
            raise Refused(
                "UNIQUE",
                "Different transaction with provided idempotency key already exists.",
                "idempotencyKey",
            )
    transaction_id = new_id()
    answer = ask_gateway(context, gateway["id"], source, wanted, gateway.get("data"), transaction_id)
    transactions.open_transaction(
        transaction_id=transaction_id,
        checkout_id=source.checkout_id,
        order_id=source.order_id,
        app=gateway["id"],
        user_ref=_user_ref(context.requestor),
        name=answer.name,
        psp_reference=answer.psp_reference,
        message=answer.message,
        idempotency_key=key,
        private_metadata={"asked": str(wanted)},
        reports=[_report(answer, wanted, key)],
    )
    context.forget()
    event = rows.event_of(context, transaction_id)
    return Session(transaction_id, event.data.id if event else None, answer.data)


def _again(
    context: Context, earlier: str, gateway: Mapping[str, Any], source: Source, amount: int, key: str
) -> Session:
    """The same key: the same transaction, whose gateway is asked again as long as nothing is final."""
    row = rows.find(context, earlier)
    if row is None or row.data.app != gateway["id"] or row.data.private_metadata.get("asked") != str(amount):
        raise Refused(
            "UNIQUE", "The transaction with provided `idempotencyKey` already exists.", "idempotencyKey"
        )
    return _ask_again(context, row, source, amount, gateway.get("data"), key)


def process(context: Context, row: TransactionRow, data: Any) -> Session:
    """transactionProcess: ask the gateway again, unless something final has been reported. Raises Refused."""
    if row.data.app not in {each.id for each in checkouts.gateways()}:
        raise Refused("MISSING_PAYMENT_APP", "Payment app not found.", "id")
    outside = _outside_of(row)
    asked = int(row.data.private_metadata.get("asked", "0"))
    return _ask_again(context, row, source_of(context, outside), asked, data, None)


def _outside_of(row: TransactionRow) -> str:
    from backend.api.saleor.keys import global_key

    if row.data.order_id:
        return global_key("Order", row.data.order_id)
    return global_key("Checkout", row.data.checkout_id) if row.data.checkout_id else ""


def _ask_again(
    context: Context, row: TransactionRow, source: Source, amount: int, data: Any, key: str | None
) -> Session:
    done = [
        each
        for each in context.loader(rows.load_events).get(row.data.id) or []
        if each.counted and each.type in FINAL
    ]
    if done:
        return Session(row.data.id, done[-1].id, None)
    answer = ask_gateway(context, row.data.app, source, amount, data, row.data.id)
    reported = transactions.report(
        transaction_id=row.data.id, event=_report(answer, amount, key), free_reference=True
    )
    context.forget()
    return Session(row.data.id, reported.event_id, answer.data)


def _report(answer: Answer, amount: int, key: str | None) -> Report:
    return Report(
        answer.type,
        answer.psp_reference,
        amount,
        message=answer.message,
        idempotency_key=key,
        actor="gateway",
    )


def _user_ref(requestor: Requestor) -> str:
    return str(requestor.user.pk) if requestor.user is not None else ""


# --- what programs and staff do ---------------------------------------------------------------------------------------


def find_one(context: Context, outside: str | None, token: Any = None) -> TransactionRow:
    """The transaction of ``id`` or ``token``. Raises Refused."""
    if (outside is None) == (token is None):
        raise Refused("GRAPHQL_ERROR", "At least one of arguments is required: 'id', 'token'.")
    key = read_key(outside, "TransactionItem") if outside is not None else key_of_uuid(token)
    row = rows.find(context, key)
    if row is None:
        wanted = outside if outside is not None else str(token)
        raise Refused("NOT_FOUND", f"Couldn't resolve to a node: {wanted}", "id")
    return row


def owner_of(requestor: Requestor) -> str:
    """How a transaction names the program that opened it."""
    return f"app:{requestor.app_id}" if requestor.app else ""


def check_owner(context: Context, row: TransactionRow) -> None:
    """A program changes its own transactions and those of nobody, staff those of nobody. Raises PermissionDenied."""
    requestor = context.requestor
    if not requestor.may("HANDLE_PAYMENTS") or not requestor.reaches(row.seller_id):
        raise PermissionDenied("HANDLE_PAYMENTS")
    if row.data.app and row.data.app != owner_of(requestor):
        raise PermissionDenied("OWNER")


def money(sent: Mapping[str, Any] | None, field: str) -> int | None:
    """A MoneyInput in đồng. Raises Refused INCORRECT_CURRENCY."""
    if sent is None:
        return None
    if sent["currency"] != CURRENCY:
        raise Refused("INCORRECT_CURRENCY", "Currency needs to be the same as for order: VND.", field)
    return whole(sent["amount"])


def texts_of(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What of a TransactionCreateInput or TransactionUpdateInput are words. Raises Refused."""
    from backend.api.saleor.checkout.buying import metadata_from

    found: dict[str, Any] = {}
    for name in ("name", "message", "psp_reference", "external_url"):
        if sent.get(name) is not None:
            found[name] = str(sent[name])[: transactions.MOST_TEXT]
    if found.get("external_url"):
        check_url(found["external_url"])
    for name in ("metadata", "private_metadata"):
        if sent.get(name):
            try:
                found[name] = metadata_from(sent[name])
            except Refused as refusal:
                if refusal.problems[0].code != "REQUIRED":
                    raise
                raise Refused(
                    "METADATA_KEY_REQUIRED", "Metadata key cannot be empty.", "transaction"
                ) from None
    if sent.get("available_actions") is not None:
        found["actions"] = actions_of(sent["available_actions"])
    return found


def actions_of(sent: Sequence[Any]) -> list[str]:
    """TransactionActionEnum members, each once, in their order."""
    return list(dict.fromkeys(str(each).lower() for each in sent))


def check_url(text: str) -> None:
    """Raises Refused INVALID for what is no web address."""
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        raise Refused("INVALID", "Invalid format of `externalUrl`.", "transaction") from None


def report(*, event: Report, **more: Any) -> transactions.Reported:
    """transactions.report, whose refusals are said as Saleor says them. Raises Refused."""
    try:
        return transactions.report(event=event, **more)
    except AmountMissing:
        message = f"The `amount` field is required for {event.type} event."
        raise Refused("REQUIRED", message, "amount") from None
    except ReportDiffers:
        message = (
            "The transaction with provided `pspReference` and `type` already exists with different amount."
        )
        raise Refused("INCORRECT_DETAILS", message, "pspReference") from None
    except AlreadyAuthorized:
        message = "Event with `AUTHORIZATION_SUCCESS` already reported for the transaction."
        raise Refused("ALREADY_EXISTS", message, "pspReference") from None
