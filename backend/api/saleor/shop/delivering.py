"""Delivery methods: each seller has at most two, bringing and fetching, under the seller's own terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.utils.translation import gettext as _

from backend.api.saleor.context import Context, Requestor
from backend.api.saleor.ids import key_of, to_global
from backend.api.saleor.problems import PermissionDenied, Refused, whole_vnd
from backend.api.saleor.rows import MoneyRow
from backend.api.saleor.shop.places import CHANNEL_ROW, ChannelRow, known_sellers
from backend.common.money import Money
from backend.common.text import fold
from backend.sales.delivery import COURIER, PICKUP, Terms, terms_for, way_names
from backend.sales.services import set_terms

NOTHING: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class ListingRow:
    """ShippingMethodChannelListing."""

    id: str
    price: MoneyRow
    channel: ChannelRow = CHANNEL_ROW


@dataclass(frozen=True, slots=True)
class MethodTypeRow:
    """ShippingMethodType: one way of one seller. ``price`` None: not offered."""

    GUARD: ClassVar = ("MANAGE_SHIPPING",)

    seller_id: str
    way: str
    price: Money | None

    metadata = NOTHING
    private_metadata = NOTHING
    type = "PRICE"

    @property
    def id(self) -> str:
        return to_global("ShippingMethodType", f"{self.seller_id}-{self.way}")

    @property
    def name(self) -> str:
        return way_names()[self.way]

    @property
    def channel_listings(self) -> list[ListingRow]:
        if self.price is None:
            return []
        listing = to_global("ShippingMethodChannelListing", f"{self.seller_id}-{self.way}")
        return [ListingRow(listing, MoneyRow(self.price.amount))]


def methods_of(seller_ids: Iterable[str]) -> list[MethodTypeRow]:
    """What these sellers offer. One query."""
    known = terms_for([int(each) for each in seller_ids if each.isdecimal()])
    return [
        row
        for seller_id, terms in known.items()
        for row in (method(str(seller_id), way, terms) for way in (COURIER, PICKUP))
        if row.price is not None
    ]


def method(seller_id: str, way: str, terms: Terms) -> MethodTypeRow:
    """One way of a seller under ``terms``."""
    price = terms.courier if way == COURIER else Money(0) if terms.pickup else None
    return MethodTypeRow(seller_id, way, price)


def new_method(context: Context, name: str) -> MethodTypeRow:
    """shippingPriceCreate: the way that ``name`` says, of the one seller whose desk asks; offered once it is listed.

    Raises Refused.
    """
    reach = context.requestor.reach
    if reach is None or len(reach) != 1:
        raise Refused(
            "INVALID", _("Cách giao là của từng người bán: hãy hỏi bằng tài khoản của bàn bán hàng đó.")
        )
    (seller_id,) = reach
    wanted = next((way for way, called in way_names().items() if fold(called) == fold(name)), None)
    if wanted is None:
        offered = ", ".join(way_names().values())
        raise Refused("INVALID", _("Chợ có hai cách giao: %(ways)s.") % {"ways": offered}, "name")
    return method(seller_id, wanted, terms_for([int(seller_id)])[int(seller_id)])


def list_method(context: Context, outside: str, sent: Mapping[str, Any]) -> MethodTypeRow:
    """shippingMethodChannelListingUpdate: the price at which a seller brings goods, or that a way is offered no more.

    Raises Refused, PermissionDenied for another seller's, MarketError when no way would be left.
    """
    seller_id, way = _read(outside, context.requestor)
    terms = terms_for([int(seller_id)])[int(seller_id)]
    courier, pickup = terms.courier, terms.pickup
    for each in sent.get("add_channels") or ():
        price = _price(each)
        if way == PICKUP:
            if price:
                raise Refused("INVALID", _("Tự đến lấy thì không mất tiền giao."), "price")
            pickup = True
        elif price is None and courier is None:
            raise Refused("REQUIRED", "This field is required.", "price")
        elif price is not None:
            courier = Money(price)
    gone = sent.get("remove_channels") or ()
    _check_channels(gone)
    if gone:
        courier, pickup = (None, pickup) if way == COURIER else (courier, False)
    if (courier, pickup) != (terms.courier, terms.pickup):
        set_terms(
            actor=context.requestor.actor,
            seller_id=int(seller_id),
            courier_vnd=None if courier is None else courier.amount,
            free_from_vnd=None if terms.free_from is None else terms.free_from.amount,
            pickup=pickup,
            cash=terms.cash,
        )
        context.forget()
    return method(seller_id, way, terms_for([int(seller_id)])[int(seller_id)])


def _read(outside: str, requestor: Requestor) -> tuple[str, str]:
    seller_id, _dash, way = key_of(outside, "ShippingMethodType").partition("-")
    if way not in {COURIER, PICKUP} or not known_sellers([seller_id]):
        raise Refused("NOT_FOUND", f"Couldn't resolve to a node: {outside}", "id")
    if not requestor.reaches(seller_id):
        raise PermissionDenied("MANAGE_SHIPPING")
    return seller_id, way


def _price(sent: Mapping[str, Any]) -> int | None:
    _check_channels([sent["channel_id"]])
    if sent.get("minimum_order_price") or sent.get("maximum_order_price") is not None:
        raise Refused(
            "INVALID",
            _("Mức mua được giao miễn phí do ban quản lý chợ ghi, không đặt theo cách giao."),
            "minimumOrderPrice",
        )
    price = sent.get("price")
    return None if price is None else whole_vnd(price, "price")


def _check_channels(ids: Iterable[str]) -> None:
    unknown = [each for each in ids if each != CHANNEL_ROW.id]
    if unknown:
        raise Refused("NOT_FOUND", "Couldn't resolve to a node.", "channelId", channels=unknown)
