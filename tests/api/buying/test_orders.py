"""Serving orders: who may, what follows, and what strangers see."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from backend.accounts.models import Seller
from backend.api.saleor.ids import to_global
from backend.api.saleor.keys import key_of_uuid, uuid_of
from backend.commerce import shop
from backend.commerce.values import Product
from backend.common.ids import new_id
from backend.common.models import AuditEntry
from backend.engine.models import Order, Transaction
from tests.api.buying import documents as doc
from tests.api.buying.conftest import Caller, new_good, ordered

CHANGES = {
    "confirm": (doc.ORDER_CONFIRM, {}),
    "cancel": (doc.CANCEL, {}),
    "paid": (doc.MARK_PAID, {"ref": "tay"}),
}


def stock(good: Product) -> tuple[int, int]:
    variant = shop().variants([good.variant.id])[good.variant.id]
    return variant.quantity, variant.available


def fulfill(who: Caller, order: str, quantity: int, tracking: str = "") -> Any:
    lines = who.ask(doc.ORDER, id=order)["lines"]
    return who.ask(
        doc.FULFILL,
        order=order,
        input={
            "lines": [
                {
                    "orderLineId": lines[0]["id"],
                    "stocks": [{"warehouse": to_global("Warehouse", new_id()), "quantity": quantity}],
                }
            ],
            "trackingNumber": tracking,
        },
    )


def test_from_confirming_to_the_last_part_and_back(anyone: Caller, staff: Caller, linh_chi: Product) -> None:
    order = ordered(anyone, linh_chi, quantity=3)
    assert fulfill(staff, order, 1)["errors"][0]["code"] == "INVALID"
    assert staff.do(doc.ORDER_CONFIRM, id=order)["order"]["status"] == "UNFULFILLED"
    assert staff.refused(doc.ORDER_CONFIRM, id=order) == [("INVALID", "id")]
    part = fulfill(staff, order, 1, "VN123")
    assert (part["order"]["status"], [each["trackingNumber"] for each in part["fulfillments"]]) == (
        "PARTIALLY_FULFILLED",
        ["VN123"],
    )
    assert stock(linh_chi) == (9, 7)
    too_many = fulfill(staff, order, 3)["errors"][0]
    assert (too_many["code"], len(too_many["orderLines"])) == ("FULFILL_ORDER_LINE", 1)
    assert fulfill(staff, order, 0)["errors"][0]["code"] == "ZERO_QUANTITY"
    assert fulfill(staff, order, 2)["order"]["status"] == "FULFILLED"
    assert staff.refused(doc.CANCEL, id=order) == [("CANNOT_CANCEL_ORDER", "order")]
    (first,) = part["fulfillments"]
    tracked = staff.do(doc.TRACKING, id=first["id"], input={"trackingNumber": "VN456"})["fulfillment"]
    assert tracked["trackingNumber"] == "VN456"
    back = staff.do(doc.TAKE_BACK, id=first["id"])
    assert (back["fulfillment"]["status"], back["order"]["status"]) == ("CANCELED", "PARTIALLY_FULFILLED")
    assert stock(linh_chi) == (8, 7)
    assert staff.refused(doc.TAKE_BACK, id=first["id"]) == [("CANNOT_CANCEL_FULFILLMENT", None)]
    seen = staff.ask(doc.ORDER_STAFF, id=order)
    assert [(each["quantityFulfilled"], each["quantityToFulfill"]) for each in seen["lines"]] == [(2, 1)]
    assert [each["status"] for each in seen["fulfillments"]] == ["CANCELED", "FULFILLED"]
    assert [each["type"] for each in seen["events"]] == [
        "PLACED",
        "CONFIRMED",
        "FULFILLMENT_FULFILLED_ITEMS",
        "FULFILLMENT_FULFILLED_ITEMS",
        "TRANSACTION_EVENT",
        "TRACKING_UPDATED",
        "FULFILLMENT_CANCELED",
    ]


def test_taking_everything_back_lets_the_order_be_cancelled(
    anyone: Caller, staff: Caller, linh_chi: Product
) -> None:
    order = ordered(anyone, linh_chi, quantity=3)
    staff.do(doc.ORDER_CONFIRM, id=order)
    (handed,) = fulfill(staff, order, 3)["fulfillments"]
    assert stock(linh_chi) == (7, 7)
    assert staff.do(doc.TAKE_BACK, id=handed["id"])["order"]["status"] == "UNFULFILLED"
    assert stock(linh_chi) == (10, 7)
    assert staff.do(doc.CANCEL, id=order)["order"]["status"] == "CANCELED"
    assert stock(linh_chi) == (10, 10)
    assert staff.refused(doc.CANCEL, id=order) == [("CANNOT_CANCEL_ORDER", "order")]


def test_staff_say_that_an_order_is_paid(anyone: Caller, staff: Caller, linh_chi: Product) -> None:
    order = ordered(anyone, linh_chi)
    assert staff.ask(doc.ORDER_STAFF, id=order)["actions"] == ["MARK_AS_PAID"]
    paid = staff.do(doc.MARK_PAID, id=order, ref="BIÊN NHẬN 7")["order"]
    assert (paid["chargeStatus"], paid["isPaid"]) == ("FULL", True)
    seen = staff.ask(doc.ORDER_STAFF, id=order)
    (payment,) = seen["transactions"]
    assert (payment["chargedAmount"]["amount"], payment["pspReference"]) == (195_000, "BIÊN NHẬN 7")
    assert (seen["status"], seen["actions"], seen["totalBalance"]["amount"]) == ("UNFULFILLED", [], 0)
    assert staff.refused(doc.MARK_PAID, id=order) == [("TRANSACTION_ERROR", "transaction")]


@pytest.mark.parametrize("name", list(CHANGES))
def test_only_the_sellers_own_people_serve_an_order(
    anyone: Caller, lan: Caller, other_staff: Caller, linh_chi: Product, name: str
) -> None:
    text, more = CHANGES[name]
    order = ordered(lan, linh_chi)
    before = (Order.objects.values().get(), AuditEntry.objects.count())
    for stranger in (anyone, lan, other_staff):
        assert stranger.denied(text, id=order, **more) == "PermissionDenied"
    assert (Order.objects.values().get(), AuditEntry.objects.count()) == before


def test_hand_overs_are_the_sellers_own_affair(
    anyone: Caller, lan: Caller, staff: Caller, other_staff: Caller, linh_chi: Product
) -> None:
    order = ordered(lan, linh_chi)
    staff.do(doc.ORDER_CONFIRM, id=order)
    (handed,) = fulfill(staff, order, 1)["fulfillments"]
    line = lan.ask(doc.ORDER, id=order)["lines"][0]["id"]
    stocks = [{"warehouse": "V2FyZWhvdXNlOjE=", "quantity": 1}]
    for stranger in (anyone, lan, other_staff):
        for text, variables in (
            (doc.FULFILL, {"order": order, "input": {"lines": [{"orderLineId": line, "stocks": stocks}]}}),
            (doc.TRACKING, {"id": handed["id"], "input": {"trackingNumber": "X"}}),
            (doc.TAKE_BACK, {"id": handed["id"]}),
        ):
            assert stranger.denied(text, **variables) == "PermissionDenied"
    seen = staff.ask(doc.ORDER, id=order)
    assert [each["quantityFulfilled"] for each in seen["lines"]] == [1]
    assert [(each["status"], each["trackingNumber"]) for each in seen["fulfillments"]] == [("FULFILLED", "")]


def test_who_sees_the_person_behind_an_order(
    anyone: Caller, lan: Caller, staff: Caller, other_staff: Caller, program: Caller, linh_chi: Product
) -> None:
    order = ordered(lan, linh_chi)
    for known in (lan, staff, program):
        seen = known.ask(doc.ORDER, id=order)
        address = seen["shippingAddress"]
        assert (seen["userEmail"], address["phone"], address["streetAddress1"]) == (
            "khach@thu.vn",
            "+84912345678",
            "12 khu phố 4",
        )
    for stranger in (anyone, other_staff):
        seen = stranger.ask(doc.ORDER, id=order)
        address = seen["shippingAddress"]
        assert (seen["userEmail"], address["firstName"], address["phone"], address["streetAddress1"]) == (
            "k•••@thu.vn",
            "Ú•••",
            "0912 ••• 678",
            "1•••",
        )
        assert seen["total"]["gross"]["amount"] == 195_000
        assert stranger.denied(doc.ORDER_STAFF, id=order) == "PermissionDenied"


def test_an_order_is_found_by_its_token(anyone: Caller, linh_chi: Product) -> None:
    order = ordered(anyone, linh_chi)
    token = uuid_of(Order.objects.get().key)
    assert anyone.ask(doc.ORDER_BY_TOKEN, token=str(token))["id"] == order
    assert anyone.ask(doc.ORDER_BY_TOKEN, token=str(UUID(int=5))) is None
    assert anyone.ask(doc.ORDER, id="khong-co") is None


@pytest.mark.pure
def test_keys_and_uuids_are_one_number_in_two_writings() -> None:
    for key in (new_id(), "0" * 26, "7" + "z" * 25):
        assert key_of_uuid(uuid_of(key)) == key
    assert key_of_uuid("khong-phai") == ""


def test_lists_hold_the_sellers_own_orders_in_pages(
    anyone: Caller,
    lan: Caller,
    staff: Caller,
    other_staff: Caller,
    program: Caller,
    linh_chi: Product,
    ut: Seller,
) -> None:
    mine = [ordered(anyone, linh_chi) for _ in range(3)]
    theirs = ordered(anyone, new_good(ut, "Rau muống", 9_000), delivery="pickup")
    for stranger in (anyone, lan):
        assert stranger.denied(doc.ORDERS) == "PermissionDenied"

    def listed(who: Caller, **variables: Any) -> list[str]:
        return [edge["node"]["id"] for edge in who.ask(doc.ORDERS, **variables)["edges"]]

    assert listed(staff) == mine[::-1]
    assert listed(other_staff) == [theirs]
    assert listed(program) == [theirs, *mine[::-1]]
    page = staff.ask(doc.ORDERS, first=2)
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    assert listed(staff, first=2, after=page["pageInfo"]["endCursor"]) == [mine[0]]
    staff.do(doc.ORDER_CONFIRM, id=mine[1])
    number = int(staff.ask(doc.ORDER, id=mine[2])["number"])
    for where, expected in (
        ({"status": {"eq": "UNFULFILLED"}}, [mine[1]]),
        ({"status": {"oneOf": ["UNCONFIRMED"]}}, [mine[2], mine[0]]),
        ({"number": {"eq": number}}, [mine[2]]),
        ({"ids": [mine[0], theirs]}, [mine[0]]),
        ({"chargeStatus": {"eq": "FULL"}}, []),
        ({"totalGross": {"amount": {"range": {"gte": 195_000}}}}, mine[::-1]),
        ({"userEmail": {"eq": "ai@thu.vn"}}, []),
        ({"OR": [{"ids": [mine[0]]}, {"number": {"eq": number}}]}, [mine[2], mine[0]]),
        ({"AND": [{"ids": [mine[0]]}, {"number": {"eq": number}}]}, []),
        ({"metadata": {"key": "cho.seller", "value": {"eq": linh_chi.seller_id}}}, mine[::-1]),
        ({"metadata": {"key": "cho.delivery", "value": {"eq": "pickup"}}}, []),
    ):
        assert listed(staff, where=where) == expected, where
    assert listed(staff, search="khach@thu") == mine[::-1]
    assert listed(staff, search=f"#{number}") == [mine[2]]


@pytest.mark.parametrize("key", ["regex", "iregex", "contains", "isnull", "5", "-5", "99999999999999", "a.b"])
def test_a_key_of_metadata_is_never_an_operator(key: str, linh_chi: Product, staff: Caller) -> None:
    order = ordered(Caller(), linh_chi)
    kept = Order.objects.get()
    kept.metadata = {**kept.metadata, key: "(a+)+b"}
    kept.save()

    def numbers(text: str) -> list[str]:
        where = {"metadata": {"key": key, "value": {"eq": text}}}
        return [each["node"]["id"] for each in staff.ask(doc.ORDERS, first=5, where=where)["edges"]]

    assert numbers("(a+)+b") == [order]
    assert numbers("cho.*") == numbers(".*") == []


def test_metadata_of_an_order_and_a_payment_has_an_end_for_programs_too(
    program: Caller, anyone: Caller, linh_chi: Product
) -> None:
    order = ordered(anyone, linh_chi)
    made = program.do(
        doc.TX_CREATE, id=order, transaction={"name": "Tiền mặt", "metadata": [{"key": "sổ", "value": "1"}]}
    )
    payment = made["transaction"]["id"]

    def pairs(start: int, stop: int, text: str = "x") -> list[dict[str, str]]:
        return [{"key": f"k{n}", "value": text} for n in range(start, stop)]

    for kept in (order, payment):
        program.do(doc.PRIVATE, id=kept, input=pairs(0, 40))
        assert program.refused(doc.PRIVATE, id=kept, input=pairs(40, 60)) == [("INVALID", None)]
        assert program.refused(doc.PRIVATE, id=kept, input=pairs(0, 1, "x" * 4001)) == [("INVALID", "input")]
    for known in (Order.objects.get(), Transaction.objects.get()):
        assert len([key for key in known.private_metadata if key.startswith("k")]) == 40
    more = {"metadata": pairs(0, 50)}
    assert program.refused(doc.TX_UPDATE, id=payment, transaction=more) == [("INVALID", None)]
    assert Transaction.objects.get().metadata == {"sổ": "1"}
