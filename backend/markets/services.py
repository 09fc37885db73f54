"""What changes markets and stalls, and what is asked for at them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from django.db import transaction

from backend.common import audit, clock, outbox
from backend.common.errors import NotFound
from backend.common.idempotency import once
from backend.common.ids import new_id
from backend.common.money import Money, format_vnd
from backend.common.text import slugify, tidy
from backend.markets.errors import (
    BadName,
    BadStallCode,
    ChargeHasMoney,
    ChargeOutOfRange,
    NoteTooLong,
    StallClosed,
    StallCodeTaken,
    StallHasNoAccount,
)
from backend.markets.models import LEAST_CHARGE_VND, MOST_CHARGE_VND, Charge, Market, Stall, Zone
from backend.markets.queries import get_charge
from backend.markets.values import ChargeView
from backend.places.models import Commune
from payments.intents.errors import IntentAlreadyPaid
from payments.intents.queries import find_intent
from payments.intents.services import cancel_intent, open_intent
from payments.payees.queries import payee_for

CHARGE_OPENED: Final = "charge_opened"
CHARGE_VOIDED: Final = "charge_voided"
CODE_ON_SCREEN: Final = timedelta(minutes=10)
"""How long a charge's QR code stays on the till. Money that comes later is still recognised and announced."""
MOST_NOTE: Final = 80


def create_market(*, actor: str, name: str, commune: Commune) -> Market:
    """A market of ``commune``; one that already has this name there is returned unchanged. Raises BadName."""
    name = _name(name, most=120)
    with transaction.atomic():
        known = Market.objects.filter(commune=commune, name=name).first()
        if known is not None:
            return known
        slug = slugify(name)
        if not slug or Market.objects.filter(slug=slug).exists():
            slug = f"{slug or 'cho'}-{commune.pk}"
        if Market.objects.filter(slug=slug).exists():
            slug = f"{slug}-{new_id()[-6:]}"
        market = Market.objects.create(slug=slug, name=name, commune=commune)
        audit.record(actor, "market.created", f"market:{market.pk}", name=name, commune=commune.pk)
    return market


def create_zone(*, actor: str, market: Market, name: str) -> Zone:
    """A part of ``market``; one with this name is returned unchanged. Raises BadName."""
    name = _name(name, most=80)
    with transaction.atomic():
        zone, created = Zone.objects.get_or_create(market=market, name=name)
        if created:
            audit.record(actor, "market.zone_created", f"market:{market.pk}", zone=name)
    return zone


def create_stall(
    *, actor: str, market: Market, code: str, vendor_name: str, goods: str = "", zone: Zone | None = None
) -> Stall:
    """A stall in ``market`` under a code of its own ("A12"); the same stall again is returned unchanged.

    Raises BadStallCode, BadName, StallCodeTaken (another vendor has the code).
    """
    code = tidy(code).upper()
    if not re.fullmatch(r"[A-Z0-9]{1,8}", code):
        raise BadStallCode()
    vendor_name = _name(vendor_name, most=80)
    with transaction.atomic():
        stall, created = Stall.objects.get_or_create(
            market=market,
            code=code,
            defaults={"vendor_name": vendor_name, "goods": tidy(goods)[:160], "zone": zone},
        )
        if not created and stall.vendor_name != vendor_name:
            raise StallCodeTaken(code=code)
        if created:
            audit.record(actor, "market.stall_created", stall.owner, market=market.pk, code=code)
    return stall


def open_charge(*, key: str, stall_id: int, amount: Money, note: str, actor: str) -> ChargeView:
    """Ask for ``amount`` at a stall, into the stall's own account; the QR stays ten minutes on screen.

    Idempotent under ``key``. The charge, its intent and ``charge_opened`` are written together or not at
    all. Whether ``actor`` may act for the stall is the caller's to check (``access_stall``).
    Raises ChargeOutOfRange, NoteTooLong, StallClosed, StallHasNoAccount, NotFound, KeyReused.
    """
    note = tidy(note)
    if amount.currency != "VND" or not LEAST_CHARGE_VND <= amount.amount <= MOST_CHARGE_VND:
        raise ChargeOutOfRange(least=format_vnd(LEAST_CHARGE_VND), most=format_vnd(MOST_CHARGE_VND))
    if len(note) > MOST_NOTE:
        raise NoteTooLong(most=MOST_NOTE)

    def do() -> str:
        stall = Stall.objects.select_related("market").filter(pk=stall_id).first()
        if stall is None:
            raise NotFound()
        if not stall.active:
            raise StallClosed(code=stall.code)
        payee = payee_for(stall.owner)
        if payee is None:
            raise StallHasNoAccount(code=stall.code)
        now = clock.now()
        charge = Charge.objects.create(
            id=new_id(),
            key=key,
            stall=stall,
            amount_vnd=amount.amount,
            note=note,
            opened_at=now,
            opened_by=actor,
        )
        intent = open_intent(
            key=f"charge:{charge.pk}",
            payee_id=payee.id,
            due=amount,
            kind="charge",
            subject=charge.pk,
            label=f"Sạp {stall.code} · {stall.vendor_name} · {stall.market.name}",
            expires_at=now + CODE_ON_SCREEN,
        )
        audit.record(
            actor, "charge.opened", f"charge:{charge.pk}", stall=stall.owner, amount_vnd=amount.amount
        )
        outbox.emit(
            CHARGE_OPENED,
            f"charge:{charge.pk}",
            {
                "charge_id": charge.pk,
                "stall_id": stall.pk,
                "owner": stall.owner,
                "amount_vnd": amount.amount,
                "intent_id": intent.id,
            },
        )
        return charge.pk

    inputs = [stall_id, amount.amount, note]
    return get_charge(once(key=f"charge:{key}", method="markets.open_charge", inputs=inputs, do=do))


def void_charge(*, charge_id: str, actor: str) -> ChargeView:
    """Stop asking for a charge that was opened by mistake. A repeat changes nothing.

    Money that arrives between reading and writing wins: the intent's row is locked before its money is
    looked at, and then nothing has changed. Emits ``charge_voided``.
    Raises ChargeHasMoney (some or all of it has come), NotFound.
    """
    with transaction.atomic():
        charge = (
            Charge.objects.select_for_update(of=("self",))
            .select_related("stall")
            .filter(pk=charge_id)
            .first()
        )
        if charge is None:
            raise NotFound()
        if charge.voided_at is None:
            intent = find_intent("charge", charge.pk)
            if intent is None:
                raise NotFound()
            try:
                intent = cancel_intent(intent_id=intent.id, reason="charge voided", actor=actor)
            except IntentAlreadyPaid:
                raise ChargeHasMoney(received=format_vnd(intent.received_vnd)) from None
            if intent.received_vnd > 0:
                raise ChargeHasMoney(received=format_vnd(intent.received_vnd))
            charge.voided_at = clock.now()
            charge.voided_by = actor
            charge.save(update_fields=["voided_at", "voided_by"])
            audit.record(actor, "charge.voided", f"charge:{charge.pk}", stall=charge.stall.owner)
            outbox.emit(
                CHARGE_VOIDED,
                f"charge:{charge.pk}",
                {
                    "charge_id": charge.pk,
                    "stall_id": charge.stall_id,
                    "owner": charge.stall.owner,
                    "amount_vnd": charge.amount_vnd,
                    "intent_id": intent.id,
                },
            )
    return get_charge(charge_id)


def _name(text: str, *, most: int) -> str:
    name = tidy(text)
    if not name or len(name) > most:
        raise BadName(most=most)
    return name
