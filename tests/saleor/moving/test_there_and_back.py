"""Everything stands on the other engine once, whatever happens on the way, and comes back with what happened there."""

from __future__ import annotations

import csv
import fcntl
import re
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from pytest_django import Settings

from backend.accounts.models import Seller
from backend.commerce import shop
from backend.commerce.errors import ShopUnavailable
from backend.commerce.moving import MovedProduct
from backend.commerce.shop import Shop
from backend.commerce.values import FulfillLine, Product, ProductDraft, VariantDraft
from backend.common import clock
from backend.common.ids import new_id
from backend.common.models import Delivery
from backend.common.money import vnd
from backend.engine.models import Order
from backend.engine.moving import EmbeddedSide
from backend.ocop.models import Certificate
from backend.ocop.services import grant_certificate, register_producer
from backend.sales.models import Sale
from backend.sales.queries import desk_sales
from backend.sales.services import Buyer, accept, hand_over, place_purchase
from integrations.saleor.models import Call, Move, Moved
from integrations.saleor.moving.ledger import Ledger
from payments.intents.queries import find_intent
from payments.intents.services import confirm_by_hand
from tests.contract.conftest import make_photo
from tests.saleor.moving.conftest import Run, deliver
from tests.saleor.moving.second_market import Killed, SecondMarket
from tests.sales.conftest import choice, new_good

# The second market is a file of SQLite; what the embedded engine does with what comes in runs on both databases beside it.
pytestmark = pytest.mark.pure

Switch = Callable[[str], Shop]


class Stall:
    """Goods of every kind, and an order of every kind for them."""

    def __init__(self, sen: Seller, hoang_giang: Seller, buyer: Buyer) -> None:
        self.seller = sen
        self.buyer = buyer
        self.tea = self._tea(sen)
        self.rice = new_good(hoang_giang, "Gạo nếp nương", 40_000, 30)
        self.gone = new_good(sen, "Mật ong rừng", 90_000, 7)
        self.unpaid = self.order(self.tea, 2)
        self.paid = self.order(self.tea, 1)
        self.pay(self.paid)
        self.cash = self.order(self.gone, 3, payment="cash")
        accept(sale=self.cash, actor="test")
        order = shop().find_order(self.cash.order_id or "")
        assert order is not None
        line = FulfillLine(order.lines[0].id, 1)
        shop().fulfill_order(key=new_id(), order_id=order.id, lines=[line], allow_unpaid=True)
        # Since then the price has risen and the goods are off the shelf.
        self.change(self.gone, price=120_000, published=False)
        self.done = self.order(self.rice, 1, payment="cash")
        accept(sale=self.done, actor="test")
        hand_over(sale=self.done, actor="test")
        deliver()

    @staticmethod
    def _tea(sen: Seller) -> Product:
        draft = ProductDraft(
            name="Trà lài",
            seller_id=str(sen.pk),
            category_id=shop().categories()[3].id,
            variants=(
                VariantDraft(unit="gói 100 g", price=vnd(35_000), quantity=20, weight_g=100, sku="TL-100"),
                VariantDraft(
                    unit="gói 500 g", price=vnd(150_000), quantity=4, weight_g=500, gtin="8938505974194"
                ),
            ),
            description="Ướp ba lần.\nHái sớm.",
            label={"origin": "Vị Tân", "grade": "loại 1"},
        )
        tea = shop().create_product(key=new_id(), draft=draft)
        for colour, words in (("red", "Gói trà"), ("blue", "Lá trà")):
            tea = shop().add_image(key=new_id(), product_id=tea.id, content=make_photo(colour), alt=words)
        return tea

    def order(self, good: Product, pieces: int, *, payment: str = "vietqr") -> Sale:
        total = good.variant.price * pieces
        wanted = choice(
            Seller.objects.get(pk=good.seller_id), good, pieces=pieces, total=total, payment=payment
        )
        purchase = place_purchase(key=new_id(), buyer=self.buyer, choices=[wanted])
        return Sale.objects.select_related("seller", "purchase").get(purchase=purchase)

    @staticmethod
    def pay(sale: Sale, amount: int | None = None) -> None:
        intent = find_intent("order", sale.pk)
        assert intent is not None
        confirm_by_hand(intent_id=intent.id, amount=vnd(amount or intent.due_vnd), actor="test")
        deliver()

    @staticmethod
    def change(good: Product, *, price: int, published: bool) -> None:
        draft = ProductDraft(
            name=good.name,
            seller_id=good.seller_id,
            category_id=good.category_id,
            variants=(replace(VariantDraft.unchanged(good.variant), price=vnd(price)),),
            published=published,
        )
        shop().update_product(key=new_id(), product_id=good.id, draft=draft)


@pytest.fixture
def stall(sellers: tuple[Seller, Seller], guest: Buyer, switch: Switch, there: SecondMarket) -> Stall:
    switch("embedded")
    return Stall(*sellers, guest)


def plain(product: MovedProduct) -> MovedProduct:
    """What must be the same on both sides: everything but ids and the day of coming."""
    return replace(
        product,
        id="",
        created_at=None,
        variants=tuple(replace(each, id="") for each in product.variants),
        pictures=tuple(replace(each, id="") for each in product.pictures),
        metadata={},
        private_metadata={},
        external_reference="",
    )


def goods_of(sellers: tuple[Seller, Seller]) -> list[MovedProduct]:
    ids = [str(each.pk) for each in sellers]
    found = [plain(each) for each in EmbeddedSide().products(ids)]
    return [
        replace(
            each,
            variants=tuple(replace(v, external_reference="", private_metadata={}) for v in each.variants),
        )
        for each in found
    ]


def facts(seller: Seller) -> list[tuple[Any, ...]]:
    """A seller's desk: one line per sale."""
    views, _more = desk_sales(seller.pk)
    return [
        (
            view.sale.pk,
            view.order.status,
            view.order.total.amount,
            view.order.charged.amount,
            view.order.address,
            view.order.delivery,
            [
                (x.product_name, x.unit, x.unit_price, x.quantity, x.quantity_fulfilled)
                for x in view.order.lines
            ],
        )
        for view in views
    ]


def test_everything_stands_over_there(
    stall: Stall,
    sellers: tuple[Seller, Seller],
    move: Run,
    there: SecondMarket,
    switch: Switch,
    tmp_path: Path,
) -> None:
    before, desk = goods_of(sellers), [facts(each) for each in sellers]
    assert len(desk[0]) == 3
    table = tmp_path / "table.csv"
    assert move("--report", str(table)) == 0, move.said
    with there.inside():
        assert goods_of(sellers) == before
        assert Order.objects.count() == 3
    assert "Đã chuyển xong" in move.said
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    assert [(row["kind"], row["result"]) for row in rows if row["kind"] in {"product", "order"}] == [
        ("product", "moved"),
        ("product", "moved"),
        ("product", "moved"),
        ("order", "moved"),
        ("order", "moved"),
        ("order", "moved"),
    ]
    totals = {row["name"]: row["source_id"] for row in rows if row["kind"] == "total"}
    assert totals["đã nhận cho các đơn chưa xong (đ)"] == "35000"
    assert all(row["result"] == "equal" for row in rows if row["kind"] == "total")
    # Between the switch and the restart the desk shows what it showed, read from the copies.
    assert [facts(each) for each in sellers] == desk
    switch("saleor")
    assert [facts(each) for each in sellers] == desk


def test_money_that_comes_after_the_switch_finds_the_order(
    stall: Stall, move: Run, there: SecondMarket, switch: Switch
) -> None:
    mail.outbox.clear()
    assert move() == 0, move.said
    deliver()
    saleor = switch("saleor")
    deliver()
    # Everybody has heard of these orders before.
    assert mail.outbox == []
    stall.pay(stall.unpaid)
    assert [each.subject for each in mail.outbox] == ["Đơn 1 đã nhận đủ 70.000\xa0₫"]
    sale = Sale.objects.get(pk=stall.unpaid.pk)
    order = saleor.find_order(sale.order_id or "")
    assert order is not None
    assert (order.status, order.charge_status, order.charged) == ("unfulfilled", "full", vnd(70_000))
    assert Sale.objects.count() == 4
    with there.inside():
        assert Order.objects.filter(charge_status="full").count() == 2


def test_certificates_follow_their_goods(
    stall: Stall, sellers: tuple[Seller, Seller], move: Run, switch: Switch
) -> None:
    producer = register_producer(seller=sellers[0], actor="test")
    grant_certificate(
        producer=producer,
        product_name="Trà lài",
        stars=4,
        number="12/GCN",
        decision_number="12/QĐ",
        issuer="UBND thành phố Cần Thơ",
        issuing_level="province",
        issued_on=date(2026, 3, 1),
        actor="test",
        product_id=stall.tea.id,
    )
    assert move() == 0, move.said
    saleor = switch("saleor")
    found = saleor.find_product(slug=stall.tea.slug)
    assert found is not None
    assert Certificate.objects.get().product_id == found.id


def test_killed_after_every_answer_it_goes_on_and_doubles_nothing(
    stall: Stall, sellers: tuple[Seller, Seller], move: Run, there: SecondMarket
) -> None:
    before = goods_of(sellers)
    died: Counter[str] = Counter()

    def dies(name: str) -> bool:
        """The first time that a change of this kind is made."""
        died[name] += 1
        return died[name] == 1

    there.dies = dies
    status = -1
    for _life in range(60):
        with suppress(Killed):
            status = move()
            break
    assert status == 0, move.said
    assert {name for name, times in died.items() if times > 1} >= {
        "product_create",
        "product_listing",
        "variant_create",
        "variant_listing",
        "media_create",
        "checkout_complete",
    }
    assert {"order_confirm", "charge_report", "order_fulfill", "transaction_create"} <= set(died)
    with there.inside():
        assert goods_of(sellers) == before
        assert Order.objects.count() == 3
    assert (
        Sale.objects.exclude(order_id=stall.done.order_id).filter(order_id__startswith="T3JkZXI6").count()
        == 3
    )


def test_into_a_saleor_that_was_emptied_since(
    stall: Stall, move: Run, there: SecondMarket, empty_market: Path, tmp_path: Path
) -> None:
    """After a rehearsal, say. What was answered under the keys of the first move holds nothing in the second."""
    assert move() == 0, move.said
    for sale, order_id in [(each.pk, each.order_id) for each in (stall.unpaid, stall.paid, stall.cash)]:
        Sale.objects.filter(pk=sale).update(order_id=order_id)
    Move.objects.update(state=Move.GIVEN_UP)
    there.close()
    emptied = tmp_path / "emptied.sqlite3"
    shutil.copy(empty_market, emptied)
    there.open(emptied)
    assert move("--afresh") == 0, move.said
    with there.inside():
        assert Order.objects.count() == 3
        assert sum(Order.objects.values_list("charged_vnd", flat=True)) > 0


def test_killed_before_the_note_is_written_the_thing_is_found_again(
    stall: Stall,
    move: Run,
    there: SecondMarket,
    sellers: tuple[Seller, Seller],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pair that is lost is found by what stands over there: goods by reference, orders by metadata."""
    assert move() == 0, move.said
    first = dict(Moved.objects.filter(kind__in=["product", "order"]).values_list("embedded_id", "saleor_id"))
    # As a market that was restored from a copy of the day before knows nothing of the move.
    for forgotten in (Moved, Move, Call):
        forgotten.objects.all().delete()
    for sale, order_id in [(each.pk, each.order_id) for each in (stall.unpaid, stall.paid, stall.cash)]:
        Sale.objects.filter(pk=sale).update(order_id=order_id)
    assert move() == 0, move.said
    again = dict(Moved.objects.filter(kind__in=["product", "order"]).values_list("embedded_id", "saleor_id"))
    assert again == first
    with there.inside():
        assert Order.objects.count() == 3


def test_killed_on_the_way_back_nothing_stands_without_its_note(
    stall: Stall,
    sellers: tuple[Seller, Seller],
    move: Run,
    there: SecondMarket,
    switch: Switch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert move() == 0, move.said
    saleor = switch("saleor")
    tea = saleor.find_product(slug="tra-lai")
    assert tea is not None
    stall.order(tea, 1)
    honey = replace(tea, name="Dầu tràm")
    draft = ProductDraft(
        name=honey.name,
        seller_id=honey.seller_id,
        category_id=honey.category_id,
        variants=(VariantDraft(unit="chai", price=vnd(60_000), quantity=9),),
    )
    new = saleor.create_product(key=new_id(), draft=draft)
    saleor.add_image(key=new_id(), product_id=new.id, content=make_photo("green"), alt="Chai dầu")
    with there.inside():
        wanted = goods_of(sellers)
    died: Counter[str] = Counter()
    keep = Ledger.keep

    def dies(self: Ledger, kind: str, *ids: str) -> None:
        """The thing is written, and the process dies before its note is, once for each kind."""
        died[kind] += 1
        if died[kind] == 1:
            raise Killed
        keep(self, kind, *ids)

    monkeypatch.setattr(Ledger, "keep", dies)
    status = -1
    for _life in range(20):
        with suppress(Killed):
            status = move(back=True)
            break
    assert status == 0, move.said
    assert {kind for kind, times in died.items() if times > 1} == {"product", "variant", "picture", "order"}
    switch("embedded")
    assert {each.slug: each for each in goods_of(sellers)} == {each.slug: each for each in wanted}
    assert (Order.objects.count(), Sale.objects.count()) == (5, 5)


def test_a_rehearsal_writes_nothing(stall: Stall, move: Run, there: SecondMarket) -> None:
    there.changes.clear()
    assert move("--dry-run") == 0, move.said
    assert there.changes == []
    assert (Move.objects.count(), Moved.objects.count()) == (0, 0)
    assert "Mới chỉ xem thử" in move.said
    stall.order(stall.tea, 1)


def test_ordering_pauses_and_money_waits(
    stall: Stall, move: Run, there: SecondMarket, switch: Switch
) -> None:
    assert move("--limit", "2") == 3
    assert "chợ vẫn tạm ngừng nhận đơn" in move.said
    with pytest.raises(ShopUnavailable, match="tạm ngừng nhận đơn"):
        stall.order(stall.tea, 1)
    answer = Browser().post(
        "/graphql/",
        {"query": 'mutation { checkoutCreate(input: { channel: "cho", lines: [] }) { errors { code } } }'},
        content_type="application/json",
    )
    assert answer.json()["errors"][0]["extensions"]["exception"]["code"] == "SHOP_UNAVAILABLE"
    # Money that comes meanwhile is stored, and told to the order when there is one to tell it to.
    intent = find_intent("order", stall.unpaid.pk)
    assert intent is not None
    confirm_by_hand(intent_id=intent.id, amount=vnd(70_000), actor="test")
    for _ in range(12):
        Delivery.objects.filter(done_at=None).update(next_at=clock.now(), lease_until=None)
        deliver()
    assert not Delivery.objects.filter(parked_at__isnull=False).exists()
    assert move() == 0, move.said
    saleor = switch("saleor")
    Delivery.objects.filter(done_at=None).update(next_at=clock.now(), lease_until=None)
    deliver()
    order = saleor.find_order(Sale.objects.get(pk=stall.unpaid.pk).order_id or "")
    assert order is not None
    assert order.charged == vnd(70_000)


def test_after_the_switch_the_old_engine_takes_nothing(stall: Stall, move: Run, switch: Switch) -> None:
    assert move() == 0, move.said
    with pytest.raises(ShopUnavailable):
        stall.order(stall.tea, 1)
    assert move() == 1
    assert "Chợ đang ở trên saleor" in move.said
    switch("saleor")
    tea = shop().find_product(slug="tra-lai")
    assert tea is not None
    assert stall.order(tea, 1).order_id


def test_what_cannot_be_moved_is_said_and_nothing_is_switched(
    stall: Stall, move: Run, there: SecondMarket
) -> None:
    with there.inside():
        # Somebody else's goods have this code over there.
        other = new_good_of("99", "Chè khác", sku="TL-100")
    before = set(Sale.objects.values_list("order_id", flat=True))
    assert move() == 2
    assert "món hàng Trà lài: mã hàng TL-100 đã dùng cho hàng khác" in move.said
    assert "Chợ vẫn tạm ngừng nhận đơn" in move.said
    assert set(Sale.objects.values_list("order_id", flat=True)) == before
    with pytest.raises(ShopUnavailable):
        stall.order(stall.tea, 1)
    assert move("--give-up") == 0
    stall.order(stall.tea, 1)
    with there.inside():
        EmbeddedSide().read_products([other])
        new_code(other)
    assert move() == 0, move.said


def test_goods_whose_address_is_taken_get_another_and_it_is_said(
    stall: Stall, move: Run, there: SecondMarket, switch: Switch
) -> None:
    with there.inside():
        new_good_of("99", "Trà lài", sku="")
    assert move() == 0, move.said
    slug = shop_slug(move.said)
    assert slug.startswith("tra-lai-")
    assert switch("saleor").find_product(slug=slug) is not None


def shop_slug(said: str) -> str:
    return str(re.findall(r"Trà lài: địa chỉ /tra-lai nay là /(\S+)", said)[0])


def test_one_way_at_a_time(stall: Stall, move: Run, tmp_path: Path, settings: Settings) -> None:
    assert move(back=True) == 1
    assert "Chợ đang ở trên embedded, không phải saleor" in move.said
    assert move("--limit", "1") == 3
    assert move(back=True) == 1
    assert "Đang dở một lần chuyển từ embedded sang saleor" in move.said
    with (Path(settings.DATA_DIR) / "saleor_migrate.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert move() == 1
        assert "đang chạy" in move.said
    assert move() == 0, move.said


def test_customers_need_a_superuser(stall: Stall, there: SecondMarket, move: Run) -> None:
    with pytest.raises(CommandError, match="--without-customers"):
        call_command("saleor_migrate", "--from", "embedded", "--to", "saleor")
    assert not Move.objects.exists()


def new_good_of(seller_id: str, name: str, *, sku: str) -> str:
    from backend.engine.shop import EmbeddedShop

    bare = EmbeddedShop()
    draft = ProductDraft(
        name=name,
        seller_id=seller_id,
        category_id=bare.categories()[0].id,
        variants=(VariantDraft(unit="gói", price=vnd(1_000), quantity=1, sku=sku),),
    )
    return bare.create_product(key=new_id(), draft=draft).id


def new_code(product_id: str) -> None:
    from backend.engine.models import Variant

    Variant.objects.filter(product_id=product_id).update(sku="KHAC")


def test_back_again_with_what_happened_there(
    stall: Stall, sellers: tuple[Seller, Seller], move: Run, there: SecondMarket, switch: Switch
) -> None:
    assert move() == 0, move.said
    saleor = switch("saleor")
    # An order that was moved on is nobody's under its old id; one that ended before is shown as it was.
    assert saleor.find_order(stall.unpaid.order_id or "") is None
    assert saleor.find_order(stall.done.order_id or "") is not None
    moved = Sale.objects.get(pk=stall.unpaid.pk).order_id or ""
    stall.pay(stall.unpaid)
    hand_over(sale=Sale.objects.get(pk=stall.paid.pk), actor="test")
    tea = saleor.find_product(slug="tra-lai")
    assert tea is not None
    new = stall.order(tea, 3)
    saleor.report_charge(key=new_id(), order_id=new.order_id or "", amount=vnd(50_000), psp_reference="FT7")
    honey = saleor.create_product(
        key=new_id(),
        draft=ProductDraft(
            name="Dầu tràm",
            seller_id=str(sellers[0].pk),
            category_id=tea.category_id,
            variants=(VariantDraft(unit="chai 50 ml", price=vnd(60_000), quantity=9),),
        ),
    )
    saleor.add_image(key=new_id(), product_id=honey.id, content=make_photo("green"), alt="Chai dầu")
    saleor.remove_image(key=new_id(), product_id=tea.id, image_id=tea.images[0].id)
    deliver()
    with there.inside():
        wanted = goods_of(sellers)
    desk = [facts(each) for each in sellers]
    assert move(back=True) == 0, move.said
    embedded = switch("embedded")
    found = {each.slug: each for each in goods_of(sellers)}
    assert found == {each.slug: each for each in wanted}
    assert [facts(each) for each in sellers] == desk
    # A storefront of the Saleor that was left may still ask for it: no second sale comes of that.
    assert embedded.find_order(moved) is None
    # Goods and orders that stood here before are the same ones, not others.
    back = embedded.find_product(slug="tra-lai")
    assert back is not None
    assert back.id == stall.tea.id
    assert [each.alt for each in back.images] == ["Lá trà"]
    assert Sale.objects.get(pk=stall.unpaid.pk).order_id == stall.unpaid.order_id
    assert (Order.objects.count(), Sale.objects.count()) == (5, 5)
    hand_over(sale=Sale.objects.get(pk=stall.unpaid.pk), actor="test")
    stall.pay(new)
    assert embedded.find_order(Sale.objects.get(pk=new.pk).order_id or "").charge_status == "overcharged"  # type: ignore[union-attr]
