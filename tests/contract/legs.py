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
from backend.engine.shop import EmbeddedShop
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


class EngineLeg:
    """The embedded engine, called directly in this process. It keeps no sellers of its own."""

    answers: type[Model] = CallKey
    apart = False

    def __init__(self) -> None:
        self.shop: Shop = EmbeddedShop()

    def new_seller(self) -> str:
        return new_id()


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
        self.shop: Shop = SaleorShop(InProcess("http://testserver/graphql/", token=token), zoned=False)

    def new_seller(self) -> str:
        return new_id()


@lru_cache(maxsize=1)
def real_saleor() -> SaleorShop:
    """The adapter over the Saleor at SALEOR_API_URL, set up by the superuser SALEOR_EMAIL with SALEOR_PASSWORD."""
    api_url = os.environ["SALEOR_API_URL"]
    _report, access = prepare(
        api_url, email=os.environ["SALEOR_EMAIL"], password=os.environ["SALEOR_PASSWORD"], known=None
    )
    assert access is not None
    return SaleorShop(Client(api_url, token=access.token, timeout_s=60))


class SaleorLeg:
    """A real Saleor over the network. The warehouse of a seller is made with the first goods."""

    answers: type[Model] = Call
    apart = True

    def __init__(self) -> None:
        self.shop: Shop = real_saleor()

    def new_seller(self) -> str:
        return new_id()


LEGS: dict[str, Callable[[], Leg]] = {"engine": EngineLeg, "dialect": DialectLeg}
if os.environ.get("SALEOR_API_URL"):
    LEGS["saleor"] = SaleorLeg
"""By the name that appears in the test ids. Whoever adds a leg adds a line; no case knows which leg it runs
on."""
