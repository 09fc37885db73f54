"""Refusals between buyer and seller."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.common.errors import MarketError


class NothingToBuy(MarketError):
    code = "EMPTY_BASKET"
    message = _("Giỏ hàng đang trống. Xin chọn hàng trước.")


class BasketFull(MarketError):
    code = "BASKET_FULL"
    message = _("Giỏ đã có %(most)s món khác nhau. Xin đặt trước những món này.")


class PaymentNotOffered(MarketError):
    code = "PAYMENT_NOT_OFFERED"
    status = 409
    message = _("%(seller)s hiện không nhận cách trả tiền này. Xin chọn cách khác.")


class TooMuchForTransfer(MarketError):
    """NAPAS 247 carries less than 500 million đồng in one transfer."""

    code = "TOO_MUCH_FOR_TRANSFER"
    status = 409
    message = _("Một lần chuyển khoản nhiều nhất %(most)s. Xin đặt ít hơn, hoặc chia thành hai đơn.")


class DeliveryNotOffered(MarketError):
    code = "DELIVERY_NOT_OFFERED"
    status = 409
    message = _("%(seller)s hiện không giao theo cách này. Xin chọn cách khác.")


class MoneyHasCome(MarketError):
    """Money arrived for this order, so it is no longer cancelled by a button."""

    code = "MONEY_RECEIVED"
    status = 409
    message = _("Đơn này đã có tiền về nên không tự hủy được. Xin gọi cho người bán.")


class AlreadyHandedOver(MarketError):
    code = "ALREADY_HANDED_OVER"
    status = 409
    message = _("Đơn này đã giao rồi.")
