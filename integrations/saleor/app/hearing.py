"""Taking in a webhook: believed first, then read, then stored or answered."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from backend.commerce import events
from backend.common import clock
from backend.common.ids import new_id
from backend.common.outbox import emit
from integrations.saleor.app import delivery, gateways, installing, tally
from integrations.saleor.app.errors import Malformed, SignatureRefused
from integrations.saleor.app.manifest import ANSWERED_EVENTS, GOODS_EVENTS, ORDER_EVENTS
from integrations.saleor.app.models import HeardWebhook, Installation
from integrations.saleor.app.signature import UnknownKey, verify

MAX_BODY: Final = 256_000
"""Ours carry ids; the longest, a checkout's lines, stays far below."""
KEEP: Final = timedelta(days=30)
"""How long repeats are known. What was issued earlier is no delivery any more: Saleor retries for five minutes."""
LONGEST_ID: Final = 64

_GOODS_AS: Final[Mapping[str, str]] = {
    "product_created": events.PRODUCT_CREATED,
    "product_variant_stock_updated": events.STOCK_UPDATED,
    "product_variant_out_of_stock": events.STOCK_UPDATED,
    "product_variant_back_in_stock": events.STOCK_UPDATED,
}
ORDER_TOUCHED: Final = "saleor_order_touched"


@dataclass(frozen=True)
class Heard:
    """An authentic webhook, read."""

    installation: Installation
    event: str
    body: dict[str, Any]
    digest: str
    issued_at: datetime


def hear(*, api_url: str, named: str, signature: str, body: bytes) -> dict[str, Any] | list[Any]:
    """Take in one webhook and return what to answer.

    1. Believe it: a wrong signature leaves a count and nothing else. 2. Read it. 3. Answer it, or store it with its
    event in one transaction; the same bytes a second time change nothing.
    ``named`` is the event as the request's header names it, which is not signed: the body decides, and a header that
    says something else is refused. Raises AppRefusal, and the database's own errors when nothing could be stored.
    """
    installation = Installation.objects.filter(api_url=api_url).first()
    if installation is None:
        raise SignatureRefused("The market is not installed in this Saleor.")
    try:
        _believe(installation, signature, body)
        heard = _read(installation, named, body)
    except SignatureRefused:
        tally.refused.add(installation)
        raise
    if heard.event in ANSWERED_EVENTS:
        return _answer(heard)
    if heard.event in ORDER_EVENTS or heard.event in GOODS_EVENTS:
        return {"stored": _store(heard)}
    return {"stored": False}


def _believe(installation: Installation, signature: str, body: bytes) -> None:
    try:
        verify(signature=signature, body=body, keys=installation.keys)
    except UnknownKey:
        if not installing.refresh_keys(installation):
            raise
        verify(signature=signature, body=body, keys=installation.keys)


def _read(installation: Installation, named: str, raw: bytes) -> Heard:
    try:
        body = json.loads(raw)
    except ValueError:
        raise Malformed("The body is no JSON.") from None
    if not isinstance(body, dict) or not isinstance(body.get("__typename"), str):
        raise Malformed("The body names no event.")
    event = _snake(body["__typename"])
    if named.lower() != event:
        raise Malformed("The header names another event than the body.")
    if _at(body, "recipient", "id") != installation.app_id:
        # The same Saleor signs for all its Apps; what it told another one is nothing that it told us.
        raise SignatureRefused("The webhook is for another App.")
    try:
        issued_at = datetime.fromisoformat(str(body.get("issuedAt")))
        aware = issued_at.tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise Malformed("The body does not say when it was issued.")
    return Heard(installation, event, body, hashlib.sha256(raw).hexdigest(), issued_at)


def _answer(heard: Heard) -> dict[str, Any] | list[Any]:
    if heard.event == "shipping_list_methods_for_checkout":
        return delivery.methods_for(heard.body)
    return gateways.answer(heard.installation, heard.event, heard.body)


def _store(heard: Heard) -> bool:
    """Whether it was new."""
    name, aggregate, payload = _event_of(heard)
    if heard.issued_at < clock.now() - KEEP:
        return False
    mine = HeardWebhook(
        id=new_id(),
        installation=heard.installation,
        event=heard.event,
        body_sha256=heard.digest,
        issued_at=heard.issued_at,
        received_at=clock.now(),
    )
    with transaction.atomic(durable=True):
        # Two at once: the second waits for the first one's row, then finds it.
        HeardWebhook.objects.bulk_create([mine], ignore_conflicts=True)
        known = HeardWebhook.objects.filter(installation=heard.installation, body_sha256=heard.digest)
        if known.values_list("pk", flat=True).get() != mine.pk:
            known.update(repeats=F("repeats") + 1)
            return False
        emit(name, aggregate, payload)
    return True


def _event_of(heard: Heard) -> tuple[str, str, dict[str, Any]]:
    """What to tell the market: of goods the embedded engine's own event, of an order that it is to be read anew."""
    if heard.event in ORDER_EVENTS:
        order_id = _id(heard.body, "order", "id")
        return ORDER_TOUCHED, f"saleor-order:{order_id}", {"order_id": order_id, "said": heard.event}
    above = ("productVariant", "product") if heard.event.startswith("product_variant_") else ("product",)
    product_id = _id(heard.body, *above, "id")
    seller_id = _at(heard.body, *above, "seller")
    payload = {"product_id": product_id, "seller_id": seller_id if isinstance(seller_id, str) else ""}
    return _GOODS_AS.get(heard.event, events.PRODUCT_UPDATED), f"product:{product_id}", payload


def _snake(type_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type_name).lower()


def _at(body: object, *path: str) -> object:
    for step in path:
        body = body.get(step) if isinstance(body, dict) else None
    return body


def _id(body: object, *path: str) -> str:
    found = _at(body, *path)
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_ID or not found.isascii():
        raise Malformed(f"{'.'.join(path)} is missing.")
    return found


def prune() -> int:
    """Forget what was heard so long ago that a repeat would not be taken in anyway; return how many."""
    old = HeardWebhook.objects.filter(issued_at__lt=clock.now() - KEEP, received_at__lt=clock.now() - KEEP)
    ids = list(old.values_list("pk", flat=True)[:5000])
    HeardWebhook.objects.filter(pk__in=ids).delete()
    return len(ids)
