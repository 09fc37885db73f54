"""Paying for an order that stands, when the engine's own storefront asks the market how."""

from __future__ import annotations

from backend.commerce.values import Order
from backend.common.errors import NotFound, TransitionRefused
from backend.common.money import Money
from backend.sales.adoption import adopt_order, ask_for_transfer, is_adopted
from backend.sales.delivery import terms_for
from backend.sales.errors import PaymentNotOffered
from backend.sales.models import Sale
from backend.sales.values import Payment
from payments.intents.queries import find_intent
from payments.intents.values import Intent
from payments.payees.queries import payee_for


def sale_of(order: Order) -> Sale | None:
    """The sale of ``order``, adopted now when another storefront placed it; None for an order of ours that is still
    being noted, and for one of a seller whom the market does not know."""
    seller = order.seller_id
    takes_cash = seller.isdecimal() and terms_for([int(seller)])[int(seller)].cash
    return adopt_order(order=order, payment=Payment.CASH if takes_cash else Payment.VIETQR)


def ways_to_pay(order: Order) -> tuple[Payment, ...]:
    """How ``order`` can be paid: by VietQR where its seller has an account, in cash where its seller takes it."""
    sale = sale_of(order)
    if sale is None:
        return ()
    has_account = payee_for(sale.seller.owner) is not None
    takes_cash = terms_for([sale.seller_id])[sale.seller_id].cash
    return tuple(way for way, there in ((Payment.VIETQR, has_account), (Payment.CASH, takes_cash)) if there)


def pay_by_transfer(order: Order) -> Intent:
    """What is to be paid for ``order`` by VietQR, asked for now when it was not yet. Repeats give the same.

    An order of our own pages keeps the way of paying that its buyer chose there.
    Raises NotFound (no sale, or not yet noted: try again), PaymentNotOffered, TooMuchForTransfer, TransitionRefused
    (cancelled).
    """
    sale = sale_of(order)
    if sale is None:
        raise NotFound()
    if sale.cancel_asked_at is not None or order.status == "canceled":
        raise TransitionRefused()
    intent = find_intent("order", sale.pk)
    if intent is not None and intent.cancelled_at is None:
        return intent
    left = order.total.amount - order.charged.amount
    if left <= 0 or (sale.payment == Payment.CASH and not is_adopted(sale)):
        raise PaymentNotOffered(seller=sale.seller.name)
    return ask_for_transfer(sale=sale, due=Money(left))


def check_cash(order: Order) -> None:
    """Return when ``order`` may be paid in cash as it changes hands.

    Raises NotFound, PaymentNotOffered (the seller takes no cash, or the buyer has chosen to transfer).
    """
    sale = sale_of(order)
    if sale is None:
        raise NotFound()
    if sale.payment != Payment.CASH or Payment.CASH not in ways_to_pay(order):
        raise PaymentNotOffered(seller=sale.seller.name)
