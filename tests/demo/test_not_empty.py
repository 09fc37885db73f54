"""Markets that the demo finds not empty: with people of their own, or filled in part."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from backend.accounts.models import Seller, User
from backend.commerce import shop
from backend.commerce.values import Product
from backend.common import clock
from backend.common.models import AuditEntry
from backend.engine import goods
from backend.markets.models import Market
from backend.project.demo import seeds
from backend.project.demo.reading import Demo, read_demo
from tests.demo.test_seeding import counts
from tests.services.pictures import shared, shared_folder


@pytest.mark.django_db(transaction=True)
def test_a_market_with_people_of_its_own_gets_no_demo() -> None:
    User.objects.create_user(phone="+84900000999", password="of-their-own-42", name="Người thật")
    before = counts()
    with pytest.raises(CommandError, match="DATA_DIR"):
        call_command("seed_demo")
    seeds.tell_programs()
    assert (counts(), seeds.is_demo()) == (before, False)


def small(demo: Demo) -> Demo:
    hers = [each for each in demo.goods if each.seller == "ho-nguyen-thi-sen"]
    slugs = {each.slug for each in hers}
    return replace(
        demo,
        goods=tuple(hers),
        certificates=tuple(each for each in demo.certificates if each.product in slugs),
    )


@pytest.mark.django_db(transaction=True)
def test_a_filling_that_was_cut_short_is_taken_up_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with shared(shared_folder(tmp_path_factory)):
        fill_twice(monkeypatch)


def fill_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "read_demo", lambda: small(read_demo()))
    whole = goods.add_image

    def power_cut(*, key: str, product_id: str, content: bytes, alt: str) -> Product:
        if key == "demo:ruou-dong-trung:picture":
            raise KeyboardInterrupt
        return whole(key=key, product_id=product_id, content=content, alt=alt)

    monkeypatch.setattr(goods, "add_image", power_cut)
    with pytest.raises(KeyboardInterrupt):
        seeds.seed(io.StringIO())
    seller = Seller.objects.get(slug="ho-nguyen-thi-sen")
    begun = {p.slug: len(p.images) for p in shop().products_page(seller_id=str(seller.pk)).items}
    assert begun["ruou-dong-trung-ha-thao"] == 0  # listed, and the power went before its picture came
    assert AuditEntry.objects.filter(action="demo.seeded").count() == 0

    monkeypatch.setattr(goods, "add_image", whole)
    # It may be another day by then, so that days of making differ from those of the first call.
    later = clock.today().replace(year=clock.today().year + 1)
    monkeypatch.setattr(clock, "today", lambda: later)
    seeds.seed(io.StringIO())
    done = {p.slug: len(p.images) for p in shop().products_page(seller_id=str(seller.pk)).items}
    assert done == dict.fromkeys(
        [
            "nam-linh-chi-do-kho",
            "dong-trung-ha-thao-say",
            "tra-linh-chi-tui-loc",
            "ruou-dong-trung-ha-thao",
            "mat-ong-ngam-dong-trung",
        ],
        1,
    )
    assert Market.objects.count() == 5
