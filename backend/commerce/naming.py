"""The names under which goods and orders of the market stand in Saleor, and in our own subset of its GraphQL.

One module for both sides of the wire: the adapter and the App write these names into Saleor, the GraphQL dialect over the
embedded engine gives the same ones. Changing one of them means migrating every Saleor that was set up with it.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

CHANNEL: Final = "cho"
CURRENCY: Final = "VND"
COUNTRY: Final = "VN"
LANGUAGE: Final = "VI"

PRODUCT_TYPE: Final = "hang-cho"
"""The one product type: every product of a market has the same attributes."""
SHIPPING_ZONE: Final = "Việt Nam"

UNIT: Final = "don-vi"
"""The variant attribute of the unit ("bó 300 g"): DROPDOWN with variantSelection, because Saleor names variants after
selection attributes only, and refuses plain text as one."""

LABEL_FIELDS: Final = (
    "net_quantity",
    "made_on",
    "best_before",
    "ingredients",
    "nutrition",
    "warning",
    "usage",
    "storage",
    "origin",
    "producer",
    "producer_address",
    "self_declaration",
)
"""What the label says (Nghị định 37/2026/NĐ-CP điều 41 and phụ lục I), in its order: a PLAIN_TEXT product attribute each.
Other label fields travel as product metadata (``LABEL_METADATA``)."""

LABEL_PREFIX: Final = "nhan-"
LABEL_METADATA: Final = "cho.label."

# Metadata. Public unless it says otherwise.
SELLER: Final = "cho.seller"
GTIN: Final = "cho.gtin"
COMMUNE_CODE: Final = "cho.commune_code"
PROVINCE_CODE: Final = "cho.province_code"
NOTE: Final = "cho.note"
DELIVERY: Final = "cho.delivery"
"""On a delivery method, a checkout and an order: how the goods change hands, "pickup" or "courier"."""
LINE_UNIT: Final = "cho.unit"
LINE_PRODUCT: Final = "cho.product"
"""On a line of a checkout, and so of its order: the unit and the product as they were when it was bought."""
CANCEL_REASON: Final = "cho.cancel_reason"
CALL: Final = "cho.call"
"""Private: the digest of the key of the last writing call that went through."""
POSITION: Final = "cho.position"
"""Private, on a variant: its place among the others. Public, on a category: its place in the decision."""
WITHDRAWN: Final = "cho.withdrawn"
"""Private, on a variant: it is no longer offered, and stays because orders name it."""
TYPED_BEFORE: Final = "cho.typed_before"
RESERVED: Final = "cho."
"""Metadata keys that begin so are the market's own; the caller's metadata has other names and is kept as given."""

GATEWAY: Final = "vn.choxa"
"""The App's manifest id, and so the id of its payment gateway. What the buyer chose is in the data of
transactionInitialize: {"method": "vietqr"} or {"method": "cash"}."""
DEMO_GATEWAY: Final = "saleor.io.dummy-payment-app"
"""The gateway id that a public Saleor storefront knows; with DEMO=1 our own GraphQL offers it too, standing for cash."""

GUEST_DOMAIN: Final = "khach.invalid"
"""Saleor wants an e-mail of every buyer. A guest without one gets a random address under a name that can never receive
mail (RFC 2606); it is never shown and nothing is ever sent to it."""

AS_WRITTEN: Final = {"checkFieldsFormat": False, "enableFieldsNormalization": False}
"""Validation rules under which Saleor keeps a Vietnamese address of two levels as it was written."""


def label_slug(field: str) -> str:
    """The slug of the product attribute that holds a label field: "net_quantity" is "nhan-net-quantity"."""
    return LABEL_PREFIX + field.replace("_", "-")


def label_field(slug: str) -> str | None:
    """The label field behind an attribute's slug; None for an attribute that is none."""
    return slug.removeprefix(LABEL_PREFIX).replace("-", "_") if slug.startswith(LABEL_PREFIX) else None


def warehouse_slug(seller_id: str) -> str:
    """The slug of the one warehouse of a seller."""
    return f"seller-{seller_id}".lower()


def guest_email(token: str) -> str:
    """The address that stands for the missing e-mail of a guest."""
    return f"{token.lower()}@{GUEST_DOMAIN}"


def shown_email(email: str) -> str:
    """``email`` as the market shows it: empty where it only stands for a missing one."""
    return "" if email.endswith("@" + GUEST_DOMAIN) else email


def global_id(type_name: str, key: object) -> str:
    """The global id of Saleor's GraphQL: base64 of "Type:key"."""
    return base64.b64encode(f"{type_name}:{key}".encode()).decode()


def parse_global_id(outside: str) -> tuple[str, str] | None:
    """Type and key behind a global id; None for text that is none."""
    try:
        text = base64.b64decode(outside, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    type_name, colon, key = text.partition(":")
    return (type_name, key) if colon and type_name and key else None


def address_names(name: str) -> dict[str, str]:
    """A Vietnamese name is written whole and in its own order: all of it is the first name."""
    return {"firstName": name, "lastName": ""}


def whole_name(first_name: str, last_name: str) -> str:
    """The name of whoever filled in a form with two fields, in Saleor's order."""
    return " ".join(part for part in (first_name.strip(), last_name.strip()) if part)


_ATTRIBUTE_NAMES: Final = {
    UNIT: "Đơn vị",
    "nhan-net-quantity": "Định lượng",
    "nhan-made-on": "Ngày sản xuất",
    "nhan-best-before": "Hạn sử dụng",
    "nhan-ingredients": "Thành phần",
    "nhan-nutrition": "Dinh dưỡng",
    "nhan-warning": "Lưu ý",
    "nhan-usage": "Cách dùng",
    "nhan-storage": "Bảo quản",
    "nhan-origin": "Xuất xứ",
    "nhan-producer": "Người sản xuất",
    "nhan-producer-address": "Địa chỉ sản xuất",
    "nhan-self-declaration": "Bản tự công bố",
}
UPLOAD: Final = "cho-"
"""Names of files that the market sends begin so; each stands for one upload, so that a repeat is none."""
PRODUCT_TYPE_NAME: Final = "Hàng chợ"
CHANNEL_NAME: Final = "Chợ Xã"


def attribute_name(slug: str) -> str:
    """What people read over an attribute, in Saleor's dashboard and on public storefronts."""
    return _ATTRIBUTE_NAMES.get(slug, slug)


def upload_trace(file_name: str) -> str:
    """What of the name of a sent file may stand in an address: the mark of the market's own upload, else nothing."""
    own = re.fullmatch(UPLOAD + r"([0-9a-f]{1,64})(\.[a-z]{1,5})?", file_name)
    return UPLOAD + own[1] if own else ""
