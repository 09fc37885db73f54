"""Orders that were placed outside the market's own pages, through Saleor's dialect or in Saleor itself.

Each becomes a purchase of one sale, so that the seller's desk shows it, its money is matched, and its time for paying
ends, as for every other.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from backend.accounts.models import Seller, User
from backend.commerce.values import Address, Order
from backend.common import audit, clock
from backend.common.ids import new_id
from backend.common.money import Money
from backend.common.outbox import emit
from backend.places.models import Commune
from backend.places.queries import is_commune
from backend.sales.errors import PaymentNotOffered, TooMuchForTransfer
from backend.sales.models import Purchase, Sale
from backend.sales.values import Payment
from payments.intents.errors import IntentAlreadyPaid
from payments.intents.queries import find_intent
from payments.intents.services import cancel_intent, open_intent
from payments.intents.values import Intent
from payments.payees.queries import payee_for
from payments.vietqr.encoder import CEILING_VND

SALE = "sale"
"""The metadata key under which an order that the market placed names its sale. Buyers can write metadata, so it alone
proves nothing."""


def find_sale_of(order_id: str) -> Sale | None:
    """The sale that this order belongs to."""
    return Sale.objects.select_related("seller", "purchase").filter(order_id=order_id).first()


def is_adopted(sale: Sale) -> bool:
    """Whether its order was placed outside the market's own pages."""
    return sale.purchase.key == f"order:{sale.order_id}"


def being_placed(order: Order) -> Sale | None:
    """The sale of ours for which this order has just been placed, and whose row does not name it yet.

    What the order says must be what was asked for; else it is another storefront's.
    """
    sale = _asked_for(order)
    return sale if sale is not None and sale.purchase.failed_at is None else None


def failed_sale_of(order: Order) -> Sale | None:
    """The sale of ours that was given up although this order of it stands."""
    sale = _asked_for(order)
    return sale if sale is not None and sale.purchase.failed_at is not None else None


def _asked_for(order: Order) -> Sale | None:
    rows = Sale.objects.select_related("seller", "purchase")
    sale = rows.filter(pk=order.metadata.get(SALE, ""), order_id=None).first()
    return sale if sale is not None and is_order_of(order, sale) else None


def is_order_of(order: Order, sale: Sale) -> bool:
    """Whether the market placed this order for ``sale``: it names it, and is what was asked for."""
    asked = (sale.pk, str(sale.seller_id), sale.confirmed_vnd, sale.purchase.email, sale.purchase.phone)
    said = (order.metadata.get(SALE, ""), order.seller_id, order.total.amount, order.email)
    return asked == (*said, order.address.phone)


def note_buyer(
    *,
    order_id: str,
    seller_id: str,
    address: Address,
    email: str,
    user: User | None,
    language: str = "vi",
    visitor: str = "",
) -> None:
    """Who placed an order outside the market's pages, and from where (``visitor``: a digest), written in the transaction
    that places it: until it is adopted it counts among its buyer's open orders by this row."""
    commune_code, street = address.commune_code, address.street
    if not commune_code or not is_commune(commune_code):
        seller = Seller.objects.filter(pk=int(seller_id or 0)).first()
        if seller is None:
            return
        commune_code, street = seller.commune_id, address.line()
    Purchase.objects.bulk_create(
        [
            Purchase(
                key=f"order:{order_id}",
                user=user,
                name=address.name[:120],
                phone=address.phone[:16],
                email=email,
                commune_id=commune_code,
                street=street[:200],
                language=language[:2],
                visitor=visitor,
                created_at=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )


def adopt_order(
    *,
    order: Order,
    payment: str = Payment.CASH,
    sale_id: str = "",
    user_id: int | None = None,
    commune_code: str = "",
    language: str = "vi",
) -> Sale | None:
    """The sale of ``order``, made now if there is none; None for an order of nobody's (no such seller).

    ``sale_id`` is the id under which a payment was asked for before the order stood. Safe to repeat.
    """
    known = find_sale_of(order.id)
    if known is not None or _asked_for(order) is not None:
        return known
    seller = Seller.objects.filter(pk=order.seller_id).first() if order.seller_id.isdecimal() else None
    if seller is None:
        return None
    code = commune_code or order.address.commune_code
    commune = Commune.objects.filter(pk=code).first() if code else None
    street = order.address.street
    if commune is None:
        # Where the buyer named no commune of today, the whole address is kept as it was written.
        commune, street = seller.commune, order.address.line()
    now = clock.now()
    sale_id = sale_id or new_id()
    user = User.objects.filter(pk=user_id).first() if user_id else None
    purchase = Purchase(
        key=f"order:{order.id}",
        user=user,
        name=order.address.name[:120],
        phone=order.address.phone[:16],
        email=order.email,
        commune=commune,
        street=street[:200],
        note=order.note[:500],
        language=language[:2],
        created_at=now,
    )
    with transaction.atomic():
        Purchase.objects.bulk_create([purchase], ignore_conflicts=True)
        # Whoever placed it may have been noted before; the row is the lock of two who adopt at once.
        stored = Purchase.objects.select_for_update().get(key=purchase.key)
        if not stored.sales.exists():
            Sale.objects.create(
                id=sale_id,
                purchase=stored,
                seller=seller,
                payment=payment,
                delivery_method=order.delivery.method[:10],
                delivery_name=order.delivery.name[:80],
                delivery_vnd=order.delivery.price.amount,
                lines=[{"variant_id": each.variant_id, "quantity": each.quantity} for each in order.lines],
                confirmed_vnd=order.total.amount,
                order_id=order.id,
                order_number=order.number,
                created_at=now,
                placed_at=now,
                # As an order in cash of our own: until then its seller has to take it on.
                hold_until=now + timedelta(seconds=settings.CASH_HOLD_S) if payment == Payment.CASH else None,
            )
            audit.record("system:sales", "sales.adopted", f"sale:{sale_id}", order=order.number)
    sale = find_sale_of(order.id)
    if sale is not None and sale.payment == Payment.VIETQR:
        ask_for_transfer(sale=sale, due=order.total)
    return sale


def reserve_transfer(*, sale_id: str, seller_id: str, due: Money) -> Intent:
    """Ask for a transfer for a sale that does not stand yet; ``sale_id`` will be its id.

    Raises PaymentNotOffered, TooMuchForTransfer.
    """
    seller = Seller.objects.filter(pk=seller_id, active=True).first() if seller_id.isdecimal() else None
    payee = payee_for(seller.owner) if seller is not None else None
    if seller is None or payee is None:
        raise PaymentNotOffered(seller=seller.name if seller else "")
    if due.amount >= CEILING_VND:
        raise TooMuchForTransfer(most=str(Money(CEILING_VND - 1)))
    return open_intent(
        key=f"sale:{sale_id}:{due.amount}",
        payee_id=payee.id,
        due=due,
        kind="order",
        subject=sale_id,
        label=f"Đơn của {seller.name}",
        expires_at=clock.now() + timedelta(seconds=settings.UNPAID_HOLD_S),
    )


def ask_for_transfer(*, sale: Sale, due: Money) -> Intent:
    """The open payment of ``sale`` by VietQR for ``due``; one for another amount ends, unless money came for it.

    Its order is cancelled when no money comes in time. Raises PaymentNotOffered, TooMuchForTransfer.
    """
    with transaction.atomic():
        intent = find_intent("order", sale.pk)
        if intent is not None and intent.received_vnd == 0 and intent.due_vnd != due.amount:
            try:
                cancel_intent(intent_id=intent.id, reason="amount_changed", actor="system:sales")
                intent = None
            except IntentAlreadyPaid:
                intent = find_intent("order", sale.pk)
        if intent is None or intent.cancelled_at is not None:
            intent = reserve_transfer(sale_id=sale.pk, seller_id=str(sale.seller_id), due=due)
        hold = None if intent.received_vnd else intent.expires_at
        Sale.objects.filter(pk=sale.pk).update(payment=Payment.VIETQR, hold_until=hold)
    return intent


def note_settled(*, sale: Sale, order: Order, actor: str) -> None:
    """The shop has confirmed an order, or recorded its money: it does not expire any more. Safe to repeat.

    Confirmed without its money: its seller has taken it on. Fully paid by another way than its transfer: that one is not
    asked for any longer.
    """
    paid = order.charge_status in {"full", "overcharged"}
    with transaction.atomic():
        mine = Sale.objects.filter(pk=sale.pk, cancel_asked_at__isnull=True)
        if not paid and order.status in {"unfulfilled", "partially fulfilled", "fulfilled"}:
            if mine.filter(seen_by_seller_at__isnull=True).update(
                seen_by_seller_at=clock.now(), hold_until=None
            ):
                audit.record(actor, "sales.accept", f"sale:{sale.pk}")
                about = {"sale_id": sale.pk, "seller_id": str(sale.seller_id)}
                emit("sale_accepted", f"order:{order.id}", about)
        elif paid:
            mine.update(hold_until=None)
            intent = find_intent("order", sale.pk)
            if intent is not None and intent.cancelled_at is None:
                with suppress(IntentAlreadyPaid):
                    cancel_intent(intent_id=intent.id, reason="paid_otherwise", actor=actor)


def note_cancelled(*, order_id: str, actor: str) -> None:
    """The shop has cancelled an order: its payment ends too. Money that came stays with its payment, for a person."""
    with transaction.atomic():
        sale = Sale.objects.select_for_update().filter(order_id=order_id, cancelled_at__isnull=True).first()
        if sale is None:
            return
        intent = find_intent("order", sale.pk)
        if intent is not None and intent.cancelled_at is None:
            with suppress(IntentAlreadyPaid):
                cancel_intent(intent_id=intent.id, reason="order_cancelled", actor=actor)
        now = clock.now()
        Sale.objects.filter(pk=sale.pk).update(
            cancel_asked_at=sale.cancel_asked_at or now,
            cancelled_at=now,
            cancel_reason=sale.cancel_reason or "order_cancelled",
        )
        audit.record(actor, "sales.cancel", f"sale:{sale.pk}", reason="order_cancelled")
