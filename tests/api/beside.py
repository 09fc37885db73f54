"""The same documents on our /graphql/ and on a real Saleor, and their answers beside each other.

`walk` asks one side what a storefront, a back office and a payment App ask, from the shop's name to the order that is
called off. `differences` lays two such walks side by side: ids, times, tokens and numbers are masked, lists are paired
by what names their entries. What may differ stands in ALLOWED, each with its reason; docs/saleor.md shows the same rows.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from backend.commerce.naming import AS_WRITTEN, DEMO_GATEWAY
from tests.api import saleor_documents

Ask = Callable[..., dict[str, Any]]
"""(text, **variables) -> the whole answer, `data` and `errors`."""

COURIER: Final = "Giao tận nơi"
FEE: Final = 25_000
ADDRESS: Final = {
    "firstName": "Út",
    "lastName": "Trần",
    "streetAddress1": "12 khu phố 4",
    "city": "Phường Vị Tân",
    "cityArea": "Phường Vị Tân",
    "countryArea": "Thành phố Cần Thơ",
    "country": "VN",
    "phone": "0912345678",
}
_TIME: Final = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ID: Final = re.compile(rb"^([A-Z][A-Za-z]+):[\x20-\x7e]+$")
_OWN: Final = frozenset(
    {
        "number",
        "cursor",
        "startCursor",
        "endCursor",
        "token",
        "refreshToken",
        "csrfToken",
        "url",
        "idempotencyKey",
        "iat",
        "exp",
        "iss",
    }
)
"""Fields that are each side's own; whether there is a value is compared."""
_WAYS: Final = frozenset({"deliveries", "shippingMethods"})
_VALUE: Final = re.compile(r"^product-\d+_\d+$")
_CASH: Final = re.compile(r"^cash:\S+$")
_NAMES: Final = ("slug", "code", "key", "countryCode", "raw", "name")


@dataclass
class Side:
    """One engine, with the goods of the walk on its shelves."""

    anybody: Ask
    staff: Ask
    program: Ask
    person: Callable[[str, str], None]
    """Makes an account with this address and password that may sign in."""
    signed_in: Callable[[str], Ask]
    product: str
    variant: str
    scarce: str
    """A variant of which there are two pieces."""
    warehouse: str
    seller: str
    category: str
    kind: str
    """The product type."""
    unit: str
    """The attribute."""
    channel: str
    password: str = "mua hang o cho xa"
    answers: dict[str, Any] = field(default_factory=dict)

    def run(self, who: Ask, name: str, *, step: str = "", **variables: Any) -> Any:
        """The only field of the answer; the whole is kept under the document's name and the step."""
        answer = who(saleor_documents.text(name), **variables)
        self.answers[f"{name}{step and ' ' + step}"] = {
            "data": answer.get("data"),
            "errors": [
                {
                    "path": (each.get("path") or [None])[0],
                    "code": each.get("extensions", {}).get("exception", {}).get("code"),
                }
                for each in answer.get("errors") or []
            ],
        }
        data = answer.get("data") or {}
        return next(iter(data.values()), None)


def walk(side: Side, trace: str) -> dict[str, Any]:
    """Every answer of one side, by document and step. ``trace`` stands in what must have a name of its own."""
    run = side.run
    anybody, staff, program = side.anybody, side.staff, side.program
    own = {"ids": [side.product]}

    run(program, "01_shop_channel")
    run(anybody, "02_channel", slug="cho")
    run(anybody, "02_channel", step="unknown", slug="khong-co")
    run(program, "02b_channel_staff", slug="cho")
    run(anybody, "02b_channel_staff", step="by anybody", slug="cho")
    run(anybody, "03_categories")
    listed: dict[str, Any] = {"channel": "cho", "languageCode": "VI", "where": own}
    run(anybody, "04_product_list", **listed)
    run(anybody, "04_product_list", step="first 0", **listed, first=0)
    run(anybody, "04_product_list", step="first 101", **listed, first=101)
    run(anybody, "04_product_list", step="no such channel", **{**listed, "channel": "khong-co"})
    run(anybody, "05_product_facets", channel="cho", slugs=["don-vi"])
    slug = side.answers["04_product_list"]["data"]["products"]["edges"][0]["node"]["slug"]
    detail: dict[str, Any] = {"channel": "cho", "address": {"country": "VN"}}
    run(anybody, "06_product_detail", slug=slug, **detail)
    run(anybody, "06_product_detail", step="unknown", slug="khong-co-dau", **detail)
    run(anybody, "96_address_rules", code="VN")

    email = f"lan-{trace}@thu.vn"
    side.person(email, side.password)
    given = run(anybody, "07_auth", email=email, password=side.password)
    run(anybody, "07_auth", step="wrong password", email=email, password="khong phai")
    token = run(anybody, "08_token_refresh", refreshToken=given["refreshToken"])["token"]
    run(anybody, "08_token_refresh", step="refused", refreshToken="khong.phai.the")
    run(anybody, "09_token_verify", token=token)
    run(anybody, "09_token_verify", step="refused", token="khong.phai.the")
    new = {"email": f"moi-{trace}@thu.vn", "password": side.password, "channel": "cho"}
    run(anybody, "10_account_register", input={**new, "redirectUrl": "http://127.0.0.1/"})
    lan = side.signed_in(token)
    run(lan, "11_me_orders", step="before")
    run(anybody, "11_me_orders", step="by anybody")

    def filled(step: str) -> str:
        key: str = run(lan, "20_checkout_create", step=step, input={"channel": "cho", "lines": []})[
            "checkout"
        ]["id"]
        lines = [{"variantId": side.variant, "quantity": 1}]
        added = run(lan, "21_checkout_lines_add", step=step, id=key, lines=lines)["checkout"]["lines"]
        run(lan, "23_checkout_lines_delete", step=step, id=key, linesIds=[added[0]["id"]])
        (line,) = run(lan, "21_checkout_lines_add", step=f"{step} anew", id=key, lines=lines)["checkout"][
            "lines"
        ]
        more = [{"lineId": line["id"], "quantity": 2}]
        run(lan, "22_checkout_lines_update", step=step, id=key, lines=more)
        run(lan, "24_checkout_email", step=step, id=key, email=email)
        for name in ("25_checkout_shipping_address", "26_checkout_billing_address"):
            run(lan, name, step=step, id=key, address=ADDRESS, rules=AS_WRITTEN)
        ways = run(lan, "27_delivery_options", step=step, id=key)["deliveries"]
        (way,) = [each for each in ways if _is_ours(each)]
        run(lan, "28_checkout_shipping_methods", step=step, id=key)
        run(lan, "29_checkout_delivery_method", step=step, id=key, deliveryMethodId=way["id"])
        return key

    key = filled("")
    two = [{"variantId": side.scarce, "quantity": 3}]
    run(lan, "21_checkout_lines_add", step="more than there is", id=key, lines=two)
    nothing = [{"variantId": "UHJvZHVjdFZhcmlhbnQ6OTk5OTk5OTk=", "quantity": 1}]
    run(lan, "21_checkout_lines_add", step="no such goods", id=key, lines=nothing)
    run(lan, "24_checkout_email", step="no address", id=key, email="khong phai thu")
    run(
        lan,
        "29_checkout_delivery_method",
        step="no such way",
        id=key,
        deliveryMethodId="U2hpcHBpbmdNZXRob2Q6OTk5OTk=",
    )
    run(lan, "30_checkout_promo", id=key, code="GIAM10")
    run(lan, "31_checkout_get", id=key)
    run(
        anybody,
        "31_checkout_get",
        step="unknown",
        id="Q2hlY2tvdXQ6MTExMTExMTEtMTExMS00MTExLTgxMTEtMTExMTExMTExMTEx",
    )
    run(lan, "32_checkout_gateways", id=key)
    gateway = {"id": DEMO_GATEWAY, "data": {"method": "cash"}}
    run(lan, "33_payment_gateway_initialize", id=key, gateways=[gateway])
    total = run(lan, "31_checkout_get", step="before paying", id=key)["totalPrice"]["gross"]["amount"]
    cash = run(lan, "34_transaction_initialize", id=key, gateway=gateway, amount=total, idempotencyKey=trace)
    run(lan, "35_transaction_process", id=cash["transaction"]["id"])
    order = run(lan, "36_checkout_complete", id=key)["order"]["id"]
    run(lan, "36_checkout_complete", step="again", id=key)
    run(
        lan,
        "36_checkout_complete",
        step="empty",
        id=run(lan, "20_checkout_create", step="empty", input={"channel": "cho", "lines": []})["checkout"][
            "id"
        ],
    )

    run(lan, "40_order_get", id=order)
    run(anybody, "41_order_by_token", token=_key(order))
    run(lan, "11_me_orders")
    run(staff, "42_staff_orders", where={"ids": [order]})
    run(anybody, "42_staff_orders", step="by anybody")
    run(staff, "50_order_confirm", id=order)
    run(staff, "50_order_confirm", step="again", id=order)
    (line,) = run(staff, "43_order_staff_detail", id=order)["lines"]

    def hand_over(step: str, quantity: int) -> Any:
        stocks = [{"warehouse": side.warehouse, "quantity": quantity}]
        lines = {"lines": [{"orderLineId": line["id"], "stocks": stocks}]}
        return run(staff, "51_order_fulfill", step=step, order=order, input=lines)

    hand_over("too many", 3)
    (handed,) = hand_over("", 2)["fulfillments"]
    run(staff, "52_fulfillment_tracking", id=handed["id"], input={"trackingNumber": "VN1"})
    run(staff, "54_order_cancel", step="handed over", id=order)
    run(staff, "53_fulfillment_cancel", id=handed["id"], input={"warehouseId": side.warehouse})
    run(lan, "40_order_get", step="taken back", id=order)

    paid = {"name": "Chuyển khoản", "availableActions": ["REFUND"]}
    payment = run(program, "60_transaction_create", id=order, transaction=paid)["transaction"]["id"]
    run(anybody, "60_transaction_create", step="by anybody", id=order, transaction=paid)
    run(program, "61_transaction_update", id=payment, transaction={"message": "Đã đối soát"})
    told: dict[str, Any] = {
        "type": "CHARGE_SUCCESS",
        "amount": 50_000,
        "psp": f"NH-{trace}",
        "actions": ["REFUND"],
    }
    run(program, "62_transaction_event_report", id=payment, **told)
    run(program, "62_transaction_event_report", step="again", id=payment, **told)
    run(program, "64_transaction_get", id=payment)
    run(program, "62_transaction_event_report", step="other amount", id=payment, **{**told, "amount": 60_000})
    back: dict[str, Any] = {"type": "REFUND_SUCCESS", "amount": 20_000, "psp": f"TRA-{trace}", "actions": []}
    run(program, "62_transaction_event_report", step="sent back", id=payment, **back)
    run(lan, "40_order_get", step="part sent back", id=order)
    wanted: dict[str, Any] = {"action": "REFUND", "amount": 10_000, "reason": "hư"}
    run(program, "63_transaction_request_action", id=payment, **wanted)
    run(staff, "54_order_cancel", id=order)
    run(staff, "54_order_cancel", step="again", id=order)
    run(lan, "40_order_get", step="cancelled", id=order)

    other = run(lan, "36_checkout_complete", step="without money", id=filled("without money"))["order"]["id"]
    run(staff, "55_order_mark_as_paid", id=other, ref=f"BN-{trace}")
    run(lan, "40_order_get", step="marked as paid", id=other)
    _keep_goods(side, trace)
    return side.answers


def _keep_goods(side: Side, trace: str) -> None:
    """New goods of the seller, from their making to their shelf, by a program."""
    program = side.program

    def run(name: str, *, step: str = "", **variables: Any) -> Any:
        return side.run(program, name, step=step, **variables)

    seller = [{"key": "cho.seller", "value": side.seller}, {"key": "erp", "value": "7"}]
    new = {"name": f"Trà {trace}", "productType": side.kind, "category": side.category, "metadata": seller}
    product = run("88_product_create", input=new)["product"]["id"]
    run("88_product_create", step="no name", input={**new, "name": ""})
    side.run(side.anybody, "88_product_create", step="by anybody", input=new)
    shelf = {
        "channelId": side.channel,
        "isPublished": True,
        "visibleInListings": True,
        "isAvailableForPurchase": True,
    }
    run("89_product_listing", id=product, input={"updateChannels": [shelf]})
    unit = [{"id": side.unit, "dropdown": {"value": "hộp"}}]
    piece: dict[str, Any] = {"product": product, "sku": f"T1-{trace}", "attributes": unit}
    variant = run("90_variant_create", input=piece)["productVariant"]["id"]
    run("90_variant_create", step="same code", input=piece)
    price = {"channelId": side.channel, "price": 9000}
    run("91_variant_listing", id=variant, input=[price])
    run("91_variant_listing", step="half a dong", id=variant, input=[{**price, "price": "9000.5"}])
    stock = {"warehouse": side.warehouse, "quantity": 4}
    run("92_variant_stocks_update", id=variant, stocks=[stock])
    run("94_update_metadata", id=product, input=[{"key": "erp", "value": "8"}])
    run("95_update_private_metadata", id=variant, input=[{"key": "erp", "value": "8"}])
    run("97_product_update_delete", id=product, input={"name": f"Trà mới {trace}"})
    second = {"attributes": [{"id": side.unit, "dropdown": {"value": "kg"}}], "sku": f"T2-{trace}"}
    run("98_variant_bulk_create", product=product, variants=[second])


def _key(global_id: str) -> str:
    return base64.b64decode(global_id).decode().partition(":")[2]


def _is_ours(way: Mapping[str, Any]) -> bool:
    """The zone of a Saleor may have ways of other sellers, too."""
    method = way.get("shippingMethod") or way
    return bool(method["name"] == COURIER and method["price"]["amount"] == FEE)


def masked(value: Any, name: str = "") -> Any:
    """``value`` without what is each side's own."""
    if isinstance(value, dict):
        return {each: masked(below, each) for each, below in value.items()}
    if isinstance(value, list):
        return [masked(each, name) for each in value if name not in _WAYS or _is_ours(each)]
    if name in _OWN and value:
        return f"<{name}>"
    if not isinstance(value, str) or not value:
        return value
    if name == "slug" and _VALUE.match(value):
        return "<value>"
    if name == "pspReference" and _CASH.match(value):
        return "<cash>"
    if _TIME.match(value):
        return "<time>"
    try:
        kind = _ID.match(base64.b64decode(value, validate=True))
    except ValueError:
        kind = None
    return f"<{kind[1].decode()}>" if kind else _UUID.sub("<uuid>", value)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two answers part."""

    step: str
    path: str
    saleor: Any
    ours: Any

    def __str__(self) -> str:
        return f"{self.step}: {self.path}: Saleor {str(self.saleor)[:150]!r}, ours {str(self.ours)[:150]!r}"


def differences(saleor: dict[str, Any], ours: dict[str, Any]) -> list[Difference]:
    """All of them, of all steps; a step that only one side came to is one."""
    found: list[Difference] = []
    for step in saleor | ours:
        _compare(step, "", masked(saleor.get(step)), masked(ours.get(step)), found)
    return found


def _compare(step: str, path: str, saleor: Any, ours: Any, found: list[Difference]) -> None:
    if isinstance(saleor, dict) and isinstance(ours, dict):
        for name in saleor | ours:
            _compare(step, f"{path}.{name}".lstrip("."), saleor.get(name), ours.get(name), found)
    elif isinstance(saleor, list) and isinstance(ours, list):
        _compare_lists(step, path, saleor, ours, found)
    elif saleor != ours:
        found.append(Difference(step, path, saleor, ours))


def _compare_lists(step: str, path: str, saleor: list[Any], ours: list[Any], found: list[Difference]) -> None:
    theirs, mine = _by_name(saleor), _by_name(ours)
    if theirs is None or mine is None:
        if len(saleor) != len(ours):
            found.append(Difference(step, f"{path}[]", saleor, ours))
        for one, other in zip(saleor, ours, strict=False):
            _compare(step, f"{path}[]", one, other, found)
        return
    for name in theirs | mine:
        if name in theirs and name in mine:
            _compare(step, f"{path}[]", theirs[name], mine[name], found)
        else:
            sign = "-" if name in theirs else "+"
            found.append(Difference(step, f"{path}[{sign}]", theirs.get(name), mine.get(name)))
    if [each for each in theirs if each in mine] != [each for each in mine if each in theirs]:
        found.append(Difference(step, f"{path}[order]", list(theirs), list(mine)))


def _by_name(entries: list[Any]) -> dict[str, Any] | None:
    """The entries by what names them; None where nothing names each of them."""
    named: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict):
            return (
                {str(each): None for each in entries} if len(set(map(str, entries))) == len(entries) else None
            )
        if "pspReference" in entry:
            return None
        inner = next(
            (entry[each] for each in ("node", "attribute", "shippingMethod") if entry.get(each)), entry
        )
        name = next((str(inner[each]) for each in _NAMES if inner.get(each) is not None), None)
        if name is None or name in named:
            return None
        named[name] = entry
    return named


@dataclass(frozen=True, slots=True)
class Allowed:
    """A difference that is meant. ``steps`` and ``path`` are patterns of fnmatch, where [] is taken as written."""

    steps: str
    path: str
    saleor: str
    ours: str
    why: str

    def covers(self, one: Difference) -> bool:
        pattern = self.path.replace("[", "\0").replace("]", "[]]").replace("\0", "[[]")
        return fnmatchcase(one.step, self.steps) and fnmatchcase(one.path, pattern)

    def row(self) -> str:
        """As docs/saleor.md shows it."""
        return f"| `{self.steps}` | `{self.path}` | {self.saleor} | {self.ours} | {self.why} |"


SHARED: Final = "the Saleor of a run may hold what earlier runs put there"
"""Not seen in a Saleor that is new."""
ALLOWED: Final[tuple[Allowed, ...]] = tuple(
    Allowed(*row)
    for row in (
        ("*", "*ountr*.country", "Vietnam", "Việt Nam", "names are Vietnamese"),
        (
            "*",
            "data.*.errors[].message",
            "English",
            "the market's language",
            "one sentence for a refusal, wherever it is met; codes and fields agree",
        ),
        (
            "01_shop_channel",
            "data.shop.name",
            "what staff call it",
            "Chợ Xã",
            "the set-up leaves the name to the dashboard",
        ),
        ("01_shop_channel", "data.shop.countries[-]", "251", "1", "the market sends nowhere else"),
        ("01_shop_channel", "data.shop.languages[-]", "779", "2", "Vietnamese and English"),
        ("01_shop_channel", "data.shop.languages[order]", "by code", "VI first", "Vietnamese and English"),
        (
            "01_shop_channel",
            "data.shop.permissions[-]",
            "all of Saleor's",
            "those that something asks for",
            "a permission that opens nothing is not offered",
        ),
        (
            "01_shop_channel",
            "data.shop.permissions[order]",
            "by what they are about",
            "by name",
            "the order means nothing",
        ),
        (
            "02_channel",
            "data.channel.availableShippingMethodsPerCountry[].shippingMethods[-]",
            "per country",
            "none; a checkout says which ways there are",
            "delivery is each seller's own",
        ),
        ("02b_channel_staff", "data.channel.warehouses[-]", "sellers of all runs", "the seller", SHARED),
        (
            "96_address_rules",
            "data.addressValidationRules.*",
            "63 provinces of before July 2025, no commune, capitals",
            "34 provinces, communes, as written",
            "the two levels since 01/07/2025",
        ),
        (
            "03_categories",
            "data.categories.totalCount",
            "with `Default Category`",
            "the OCOP groups alone",
            "the decision names them",
        ),
        (
            "03_categories",
            "data.categories.edges[-]",
            "with `Default Category`",
            "the OCOP groups alone",
            "the decision names them",
        ),
        (
            "03_categories",
            "data.categories.edges[].node.children.edges[order]",
            "as made",
            "as in the decision",
            "the decision names them",
        ),
        (
            "05_product_facets",
            "data.attributes.edges[].node.choices.edges[-]",
            "units of all runs before",
            "units of the goods there are",
            SHARED,
        ),
        (
            "06_product_detail",
            "data.product.attributes[].values[-]",
            "an empty value",
            "none",
            "what the seller left out is not there",
        ),
        (
            "06_product_detail",
            "data.product.*ttributes[].attribute.name",
            "`net quantity`",
            "`Định lượng`",
            "in Saleor the field of the label by which the adapter finds it; here the word on the label",
        ),
        (
            "90_variant_create",
            "data.productVariantCreate.productVariant.stocks[]",
            "none yet",
            "the seller's warehouse, 0 pieces",
            "each seller has one warehouse, and all goods stand in it",
        ),
        (
            "09_token_verify",
            "data.tokenVerify.payload.jti",
            "absent",
            "there",
            "every token of ours can be told from others",
        ),
        ("11_me_orders*", "data.me.*Name", "two names", "the whole in `firstName`", "people write one name"),
        ("11_me_orders*", "data.me.languageCode", "EN", "VI", "the market's language"),
        ("*", "data.order.languageCodeEnum", "EN", "VI", "the market's language"),
        (
            "21_checkout_lines_add more than there is",
            "data.checkoutLinesAdd.errors[].variants",
            "null",
            "the goods",
            "a basket can show which line is meant",
        ),
        (
            "32_checkout_gateways",
            "data.checkout.availablePaymentGateways[-]",
            "gift cards",
            "none",
            "there are none",
        ),
        (
            "32_checkout_gateways",
            "data.checkout.availablePaymentGateways[+]",
            "once the App is installed",
            "`vn.choxa`",
            "answered in the process; the Saleor of the run has no App of the market",
        ),
        ("*", "data.*ransaction*.name", "empty", "how it is paid", "desks show it"),
        (
            "*",
            "data.*ransaction*.message",
            "empty until it is updated",
            "what the gateway said",
            "desks show it",
        ),
        (
            "*",
            "data.*.idempotencyKey",
            "on the event of the request",
            "on the event of the answer",
            "request and answer are one event here",
        ),
        (
            "43_order_staff_detail",
            "data.order.transactions[].events[]",
            "request and answer",
            "the answer",
            "request and answer are one event here",
        ),
        (
            "4*",
            "data.order.metadata[+]",
            "what was sent",
            "also `cho.seller`, `cho.delivery`",
            "other programs read the seller",
        ),
        (
            "40_order_get*",
            "data.order.totalCharged.amount",
            "when somebody reports it",
            "with the hand-over",
            "cash is received at the hand-over, and stays received when the goods come back",
        ),
        (
            "40_order_get*",
            "data.order.totalBalance.amount",
            "when somebody reports it",
            "with the hand-over",
            "cash is received at the hand-over, and stays received when the goods come back",
        ),
        (
            "40_order_get*",
            "data.order.chargeStatus",
            "when somebody reports it",
            "with the hand-over",
            "cash is received at the hand-over, and stays received when the goods come back",
        ),
        (
            "40_order_get*",
            "data.order.paymentStatus",
            "when somebody reports it",
            "with the hand-over",
            "cash is received at the hand-over, and stays received when the goods come back",
        ),
        (
            "40_order_get*",
            "data.order.isPaid",
            "when somebody reports it",
            "with the hand-over",
            "cash is received at the hand-over, and stays received when the goods come back",
        ),
        (
            "63_transaction_request_action",
            "data.transactionRequestAction.transaction",
            "refused",
            "kept and waits",
            "nobody moves money back for a seller",
        ),
        (
            "63_transaction_request_action",
            "data.transactionRequestAction.errors[-]",
            "`MISSING_TRANSACTION_ACTION_REQUEST_WEBHOOK`",
            "kept and waits",
            "nobody moves money back for a seller",
        ),
        (
            "40_order_get marked as paid",
            "data.order.status",
            "UNCONFIRMED",
            "UNFULFILLED",
            "the full amount confirms an order, or the seller",
        ),
    )
)
