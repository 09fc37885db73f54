"""Cards follow the shop, the sellers and the register."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from pytest_django import Settings

from backend.catalogue import queries, services
from backend.catalogue.models import Branch, Card
from backend.catalogue.values import Card as CardValue
from backend.commerce import shop
from backend.commerce.measures import UnitPrice
from backend.commerce.values import LineDraft, Product, VariantDraft
from backend.common import clock
from backend.common.ids import new_id
from backend.common.money import vnd
from backend.common.outbox import relay
from backend.ocop.services import revoke_certificate
from backend.places.models import Commune
from tests.catalogue.conftest import VI_TAN, Stand, names
from tests.contract import conftest as contract


def one(product: Product) -> CardValue:
    found = queries.card(product.id)
    assert found is not None
    return found


def test_a_card_says_what_a_list_needs(stand: Stand, tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path
    seller = stand.seller("HTX Vị Tân", VI_TAN)
    product = stand.list("Rau mồng tơi", seller=seller, price=12_000, quantity=7)
    product = shop().add_image(
        key=new_id(), product_id=product.id, content=contract.make_photo("green"), alt="Bó rau"
    )
    services.refresh([product.id])
    card = one(product)
    assert (card.product_id, card.slug, card.name) == (product.id, product.slug, "Rau mồng tơi")
    assert (card.unit, card.price, card.unit_price) == ("bó 300 g", vnd(12_000), UnitPrice(vnd(40_000), "kg"))
    assert (card.variants, card.available, card.sold_out) == (1, 7, False)
    assert (card.seller_id, card.seller_name) == (str(seller.pk), "HTX Vị Tân")
    assert (card.commune_code, card.commune_name) == ("31333", "Phường Vị Tân")
    assert card.category_id == stand.category("rau-cu-qua")
    assert (card.image_small, card.image_alt) == (product.images[0].small, "Bó rau")
    assert card.image_medium == product.images[0].medium
    assert card.stars is None


def test_a_card_shows_the_cheapest_that_can_be_bought(stand: Stand) -> None:
    draft = stand.draft("Bí đao", price=30_000)
    product = shop().create_product(
        key=new_id(),
        draft=replace(
            draft,
            variants=(
                *draft.variants,
                VariantDraft(unit="quả nhỏ", price=vnd(9_000), quantity=0),
                VariantDraft(unit="quả vừa", price=vnd(18_000), quantity=4),
            ),
        ),
    )
    services.refresh([product.id])
    card = one(product)
    assert (card.price, card.unit, card.variants, card.available) == (vnd(18_000), "quả vừa", 3, 14)
    for variant in product.variants:
        shop().set_stock(key=new_id(), variant_id=variant.id, quantity=0)
    services.refresh([product.id])
    card = one(product)
    assert (card.price, card.unit, card.sold_out) == (vnd(9_000), "quả nhỏ", True)


@pytest.mark.django_db(transaction=True)
def test_events_bring_every_change_to_the_cards(stand: Stand) -> None:
    product = shop().create_product(key=new_id(), draft=stand.draft("Rau ngót", quantity=3))
    assert queries.card(product.id) is None
    assert relay.run_once("worker") == 1
    assert one(product).available == 3

    lines = [LineDraft(product.variant.id, 2)]
    checkout = shop().create_checkout(key=new_id(), seller_id=product.seller_id, lines=lines)
    order = shop().complete_checkout(
        key=new_id(),
        checkout_id=checkout.id,
        address=contract.VI_TAN,
        email="",
        delivery=contract.PICKUP,
        confirmed_total=checkout.total,
    )
    relay.run_once("worker")
    assert one(product).available == 1
    shop().cancel_order(key=new_id(), order_id=order.id, reason="")
    relay.run_once("worker")
    assert one(product).available == 3

    hidden = stand.draft("Rau ngót", published=False, id=product.variant.id)
    shop().update_product(key=new_id(), product_id=product.id, draft=hidden)
    relay.run_once("worker")
    assert queries.card(product.id) is None
    shop().update_product(key=new_id(), product_id=product.id, draft=replace(hidden, published=True))
    relay.run_once("worker")
    assert one(product).name == "Rau ngót"


def test_asking_the_shop_inside_a_transaction_is_refused(stand: Stand) -> None:
    product = stand.list("Rau ngót")
    with transaction.atomic(), pytest.raises(RuntimeError):
        services.refresh([product.id])


def test_a_slower_answer_does_not_overwrite_a_later_one(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = stand.list("Rau ngót", quantity=9)
    stale = shop().products([product.id])
    read_at = clock.now()
    shop().set_stock(key=new_id(), variant_id=product.variant.id, quantity=2)
    services.refresh([product.id])
    services._write([product.id], stale, read_at)
    assert one(product).available == 2
    services._write([product.id], {}, read_at)
    assert one(product).available == 2


def test_goods_of_an_inactive_seller_are_not_shown(stand: Stand) -> None:
    product, seller = stand.list("Rau ngót"), stand.seller()
    seller.active = False
    seller.save()
    services.refresh_seller(str(seller.pk))
    assert queries.card(product.id) is None
    assert queries.search("ngot").total == 0
    seller.active, seller.name, seller.commune = True, "Hộ Tư Lành", Commune.objects.get(pk=VI_TAN)
    seller.save()
    services.refresh_seller(str(seller.pk))
    assert (one(product).seller_name, one(product).commune_name) == ("Hộ Tư Lành", "Phường Vị Tân")
    assert names(queries.search("tu lanh")) == ["Rau ngót"]


def test_many_cards_at_once_keep_the_order_asked_for(stand: Stand) -> None:
    ids = [stand.list(f"Rau {n}").id for n in range(3)]
    assert list(queries.cards([ids[2], "999", ids[0]])) == [ids[2], ids[0]]
    assert queries.cards([]) == {}


def test_a_rebuild_makes_the_same_catalogue(stand: Stand) -> None:
    for n in range(3):
        stand.list(f"Rau {n}")
    hidden = stand.list("Rau cất", published=False)
    before = queries.search()
    Card.objects.filter(name="Rau 0").update(name="Sai", words="sai")
    Card.objects.filter(name="Rau 1").delete()
    Branch.objects.all().delete()
    Card.objects.filter(name="Rau 2").update(product_id="khong-con", slug="khong-con")
    out = StringIO()
    call_command("catalogue_rebuild", stdout=out)
    assert out.getvalue().startswith("3 ")
    after = queries.search()
    assert sorted(after.cards, key=lambda card: card.slug) == sorted(before.cards, key=lambda card: card.slug)
    assert after.facets == before.facets
    assert queries.search("sai").total == 0
    assert queries.card(hidden.id) is None
    assert not Card.objects.filter(product_id="khong-con").exists()


def test_a_rebuild_goes_through_all_pages(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        shop().create_product(key=new_id(), draft=stand.draft(f"Rau {n}"))
    monkeypatch.setattr(services, "AT_ONCE", 2)
    assert services.rebuild() == 5
    assert queries.search().total == 5


def test_the_categories_are_the_shops_own(stand: Stand) -> None:
    services.copy_branches()
    assert queries.categories() == shop().categories()
    services.copy_branches()
    assert queries.categories() == shop().categories()


# --- stars
# -------------------------------------------------------------------------------------------------------


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    def at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return at


NOON = datetime(2026, 11, 22, 5, tzinfo=clock.VIETNAM)


def test_stars_come_from_the_register_at_the_moment_of_showing(
    stand: Stand, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(NOON)
    four, three, none = (stand.list(name) for name in ("Nấm linh chi", "Mật ong", "Rau ngót"))
    certificate = stand.grant(four, 4)
    stand.grant(three, 3, issued_on=date(2024, 1, 5))
    shown = one(four).stars
    assert shown is not None
    assert (shown.stars, shown.number) == (4, certificate.number)

    assert names(queries.search(stars=4)) == ["Nấm linh chi"]
    assert names(queries.search(stars=3)) == ["Mật ong"]
    assert names(queries.search(sort="stars")) == ["Nấm linh chi", "Mật ong", "Rau ngót"]
    assert [(f.value, f.count) for f in queries.search().facets.stars] == [("4", 1), ("3", 1)]
    assert [(f.value, f.count, f.chosen) for f in queries.search(stars=3).facets.stars] == [
        ("4", 1, False),
        ("3", 1, True),
    ]
    assert one(none).stars is None

    # Revoked: gone at once, with no event delivered.
    revoke_certificate(certificate_id=certificate.pk, reason="sai hồ sơ", actor="system:test")
    assert one(four).stars is None
    assert queries.search(stars=4).cards == ()
    assert queries.search(stars=4).total == 0
    assert [(f.value, f.count) for f in queries.search().facets.stars] == [("3", 1)]


def test_stars_end_with_their_day_without_anybody_doing_anything(
    stand: Stand, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(NOON)
    product = stand.list("Mật ong")
    certificate = stand.grant(product, 3, issued_on=date(2024, 1, 5))
    last = certificate.expires_on
    set_clock(datetime(last.year, last.month, last.day, 23, 59, tzinfo=clock.VIETNAM))
    assert names(queries.search(stars=3)) == ["Mật ong"]
    assert one(product).stars is not None
    set_clock(datetime(last.year, last.month, last.day, 23, 59, tzinfo=clock.VIETNAM) + timedelta(minutes=2))
    assert one(product).stars is None
    result = queries.search(stars=3)
    assert (result.total, result.facets.stars) == (0, ())
    assert queries.search().facets.stars == ()


@pytest.mark.django_db(transaction=True)
def test_two_who_refresh_the_same_new_goods_at_once_make_one_card(stand: Stand) -> None:
    services.copy_branches()
    product = shop().create_product(key=new_id(), draft=stand.draft("Rau ngót"))
    ready, failed = threading.Barrier(4), []

    def run() -> None:
        try:
            ready.wait(20)
            services.refresh([product.id])
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert Card.objects.count() == 1
