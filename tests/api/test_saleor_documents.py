"""Our schema against Saleor's, and Saleor's own operations on goods and shop against the embedded engine."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    parse,
    print_schema,
    validate,
    visit,
)
from graphql.utilities import find_breaking_changes
from pytest_django import Settings

from backend.api.saleor.ids import key_of
from backend.api.saleor.schema import executor
from backend.commerce.naming import DEMO_GATEWAY, GATEWAY, global_id
from tests.api import saleor_documents
from tests.api.buying.conftest import ADDRESS, PASSWORD, person
from tests.api.conftest import Door, Goods, desk_of
from tests.api.storefront_documents import DOCUMENTS
from tests.api.test_keeping_goods import CHANNEL, UNIT, new_product
from tests.contract.conftest import make_photo

pytestmark = pytest.mark.saleor_sdl

SETTING_UP = {
    "70_app_fetch_manifest",
    "71_app_install",
    "72_apps_installations",
    "73_apps",
    "74_app_create_local",
    "75_webhook_create",
    "76_webhook_dry_run",
    "77_app_self",
    "78_app_delete",
}
"""Installing Apps: to the embedded engine they are let in by the command line, and it calls none of them."""


@pytest.mark.pure
def test_a_change_from_our_schema_to_saleors_breaks_nothing() -> None:
    ours = build_schema(print_schema(executor().schema))

    assert find_breaking_changes(ours, saleor_documents.saleors_schema()) == []


@pytest.mark.pure
@pytest.mark.parametrize("name", [each for each in saleor_documents.names() if each not in SETTING_UP])
def test_saleors_documents_hold_against_our_schema(name: str) -> None:
    assert validate(executor().schema, parse(saleor_documents.text(name))) == []


@pytest.mark.pure
def test_every_coordinate_of_the_public_storefront_is_there() -> None:
    schema = executor().schema
    asked = saleor_documents.coordinates()
    missing = []
    for coordinate in [*asked["field"], *asked["input"]]:
        kind, name = coordinate.split(".")
        found = schema.type_map.get(kind)
        fielded = isinstance(found, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType)
        if not fielded or name not in found.fields:  # type: ignore[union-attr]
            missing.append(coordinate)
    for coordinate in asked["arg"]:
        kind, name, argument = coordinate.replace("(", ".").rstrip(":)").split(".")
        found = schema.type_map.get(kind)
        assert isinstance(found, GraphQLObjectType | GraphQLInterfaceType)
        if argument not in found.fields[name].args:
            missing.append(coordinate)
    for coordinate in asked["enum"]:
        kind, name = coordinate.split(".")
        found = schema.type_map.get(kind)
        if not isinstance(found, GraphQLEnumType) or name not in found.values:
            missing.append(coordinate)
    missing += [
        name for name in [*asked["typeCondition"], *asked["outputEnum"]] if name not in schema.type_map
    ]

    assert missing == []


@pytest.mark.pure
def test_what_the_public_storefront_reads_is_asked_of_the_running_market() -> None:
    """tests/api/test_public_storefront.py sends these documents, so every coordinate of them is served."""
    asked: set[str] = set()
    for text in DOCUMENTS.values():
        document = parse(text)
        assert validate(executor().schema, document) == []
        types = TypeInfo(executor().schema)
        visit(document, TypeInfoVisitor(types, _Coordinates(types, asked)))
    wanted = saleor_documents.coordinates()

    assert set(wanted["field"]) - asked == set()
    assert set(wanted["arg"]) - asked == set()
    assert set(wanted["typeCondition"]) - asked == set()


class _Coordinates(Visitor):
    """Writes down every field, argument and type condition of a document."""

    def __init__(self, types: TypeInfo, found: set[str]) -> None:
        super().__init__()
        self._types, self._found = types, found

    def enter_field(self, node: FieldNode, *_where: Any) -> None:
        coordinate = f"{self._types.get_parent_type()}.{node.name.value}"
        self._found.add(coordinate)
        self._found |= {f"{coordinate}({each.name.value}:)" for each in node.arguments}

    def enter_inline_fragment(self, node: InlineFragmentNode, *_where: Any) -> None:
        assert node.type_condition is not None
        self._found.add(node.type_condition.name.value)


def test_reading_documents(app: Door, goods: Goods) -> None:
    def run(name: str, **variables: Any) -> Any:
        return app(saleor_documents.text(name), **variables).data

    assert run("01_shop_channel")["shop"]["version"] == "3.23.28"
    assert run("02_channel", slug="cho")["channel"]["countries"] == [{"code": "VN", "country": "Việt Nam"}]
    assert run("02b_channel_staff", slug="cho")["channel"]["currencyCode"] == "VND"
    assert run("03_categories")["categories"]["totalCount"] == 6
    assert (
        run("05_product_facets", channel="cho", slugs=["don-vi"])["attributes"]["edges"][0]["node"]["slug"]
        == "don-vi"
    )
    rules = run("96_address_rules", code="VN")["addressValidationRules"]
    assert len(rules["countryAreaChoices"]) == 34


def test_the_list_document(anybody: Door, goods: Goods) -> None:
    answer = anybody(
        saleor_documents.text("04_product_list"),
        channel="cho",
        languageCode="VI",
        where={"price": {"range": {"gte": 100000}}},
        sortBy={"field": "PRICE", "direction": "ASC"},
    )
    found = answer.data["products"]
    node = found["edges"][0]["node"]
    money = {"gross": {"amount": 125000.0, "currency": "VND"}}

    assert (found["totalCount"], answer.statements) == (2, 5)
    assert {name: node[name] for name in node if name not in {"created", "updatedAt"}} == {
        "id": global_id("Product", goods["ca-phe-bot"].id),
        "name": "Cà phê bột",
        "slug": "ca-phe-bot",
        "isAvailable": True,
        "translation": None,
        "category": {
            "id": global_id("Category", goods["ca-phe-bot"].category_id),
            "name": "Cà phê, ca cao",
            "slug": "ca-phe-ca-cao",
        },
        "productType": {"id": global_id("ProductType", 1), "name": "Hàng chợ"},
        "thumbnail": None,
        "pricing": {
            "onSale": False,
            "priceRange": {"start": money, "stop": money},
            "priceRangeUndiscounted": {"start": money},
        },
        "rating": None,
    }
    assert node["created"] == goods["ca-phe-bot"].created_at.isoformat()


def test_the_detail_document(anybody: Door, goods: Goods) -> None:
    answer = anybody(
        saleor_documents.text("06_product_detail"), slug="dua-leo", channel="cho", address={"country": "VN"}
    )
    found = answer.data["product"]

    assert answer.statements <= 6
    assert (found["slug"], found["ean"], len(found["attributes"]), len(found["variants"])) == (
        "dua-leo",
        None,
        12,
        1,
    )
    assert found["variants"][0]["pricing"]["price"] == {
        "currency": "VND",
        "gross": {"amount": 17000.0},
        "net": {"amount": 17000.0},
        "tax": {"amount": 0.0},
    }


def test_documents_of_the_back_office(app: Door, goods: Goods, tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path

    def run(name: str, field: str, **variables: Any) -> Any:
        found = app(saleor_documents.text(name), **variables).data[field]
        assert found["errors"] == []
        return found

    warehouse = global_id("Warehouse", goods.sellers[0])
    product = run("88_product_create", "productCreate", input=new_product(goods))["product"]["id"]
    shelf = {
        "channelId": CHANNEL,
        "isPublished": True,
        "visibleInListings": True,
        "isAvailableForPurchase": True,
    }
    listed = run(
        "89_product_listing", "productChannelListingUpdate", id=product, input={"updateChannels": [shelf]}
    )
    assert listed["product"]["channelListings"] == [
        {"channel": {"slug": "cho"}, "isPublished": True, "visibleInListings": True}
    ]
    unit = [{"id": UNIT, "dropdown": {"value": "hộp"}}]
    made = run(
        "90_variant_create",
        "productVariantCreate",
        input={"product": product, "sku": "V1", "attributes": unit},
    )
    variant = made["productVariant"]["id"]
    assert made["productVariant"]["stocks"] == [
        {"warehouse": {"slug": f"seller-{goods.sellers[0]}"}, "quantity": 0}
    ]
    price = [{"channelId": CHANNEL, "price": 9000}]
    priced = run("91_variant_listing", "productVariantChannelListingUpdate", id=variant, input=price)
    assert priced["variant"]["channelListings"][0]["price"]["fractionalAmount"] == 9000
    stocks = [{"warehouse": warehouse, "quantity": 4}]
    stocked = run("92_variant_stocks_update", "productVariantStocksUpdate", id=variant, stocks=stocks)
    assert stocked["productVariant"]["stocks"][0]["quantity"] == 4
    file = io.BytesIO(make_photo("red"))
    file.name = "a.jpg"
    variables = {"input": {"product": product, "alt": "Trà", "image": None}}
    media = app.upload(saleor_documents.text("93_product_media_create"), variables, "input.image", file)
    assert media.data["productMediaCreate"]["media"]["alt"] == "Trà"
    pair = [{"key": "erp", "value": "8"}]
    public = run("94_update_metadata", "updateMetadata", id=product, input=pair)["item"]["metadata"]
    assert {"key": "erp", "value": "8"} in public
    hidden = run("95_update_private_metadata", "updatePrivateMetadata", id=variant, input=pair)["item"]
    assert hidden["privateMetadata"] == pair
    renamed = run("97_product_update_delete", "productUpdate", id=product, input={"name": "Trà mới"})
    assert renamed["product"]["name"] == "Trà mới"
    rows = [{"attributes": [{"id": UNIT, "dropdown": {"value": "kg"}}], "sku": "V2"}]
    bulk = run("98_variant_bulk_create", "productVariantBulkCreate", product=product, variants=rows)
    assert (bulk["count"], bulk["results"][0]["productVariant"]["sku"]) == (1, "V2")
    address = {"country": "VN", "city": "Việt Nam", "streetAddress1": "–"}
    new = {"name": "Kho", "slug": "seller-x1", "address": address}
    assert run("81_warehouse_create", "createWarehouse", input=new)["warehouse"]["slug"] == "seller-x1"
    tea = {"name": "Chè, trà", "slug": "che-tra"}
    category = run(
        "85_category_create",
        "categoryCreate",
        input=tea,
        parent=global_id("Category", goods.market.category("thuc-pham")),
    )
    assert category["category"]["slug"] == "che-tra"


def test_documents_that_prepare_a_shop_find_it_prepared(app: Door, goods: Goods, anybody: Door) -> None:
    def run(door: Door, name: str, field: str, **variables: Any) -> Any:
        found = door(saleor_documents.text(name), **variables).data[field]
        assert found["errors"] == []
        return found

    channel = {"name": "Chợ Xã", "slug": "cho", "currencyCode": "VND", "defaultCountry": "VN"}
    made = run(app, "80_channel_create", "channelCreate", input=channel)["channel"]
    assert made == {"id": CHANNEL, "slug": "cho", "currencyCode": "VND", "defaultCountry": {"code": "VN"}}
    zone = {"name": "Việt Nam", "countries": ["VN"], "addChannels": [CHANNEL]}
    found = run(app, "82_shipping_zone_create", "shippingZoneCreate", input=zone)["shippingZone"]
    assert (found["name"], found["countries"], found["channels"]) == (
        "Việt Nam",
        [{"code": "VN"}],
        [{"slug": "cho"}],
    )
    assert {each["slug"] for each in found["warehouses"]} == {f"seller-{each}" for each in goods.sellers}
    unit = {
        "name": "Đơn vị",
        "slug": "don-vi",
        "type": "PRODUCT_TYPE",
        "inputType": "DROPDOWN",
        "values": [{"name": "kg"}],
    }
    attribute = run(app, "86_attribute_create", "attributeCreate", input=unit)["attribute"]
    assert (attribute["id"], attribute["inputType"]) == (UNIT, "DROPDOWN")
    assert "kg" in {edge["node"]["name"] for edge in attribute["choices"]["edges"]}
    kind = {"name": "Hàng chợ", "slug": "hang-cho", "hasVariants": True, "variantAttributes": [UNIT]}
    assert (
        run(app, "87_product_type_create", "productTypeCreate", input=kind)["productType"]["slug"]
        == "hang-cho"
    )
    desk = desk_of(goods.sellers[0])
    price = {"name": "Giao tận nơi", "shippingZone": found["id"], "type": "PRICE"}
    courier = run(desk, "83_shipping_price_create", "shippingPriceCreate", input=price)["shippingMethod"]
    assert courier["name"] == "Giao tận nơi"
    offered = {"addChannels": [{"channelId": CHANNEL, "price": 15000}]}
    listed = run(
        desk,
        "84_shipping_method_listing",
        "shippingMethodChannelListingUpdate",
        id=courier["id"],
        input=offered,
    )
    assert listed["shippingMethod"]["channelListings"] == [
        {"channel": {"slug": "cho"}, "price": {"amount": 15000.0, "currency": "VND"}}
    ]


def test_documents_of_buying(app: Door, goods: Goods, anybody: Door) -> None:
    """07 to 64, from signing in to the money that is sent back."""
    asked: set[str] = set()

    def run(door: Door, name: str, **variables: Any) -> Any:
        (found,) = door(saleor_documents.text(name), **variables).data.values()
        assert not (found or {}).get("errors"), (name, found["errors"])
        asked.add(name)
        return found

    person("Lan Nguyễn", "lan@thu.vn")
    given = run(anybody, "07_auth", email="lan@thu.vn", password=PASSWORD)
    lan = Door(run(anybody, "08_token_refresh", refreshToken=given["refreshToken"])["token"])
    assert run(lan, "09_token_verify", token=lan.token)["isValid"] is True
    new = {"email": "moi@thu.vn", "password": PASSWORD, "channel": "cho", "redirectUrl": "http://cho.vn/"}
    assert run(anybody, "10_account_register", input=new)["requiresConfirmation"] is True

    tea, market = goods["nam-linh-chi-do"], {"channel": "cho", "lines": []}
    variant = global_id("ProductVariant", tea.variant.id)

    def filled() -> str:
        key: str = run(lan, "20_checkout_create", input=market)["checkout"]["id"]
        lines = [{"variantId": variant, "quantity": 1}]
        (line,) = run(lan, "21_checkout_lines_add", id=key, lines=lines)["checkout"]["lines"]
        run(lan, "23_checkout_lines_delete", id=key, linesIds=[line["id"]])
        (line,) = run(lan, "21_checkout_lines_add", id=key, lines=lines)["checkout"]["lines"]
        run(lan, "22_checkout_lines_update", id=key, lines=[{"lineId": line["id"], "quantity": 2}])
        run(lan, "24_checkout_email", id=key, email="lan@thu.vn")
        for name in ("25_checkout_shipping_address", "26_checkout_billing_address"):
            run(lan, name, id=key, address=ADDRESS, rules={"checkFieldsFormat": False})
        (pickup,) = run(lan, "27_delivery_options", id=key)["deliveries"]
        (older,) = run(lan, "28_checkout_shipping_methods", id=key)["shippingMethods"]
        assert older["id"] == pickup["shippingMethod"]["id"]
        run(lan, "29_checkout_delivery_method", id=key, deliveryMethodId=pickup["id"])
        return key

    key = filled()
    refused = lan(saleor_documents.text("30_checkout_promo"), id=key, code="GIAM10").data
    assert [each["code"] for each in refused["checkoutAddPromoCode"]["errors"]] == ["INVALID"]
    asked.add("30_checkout_promo")
    assert run(lan, "31_checkout_get", id=key)["totalPrice"]["gross"]["amount"] == 700_000
    gateways = [each["id"] for each in run(lan, "32_checkout_gateways", id=key)["availablePaymentGateways"]]
    assert gateways == [GATEWAY, DEMO_GATEWAY]
    run(lan, "33_payment_gateway_initialize", id=key, gateways=[{"id": DEMO_GATEWAY}])
    cash = run(lan, "34_transaction_initialize", id=key, gateway={"id": DEMO_GATEWAY}, amount=700_000)
    run(lan, "35_transaction_process", id=cash["transaction"]["id"])
    order = run(lan, "36_checkout_complete", id=key)["order"]["id"]

    assert run(lan, "40_order_get", id=order)["total"]["gross"]["amount"] == 700_000
    assert run(anybody, "41_order_by_token", token=key_of(order, "Order"))["id"] == order
    assert run(lan, "11_me_orders")["orders"]["totalCount"] == 1
    desk = desk_of(goods.sellers[0])
    assert run(desk, "42_staff_orders")["totalCount"] == 1
    run(desk, "50_order_confirm", id=order)
    (line,) = run(desk, "43_order_staff_detail", id=order)["lines"]
    warehouse = global_id("Warehouse", goods.sellers[0])
    stocks = [{"warehouse": warehouse, "quantity": 2}]
    lines = {"lines": [{"orderLineId": line["id"], "stocks": stocks}]}
    (handed,) = run(desk, "51_order_fulfill", order=order, input=lines)["fulfillments"]
    run(desk, "52_fulfillment_tracking", id=handed["id"], input={"trackingNumber": "VN1"})
    back = run(desk, "53_fulfillment_cancel", id=handed["id"], input={"warehouseId": warehouse})
    assert back["order"]["status"] == "UNFULFILLED"
    assert run(lan, "40_order_get", id=order)["fulfillments"] == []
    seen = run(desk, "43_order_staff_detail", id=order)["fulfillments"]
    assert [each["status"] for each in seen] == ["CANCELED"]

    paid = {"name": "Chuyển khoản", "availableActions": ["REFUND"]}
    payment = run(app, "60_transaction_create", id=order, transaction=paid)["transaction"]["id"]
    run(app, "61_transaction_update", id=payment, transaction={"message": "Đã đối soát"})
    told = {"type": "CHARGE_SUCCESS", "amount": 50_000, "psp": "NH1", "actions": ["REFUND"]}
    assert run(app, "62_transaction_event_report", id=payment, **told)["alreadyProcessed"] is False
    wanted = {"action": "REFUND", "amount": 10_000, "reason": "hư"}
    run(app, "63_transaction_request_action", id=payment, **wanted)
    assert "REFUND_REQUEST" in {each["type"] for each in run(app, "64_transaction_get", id=payment)["events"]}
    run(desk, "54_order_cancel", id=order)
    other = run(lan, "36_checkout_complete", id=filled())["order"]["id"]
    assert run(desk, "55_order_mark_as_paid", id=other, ref="BN 7")["order"]["isPaid"] is True

    assert asked == {each for each in saleor_documents.names() if "07" <= each[:2] <= "64"}
