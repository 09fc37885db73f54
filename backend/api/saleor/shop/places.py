"""The channel, and where sellers keep their goods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from backend.accounts.models import Seller
from backend.api.saleor.context import Context
from backend.api.saleor.ids import key_of, to_global
from backend.api.saleor.rows import VIETNAM, CountryRow
from backend.commerce import naming
from backend.common.text import fold
from backend.engine import listing
from backend.engine.reading import row_id

NOTHING: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """Channel."""

    pk: int
    slug: str
    name: str

    metadata = NOTHING
    private_metadata = NOTHING
    GUARD = ("MANAGE_CHANNELS",)

    @property
    def id(self) -> str:
        return to_global("Channel", self.pk)


CHANNEL_ROW: Final = ChannelRow(1, naming.CHANNEL, naming.CHANNEL_NAME)
SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "stock_settings": {"allocation_strategy": "PRIORITIZE_SORTING_ORDER"},
    "order_settings": {
        "automatically_confirm_all_new_orders": False,
        "expire_orders_after": None,
        "mark_as_paid_strategy": "TRANSACTION_FLOW",
        "allow_unpaid_orders": True,
    },
    "checkout_settings": {
        "use_legacy_error_flow": True,
        "automatically_complete_fully_paid_checkouts": False,
    },
    "payment_settings": {"default_transaction_flow_strategy": "CHARGE"},
}
"""How the market sells, in Saleor's words: order first, money after; nothing of it can be set."""


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """ShippingZone."""

    pk: int
    name: str

    default = False
    description = ""
    metadata = NOTHING
    private_metadata = NOTHING
    GUARD = ("MANAGE_SHIPPING",)

    @property
    def id(self) -> str:
        return to_global("ShippingZone", self.pk)


ZONE: Final = ZoneRow(1, naming.SHIPPING_ZONE)


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Address of a warehouse."""

    key: str
    company_name: str
    street_address_1: str
    city: str
    city_area: str
    country_area: str
    phone: str | None

    first_name = ""
    last_name = ""
    street_address_2 = ""
    postal_code = ""
    is_default_shipping_address = None
    is_default_billing_address = None
    metadata = NOTHING
    private_metadata = NOTHING

    @property
    def id(self) -> str:
        return to_global("Address", self.key)

    @property
    def country(self) -> CountryRow:
        return VIETNAM


@dataclass(frozen=True, slots=True)
class WarehouseRow:
    """Warehouse: one per seller, made of what the market knows of the seller."""

    seller_id: str
    name: str
    address: PlaceRow

    external_reference = None
    metadata = NOTHING
    private_metadata = NOTHING

    @property
    def id(self) -> str:
        return to_global("Warehouse", self.seller_id)

    @property
    def slug(self) -> str:
        return naming.warehouse_slug(self.seller_id)


def upper_first(name: str) -> str:
    """A unit's name at the beginning of a line: "Tỉnh An Giang"."""
    return name[:1].upper() + name[1:]


def load_warehouses(context: Context, seller_ids: list[str]) -> dict[str, WarehouseRow]:
    """The warehouses of sellers, whether the market knows them by name or not."""
    del context
    known = {
        str(seller.pk): seller
        for seller in Seller.objects.select_related("commune__province").filter(
            pk__in=[pk for pk in map(row_id, seller_ids) if pk]
        )
    }
    return {each: _warehouse(each, known.get(each)) for each in seller_ids}


def _warehouse(seller_id: str, seller: Seller | None) -> WarehouseRow:
    key = f"warehouse-{seller_id}"
    if seller is None:
        return WarehouseRow(
            seller_id, f"Người bán {seller_id}", PlaceRow(key, "", "–", "Việt Nam", "", "", None)
        )
    commune = str(seller.commune)
    street = ", ".join(part for part in (seller.street, seller.hamlet) if part) or "–"
    province = upper_first(str(seller.commune.province))
    place = PlaceRow(key, seller.name, street, commune, commune, province, seller.phone)
    return WarehouseRow(seller_id, seller.name, place)


def warehouse_of(context: Context, seller_id: str) -> WarehouseRow | None:
    """The warehouse of a seller."""
    found: WarehouseRow | None = context.loader(load_warehouses).get(seller_id)
    return found


def warehouses(context: Context) -> list[WarehouseRow]:
    """The warehouses that the requestor may know of: of all sellers with goods, or of their own ones."""
    requestor = context.requestor
    sellers = listing.seller_ids() if requestor.reach is None else sorted(requestor.reach)
    loader = context.loader(load_warehouses)
    loader.want(sellers)
    return [row for row in (loader.get(each) for each in sellers) if row is not None]


def seller_of_slug(slug: str) -> str:
    """The seller behind a warehouse's slug; empty for what is none."""
    prefix = naming.warehouse_slug("")
    return slug.removeprefix(prefix) if slug.startswith(prefix) and len(slug) > len(prefix) else ""


def chosen_warehouses(context: Context, asked: Any) -> list[WarehouseRow]:
    """The warehouses that ``WarehouseFilterInput`` names. One that is named is there as soon as its seller is."""
    if asked.get("slugs") is not None:
        named = [seller_of_slug(slug) for slug in asked["slugs"]]
        rows = _existing(context, named)
    elif asked.get("ids") is not None:
        rows = _existing(context, [key_of(each, "Warehouse") for each in asked["ids"]])
    else:
        rows = warehouses(context)
    words = fold(asked.get("search") or "")
    if words:
        rows = [row for row in rows if words in fold(row.name) or words in fold(row.slug)]
    if asked.get("channels") is not None and CHANNEL_ROW.id not in asked["channels"]:
        rows = []
    if asked.get("is_private") or asked.get("metadata"):
        rows = []
    if asked.get("click_and_collect_option") not in (None, "DISABLED"):
        rows = []
    return rows


def _existing(context: Context, seller_ids: list[str]) -> list[WarehouseRow]:
    """The warehouses of those sellers that have goods or are known to the market."""
    wanted = [each for each in dict.fromkeys(seller_ids) if each and context.requestor.reaches(each)]
    known = set(listing.seller_ids()) | set(map(str, known_sellers(wanted)))
    loader = context.loader(load_warehouses)
    found = [each for each in wanted if each in known]
    loader.want(found)
    return [row for row in (loader.get(each) for each in found) if row is not None]


def known_sellers(seller_ids: list[str]) -> list[int]:
    """Which of these the market's own register of sellers has."""
    pks = [pk for pk in map(row_id, seller_ids) if pk]
    return list(Seller.objects.filter(pk__in=pks).values_list("pk", flat=True))
