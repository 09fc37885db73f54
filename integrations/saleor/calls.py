"""Writing calls over a network that may break between any two words, done once per key.

The embedded engine has one transaction for an effect and its key. Here the effect is in Saleor and the key is with us, so
1. the key is written down first, with what it stands for;
2. Saleor is asked, outside any transaction;
3. the answer is written down, together with what the market tells itself: its own changes do not wait for a webhook.
A process that is killed between 2 and 3 leaves a key that was begun. Whoever sends the call again is told so
(``again``), and first looks in Saleor for the effect. Calls that touch the same thing take turns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import transaction

from backend.commerce.errors import ShopUnavailable
from backend.common import clock
from backend.common.errors import KeyReused, MarketError
from backend.common.idempotency import fingerprint
from backend.common.outbox import emit
from integrations.saleor import turns
from integrations.saleor.app.hearing import ORDER_TOUCHED
from integrations.saleor.models import Call

LONGEST_NAME: Final = 160
KEEP: Final = timedelta(days=30)
"""A call is repeated within minutes; after a month its key is forgotten."""


def mark(key: str) -> str:
    """The trace of a key in Saleor, where it may be read by others: it says nothing of the key itself."""
    return "cho-" + hashlib.sha256(key.encode()).hexdigest()[:32]


def turn(name: str) -> AbstractContextManager[None]:
    """Nobody else is in this block with the same ``name`` (turns.py)."""
    return turns.turn(name if len(name) <= LONGEST_NAME else mark(name))


@dataclass(frozen=True)
class News:
    """What a call changed, for the market's own consumers. A webhook about the same thing may follow: they know that."""

    name: str
    aggregate: str
    payload: dict[str, str]

    @classmethod
    def of_product(cls, name: str, product_id: str, seller_id: str) -> News:
        return cls(name, f"product:{product_id}", {"product_id": product_id, "seller_id": seller_id})

    @classmethod
    def of_order(cls, order_id: str) -> News:
        """Whoever keeps copies of orders reads it anew and tells what is different."""
        return cls(ORDER_TOUCHED, f"saleor-order:{order_id}", {"order_id": order_id, "said": "market"})


def once(
    *,
    key: str,
    method: str,
    inputs: Any,
    subject: str,
    do: Callable[[bool], str],
    news: Sequence[News] = (),
) -> str:
    """Run ``do(again)`` unless ``key`` has already been answered; return what it returned then. ``do`` may still put
    something into ``news``; it is told in the transaction that keeps the answer.

    ``again`` is true when the call was begun before and nobody knows how it ended. A refusal (MarketError) frees the
    key; ShopUnavailable does not, because Saleor may have done what it did not say.
    Raises KeyReused when the key was used for another method or input, RuntimeError inside an open transaction.
    """
    digest = fingerprint(inputs)
    with turn(f"key:{key}"):
        with transaction.atomic(durable=True):
            mine = Call(key=key, method=method, input_sha256=digest, at=clock.now())
            known = Call.objects.filter(pk=key).first()
            if known is None:
                mine.save(force_insert=True)
            elif known.method != method or known.input_sha256 != digest:
                raise KeyReused()
            elif known.answered:
                return known.result
        with turn(subject):
            try:
                result = do(known is not None)
            except ShopUnavailable:
                raise
            except MarketError:
                Call.objects.filter(pk=key).delete()
                raise
        with transaction.atomic():
            Call.objects.filter(pk=key).update(result=result, answered=True)
            for each in news:
                emit(each.name, each.aggregate, dict(each.payload))
        return result


def note_before(key: str, seen: Sequence[str]) -> None:
    """Write down what stands in Saleor before the call ``key`` changes it: what is new afterwards may be its effect."""
    Call.objects.filter(pk=key).update(before=list(seen))


def note_made(key: str, made: str) -> None:
    """Write down what the call ``key`` has made."""
    Call.objects.filter(pk=key).update(made=made)


def new_since(key: str, now: Sequence[str]) -> list[str]:
    """Those of ``now`` that were not there before the call ``key`` was sent and that no other call has made. None of them
    when it has noted nothing: then it was never sent."""
    before = Call.objects.values_list("before", flat=True).get(pk=key)
    if before is None:
        return []
    others = Call.objects.filter(made__in=list(now)).exclude(pk=key).values_list("made", flat=True)
    known = {*before, *others}
    return [each for each in now if each not in known]


def forget_old() -> int:
    """Delete the keys of calls older than KEEP; return how many."""
    return Call.objects.filter(at__lt=clock.now() - KEEP).delete()[0]
