"""The nouns of the market."""

from __future__ import annotations

import enum
from typing import Any

import graphene

from backend.accounts.access import access_seller
from backend.api.market.base import Dong, allowed, connection, number, paged, read
from backend.api.saleor.context import absolute
from backend.common import clock
from backend.markets import queries as markets
from backend.markets.access import read_stall
from backend.ocop import queries as ocop
from backend.sales import queries as sales


def _described(name, doc, values):
    """An enum whose every value is described: GraphQL's name, what the market calls it, what it means."""
    make: Any = enum.Enum  # whose functional form mypy takes with a written-out name alone
    python = make(name, {key: value for key, value, _ in values})
    words = {value: text for _, value, text in values}

    def description(value):
        return doc if value is None else words[value.value]

    return graphene.Enum.from_enum(python, description=description)


ProvinceKind = _described(
    "ProvinceKind",
    "Of the first address level.",
    [("PROVINCE", "tinh", "tỉnh"), ("CITY", "thanh_pho", "thành phố trực thuộc Trung ương")],
)
CommuneKind = _described(
    "CommuneKind",
    "Of the second address level.",
    [("COMMUNE", "xa", "xã"), ("WARD", "phuong", "phường"), ("SPECIAL_ZONE", "dac_khu", "đặc khu")],
)
SellerKind = _described(
    "SellerKind",
    "What a seller is.",
    [
        ("HOUSEHOLD", "household", "hộ gia đình"),
        ("COOPERATIVE", "cooperative", "hợp tác xã"),
        ("GROUP", "group", "tổ hợp tác"),
        ("COMPANY", "company", "công ty"),
    ],
)
IssuingLevel = _described(
    "IssuingLevel",
    "Who recognised a product.",
    [
        ("DISTRICT", "district", "A district, until 06/07/2025; theirs hold to their expiry."),
        ("PROVINCE", "province", "A province: three and four stars."),
        ("CENTRAL", "central", "The ministry: five stars."),
    ],
)
CertificateStanding = _described(
    "CertificateStanding",
    "What a certificate is worth today, in Vietnam.",
    [
        ("IN_FORCE", "in_force", "Grants its stars."),
        ("NOT_YET", "not_yet", "Its day of issue is still to come."),
        ("REVOKED", "revoked", "Was taken back, with a reason."),
        ("SUPERSEDED", "superseded", "A newer certificate has taken its place."),
        ("EXPIRED", "expired", "Its 36 months are over."),
    ],
)
PaymentLabel = _described(
    "PaymentLabel",
    "What is true of an amount that is due; several can be true at once.",
    [
        ("WAITING", "waiting", "Not enough has come, and it is still waited for."),
        ("SHORT", "short", "Something came, not enough."),
        ("PAID", "paid", "Enough came."),
        ("OVER", "over", "More than enough came."),
        ("LATE", "late", "Money came after the end."),
        ("REFUNDED", "refunded", "Money went back."),
        ("CANCELLED", "cancelled", "It is no longer asked for."),
    ],
)
PaymentWay = _described(
    "PaymentWay",
    "How an order is paid.",
    [
        ("VIETQR", "vietqr", "By bank transfer, with a VietQR code."),
        ("CASH", "cash", "In cash, when the goods change hands."),
    ],
)
OrderStatus = _described(
    "OrderStatus",
    "Where an order stands.",
    [
        ("UNCONFIRMED", "unconfirmed", "Waits for its money or for the seller."),
        ("UNFULFILLED", "unfulfilled", "Is being prepared."),
        ("PARTIALLY_FULFILLED", "partially fulfilled", "Was handed over in part."),
        ("FULFILLED", "fulfilled", "Was handed over."),
        ("CANCELED", "canceled", "Was cancelled."),
        ("RETURNED", "returned", "Came back."),
        ("EXPIRED", "expired", "Nobody paid in time."),
    ],
)
STATUSES = {each.value for each in OrderStatus._meta.enum}
ORDER_OF_LABELS = [each.value for each in PaymentLabel._meta.enum]


def _labels(found):
    return [label for label in ORDER_OF_LABELS if label in found]


# --- places ---


class Province(graphene.ObjectType):
    """Tỉnh, thành phố: the first of the two address levels since 01/07/2025."""

    code = graphene.ID(required=True, description="Of the statistics office, two digits.")
    name = graphene.String(required=True, description="Without its kind: `Cần Thơ`.")
    kind = graphene.Field(ProvinceKind, required=True, description="Province or city.")
    label = graphene.String(required=True, description="As on an envelope: `thành phố Cần Thơ`.")

    def resolve_label(row, info):
        return str(row)


class Commune(graphene.ObjectType):
    """Xã, phường, đặc khu: the second address level. One that ended stays readable, with `current` false."""

    code = graphene.ID(required=True, description="Of the statistics office, five digits.")
    name = graphene.String(required=True, description="Without its kind: `Vị Tân`.")
    kind = graphene.Field(CommuneKind, required=True, description="Commune, ward or special zone.")
    label = graphene.String(required=True, description="Both levels, as on an envelope.")
    current = graphene.Boolean(required=True, description="Whether it is a unit of today.")
    province = graphene.Field(Province, required=True, description="Where it lies.")


class CommuneMatch(graphene.ObjectType):
    """A commune that a typed text may mean."""

    code = graphene.ID(required=True, description="The commune's code.")
    label = graphene.String(required=True, description="Both levels, as on an envelope.")
    note = graphene.String(
        required=True, description="The former name that led here; empty for a name of today."
    )


# --- the register ---


class Producer(graphene.ObjectType):
    """Chủ thể OCOP: a seller as the register knows them."""

    id = graphene.ID(required=True, description="The number in the register.")
    name = graphene.String(required=True, description="As the decision writes it.")
    seller = graphene.Field(
        lambda: Seller, description="Who sells under this name; null once they have stopped selling here."
    )

    def resolve_id(row, info):
        return row.pk

    def resolve_seller(row, info):
        return row.seller if row.seller.active else None


class Certificate(graphene.ObjectType):
    """Giấy chứng nhận OCOP: three, four or five stars for one product, for 36 months."""

    id = graphene.ID(required=True, description="The number in the register.")
    number = graphene.String(required=True, description="As the issuer wrote it.")
    decision_number = graphene.String(required=True, description="Of the decision that granted it.")
    issuer = graphene.String(required=True, description="Who granted it.")
    issuing_level = graphene.Field(IssuingLevel, required=True, description="At which level.")
    issued_on = graphene.Date(required=True, description="First day.")
    expires_on = graphene.Date(required=True, description="Last day; it still counts.")
    standing = graphene.Field(CertificateStanding, required=True, description="What it is worth today.")
    stars = graphene.Int(
        description="The stars that it grants today; null when it grants none. Show only these."
    )
    stars_granted = graphene.Int(required=True, description="The stars of the decision, for the record.")
    revoked_reason = graphene.String(description="Why it was taken back, when it was.")
    product_id = graphene.ID(description="Of the product in the shop; null while it is not sold here.")
    product_name = graphene.String(required=True, description="As the decision names it.")
    producer = graphene.Field(Producer, required=True, description="Whose product it is.")

    def resolve_id(row, info):
        return row.pk

    def resolve_standing(row, info):
        return row.standing(clock.today())

    def resolve_stars(row, info):
        return row.stars if row.in_force_on(clock.today()) else None

    def resolve_stars_granted(row, info):
        return row.stars

    def resolve_revoked_reason(row, info):
        return row.revoked_reason or None

    def resolve_product_id(row, info):
        return row.product_id or None


CertificateConnection = connection(Certificate, "certificates")
ProducerConnection = connection(Producer, "producers")
CommuneConnection = connection(Commune, "communes")


# --- orders ---


def load_sale_views(context, rows):
    """Orders and payments of sales, read together."""
    return {view.sale: view for view in sales.views_of(rows)}


def load_sales_of_purchases(context, rows):
    """The sales of purchases, read together."""
    found = sales.sales_of_purchases([row.pk for row in rows])
    for views in found.values():
        for view in views:
            context.loader(load_sale_views).put(view.sale, view)
    return {row: [view.sale for view in found.get(row.pk, [])] for row in rows}


def _view(row, info):
    return info.context.loader(load_sale_views).get(row)


class SaleLine(graphene.ObjectType):
    """One line of an order, as it was confirmed."""

    product_id = graphene.ID(required=True, description="Of the product in the shop.")
    product_name = graphene.String(required=True, description="As it was called.")
    unit = graphene.String(required=True, description="What one piece is: `túi 250 g`.")
    quantity = graphene.Int(required=True, description="How many were ordered.")
    quantity_fulfilled = graphene.Int(required=True, description="How many were handed over.")
    unit_price = graphene.Field(Dong, required=True, description="Of one piece.")
    total = graphene.Field(Dong, required=True, description="Of the line.")


class Payment(graphene.ObjectType):
    """Khoản phải thu: an amount due to one account, and what has come of it."""

    reference = graphene.String(required=True, description="The words that a transfer must carry.")
    due = graphene.Field(Dong, required=True, description="What is asked for.")
    received = graphene.Field(Dong, required=True, description="What has come.")
    missing = graphene.Field(Dong, required=True, description="What is still to come.")
    labels = graphene.List(
        graphene.NonNull(PaymentLabel), required=True, description="What is true of it now."
    )
    bank = graphene.String(required=True, description="The bank of the account.")
    account = graphene.String(required=True, description="The account that is paid; it is the seller's own.")
    account_name = graphene.String(required=True, description="Its holder, as banks write it.")
    qr_payload = graphene.String(
        required=True, description="The text of the VietQR code for what is missing."
    )
    expires_at = graphene.DateTime(description="When the code is no longer shown; late money is still seen.")

    def resolve_due(row, info):
        return row.due_vnd

    def resolve_received(row, info):
        return row.received_vnd

    def resolve_missing(row, info):
        return row.outstanding_vnd

    def resolve_labels(row, info):
        return _labels(row.labels(clock.now()))

    def resolve_bank(row, info):
        return row.bank_short_name


class Sale(graphene.ObjectType):
    """One seller's part of a purchase: one order, one payment."""

    id = graphene.ID(required=True, description="Of the sale.")
    order_number = graphene.String(description="By which seller and buyer speak of it.")
    placed_at = graphene.DateTime(required=True, description="When it was ordered.")
    seller = graphene.Field(lambda: Seller, required=True, description="Who sells.")
    payment_way = graphene.Field(PaymentWay, required=True, description="How it is paid.")
    delivery = graphene.String(required=True, description="How it changes hands.")
    delivery_price = graphene.Field(Dong, required=True, description="What that costs.")
    status = graphene.Field(OrderStatus, description="Where it stands; null while the shop does not answer.")
    lines = graphene.List(graphene.NonNull(SaleLine), description="What was ordered.")
    total = graphene.Field(Dong, description="With delivery.")
    payment = graphene.Field(Payment, description="The transfer that is due; null for cash.")
    purchase = graphene.Field(lambda: Purchase, required=True, description="What it is part of.")

    def resolve_id(row, info):
        return row.pk

    def resolve_payment_way(row, info):
        return row.payment

    def resolve_delivery(row, info):
        return row.delivery_name

    def resolve_delivery_price(row, info):
        return row.delivery_vnd

    def resolve_status(row, info):
        view = _view(row, info)
        return view.order.status if view is not None and view.order.status in STATUSES else None

    def resolve_lines(row, info):
        view = _view(row, info)
        return list(view.order.lines) if view is not None else None

    def resolve_total(row, info):
        view = _view(row, info)
        return view.order.total if view is not None else None

    def resolve_payment(row, info):
        view = _view(row, info)
        return view.intent if view is not None else None


class Purchase(graphene.ObjectType):
    """One press of "Đặt hàng", over one or more sellers. For its buyer, and for the sellers of its sales."""

    id = graphene.ID(required=True, description="Of the purchase.")
    created_at = graphene.DateTime(required=True, description="When it was made.")
    name = graphene.String(required=True, description="Who receives it.")
    phone = graphene.String(required=True, description="Whom to call.")
    commune = graphene.Field(Commune, required=True, description="Where it goes.")
    street = graphene.String(required=True, description="House, street, hamlet.")
    note = graphene.String(required=True, description="What the buyer asks for.")

    def resolve_id(row, info):
        return row.pk


class OwnPurchase(graphene.ObjectType):
    """A purchase as its buyer sees it: with all of its sales."""

    purchase = graphene.Field(Purchase, required=True, description="Who and where.")
    url = graphene.String(
        required=True, description="Its page. Whoever has it sees the purchase: keep it secret."
    )
    sales = graphene.List(graphene.NonNull(Sale), required=True, description="One for each seller.")

    def resolve_purchase(row, info):
        return row

    def resolve_url(row, info):
        return absolute(f"/don/{row.token}/")

    def resolve_sales(row, info):
        return info.context.loader(load_sales_of_purchases).get(row) or []


SaleConnection = connection(Sale, "sales")
OwnPurchaseConnection = connection(OwnPurchase, "purchases")


# --- sellers ---


def load_producers(context, rows):
    """The register's entries of sellers, read together."""
    found = ocop.producers_of([row.pk for row in rows])
    return {row: found.get(row.pk) for row in rows}


class Seller(graphene.ObjectType):
    """Người bán: a producer or trader, paid into an account of their own."""

    id = graphene.ID(required=True, description="The seller's number.")
    slug = graphene.String(required=True, description="The address part of the seller's page.")
    name = graphene.String(required=True, description="As the shop shows it.")
    kind = graphene.Field(SellerKind, required=True, description="Household, co-operative, group or company.")
    commune = graphene.Field(Commune, required=True, description="Where the seller is at home.")
    hamlet = graphene.String(required=True, description="Ấp, thôn, làng, khu phố.")
    street = graphene.String(required=True, description="House and street.")
    phone = graphene.String(required=True, description="The number that buyers call.")
    about = graphene.String(required=True, description="What the seller tells of themselves.")
    registration_number = graphene.String(required=True, description="Of the household business or company.")
    producer = graphene.Field(Producer, description="The entry in the OCOP register, when there is one.")
    certificates = paged(
        CertificateConnection,
        "The seller's certificates.",
        standing=graphene.Argument(CertificateStanding, description="Only these; all when left out."),
    )
    sales = graphene.Field(
        SaleConnection,
        description="The seller's orders, newest first; null to everybody but the seller's own people.",
        first=graphene.Int(description="How many, from the newest or after a cursor; at most 100."),
        last=graphene.Int(description="How many, from the oldest or before a cursor; at most 100."),
        after=graphene.String(description="Only rows after this cursor; with `first`."),
        before=graphene.String(description="Only rows before this cursor; with `last`."),
    )

    def resolve_id(row, info):
        return row.pk

    def resolve_producer(row, info):
        return info.context.loader(load_producers).get(row)

    def resolve_certificates(row, info, standing=None, **arguments):
        found = ocop.certificates(on=clock.today(), standing=_value(standing), seller_id=row.pk)
        return read(info, found, arguments)

    def resolve_sales(row, info, **arguments):
        if allowed(access_seller, info, row.pk) is None:
            return None
        return read(info, sales.sales(seller_id=row.pk), arguments, load_sale_views)


SellerConnection = connection(Seller, "sellers")


def _value(chosen):
    return "" if chosen is None else chosen.value


# --- markets ---


def load_charge_views(context, rows):
    """Charges beside their intents, read together."""
    views = {view.id: view for view in markets.views_of(rows)}
    return {row: views[row.pk] for row in rows}


class Charge(graphene.ObjectType):
    """Lần thu tiền: one amount asked for at a stall. For who takes money there, and for the market's manager."""

    id = graphene.ID(required=True, description="Of the charge.")
    amount = graphene.Field(Dong, required=True, description="What was asked for.")
    note = graphene.String(required=True, description="What the vendor wrote.")
    opened_at = graphene.DateTime(required=True, description="When it was asked for.")
    voided_at = graphene.DateTime(description="When the vendor took it back.")
    payment = graphene.Field(Payment, required=True, description="What has come of it.")
    stall = graphene.Field(lambda: Stall, required=True, description="Where it was asked for.")

    def resolve_id(row, info):
        return row.pk

    def resolve_amount(row, info):
        return row.amount_vnd

    def resolve_payment(row, info):
        return info.context.loader(load_charge_views).get(row).intent


class StallDay(graphene.ObjectType):
    """One Vietnamese calendar day of a stall's till."""

    day = graphene.Date(required=True, description="Which day.")
    total_received = graphene.Field(Dong, required=True, description="All that came on that day.")
    count_paid = graphene.Int(required=True, description="Charges that have all their money.")
    count_open = graphene.Int(required=True, description="Charges that wait, with nothing come yet.")
    count_short = graphene.Int(required=True, description="Charges with less than was asked for.")

    def resolve_count_open(row, info):
        return row.open

    def resolve_count_short(row, info):
        return row.short


ChargeConnection = connection(Charge, "charges")


class Stall(graphene.ObjectType):
    """Sạp: a place in a market where one vendor sells."""

    id = graphene.ID(required=True, description="The stall's number.")
    code = graphene.String(required=True, description="What is written at it: `A12`.")
    vendor_name = graphene.String(required=True, description="As the sign at the stall says.")
    goods = graphene.String(required=True, description="What is sold there.")
    zone = graphene.Field(lambda: Zone, description="Which part of the market.")
    market = graphene.Field(lambda: Market, required=True, description="In which market.")
    charges = graphene.Field(
        ChargeConnection,
        description="What was asked for there, newest first; null to everybody but who takes money there and the "
        "market's manager.",
        first=graphene.Int(description="How many, from the newest or after a cursor; at most 100."),
        last=graphene.Int(description="How many, from the oldest or before a cursor; at most 100."),
        after=graphene.String(description="Only rows after this cursor; with `first`."),
        before=graphene.String(description="Only rows before this cursor; with `last`."),
    )
    day = graphene.Field(
        StallDay,
        description="The till's figures of a day; null to everybody but who takes money there and the market's manager.",
        on=graphene.Date(description="Which day; today when left out."),
    )

    def resolve_id(row, info):
        return row.pk

    def resolve_charges(row, info, **arguments):
        if allowed(read_stall, info, row.pk) is None:
            return None
        return read(info, markets.charges(stall_id=row.pk), arguments, load_charge_views)

    def resolve_day(row, info, on=None):
        if allowed(read_stall, info, row.pk) is None:
            return None
        return markets.charges_today(row.pk, on)


StallConnection = connection(Stall, "stalls")


class Zone(graphene.ObjectType):
    """Khu: a part of a market with goods of one kind."""

    id = graphene.ID(required=True, description="The zone's number.")
    name = graphene.String(required=True, description="`Rau củ`.")

    def resolve_id(row, info):
        return row.pk


class Market(graphene.ObjectType):
    """Chợ: a market place of one commune."""

    id = graphene.ID(required=True, description="The market's number.")
    slug = graphene.String(required=True, description="By which programs name it.")
    name = graphene.String(required=True, description="`Chợ Vị Tân`.")
    commune = graphene.Field(Commune, required=True, description="Whose market it is.")
    zones = graphene.List(graphene.NonNull(Zone), required=True, description="Its parts, by name.")
    stalls = paged(
        StallConnection,
        "The working stalls.",
        zone=graphene.ID(description="Only those of this zone."),
    )

    def resolve_id(row, info):
        return row.pk

    def resolve_zones(row, info):
        return sorted(row.zones.all(), key=lambda zone: zone.name)

    def resolve_stalls(row, info, zone=None, **arguments):
        zone_id = None if zone is None else number(zone)
        return read(info, markets.stalls(market_id=row.pk, zone_id=zone_id), arguments)


MarketConnection = connection(Market, "markets")


# --- oneself ---


class Role(graphene.ObjectType):
    """A role that somebody holds at one place, and nowhere else."""

    role = graphene.String(required=True, description="farmer, vendor, manager, officer, helper or admin.")
    role_name = graphene.String(required=True, description="In Vietnamese.")
    scope = graphene.String(required=True, description="commune, market, seller or stall.")
    scope_id = graphene.ID(required=True, description="Which one.")
    scope_name = graphene.String(required=True, description="Its name.")
