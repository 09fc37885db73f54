"""Orders as the dialect shows them: rows, what is read together, lists and their filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from backend.api.saleor.account.rows import orders_of_person
from backend.api.saleor.checkout.reading import hidden_from, sees_person, shown_metadata
from backend.api.saleor.connections import Connection, Window, take
from backend.api.saleor.context import Context, require
from backend.api.saleor.goods import want_variants
from backend.api.saleor.ids import key_of, pk_of, to_global
from backend.api.saleor.keys import global_key, key_of_uuid, read_key
from backend.api.saleor.problems import BadArgument
from backend.api.saleor.rows import ImageRow
from backend.commerce.naming import SELLER
from backend.engine import details
from backend.engine.details import (
    FulfillmentData,
    FulfillmentLineData,
    OrderData,
    OrderEventData,
    OrderLineData,
    TransactionData,
)
from backend.engine.keyed import with_text

STATUS: Final = {
    "unconfirmed": "UNCONFIRMED",
    "unfulfilled": "UNFULFILLED",
    "partially fulfilled": "PARTIALLY_FULFILLED",
    "fulfilled": "FULFILLED",
    "canceled": "CANCELED",
}
STATUS_WORDS: Final = {
    "unconfirmed": "Unconfirmed",
    "unfulfilled": "Unfulfilled",
    "partially fulfilled": "Partially fulfilled",
    "fulfilled": "Fulfilled",
    "canceled": "Canceled",
}
_STATUS_OF: Final = {name: status for status, name in STATUS.items()}
EVENT_TYPES: Final = {
    "order.placed": "PLACED",
    "order.confirmed": "CONFIRMED",
    "order.charged": "TRANSACTION_EVENT",
    "order.refunded": "TRANSACTION_EVENT",
    "order.handed_over": "FULFILLMENT_FULFILLED_ITEMS",
    "order.hand_over_cancelled": "FULFILLMENT_CANCELED",
    "order.tracking": "TRACKING_UPDATED",
    "order.cancelled": "CANCELED",
    "order.marked_as_paid": "ORDER_MARKED_AS_PAID",
}
MOST_TERMS: Final = 50
"""Conditions in one filter, those inside AND and OR included."""


def load_orders(context: Context, ids: list[str]) -> dict[str, OrderData]:
    """For context.loader."""
    del context
    return details.orders(ids)


def load_lines(context: Context, numbers: list[int]) -> dict[int, list[OrderLineData]]:
    """For context.loader."""
    del context
    return details.order_lines(numbers)


def load_fulfillments(context: Context, numbers: list[int]) -> dict[int, list[FulfillmentData]]:
    """For context.loader."""
    del context
    return details.fulfillments(numbers)


def load_transactions(context: Context, numbers: list[int]) -> dict[int, list[TransactionData]]:
    """For context.loader."""
    del context
    return details.transactions_of_orders(numbers)


def load_events(context: Context, ids: list[str]) -> dict[str, list[OrderEventData]]:
    """For context.loader."""
    del context
    return details.order_events(ids)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order and whether who looks at it may see the person behind it."""

    KIND: ClassVar = "Order"
    GUARD: ClassVar = ("MANAGE_ORDERS",)

    data: OrderData
    clear: bool
    hidden: frozenset[str] = frozenset()
    """What is not shown even to who bought: typed before the checkout was theirs."""

    def shows(self, name: str) -> bool:
        """Whether ``email``, ``shipping_address``, ``billing_address`` or ``note`` is shown as it was given."""
        return self.clear and name not in self.hidden

    @property
    def id(self) -> str:
        return global_key("Order", self.data.id)

    @property
    def seller_id(self) -> str:
        return self.data.seller_id

    @property
    def metadata(self) -> Mapping[str, str]:
        return shown_metadata({SELLER: self.data.seller_id, **self.data.metadata}, clear=self.shows("note"))

    @property
    def private_metadata(self) -> Mapping[str, str]:
        return self.data.private_metadata


def row_of(context: Context, data: OrderData) -> OrderRow:
    """The row of an order for who asks."""
    if _bought(context, data):
        return OrderRow(data, True)
    seen = sees_person(context.requestor, data.user_ref, data.seller_id)
    return OrderRow(data, seen, hidden_from(context.requestor, data.seller_id, data.private_metadata))


def _bought(context: Context, data: OrderData) -> bool:
    """Whether who asks placed this order on the market's own pages."""
    user = context.requestor.user
    return user is not None and data.id in (context.loader(_load_bought).get(user.pk) or ())


def _load_bought(context: Context, pks: list[int]) -> dict[int, frozenset[str]]:
    from backend.sales.queries import orders_of

    del context
    return {pk: frozenset(orders_of(pk)) for pk in pks}


def find(context: Context, key: str) -> OrderRow | None:
    """The order of this key."""
    data = context.loader(load_orders).get(key) if key else None
    return row_of(context, data) if data is not None else None


def rows_of(context: Context, found: Sequence[OrderData]) -> list[OrderRow]:
    """Rows of a list, whose lines, payments and hand-overs are then read together."""
    numbers = [each.number for each in found]
    for load in (load_lines, load_fulfillments, load_transactions):
        context.loader(load).want(numbers)
    context.loader(load_events).want([each.id for each in found])
    for each in found:
        context.loader(load_orders).put(each.id, each)
    return [row_of(context, each) for each in found]


# --- lines, hand-overs, events ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LineRow:
    """OrderLine."""

    GUARD: ClassVar = ("MANAGE_ORDERS",)

    data: OrderLineData
    seller_id: str
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return to_global("OrderLine", self.data.id)


def lines_of(context: Context, order: OrderData) -> list[LineRow]:
    """The lines of an order."""
    found = context.loader(load_lines).get(order.number) or []
    want_variants(context, [each.variant_id for each in found])
    return [LineRow(each, order.seller_id) for each in found]


def image_of(line: OrderLineData) -> ImageRow | None:
    """The photograph of the day of the order."""
    from backend.api.saleor.context import absolute

    return ImageRow(absolute(line.image), line.product_name) if line.image else None


@dataclass(frozen=True, slots=True)
class FulfillmentLineRow:
    data: FulfillmentLineData
    order: OrderData

    @property
    def id(self) -> str:
        return to_global("FulfillmentLine", self.data.id)

    @property
    def quantity(self) -> int:
        return self.data.quantity


@dataclass(frozen=True, slots=True)
class FulfillmentRow:
    """Fulfillment."""

    GUARD: ClassVar = ("MANAGE_ORDERS",)

    data: FulfillmentData
    order: OrderData
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return to_global("Fulfillment", self.data.id)

    @property
    def seller_id(self) -> str:
        return self.order.seller_id

    @property
    def fulfillment_order(self) -> int:
        return self.data.position

    @property
    def status(self) -> str:
        return self.data.status.upper()

    @property
    def status_display(self) -> str:
        return self.data.status.capitalize()

    @property
    def tracking_number(self) -> str:
        return self.data.tracking_number

    @property
    def created(self) -> datetime:
        return self.data.created_at

    @property
    def lines(self) -> list[FulfillmentLineRow]:
        return [FulfillmentLineRow(each, self.order) for each in self.data.lines]


def fulfillments_of(context: Context, order: OrderData) -> list[FulfillmentRow]:
    """The hand-overs of an order; those that were taken back are shown to staff and Apps alone."""
    rows = [FulfillmentRow(each, order) for each in context.loader(load_fulfillments).get(order.number) or []]
    return [each for each in rows if context.requestor.works_here or each.status != "CANCELED"]


@dataclass(frozen=True, slots=True)
class EventRow:
    """OrderEvent."""

    data: OrderEventData

    @property
    def id(self) -> str:
        return to_global("OrderEvent", self.data.id)

    @property
    def date(self) -> datetime:
        return self.data.at

    @property
    def type(self) -> str:
        return EVENT_TYPES.get(self.data.action, "OTHER")

    @property
    def message(self) -> str | None:
        reason = self.data.data.get("reason")
        return str(reason) if reason else None


# --- lists ------------------------------------------------------------------------------------------------------------

_SORT: Final = {
    "NUMBER": "number",
    "CREATION_DATE": "created",
    "CREATED_AT": "created",
    "LAST_MODIFIED_AT": "updated",
    "TOTAL": "total",
}


def staff_orders(info: Any, arguments: dict[str, Any]) -> Connection:
    """``orders``: of the sellers that who asks works for; of all for a program. Raises PermissionDenied."""
    requestor = require(info, "MANAGE_ORDERS")
    where = Q() if requestor.reach is None else Q(seller_id__in=sorted(requestor.reach))
    return _connection(info, where, arguments)


def orders_of_user(info: Any, pk: int, arguments: dict[str, Any]) -> Connection:
    """``me.orders``, newest first."""
    return _connection(info, orders_of_person(pk), arguments)


def _connection(info: Any, base: Q, arguments: dict[str, Any]) -> Connection:
    part = take(arguments)
    if arguments.get("where") and arguments.get("filter"):
        raise BadArgument("Only one filtering argument (filter or where) can be specified.")
    where = base & conditions(arguments.get("where") or {}) & _old_filter(arguments.get("filter") or {})
    search = (arguments.get("search") or "").strip()
    if search:
        where &= _search(search)
    chosen = arguments.get("sort_by") or {"field": "NUMBER", "direction": "DESC"}
    sort = _SORT.get(str(chosen["field"]), "number")
    descending = str(chosen["direction"]) == "DESC"

    def page(window: Window) -> list[tuple[OrderRow, tuple[Any, ...]]]:
        bound = window.before if window.backward else window.after
        found = details.orders_page(
            where,
            sort=sort,
            descending=descending,
            after=_read_bound(sort, bound),
            backward=window.backward,
            limit=window.limit + 1,
        )
        rows = rows_of(info.context, found)
        return [(row, (_value(sort, row.data), row.data.number)) for row in rows]

    return Connection(info, part, page, lambda: details.count_orders(where))


def _value(sort: str, order: OrderData) -> Any:
    if sort in {"created", "updated"}:
        return (order.created_at if sort == "created" else order.updated_at).isoformat()
    return order.number if sort == "number" else order.total_vnd


def _read_bound(sort: str, bound: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if bound is None:
        return None
    try:
        value, number = bound
        if sort in {"created", "updated"}:
            moment = parse_datetime(value)
            if moment is None:
                raise ValueError(value)
            return moment, int(number)
        return int(value), int(number)
    except (TypeError, ValueError):
        raise BadArgument("Received cursor is invalid.") from None


def conditions(where: Mapping[str, Any], *, depth: int = 0) -> Q:
    """An OrderWhereInput as a condition. What the market has none of (vouchers, gift cards) matches accordingly.

    Raises BadArgument for more than MOST_TERMS conditions in a list or AND and OR within one another more than twice.
    """
    if depth > 2:
        raise BadArgument("The filter is too deep.")
    found = Q()
    for name, value in where.items():
        if value is None:
            continue
        if isinstance(value, list) and len(value) > 2 * MOST_TERMS:
            raise BadArgument("The filter is too long.")
        if name == "AND":
            for each in value:
                found &= conditions(each, depth=depth + 1)
        elif name == "OR":
            either = Q(pk__in=[])
            for each in value:
                either |= conditions(each, depth=depth + 1)
            found &= either
        else:
            found &= _condition(name, value)
    return found


_NONE: Final = Q(pk__in=[])
_HAS_NOT: Final = frozenset({"is_gift_card_used", "is_gift_card_bought", "has_invoices"})


def _condition(name: str, value: Any) -> Q:
    if name == "ids":
        return Q(key__in=[read_key(each, "Order") for each in value])
    if name == "number":
        return _number("number", value)
    if name == "total_gross" or name == "total_net":
        return _number("total_vnd", value.get("amount") or {})
    if name in {"created_at", "updated_at"}:
        return _range(name, value)
    if name == "user_email":
        return _text("email", value)
    if name == "user":
        wanted = [value["eq"]] if value.get("eq") else value.get("one_of") or []
        return Q(user_ref__in=[str(pk_of(each, "User")) for each in wanted])
    if name == "status":
        return _enumerated("status", value, _STATUS_OF)
    if name == "charge_status":
        return _enumerated("charge_status", value, None)
    if name == "metadata":
        return _metadata(value)
    if name == "checkout_id":
        wanted = [value["eq"]] if value.get("eq") else value.get("one_of") or []
        return Q(checkout_key__in=[read_key(each, "Checkout") for each in wanted])
    if name == "checkout_token":
        wanted = [value["eq"]] if value.get("eq") else value.get("one_of") or []
        return Q(checkout_key__in=[key_of_uuid(each) for each in wanted])
    if name == "channel_id":
        wanted = [value["eq"]] if value.get("eq") else value.get("one_of") or []
        return Q() if any(key_of(each, "Channel") for each in wanted) else _NONE
    if name == "is_click_and_collect":
        return Q(delivery_method="pickup") if value else ~Q(delivery_method="pickup")
    if name == "has_fulfillments":
        return Q(fulfillments__isnull=not value)
    if name in _HAS_NOT:
        return _NONE if value else Q()
    raise BadArgument(f"The market does not filter orders by {name}.")


def _number(column: str, value: Mapping[str, Any]) -> Q:
    found = Q()
    if value.get("eq") is not None:
        found &= Q(**{column: value["eq"]})
    if value.get("one_of") is not None:
        found &= Q(**{f"{column}__in": value["one_of"]})
    if value.get("range"):
        found &= _range(column, value["range"])
    return found


def _range(column: str, value: Mapping[str, Any]) -> Q:
    found = Q()
    for end in ("gte", "lte"):
        if value.get(end) is not None:
            found &= Q(**{f"{column}__{end}": value[end]})
    return found


def _text(column: str, value: Mapping[str, Any]) -> Q:
    found = Q()
    if value.get("eq") is not None:
        found &= Q(**{column: value["eq"]})
    if value.get("one_of") is not None:
        found &= Q(**{f"{column}__in": value["one_of"]})
    return found


def _enumerated(column: str, value: Mapping[str, Any], names: Mapping[str, str] | None) -> Q:
    def read(name: Any) -> str:
        return str(name).lower() if names is None else names.get(str(name), "")

    found = Q()
    if value.get("eq") is not None:
        found &= Q(**{column: read(value["eq"])})
    if value.get("one_of") is not None:
        found &= Q(**{f"{column}__in": [read(each) for each in value["one_of"]]})
    return found


def _metadata(value: Mapping[str, Any]) -> Q:
    key, wanted = value["key"], value.get("value") or {}
    texts = [wanted["eq"]] if wanted.get("eq") is not None else wanted.get("one_of")
    if key == SELLER:
        return Q(seller_id__in=texts) if texts is not None else Q()
    if (
        not key
        or len(key) > 100
        or not key.replace(".", "").replace("-", "").replace("_", "").isalnum()
        or "__" in key
    ):
        return _NONE
    if texts is None:
        return Q(metadata__has_key=key)
    return with_text("metadata", key, texts)


def _old_filter(value: Mapping[str, Any]) -> Q:
    """OrderFilterInput, which Saleor keeps for older clients."""
    found = Q()
    for name, wanted in value.items():
        if wanted is None:
            continue
        if name == "status":
            found &= Q(status__in=[_STATUS_OF.get(str(each), "") for each in wanted])
        elif name == "charge_status":
            found &= Q(charge_status__in=[str(each).lower() for each in wanted])
        elif name == "search":
            found &= _search(wanted)
        elif name == "customer":
            found &= Q(email__icontains=wanted) | Q(name__icontains=wanted)
        elif name == "ids":
            found &= Q(key__in=[read_key(each, "Order") for each in wanted])
        elif name == "numbers":
            found &= Q(number__in=[int(each) for each in wanted if each.isdecimal() and len(each) < 18])
        elif name == "created":
            for end in ("gte", "lte"):
                if wanted.get(end) is not None:
                    found &= Q(**{f"created_at__date__{end}": wanted[end]})
        elif name == "updated_at":
            found &= _range("updated_at", wanted)
        elif name == "metadata":
            for each in wanted:
                text = each.get("value")
                found &= _metadata({"key": each["key"], "value": {"eq": text} if text else {}})
        elif name == "channels":
            found &= Q() if any(key_of(each, "Channel") for each in wanted) else _NONE
        elif name in {"gift_card_used", "gift_card_bought", "is_preorder"}:
            found &= _NONE if wanted else Q()
        elif name == "is_click_and_collect":
            found &= _condition(name, wanted)
        else:
            raise BadArgument(f"The market does not filter orders by {name}.")
    return found


def _search(text: str) -> Q:
    found = Q(email__icontains=text) | Q(name__icontains=text) | Q(phone__icontains=text)
    number = text.removeprefix("#")
    if number.isascii() and number.isdecimal() and len(number) < 18:
        found |= Q(number=int(number))
    return found
