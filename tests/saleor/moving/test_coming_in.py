"""What comes into the embedded engine stands there once, as it was, and nobody hears of it anew. On both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.core.files.storage import default_storage

from backend.accounts.models import User
from backend.accounts.services import create_person
from backend.commerce.moving import (
    Charge,
    Customer,
    MovedOrder,
    MovedProduct,
    MovedVariant,
    Photograph,
    Placed,
    Refusal,
    Wanted,
)
from backend.commerce.values import Delivery, Order, OrderLine
from backend.common.models import Event
from backend.common.money import vnd
from backend.engine import models, reading
from backend.engine.moving import EmbeddedSide
from backend.places.models import Commune
from backend.sales.models import Purchase
from backend.sales.moving import MarketPeople
from tests.contract.conftest import VI_TAN, make_photo

SACK = MovedVariant(
    id="V1",
    sku="SACK",
    name="",
    unit="bao 5 kg",
    price_vnd=90_000,
    weight_g=5000,
    gtin="8938505974194",
    offered=True,
    quantity=12,
    held=3,
    metadata={"so": "7"},
)
OLD = replace(SACK, id="V2", sku="", unit="bao 2 kg", offered=False, gtin="", quantity=0, held=0)
RICE = MovedProduct(
    id="P1",
    slug="gao-nang-huong",
    name="Gạo nàng hương",
    description="Một vụ.\nThơm.",
    category="rau-cu-qua",
    seller_id="7",
    label={"origin": "Hoằng Giang"},
    published=False,
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
    variants=(SACK, OLD),
    pictures=(),
    external_reference="kho-1",
)
ORDER = Order(
    id="O1",
    number=374,
    seller_id="7",
    status="partially fulfilled",
    charge_status="partial",
    lines=(OrderLine("L1", "V1", "P1", "Gạo", "bao", 4, 1, vnd(85_000), vnd(340_000)),),
    address=VI_TAN,
    email="",
    delivery=Delivery("courier", "Giao tận nơi", vnd(12_000)),
    note="Gọi trước",
    subtotal=vnd(340_000),
    total=vnd(352_000),
    charged=vnd(100_000),
    created_at=datetime(2026, 11, 1, tzinfo=UTC),
    metadata={"sale": "s1"},
)
MONEY = (Charge("FT1", 60_000), Charge("FT2", 40_000))


@pytest.fixture
def side(db: None) -> EmbeddedSide:
    return EmbeddedSide()


def put(side: EmbeddedSide, product: MovedProduct, known: Placed | None = None) -> Placed:
    with side.together():
        return side.put_product("trace", product, known, False)


def take_in(side: EmbeddedSide, placed: Placed, moved: MovedOrder, known: str = "") -> str:
    with side.together():
        return side.put_order("trace", moved, known, placed.variants, {"P1": placed.product_id})


def bare(product: MovedProduct) -> MovedProduct:
    return replace(product, id="", variants=tuple(replace(each, id="") for each in product.variants))


def test_goods_stand_as_they_were_and_change_with_their_twin(side: EmbeddedSide) -> None:
    placed = put(side, RICE)
    rise = replace(
        RICE, name="Gạo nàng hương mới", variants=(replace(SACK, price_vnd=95_000), replace(OLD, unit="túi"))
    )
    again = put(side, rise, placed)
    assert (again.product_id, again.variants) == (placed.product_id, placed.variants)
    with side.together():
        side.settle(rise, again)
    (found,) = side.products(["7"])
    # Nothing is held: the order that held three pieces has not come.
    assert bare(found) == bare(replace(rise, variants=(replace(rise.variants[0], held=0), rise.variants[1])))
    assert models.Product.objects.count() == 1
    assert not Event.objects.exists()


def test_a_variant_that_is_gone_over_there_is_withdrawn(side: EmbeddedSide) -> None:
    placed = put(side, RICE)
    put(side, replace(RICE, variants=(OLD,)), placed)
    withdrawn = models.Variant.objects.get(pk=placed.variants["V1"]).withdrawn_at
    assert withdrawn is not None


def test_an_address_or_code_of_other_goods_is_not_taken(side: EmbeddedSide) -> None:
    put(side, RICE)
    twin = replace(RICE, id="P2", external_reference="", variants=(replace(SACK, id="V3", sku=""),))
    assert put(side, twin).slug == "gao-nang-huong-2"
    with pytest.raises(Refusal, match="SACK"):
        put(side, replace(RICE, id="P3", external_reference="", variants=(replace(SACK, id="V4"),)))
    with pytest.raises(Refusal, match="xe-cu"):
        put(side, replace(RICE, id="P4", category="xe-cu"))
    assert models.Product.objects.count() == 2


def test_an_order_stands_with_its_money_and_what_was_handed_over(side: EmbeddedSide) -> None:
    placed = put(side, RICE)
    key = take_in(side, placed, MovedOrder(ORDER, MONEY, "5", "en"))
    with side.together():
        side.settle(RICE, placed)
    found = side.read_orders([key])[key]
    line = replace(
        ORDER.lines[0],
        id=found.order.lines[0].id,
        variant_id=placed.variants["V1"],
        product_id=placed.product_id,
    )
    assert found == MovedOrder(
        replace(ORDER, id=key, number=found.order.number, lines=(line,)), MONEY, "5", "en"
    )
    stock = models.Stock.objects.get(variant_id=placed.variants["V1"])
    assert (stock.quantity, stock.quantity_allocated) == (12, 3)
    assert not Event.objects.exists()


def test_an_order_that_stood_here_before_goes_on_from_there(side: EmbeddedSide) -> None:
    placed = put(side, RICE)
    key = take_in(side, placed, MovedOrder(ORDER, MONEY))
    whole = replace(ORDER.lines[0], quantity_fulfilled=4)
    done = replace(ORDER, status="fulfilled", charge_status="full", charged=vnd(352_000), lines=(whole,))
    more = MovedOrder(done, (*MONEY, Charge("FT3", 252_000)))
    for _ in range(2):
        assert take_in(side, placed, more, key) == key
    order = reading.find_order(key)
    assert order is not None
    assert (order.status, order.charge_status, order.charged) == ("fulfilled", "full", vnd(352_000))
    assert [each.quantity for each in models.FulfillmentLine.objects.order_by("pk")] == [1, 3]
    assert models.TransactionEvent.objects.count() == 3
    with side.together():
        side.settle(replace(RICE, variants=(replace(SACK, quantity=9), OLD)), placed)
    stock = models.Stock.objects.get(variant_id=placed.variants["V1"])
    assert (stock.quantity, stock.quantity_allocated) == (9, 0)


def test_goods_that_were_taken_back_over_there_are_held_again(side: EmbeddedSide) -> None:
    placed = put(side, RICE)
    key = take_in(side, placed, MovedOrder(ORDER, MONEY))
    back = replace(ORDER, status="unfulfilled", lines=(replace(ORDER.lines[0], quantity_fulfilled=0),))
    take_in(side, placed, MovedOrder(back, MONEY), key)
    with side.together():
        side.settle(RICE, placed)
    assert models.Stock.objects.get(variant_id=placed.variants["V1"]).quantity_allocated == 4
    assert [each.status for each in models.Fulfillment.objects.all()] == ["canceled"]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (replace(ORDER, total=vnd(1)), "không cộng ra"),
        (replace(ORDER, lines=(*ORDER.lines, replace(ORDER.lines[0], id="L2"))), "hai dòng"),
        (replace(ORDER, lines=(replace(ORDER.lines[0], variant_id="V9"),)), "chưa chuyển được"),
    ],
    ids=["sum", "twice", "unknown"],
)
def test_an_order_that_cannot_be_is_refused_whole(side: EmbeddedSide, order: Order, said: str) -> None:
    placed = put(side, RICE)
    with pytest.raises(Refusal, match=said):
        take_in(side, placed, MovedOrder(order, MONEY))
    assert not models.Order.objects.exists()


def test_money_under_one_reference_is_never_two_amounts(side: EmbeddedSide) -> None:
    placed = put(side, RICE)
    key = take_in(side, placed, MovedOrder(ORDER, MONEY))
    with pytest.raises(Refusal, match="FT1"):
        take_in(side, placed, MovedOrder(ORDER, (Charge("FT1", 61_000),)), key)
    order = reading.find_order(key)
    assert order is not None
    assert order.charged == vnd(100_000)


def test_more_held_than_there_is_is_said(side: EmbeddedSide) -> None:
    placed = put(side, RICE)
    take_in(side, placed, MovedOrder(ORDER, MONEY))
    with pytest.raises(Refusal, match="kho có 2 mà đơn đang giữ 3"), side.together():
        side.settle(replace(RICE, variants=(replace(SACK, quantity=2), OLD)), placed)


def test_pictures_come_in_their_order_and_go_with_their_twin(side: EmbeddedSide) -> None:
    placed = put(side, RICE)
    first, second = Photograph("M1", "Bao gạo"), Photograph("M2", "Hạt gạo")
    content = {"M1": make_photo("red"), "M2": make_photo("blue")}
    wanted = [Wanted("t1", "", first), Wanted("t2", "", second)]
    assert side.lacking(placed.product_id, wanted) == [first, second]
    with side.together():
        made = side.put_photographs(placed.product_id, wanted, content)
    turned = [Wanted("t2", made[1], replace(second, alt="Hạt")), Wanted("t1", made[0], first)]
    assert side.lacking(placed.product_id, turned) == []
    with side.together():
        side.put_photographs(placed.product_id, turned, {})
    (found,) = side.products(["7"])
    assert [(each.id, each.alt) for each in found.pictures] == [(made[1], "Hạt"), (made[0], "Bao gạo")]
    with side.together():
        side.put_photographs(placed.product_id, turned[:1], {})
    assert [each.id for each in side.read_products([placed.product_id])[placed.product_id].pictures] == made[
        1:
    ]
    row = models.ProductImage.objects.get()
    assert default_storage.exists(f"{row.stem}-400.webp")


def test_accounts_are_customers_elsewhere_and_an_unknown_customer_becomes_an_account(db: None) -> None:
    people = MarketPeople()
    lan = create_person(
        actor="test", name="Lan", password="rat-kho-doan-1", email="lan@vi-du.vn", email_proved=True
    )
    create_person(actor="test", name="Chỉ có số", password=None, phone="0912345678")
    commune = Commune.objects.select_related("province").get(pk="31333")
    for n, street in enumerate(["Ấp 1", "Ấp 2", "Ấp 1"]):
        Purchase.objects.create(
            key=str(n),
            user=lan,
            name="Lan",
            phone="+84900000001",
            commune=commune,
            street=street,
            created_at=datetime(2026, 11, n + 1, tzinfo=UTC),
        )
    (known,) = people.customers()
    assert (known.email, [each.street for each in known.addresses]) == ("lan@vi-du.vn", ["Ấp 1", "Ấp 2"])
    assert known.addresses[0].commune_code == "31333"
    stranger = Customer("U9", "Moi@Vi-Du.vn", "Người mới", "không phải số", (VI_TAN,))
    ids = {people.put_customer("t", each, "") for each in (stranger, replace(known, name="Khác"), stranger)}
    assert len(ids) == 2
    new = User.objects.get(email="moi@vi-du.vn")
    assert (new.name, new.has_usable_password()) == ("Người mới", False)
    lan.refresh_from_db()
    assert (lan.name, lan.check_password("rat-kho-doan-1")) == ("Lan", True)
