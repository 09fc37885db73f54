"""A checkout filled in step by step, as Saleor's buyers do it: goods, e-mail, addresses, way of delivery.

The rules of stock and price are those of ``buying``. Every step is one transaction that first claims the open
checkout, so that a checkout that is being completed is not changed any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import OuterRef, Subquery

from backend.commerce.drafts import MOST_LINES, MOST_PER_LINE
from backend.commerce.errors import BadQuantity, InsufficientStock, NotForSale, PriceChanged, ProductNotFound
from backend.commerce.values import Address, Delivery, LineDraft
from backend.common import clock
from backend.common.ids import new_id
from backend.engine import models, reading
from backend.engine.buying import claim_and_place
from backend.engine.errors import CheckoutNotFound, LineNotFound, OtherSeller
from backend.engine.keyed import merged_metadata

CHANGEABLE: Final = frozenset(
    {
        "user_ref",
        "email",
        "language",
        "shipping_address",
        "billing_address",
        "delivery_method",
        "delivery_name",
        "delivery_vnd",
        "metadata",
        "private_metadata",
    }
)

SellerName = Callable[[str], str]
"""The name of a seller by its id, for a refusal that people read; the engine knows no sellers."""


HasStopped = Callable[[str], bool]
"""Whether a seller, by its id, sells no more; its goods are then as goods that are not offered."""


def _plain(seller_id: str) -> str:
    return seller_id


def _never(seller_id: str) -> bool:
    del seller_id
    return False


def open_checkout(
    *,
    lines: Sequence[LineDraft] = (),
    seller_name: SellerName = _plain,
    has_stopped: HasStopped = _never,
    **fields: Any,
) -> str:
    """A new checkout with what is known of it so far; return its id.

    Raises BadQuantity, ProductNotFound, NotForSale, InsufficientStock, OtherSeller.
    """
    _check_fields(fields)
    wanted = _wanted(lines)
    now = clock.now()
    with transaction.atomic():
        goods = _look_at(wanted, "", seller_name, has_stopped)
        checkout = models.Checkout(
            id=new_id(),
            seller_id=next(iter(goods.values()))[0] if goods else "",
            created_at=now,
            updated_at=now,
            **fields,
        )
        checkout.save(force_insert=True)
        models.CheckoutLine.objects.bulk_create(
            models.CheckoutLine(
                checkout=checkout,
                variant_id=int(variant_id),
                quantity=quantity,
                shown_vnd=goods[variant_id][1],
            )
            for variant_id, quantity in wanted.items()
        )
    return checkout.pk


def add_lines(
    checkout_id: str,
    lines: Sequence[LineDraft],
    *,
    seller_name: SellerName = _plain,
    has_stopped: HasStopped = _never,
) -> None:
    """Put goods in; of goods that are already there as many more. Raises as open_checkout, CheckoutNotFound."""
    _fill(checkout_id, _wanted(lines), add=True, seller_name=seller_name, has_stopped=has_stopped)


def set_lines(
    checkout_id: str,
    *,
    by_line: Mapping[str, int] | None = None,
    by_variant: Mapping[str, int] | None = None,
    seller_name: SellerName = _plain,
    has_stopped: HasStopped = _never,
) -> None:
    """There are so many of these goods from now on, none of those with 0.

    Raises as add_lines, and LineNotFound for a line that is not in this checkout.
    """
    wanted = dict(by_variant or {})
    if by_line:
        known = {
            str(pk): str(variant_id)
            for pk, variant_id in models.CheckoutLine.objects.filter(checkout_id=checkout_id).values_list(
                "pk", "variant_id"
            )
        }
        for line_id, quantity in by_line.items():
            if line_id not in known:
                raise LineNotFound()
            wanted[known[line_id]] = quantity
    if any(not 0 <= quantity <= MOST_PER_LINE for quantity in wanted.values()):
        raise BadQuantity(most=MOST_PER_LINE)
    _fill(checkout_id, wanted, add=False, seller_name=seller_name, has_stopped=has_stopped)


def _fill(
    checkout_id: str,
    wanted: Mapping[str, int],
    *,
    add: bool,
    seller_name: SellerName,
    has_stopped: HasStopped,
) -> None:
    with transaction.atomic():
        seller_id = _claim(checkout_id)
        present = {
            str(variant_id): (pk, quantity)
            for pk, variant_id, quantity in models.CheckoutLine.objects.filter(
                checkout_id=checkout_id
            ).values_list("pk", "variant_id", "quantity")
        }
        final = {
            variant_id: quantity + (present[variant_id][1] if add and variant_id in present else 0)
            for variant_id, quantity in wanted.items()
        }
        gone = [present[each][0] for each, quantity in final.items() if quantity == 0 and each in present]
        final = {each: quantity for each, quantity in final.items() if quantity}
        if (
            any(quantity > MOST_PER_LINE for quantity in final.values())
            or len({*present, *final}) > MOST_LINES
        ):
            raise BadQuantity(most=MOST_PER_LINE)
        goods = _look_at(final, seller_id if len(present) > len(gone) else "", seller_name, has_stopped)
        if gone:
            models.CheckoutLine.objects.filter(pk__in=gone).delete()
        if goods:
            models.CheckoutLine.objects.bulk_create(
                [
                    models.CheckoutLine(
                        checkout_id=checkout_id,
                        variant_id=int(variant_id),
                        quantity=quantity,
                        shown_vnd=goods[variant_id][1],
                    )
                    for variant_id, quantity in final.items()
                ],
                update_conflicts=True,
                unique_fields=["checkout", "variant"],
                update_fields=["quantity", "shown_vnd"],
            )
        _set_seller(checkout_id, seller_id, next(iter(goods.values()))[0] if goods else "")


def remove_lines(checkout_id: str, line_ids: Sequence[str]) -> None:
    """Take lines out. Raises CheckoutNotFound, LineNotFound."""
    with transaction.atomic():
        seller_id = _claim(checkout_id)
        wanted = set(reading.row_ids(line_ids))
        found = models.CheckoutLine.objects.filter(checkout_id=checkout_id, pk__in=wanted)
        if len(wanted) != len(set(line_ids)) or found.count() != len(wanted):
            raise LineNotFound()
        found.delete()
        _set_seller(checkout_id, seller_id, "")


def _set_seller(checkout_id: str, before: str, now: str) -> None:
    """A checkout without goods belongs to nobody again; its way of delivery was its seller's."""
    if now and now != before:
        models.Checkout.objects.filter(pk=checkout_id).update(
            seller_id=now, delivery_method="", delivery_name="", delivery_vnd=0
        )
    elif not now and before and not models.CheckoutLine.objects.filter(checkout_id=checkout_id).exists():
        models.Checkout.objects.filter(pk=checkout_id).update(
            seller_id="", delivery_method="", delivery_name="", delivery_vnd=0
        )


def change_checkout(checkout_id: str, **fields: Any) -> None:
    """Write down more of what the buyer said. Raises CheckoutNotFound."""
    _check_fields(fields)
    if not models.Checkout.objects.filter(pk=checkout_id, completed_at__isnull=True).update(
        updated_at=clock.now(), **fields
    ):
        raise CheckoutNotFound()


def choose_delivery(checkout_id: str, delivery: Delivery | None, *, prices_differ: bool = True) -> None:
    """Deliver in this way. The buyer is shown the whole price with it, and so today's prices become the shown ones;
    ``prices_differ`` False says that they are already.

    Raises CheckoutNotFound.
    """
    fields = {
        "delivery_method": delivery.method if delivery else "",
        "delivery_name": delivery.name if delivery else "",
        "delivery_vnd": delivery.price.amount if delivery else 0,
    }
    if not prices_differ:
        change_checkout(checkout_id, **fields)
        return
    with transaction.atomic():
        change_checkout(checkout_id, **fields)
        note_shown_prices(checkout_id)


def note_shown_prices(checkout_id: str) -> None:
    """The buyer has been shown today's prices."""
    today = models.Variant.objects.filter(pk=OuterRef("variant_id")).values("price_vnd")
    models.CheckoutLine.objects.filter(checkout_id=checkout_id).update(shown_vnd=Subquery(today))


def place_order(
    *,
    checkout_id: str,
    address: Address,
    email: str,
    delivery: Delivery,
    metadata: Mapping[str, str],
    note: str,
    before: Callable[[], None] | None = None,
    after: Callable[[str], None] | None = None,
) -> str:
    """Make the checkout an order at the prices that the buyer was shown; return the order's id.

    ``before``, and ``after`` with the order's id, are done in the same transaction: what they raise undoes it all.

    A checkout that has already become an order gives that order. Raises PriceChanged (and shows the new prices from
    then on, so that who looks and asks again gets the goods), and as buying.claim_and_place.
    """
    try:
        with transaction.atomic(durable=True):
            if before is not None:
                before()
            order_id = claim_and_place(
                key=f"checkout:{checkout_id}",
                checkout_id=checkout_id,
                address=address,
                email=email,
                delivery=delivery,
                confirmed_total=None,
                note=note,
                metadata=dict(metadata),
            )
            if after is not None:
                after(order_id)
            return order_id
    except PriceChanged:
        models.Checkout.objects.filter(pk=checkout_id).update(delivery_vnd=delivery.price.amount)
        note_shown_prices(checkout_id)
        raise


def _claim(checkout_id: str) -> str:
    """The open checkout, held until the transaction ends; return its seller. Raises CheckoutNotFound."""
    open_one = models.Checkout.objects.filter(pk=checkout_id, completed_at__isnull=True)
    if not open_one.update(updated_at=clock.now()):
        raise CheckoutNotFound()
    return models.Checkout.objects.values_list("seller_id", flat=True).get(pk=checkout_id)


def _wanted(lines: Sequence[LineDraft]) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for line in lines:
        if line.quantity < 1:
            raise BadQuantity(most=MOST_PER_LINE)
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    if len(wanted) > MOST_LINES or any(quantity > MOST_PER_LINE for quantity in wanted.values()):
        raise BadQuantity(most=MOST_PER_LINE)
    return wanted


def _look_at(
    wanted: Mapping[str, int], seller_id: str, seller_name: SellerName, has_stopped: HasStopped
) -> dict[str, tuple[str, int]]:
    """Seller and price of each variant, all of which are for sale, there, and of one seller. One query."""
    if not wanted:
        return {}
    rows = {
        str(row[0]): row[1:]
        for row in models.Variant.objects.filter(pk__in=reading.row_ids(wanted)).values_list(
            "pk",
            "product__seller_id",
            "price_vnd",
            "product__name",
            "product__published",
            "withdrawn_at",
            "stock__quantity",
            "stock__quantity_allocated",
        )
    }
    found: dict[str, tuple[str, int]] = {}
    for variant_id, quantity in wanted.items():
        if variant_id not in rows:
            raise ProductNotFound()
        of_seller, price, name, published, withdrawn_at, pieces, held = rows[variant_id]
        if not published or withdrawn_at is not None or price is None:
            raise NotForSale(name=name, variant_id=variant_id)
        seller_id = seller_id or of_seller
        if of_seller != seller_id:
            raise OtherSeller(seller=seller_name(seller_id), variant_id=variant_id)
        if pieces - held < quantity:
            raise InsufficientStock(name=name, available=pieces - held, variant_id=variant_id)
        if not found and has_stopped(of_seller):
            raise NotForSale(name=name, variant_id=variant_id)
        found[variant_id] = (of_seller, price)
    return found


def _check_fields(fields: Mapping[str, Any]) -> None:
    unknown = set(fields) - CHANGEABLE
    if unknown:
        raise TypeError(f"A checkout has no {sorted(unknown)}.")


def change_metadata(
    checkout_id: str, *, private: bool, put: Mapping[str, str] | None = None, drop: Sequence[str] = ()
) -> None:
    """Keys and texts of the caller's own. Raises CheckoutNotFound, MetadataTooLong for what they would come to."""
    name = "private_metadata" if private else "metadata"
    with transaction.atomic():
        _claim(checkout_id)
        kept = models.Checkout.objects.values_list(name, flat=True).get(pk=checkout_id)
        changed = merged_metadata(kept, put, drop)
        models.Checkout.objects.filter(pk=checkout_id).update(**{name: changed})
