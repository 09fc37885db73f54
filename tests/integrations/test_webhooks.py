"""Webhooks through the door: what is believed, what is stored, what is told to the market."""

from __future__ import annotations

import itertools
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from backend.accounts.models import Seller
from backend.catalogue.models import Card
from backend.commerce.values import Product, Variant
from backend.common import clock
from backend.common.models import Delivery, Event
from backend.common.money import vnd
from backend.common.outbox import relay
from integrations.saleor.app import copies, hearing, tally
from integrations.saleor.app import repair as repairing
from integrations.saleor.app.models import HeardWebhook, Installation, OrderCopy
from integrations.saleor.app.repair import repair
from tests.integrations.remote import Down, RemoteShop, new_order
from tests.integrations.small_saleor import Key, SmallSaleor
from tests.integrations.test_signature import VECTORS

pytestmark = pytest.mark.django_db

ORDER = "T3JkZXI6MQ=="


def order_body(saleor: SmallSaleor, event: str, *, seconds: int = 0, order_id: str = ORDER) -> bytes:
    return saleor.body(event, issued_at=clock.now() + timedelta(seconds=seconds), order={"id": order_id})


def goods_body(saleor: SmallSaleor, event: str, *, seconds: int = 0) -> bytes:
    product = {"id": "p1", "seller": "7"}
    about: dict[str, Any] = (
        {"productVariant": {"id": "v1", "product": product}} if "variant" in event else {"product": product}
    )
    return saleor.body(event, issued_at=clock.now() + timedelta(seconds=seconds), **about)


def told() -> list[str]:
    """The names of the events that the market was told, without the App's own."""
    return list(
        Event.objects.exclude(name=hearing.ORDER_TOUCHED).order_by("pk").values_list("name", flat=True)
    )


def deliver() -> None:
    """What the worker does until nothing is left."""
    while relay.run_once("worker"):
        pass


# --- the vectors ------------------------------------------------------------------------------------------------------


@pytest.fixture
def captured(monkeypatch: pytest.MonkeyPatch) -> Installation:
    """The market as it would have been installed in the Saleor that sent the vectors."""
    moment = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return Installation.objects.create(
        api_url="http://127.0.0.1:8900/graphql/",
        app_id="QXBwOjE=",
        keys=VECTORS["jwks"],
        keys_at=moment,
        keys_tried_at=moment,
        installed_at=moment,
    )


def knock(vector: dict[str, Any], body: bytes) -> Any:
    return Client().post("/saleor/webhook/", body, content_type="application/json", headers=vector["headers"])


def test_what_a_running_saleor_sent_is_taken_in(captured: Installation, remote: RemoteShop) -> None:
    answers = [knock(each, each["raw_body"].encode()) for each in VECTORS["webhooks"]]
    assert [answer.status_code for answer in answers] == [200] * 18
    stored = [each["event"] for each in VECTORS["webhooks"] if each["event"].startswith("order_")]
    assert list(HeardWebhook.objects.order_by("pk").values_list("event", flat=True)) == stored
    assert len(stored) == 10
    assert Event.objects.filter(name=hearing.ORDER_TOUCHED).count() == 10


def test_and_refused_when_it_is_not_what_was_sent(captured: Installation) -> None:
    for each in VECTORS["webhooks"]:
        body = each["raw_body"].encode()
        middle = len(body) // 2
        other = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        assert knock(each, other).status_code == 401
    captured.refresh_from_db()
    assert captured.refused == 18
    assert not HeardWebhook.objects.exists()
    assert not Event.objects.exists()


# --- believing --------------------------------------------------------------------------------------------------------


def test_a_wrong_signature_leaves_a_count_and_nothing_else(installed: SmallSaleor) -> None:
    body = order_body(installed, "order_created")
    answer = installed.send("order_created", body, signature=installed.key.sign(body + b" "))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "SIGNATURE")
    assert Installation.objects.get().refused == 1
    assert not HeardWebhook.objects.exists()
    assert not Event.objects.exists()


def test_a_flood_of_wrong_signatures_costs_a_bounded_number_of_writes(
    installed: SmallSaleor, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(tally, "time", SimpleNamespace(monotonic=lambda: now[0]))
    body = order_body(installed, "order_created")
    wrong = installed.key.sign(body + b" ")
    unknown = Key().sign(body)
    with CaptureQueriesContext(connection) as asked:
        for signature in [wrong, unknown] * 50:
            assert installed.send("order_created", body, signature=signature).status_code == 401
    writes = [each["sql"] for each in asked if not each["sql"].startswith("SELECT")]
    assert len(writes) == tally.MOST_WRITES
    assert Installation.objects.get().refused == tally.MOST_WRITES
    # A minute later they are all there.
    now[0] += tally.WITHIN_S
    assert installed.send("order_created", body, signature=wrong).status_code == 401
    assert Installation.objects.get().refused == 101


def test_a_saleor_where_the_market_is_not_installed(saleor: SmallSaleor) -> None:
    assert saleor.send("order_created", order_body(saleor, "order_created")).status_code == 401
    assert saleor.asked == []


def test_what_the_saleor_told_another_app_was_not_told_us(installed: SmallSaleor) -> None:
    body = installed.body(
        "order_created", issued_at=clock.now(), order={"id": ORDER}, recipient={"id": "QXBwOjk="}
    )
    assert installed.send("order_created", body).status_code == 401
    assert not Event.objects.exists()


def test_the_body_says_what_happened_not_the_header(installed: SmallSaleor) -> None:
    body = order_body(installed, "order_updated")
    answer = installed.send("order_created", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MALFORMED")
    assert not Event.objects.exists()


def test_a_new_key_is_fetched_once(installed: SmallSaleor, monkeypatch: pytest.MonkeyPatch) -> None:
    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    new = Key()
    installed.published = [installed.key, new]
    for seconds in range(3):
        body = order_body(installed, "order_updated", seconds=seconds)
        assert installed.send("order_updated", body, signature=new.sign(body)).status_code == 200
    assert installed.asked == ["/.well-known/jwks.json"]


def test_made_up_keys_do_not_make_a_flood(installed: SmallSaleor, monkeypatch: pytest.MonkeyPatch) -> None:
    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    body = order_body(installed, "order_created")
    stranger = Key()
    answers = [
        installed.send("order_created", body, signature=stranger.sign(body, kid=f"k{n}")).status_code
        for n in range(10)
    ]
    assert answers == [401] * 10
    assert installed.asked == ["/.well-known/jwks.json"]


def test_a_new_key_that_cannot_be_fetched_is_worth_another_try(
    installed: SmallSaleor, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [clock.now() + timedelta(minutes=2)]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    new = Key()
    installed.published, installed.down = [new], True
    body = order_body(installed, "order_created")
    for _ in range(2):
        assert installed.send("order_created", body, signature=new.sign(body)).status_code == 503
    installed.down = False
    moment[0] += timedelta(minutes=2)
    assert installed.send("order_created", body, signature=new.sign(body)).status_code == 200


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{}",
        b'{"__typename": 5}',
        b'{"__typename": "OrderCreated", "recipient": {"id": "QXBwOjE="}}',
        b'{"__typename": "OrderCreated", "recipient": {"id": "QXBwOjE="}, "issuedAt": "2026-11-22T08:00:00"}',
        b'{"__typename": "OrderCreated", "recipient": {"id": "QXBwOjE="}, "issuedAt": "2026-11-22T08:00:00Z"}',
        b'{"__typename": "OrderCreated", "recipient": {"id": "QXBwOjE="}, "issuedAt": "2026-11-22T08:00:00Z", "order": 5}',
    ],
)
def test_authentic_but_not_to_be_understood(installed: SmallSaleor, body: bytes) -> None:
    assert installed.send("order_created", body).status_code == 400
    assert not Event.objects.exists()


def test_an_unknown_event_is_well(installed: SmallSaleor) -> None:
    body = installed.body("thumbnail_created", issued_at=clock.now(), id="x")
    assert installed.send("thumbnail_created", body).json() == {"stored": False}
    assert not Event.objects.exists()


def test_too_long_is_not_read(installed: SmallSaleor) -> None:
    assert installed.send("order_created", b" " * 256_001, signature="x").status_code == 413


def test_what_cannot_be_stored_is_to_be_sent_again(
    installed: SmallSaleor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise DatabaseError

    body = order_body(installed, "order_created")
    with monkeypatch.context() as patched:
        patched.setattr(hearing, "emit", broken)
        answer = installed.send("order_created", body)
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert not HeardWebhook.objects.exists()
    assert installed.send("order_created", body).json() == {"stored": True}


def test_only_post(installed: SmallSaleor) -> None:
    assert Client().get("/saleor/webhook/").status_code == 405


def test_what_is_older_than_our_memory_is_no_delivery(installed: SmallSaleor) -> None:
    body = order_body(installed, "order_created", seconds=-31 * 86400)
    assert installed.send("order_created", body).json() == {"stored": False}
    assert not Event.objects.exists()


# --- goods ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ("product_created", "product_created"),
        ("product_updated", "product_updated"),
        ("product_deleted", "product_updated"),
        ("product_variant_updated", "product_updated"),
        ("product_variant_stock_updated", "product_variant_stock_updated"),
        ("product_variant_out_of_stock", "product_variant_stock_updated"),
    ],
)
def test_goods_tell_what_the_embedded_engine_tells(installed: SmallSaleor, event: str, name: str) -> None:
    body = goods_body(installed, event)
    for _ in range(3):
        assert installed.send(event, body).status_code == 200
    assert list(Event.objects.values_list("name", "aggregate", "payload")) == [
        (name, "product:p1", {"product_id": "p1", "seller_id": "7"})
    ]
    assert HeardWebhook.objects.get().repeats == 2


def new_product(seller_id: str, name: str = "Nấm linh chi", product_id: str = "p1") -> Product:
    variant = Variant(f"v-{product_id}", product_id, "", "", "túi 250 g", vnd(60_000), 250, 5, 5)
    moment = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    return Product(
        product_id, product_id, name, "", "c1", seller_id, (variant,), (), {}, True, moment, moment
    )


def test_the_catalogue_follows(installed: SmallSaleor, remote: RemoteShop, sen: Seller) -> None:
    remote.goods["p1"] = new_product(str(sen.pk))
    installed.send("product_created", goods_body(installed, "product_created"))
    deliver()
    assert Card.objects.get(product_id="p1").name == "Nấm linh chi"
    remote.goods["p1"] = new_product(str(sen.pk), "Nấm linh chi đỏ")
    installed.send("product_updated", goods_body(installed, "product_updated"))
    deliver()
    assert Card.objects.get(product_id="p1").name == "Nấm linh chi đỏ"
    del remote.goods["p1"]
    installed.send("product_deleted", goods_body(installed, "product_deleted"))
    deliver()
    assert not Card.objects.get(product_id="p1").listed


# --- orders -----------------------------------------------------------------------------------------------------------

LIFE = ("order_created", "order_fully_paid", "order_confirmed", "order_fulfilled")


@pytest.mark.parametrize("arrival", list(itertools.permutations(LIFE))[::5])
def test_an_order_is_told_once_whatever_arrives(
    installed: SmallSaleor, remote: RemoteShop, arrival: tuple[str, ...]
) -> None:
    """Each webhook comes twice, in another order than it was sent, after everything has happened."""
    remote.place(new_order(seller_id="7", status="fulfilled", charge_status="full", charged=vnd(60_000)))
    bodies = {event: order_body(installed, event, seconds=place) for place, event in enumerate(LIFE)}
    for event in (*arrival, *arrival):
        assert installed.send(event, bodies[event]).status_code == 200
        deliver()
    assert told() == [
        "order_created",
        "order_paid",
        "order_fully_paid",
        "order_confirmed",
        "order_fulfilled",
        "product_variant_stock_updated",
    ]


def test_an_order_is_told_as_it_goes(installed: SmallSaleor, remote: RemoteShop) -> None:
    def happened(event: str, **fields: Any) -> list[str]:
        before = len(told())
        remote.change(ORDER, **fields)
        installed.send(event, order_body(installed, event, seconds=before))
        deliver()
        return told()[before:]

    remote.place(new_order(seller_id="7"))
    assert happened("order_created") == ["order_created", "product_variant_stock_updated"]
    assert happened("order_updated") == []
    assert happened("order_paid", charged=vnd(20_000), charge_status="partial") == ["order_paid"]
    assert happened("order_paid", charged=vnd(60_000), charge_status="full", status="unfulfilled") == [
        "order_paid",
        "order_fully_paid",
        "order_confirmed",
    ]
    assert happened("order_updated", status="partially fulfilled") == ["order_updated"]
    assert happened("order_fulfilled", status="fulfilled") == ["order_fulfilled"]
    assert happened("order_refunded", charged=vnd(0), charge_status="none") == ["order_refunded"]
    assert happened("order_paid", charged=vnd(60_000), charge_status="full") == ["order_updated"]
    amounts = (
        Event.objects.filter(name="order_paid").order_by("pk").values_list("payload__amount_vnd", flat=True)
    )
    assert list(amounts) == [20_000, 40_000]


def test_cancelling_frees_the_stock(installed: SmallSaleor, remote: RemoteShop) -> None:
    remote.place(new_order(seller_id="7"))
    installed.send("order_created", order_body(installed, "order_created"))
    deliver()
    remote.change(ORDER, status="canceled")
    installed.send("order_cancelled", order_body(installed, "order_cancelled", seconds=1))
    deliver()
    assert told()[2:] == ["order_cancelled", "product_variant_stock_updated"]


def test_orders_are_kept_when_their_saleor_has_forgotten_them(
    installed: SmallSaleor, remote: RemoteShop
) -> None:
    order = remote.place(new_order(seller_id="7", metadata={"sale": "x"}))
    installed.send("order_created", order_body(installed, "order_created"))
    deliver()
    del remote.held[ORDER]
    installed.send("order_updated", order_body(installed, "order_updated", seconds=5))
    deliver()
    assert copies.find_copy(ORDER) == order
    assert not any(Delivery.objects.filter(done_at__isnull=True))


def test_an_earlier_reading_does_not_overwrite_a_later_one(remote: RemoteShop) -> None:
    now = clock.now()
    paid = new_order(seller_id="7", status="unfulfilled", charge_status="full", charged=vnd(60_000))
    copies.keep([paid], read_at=now)
    before = told()
    assert copies.keep([new_order(seller_id="7")], read_at=now - timedelta(seconds=1)) == 0
    assert OrderCopy.objects.get().charge_status == "full"
    assert told() == before


def test_with_saleor_down_the_order_is_read_later(
    installed: SmallSaleor, remote: RemoteShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.place(new_order(seller_id="7"))
    remote.down = True
    assert installed.send("order_created", order_body(installed, "order_created")).status_code == 200
    deliver()
    assert told() == []
    remote.down = False
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    deliver()
    assert told()[0] == "order_created"


@pytest.mark.django_db(transaction=True)
def test_the_same_webhook_many_times_at_once(installed: SmallSaleor) -> None:
    body = goods_body(installed, "product_created")
    begin = threading.Barrier(5)
    answers: list[Any] = []

    def send() -> None:
        try:
            begin.wait(20)
            answers.append(installed.send("product_created", body).json())
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answer["stored"] for answer in answers) == [False] * 4 + [True]
    assert Event.objects.count() == 1
    assert HeardWebhook.objects.get().repeats == 4


@pytest.mark.django_db(transaction=True)
def test_two_readings_of_one_order_at_once(remote: RemoteShop) -> None:
    begin = threading.Barrier(5)
    errors: list[BaseException] = []

    def keep() -> None:
        try:
            begin.wait(20)
            copies.keep([new_order(seller_id="7")], read_at=clock.now())
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=keep) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert told() == ["order_created", "product_variant_stock_updated"]


# --- what no webhook told ---------------------------------------------------------------------------------------------


def test_lost_webhooks_are_found_by_the_repair_pass(
    installed: SmallSaleor, remote: RemoteShop, sen: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    for number in range(1, 46):
        remote.place(new_order(f"o{number}", seller_id=str(sen.pk), number=number))
    for number in range(250):
        remote.goods[f"p{number:03}"] = new_product(str(sen.pk), product_id=f"p{number:03}")
    assert repair() == {"orders": 45, "open": 0, "gone": 0}
    assert told().count("order_created") == 45
    assert Card.objects.filter(listed=True).count() == 250
    assert repair() == {"orders": 0, "open": 0, "gone": 0}

    moment[0] += timedelta(minutes=11)
    remote.change("o3", status="canceled")
    del remote.goods["p007"]
    assert repair() == {"orders": 0, "open": 1, "gone": 1}
    assert told()[-2:] == ["order_cancelled", "product_variant_stock_updated"]
    assert not Card.objects.get(product_id="p007").listed


def test_a_lost_order_is_found_under_any_number_of_newer_ones(
    installed: SmallSaleor, remote: RemoteShop, sen: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repairing, "ORDERS", 5)
    start = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    moment = [start]
    monkeypatch.setattr(clock, "now", lambda: moment[0])

    def place(number: int, *, heard: bool = True) -> None:
        order = remote.place(
            new_order(f"o{number}", seller_id=str(sen.pk), number=number, created_at=moment[0])
        )
        if heard:
            copies.keep([order], read_at=moment[0])

    place(1)
    assert repair()["orders"] == 0
    moment[0] += timedelta(hours=2)
    place(2, heard=False)
    for number in range(3, 21):
        moment[0] += timedelta(minutes=1)
        place(number)
    moment[0] += timedelta(minutes=5)
    assert repair()["orders"] == 1
    assert copies.find_copy("o2") is not None

    # Looking has an end: a week later what was seen whole is not read through again.
    moment[0] += timedelta(days=7)
    place(21, heard=False)
    assert repairing._orders_of(str(sen.pk)) == 1
    remote.reads = 0
    assert repairing._orders_of(str(sen.pk)) == 0
    assert remote.reads == 1


def test_a_long_history_is_read_through_over_several_passes(
    installed: SmallSaleor, remote: RemoteShop, sen: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repairing, "ORDERS", 5)
    monkeypatch.setattr(repairing, "MOST_PAGES", 5)
    start = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    for number in range(1, 61):
        placed = start + timedelta(minutes=number)
        order = remote.place(new_order(f"o{number}", seller_id=str(sen.pk), number=number, created_at=placed))
        if number not in {2, 59}:
            copies.keep([order], read_at=clock.now())
    seller_id = str(sen.pk)
    assert repairing._orders_of(seller_id) == 1
    remote.place(new_order("o61", seller_id=seller_id, number=61, created_at=start + timedelta(hours=2)))
    assert [repairing._orders_of(seller_id) for _ in range(3)] == [1, 1, 0]
    assert OrderCopy.objects.count() == 61


def test_an_order_of_a_seller_who_has_stopped_is_found(
    installed: SmallSaleor, remote: RemoteShop, sen: Seller
) -> None:
    Seller.objects.filter(pk=sen.pk).update(active=False)
    remote.place(new_order(seller_id=str(sen.pk)))
    assert repair()["orders"] == 1


def test_a_repair_pass_is_bounded_and_goes_on_where_it_stopped(
    installed: SmallSaleor, remote: RemoteShop, sen: Seller
) -> None:
    for number in range(450):
        remote.goods[f"p{number:03}"] = new_product(str(sen.pk), product_id=f"p{number:03}")
    repair()
    assert Card.objects.count() == 300
    remote.down = True
    with pytest.raises(Down):
        repair()
    remote.down = False
    repair()
    assert Card.objects.count() == 450


def test_without_an_installation_nothing_is_repaired(remote: RemoteShop) -> None:
    assert repair() == {}
    assert remote.reads == 0


def test_what_was_heard_long_ago_is_forgotten(
    installed: SmallSaleor, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed.send("product_created", goods_body(installed, "product_created"))
    assert hearing.prune() == 0
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert hearing.prune() == 1
