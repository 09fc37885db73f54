"""Who sees what belongs to somebody: owner, helper, the same role elsewhere, stranger."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.common.money import vnd
from backend.markets.services import open_charge
from payments.intents.queries import find_intent
from payments.intents.services import confirm_by_hand
from tests.api.market.conftest import World, post

pytestmark = pytest.mark.django_db(transaction=True)

AT_THE_STALL = {"the vendor", "the vendor's helper", "the manager"}
AT_THE_DESK = {"the farmer", "the farmer's helper"}

CHARGE = """fragment Whole on Charge {
  id amount note openedAt voidedAt stall { code }
  payment { reference due received missing labels bank account qrPayload }
}"""


def test_charges_are_for_who_takes_money_there_and_the_manager(world: World) -> None:
    one = "query ($id: ID!) { charge(id: $id) { ...Whole } }" + CHARGE
    of_stall = (
        "query ($id: ID!) { stall(id: $id) { code charges(first: 5) { totalCount edges { node { amount } } } "
        "day { totalReceived countOpen countPaid countShort } } }"
    )
    for name, who in world.people().items():
        charge = post(one, who, id=world.charge.pk).data["charge"]
        stall = post(of_stall, who, id=world.stall.pk).data["stall"]
        assert stall["code"] == "A12", name
        if name in AT_THE_STALL:
            assert (charge["id"], charge["amount"], charge["payment"]["labels"]) == (
                world.charge.pk,
                50_000,
                ["WAITING"],
            ), name
            assert stall["charges"] == {"totalCount": 1, "edges": [{"node": {"amount": 50_000}}]}, name
            assert stall["day"] == {"totalReceived": 0, "countOpen": 1, "countPaid": 0, "countShort": 0}, name
        else:
            assert (charge, stall["charges"], stall["day"]) == (None, None, None), name


def test_another_s_charge_and_none_look_the_same(world: World) -> None:
    query = "query ($id: ID!) { charge(id: $id) { id } }"
    other = world.person("vendor", "stall", world.other_stall.pk)
    assert post(query, other, id=world.charge.pk).body == post(query, other, id="0" * 26).body


def test_a_charge_tells_what_has_come(world: World) -> None:
    intent = find_intent("charge", world.charge.pk)
    assert intent is not None
    confirm_by_hand(intent_id=intent.id, amount=vnd(50_000), actor="test")
    vendor = world.person("vendor", "stall", world.stall.pk)
    charge = post(
        "query ($id: ID!) { charge(id: $id) { ...Whole } }" + CHARGE, vendor, id=world.charge.pk
    ).data["charge"]
    payment = charge["payment"]
    assert (payment["due"], payment["received"], payment["missing"]) == (50_000, 50_000, 0)
    assert payment["labels"] == ["PAID"]
    assert payment["reference"] == intent.reference
    assert charge["stall"] == {"code": "A12"}


def test_a_stall_out_of_use_is_nobody_s(world: World) -> None:
    vendor = world.person("vendor", "stall", world.stall.pk)
    world.stall.active = False
    world.stall.save()
    query = "query ($s: ID!, $c: ID!) { stall(id: $s) { code } charge(id: $c) { id } me { stalls { code } } }"
    assert post(query, vendor, s=world.stall.pk, c=world.charge.pk).data == {
        "stall": None,
        "charge": None,
        "me": {"stalls": []},
    }


SALE = """fragment Whole on Sale {
  id orderNumber status total deliveryPrice paymentWay seller { name } lines { productName quantity total }
  payment { due labels account } purchase { name phone street }
}"""


def test_orders_are_for_the_seller_s_own_people(world: World) -> None:
    one = "query ($id: ID!) { sale(id: $id) { ...Whole } }" + SALE
    of_seller = (
        "query ($id: ID!) { seller(id: $id) { name sales(first: 5) { totalCount edges { node { ...Whole } } } } }"
        + SALE
    )
    for name, who in world.people().items():
        sale = post(one, who, id=world.sale.pk).data["sale"]
        seller = post(of_seller, who, id=world.seller.pk).data["seller"]
        assert seller["name"] == "Sen", name
        if name in AT_THE_DESK:
            assert sale["purchase"] == {"name": "Trần Văn Nam", "phone": "+84900000006", "street": "Ấp 3"}, (
                name
            )
            assert (sale["status"], sale["total"], sale["deliveryPrice"]) == ("UNCONFIRMED", 700_000, 0), name
            assert sale["lines"] == [{"productName": "Nấm linh chi", "quantity": 2, "total": 700_000}], name
            assert (sale["payment"]["due"], sale["payment"]["labels"]) == (700_000, ["WAITING"]), name
            assert seller["sales"] == {"totalCount": 1, "edges": [{"node": sale}]}, name
        else:
            assert (sale, seller["sales"]) == (None, None), name


def test_purchases_are_their_buyer_s_own(world: World) -> None:
    query = "{ me { purchases(first: 5) { totalCount edges { node { purchase { id phone } sales { id status } } } } } }"
    for name, who in world.people().items():
        me = post(query, who).data["me"]
        if name == "the buyer":
            mine: dict[str, Any] = {
                "purchase": {"id": world.purchase.pk, "phone": "+84900000006"},
                "sales": [{"id": world.sale.pk, "status": "UNCONFIRMED"}],
            }
            assert me["purchases"] == {"totalCount": 1, "edges": [{"node": mine}]}
        elif name == "nobody":
            assert me is None
        else:
            assert me["purchases"] == {"totalCount": 0, "edges": []}, name


def test_a_purchase_is_whoever_s_who_holds_its_secret(world: World) -> None:
    query = "query ($t: String!) { purchase(token: $t) { url purchase { name } sales { seller { name } } } }"
    found = post(query, t=world.purchase.token).data["purchase"]
    assert found["purchase"] == {"name": "Trần Văn Nam"}
    assert found["sales"] == [{"seller": {"name": "Sen"}}]
    assert found["url"].endswith(f"/don/{world.purchase.token}/")
    for wrong in (world.purchase.pk, "x" * 32, "", world.purchase.token[:-1]):
        assert post(query, world.buyer, t=wrong).data["purchase"] is None


def test_through_a_purchase_nobody_reaches_the_seller_s_other_orders(world: World) -> None:
    query = (
        "query ($t: String!) { purchase(token: $t) { sales { seller { sales(first: 5) { totalCount } } } } }"
    )
    found = post(query, world.buyer, t=world.purchase.token).data["purchase"]
    assert found["sales"] == [{"seller": {"sales": None}}]


def test_me_is_what_one_may_do(world: World) -> None:
    query = "{ me { roles { role scope scopeId } sellers { name producer { name } } stalls { code } markets { slug } } }"
    expected: dict[str, dict[str, list[Any]]] = {
        "the vendor": {"stalls": [{"code": "A12"}]},
        "the vendor's helper": {"stalls": [{"code": "A12"}]},
        "another vendor": {"stalls": [{"code": "B03"}]},
        "the manager": {"markets": [{"slug": "cho-thoai-son"}]},
        "another manager": {"markets": [{"slug": "cho-vi-tan"}]},
        "the farmer": {"sellers": [{"name": "Sen", "producer": None}]},
        "the farmer's helper": {"sellers": [{"name": "Sen", "producer": None}]},
        "another farmer": {"sellers": [{"name": "Hoang Giang", "producer": None}]},
    }
    nothing: dict[str, list[Any]] = {"sellers": [], "stalls": [], "markets": []}
    for name, who in world.people().items():
        me = post(query, who).data["me"]
        if who is None:
            assert me is None
            continue
        held = me.pop("roles")
        assert me == nothing | expected.get(name, {}), name
        assert len(held) == (
            0 if name in {"a stranger", "the buyer", "who was vendor", "who was farmer"} else 1
        )


def test_pages_of_charges_and_orders_take_few_statements(world: World) -> None:
    for number in range(11):
        open_charge(key=f"k{number}", stall_id=world.stall.pk, amount=vnd(10_000), note="", actor="test")
    vendor = world.person("vendor", "stall", world.stall.pk)
    query = (
        "query ($id: ID!) { stall(id: $id) { charges(first: 12) { edges { node { ...Whole } } } } }" + CHARGE
    )
    with CaptureQueriesContext(connection) as statements:
        rows = post(query, vendor, id=world.stall.pk).data["stall"]["charges"]["edges"]
    assert [row["node"]["amount"] for row in rows] == [10_000] * 11 + [50_000]
    # Who asks and their desks, the stall, its access and itself once more, the page, the intents.
    assert len(statements) <= 8
