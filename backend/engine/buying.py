"""From a basket to an order that holds its stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from django.db.models import F

from backend.commerce import events
from backend.commerce.drafts import MOST_LINES, MOST_NOTE, MOST_PER_LINE
from backend.commerce.errors import (
    BadQuantity,
    EmptyCheckout,
    InsufficientStock,
    NotForSale,
    OrderNotFound,
    PriceChanged,
    ProductNotFound,
)
from backend.commerce.values import ORDER_STATES, Address, Checkout, Delivery, LineDraft, Order, size_of
from backend.common import clock
from backend.common.errors import Invalid
from backend.common.idempotency import once
from backend.common.ids import new_id
from backend.common.money import Money
from backend.engine import models, reading
from backend.engine.events import note as audit
from backend.engine.events import tell_order
from backend.engine.images import file_name
from backend.engine.transactions import settle_order

_FROM_CHECKOUT: Final = (
    "seller_id",
    "delivery_vnd",
    "email",
    "user_ref",
    "language",
    "shipping_address",
    "billing_address",
    "metadata",
    "private_metadata",
)
"""What an order takes over from its checkout."""


def create_checkout(*, key: str, seller_id: str, lines: Sequence[LineDraft]) -> Checkout:
    """A checkout of one seller's goods at today's prices; lines of the same variant become one. Nothing is
    held yet.

    Raises EmptyCheckout, BadQuantity, ProductNotFound (also for another seller's goods), NotForSale,
    InsufficientStock.
    """
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    if not wanted:
        raise EmptyCheckout()
    if len(wanted) > MOST_LINES or any(not 1 <= quantity <= MOST_PER_LINE for quantity in wanted.values()):
        raise BadQuantity(most=MOST_PER_LINE)

    def do() -> str:
        rows = {
            str(row[0]): row
            for row in models.Variant.objects.filter(
                pk__in=reading.row_ids(wanted), product__seller_id=seller_id
            ).values_list(
                "pk",
                "product__name",
                "product__published",
                "withdrawn_at",
                "stock__quantity",
                "stock__quantity_allocated",
            )
        }
        for variant_id, quantity in wanted.items():
            if variant_id not in rows:
                raise ProductNotFound()
            _, name, published, withdrawn_at, pieces, held = rows[variant_id]
            if not published or withdrawn_at is not None:
                raise NotForSale(name=name)
            if pieces - held < quantity:
                raise InsufficientStock(name=name, available=pieces - held, variant_id=variant_id)
        checkout_id = new_id()
        models.Checkout.objects.create(id=checkout_id, seller_id=seller_id, created_at=clock.now())
        models.CheckoutLine.objects.bulk_create(
            models.CheckoutLine(checkout_id=checkout_id, variant_id=int(variant_id), quantity=quantity)
            for variant_id, quantity in wanted.items()
        )
        return checkout_id

    inputs = {"seller_id": seller_id, "lines": [asdict(line) for line in lines]}
    checkout_id = once(key=key, method="create_checkout", inputs=inputs, do=do)
    checkout = reading.checkout(checkout_id, open_only=False)
    if checkout is None:
        raise EmptyCheckout()
    return checkout


def complete_checkout(
    *,
    key: str,
    checkout_id: str,
    address: Address,
    email: str,
    delivery: Delivery,
    confirmed_total: Money,
    note: str,
    metadata: dict[str, str],
) -> Order:
    """Place the order: all of its stock is held and all of its prices are copied, or nothing happened.

    A checkout that has already become an order gives that order.
    Raises EmptyCheckout (no such checkout), NotForSale, PriceChanged, InsufficientStock, Invalid.
    """
    inputs = {
        "checkout_id": checkout_id,
        "address": asdict(address),
        "email": email,
        "delivery": asdict(delivery),
        "confirmed_total": asdict(confirmed_total),
        "note": note,
        "metadata": metadata,
    }

    def do() -> str:
        return claim_and_place(
            key=key,
            checkout_id=checkout_id,
            address=address,
            email=email,
            delivery=delivery,
            confirmed_total=confirmed_total,
            note=note,
            metadata=metadata,
        )

    order = reading.find_order(once(key=key, method="complete_checkout", inputs=inputs, do=do))
    if order is None:
        raise OrderNotFound()
    return order


def claim_and_place(
    *,
    key: str,
    checkout_id: str,
    address: Address,
    email: str,
    delivery: Delivery,
    confirmed_total: Money | None,
    note: str,
    metadata: dict[str, str],
) -> str:
    """The id of the order that this checkout is, or becomes now; inside the caller's transaction.

    ``confirmed_total`` None: the buyer confirmed what the checkout has last shown. Raises as complete_checkout.
    """
    if len(note) > MOST_NOTE or delivery.price < Money(0):
        raise Invalid()
    now = clock.now()
    # The claim comes first: of two callers the second waits here for the first (row lock on PostgreSQL,
    # write lock on SQLite) and then finds its order.
    claimed = models.Checkout.objects.filter(pk=checkout_id, completed_at__isnull=True).update(
        completed_at=now
    )
    if not claimed:
        placed = models.Order.objects.filter(checkout_key=checkout_id).values_list("key", flat=True).first()
        if placed is None:
            raise EmptyCheckout()
        return placed
    order = _place(
        checkout_id=checkout_id,
        address=address,
        email=email,
        delivery=delivery,
        confirmed_total=confirmed_total,
        note=note,
        metadata=metadata,
    )
    audit(key, "order.placed", f"order:{order.key}", total_vnd=order.total_vnd)
    return order.key


def _place(
    *,
    checkout_id: str,
    address: Address,
    email: str,
    delivery: Delivery,
    confirmed_total: Money | None,
    note: str,
    metadata: dict[str, str],
) -> models.Order:
    now = clock.now()
    # In the order of variants: two orders for the same goods then take their stock in the same order and
    # cannot block one another for ever.
    rows = list(
        models.CheckoutLine.objects.filter(checkout_id=checkout_id)
        .order_by("variant_id")
        .values_list(
            "variant_id",
            "quantity",
            "variant__product_id",
            "variant__product__name",
            "variant__product__published",
            "variant__withdrawn_at",
            "variant__unit",
            "variant__sku",
            "variant__price_vnd",
            "shown_vnd",
            *(f"checkout__{name}" for name in _FROM_CHECKOUT),
            "variant__name",
        )
    )
    if not rows:
        raise EmptyCheckout()
    checkout = dict(zip(_FROM_CHECKOUT, rows[0][10:-1], strict=True))
    for row in rows:
        if not row[4] or row[5] is not None:
            raise NotForSale(name=row[3], variant_id=str(row[0]))
    subtotal = sum(row[1] * row[8] for row in rows)
    total_vnd = subtotal + delivery.price.amount
    if confirmed_total is None:
        shown = sum(row[1] * (row[8] if row[9] is None else row[9]) for row in rows)
        confirmed_total = Money(shown + checkout["delivery_vnd"])
    if Money(total_vnd) != confirmed_total:
        raise PriceChanged(total=Money(total_vnd))
    for row in rows:
        hold_stock(variant_id=row[0], quantity=row[1], name=row[3])
    covers = _covers([row[2] for row in rows])
    payments = list(
        models.Transaction.objects.filter(checkout_id=checkout_id).values_list(
            "charged_vnd", "authorized_vnd"
        )
    )
    order = models.Order.objects.create(
        key=new_id(),
        checkout_key=checkout_id,
        seller_id=checkout["seller_id"],
        status=ORDER_STATES.initial,
        charge_status="none",
        name=address.name,
        phone=address.phone,
        street=address.street,
        commune_code=address.commune_code,
        commune=address.commune,
        province_code=address.province_code,
        province=address.province,
        email=email,
        delivery_method=delivery.method,
        delivery_name=delivery.name,
        delivery_vnd=delivery.price.amount,
        note=note,
        subtotal_vnd=subtotal,
        total_vnd=total_vnd,
        authorized_vnd=sum(authorized for _, authorized in payments),
        metadata={**checkout["metadata"], **metadata},
        private_metadata=checkout["private_metadata"],
        user_ref=checkout["user_ref"],
        language=checkout["language"],
        shipping_address=checkout["shipping_address"],
        billing_address=checkout["billing_address"],
        created_at=now,
        updated_at=now,
    )
    models.OrderLine.objects.bulk_create(
        models.OrderLine(
            order=order,
            variant_id=row[0],
            product_id=row[2],
            product_name=row[3],
            unit=size_of(name=row[-1], unit=row[6])[:60],
            sku=row[7],
            image=covers.get(row[2], ""),
            quantity=row[1],
            unit_price_vnd=row[8],
            total_vnd=row[1] * row[8],
        )
        for row in rows
    )
    tell_order([events.ORDER_CREATED], order, stock_of={row[2] for row in rows})
    if checkout["email"] or checkout["shipping_address"] or checkout["billing_address"]:
        # Who buys is the order's from here on; the checkout keeps nothing of it.
        models.Checkout.objects.filter(pk=checkout_id).update(
            email="", shipping_address=None, billing_address=None
        )
    if payments:
        models.Transaction.objects.filter(checkout_id=checkout_id).update(order=order, checkout=None)
        if any(charged for charged, _ in payments):
            settle_order(order, key=f"checkout:{checkout_id}")
    return order


def hold_stock(*, variant_id: int, quantity: int, name: str) -> None:
    """Hold ``quantity`` pieces for an order, or raise InsufficientStock. Never reads first: the UPDATE itself
    decides."""
    held = models.Stock.objects.filter(
        variant_id=variant_id, quantity__gte=F("quantity_allocated") + quantity
    ).update(quantity_allocated=F("quantity_allocated") + quantity)
    if held != 1:
        left = (
            models.Stock.objects.filter(variant_id=variant_id)
            .values_list(F("quantity") - F("quantity_allocated"), flat=True)
            .first()
        )
        raise InsufficientStock(name=name, available=left or 0, variant_id=str(variant_id))


def _covers(product_ids: Sequence[int]) -> dict[int, str]:
    """The file of the first photograph of each product, in its smallest width."""
    rows = models.ProductImage.objects.filter(product_id__in=product_ids).order_by("position", "pk")
    covers: dict[int, str] = {}
    for product_id, stem, widths in rows.values_list("product_id", "stem", "widths"):
        covers.setdefault(product_id, file_name(stem, min(widths)))
    return covers
