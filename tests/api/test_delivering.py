"""Delivery methods at /graphql/: a seller's two ways, under the terms that the checkout then offers."""

from __future__ import annotations

from typing import Any

from backend.accounts.models import Seller
from backend.api.saleor.ids import to_global
from backend.common.models import AuditEntry
from backend.sales.delivery import Terms, terms_for
from tests.api.conftest import Door, Goods, desk_of
from tests.api.test_keeping_goods import CHANNEL

MAKE = """mutation ($input: ShippingPriceInput!) { shippingPriceCreate(input: $input) {
  shippingMethod { id name type channelListings { price { amount } } } shippingZone { name }
  errors { field message code channels } } }"""
LIST = """mutation ($id: ID!, $input: ShippingMethodChannelListingInput!) {
  shippingMethodChannelListingUpdate(id: $id, input: $input) {
    shippingMethod { id name channelListings { price { amount } } } errors { field message code channels } } }"""
ZONES = "{ shippingZones(first: 1) { edges { node { shippingMethods { id name channelListings { price { amount } } } } } } }"


def terms(goods: Goods, place: int = 0) -> Terms:
    seller = int(goods.sellers[place])
    return terms_for([seller])[seller]


def at(price: int | None = None, **more: Any) -> dict[str, Any]:
    return {"addChannels": [{"channelId": CHANNEL, "price": price, **more}]}


def codes(found: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(each["code"], each["field"]) for each in found["errors"]]


def test_a_seller_brings_goods_at_the_price_that_is_listed(goods: Goods) -> None:
    desk = desk_of(goods.sellers[0])
    made = desk(MAKE, input={"name": "giao tận nơi", "type": "PRICE"}).data["shippingPriceCreate"]
    courier = made["shippingMethod"]
    assert (courier["name"], courier["channelListings"], made["shippingZone"]["name"]) == (
        "Giao tận nơi",
        [],
        "Việt Nam",
    )
    listed = desk(LIST, id=courier["id"], input=at(20_000)).data["shippingMethodChannelListingUpdate"]
    assert listed["shippingMethod"]["channelListings"] == [{"price": {"amount": 20000.0}}]
    assert (terms(goods).courier.amount, terms(goods).pickup, terms(goods, 1).courier) == (20_000, True, None)  # type: ignore[union-attr]
    entry = AuditEntry.objects.filter(action="sales.terms").get()
    assert entry.actor.startswith("user:")
    (zone,) = desk(ZONES).data["shippingZones"]["edges"]
    assert [each["name"] for each in zone["node"]["shippingMethods"]] == ["Giao tận nơi", "Tự đến lấy"]
    gone = {"removeChannels": [CHANNEL]}
    pickup = to_global("ShippingMethodType", f"{goods.sellers[0]}-pickup")
    assert desk(LIST, id=pickup, input=gone).data["shippingMethodChannelListingUpdate"]["errors"] == []
    assert terms(goods).pickup is False
    # Some way must be left.
    left = desk(LIST, id=courier["id"], input=gone).data["shippingMethodChannelListingUpdate"]
    assert codes(left) == [("INVALID", None)]
    assert terms(goods).courier is not None


def test_what_no_delivery_method_can_be(goods: Goods, app: Door) -> None:
    desk = desk_of(goods.sellers[0])
    courier = to_global("ShippingMethodType", f"{goods.sellers[0]}-courier")
    pickup = to_global("ShippingMethodType", f"{goods.sellers[0]}-pickup")

    def made(door: Door, **sent: Any) -> list[tuple[str, str | None]]:
        return codes(door(MAKE, input=sent).data["shippingPriceCreate"])

    def listed(method: str, sent: dict[str, Any]) -> list[tuple[str, str | None]]:
        return codes(desk(LIST, id=method, input=sent).data["shippingMethodChannelListingUpdate"])

    assert made(desk, name="Máy bay") == [("INVALID", "name")]
    assert made(desk, name="Giao tận nơi", type="WEIGHT") == [("INVALID", "type")]
    assert made(desk, name="Giao tận nơi", shippingZone="lạ") == [("NOT_FOUND", "shippingZone")]
    # A program serves all sellers: which of them is meant cannot be said.
    assert made(app, name="Giao tận nơi") == [("INVALID", None)]
    assert listed(courier, at()) == [("REQUIRED", "price")]
    assert listed(courier, at(1.5)) == [("INVALID", "price")]  # type: ignore[arg-type]
    assert listed(courier, at(1000, minimumOrderPrice=5000)) == [("INVALID", "minimumOrderPrice")]
    assert listed(pickup, at(1000)) == [("INVALID", "price")]
    other = {"addChannels": [{"channelId": to_global("Channel", 2), "price": 1}]}
    assert listed(courier, other) == [("NOT_FOUND", "channelId")]
    assert listed(to_global("ShippingMethodType", "0-courier"), at(1)) == [("NOT_FOUND", "id")]
    assert terms(goods) == Terms()


def test_nobody_states_the_terms_of_another_seller(goods: Goods, anybody: Door) -> None:
    theirs = to_global("ShippingMethodType", f"{goods.sellers[1]}-courier")
    for door in (desk_of(goods.sellers[0]), anybody):
        answer = door(LIST, id=theirs, input=at(1))
        assert answer.body["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert "errors" in anybody(MAKE, input={"name": "Giao tận nơi"}).body
    assert terms(goods, 1) == Terms()
    assert Seller.objects.filter(terms__isnull=False).count() == 0


def test_what_a_shop_that_is_prepared_cannot_become(app: Door, goods: Goods) -> None:
    def refused(field: str, kind: str, sent: dict[str, Any]) -> list[tuple[str, str | None]]:
        text = f"mutation ($input: {kind}!) {{ {field}(input: $input) {{ errors {{ field code }} }} }}"
        return codes(app(text, input=sent).data[field])

    channel = {"name": "Chợ", "slug": "cho", "currencyCode": "VND", "defaultCountry": "VN"}
    for name, value, field in (
        ("slug", "khac", "slug"),
        ("currencyCode", "USD", "currencyCode"),
        ("defaultCountry", "US", "defaultCountry"),
        ("isActive", False, "isActive"),
        ("orderSettings", {"allowUnpaidOrders": False}, "orderSettings"),
        ("paymentSettings", {"defaultTransactionFlowStrategy": "AUTHORIZATION"}, "paymentSettings"),
    ):
        assert refused("channelCreate", "ChannelCreateInput", {**channel, name: value}) == [
            ("INVALID", field)
        ]
    zone = {"name": "Thế giới", "countries": ["VN", "US"]}
    assert refused("shippingZoneCreate", "ShippingZoneCreateInput", zone) == [("INVALID", "countries")]
    attribute = {"name": "Màu", "type": "PRODUCT_TYPE"}
    assert refused("attributeCreate", "AttributeCreateInput", attribute) == [("INVALID", "slug")]
    wrong = {"name": "Đơn vị", "type": "PRODUCT_TYPE", "inputType": "NUMERIC"}
    assert refused("attributeCreate", "AttributeCreateInput", wrong) == [("INVALID", "inputType")]
    assert refused("productTypeCreate", "ProductTypeInput", {"name": "Sách"}) == [("INVALID", "slug")]
    digital = {"slug": "hang-cho", "isDigital": True}
    assert refused("productTypeCreate", "ProductTypeInput", digital) == [("INVALID", "slug")]
