"""What sellers can do with their goods, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backend.commerce.errors import (
    BadImage,
    BadProduct,
    ProductNotFound,
    StockHeld,
    TooManyImages,
)
from backend.commerce.measures import UnitPrice
from backend.commerce.values import ProductDraft, VariantDraft
from backend.common.money import vnd
from tests.contract.conftest import Market, new_key

MISSING = "999999999"


def as_draft(market: Market, product_id: str) -> ProductDraft:
    """The product as a form would send it back unchanged."""
    product = market.shop.products([product_id])[product_id]
    return ProductDraft(
        name=product.name,
        seller_id=product.seller_id,
        category_id=product.category_id,
        variants=tuple(
            VariantDraft(
                unit=v.unit,
                price=v.price,
                quantity=None,
                name=v.name,
                weight_g=v.weight_g,
                sku=v.sku,
                gtin=v.gtin,
                id=v.id,
            )
            for v in product.variants
        ),
        description=product.description,
        label=product.label,
        published=product.published,
    )


def test_categories_are_the_six_ocop_groups_and_their_branches(market: Market) -> None:
    categories = market.shop.categories()
    groups = [each for each in categories if each.parent_id is None]
    assert [each.slug for each in groups] == [
        "thuc-pham",
        "do-uong",
        "duoc-lieu",
        "thu-cong-my-nghe",
        "sinh-vat-canh",
        "du-lich",
    ]
    seen: set[str] = set()
    for each in categories:
        assert each.parent_id is None or each.parent_id in seen
        seen.add(each.id)


def test_a_product_is_what_its_seller_said(market: Market) -> None:
    seller = market.seller()
    product = market.product(seller, name="  Rau   mồng tơi ")
    assert product.name == "Rau mồng tơi"
    assert product.seller_id == seller
    assert product.category_id == market.category()
    assert product.description == "Hái buổi sáng."
    assert dict(product.label) == {"origin": "Hoằng Giang, Thanh Hóa"}
    assert product.published is True
    assert product.images == ()
    variant = product.variant
    assert (variant.unit, variant.price, variant.weight_g) == ("bó 300 g", vnd(12_000), 300)
    assert (variant.quantity, variant.available) == (10, 10)
    assert variant.unit_price == UnitPrice(vnd(40_000), "kg")
    assert market.shop.find_product(slug=product.slug) == product
    assert market.shop.products([product.id]) == {product.id: product}
    assert market.shop.variants([variant.id]) == {variant.id: variant}


def test_two_products_of_one_name_have_two_addresses(market: Market) -> None:
    first, second = market.product(), market.product()
    assert first.slug != second.slug
    found = market.shop.find_product(slug=second.slug)
    assert found is not None
    assert found.id == second.id


def test_what_is_not_there_is_left_out(market: Market) -> None:
    product = market.product()
    assert market.shop.find_product(slug="khong-co") is None
    assert market.shop.products([MISSING, "x'--", product.id]) == {product.id: product}
    assert market.shop.variants(["", MISSING]) == {}


def test_pages_go_through_all_goods_of_a_seller(market: Market) -> None:
    seller = market.seller()
    listed = [market.product(seller, name=f"Rau số {n}").id for n in range(5)]
    market.product()
    walked: list[str] = []
    after = None
    sizes = []
    while True:
        page = market.shop.products_page(after=after, limit=2, seller_id=seller)
        walked += [each.id for each in page.items]
        sizes.append(len(page.items))
        if page.next is None:
            break
        after = page.next
    assert walked == listed
    assert sizes == [2, 2, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 161},
        {"variants": ()},
        {"category_id": MISSING},
        {"seller_id": ""},
        {"label": {"origin": "x" * 2001}},
    ],
)
def test_an_incomplete_product_is_refused(market: Market, wrong: dict[str, Any]) -> None:
    seller = market.seller()
    with pytest.raises(BadProduct):
        market.shop.create_product(key=new_key(), draft=replace(market.draft(seller), **wrong))
    assert market.shop.products_page(seller_id=seller).items == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": ""},
        {"price": vnd(0)},
        {"price": vnd(-1)},
        {"quantity": -1},
        {"weight_g": 0},
        {"gtin": "8938505970119"},
        {"gtin": "12"},
        {"id": MISSING},
    ],
)
def test_an_impossible_variant_is_refused(market: Market, wrong: dict[str, Any]) -> None:
    seller = market.seller()
    draft = market.draft(seller)
    bad = replace(draft, variants=(replace(draft.variants[0], **wrong),))
    with pytest.raises(BadProduct):
        market.shop.create_product(key=new_key(), draft=bad)
    assert market.shop.products_page(seller_id=seller).items == ()


def test_a_right_gtin_is_kept(market: Market) -> None:
    draft = market.draft(market.seller())
    good = replace(draft, variants=(replace(draft.variants[0], gtin="9520000000011"),))
    assert market.shop.create_product(key=new_key(), draft=good).variant.gtin == "9520000000011"


def test_one_sku_names_one_variant(market: Market) -> None:
    draft = market.draft(market.seller())
    sku = new_key()
    with_sku = replace(draft, variants=(replace(draft.variants[0], sku=sku),))
    first = market.shop.create_product(key=new_key(), draft=with_sku)
    with pytest.raises(BadProduct):
        market.shop.create_product(key=new_key(), draft=with_sku)
    kept = market.shop.update_product(key=new_key(), product_id=first.id, draft=as_draft(market, first.id))
    assert kept.variant.sku == sku


def test_an_update_changes_what_it_names_and_keeps_the_address(market: Market) -> None:
    product = market.product()
    draft = as_draft(market, product.id)
    changed = market.shop.update_product(
        key=new_key(),
        product_id=product.id,
        draft=replace(
            draft,
            name="Rau mồng tơi tím",
            category_id=market.category("hoa"),
            published=False,
            label={},
            variants=(replace(draft.variants[0], price=vnd(13_000), unit="bó 350 g", weight_g=350),),
        ),
    )
    assert changed.slug == product.slug
    assert changed.name == "Rau mồng tơi tím"
    assert changed.category_id == market.category("hoa")
    assert changed.published is False
    assert changed.label == {}
    assert changed.variant.id == product.variant.id
    assert (changed.variant.price, changed.variant.unit) == (vnd(13_000), "bó 350 g")
    assert changed.variant.quantity == 10
    assert market.shop.find_product(slug=product.slug) == changed


def test_variants_are_added_put_in_order_and_withdrawn(market: Market) -> None:
    product = market.product()
    draft = as_draft(market, product.id)
    large = VariantDraft(unit="bó 1 kg", price=vnd(36_000), quantity=4, weight_g=1000)
    both = market.shop.update_product(
        key=new_key(), product_id=product.id, draft=replace(draft, variants=(large, draft.variants[0]))
    )
    assert [each.unit for each in both.variants] == ["bó 1 kg", "bó 300 g"]
    assert both.available == 14
    only = replace(draft, variants=(replace(large, id=both.variants[0].id, quantity=None),))
    left = market.shop.update_product(key=new_key(), product_id=product.id, draft=only)
    assert [each.id for each in left.variants] == [both.variants[0].id]
    assert market.shop.variants([product.variant.id]) == {}
    with pytest.raises(BadProduct):
        market.shop.update_product(key=new_key(), product_id=product.id, draft=draft)


def test_a_product_stays_with_its_seller(market: Market) -> None:
    product = market.product()
    draft = replace(as_draft(market, product.id), seller_id=market.seller())
    with pytest.raises(BadProduct):
        market.shop.update_product(key=new_key(), product_id=product.id, draft=draft)
    assert market.shop.products([product.id]) == {product.id: product}


def test_changing_what_is_not_there_is_refused(market: Market, photo: Callable[[str], bytes]) -> None:
    draft = market.draft(market.seller())
    with pytest.raises(ProductNotFound):
        market.shop.update_product(key=new_key(), product_id=MISSING, draft=draft)
    with pytest.raises(ProductNotFound):
        market.shop.set_stock(key=new_key(), variant_id=MISSING, quantity=1)
    with pytest.raises(ProductNotFound):
        market.shop.add_image(key=new_key(), product_id=MISSING, content=photo("red"), alt="")
    with pytest.raises(ProductNotFound):
        market.shop.remove_image(key=new_key(), product_id=MISSING, image_id="1")


def test_stock_is_set_but_not_below_what_orders_hold(market: Market) -> None:
    product = market.product(quantity=10)
    market.order(product, 3)
    assert market.stock(product) == (10, 7)
    changed = market.shop.set_stock(key=new_key(), variant_id=product.variant.id, quantity=3)
    assert (changed.quantity, changed.available) == (3, 0)
    with pytest.raises(StockHeld) as refused:
        market.shop.set_stock(key=new_key(), variant_id=product.variant.id, quantity=2)
    assert refused.value.params == {"name": "Rau mồng tơi", "held": 3}
    draft = as_draft(market, product.id)
    with pytest.raises(StockHeld):
        market.shop.update_product(
            key=new_key(),
            product_id=product.id,
            draft=replace(draft, variants=(replace(draft.variants[0], quantity=2, price=vnd(1)),)),
        )
    assert market.stock(product) == (3, 0)
    assert market.variant(product.variant.id).price == vnd(12_000)


def test_a_form_that_was_open_meanwhile_does_not_put_sold_goods_back(market: Market) -> None:
    product = market.product(quantity=10)
    form = as_draft(market, product.id)
    order = market.pay(market.order(product, 4), 48_000)
    market.shop.fulfill_order(
        key=new_key(), order_id=order.id, lines=market.all_lines(order), allow_unpaid=False
    )
    market.shop.update_product(key=new_key(), product_id=product.id, draft=replace(form, name="Mồng tơi"))
    assert market.stock(product) == (6, 6)


def test_pictures_are_added_in_order_and_taken_away(market: Market, photo: Callable[[str], bytes]) -> None:
    product = market.product()
    market.shop.add_image(key=new_key(), product_id=product.id, content=photo("green"), alt="Bó rau")
    two = market.shop.add_image(key=new_key(), product_id=product.id, content=photo("purple"), alt="Thân tím")
    assert [each.alt for each in two.images] == ["Bó rau", "Thân tím"]
    assert len({url for each in two.images for url in each.urls.values()}) == sum(
        len(each.urls) for each in two.images
    )
    assert two.cover == two.images[0]
    one = market.shop.remove_image(key=new_key(), product_id=product.id, image_id=two.images[0].id)
    assert [each.alt for each in one.images] == ["Thân tím"]
    again = market.shop.remove_image(key=new_key(), product_id=product.id, image_id=two.images[0].id)
    assert again.images == one.images


def test_a_product_has_at_most_eight_pictures(market: Market, photo: Callable[[str], bytes]) -> None:
    product = market.product()
    for n in range(8):
        market.shop.add_image(key=new_key(), product_id=product.id, content=photo("red"), alt=str(n))
    with pytest.raises(TooManyImages):
        market.shop.add_image(key=new_key(), product_id=product.id, content=photo("red"), alt="9")
    assert len(market.shop.products([product.id])[product.id].images) == 8


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\xff\xd8\xff\xe0 broken", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_what_is_no_photograph_is_refused(market: Market, content: bytes) -> None:
    product = market.product()
    with pytest.raises(BadImage):
        market.shop.add_image(key=new_key(), product_id=product.id, content=content, alt="")
    assert market.shop.products([product.id])[product.id].images == ()
