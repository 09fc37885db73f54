"""The shop, its channel, warehouses and address forms."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Door, Goods, new_app

STAFF_ONLY = "To access this path, you need one of the following permissions: AUTHENTICATED_APP, AUTHENTICATED_STAFF_USER"


@pytest.mark.django_db
def test_what_anybody_may_know_of_the_shop(anybody: Door) -> None:
    query = """{ shop { name description defaultCountry { code country } countries(languageCode: VI) { code }
      languages { code } domain { url } displayGrossPrices } }"""

    assert anybody(query).data["shop"] == {
        "name": "Chợ Xã",
        "description": "",
        "defaultCountry": {"code": "VN", "country": "Việt Nam"},
        "countries": [{"code": "VN"}],
        "languages": [{"code": "VI"}, {"code": "EN"}],
        "domain": {"url": "http://127.0.0.1:8000"},
        "displayGrossPrices": True,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["version", "schemaVersion", "limitQuantityPerCheckout"])
def test_what_only_programs_may_know_of_the_shop(anybody: Door, app: Door, field: str) -> None:
    refused = anybody("{ shop { %s } }" % field)  # noqa: UP031
    known = {"version": "3.23.28", "schemaVersion": "3.23", "limitQuantityPerCheckout": 999}

    assert refused.body["errors"][0]["extensions"] == {"exception": {"code": "PermissionDenied"}}
    assert app("{ shop { %s } }" % field).data == {"shop": {field: known[field]}}  # noqa: UP031


@pytest.mark.django_db
def test_the_channel(anybody: Door, app: Door) -> None:
    public = """{ channel(slug: "cho") { slug countries { code }
      availableShippingMethodsPerCountry(countries: [VN]) { countryCode shippingMethods { id } } } }"""
    staff = """{ channel(slug: "cho") { name isActive currencyCode defaultCountry { code } warehouses { slug }
      stockSettings { allocationStrategy } paymentSettings { defaultTransactionFlowStrategy }
      checkoutSettings { useLegacyErrorFlow automaticallyCompleteFullyPaidCheckouts }
      orderSettings { automaticallyConfirmAllNewOrders allowUnpaidOrders expireOrdersAfter markAsPaidStrategy } } }"""

    assert anybody(public).data["channel"] == {
        "slug": "cho",
        "countries": [{"code": "VN"}],
        "availableShippingMethodsPerCountry": [{"countryCode": "VN", "shippingMethods": []}],
    }
    assert anybody('{ channel(slug: "other") { id } }').data == {"channel": None}
    assert anybody('{ channel(slug: "cho") { currencyCode } }').messages == [STAFF_ONLY]
    assert anybody("{ channels { id } }").messages == [STAFF_ONLY]
    assert app(staff).data["channel"] == {
        "name": "Chợ Xã",
        "isActive": True,
        "currencyCode": "VND",
        "defaultCountry": {"code": "VN"},
        "warehouses": [],
        "stockSettings": {"allocationStrategy": "PRIORITIZE_SORTING_ORDER"},
        "paymentSettings": {"defaultTransactionFlowStrategy": "CHARGE"},
        "checkoutSettings": {"useLegacyErrorFlow": True, "automaticallyCompleteFullyPaidCheckouts": False},
        "orderSettings": {
            "automaticallyConfirmAllNewOrders": False,
            "allowUnpaidOrders": True,
            "expireOrdersAfter": None,
            "markAsPaidStrategy": "TRANSACTION_FLOW",
        },
    }


def test_every_seller_has_a_warehouse(anybody: Door, app: Door, goods: Goods) -> None:
    query = """query ($slugs: [String!]) { warehouses(first: 10, filter: { slugs: $slugs }) { totalCount
      edges { node { slug name address { companyName city cityArea countryArea country { code } phone } } } } }"""
    slug = f"seller-{goods.sellers[1]}"

    refused = anybody(query).messages[0]
    assert refused.endswith("permissions: MANAGE_PRODUCTS, MANAGE_ORDERS, MANAGE_SHIPPING")
    assert app(query).data["warehouses"]["totalCount"] == 2
    assert app(query, slugs=[slug, "seller-nobody", "x"]).data["warehouses"] == {
        "totalCount": 1,
        "edges": [
            {
                "node": {
                    "slug": slug,
                    "name": "HTX Rau Sạch",
                    "address": {
                        "companyName": "HTX Rau Sạch",
                        "city": "Xã Thoại Sơn",
                        "cityArea": "Xã Thoại Sơn",
                        "countryArea": "Tỉnh An Giang",
                        "country": {"code": "VN"},
                        "phone": "+84900000001",
                    },
                }
            }
        ],
    }


@pytest.mark.django_db
def test_the_navbar_leads_to_the_groups_of_goods(anybody: Door) -> None:
    answer = anybody(
        """{ menu(slug: "navbar", channel: "cho") { items { level url category { slug }
             children { children { level category { slug } children { name } } } } } }"""
    )
    items = answer.data["menu"]["items"]
    food = items[0]
    assert ([each["category"]["slug"] for each in items][:2], food["level"], food["url"]) == (
        ["thuc-pham", "do-uong"],
        0,
        None,
    )
    below = [each for child in food["children"] for each in child["children"]]
    (fresh,) = (each for each in below if each["category"]["slug"] == "rau-cu-qua")
    assert (fresh["level"], fresh["children"]) == (2, [])
    assert answer.statements == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "data"),
    [
        ('{ menu(slug: "footer", channel: "cho") { items { name } } }', {"menu": {"items": []}}),
        ('{ collection(slug: "featured-products", channel: "cho") { name } }', {"collection": None}),
        (
            "{ collections(first: 5) { totalCount edges { cursor } } }",
            {"collections": {"totalCount": 0, "edges": []}},
        ),
        ('{ page(slug: "about", slugLanguageCode: EN) { title } }', {"page": None}),
        ("{ me { email } }", {"me": None}),
    ],
)
def test_what_the_market_does_not_keep_is_no_error(anybody: Door, query: str, data: Any) -> None:
    assert anybody(query).data == data


@pytest.mark.django_db
def test_the_address_form_of_vietnam(anybody: Door) -> None:
    query = """query ($area: String) { addressValidationRules(countryCode: VN, countryArea: $area) { countryCode
      allowedFields requiredFields countryAreaType countryAreaChoices { raw verbose } cityType cityChoices { raw }
      postalCodeType postalCodeMatchers } }"""
    rules = anybody(query).data["addressValidationRules"]
    provinces = rules.pop("countryAreaChoices")

    assert rules == {
        "countryCode": "VN",
        "allowedFields": [
            "city",
            "cityArea",
            "companyName",
            "countryArea",
            "name",
            "postalCode",
            "streetAddress1",
            "streetAddress2",
        ],
        "requiredFields": ["city", "countryArea", "streetAddress1"],
        "countryAreaType": "province",
        "cityType": "city",
        "cityChoices": [],
        "postalCodeType": "postal",
        "postalCodeMatchers": [r"^\d{5}\d?$"],
    }
    assert len(provinces) == 34
    assert {"raw": "Thành phố Huế", "verbose": "Thành phố Huế"} in provinces
    communes = anybody(query, area="Thành phố Cần Thơ").data["addressValidationRules"]["cityChoices"]
    assert {"raw": "Phường Vị Tân"} in communes
    assert anybody(query, area="Cần Thơ").data["addressValidationRules"]["cityChoices"] == communes
    assert anybody(query, area="Huyện Vị Thủy").data["addressValidationRules"]["cityChoices"] == []


@pytest.mark.django_db
def test_a_token_that_does_not_hold_is_nobodys() -> None:
    door = new_app("MANAGE_PRODUCTS")
    assert door("{ channels { slug } }").data == {"channels": [{"slug": "cho"}]}
    assert Door(door.token[:-1] + ("0" if door.token[-1] != "0" else "1"))(
        "{ channels { slug } }"
    ).messages == [STAFF_ONLY]
    assert Door("a.b.c")("{ channels { slug } }").messages == [STAFF_ONLY]
