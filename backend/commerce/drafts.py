"""What a seller may state of goods, and how much fits into an order: the same limits on every engine."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from backend.commerce.errors import BadProduct
from backend.commerce.values import ProductDraft
from backend.common.text import tidy

MOST_VARIANTS: Final = 20
MOST_IMAGES: Final = 8
MOST_QUANTITY: Final = 1_000_000
"""Pieces in a village seller's stock; more is a slip of the finger."""
MOST_DESCRIPTION: Final = 8000
MOST_LABEL_FIELDS: Final = 40
MOST_LABEL_TEXT: Final = 2000
MOST_PER_LINE: Final = 999
"""Pieces of one variant in one order; Saleor's limitQuantityPerCheckout, which its set-up makes the same."""
MOST_LINES: Final = 100
MOST_NOTE: Final = 500
MOST_REFERENCE: Final = 120
"""Characters of a bank's reference."""


def check_gtin(gtin: str) -> bool:
    """Whether ``gtin`` is a GTIN of 8, 12, 13 or 14 digits with the right check digit (GS1 General
    Specifications 7.9)."""
    if not (gtin.isascii() and gtin.isdigit()) or len(gtin) not in {8, 12, 13, 14}:
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(gtin)))
    return weighted % 10 == 0


def check_draft(draft: ProductDraft) -> None:
    """Raises BadProduct with the first thing that is missing or wrong, in the seller's words."""
    if not 2 <= len(tidy(draft.name)) <= 160:
        raise BadProduct(what=_("tên hàng từ 2 đến 160 chữ"))
    if not draft.seller_id or len(draft.seller_id) > 40:
        raise BadProduct(what=_("người bán"))
    if len(draft.description) > MOST_DESCRIPTION:
        raise BadProduct(what=_("mô tả dài quá"))
    label = draft.label
    if len(label) > MOST_LABEL_FIELDS or any(
        len(k) > 60 or len(v) > MOST_LABEL_TEXT for k, v in label.items()
    ):
        raise BadProduct(what=_("thông tin nhãn dài quá"))
    if not 1 <= len(draft.variants) <= MOST_VARIANTS:
        raise BadProduct(what=_("ít nhất một quy cách với giá bán"))
    for each in draft.variants:
        if not 1 <= len(tidy(each.unit)) <= 60:
            raise BadProduct(what=_("đơn vị bán, ví dụ “bó 300 g”"))
        if each.price.currency != "VND" or each.price.amount <= 0:
            raise BadProduct(what=_("giá bán"))
        if each.quantity is not None and not 0 <= each.quantity <= MOST_QUANTITY:
            raise BadProduct(what=_("số lượng trong kho"))
        if each.weight_g is not None and not 1 <= each.weight_g <= 10_000_000:
            raise BadProduct(what=_("khối lượng"))
        if len(each.name) > 120 or len(each.sku) > 60:
            raise BadProduct(what=_("tên quy cách hoặc mã hàng dài quá"))
        if each.gtin and not check_gtin(each.gtin):
            raise BadProduct(what=_("mã vạch không đúng số kiểm tra"))
