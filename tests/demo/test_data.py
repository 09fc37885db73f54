"""The demo's data files hold together: people, goods, labels, numbers, accounts and pictures."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from backend.commerce.labels import missing_on, names_no_strength, path_of
from backend.commerce.measures import content_of, unit_price
from backend.commerce.values import Category
from backend.common.money import Money
from backend.common.text import ascii_upper, slugify
from backend.ocop.services import expiry_of
from backend.project.demo import reading
from backend.project.demo.reading import BadDemoData, Demo, read_demo
from payments.banks import find_by_bin
from tests.ocop.test_no_other_stars import STARS_IN_WORDS

pytestmark = pytest.mark.pure

FOR_ALL = {"net_quantity", "best_before", "ingredients", "warning", "usage", "storage", "origin"}
MAY_BE = FOR_ALL | {"made_on", "nutrition", "self_declaration"}
FRESH = {"rau-cu-qua", "hoa", "du-lich-sinh-thai", "gia-dung-trang-tri-luu-niem", "vai-may-mac-theu-ren"}
"""Goods that need no self-declaration (Nghị định 15/2018 điều 4: processed, packed food does)."""


@pytest.fixture(scope="module")
def demo() -> Demo:
    return read_demo()


def test_the_market_has_its_size(demo: Demo) -> None:
    stalls = [stall for market in demo.markets for stall in market.stalls]
    assert (len(demo.goods), len(demo.sellers), len(demo.markets), len(stalls)) == (46, 13, 5, 32)
    assert sum(bool(stall.box) for stall in stalls) == 8
    assert sorted(each.slug for each in demo.sellers if not each.feed) == [
        "ho-huynh-thi-muoi",
        "ho-le-thi-hoa",
        "ho-ro-cham-h-yen",
    ]
    communes = {"30682", "15880", "23602", "23590", "31333"}
    assert {each.commune for each in demo.sellers} == communes == {each.commune for each in demo.markets}


def test_every_seller_sells_and_every_good_has_a_seller(demo: Demo) -> None:
    assert {each.seller for each in demo.goods} == {each.slug for each in demo.sellers}


def test_what_the_farmer_lists_herself_is_not_there(demo: Demo) -> None:
    assert not [each.name for each in demo.goods if "mồng tơi" in each.name.lower()]


def test_every_good_has_a_picture_of_its_own(demo: Demo) -> None:
    digests = Counter(hashlib.sha256(each.picture.read_bytes()).hexdigest() for each in demo.goods)
    assert (len(digests), max(digests.values())) == (46, 1)


def test_categories_are_branches_of_the_six_groups(demo: Demo) -> None:
    table = json.loads(
        (settings.BASE_DIR / "backend/commerce/data/categories.json").read_text(encoding="utf-8")
    )
    codes = {row["slug"]: row["code"] for row in table["categories"]}
    groups = {codes[each.category].split(".")[0] for each in demo.goods}
    assert groups == {"I", "II", "III", "IV", "V", "VI"}


def test_every_good_carries_its_label(demo: Demo) -> None:
    for each in demo.goods:
        assert set(each.label) >= FOR_ALL, each.slug
        assert set(each.label) <= MAY_BE, each.slug
        assert all(text.strip() == text != "" for text in each.label.values()), each.slug
        assert ("made_on" in each.label) != (each.made_days_ago is not None), each.slug
        assert ("self_declaration" in each.label) == (each.category not in FRESH), each.slug


def test_the_unit_price_is_by_what_the_good_is_sold_by(demo: Demo) -> None:
    """Kilograms of what is weighed, litres of what is poured, nothing of what is counted."""
    said: dict[str, set[str]] = {"kg": set(), "l": set(), "": set()}
    for good in demo.goods:
        for each in (good, *good.sizes):
            price = unit_price(each.unit, Money(each.price_vnd))
            said[price.per if price else ""].add(each.unit)
            if price and price.per == "kg":
                assert each.weight_g
                assert price.price == Money((each.price_vnd * 2000 + each.weight_g) // (2 * each.weight_g))
    assert said["l"] == {"chai 500 ml", "chai 250 ml"}
    assert said[""] == {"kg", "hộp 20 gói", "vỉ 10 quả", "người", "cái", "chậu"}
    assert said["kg"] == {
        *("bó 100 g", "bó 200 g", "bó 300 g", "bó 500 g", "cây 300 g", "cái 700 g", "cái 1,2 kg", "củ 400 g"),
        *("quả 1,2 kg", "quả 2 kg", "gói 250 g", "gói 500 g", "hũ 20 g", "hũ 100 g", "hũ 200 g", "hũ 300 g"),
        *("hộp 100 g", "hộp 300 g", "túi 250 g", "khay 500 g", "đòn 800 g"),
    }


def test_net_weights_are_those_that_the_units_name(demo: Demo) -> None:
    """A volume weighs something else: honey more, spirits less."""
    for good in demo.goods:
        for each in (good, *good.sizes):
            content = content_of(each.unit)
            if content and content.kind == "mass":
                assert each.weight_g == content.amount, (good.slug, each.unit)
            elif content:
                assert each.weight_g not in {None, content.amount}, (good.slug, each.unit)


def test_some_goods_come_in_two_sizes(demo: Demo) -> None:
    sizes = {each.slug: [each.unit, *(size.unit for size in each.sizes)] for each in demo.goods if each.sizes}
    assert sizes == {
        "ca-phe-nhan-rang": ["gói 500 g", "gói 250 g"],
        "nuoc-mau-dua": ["chai 250 ml", "chai 500 ml"],
    }


def test_every_label_says_what_law_demands(demo: Demo) -> None:
    table = json.loads(
        (settings.BASE_DIR / "backend/commerce/data/categories.json").read_text(encoding="utf-8")
    )["categories"]
    ids = {row["code"]: row["slug"] for row in table}
    branches = [
        Category(row["slug"], row["slug"], row["name"], ids.get(row["code"].rpartition(".")[0]))
        for row in table
    ]
    for each in demo.goods:
        path = path_of(each.category, branches)
        by_seeding = {"producer": "x", "producer_address": "x"}
        if each.made_days_ago is not None:
            by_seeding["made_on"] = "x"
        label = each.label | by_seeding
        assert missing_on(label, path) == (), each.slug
        assert not names_no_strength(label, path), each.slug


def test_what_grows_in_a_jar_is_no_medicine(demo: Demo) -> None:
    for each in demo.goods:
        if each.category == "tinh-dau-duoc-lieu-khac":
            assert "không phải là thuốc, không có tác dụng thay thế thuốc" in each.label["warning"], each.slug


def test_spirits_name_their_strength_and_are_not_for_children(demo: Demo) -> None:
    (spirit,) = [each for each in demo.goods if each.category == "do-uong-co-con"]
    assert "etanol" in spirit.label["ingredients"]
    assert "dưới 18 tuổi" in spirit.label["warning"]


def test_descriptions_are_two_to_four_sentences_of_a_farmer(demo: Demo) -> None:
    for each in demo.goods:
        assert "\n" not in each.description, each.slug
        sentences = re.findall(r"[^.?!]+[.?!](?=\s|$)", each.description)
        assert 2 <= len(sentences) <= 4, (each.slug, len(sentences))
        assert 120 <= len(each.description) <= 420, (each.slug, len(each.description))


def test_stars_stand_in_the_register_and_in_no_text(demo: Demo) -> None:
    for path in sorted(reading.DATA.rglob("*.toml")):
        if path.name != "certificates.toml":
            text = path.read_text(encoding="utf-8")
            assert not STARS_IN_WORDS.search(text), path.name
            assert "OCOP" not in text, path.name


def gs1_check_digit(payload: str) -> str:
    """GS1 General Specifications 7.9: weights 3, 1, 3 … from the right."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(payload)))
    return str(-total % 10)


def test_numbers_are_of_the_range_for_examples(demo: Demo) -> None:
    assert gs1_check_digit("0952012345678") == "8"  # GS1's own example 09520123456788
    numbers = [each.gtin for each in demo.goods if each.gtin]
    assert len(numbers) == len(set(numbers)) == 18
    for number in numbers:
        assert re.fullmatch(r"952\d{10}", number)
        assert number[-1] == gs1_check_digit(number[:-1])


def test_a_makers_numbers_are_its_own(demo: Demo) -> None:
    """Nghị định 37/2026 điều 28: a number may not be lent, so no two sellers share a company's prefix."""
    prefixes: dict[str, set[str]] = {}
    for each in demo.goods:
        if each.gtin:
            prefixes.setdefault(each.gtin[:8], set()).add(each.seller)
    assert [len(sellers) for sellers in prefixes.values()] == [1] * 6


def test_skus_slugs_and_devices_are_given_once(demo: Demo) -> None:
    def once(values: list[str]) -> None:
        assert [each for each, count in Counter(values).items() if count > 1] == []

    once([each.sku for each in demo.goods])
    once([each.slug for each in demo.goods])
    once([each.name for each in demo.goods])
    once([each.slug for each in demo.sellers])
    once([stall.box for market in demo.markets for stall in market.stalls if stall.box])
    for market in demo.markets:
        once([stall.code for stall in market.stalls])
        assert {stall.zone for stall in market.stalls} == set(market.zones), market.name


def test_seller_slugs_come_from_their_names(demo: Demo) -> None:
    for each in demo.sellers:
        assert each.slug == slugify(each.name)
        assert len(re.findall(r"[.?!](?=\s|$)", each.story)) == 2, each.slug


def test_nobodys_real_account_or_telephone_is_meant(demo: Demo) -> None:
    payees = [(p.bin, p.account, p.name) for p in (each.payee for each in demo.sellers)]
    payees += [(s.bin, s.account, s.name) for market in demo.markets for s in market.stalls]
    assert len({(bin_, account) for bin_, account, _ in payees}) == 45
    assert len({bin_ for bin_, _, _ in payees}) == 16
    for bin_, account, name in payees:
        bank = find_by_bin(bin_)
        assert bank is not None
        assert bank.transfer is True
        assert re.fullmatch(r"0{6}\d{7}", account)
        assert name == ascii_upper(name)
    phones = [each.phone for each in demo.sellers] + [each.phone for each in demo.people]
    emails = [each.email for each in demo.sellers] + [each.email for each in demo.people]
    assert [each for each in phones if not re.fullmatch(r"0900000\d{3}", each)] == []
    assert [each for each in emails if not each.endswith("@cho-xa.example")] == []
    assert (len(set(phones)), len(set(emails))) == (20, 20)


def test_the_register_of_the_demo(demo: Demo) -> None:
    in_force = {
        each.product: each.stars
        for each in demo.certificates
        if each.issued_on <= date(2026, 11, 22) <= expiry_of(each.issued_on)
    }
    assert in_force == {
        "nam-linh-chi-do-kho": 4,
        "dong-trung-ha-thao-say": 3,
        "sup-lo-trang": 3,
        "dua-le-vang": 3,
        "dua-leo": 3,
        "ca-phe-bot-robusta": 4,
        "mat-ong-hoa-ca-phe": 3,
        "khom-cau-duc": 4,
        "ca-thac-lac-rut-xuong": 4,
    }
    expired = [each.product for each in demo.certificates if each.product not in in_force]
    assert expired == ["tra-linh-chi-tui-loc"]


@pytest.fixture
def own_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(reading, "DATA", tmp_path)
    (tmp_path / "goods").mkdir()
    for name, table in (
        ("sellers", "seller"),
        ("markets", "market"),
        ("certificates", "certificate"),
        ("people", "person"),
    ):
        (tmp_path / f"{name}.toml").write_text(f"{table} = []\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        '[[product]]\nslug = "a"\n',  # too little
        '[[produkt]]\nslug = "a"\n',  # a slip of the pen
        '[[product]]\nslug = "a"\nstars = 4\n',  # what does not belong here
    ],
)
def test_a_slip_in_a_file_is_named(own_data: Path, text: str) -> None:
    (own_data / "goods" / "a.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadDemoData, match=r"^goods/a\.toml: "):
        read_demo()
