"""Our /graphql/ and the Saleor at SALEOR_API_URL answer Saleor's documents alike, but for what ALLOWED names.

    SALEOR_API_URL=… SALEOR_EMAIL=… SALEOR_PASSWORD=… python -m pytest -n0 tests/api/test_beside_saleor.py

The Saleor gets a seller of this run's own with two goods, two buyers and two orders, and for as long as it runs a gateway
that answers as our own of the demo does.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3
from pytest_django import Settings

from backend.accounts.models import Seller
from backend.catalogue.services import refresh
from backend.commerce.naming import DEMO_GATEWAY, UNIT, global_id
from backend.commerce.shop import Shop
from backend.commerce.values import Delivery, Product, ProductDraft, VariantDraft
from backend.common.ids import new_id
from backend.common.money import vnd
from backend.places.models import Commune
from backend.sales.services import set_terms
from tests.api import saleor_documents
from tests.api.beside import ALLOWED, COURIER, FEE, SHARED, Ask, Difference, Side, differences, masked, walk
from tests.api.buying.conftest import person
from tests.api.conftest import Door, desk_of, new_app
from tests.contract.conftest import new_key
from tests.contract.legs import EngineLeg, real_saleor
from tests.services.behind_saleor import staff_client

DOCS = Path(__file__).resolve().parents[2] / "docs" / "saleor.md"


@pytest.mark.pure
def test_the_documentation_names_the_same_differences() -> None:
    text = DOCS.read_text(encoding="utf-8").partition("### The documents beside each other")[2]
    rows = [line for line in text.partition("\n### ")[0].splitlines() if line.startswith("| `")]
    assert rows == [each.row() for each in ALLOWED]


@pytest.mark.pure
def test_what_is_masked_and_what_is_seen() -> None:
    saleor = {"a": {"id": global_id("Order", "9"), "created": "2026-11-22T07:28:07+00:00", "number": "21"}}
    ours = {"a": {"id": global_id("Order", "7"), "created": "2026-11-23T00:00:00+00:00", "number": "5"}}
    assert differences(saleor, ours) == []
    ours["a"]["id"] = global_id("Checkout", "7")
    assert differences(saleor, ours) == [Difference("a", "id", "<Order>", "<Checkout>")]
    one, two = [{"slug": "a", "n": 1}, {"slug": "b"}], [{"slug": "b"}, {"slug": "a", "n": 2}, {"slug": "c"}]
    assert [each.path for each in differences({"a": one}, {"a": two})] == ["[].n", "[+]", "[order]"]
    assert masked("Rau mồng tơi") == "Rau mồng tơi"


@pytest.mark.pure
def test_a_permission_covers_its_own_place_alone() -> None:
    meant = next(each for each in ALLOWED if "[]" in each.path and "*" not in each.path + each.steps)
    step = meant.steps
    assert meant.covers(Difference(step, meant.path, 1, 2))
    assert not meant.covers(Difference(step, f"{meant.path}.amount", 1, 2))
    assert not meant.covers(Difference("99_other", meant.path, 1, 2))


def drafts(seller_id: str, category_id: str, trace: str) -> tuple[ProductDraft, ProductDraft]:
    def draft(name: str, price: int, pieces: int) -> ProductDraft:
        variant = VariantDraft(
            unit="bó 300 g", price=vnd(price), quantity=pieces, sku=f"{name[:3]}-{trace}", weight_g=300
        )
        return ProductDraft(
            name=f"{name} {trace}",
            seller_id=seller_id,
            category_id=category_id,
            variants=(variant,),
            description="Hái buổi sáng.\nGiao trong ngày.",
            label={"origin": "Thoại Sơn, An Giang", "grade": "A"},
        )

    return draft("Rau mồng tơi", 12_000, 40), draft("Nấm linh chi", 85_000, 2)


def put_up(shop: Shop, seller_id: str, trace: str) -> tuple[Product, Product]:
    category = next(each.id for each in shop.categories() if each.slug == "rau-cu-qua")
    one, two = drafts(seller_id, category, trace)
    return shop.create_product(key=new_key(), draft=one), shop.create_product(key=new_key(), draft=two)


def our_side(seller_id: str, trace: str) -> Side:
    leg = EngineLeg()
    seller = Seller.objects.create(
        pk=int(seller_id),
        slug=f"ho-{trace}",
        name="Hộ Út Sen",
        kind=Seller.Kind.HOUSEHOLD,
        commune=Commune.objects.get(pk="31333"),
        phone="+84900000001",
    )
    set_terms(seller_id=seller.pk, courier_vnd=FEE, free_from_vnd=None, pickup=False, cash=True)
    goods, scarce = put_up(leg.shop, seller_id, trace)
    refresh([goods.id, scarce.id])

    def ask(door: Door) -> Ask:
        return lambda text, **variables: door(text, **variables).body

    def make(email: str, _password: str) -> None:
        person("Lan Nguyễn", email)

    return Side(
        anybody=ask(Door()),
        staff=ask(desk_of(seller_id)),
        program=ask(new_app()),
        person=make,
        signed_in=lambda token: ask(Door(token)),
        product=global_id("Product", goods.id),
        variant=global_id("ProductVariant", goods.variant.id),
        scarce=global_id("ProductVariant", scarce.variant.id),
        warehouse=global_id("Warehouse", seller_id),
        seller=seller_id,
        category=global_id("Category", goods.category_id),
        kind=global_id("ProductType", 1),
        unit=global_id("Attribute", 1),
        channel=global_id("Channel", 1),
    )


if os.environ.get("SALEOR_API_URL") and saleor_documents.PRESENT:
    POOL = urllib3.PoolManager(timeout=120, retries=False)
    REGISTER = (
        """mutation ($input: AccountRegisterInput!) { accountRegister(input: $input) { errors { code } } }"""
    )
    PERSON = "query ($email: String!) { user(email: $email) { id } }"
    CONFIRM = """mutation ($id: ID!) { customerUpdate(id: $id,
      input: {isConfirmed: true, firstName: "Lan", lastName: "Nguyễn"}) { errors { field code } } }"""
    WAREHOUSE = (
        "query ($slug: [String!]) { warehouses(first: 1, filter: {slugs: $slug}) { edges { node { id } } } }"
    )
    APP = """mutation ($input: AppInput!) { appCreate(input: $input) { app { id } errors { field message } } }"""
    HOOK = """mutation ($input: WebhookCreateInput!) { webhookCreate(input: $input) { errors { field message } } }"""
    GONE = "mutation ($id: ID!) { appDelete(id: $id) { errors { code } } }"

    def saleor_asks(token: str = "") -> Ask:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )

        def ask(text: str, **variables: Any) -> dict[str, Any]:
            body = json.dumps({"query": text, "variables": variables})
            answer: dict[str, Any] = POOL.request(
                "POST", os.environ["SALEOR_API_URL"], body=body, headers=headers
            ).json()
            return answer

        return ask

    def staff_asks(text: str, **variables: Any) -> dict[str, Any]:
        """As a superuser, whose token lives five minutes."""
        return saleor_asks(_staff_token())(text, **variables)

    def _staff_token() -> str:
        if not _TOKENS:
            _TOKENS.append(str(staff_client()._token))
        return _TOKENS[0]

    _TOKENS: list[str] = []

    @contextmanager
    def gateway() -> Iterator[None]:
        """An App of Saleor's that answers what our gateway of the demo answers."""

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer: dict[str, Any] = {"data": {}}
                if "transaction" in asked:
                    amount = asked["action"]["amount"]
                    answer["data"] = {"method": "cash", "amount": int(float(amount)), "currency": "VND"}
                    answer |= {
                        "result": "AUTHORIZATION_SUCCESS",
                        "amount": amount,
                        "pspReference": f"cash:{asked['transaction']['token']}",
                        "message": "Trả tiền mặt khi nhận hàng.",
                        "paymentMethodDetails": {"type": "OTHER", "name": "Tiền mặt khi nhận hàng"},
                    }
                content = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None: ...

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
            thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            wanted = {
                "name": "Tiền mặt khi nhận hàng",
                "identifier": DEMO_GATEWAY,
                "permissions": ["HANDLE_PAYMENTS"],
            }
            app = staff_asks(APP, input=wanted)["data"]["appCreate"]["app"]["id"]
            try:
                for event, kind, more in (
                    ("PAYMENT_GATEWAY_INITIALIZE_SESSION", "PaymentGatewayInitializeSession", ""),
                    (
                        "TRANSACTION_INITIALIZE_SESSION",
                        "TransactionInitializeSession",
                        "transaction { token }",
                    ),
                    ("TRANSACTION_PROCESS_SESSION", "TransactionProcessSession", "transaction { token }"),
                ):
                    action = "action { amount }" if more else "amount"
                    hook = {
                        "app": app,
                        "name": event,
                        "targetUrl": f"http://127.0.0.1:{http.server_port}/",
                        "syncEvents": [event],
                        "isActive": True,
                        "query": f"subscription {{ event {{ ... on {kind} {{ {action} {more} }} }} }}",
                    }
                    made = staff_asks(HOOK, input=hook)["data"]["webhookCreate"]
                    assert made["errors"] == []
                yield
            finally:
                staff_asks(GONE, id=app)
                http.shutdown()
                thread.join()

    def saleors_side(seller_id: str, trace: str) -> Side:
        shop = real_saleor()
        shop._places.offer(Delivery("courier", COURIER, vnd(FEE)))
        goods, scarce = put_up(shop, seller_id, trace)
        found = staff_asks(WAREHOUSE, slug=[f"seller-{seller_id}"])["data"]["warehouses"]["edges"]

        def make(email: str, password: str) -> None:
            new = {"email": email, "password": password, "channel": "cho", "redirectUrl": "http://127.0.0.1/"}
            assert saleor_asks()(REGISTER, input=new)["data"]["accountRegister"]["errors"] == []
            user = staff_asks(PERSON, email=email)["data"]["user"]["id"]
            assert staff_asks(CONFIRM, id=user)["data"]["customerUpdate"]["errors"] == []

        return Side(
            anybody=saleor_asks(),
            staff=staff_asks,
            program=saleor_asks(str(shop._client._token)),
            person=make,
            signed_in=saleor_asks,
            product=goods.id,
            variant=goods.variant.id,
            scarce=scarce.variant.id,
            warehouse=found[0]["node"]["id"],
            seller=seller_id,
            category=goods.category_id,
            kind=shop._places.market.product_type_id,
            unit=shop._places.market.attributes[UNIT],
            channel=shop._places.market.channel_id,
        )

    @pytest.mark.slow
    def test_both_answer_alike(db: None, settings: Settings) -> None:
        settings.DEMO = True
        trace = re.sub(r"[^0-9a-z]", "", new_id().lower())[-8:]
        seller_id = str(int(new_id().replace("-", "")[-7:], 36) % 900_000_000 + 1_000)
        ours = walk(our_side(seller_id, trace), trace)
        saleors = saleors_side(seller_id, trace)
        try:
            with gateway():
                walk(saleors, trace)
        finally:
            kept = os.environ.get("BESIDE_SALEOR")
            if kept:
                Path(kept).write_text(
                    json.dumps({"saleor": saleors.answers, "ours": ours}, ensure_ascii=False, indent=1)
                )
        found = differences(saleors.answers, ours)
        unmeant = [each for each in found if not any(allowed.covers(each) for allowed in ALLOWED)]
        meant = [each for each in ALLOWED if each.why != SHARED]
        idle = [each.row() for each in meant if not any(each.covers(one) for one in found)]
        apart = {each.step for each in found}
        documents = {each.split()[0] for each in ours}
        alike = documents - {each.split()[0] for each in apart}
        print(
            f"{len(ours)} answers of {len(documents)} documents: {len(ours) - len(apart)} answers and all of "
            f"{len(alike)} documents equal; the rest apart in {len({(each.step, each.path) for each in found})} places"
        )

        assert [str(each) for each in unmeant] == []
        assert idle == [], "allowed, but no longer seen"
