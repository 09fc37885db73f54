"""The market as the App of a real Saleor (SALEOR_API_URL and SALEOR_MARKET, see tests/services/behind_saleor.py): what
happens when the App is down, and when a webhook is lost. Collected only where there is one."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any, Final

from backend.commerce.naming import GATEWAY
from backend.commerce.shop import Shop
from backend.commerce.values import Address, Delivery, LineDraft, Order, ProductDraft, VariantDraft
from backend.common.ids import new_id
from backend.common.money import vnd
from tests.services.behind_saleor import staff_client
from tests.services.market import ROOT, Market, environment

SEN: Final = "1"
"""The demo's first seller, who has a bank account with a feed."""
ADDRESS: Final = Address(
    "Trần Văn Nam", "+84912345678", "Ấp 3", "31333", "Phường Vị Tân", "92", "Thành phố Cần Thơ"
)
_WEBHOOKS: Final = """query Webhooks { apps(first: 100) {
  edges { node { identifier webhooks { id name isActive } } } } }"""
_SWITCH: Final = """mutation Switch($id: ID!, $on: Boolean!) {
  webhookUpdate(id: $id, input: {isActive: $on}) { errors { field message } } }"""
_PAY: Final = """mutation Pay($id: ID!, $gateway: PaymentGatewayToInitialize!, $amount: PositiveDecimal!) {
  transactionInitialize(id: $id, paymentGateway: $gateway, amount: $amount) {
    transactionEvent { type message } data errors { field message } } }"""


def place_order(shop: Shop) -> Order:
    """An order of another storefront for a new good of Sen's."""
    draft = ProductDraft(
        name=f"Nấm thử {new_id()[-6:]}",
        seller_id=SEN,
        category_id=shop.categories()[0].id,
        variants=(VariantDraft(unit="túi 250 g", price=vnd(60_000), quantity=3),),
    )
    good = shop.create_product(key=new_id(), draft=draft)
    checkout = shop.create_checkout(key=new_id(), seller_id=SEN, lines=[LineDraft(good.variant.id, 1)])
    return shop.complete_checkout(
        key=new_id(),
        checkout_id=checkout.id,
        address=ADDRESS,
        email="",
        delivery=Delivery("pickup", "Tự đến lấy", vnd(0)),
        confirmed_total=checkout.total,
    )


def pay(order: Order) -> dict[str, Any]:
    """What a storefront is answered that wants to pay by VietQR."""
    gateway = {"id": GATEWAY, "data": {"method": "vietqr"}}
    asked = {"id": order.id, "gateway": gateway, "amount": order.total.amount}
    answer: dict[str, Any] = staff_client().ask(_PAY, asked)["transactionInitialize"]
    return answer


def switch_webhooks(*, on: bool) -> None:
    """Whether Saleor tells the market of orders and goods at all."""
    staff = staff_client()
    for edge in staff.ask(_WEBHOOKS)["apps"]["edges"]:
        if edge["node"]["identifier"] == GATEWAY:
            for each in edge["node"]["webhooks"]:
                if each["name"] in {"orders", "goods"}:
                    staff.ask(_SWITCH, {"id": each["id"], "on": on})


def told(market: Market, order: Order) -> list[str]:
    """What the market was told of this order, in order; an order's id is base64 and quotes nothing."""
    rows = market.rows(
        f"SELECT name FROM outbox_event WHERE aggregate = 'order:{order.id}' ORDER BY id"  # noqa: S608
    )
    return [str(name) for (name,) in rows]


def repair(market: Market, settings: dict[str, str]) -> None:
    """One pass at once; the worker makes one every five minutes."""
    subprocess.run(
        [sys.executable, "manage.py", "saleor_repair"],
        cwd=ROOT,
        env=environment(
            **settings,
            DATA_DIR=str(market.data_dir),
            DATABASE_URL=market.database_url,
            PORT=str(market.port),
        ),
        check=True,
        timeout=120,
        stdout=subprocess.DEVNULL,
    )


HAS_SALEOR: Final = bool(os.environ.get("SALEOR_API_URL") and os.environ.get("SALEOR_MARKET"))
