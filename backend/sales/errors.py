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


class NotPlacedInTime(MarketError):
    """The shop did not answer for so long that whoever waits should know where they stand."""

    code = "NOT_PLACED_IN_TIME"
    status = 503
    message = _(
        "Chưa đặt được đơn này vì hệ thống bán hàng không trả lời. Đơn đã thôi, không ai giữ hàng hay chờ tiền của bạn. "
        "Xin đặt lại."
    )


class TooManyOpenOrders(MarketError):
    """So many orders hold stock without money or a seller's word that no more are taken from this buyer now."""

    code = "TOO_MANY_OPEN_ORDERS"
    status = 429
    message = _(
        "Đang có %(open)s đơn đặt bằng số điện thoại này mà chưa trả tiền hoặc người bán chưa nhận; nhiều nhất là "
        "%(most)s. Xin trả tiền hoặc hủy bớt những đơn đó rồi đặt lại. "
        "Đơn chuyển khoản chưa trả tự hủy sau %(minutes)s phút."
    )


class TooManyOpenOrdersOfAccount(TooManyOpenOrders):
    message = _(
        "Tài khoản này đang có %(open)s đơn chưa trả tiền hoặc người bán chưa nhận; nhiều nhất là %(most)s. Xin trả tiền "
        "hoặc hủy bớt những đơn đó rồi đặt lại. Đơn chuyển khoản chưa trả tự hủy sau %(minutes)s phút."
    )


class TooManyOpenOrdersFromAddress(TooManyOpenOrders):
    message = _(
        "Nơi bạn truy cập đang có nhiều đơn chưa trả tiền hoặc người bán chưa nhận. Xin trả tiền cho đơn đã đặt, hoặc "
        "đợi %(minutes)s phút cho những đơn chưa trả tự hủy, rồi đặt lại."
    )


class AlreadyAccepted(MarketError):
    code = "ALREADY_ACCEPTED"
    status = 409
    message = _("Người bán đã nhận đơn này nên không tự hủy được nữa. Xin gọi cho người bán.")


class MoneyHasCome(MarketError):
    """Money arrived for this order, so it is no longer cancelled by a button."""

    code = "MONEY_RECEIVED"
    status = 409
    message = _("Đơn này đã có tiền về nên không tự hủy được. Xin gọi cho người bán.")


class AlreadyHandedOver(MarketError):
    code = "ALREADY_HANDED_OVER"
    status = 409
    message = _("Đơn này đã giao rồi.")
