"""Prepares a Saleor for the market. Looks before it makes, so that it can be run again after an update or a stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from backend.commerce import naming
from backend.commerce.categories import category_rows
from backend.commerce.drafts import MOST_PER_LINE
from backend.commerce.errors import ShopError, ShopUnavailable
from backend.common import clock
from integrations.saleor import decode
from integrations.saleor.answers import errors_of
from integrations.saleor.client import Client
from integrations.saleor.connection import Access
from integrations.saleor.places import ATTRIBUTES, Places

APP_NAME: Final = "Chợ Xã"
PERMISSIONS: Final = (
    "MANAGE_PRODUCTS",
    "MANAGE_ORDERS",
    "MANAGE_CHECKOUTS",
    "HANDLE_PAYMENTS",
    "MANAGE_SHIPPING",
    "MANAGE_CHANNELS",
)
"""The fewest that the adapter works with: goods and stock; orders; checkouts by id; charges; a delivery method and a
warehouse in zone and channel for a new seller."""

SHOP: Final = {
    "fulfillmentAllowUnpaid": True,  # cash is paid at the hand-over; the market refuses unpaid VietQR orders itself
    "fulfillmentAutoApprove": True,
    "trackInventoryByDefault": True,
    "defaultWeightUnit": "KG",
    "limitQuantityPerCheckout": MOST_PER_LINE,
}
ORDERS: Final = {
    "allowUnpaidOrders": True,  # order first, money after
    # The seller confirms, or the full charge. Saleor would confirm with the first đồng of a transaction.
    "automaticallyConfirmAllNewOrders": False,
    "expireOrdersAfter": None,  # Saleor's expiry skips orders with a transaction and deletes the others: ours cancels
    "markAsPaidStrategy": "TRANSACTION_FLOW",
}
TAXES: Final = {
    # Prices are what is paid, and no rate is kept for Vietnam. Turning taxes off would sell at net (docs/saleor.md).
    "chargeTaxes": True,
    "taxCalculationStrategy": "FLAT_RATES",
    "displayGrossPrices": True,
    "pricesEnteredWithTax": True,
}


class SetupRefused(Exception):
    """Saleor did not do as asked; the text says what it answered."""


@dataclass
class Report:
    """What was there and what was made, in words for the person at the terminal."""

    version: str = ""
    made: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """What stands in the way of orders and is a person's to end."""

    def text(self) -> str:
        lines = [f"Saleor {self.version}"]
        lines += [f"  made  {each}" for each in self.made]
        lines += [f"  kept  {each}" for each in self.kept]
        lines += [f"  WRONG {each}" for each in self.wrong]
        return "\n".join(lines)


def sign_in(client: Client, *, email: str, password: str) -> str:
    """The token of a member of staff, valid for five minutes. Raises SetupRefused."""
    answer = client.run("setup_sign_in", {"email": email, "password": password})["tokenCreate"]
    if not answer["token"]:
        raise SetupRefused("; ".join(str(each["message"]) for each in answer["errors"]))
    return str(answer["token"])


class Setup:
    """``client`` speaks as a superuser of Saleor."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.report = Report()

    def run(self, *, sellers: Iterable[str] = ()) -> Report:
        """Channel, settings, taxes, zone, attributes, product type, categories, and a warehouse per seller."""
        present = self._present()
        self.report.version = present["shop"]["version"]
        self._do("setup_shop", {"input": SHOP})
        self.report.kept.append("shop settings")
        channel_id = self._channel(present["channel"])
        self._taxes(present)
        zone_id = self._zone(present, channel_id)
        self._product_type(present)
        self._categories()
        self._warehouses(sellers, channel_id, zone_id)
        self._promotions()
        return self.report

    def _present(self) -> dict[str, Any]:
        return self._client.run(
            "setup_present",
            {
                "channel": naming.CHANNEL,
                "slugs": list(ATTRIBUTES),
                "types": [naming.PRODUCT_TYPE],
                "first": len(ATTRIBUTES),
            },
        )

    def _do(self, name: str, variables: dict[str, Any]) -> dict[str, Any]:
        data = self._client.run(name, variables)
        errors = errors_of(data)
        if errors:
            said = "; ".join(f"{each.get('field')}: {each.get('message')}" for each in errors)
            raise SetupRefused(f"{name}: {said}")
        return data

    def _note(self, made: bool, what: str) -> None:
        (self.report.made if made else self.report.kept).append(what)

    def _channel(self, present: dict[str, Any] | None) -> str:
        self._note(present is None, f"channel {naming.CHANNEL} in {naming.CURRENCY}")
        payment = {"defaultTransactionFlowStrategy": "CHARGE"}
        if present is None:
            made = self._do(
                "setup_channel_create",
                {
                    "input": {
                        "name": naming.CHANNEL_NAME,
                        "slug": naming.CHANNEL,
                        "currencyCode": naming.CURRENCY,
                        "defaultCountry": naming.COUNTRY,
                        "isActive": True,
                        "orderSettings": ORDERS,
                        "paymentSettings": payment,
                    }
                },
            )
            return str(made["channelCreate"]["channel"]["id"])
        if present["currencyCode"] != naming.CURRENCY:
            raise SetupRefused(f"channel {naming.CHANNEL} is in {present['currencyCode']}")
        settings = {"orderSettings": ORDERS, "paymentSettings": payment, "isActive": True}
        self._do("setup_channel_update", {"id": present["id"], "input": settings})
        return str(present["id"])

    def _taxes(self, before: dict[str, Any]) -> None:
        channel = self._present()["channel"]
        self._do("setup_tax", {"id": channel["taxConfiguration"]["id"], "input": TAXES})
        rated = {each["country"]["code"] for each in before["taxCountryConfigurations"] or []}
        if naming.COUNTRY in rated:
            self._do("setup_tax_country", {"country": naming.COUNTRY})
            self.report.made.append("no tax rate for Vietnam")
        self.report.kept.append("taxes: prices are what is paid")

    def _zone(self, present: dict[str, Any], channel_id: str) -> str:
        for edge in present["shippingZones"]["edges"]:
            if any(each["slug"] == naming.CHANNEL for each in edge["node"]["channels"]):
                self._note(False, f"shipping zone {edge['node']['name']}")
                return str(edge["node"]["id"])
        zone = {
            "name": naming.SHIPPING_ZONE,
            "countries": [naming.COUNTRY],
            "addChannels": [channel_id],
        }
        made = self._do("setup_zone_create", {"input": zone})
        self._note(True, f"shipping zone {naming.SHIPPING_ZONE}")
        return str(made["shippingZoneCreate"]["shippingZone"]["id"])

    def _product_type(self, present: dict[str, Any]) -> None:
        ids = {edge["node"]["slug"]: edge["node"]["id"] for edge in present["attributes"]["edges"]}
        for slug in ATTRIBUTES:
            if slug not in ids:
                ids[slug] = self._attribute(slug)
        self._note(len(ids) > len(present["attributes"]["edges"]), f"{len(ATTRIBUTES)} attributes")
        product = [ids[slug] for slug in ATTRIBUTES if slug != naming.UNIT]
        unit = ids[naming.UNIT]
        types = present["productTypes"]["edges"]
        self._note(not types, f"product type {naming.PRODUCT_TYPE}")
        if not types:
            made = self._do(
                "setup_product_type_create",
                {
                    "input": {
                        "name": naming.PRODUCT_TYPE_NAME,
                        "slug": naming.PRODUCT_TYPE,
                        "hasVariants": True,
                        "isShippingRequired": True,
                        "productAttributes": product,
                    }
                },
            )
            type_id = made["productTypeCreate"]["productType"]["id"]
            missing: list[str] = []
            assigned: dict[str, bool] = {}
        else:
            node = types[0]["node"]
            type_id = node["id"]
            known = {each["id"] for each in node["productAttributes"] or []}
            missing = [each for each in product if each not in known]
            assigned = {
                each["attribute"]["id"]: each["variantSelection"]
                for each in node["assignedVariantAttributes"] or []
            }
        operations: list[dict[str, Any]] = [{"id": each, "type": "PRODUCT"} for each in missing]
        if unit not in assigned:
            operations.append({"id": unit, "type": "VARIANT", "variantSelection": True})
        if operations:
            self._do("setup_attribute_assign", {"type": type_id, "operations": operations})
        elif not assigned[unit]:
            selection = [{"id": unit, "variantSelection": True}]
            self._do("setup_attribute_selection", {"type": type_id, "operations": selection})

    def _attribute(self, slug: str) -> str:
        unit = slug == naming.UNIT
        made = self._do(
            "setup_attribute_create",
            {
                "input": {
                    "name": naming.attribute_name(slug),
                    "slug": slug,
                    "type": "PRODUCT_TYPE",
                    "inputType": "DROPDOWN" if unit else "PLAIN_TEXT",
                    "valueRequired": unit,
                    "visibleInStorefront": True,
                }
            },
        )
        return str(made["attributeCreate"]["attribute"]["id"])

    def _categories(self) -> None:
        present: dict[str, dict[str, Any]] = {}
        after = None
        while True:
            page = self._client.run("categories", {"first": 100, "after": after})["categories"]
            present |= {edge["node"]["slug"]: edge["node"] for edge in page["edges"]}
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        ids: dict[str, str] = {}
        made = changed = 0
        for position, row in enumerate(category_rows()):
            parent = ids.get(row["code"].rpartition(".")[0])
            place = [{"key": naming.POSITION, "value": str(position)}]
            fields = {"name": row["name"], "metadata": place}
            known = present.get(row["slug"])
            if known is None:
                new = {"input": {**fields, "slug": row["slug"]}, "parent": parent}
                ids[row["code"]] = self._do("setup_category_create", new)["categoryCreate"]["category"]["id"]
                made += 1
                continue
            ids[row["code"]] = known["id"]
            if known["name"] != row["name"] or decode.metadata_of(known).get(naming.POSITION) != str(
                position
            ):
                self._do("setup_category_update", {"id": known["id"], "input": fields})
                changed += 1
        self._note(bool(made), f"{len(ids)} categories ({made} new, {changed} changed)")

    def _warehouses(self, sellers: Iterable[str], channel_id: str, zone_id: str) -> None:
        places = Places(self._client)
        wanted = sorted(set(sellers))
        made = 0
        for seller_id in wanted:
            made += places.open_warehouse(seller_id, channel_id=channel_id, zone_id=zone_id)
        self._note(bool(made), f"{len(wanted)} warehouses of sellers ({made} new)")

    def _promotions(self) -> None:
        """Say which promotions lower prices in our channel: the price is the seller's, and orders under them are refused."""
        now = clock.now()
        after = None
        while True:
            try:
                page = self._client.run("setup_promotions", {"after": after}).get("promotions")
            except ShopUnavailable:
                self.report.wrong.append("promotions could not be looked at (MANAGE_DISCOUNTS)")
                return
            for edge in page["edges"] if page else ():
                node = edge["node"]
                over = node["endDate"] and decode.moment(node["endDate"]) <= now
                channels = [each for rule in node["rules"] or [] for each in rule["channels"] or []]
                if not over and any(each["slug"] == naming.CHANNEL for each in channels):
                    self.report.wrong.append(
                        f"promotion «{node['name']}» in channel {naming.CHANNEL}: orders for its goods are refused; end it"
                    )
            if not page or not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    def app(self, known: Access | None, *, is_valid: Callable[[Access], bool]) -> Access | None:
        """A token of our App, unless ``known`` still works. None when it does.

        An App that was installed from its manifest is taken as it is, and given one more token.
        """
        if known is not None and is_valid(known):
            self._note(False, "App token")
            return None
        apps = [edge["node"] for edge in self._client.run("setup_apps")["apps"]["edges"]]
        ours = next((each for each in apps if each["identifier"] == naming.GATEWAY), None)
        if ours is None:
            app = {"name": APP_NAME, "identifier": naming.GATEWAY, "permissions": list(PERMISSIONS)}
            made = self._do("setup_app_create", {"input": app})["appCreate"]
            self._note(True, f"App {naming.GATEWAY}")
            return Access(self._client.api_url, made["app"]["id"], made["authToken"])
        held = {each["code"] for each in ours["permissions"] or []}
        if not held.issuperset(PERMISSIONS):
            wider = {"permissions": sorted(held | set(PERMISSIONS))}
            self._do("setup_app_update", {"id": ours["id"], "input": wider})
        token = self._do("setup_app_token", {"input": {"app": ours["id"], "name": "chợ"}})["appTokenCreate"]
        self._note(True, f"token of the App {naming.GATEWAY}")
        return Access(self._client.api_url, ours["id"], token["authToken"])


def works(access: Access) -> bool:
    """Whether Saleor still knows the token as our App's, with what the adapter needs."""
    try:
        app = Client(access.api_url, token=access.token).run("app_self")["app"]
    except ShopError:
        return False
    return bool(app) and {each["code"] for each in app["permissions"]}.issuperset(PERMISSIONS)


def prepare(
    api_url: str, *, email: str, password: str, known: Access | None, sellers: Sequence[str] = ()
) -> tuple[Report, Access | None]:
    """Prepare the Saleor at ``api_url``; the report, and the access of our App when a new one was made.

    Raises SetupRefused, ShopUnavailable.
    """
    token = sign_in(Client(api_url), email=email, password=password)
    setup = Setup(Client(api_url, token=token))
    setup.run(sellers=sellers)
    access = setup.app(known, is_valid=works)
    return setup.report, access
