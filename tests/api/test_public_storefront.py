"""A public Saleor storefront in front of the running market, over HTTP: from its first page to the order on the
seller's desk."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import jwt
import pytest

from tests.api.storefront_documents import DOCUMENTS
from tests.services.market import PASSWORD, Market, Template, eventually
from tests.services.visitor import Visitor

pytestmark = pytest.mark.slow

EMAIL: Final = "lan.nguyen@thu.vn"
OWN: Final = "mua hang o cho xa"
SEN: Final = "0900000001"
"""Who sells the mushrooms of the demo (README)."""
MUSHROOMS: Final = "nam-linh-chi-do-kho"
LANGUAGE: Final = {"in": "EN"}
CASH: Final = "saleor.io.dummy-payment-app"
HOME: Final = {
    "firstName": "Lan",
    "lastName": "Nguyễn",
    "streetAddress1": "12 khu phố 4",
    "city": "Vị Tân",
    "countryArea": "Cần Thơ",
    "country": "VN",
    "phone": "0912345678",
}
AS_TYPED: Final = {"checkFieldsFormat": True, "checkRequiredFields": False}


@pytest.fixture
def market(market_template: Template) -> Iterator[Market]:
    with market_template.open() as found:
        yield found


@dataclass
class Storefront:
    """A server that asks for its visitor: query and variables alone, the visitor's token once there is one."""

    visitor: Visitor
    token: str = ""

    def __call__(self, name: str, **variables: Any) -> Any:
        """The one field of the answer to this document, of which nothing may be wrong."""
        answer = self.raw(name, **variables)
        assert "errors" not in answer, (name, answer["errors"])
        (found,) = answer["data"].values()
        assert not (isinstance(found, dict) and found.get("errors")), (name, found["errors"])
        return found

    def raw(self, name: str, **variables: Any) -> Any:
        """The whole answer."""
        text = DOCUMENTS[name]
        sent = {**(LANGUAGE if "$in:" in text else {}), **variables}
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        body = json.dumps({"query": text, "variables": sent}).encode()
        reply = self.visitor.send("/graphql/", body, headers)
        assert reply.status == 200, (name, reply.text)
        return json.loads(reply.body)


def prices(found: dict[str, Any]) -> list[float]:
    """What the goods of a page cost at least, in its order."""
    return [each["node"]["pricing"]["priceRange"]["start"]["gross"]["amount"] for each in found["edges"]]


def slugs(found: dict[str, Any]) -> list[str]:
    return [each["node"]["slug"] for each in found["edges"]]


def test_an_unmodified_storefront_sells_on_the_market(market: Market) -> None:
    shop = Storefront(Visitor(market.port))
    good = browse(shop)
    checkout = fill_a_basket(shop, good)
    sign_up_and_in(shop, market)
    order = buy(shop, checkout)
    look_at_the_account(shop, order)
    shown_on_the_desk(market, order)


def browse(shop: Storefront) -> str:
    """Home, list, category, search and detail; the id of what will be bought."""
    assert shop("me") is None
    assert shop("channel", slug="cho")["countries"] == [{"code": "VN"}]
    navbar = shop("menu", slug="navbar", channel="cho")["items"]
    assert [each["category"]["slug"] for each in navbar][:1] == ["thuc-pham"]
    assert (len(navbar), navbar[0]["level"], navbar[0]["children"][0]["level"]) == (6, 0, 1)
    assert shop("menu", slug="footer", channel="cho")["items"] == []
    assert shop("featured", slug="featured-products", channel="cho", first=12) is None
    assert shop("pages", slugs=["home", "about"], channel="cho")["edges"] == []
    assert shop("page", slug="about", by="EN") is None
    assert shop("page", slug="about") is None

    by_name = {"field": "NAME", "direction": "ASC"}
    first = shop("products", channel="cho", first=12, sort=by_name, filter={})
    rest = shop(
        "products", channel="cho", first=12, after=first["pageInfo"]["endCursor"], sort=by_name, filter={}
    )
    back = shop(
        "products", channel="cho", last=12, before=rest["pageInfo"]["startCursor"], sort=by_name, filter={}
    )
    assert first["pageInfo"]["hasNextPage"]
    assert first["totalCount"] == rest["totalCount"] > 24
    assert slugs(back) == slugs(first)
    assert not set(slugs(first)) & set(slugs(rest))
    for sort in ("PRICE", "MINIMAL_PRICE"):
        found = shop("products", channel="cho", first=12, sort={"field": sort, "direction": "DESC"})
        assert prices(found) == sorted(prices(found), reverse=True)
    for sort in ("RATING", "DATE"):
        assert (
            len(slugs(shop("products", channel="cho", first=12, sort={"field": sort, "direction": "DESC"})))
            == 12
        )
    (food,) = shop("categories", slugs=["thuc-pham"])["edges"]
    cheap = {"price": {"gte": 10_000, "lte": 50_000}, "categories": [food["node"]["id"]]}
    found = shop("products", channel="cho", first=12, sort=by_name, filter=cheap)
    assert prices(found)
    assert all(10_000 <= price <= 50_000 for price in prices(found))

    assert shop("category", slug="thuc-pham", by="EN", channel="cho", first=12) is None
    food = shop(
        "category",
        slug="thuc-pham",
        channel="cho",
        first=12,
        sort={"field": "COLLECTION", "direction": "ASC"},
    )
    assert (food["name"], len(food["products"]["edges"])) == ("Thực phẩm", 12)

    found = shop("search", search="linh chi", by="RATING", direction="DESC", channel="cho", first=20)
    assert MUSHROOMS in slugs(found)
    assert shop("product", slug=MUSHROOMS, by="EN", channel="cho") is None
    product = shop("product", slug=MUSHROOMS, channel="cho")
    assert (product["name"], product["isAvailable"], product["productType"]) == (
        "Nấm linh chi đỏ khô",
        True,
        {"slug": "hang-cho"},
    )
    label = {each["attribute"]["slug"]: each.get("text") for each in product["assignedAttributes"]}
    assert label["nhan-origin"]
    picture = shop.visitor.get(re.sub(r"^http://[^/]+", "", product["thumbnail"]["url"]))
    assert (picture.status, picture.headers["content-type"]) == (200, "image/webp")
    (variant,) = shop("variants", slug=MUSHROOMS, channel="cho", first=100)["productVariants"]["edges"]
    chosen = variant["node"]
    assert chosen["chosenBy"][0]["values"][0]["name"] == chosen["name"]
    assert shop("variant", id=chosen["id"], channel="cho")["product"]["slug"] == MUSHROOMS
    key: str = chosen["id"]
    return key


def fill_a_basket(shop: Storefront, good: str) -> str:
    """An empty checkout first; lines are added, changed and taken out. Its id."""
    key: str = shop("create", channel="cho")["checkout"]["id"]
    (line,) = shop("add", id=key, lines=[{"variantId": good, "quantity": 1}])["checkout"]["lines"]
    assert shop("remove", id=key, lines=[line["id"]])["checkout"]["lines"] == []
    (line,) = shop("add", id=key, lines=[{"variantId": good, "quantity": 3}])["checkout"]["lines"]
    assert shop("remove_one", id=key, line=line["id"])["checkout"]["lines"] == []
    (line,) = shop("add", id=key, lines=[{"variantId": good, "quantity": 1}])["checkout"]["lines"]
    changed = shop("update", id=key, lines=[{"lineId": line["id"], "quantity": 2}])["checkout"]
    assert changed["subtotalPrice"]["gross"]["amount"] == 2 * line["unitPrice"]["gross"]["amount"]
    # The cart asks again and again, and hears the same.
    assert len({json.dumps(shop("checkout", id=key), sort_keys=True) for _ in range(3)}) == 1
    return key


def sign_up_and_in(shop: Storefront, market: Market) -> None:
    """An account by e-mail, the code of the letter, tokens of the kind that its library takes."""
    person = {"email": EMAIL, "password": OWN, "firstName": "Lan", "lastName": "Nguyễn"}
    shop("sign_up", input={**person, "channel": "cho", "redirectUrl": "http://cho.vn/xac-nhan"})
    (letter,) = eventually(lambda: market.mails(EMAIL), "the letter with the code")
    digits = re.search(r"\b\d{6}\b", letter.get_content())
    assert digits is not None
    shop("confirm", email=EMAIL, token=digits.group())
    given = shop("sign_in", email=EMAIL, password=OWN)
    shop.token = shop("renew", token=given["refreshToken"])["token"]
    # Its library drops a token that says to be of another address than the one it was told.
    claims = jwt.decode(shop.token, options={"verify_signature": False})
    assert (claims["iss"], claims["owner"]) == (f"{market.url}/graphql/", "saleor")
    assert (shop("me")["email"], shop("profile")["addresses"]) == (EMAIL, [])


def buy(shop: Storefront, key: str) -> str:
    """From the e-mail to the order; its id."""
    assert shop("attach", id=key)["checkout"]["user"] == {"id": shop("me")["id"]}
    assert shop("email", id=key, email=EMAIL)["checkout"]["email"] == EMAIL
    shop("consent", id=key, input=[{"key": "marketingConsent", "value": "false"}])
    choices = shop("form", country="VN")["countryAreaChoices"]
    assert "Thành phố Cần Thơ" in {each["raw"] for each in choices} | {each["verbose"] for each in choices}
    sent = shop("shipping", id=key, address=HOME, save=False, rules=AS_TYPED)["checkout"]
    assert (sent["shippingAddress"]["city"], sent["shippingAddress"]["streetAddress1"]) == (
        "Phường Vị Tân",
        "12 khu phố 4",
    )
    courier, *_others = shop("deliveries", id=key)["deliveries"]
    delivered = shop("deliver", id=key, method=courier["id"])["checkout"]
    assert delivered["shippingPrice"]["gross"]["amount"] == courier["shippingMethod"]["price"]["amount"]
    refused = shop.raw("promo", id=key, code="GIAM10")["data"]["checkoutAddPromoCode"]["errors"]
    assert [each["code"] for each in refused] == ["INVALID"]
    ready = shop("billing", id=key, address=HOME, save=False)["checkout"]
    assert (ready["problems"], CASH in {each["id"] for each in ready["availablePaymentGateways"]}) == (
        [],
        True,
    )
    (config,) = shop("gateways", id=key, gateways=[{"id": CASH}])["gatewayConfigs"]
    assert (config["id"], config["errors"]) == (CASH, [])
    event = {"event": {"includePspReference": True, "type": "CHARGE_SUCCESS"}}
    paid = shop(
        "pay", id=key, amount=ready["totalPrice"]["gross"]["amount"], gateway={"id": CASH, "data": event}
    )
    assert paid["transactionEvent"]["type"] == "AUTHORIZATION_SUCCESS"
    again = shop("process", id=paid["transaction"]["id"])
    assert again["transactionEvent"]["type"] == "AUTHORIZATION_SUCCESS"
    placed = shop("complete", id=key)["order"]
    assert shop("complete", id=key)["order"] == placed
    assert shop("checkout", id=key) is None
    order: str = placed["id"]
    return order


def look_at_the_account(shop: Storefront, order: str) -> None:
    """The page after buying, and the list of orders; a stranger sees no person on it."""
    mine = shop("order", id=order)
    assert (mine["userEmail"], mine["shippingAddress"]["streetAddress1"], mine["statusDisplay"]) == (
        EMAIL,
        "12 khu phố 4",
        "Unconfirmed",
    )
    orders = shop("orders", first=100)["orders"]
    assert ([each["node"]["id"] for each in orders["edges"]], orders["totalCount"]) == ([order], 1)
    assert shop("profile")["defaultShippingAddress"]["city"] == "Phường Vị Tân"
    other = Storefront(shop.visitor)("order", id=order)
    assert (other["number"], other["userEmail"], other["shippingAddress"]["firstName"]) == (
        mine["number"],
        "l•••@thu.vn",
        "L•••",
    )


def shown_on_the_desk(market: Market, order: str) -> None:
    """The seller signs in on the market's own pages and finds the order, with who gets it."""
    seller = Visitor(market.port)
    form = seller.get("/vao/").form("password")
    form.fields |= {"login": SEN, "password": PASSWORD}
    assert seller.post("/vao/", form.fields).status == 302

    def listed() -> str:
        page = seller.follow(seller.get("/ban-hang/"))
        found = re.search(r'href="(/ban-hang/don/[^"]+)"', page.text)
        return found.group(1) if found and "Lan Nguyễn" in page.text else ""

    page = seller.get(eventually(listed, "the order on the desk")).text
    for part in ("Lan Nguyễn", "0912 345 678", "12 khu phố 4", "Nấm linh chi đỏ khô"):
        assert part in page, part
