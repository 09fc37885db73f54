"""Gateways, transactions and what is reported of them."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from backend.accounts.models import Seller
from backend.api.saleor.keys import read_key
from backend.commerce import shop
from backend.commerce.naming import DEMO_GATEWAY, GATEWAY
from backend.commerce.values import Product
from backend.common.money import vnd
from backend.common.outbox import relay
from backend.engine.models import Order, Transaction, TransactionEvent
from backend.sales.models import Sale
from payments.intents.queries import find_intent
from payments.intents.services import count
from tests.api.buying import documents as doc
from tests.api.buying.conftest import Caller, filled, new_good, ordered

VIETQR = {"id": GATEWAY, "data": {"method": "vietqr"}}
CASH = {"id": GATEWAY, "data": {"method": "cash"}}
TOTAL = 195_000


def facts(transaction: dict[str, Any]) -> tuple[float, ...]:
    return tuple(
        transaction[name]["amount"]
        for name in ("chargedAmount", "chargePendingAmount", "refundedAmount", "refundPendingAmount")
    )


def opened(program: Caller, order: str, **more: Any) -> str:
    made = program.do(doc.TX_CREATE, id=order, transaction={"name": "Chợ Xã", **more})["transaction"]
    transaction_id: str = made["id"]
    return transaction_id


def report(who: Caller, transaction: str, kind: str, amount: float | None, psp: str, **more: Any) -> Any:
    return who.ask(doc.REPORT, id=transaction, type=kind, amount=amount, psp=psp, **more)


def test_gateways_are_the_markets_and_in_the_demo_the_one_that_is_known(
    anyone: Caller, linh_chi: Product, settings: Settings
) -> None:
    key = filled(anyone, linh_chi)
    gateways = anyone.ask(doc.GATEWAYS, id=key)["availablePaymentGateways"]
    assert [(each["id"], each["currencies"]) for each in gateways] == [
        (GATEWAY, ["VND"]),
        (DEMO_GATEWAY, ["VND"]),
    ]
    settings.DEMO = False
    gateways = anyone.ask(doc.GATEWAYS, id=key)["availablePaymentGateways"]
    assert [each["id"] for each in gateways] == [GATEWAY]
    assert anyone.refused(doc.PAY, id=key, gateway={"id": DEMO_GATEWAY}) == [("NOT_FOUND", "paymentGateway")]


def test_what_a_gateway_offers_is_told_for_an_order(anyone: Caller, linh_chi: Product, ut: Seller) -> None:
    checkout = filled(anyone, linh_chi)
    (config,) = anyone.do(doc.GATEWAY_INIT, id=checkout, gateways=[{"id": GATEWAY}])["gatewayConfigs"]
    assert config == {"id": GATEWAY, "data": {"methods": [], "orderFirst": True}, "errors": []}

    def methods(order: str) -> list[str]:
        (found,) = anyone.do(doc.GATEWAY_INIT, id=order, gateways=[{"id": GATEWAY}])["gatewayConfigs"]
        return [each["id"] for each in found["data"]["methods"]]

    assert methods(ordered(anyone, linh_chi)) == ["vietqr", "cash"]
    assert methods(ordered(anyone, new_good(ut, "Rau", 9_000), delivery="pickup")) == ["cash"]
    (unknown,) = anyone.do(doc.GATEWAY_INIT, id=checkout, gateways=[{"id": "khac"}])["gatewayConfigs"]
    assert [each["code"] for each in unknown["errors"]] == ["NOT_FOUND"]


def test_an_order_is_paid_by_vietqr_from_code_to_money(
    anyone: Caller, staff: Caller, linh_chi: Product
) -> None:
    refused = anyone.do(doc.PAY, id=filled(anyone, linh_chi), gateway=VIETQR)
    assert refused["transactionEvent"]["type"] == "CHARGE_FAILURE"
    order = ordered(anyone, linh_chi)
    paid = anyone.do(doc.PAY, id=order, gateway=VIETQR, amount=TOTAL, idempotencyKey="lan-1")
    sale = Sale.objects.get(order_id=read_key(order, "Order"))
    intent = find_intent("order", sale.pk)
    assert intent is not None
    assert (paid["transactionEvent"]["type"], paid["transaction"]["name"], facts(paid["transaction"])) == (
        "CHARGE_ACTION_REQUIRED",
        "Chuyển khoản VietQR",
        (0, 0, 0, 0),
    )
    assert (paid["data"]["reference"], paid["data"]["payload"], paid["data"]["amount"]) == (
        intent.reference,
        intent.qr_payload,
        TOTAL,
    )
    again = anyone.do(doc.PAY, id=order, gateway=VIETQR, amount=TOTAL, idempotencyKey="lan-1")
    assert (again["transaction"]["id"], again["data"]) == (paid["transaction"]["id"], paid["data"])
    assert anyone.refused(doc.PAY, id=order, gateway=VIETQR, amount=TOTAL - 1, idempotencyKey="lan-1") == [
        ("UNIQUE", "idempotencyKey")
    ]
    assert anyone.refused(doc.PAY, id=order, gateway=VIETQR, idempotencyKey="") == [
        ("INVALID", "idempotencyKey")
    ]
    polled = anyone.do(doc.PROCESS, id=paid["transaction"]["id"])
    assert (polled["transactionEvent"]["type"], polled["data"]) == ("CHARGE_ACTION_REQUIRED", paid["data"])
    shop().report_charge(
        key="money", order_id=sale.order_id or "", amount=vnd(TOTAL), psp_reference=f"intent:{intent.id}:1"
    )
    seen = staff.ask(doc.ORDER_STAFF, id=order)
    assert (seen["status"], seen["chargeStatus"], seen["isPaid"]) == ("UNFULFILLED", "FULL", True)
    (transaction,) = seen["transactions"]
    assert (transaction["id"], facts(transaction)) == (paid["transaction"]["id"], (TOTAL, 0, 0, 0))
    done = anyone.do(doc.PROCESS, id=paid["transaction"]["id"])
    assert (done["transactionEvent"]["type"], done["data"]) == ("CHARGE_SUCCESS", None)


def test_cash_is_promised_and_charged_at_hand_over(anyone: Caller, linh_chi: Product) -> None:
    order = ordered(anyone, linh_chi)
    paid = anyone.do(doc.PAY, id=order, gateway=CASH)
    assert (paid["transactionEvent"]["type"], paid["data"]) == (
        "CHARGE_ACTION_REQUIRED",
        {"method": "cash", "amount": TOTAL, "currency": "VND"},
    )
    assert paid["transaction"]["paymentMethodDetails"] == {
        "__typename": "OtherPaymentMethodDetails",
        "name": "Tiền mặt khi nhận hàng",
    }


def test_only_programs_choose_the_action(anyone: Caller, program: Caller, linh_chi: Product) -> None:
    order = ordered(anyone, linh_chi)
    assert anyone.denied(doc.PAY, id=order, gateway=CASH, action="CHARGE") == "PermissionDenied"
    assert not Transaction.objects.exists()
    program.do(doc.PAY, id=order, gateway=CASH, action="CHARGE")


def test_one_report_counts_once(anyone: Caller, program: Caller, linh_chi: Product) -> None:
    order = ordered(anyone, linh_chi)
    transaction = opened(program, order)
    first = report(program, transaction, "CHARGE_SUCCESS", 100_000, "FT1", actions=["REFUND"])
    assert (first["alreadyProcessed"], facts(first["transaction"])) == (False, (100_000, 0, 0, 0))
    assert first["transaction"]["actions"] == ["REFUND"]
    again = report(program, transaction, "CHARGE_SUCCESS", 100_000, "FT1", actions=[])
    assert (again["alreadyProcessed"], again["transactionEvent"]["id"], again["transaction"]["actions"]) == (
        True,
        first["transactionEvent"]["id"],
        [],
    )
    wrong = report(program, transaction, "CHARGE_SUCCESS", 99_000, "FT1")
    assert [(each["code"], each["field"]) for each in wrong["errors"]] == [
        ("INCORRECT_DETAILS", "pspReference")
    ]
    noted = TransactionEvent.objects.order_by("pk").last()
    assert noted is not None
    assert (noted.type, noted.counted, noted.amount_vnd) == ("charge_failure", False, 99_000)
    second = report(program, transaction, "CHARGE_SUCCESS", 95_000.5, "FT2")
    assert facts(second["transaction"]) == (195_000, 0, 0, 0)
    assert anyone.ask(doc.ORDER, id=order)["chargeStatus"] == "FULL"
    over = report(program, transaction, "CHARGE_SUCCESS", 1_000, "FT3")
    assert over["errors"] == []
    seen = anyone.ask(doc.ORDER, id=order)
    assert (seen["chargeStatus"], seen["totalBalance"]["amount"]) == ("OVERCHARGED", 1_000)
    assert Order.objects.get().charged_vnd == 196_000


def test_what_a_report_needs(anyone: Caller, program: Caller, linh_chi: Product) -> None:
    transaction = opened(program, ordered(anyone, linh_chi))
    for kind, expected in (("CHARGE_SUCCESS", "REQUIRED"), ("CHARGE_FAILURE", "REQUIRED")):
        answer = report(program, transaction, kind, None, "FT1")
        assert [(each["code"], each["field"]) for each in answer["errors"]] == [(expected, "amount")]
    report(program, transaction, "CHARGE_REQUEST", 50_000, "FT1")
    failed = report(program, transaction, "CHARGE_FAILURE", None, "FT1")
    assert (failed["transactionEvent"]["amount"]["amount"], facts(failed["transaction"])) == (
        50_000,
        (0, 0, 0, 0),
    )
    assert report(program, transaction, "AUTHORIZATION_SUCCESS", 10, "A1")["errors"] == []
    answer = report(program, transaction, "AUTHORIZATION_SUCCESS", 10, "A2")
    assert [each["code"] for each in answer["errors"]] == ["ALREADY_EXISTS"]


def test_a_refund_is_asked_for_and_reported(
    anyone: Caller, staff: Caller, program: Caller, linh_chi: Product
) -> None:
    order = ordered(anyone, linh_chi)
    transaction = opened(program, order)
    report(program, transaction, "CHARGE_SUCCESS", TOTAL, "FT1")
    asked = program.do(doc.REQUEST, id=transaction, action="REFUND", amount=40_000, reason="hư")[
        "transaction"
    ]
    assert facts(asked) == (155_000, 0, 0, 40_000)
    assert anyone.ask(doc.ORDER, id=order)["chargeStatus"] == "PARTIAL"
    (request,) = [
        each
        for each in program.ask(doc.TRANSACTION, id=transaction)["events"]
        if each["type"] == "REFUND_REQUEST"
    ]
    done = report(program, transaction, "REFUND_SUCCESS", 40_000, request["pspReference"])
    assert facts(done["transaction"]) == (155_000, 0, 40_000, 0)
    assert program.refused(doc.REQUEST, id=transaction, action="CHARGE", amount=1) == [("INVALID", None)]


def test_amounts_that_are_stated_hold(anyone: Caller, program: Caller, linh_chi: Product) -> None:
    order = ordered(anyone, linh_chi)
    cash = {"currency": "VND", "amount": TOTAL}
    made = program.do(
        doc.TX_CREATE,
        id=order,
        transaction={"name": "Tiền mặt", "pspReference": "thu-1", "amountCharged": cash},
        event={"pspReference": "thu-1", "message": "thu tại quầy"},
    )["transaction"]
    assert facts(made) == (TOTAL, 0, 0, 0)
    assert anyone.ask(doc.ORDER, id=order)["chargeStatus"] == "FULL"
    stated = program.do(
        doc.TX_UPDATE, id=made["id"], transaction={"amountCharged": {"currency": "VND", "amount": 5_000}}
    )["transaction"]
    assert facts(stated) == (5_000, 0, 0, 0)
    for amount in ({"currency": "USD", "amount": 5}, {"currency": "EUR", "amount": 5}):
        assert program.refused(doc.TX_CREATE, id=order, transaction={"amountCharged": amount}) == [
            ("INCORRECT_CURRENCY", "amountCharged")
        ]


def test_money_is_reported_by_who_opened_the_transaction_alone(
    anyone: Caller, lan: Caller, staff: Caller, other_staff: Caller, program: Caller, linh_chi: Product
) -> None:
    order = ordered(lan, linh_chi)
    transaction = opened(program, order)
    before = TransactionEvent.objects.count()
    for stranger in (anyone, lan, staff, other_staff):
        assert stranger.denied(doc.TX_CREATE, id=order, transaction={"name": "x"}) == "PermissionDenied"
        assert (
            stranger.denied(doc.REPORT, id=transaction, type="INFO", amount=1, psp="X") == "PermissionDenied"
        )
        assert stranger.denied(doc.TX_UPDATE, id=transaction, transaction={}) == "PermissionDenied"
        assert stranger.denied(doc.REQUEST, id=transaction, action="REFUND") == "PermissionDenied"
        assert stranger.denied(doc.TRANSACTION, id=transaction) == "PermissionDenied"
    gateway = anyone.do(doc.PAY, id=order, gateway=CASH)["transaction"]["id"]
    assert (
        program.denied(doc.REPORT, id=gateway, type="CHARGE_SUCCESS", amount=1, psp="X") == "PermissionDenied"
    )
    assert TransactionEvent.objects.count() == before + 1
    assert Order.objects.get().charged_vnd == 0


@pytest.mark.django_db(transaction=True)
def test_money_of_the_bank_reaches_the_order_and_a_cancelled_order_asks_no_more(
    anyone: Caller, staff: Caller, linh_chi: Product
) -> None:
    paid, cancelled = ordered(anyone, linh_chi), ordered(anyone, linh_chi)
    for order in (paid, cancelled):
        anyone.do(doc.PAY, id=order, gateway=VIETQR)
    sales = {each.order_id: each for each in Sale.objects.filter(order_id__isnull=False)}
    sale = sales[read_key(paid, "Order")]
    intent = find_intent("order", sale.pk)
    assert intent is not None
    count(
        intent_id=intent.id,
        amount_vnd=TOTAL,
        source="hand",
        transaction_id=None,
        received_at=intent.opened_at,
        actor="system:test",
    )
    staff.do(doc.CANCEL, id=cancelled)
    while relay.run_once("worker"):
        pass
    assert anyone.ask(doc.ORDER, id=paid)["chargeStatus"] == "FULL"
    ended = find_intent("order", sales[read_key(cancelled, "Order")].pk)
    assert ended is not None
    assert ended.cancelled_at is not None
