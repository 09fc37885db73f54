"""Checkouts as the dialect shows them: rows, what is read together, and what follows from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from django.conf import settings

from backend.api.saleor.context import Context, Requestor
from backend.api.saleor.ids import to_global
from backend.api.saleor.rows import MoneyRow
from backend.commerce.naming import DELIVERY, DEMO_GATEWAY, GATEWAY, NOTE, TYPED_BEFORE
from backend.commerce.values import Delivery
from backend.common.money import Money
from backend.engine import details
from backend.engine.details import CheckoutData, CheckoutLineData, TransactionData
from backend.sales.delivery import Terms, terms_for

OPEN_TO: Final = ("MANAGE_CHECKOUTS", "HANDLE_CHECKOUTS", "MANAGE_ORDERS")
"""Programs that see whose checkout it is."""


def load_checkouts(context: Context, ids: list[str]) -> dict[str, CheckoutData]:
    """For context.loader."""
    del context
    return details.checkouts(ids)


def load_lines(context: Context, ids: list[str]) -> dict[str, list[CheckoutLineData]]:
    """For context.loader."""
    del context
    return details.checkout_lines(ids)


def load_transactions(context: Context, ids: list[str]) -> dict[str, list[TransactionData]]:
    """For context.loader."""
    del context
    return details.transactions_of_checkouts(ids)


def load_terms(context: Context, seller_ids: list[str]) -> dict[str, Terms]:
    """For context.loader: the delivery terms of sellers by their ids as text."""
    del context
    known = terms_for([int(each) for each in seller_ids if each.isdecimal()])
    return {each: known.get(int(each), Terms()) if each.isdecimal() else Terms() for each in seller_ids}


def terms_of(context: Context, seller_id: str) -> Terms:
    """A seller's terms, read once per request."""
    return context.loader(load_terms).get(seller_id) or Terms()


@dataclass(frozen=True, slots=True)
class CheckoutRow:
    """A checkout and who looks at it. ``given``: what its own payload has just been told is shown as it was given."""

    KIND: ClassVar = "Checkout"
    GUARD: ClassVar = OPEN_TO

    data: CheckoutData
    clear: bool
    """Whether personal data is shown: to its owner and to programs."""
    just_sent: frozenset[str] = frozenset()
    """What is shown all the same, in the answer to who has just sent it."""
    hidden: frozenset[str] = frozenset()
    """What is not shown even to the owner, who did not type it."""

    def shows(self, name: str) -> bool:
        """Whether ``email``, ``shipping_address``, ``billing_address`` or ``note`` is shown as it was given."""
        return name in self.just_sent or (self.clear and name not in self.hidden)

    @property
    def key(self) -> str:
        return self.data.id

    @property
    def seller_id(self) -> str:
        return self.data.seller_id

    @property
    def metadata(self) -> Mapping[str, str]:
        return shown_metadata(self.data.metadata, clear=self.shows("note"))

    @property
    def private_metadata(self) -> Mapping[str, str]:
        return self.data.private_metadata


def shown_metadata(metadata: Mapping[str, str], *, clear: bool) -> Mapping[str, str]:
    """Metadata for who looks: what a buyer wrote to the seller is for those two."""
    return metadata if clear else {key: text for key, text in metadata.items() if key != NOTE}


def find(context: Context, key: str, *, clear: bool = False) -> CheckoutRow | None:
    """The open checkout of this key; None also for one that has become an order."""
    data = context.loader(load_checkouts).get(key) if key else None
    if data is None or data.completed:
        return None
    if clear:
        return CheckoutRow(data, True)
    seen = sees_person(context.requestor, data.user_ref, data.seller_id)
    return CheckoutRow(
        data, seen, hidden=hidden_from(context.requestor, data.seller_id, data.private_metadata)
    )


def typed_before(private_metadata: Mapping[str, str]) -> frozenset[str]:
    """What stood in a checkout when a person took it over, and so may be somebody else's."""
    return frozenset(private_metadata.get(TYPED_BEFORE, "").split())


def hidden_from(requestor: Requestor, seller_id: str, private_metadata: Mapping[str, str]) -> frozenset[str]:
    """What of a checkout or its order its owner is not shown. Who serves orders sees all of it."""
    names = typed_before(private_metadata)
    return frozenset() if names and _serves(requestor, seller_id) else names


def _serves(requestor: Requestor, seller_id: str) -> bool:
    return bool(seller_id or requestor.app) and requestor.may(*OPEN_TO) and requestor.reaches(seller_id)


def sees_person(requestor: Requestor, user_ref: str, seller_id: str) -> bool:
    """Whether who asks may see the person: the person, the seller's people, and programs that serve orders."""
    if requestor.user is not None and user_ref and str(requestor.user.pk) == user_ref:
        return True
    return _serves(requestor, seller_id)


def lines_of(context: Context, key: str) -> list[CheckoutLineData]:
    """The lines of a checkout, read once per request."""
    return list(context.loader(load_lines).get(key) or [])


def subtotal(context: Context, key: str) -> int:
    """What the goods cost today."""
    return sum(line.quantity * line.price_vnd for line in lines_of(context, key))


def options(context: Context, data: CheckoutData) -> tuple[Delivery, ...]:
    """The ways in which this checkout's goods can change hands: its seller's terms, or the one that a program which may
    write private metadata has set."""
    if not data.seller_id:
        return ()
    stated = _stated(data.private_metadata.get(DELIVERY, ""))
    if stated is not None:
        return (stated,)
    return terms_of(context, data.seller_id).options(Money(subtotal(context, data.id)))


def _stated(text: str) -> Delivery | None:
    try:
        found = json.loads(text)
        return Delivery(str(found["method"]), str(found["name"]), Money(int(found["price"])))
    except (ValueError, KeyError, TypeError):
        return None


def chosen(context: Context, data: CheckoutData) -> Delivery | None:
    """The way that was chosen, at today's price; None where none was, or it is offered no more."""
    if not data.delivery_method:
        return None
    return next((each for each in options(context, data) if each.method == data.delivery_method), None)


def total(context: Context, data: CheckoutData) -> int:
    """Goods and delivery today."""
    way = chosen(context, data)
    return subtotal(context, data.id) + (way.price.amount if way else 0)


@dataclass(frozen=True, slots=True)
class MethodRow:
    """ShippingMethod."""

    GUARD: ClassVar = ("MANAGE_SHIPPING",)

    id: str
    name: str
    price: MoneyRow
    active: bool = True
    message: str = ""
    type: str = "PRICE"
    description: None = None
    minimum_delivery_days: None = None
    maximum_delivery_days: None = None
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)


def method_row(way: Delivery) -> MethodRow:
    """A way of delivery; its id is the same wherever it is offered."""
    return MethodRow(
        to_global("ShippingMethod", way.method),
        way.name,
        MoneyRow(way.price.amount),
        metadata={DELIVERY: way.method},
    )


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """Delivery: a way of delivery of one checkout."""

    id: str
    shipping_method: MethodRow


def delivery_row(data: CheckoutData, way: Delivery) -> DeliveryRow:
    """A delivery's id names the checkout and the way."""
    return DeliveryRow(delivery_id(data.id, way.method), method_row(way))


def delivery_id(key: str, method: str) -> str:
    """``CheckoutDelivery:<uuid>.<method>``."""
    from backend.api.saleor.keys import uuid_of

    return to_global("CheckoutDelivery", f"{uuid_of(key)}.{method}")


@dataclass(frozen=True, slots=True)
class GatewayRow:
    """PaymentGateway."""

    id: str
    name: str
    currencies: tuple[str, ...] = ("VND",)
    config: tuple[Any, ...] = ()


def gateways() -> list[GatewayRow]:
    """The market's own; in the demo also the id that public storefronts know, standing for cash."""
    found = [GatewayRow(GATEWAY, "Chợ Xã: VietQR, tiền mặt")]
    if settings.DEMO:
        found.append(GatewayRow(DEMO_GATEWAY, "Tiền mặt khi nhận hàng"))
    return found


@dataclass(frozen=True, slots=True)
class Sums:
    """What the payments of a checkout add up to. Money on its way counts, as on Saleor."""

    charged: int
    charge_pending: int
    authorized: int
    authorize_pending: int


def sums(context: Context, key: str) -> Sums:
    """Read once per request."""
    rows = context.loader(load_transactions).get(key) or []
    return Sums(
        sum(each.charged_vnd for each in rows),
        sum(each.charge_pending_vnd for each in rows),
        sum(each.authorized_vnd for each in rows),
        sum(each.authorize_pending_vnd for each in rows),
    )


def charge_status(paid: int, due: int) -> str:
    """CheckoutChargeStatusEnum. An empty checkout has nothing to charge and is none."""
    if paid > due:
        return "OVERCHARGED"
    if paid == due and due:
        return "FULL"
    return "PARTIAL" if paid else "NONE"


def authorize_status(covered: int, due: int) -> str:
    """CheckoutAuthorizeStatusEnum: charged or authorized, both count."""
    if due and covered >= due:
        return "FULL"
    return "PARTIAL" if covered else "NONE"


@dataclass(frozen=True, slots=True)
class LineRow:
    """CheckoutLine."""

    GUARD: ClassVar = OPEN_TO

    data: CheckoutLineData
    seller_id: str
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return to_global("CheckoutLine", self.data.id)


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a checkout or a line; ``kind`` is its type's name."""

    kind: str
    line: LineRow | None = None
    variant: Any = None
    available_quantity: int | None = None
    delivery: DeliveryRow | None = None


def line_problems(row: LineRow, variant: Any) -> list[Problem]:
    """What stands in the way of this line."""
    if not row.data.for_sale:
        return [Problem("CheckoutLineProblemVariantNotAvailable", line=row)]
    if row.data.available < row.data.quantity:
        return [
            Problem(
                "CheckoutLineProblemInsufficientStock",
                line=row,
                variant=variant,
                available_quantity=max(row.data.available, 0),
            )
        ]
    return []


def delivery_problems(context: Context, data: CheckoutData) -> list[Problem]:
    """A way that is offered no more is invalid, one at another price is stale."""
    if not data.delivery_method:
        return []
    way = chosen(context, data)
    if way is None:
        before = Delivery(data.delivery_method, data.delivery_name, Money(data.delivery_vnd))
        return [Problem("CheckoutProblemDeliveryMethodInvalid", delivery=delivery_row(data, before))]
    if way.price.amount != data.delivery_vnd:
        return [Problem("CheckoutProblemDeliveryMethodStale", delivery=delivery_row(data, way))]
    return []
