"""Keeping goods through /graphql/: who may, what happens, what is refused and then has changed nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from backend.accounts.models import Membership, User
from backend.api.saleor import tokens
from backend.commerce.naming import global_id, label_slug
from backend.engine import models
from tests.api.conftest import Door, Goods, new_app
from tests.contract.conftest import make_photo

CREATE = """mutation ($input: ProductCreateInput!) { productCreate(input: $input) {
  product { id slug name metadata { key value } attributes { attribute { slug } values { name } } }
  errors { field message code attributes } } }"""
LISTING = """mutation ($id: ID!, $input: ProductChannelListingUpdateInput!) {
  productChannelListingUpdate(id: $id, input: $input) {
    product { channelListings { channel { slug } isPublished visibleInListings } variants { sku channelListings { id } } }
    errors { field code channels } } }"""
VARIANT = """mutation ($input: ProductVariantCreateInput!) { productVariantCreate(input: $input) {
  productVariant { id sku name stocks { warehouse { slug } quantity } channelListings { id } weight { value } }
  errors { field message code } } }"""
PRICE = """mutation ($id: ID!, $input: [ProductVariantChannelListingAddInput!]!) {
  productVariantChannelListingUpdate(id: $id, input: $input) {
    variant { channelListings { channel { slug } price { amount currency fractionalAmount fractionDigits } } }
    errors { field message code channels } } }"""
STOCK = """mutation ($id: ID!, $stocks: [StockInput!]!) { productVariantStocksUpdate(variantId: $id, stocks: $stocks) {
  productVariant { stocks { quantity quantityAllocated } } errors { field message code } } }"""
UPDATE = """mutation ($id: ID!, $input: ProductInput!) { productUpdate(id: $id, input: $input) {
  product { name slug description metadata { key value } attributes { values { plainText } } }
  errors { field code } } }"""
CHANNEL = global_id("Channel", 1)
UNIT = global_id("Attribute", 1)


def label(field: str) -> str:
    from backend.api.saleor.products.attributes import BY_SLUG

    return BY_SLUG[label_slug(field)].id


def new_product(goods: Goods, seller: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "name": "Trà linh chi",
        "productType": global_id("ProductType", 1),
        "category": global_id("Category", goods.market.category("che-tra")),
        "metadata": [{"key": "cho.seller", "value": goods.sellers[seller]}, {"key": "erp", "value": "7"}],
        **more,
    }


def staff_of(seller_id: str) -> Door:
    user = User.objects.create_user(phone="+84912000111", password="correct horse", name="Út Sen")
    Membership.objects.create(user=user, role="farmer", scope="seller", scope_id=seller_id)
    return Door(tokens.make(user, kind="access", is_staff=True))


@pytest.mark.django_db
def test_goods_put_up_step_by_step_reach_the_shelf(app: Door, anybody: Door, goods: Goods) -> None:
    made = app(
        CREATE,
        input=new_product(
            goods,
            externalReference="tra-1",
            attributes=[{"id": label("origin"), "plainText": "Thoại Sơn"}],
        ),
    ).data["productCreate"]
    product = made["product"]

    assert made["errors"] == []
    assert (product["slug"], product["name"]) == ("tra-linh-chi", "Trà linh chi")
    assert product["metadata"] == [
        {"key": "cho.seller", "value": goods.sellers[0]},
        {"key": "erp", "value": "7"},
    ]
    assert [each["attribute"]["slug"] for each in product["attributes"] if each["values"]] == ["nhan-origin"]

    shelf = {
        "channelId": CHANNEL,
        "isPublished": True,
        "visibleInListings": True,
        "isAvailableForPurchase": True,
    }
    listed = app(LISTING, id=product["id"], input={"updateChannels": [shelf]}).data[
        "productChannelListingUpdate"
    ]
    assert listed == {
        "product": {
            "channelListings": [{"channel": {"slug": "cho"}, "isPublished": True, "visibleInListings": True}],
            "variants": [],
        },
        "errors": [],
    }
    seen = '{ product(slug: "tra-linh-chi") { pricing { priceRange { start { gross { amount } } } } } }'
    assert anybody(seen).data == {"product": None}
    assert goods.market.shop.find_product(slug="tra-linh-chi") is None

    warehouse = global_id("Warehouse", goods.sellers[0])
    variant = app(
        VARIANT,
        input={
            "product": product["id"],
            "sku": "TRA-20",
            "weight": 0.04,
            "attributes": [{"id": UNIT, "dropdown": {"value": "hộp 20 gói"}}],
            "stocks": [{"warehouse": warehouse, "quantity": 12}],
        },
    ).data["productVariantCreate"]
    assert variant == {
        "productVariant": {
            "id": variant["productVariant"]["id"],
            "sku": "TRA-20",
            "name": "hộp 20 gói",
            "stocks": [{"warehouse": {"slug": f"seller-{goods.sellers[0]}"}, "quantity": 12}],
            "channelListings": [],
            "weight": {"value": 0.04},
        },
        "errors": [],
    }
    assert anybody(seen).data == {"product": None}

    priced = app(
        PRICE, id=variant["productVariant"]["id"], input=[{"channelId": CHANNEL, "price": 95000}]
    ).data["productVariantChannelListingUpdate"]
    assert priced["variant"]["channelListings"] == [
        {
            "channel": {"slug": "cho"},
            "price": {"amount": 95000.0, "currency": "VND", "fractionalAmount": 95000, "fractionDigits": 0},
        }
    ]
    assert anybody(seen).data["product"]["pricing"]["priceRange"]["start"]["gross"] == {"amount": 95000.0}
    found = goods.market.shop.find_product(slug="tra-linh-chi")
    assert found is not None
    assert (found.variant.unit, found.variant.weight_g, found.variant.available) == ("hộp 20 gói", 40, 12)
    assert found.label == {"origin": "Thoại Sơn"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": " "}, {"field": "name", "code": "REQUIRED"}),
        ({"category": None}, {"field": "category", "code": "REQUIRED"}),
        ({"category": "nonsense"}, {"field": None, "code": "INVALID"}),
        ({"metadata": []}, {"field": "metadata", "code": "REQUIRED"}),
        ({"productType": "nonsense"}, {"field": "productType", "code": "NOT_FOUND"}),
        ({"slug": "dua-leo"}, {"field": "slug", "code": "UNIQUE"}),
        ({"attributes": [{"id": UNIT, "plainText": "x"}]}, {"field": "attributes", "code": "NOT_FOUND"}),
    ],
)
def test_a_product_that_cannot_be_is_refused(
    app: Door,
    goods: Goods,
    count_products: Callable[[], int],
    change: dict[str, Any],
    error: dict[str, Any],
) -> None:
    answer = app(CREATE, input={**new_product(goods), **change}).data["productCreate"]
    (refused,) = answer["errors"]

    assert answer["product"] is None
    assert {"field": refused["field"], "code": refused["code"]} == error
    assert count_products() == 5


@pytest.mark.django_db
def test_an_outside_reference_is_taken_once(
    app: Door, goods: Goods, count_products: Callable[[], int]
) -> None:
    first = app(CREATE, input=new_product(goods, externalReference="erp-1")).data["productCreate"]
    again = app(CREATE, input=new_product(goods, externalReference="erp-1")).data["productCreate"]
    query = '{ product(externalReference: "erp-1") { id } }'

    assert (first["errors"], again["product"]) == ([], None)
    assert again["errors"][0]["code"] == "UNIQUE"
    assert count_products() == 6
    assert app(query).data["product"]["id"] == first["product"]["id"]


@pytest.mark.django_db
def test_who_may_keep_goods(anybody: Door, goods: Goods, count_products: Callable[[], int]) -> None:
    needed = "To access this path, you need one of the following permissions: MANAGE_PRODUCTS"
    own = staff_of(goods.sellers[0])

    for stranger in (anybody, new_app("MANAGE_ORDERS")):
        assert stranger(CREATE, input=new_product(goods)).messages == [needed]
    assert own(CREATE, input=new_product(goods, seller=1)).messages == [needed]
    assert own(UPDATE, id=global_id("Product", goods["dua-leo"].id), input={"name": "Mine"}).messages == [
        needed
    ]
    assert (count_products(), models.Product.objects.get(slug="dua-leo").name) == (5, "Dưa leo")
    assert own(CREATE, input=new_product(goods)).data["productCreate"]["errors"] == []


@pytest.mark.django_db
def test_a_product_is_changed_only_where_something_was_sent(app: Door, goods: Goods) -> None:
    product_id = global_id("Product", goods["dua-leo"].id)
    text = '{"blocks": [{"type": "paragraph", "data": {"text": "Giòn &amp; <b>sạch</b>"}}]}'
    changed = app(
        UPDATE,
        id=product_id,
        input={
            "description": text,
            "attributes": [
                {"id": label("origin"), "plainText": ""},
                {"id": label("storage"), "plainText": "Mát"},
            ],
            "metadata": [{"key": "cho.label.grade", "value": "B"}],
            "privateMetadata": [{"key": "cho.call", "value": "k1"}],
        },
    ).data["productUpdate"]
    row = models.Product.objects.get(slug="dua-leo")

    assert changed["errors"] == []
    assert (row.name, row.description, row.label) == (
        "Dưa leo",
        "Giòn & sạch",
        {"storage": "Mát", "grade": "B"},
    )
    assert row.private_metadata == {"cho.call": "k1"}
    hidden = 'query ($id: ID!) { product(id: $id) { call: privateMetafield(key: "cho.call") } }'
    assert app(hidden, id=product_id).data == {"product": {"call": "k1"}}
    assert Door()(hidden, id=product_id).body["data"]["product"] == {"call": None}
    for refused in (
        {"slug": "another"},
        {"category": None},
        {"metadata": [{"key": "cho.seller", "value": goods.sellers[0]}]},
    ):
        assert app(UPDATE, id=product_id, input=refused).data["productUpdate"]["errors"] != []
    assert models.Product.objects.get(slug="dua-leo").seller_id == goods.sellers[1]


@pytest.mark.django_db
def test_stock_never_falls_below_what_orders_hold(app: Door, goods: Goods) -> None:
    goods.market.order(goods["ca-phe-bot"], 4)
    variant = global_id("ProductVariant", goods["ca-phe-bot"].variant.id)
    own, other = (global_id("Warehouse", seller) for seller in goods.sellers)

    def put(warehouse: str, quantity: int) -> Any:
        stocks = [{"warehouse": warehouse, "quantity": quantity}]
        return app(STOCK, id=variant, stocks=stocks).data["productVariantStocksUpdate"]

    assert put(own, 50)["productVariant"]["stocks"] == [{"quantity": 50, "quantityAllocated": 4}]
    assert put(own, 3)["errors"][0]["code"] == "INVALID"
    assert put(own, -1)["errors"][0]["code"] == "INVALID"
    assert put(other, 9)["errors"][0]["code"] == "NOT_FOUND"
    assert goods.market.stock(goods["ca-phe-bot"]) == (50, 46)


@pytest.mark.django_db
@pytest.mark.parametrize("price", [0, 1000.5, "1000.01"])
def test_a_price_is_whole_and_above_nothing(app: Door, goods: Goods, price: Any) -> None:
    variant = global_id("ProductVariant", goods["dua-leo"].variant.id)
    answer = app(PRICE, id=variant, input=[{"channelId": CHANNEL, "price": price}]).data

    assert answer["productVariantChannelListingUpdate"]["errors"][0]["code"] == "INVALID"
    assert goods.market.variant(goods["dua-leo"].variant.id).price.amount == 17_000


@pytest.mark.django_db
def test_a_variant_is_withdrawn_and_comes_back(app: Door, anybody: Door, goods: Goods) -> None:
    product, variant = (
        global_id("Product", goods["dua-leo"].id),
        global_id("ProductVariant", goods["dua-leo"].variant.id),
    )
    off = {"channelId": CHANNEL, "removeVariants": [variant]}
    seen = '{ product(slug: "dua-leo") { variants { sku } } }'
    listed = app(LISTING, id=product, input={"updateChannels": [off]}).data["productChannelListingUpdate"]

    assert listed["product"]["variants"] == [{"sku": "SKU-dua-leo", "channelListings": []}]
    assert anybody(seen).data == {"product": None}
    app(PRICE, id=variant, input=[{"channelId": CHANNEL, "price": 18000}])
    assert anybody(seen).data == {"product": {"variants": [{"sku": "SKU-dua-leo"}]}}


@pytest.mark.django_db
def test_many_variants_at_once(app: Door, goods: Goods) -> None:
    query = """mutation ($product: ID!, $variants: [ProductVariantBulkCreateInput!]!, $policy: ErrorPolicyEnum) {
      productVariantBulkCreate(product: $product, variants: $variants, errorPolicy: $policy) { count
        results { productVariant { sku } errors { field code } } errors { field code index } } }"""
    product = global_id("Product", goods["dua-leo"].id)
    warehouse = global_id("Warehouse", goods.sellers[1])

    def row(sku: str, price: float = 9000) -> dict[str, Any]:
        return {
            "sku": sku,
            "attributes": [{"id": UNIT, "dropdown": {"value": f"túi {sku}"}}],
            "stocks": [{"warehouse": warehouse, "quantity": 3}],
            "channelListings": [{"channelId": CHANNEL, "price": price}],
        }

    def create(rows: list[dict[str, Any]], policy: str) -> Any:
        return app(query, product=product, variants=rows, policy=policy).data["productVariantBulkCreate"]

    rejected = create([row("A"), row("B", 0.5)], "REJECT_EVERYTHING")
    assert (rejected["count"], rejected["errors"]) == (0, [{"field": "price", "code": "INVALID", "index": 1}])
    assert models.Variant.objects.filter(product__slug="dua-leo").count() == 1
    some = create([row("A"), row("SKU-ca-phe-bot")], "REJECT_FAILED_ROWS")
    assert some == {
        "count": 1,
        "results": [
            {"productVariant": {"sku": "A"}, "errors": []},
            {"productVariant": None, "errors": [{"field": "sku", "code": "UNIQUE"}]},
        ],
        "errors": [{"field": "sku", "code": "UNIQUE", "index": 1}],
    }
    assert create([row("C"), row("D")], "REJECT_EVERYTHING")["count"] == 2
    assert goods.market.shop.products([goods["dua-leo"].id])[goods["dua-leo"].id].available == 9


@pytest.mark.django_db
def test_photographs_come_in_three_widths(
    app: Door, anybody: Door, goods: Goods, tmp_path: Path, settings: Settings
) -> None:
    settings.MEDIA_ROOT = tmp_path
    query = """mutation ($input: ProductMediaCreateInput!) { productMediaCreate(input: $input) {
      media { id alt type sortOrder url } errors { field code } } }"""
    product = global_id("Product", goods["dua-leo"].id)

    def upload(name: str, content: bytes = make_photo("green")) -> Any:
        file = io.BytesIO(content)
        file.name = name
        variables = {"input": {"product": product, "alt": "Dưa", "image": None}}
        return app.upload(query, variables, "input.image", file).data["productMediaCreate"]

    media = upload("a.jpg")["media"]
    assert (media["alt"], media["type"], media["sortOrder"]) == ("Dưa", "IMAGE", 0)
    assert media["url"].startswith("http://127.0.0.1:8000/media/hang/")
    seen = """{ product(slug: "dua-leo") { thumbnail(size: 256, format: WEBP) { url alt }
      media { alt oembedData url(size: 1024) small: url(size: 128) } } }"""
    found = anybody(seen).data["product"]
    assert found["thumbnail"] == {"url": found["media"][0]["small"], "alt": "Dưa"}
    assert found["media"][0]["small"].endswith("-320.webp")
    assert found["media"][0]["oembedData"] == "{}"
    assert upload("b.jpg", b"no picture")["errors"] == [
        {"field": "image", "code": "UNSUPPORTED_MEDIA_PROVIDER"}
    ]
    # A name of the market's own programs stands for one upload.
    first, again = upload("cho-1.webp"), upload("cho-1.webp")
    assert (first["errors"], again["media"]["id"]) == ([], first["media"]["id"])
    delete = "mutation ($id: ID!) { productMediaDelete(id: $id) { media { id } errors { code } } }"
    assert app(delete, id=media["id"]).data["productMediaDelete"]["errors"] == []
    assert app(delete, id=media["id"]).data["productMediaDelete"]["errors"] == [{"code": "NOT_FOUND"}]
    assert anybody(seen).data["product"]["media"][0]["alt"] == "Dưa"
    assert models.ProductImage.objects.count() == 1


@pytest.mark.django_db
def test_a_deleted_product_is_off_the_shelf_and_kept(app: Door, anybody: Door, goods: Goods) -> None:
    query = "mutation ($id: ID!) { productDelete(id: $id) { product { slug } errors { code } } }"
    answer = app(query, id=global_id("Product", goods["dua-leo"].id)).data["productDelete"]

    assert answer == {"product": {"slug": "dua-leo"}, "errors": []}
    assert anybody('{ product(slug: "dua-leo") { id } }').data == {"product": None}
    assert models.Variant.objects.get(sku="SKU-dua-leo").withdrawn_at is not None


@pytest.mark.django_db
def test_a_sellers_warehouse_needs_no_making(app: Door, anybody: Door) -> None:
    query = """mutation ($input: WarehouseCreateInput!) { createWarehouse(input: $input) {
      warehouse { id slug } errors { field code } } }"""
    address = {"country": "VN", "city": "Việt Nam", "streetAddress1": "–"}

    def make(door: Door, slug: str) -> Any:
        return door(query, input={"name": "Kho", "slug": slug, "address": address})

    assert make(app, "seller-abc").data["createWarehouse"] == {
        "warehouse": {"id": global_id("Warehouse", "abc"), "slug": "seller-abc"},
        "errors": [],
    }
    assert make(app, "kho").data["createWarehouse"]["errors"] == [{"field": "slug", "code": "INVALID"}]
    assert make(anybody, "seller-abc").messages[0].endswith("MANAGE_PRODUCTS")
