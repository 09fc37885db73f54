"""Verbs between a buyer and sellers. Placing an order holds its stock; money follows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Q, QuerySet, When
from django.utils.crypto import salted_hmac

from backend.accounts.models import Seller, User
from backend.commerce import shop
from backend.commerce.errors import (
    CannotCancel,
    CannotFulfillUnpaid,
    OrderTakenOn,
    ShopError,
    ShopUnavailable,
)
from backend.commerce.gate import check_open
from backend.commerce.values import Address, Delivery, FulfillLine, LineDraft, Order
from backend.common import audit, clock
from backend.common.errors import Invalid, MarketError, NotFound, TransitionRefused
from backend.common.locks import hold_names
from backend.common.money import Money, format_vnd
from backend.common.outbox import emit
from backend.places.models import Commune
from backend.sales.adoption import is_order_of
from backend.sales.basket import MOST_LINES, MOST_PIECES
from backend.sales.delivery import terms_for
from backend.sales.errors import (
    AlreadyAccepted,
    AlreadyHandedOver,
    BasketFull,
    DeliveryNotOffered,
    MoneyHasCome,
    NothingToBuy,
    NotPlacedInTime,
    PaymentNotOffered,
    TooManyOpenOrders,
    TooManyOpenOrdersFromAddress,
    TooManyOpenOrdersOfAccount,
    TooMuchForTransfer,
)
from backend.sales.models import DeliveryTerms, Purchase, Sale
from backend.sales.values import Payment
from payments.intents.errors import IntentAlreadyPaid
from payments.intents.queries import find_intent, intents_for
from payments.intents.services import cancel_intent, open_intent
from payments.payees.queries import payee_for
from payments.vietqr.encoder import CEILING_VND

log = logging.getLogger(__name__)

STALE: Final = timedelta(seconds=15)
"""A placing or cancelling that has not finished by then lost its process; the sweeper finishes it."""

FIRST_PAUSE: Final = timedelta(seconds=15)
LONGEST_PAUSE: Final = timedelta(hours=1)
"""Between two tries at something that fails: doubled each time, so that a fault of a minute is made good within two,
and one for good costs 24 lines of log in a day."""

NOT_PAID: Final = "not_paid_in_time"
NOT_ACCEPTED: Final = "not_accepted_in_time"
BY_BUYER: Final = "by_buyer"
OTHER_FAILED: Final = "other_seller_failed"
PURCHASE_GIVEN_UP: Final = "purchase_given_up"
"""The event of a purchase whose orders the shop did not answer in time."""
LOOKED_THROUGH: Final = 100
GIVES_WAY: Final = frozenset({NOT_PAID, NOT_ACCEPTED, BY_BUYER})
"""Reasons for which an order is cancelled only as long as nobody has taken it on."""

HANDED_OVER: Final = frozenset({"partially fulfilled", "fulfilled"})


@dataclass(frozen=True)
class Buyer:
    """Who buys and where the goods go."""

    name: str
    phone: str
    email: str
    commune: Commune
    street: str
    note: str = ""


@dataclass(frozen=True)
class Choice:
    """What the buyer confirmed for one seller: lines, way of delivery, way of payment, and the total that was shown."""

    seller_id: int
    lines: tuple[LineDraft, ...]
    delivery: str
    payment: str
    confirmed_total: Money


def set_terms(
    *,
    seller_id: int,
    courier_vnd: int | None,
    free_from_vnd: int | None,
    pickup: bool,
    cash: bool,
    actor: str = "system:setup",
) -> None:
    """State how a seller's goods change hands. Raises Invalid when no way is left."""
    if courier_vnd is None and not pickup:
        raise Invalid()
    with transaction.atomic():
        DeliveryTerms.objects.update_or_create(
            seller_id=seller_id,
            defaults={
                "courier_vnd": courier_vnd,
                "free_from_vnd": free_from_vnd,
                "pickup": pickup,
                "cash": cash,
            },
        )
        audit.record(
            actor, "sales.terms", f"seller:{seller_id}", courier_vnd=courier_vnd, pickup=pickup, cash=cash
        )


# --- buying -----------------------------------------------------------------------------------------------------------


def place_purchase(
    *,
    key: str,
    buyer: Buyer,
    choices: Sequence[Choice],
    user: User | None = None,
    language: str = "vi",
    visitor: str = "",
) -> Purchase:
    """Place one order per seller and open one payment for each; all of them, or none.

    ``key`` is made by the buyer's page: sending the form again gives the purchase of the first time. The price that the
    buyer confirmed is the price of the order: a change in between raises PriceChanged and nothing is ordered. When one
    seller cannot deliver (InsufficientStock, NotForSale …), the orders already placed are cancelled again and the
    buyer's basket stays as it is.

    ``visitor`` tells apart where buyers come from (any text, kept as a digest); programs leave it empty. Raises
    TooManyOpenOrders when too much of the market's stock is already held for this buyer, account or place.
    """
    known = Purchase.objects.filter(key=key).first()
    if known is None:
        known = _write_purchase(
            key=key, buyer=buyer, choices=choices, user=user, language=language, visitor=visitor
        )
    return finish_purchase(known)


def _write_purchase(
    *, key: str, buyer: Buyer, choices: Sequence[Choice], user: User | None, language: str, visitor: str
) -> Purchase:
    # Nothing is begun that could not be finished: the basket stays as it is, and so does the form.
    check_open()
    if not choices:
        raise NothingToBuy()
    if sum(len(choice.lines) for choice in choices) > MOST_LINES:
        raise BasketFull(most=MOST_LINES)
    sellers = Seller.objects.in_bulk([choice.seller_id for choice in choices])
    terms = terms_for(sellers)
    now = clock.now()
    purchase = Purchase(
        key=key,
        user=user,
        name=buyer.name,
        phone=buyer.phone,
        email=buyer.email,
        commune=buyer.commune,
        street=buyer.street,
        note=buyer.note,
        language=language,
        visitor=visitor_digest(visitor),
        created_at=now,
    )
    sales = []
    for choice in choices:
        seller = sellers.get(choice.seller_id)
        if seller is None or not seller.active or not choice.lines:
            raise NotFound()
        if any(not 1 <= line.quantity <= MOST_PIECES for line in choice.lines):
            raise Invalid()
        if choice.payment == Payment.VIETQR:
            if payee_for(seller.owner) is None:
                raise PaymentNotOffered(seller=seller.name)
            if choice.confirmed_total.amount >= CEILING_VND:
                raise TooMuchForTransfer(most=format_vnd(CEILING_VND - 1))
        elif choice.payment != Payment.CASH or not terms[seller.pk].cash:
            raise PaymentNotOffered(seller=seller.name)
        variants = shop().variants([line.variant_id for line in choice.lines])
        subtotal = Money(
            sum(
                variants[x.variant_id].price.amount * x.quantity
                for x in choice.lines
                if x.variant_id in variants
            )
        )
        ways = {way.method: way for way in terms[seller.pk].options(subtotal)}
        if choice.delivery not in ways:
            raise DeliveryNotOffered(seller=seller.name)
        way = ways[choice.delivery]
        sales.append(
            Sale(
                purchase=purchase,
                seller=seller,
                payment=choice.payment,
                delivery_method=way.method,
                delivery_name=way.name,
                delivery_vnd=way.price.amount,
                lines=[{"variant_id": line.variant_id, "quantity": line.quantity} for line in choice.lines],
                confirmed_vnd=choice.confirmed_total.amount,
                created_at=now,
            )
        )
    with transaction.atomic():
        _hold_open_orders(phone=buyer.phone, email=buyer.email, user=user, visitor=visitor)
        if not Purchase.objects.filter(key=key).exists():
            _check_open_orders(purchase, more=len(sales))
        # Two presses at once: the second finds the first one's row and goes on with it.
        Purchase.objects.bulk_create([purchase], ignore_conflicts=True)
        stored = Purchase.objects.get(key=key)
        if stored.pk == purchase.pk:
            Sale.objects.bulk_create(sales)
        return stored


def visitor_digest(visitor: str) -> str:
    """What is kept of where a buyer comes from: nobody reads an address out of it."""
    return salted_hmac("sales.visitor", visitor, algorithm="sha256").hexdigest()[:32] if visitor else ""


def check_room(*, phone: str, email: str, user: User | None, visitor: str) -> None:
    """Raise TooManyOpenOrders when one more order of this buyer would hold too much stock for nothing.

    For orders that are placed outside the market's pages; belongs inside the transaction that places it and notes its
    buyer (note_buyer), so that of two at once the second one counts the first.
    """
    _hold_open_orders(phone=phone, email=email, user=user, visitor=visitor)
    buyer = Purchase(user=user, phone=phone[:16], email=email, visitor=visitor_digest(visitor))
    _check_open_orders(buyer, more=1)


def _hold_open_orders(*, phone: str, email: str, user: User | None, visitor: str) -> None:
    whose = (phone or email, user.actor if user is not None else "", visitor)
    hold_names(*(f"open orders of {each}" for each in whose if each))


def _check_open_orders(purchase: Purchase, *, more: int) -> None:
    """Raise TooManyOpenOrders when ``more`` orders of this buyer would hold too much stock for nothing.

    Who is signed in is counted by account, a guest by phone number: else anybody could use up somebody's number and
    keep them from buying. One basket is always taken, over however many sellers (MOST_LINES bounds it).
    """
    mine: Q
    refusal: type[TooManyOpenOrders]
    if purchase.user_id is not None:
        mine, refusal = Q(user=purchase.user_id), TooManyOpenOrdersOfAccount
    elif purchase.phone:
        mine, refusal = Q(user=None, phone=purchase.phone), TooManyOpenOrders
    else:
        # Other storefronts ask for no phone number, but always for an e-mail address.
        mine, refusal = Q(user=None, phone="", email=purchase.email), TooManyOpenOrders
    limits = [(mine, settings.OPEN_ORDERS_PER_BUYER, refusal)]
    if purchase.visitor:
        here = Q(visitor=purchase.visitor)
        limits.append((here, settings.OPEN_ORDERS_PER_ADDRESS, TooManyOpenOrdersFromAddress))
    counts = _open_orders([whose for whose, _most, _refusal in limits])
    for count, (_whose, most, refusal) in zip(counts, limits, strict=True):
        if count and count + more > most:
            raise refusal(open=count, most=most, minutes=-(-settings.UNPAID_HOLD_S // 60))


def _longest_hold() -> timedelta:
    """No order placed earlier is still open; a day more, for a worker that stood still."""
    return timedelta(seconds=max(settings.UNPAID_HOLD_S, settings.CASH_HOLD_S), days=1)


def _open_orders(limits: Sequence[Q]) -> list[int]:
    """For each, how many orders hold stock that neither money nor a seller's word has made good."""
    # A purchase without a sale is an order that another storefront has placed and nobody has adopted yet.
    rows = Purchase.objects.filter(
        reduce(or_, limits),
        Q(sales__placed_at__isnull=True) | Q(sales__hold_until__isnull=False),
        created_at__gt=clock.now() - _longest_hold(),
        failed_at__isnull=True,
        sales__failed_at__isnull=True,
        sales__cancel_asked_at__isnull=True,
    ).values_list("sales__pk", *(Case(When(each, then=True), default=False) for each in limits))
    found = list(rows)
    intents = intents_for("order", [pk for pk, *_rest in found if pk is not None])
    held = [row[1:] for row in found if row[0] not in intents or intents[row[0]].received_vnd == 0]
    return [sum(row[place] for row in held) for place in range(len(limits))]


def forget_visitors() -> int:
    """Forget where purchases came from once that limits nothing any more; return how many."""
    old = Purchase.objects.filter(created_at__lt=clock.now() - _longest_hold()).exclude(visitor="")
    return old.update(visitor="")


def finish_purchase(purchase: Purchase) -> Purchase:
    """Place what is not yet placed; safe to repeat at any point, also by the sweeper after a crash.

    Raises the refusal of the shop after having taken everything back, and ShopUnavailable, with everything as it was.
    """
    sales = list(purchase.sales.select_related("seller").order_by("pk"))
    if purchase.failed_at is not None:
        raise _failure_of(sales)
    for sale in sales:
        if sale.placed_at is None:
            try:
                _place(purchase, sale)
            except ShopUnavailable:
                # Nobody knows whether the order stands. Nothing is taken back: the same keys, sent again by the buyer's
                # page or the sweeper, find it or place it; but not for ever, since somebody waits.
                if clock.now() < placing_until(purchase):
                    raise
                refusal = NotPlacedInTime()
                _take_back(purchase, sale, refusal)
                raise refusal from None
            except (ShopError, MarketError) as refusal:
                _take_back(purchase, sale, refusal)
                raise
    return purchase


def placing_until(purchase: Purchase) -> datetime:
    """Until when an unanswered order of this purchase is tried again."""
    return purchase.created_at + timedelta(seconds=settings.PLACING_S)


def _place(purchase: Purchase, sale: Sale) -> None:
    """The shop first, under keys made from the sale's id; then our own row and the payment in one transaction."""
    commune = purchase.commune
    address = Address(
        name=purchase.name,
        phone=purchase.phone,
        street=purchase.street,
        commune_code=commune.code,
        commune=str(commune),
        province_code=commune.province_id,
        province=str(commune.province),
    )
    checkout = shop().create_checkout(
        key=f"{sale.pk}:checkout",
        seller_id=str(sale.seller_id),
        lines=[LineDraft(line["variant_id"], line["quantity"]) for line in sale.lines],
    )
    order = shop().complete_checkout(
        key=f"{sale.pk}:complete",
        checkout_id=checkout.id,
        address=address,
        email=purchase.email,
        delivery=Delivery(sale.delivery_method, sale.delivery_name, Money(sale.delivery_vnd)),
        confirmed_total=Money(sale.confirmed_vnd),
        note=purchase.note,
        metadata={"sale": sale.pk, "payment": sale.payment},
    )
    try:
        _note_placed(sale, order)
    except MarketError:
        # The order stands in the shop but cannot be asked for: it must not hold its stock for ever.
        shop().cancel_order(key=f"{sale.pk}:cancel", order_id=order.id, reason="payment_not_opened")
        raise


def _note_placed(sale: Sale, order: Order) -> None:
    now = clock.now()
    by_transfer = sale.payment == Payment.VIETQR
    hold_until = now + timedelta(seconds=settings.UNPAID_HOLD_S if by_transfer else settings.CASH_HOLD_S)
    with transaction.atomic():
        placed = Sale.objects.filter(pk=sale.pk, placed_at__isnull=True).update(
            order_id=order.id, order_number=order.number, placed_at=now, hold_until=hold_until
        )
        if placed and by_transfer:
            payee = payee_for(sale.seller.owner)
            if payee is None:
                raise PaymentNotOffered(seller=sale.seller.name)
            open_intent(
                key=f"sale:{sale.pk}",
                payee_id=payee.id,
                due=order.total,
                kind="order",
                subject=sale.pk,
                label=f"Đơn {order.number}",
                expires_at=hold_until,
            )
    sale.refresh_from_db()


def _take_back(purchase: Purchase, failed: Sale, refusal: MarketError) -> None:
    """One seller cannot deliver, so nothing is ordered: free what the others already hold."""
    now = clock.now()
    with transaction.atomic():
        Sale.objects.filter(pk=failed.pk).update(
            failed_at=now,
            failure={"class": type(refusal).__name__, "code": refusal.code, "message": str(refusal)},
        )
        given_up = Purchase.objects.filter(pk=purchase.pk, failed_at__isnull=True).update(failed_at=now)
        if given_up and isinstance(refusal, NotPlacedInTime):
            emit(PURCHASE_GIVEN_UP, f"purchase:{purchase.pk}", {"purchase_id": purchase.pk})
            audit.record("system:sales", "sales.given_up", f"purchase:{purchase.pk}")
    for sale in purchase.sales.filter(placed_at__isnull=False):
        # Where the shop does not answer now, the sweeper goes on.
        with suppress(ShopUnavailable):
            ask_to_cancel(sale_id=sale.pk, reason=OTHER_FAILED, actor="system:sales")


def _failure_of(sales: Sequence[Sale]) -> MarketError:
    for sale in sales:
        if sale.failure:
            return FailedBefore(sale.failure)
    return Invalid()


class FailedBefore(MarketError):
    """The same form was sent again after it had been refused: the same refusal."""

    status = 409

    def __init__(self, failure: dict[str, Any]) -> None:
        super().__init__()
        self.code = failure["code"]  # type: ignore[misc]
        self._message = failure["message"]

    def __str__(self) -> str:
        return str(self._message)


# --- cancelling -------------------------------------------------------------------------------------------------------


def ask_to_cancel(*, sale_id: str, reason: str, actor: str, unless_accepted: bool = False) -> Sale:
    """Cancel a sale whose money has not come: end its payment, then its order, and free its stock.

    The payment decides races: once it is cancelled no arriving money counts as payment of this order (it is recorded as
    late, for a person), and once money has arrived it cannot be cancelled. ``unless_accepted``: nor once its seller has
    taken it on, whoever of the two was first. Raises MoneyHasCome, AlreadyAccepted, AlreadyHandedOver.
    """
    known = Sale.objects.filter(pk=sale_id).exclude(order_id=None).first()
    if known is not None:
        # Asked first, so that no payment is ended in vain; it decides nothing, since the shop does not stand still. What
        # decides is our row under its lock, and then the shop's own, where the order is held.
        order = _order_of(known)
        if order.status in HANDED_OVER:
            raise AlreadyHandedOver()
        if unless_accepted:
            # Its seller may have confirmed it, or taken its money, at the shop's own door.
            if order.charged.amount > 0:
                raise MoneyHasCome()
            if order.status not in {"unconfirmed", "canceled"}:
                raise AlreadyAccepted()
    with transaction.atomic():
        sale = Sale.objects.select_for_update().filter(pk=sale_id).first()
        if sale is None or sale.placed_at is None:
            raise NotFound()
        if sale.cancel_asked_at is None:
            if unless_accepted and sale.seen_by_seller_at is not None:
                raise AlreadyAccepted()
            intent = find_intent("order", sale.pk)
            if intent is not None:
                try:
                    ended = cancel_intent(intent_id=intent.id, reason=reason, actor=actor)
                except IntentAlreadyPaid:
                    raise MoneyHasCome() from None
                if ended.received_vnd > 0:
                    # Paid in part: raising undoes the cancelling, and a person decides.
                    raise MoneyHasCome()
            Sale.objects.filter(pk=sale.pk).update(cancel_asked_at=clock.now(), cancel_reason=reason)
            audit.record(actor, "sales.cancel", f"sale:{sale.pk}", reason=reason)
    return finish_cancel(sale_id=sale_id)


def finish_cancel(*, sale_id: str) -> Sale:
    """Tell the shop about a cancellation that is already decided here; safe to repeat.

    A shop that has handed goods over meanwhile does not cancel, nor one where the order was confirmed or paid, when the
    reason gives way to that: then the decision is taken back, so that the sale is shown for what it is.
    Raises AlreadyHandedOver, AlreadyAccepted, MoneyHasCome.
    """
    sale = Sale.objects.get(pk=sale_id)
    if sale.cancelled_at is None and sale.cancel_asked_at is not None and sale.order_id:
        try:
            shop().cancel_order(
                key=f"{sale.pk}:cancel",
                order_id=sale.order_id,
                reason=sale.cancel_reason,
                unless_taken_on=sale.cancel_reason in GIVES_WAY,
            )
        except CannotCancel as refusal:
            with transaction.atomic():
                Sale.objects.filter(pk=sale.pk).update(
                    cancel_asked_at=None, cancel_reason="", hold_until=None
                )
                audit.record("system:sales", "sales.cancel_refused", f"sale:{sale.pk}")
            if not isinstance(refusal, OrderTakenOn):
                raise AlreadyHandedOver() from None
            if _order_of(sale).charged.amount > 0:
                raise MoneyHasCome() from None
            raise AlreadyAccepted() from None
        Sale.objects.filter(pk=sale.pk).update(cancelled_at=clock.now())
        sale.refresh_from_db()
    return sale


def cancel_unpaid(*, limit: int = 100) -> int:
    """Cancel the sales whose time is over: no đồng has come, or by no word of the seller; return how many.

    A sale that was paid in part keeps its stock and waits for a person: the buyer's money is with the seller.
    """
    due = Sale.objects.filter(
        hold_until__lt=clock.now(),
        cancelled_at__isnull=True,
        cancel_asked_at__isnull=True,
        placed_at__isnull=False,
    )

    def expire(sale: Sale) -> bool:
        try:
            ask_to_cancel(
                sale_id=sale.pk,
                reason=NOT_ACCEPTED if sale.payment == Payment.CASH else NOT_PAID,
                actor="system:expiry",
                unless_accepted=True,
            )
        except (MoneyHasCome, AlreadyAccepted, AlreadyHandedOver):
            # Paid, at least in part, taken on, or gone: nothing to expire any more.
            Sale.objects.filter(pk=sale.pk).update(hold_until=None)
            return False
        return True

    return _each(due.order_by("hold_until"), expire, limit=limit)


def sweep() -> int:
    """Finish what a lost process left half done: placings and cancellations; return how many."""
    before = clock.now() - STALE
    halves = Purchase.objects.filter(
        failed_at__isnull=True, created_at__lt=before, sales__isnull=False, sales__placed_at__isnull=True
    ).distinct()

    def finish(purchase: Purchase) -> bool:
        finish_purchase(purchase)
        return True

    asked = Sale.objects.filter(cancel_asked_at__lt=before, cancelled_at__isnull=True)

    def finish_cancelling(sale: Sale) -> bool:
        finish_cancel(sale_id=sale.pk)
        return True

    failed = Sale.objects.filter(
        purchase__failed_at__lt=before, placed_at__isnull=False, cancel_asked_at__isnull=True
    )

    def take_back(sale: Sale) -> bool:
        ask_to_cancel(sale_id=sale.pk, reason=OTHER_FAILED, actor="system:sales")
        return True

    unknown = Sale.objects.select_related("purchase").filter(
        failed_at__lt=before,
        order_id__isnull=True,
        cancelled_at__isnull=True,
        failure__code=NotPlacedInTime.code,
    )

    return (
        _each(halves.order_by("created_at"), finish)
        + _each(asked.order_by("cancel_asked_at"), finish_cancelling)
        # One that has been paid meanwhile is refused for good: its seller sees money and order disagree, and looks.
        + _each(failed.order_by("pk"), take_back)
        + _each(unknown.order_by("pk"), _cancel_unanswered)
    )


def _cancel_unanswered(sale: Sale) -> bool:
    """A sale that was given up without an answer: the shop may have placed its order all the same. Looked for once the
    shop answers again, among its seller's newest orders; nothing of it is left afterwards."""
    page = shop().orders_page(seller_id=str(sale.seller_id), limit=LOOKED_THROUGH)
    for order in page.items:
        if order.created_at >= sale.created_at - timedelta(minutes=5) and is_order_of(order, sale):
            shop().cancel_order(key=f"{sale.pk}:cancel", order_id=order.id, reason=OTHER_FAILED)
    Sale.objects.filter(pk=sale.pk).update(cancelled_at=clock.now())
    return True


R = TypeVar("R", Purchase, Sale)


def _each(rows: QuerySet[R], act: Callable[[R], bool], *, limit: int = 50) -> int:
    """``act`` on the first ``limit`` of ``rows`` whose time for a try has come; return how many times it was true.

    What goes wrong with one row is that row's trouble: it waits, longer each time, and holds up no other.
    """
    now = clock.now()
    done = 0
    for row in list(rows.filter(Q(next_try_at__isnull=True) | Q(next_try_at__lte=now))[:limit]):
        try:
            done += act(row)
        except Exception as trouble:
            pause = min(FIRST_PAUSE * 2 ** min(row.tries, 16), LONGEST_PAUSE)
            type(row).objects.filter(pk=row.pk).update(
                tries=min(row.tries + 1, 1000), next_try_at=now + pause
            )
            if isinstance(trouble, MarketError):
                log.warning("%s %s: %s", row._meta.model_name, row.pk, trouble.code)
            else:
                log.exception("%s %s", row._meta.model_name, row.pk)
    return done


# --- selling ----------------------------------------------------------------------------------------------------------


def accept(*, sale: Sale, actor: str) -> Order:
    """The seller takes the order on. A transfer order is accepted by its money; by hand only orders paid in cash.

    Raises CannotFulfillUnpaid (a transfer order whose money has not come), TransitionRefused (cancelled).
    """
    order = _order_of(sale)
    if order.status == "canceled" or sale.cancel_asked_at is not None:
        raise TransitionRefused()
    if order.status == "unconfirmed" and sale.payment != Payment.CASH:
        intent = find_intent("order", sale.pk)
        if intent is None or intent.outstanding_vnd > 0:
            raise CannotFulfillUnpaid()
    _take_on(sale, order, actor=actor)
    if order.status == "unconfirmed":
        order = shop().confirm_order(key=f"{sale.pk}:confirm", order_id=order.id)
    return order


def _take_on(sale: Sale, order: Order, *, actor: str) -> None:
    """Write down that the seller has taken the order on, so that it no longer expires. Our row decides, before the shop
    is told: a cancelling at the same moment is either before, and then refuses this, or after, and then is refused.

    A repeat changes nothing. Raises TransitionRefused (cancelled).
    """
    with transaction.atomic():
        fresh = Sale.objects.filter(pk=sale.pk, cancel_asked_at__isnull=True, seen_by_seller_at__isnull=True)
        if fresh.update(seen_by_seller_at=clock.now(), hold_until=None):
            audit.record(actor, "sales.accept", f"sale:{sale.pk}")
            emit("sale_accepted", f"order:{order.id}", {"sale_id": sale.pk, "seller_id": str(sale.seller_id)})
        elif Sale.objects.filter(pk=sale.pk, cancel_asked_at__isnull=False).exists():
            raise TransitionRefused()


def hand_over(*, sale: Sale, actor: str) -> Order:
    """Everything that is left changes hands. A transfer order must be fully paid; cash is received at this moment.

    Safe to repeat: one that was killed between the hand-over and the cash goes on with the cash.
    Raises CannotFulfillUnpaid, TransitionRefused (cancelled).
    """
    order = _order_of(sale)
    cash = sale.payment == Payment.CASH
    changed = False
    if order.status != "fulfilled":
        rest = [
            FulfillLine(line.id, line.quantity - line.quantity_fulfilled)
            for line in order.lines
            if line.quantity > line.quantity_fulfilled
        ]
        if cash:
            _take_on(sale, order, actor=actor)
        if order.status == "unconfirmed" and cash:
            shop().confirm_order(key=f"{sale.pk}:confirm", order_id=order.id)
        order = shop().fulfill_order(
            key=f"{sale.pk}:fulfill", order_id=order.id, lines=rest, allow_unpaid=cash
        )
        changed = True
    if cash and order.charged < order.total:
        order = book_cash(sale=sale, order=order)
        changed = True
    if changed:
        with transaction.atomic():
            # Of an order that was never taken on but handed over at once, nothing waits for its seller any more.
            Sale.objects.filter(pk=sale.pk, seen_by_seller_at__isnull=True).update(
                seen_by_seller_at=clock.now(), hold_until=None
            )
            audit.record(actor, "sales.hand_over", f"sale:{sale.pk}", cash=cash)
    return order


def book_cash(*, sale: Sale, order: Order) -> Order:
    """The rest of an order in cash has reached its seller as the goods changed hands. Counted once."""
    return shop().report_charge(
        key=f"{sale.pk}:cash",
        order_id=order.id,
        amount=order.total - order.charged,
        psp_reference=f"cash:{sale.pk}",
    )


def _order_of(sale: Sale) -> Order:
    order = shop().find_order(sale.order_id) if sale.order_id else None
    if order is None:
        raise NotFound()
    return order
