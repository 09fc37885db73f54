"""The engines that the contract suite runs against. A leg is one way to reach one engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Protocol

from django.db.models import Model
from django.test import Client as Browser

from backend.api.services import create_app
from backend.commerce.shop import Shop
from backend.common.ids import new_id
from backend.common.models import CallKey
from backend.engine.models import Transaction
from backend.engine.shop import EmbeddedShop
from backend.engine.transactions import Report, report
from integrations.saleor.adapter import SaleorShop
from integrations.saleor.client import Client
from integrations.saleor.models import Call
from integrations.saleor.setup import PERMISSIONS, prepare


class Leg(Protocol):
    """One engine, ready to be used: it has the categories, and can make room for a seller."""

    shop: Shop
    answers: type[Model]
    """Where the answer of a writing call is kept. Of the shop in front of the test: what another market behind it keeps
    for itself is that one's affair."""
    apart: bool
    """Whether the effect of a call stands before its answer is kept; otherwise both are one transaction."""

    def new_seller(self) -> str:
        """The id of a seller whom no other test knows, known to the engine where it has to be."""
        ...

    def refund(self, order_id: str, amount: int, reference: str) -> None:
        """Whoever moved the money reports, at the shop's own door, that ``amount`` of a charged order went back."""
        ...


class EngineLeg:
    """The embedded engine, called directly in this process. It keeps no sellers of its own."""

    answers: type[Model] = CallKey
    apart = False

    def __init__(self) -> None:
        self.shop: Shop = EmbeddedShop()

    def new_seller(self) -> str:
        return new_id()

    def refund(self, order_id: str, amount: int, reference: str) -> None:
        paid = Transaction.objects.get(order__key=order_id)
        report(transaction_id=paid.pk, event=Report("refund_success", reference, amount))


class InProcess(Client):
    """The client of the adapter, asking the market's own ``/graphql/`` without a network in between."""

    def _post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        rest = {name: value for name, value in headers.items() if name != "Content-Type"}
        answer = Browser().post("/graphql/", body, content_type=headers["Content-Type"], headers=rest)
        return answer.status_code, answer.content


class DialectLeg:
    """The adapter over Saleor's dialect that the embedded engine speaks."""

    answers: type[Model] = Call
    apart = True

    def __init__(self) -> None:
        _app, token = create_app(actor="system:test", name="adapter", permissions=PERMISSIONS)
        self._client = InProcess("http://testserver/graphql/", token=token)
        self.shop: Shop = SaleorShop(self._client, zoned=False)

    def new_seller(self) -> str:
        return new_id()

    def refund(self, order_id: str, amount: int, reference: str) -> None:
        report_refund(self._client, order_id, amount, reference)


REFUND = """
mutation Refund($id: ID!, $amount: PositiveDecimal!, $reference: String!) {
  transactionEventReport(id: $id, type: REFUND_SUCCESS, amount: $amount, pspReference: $reference) {
    alreadyProcessed
    errors { field message code }
  }
}
"""


def report_refund(client: Client, order_id: str, amount: int, reference: str) -> None:
    """As an App that holds the money does, on the payment on which it was counted."""
    node = client.run("order_to_change", {"id": order_id})["order"]
    paid = next(each for each in node["transactions"] if each["events"])
    answer = client.ask(REFUND, {"id": paid["id"], "amount": amount, "reference": reference})
    assert answer["transactionEventReport"]["errors"] == []


@lru_cache(maxsize=1)
def real_client() -> Client:
    """Speaks to the Saleor at SALEOR_API_URL, set up by the superuser SALEOR_EMAIL with SALEOR_PASSWORD."""
    api_url = os.environ["SALEOR_API_URL"]
    _report, access = prepare(
        api_url, email=os.environ["SALEOR_EMAIL"], password=os.environ["SALEOR_PASSWORD"], known=None
    )
    assert access is not None
    return Client(api_url, token=access.token, timeout_s=60)


@lru_cache(maxsize=1)
def real_saleor() -> SaleorShop:
    """The adapter over it."""
    return SaleorShop(real_client())


class SaleorLeg:
    """A real Saleor over the network. The warehouse of a seller is made with the first goods."""

    answers: type[Model] = Call
    apart = True

    def __init__(self) -> None:
        self.shop: Shop = real_saleor()

    def new_seller(self) -> str:
        return new_id()

    def refund(self, order_id: str, amount: int, reference: str) -> None:
        report_refund(real_client(), order_id, amount, reference)


LEGS: dict[str, Callable[[], Leg]] = {"engine": EngineLeg, "dialect": DialectLeg}
if os.environ.get("SALEOR_API_URL"):
    LEGS["saleor"] = SaleorLeg
"""By the name that appears in the test ids. Whoever adds a leg adds a line; no case knows which leg it runs
on."""
