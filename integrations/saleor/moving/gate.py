"""Ordering pauses while a market changes its engine, and until it runs on the new one."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from backend.commerce.errors import ShopUnavailable
from backend.common import audit, clock
from integrations.saleor.models import Move

ACTOR = "system:moving"


def check() -> None:
    """Raises ShopUnavailable while a move runs, and for an engine that the market has left."""
    move = Move.objects.exclude(state=Move.GIVEN_UP).order_by("-pk").first()
    if move is None or (move.state == Move.DONE and move.target == settings.SHOP_ENGINE):
        return
    raise ShopUnavailable()


def running() -> Move | None:
    """The move that has begun and not ended."""
    return Move.objects.filter(state=Move.RUNNING).first()


def engine_now() -> str:
    """The engine on which the market's sales stand: where the last move has led, else the one of the settings."""
    move = Move.objects.filter(state=Move.DONE).order_by("-pk").first()
    return move.target if move is not None else str(settings.SHOP_ENGINE)


def close(*, api_url: str, source: str, target: str) -> Move:
    """Pause ordering; the move that runs already when it is the same one."""
    with transaction.atomic():
        known = running()
        if known is not None:
            return known
        audit.record(ACTOR, "shop.move_began", f"shop:{target}", source=source)
        return Move.objects.create(api_url=api_url, source=source, target=target, began_at=clock.now())


def give_up(move: Move) -> None:
    """Order again in the shop as it was. What stands in the other one stays there and is found by a later move."""
    with transaction.atomic():
        Move.objects.filter(pk=move.pk, state=Move.RUNNING).update(state=Move.GIVEN_UP, ended_at=clock.now())
        audit.record(ACTOR, "shop.move_given_up", f"shop:{move.target}", source=move.source)


def end(move: Move) -> None:
    """Everything stands over there. Belongs inside the transaction of the switch."""
    Move.objects.filter(pk=move.pk, state=Move.RUNNING).update(state=Move.DONE, ended_at=clock.now())
    audit.record(ACTOR, "shop.moved", f"shop:{move.target}", source=move.source)
