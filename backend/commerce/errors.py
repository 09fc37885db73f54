"""Refusals of a shop, with Saleor's codes where Saleor has one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.common.errors import MarketError


class ShopError(MarketError):
    """Base of what a shop refuses."""


class ShopUnavailable(ShopError):
    """The engine is slow or down. Nothing is lost: what was sent under a key can be sent again under it."""

    code = "SHOP_UNAVAILABLE"
    status = 503
    message = _(
        "Chợ tạm ngừng nhận đơn vì hệ thống bán hàng chưa trả lời. Hàng vẫn xem được, giỏ hàng vẫn còn; "
        "xin thử lại sau ít phút."
    )


class ShopRefused(ShopError):
    """The engine has answered, and its answer is no, for a reason that nothing here explains. Sent again it would be no
    again; what it said stands in the log."""

    code = "SHOP_REFUSED"
    status = 422
    message = _(
        "Hệ thống bán hàng không nhận yêu cầu này, và thử lại cũng không được. Xin xem lại những gì đã điền; "
        "nếu vẫn không được, xin báo ban quản lý chợ."
    )


class PriceLowered(ShopRefused):
    """The engine asks for less than the seller's prices: a promotion that the seller has not made (docs/saleor.md)."""

    code = "PRICE_LOWERED"
    status = 409
    message = _(
        "Hệ thống bán hàng đang giảm giá mà người bán không định, nên chợ chưa nhận được đơn này. "
        "Xin báo người bán hoặc ban quản lý chợ."
    )


class ProductNotFound(ShopError):
    code = "NOT_FOUND"
    status = 404
    message = _("Không tìm thấy món hàng này. Có thể người bán đã ngừng bán.")


class OrderNotFound(ShopError):
    code = "NOT_FOUND"
    status = 404
    message = _("Không tìm thấy đơn hàng này.")


class InsufficientStock(ShopError):
    """Fewer pieces are left than were asked for."""

    code = "INSUFFICIENT_STOCK"
    status = 409
    message = _("%(name)s chỉ còn %(available)s. Xin giảm số lượng rồi đặt lại.")


class NotForSale(ShopError):
    code = "PRODUCT_UNAVAILABLE_FOR_PURCHASE"
    status = 409
    message = _("%(name)s hiện không bán. Xin bỏ món này khỏi giỏ.")


class PriceChanged(ShopError):
    """The total is no longer the one that the buyer confirmed."""

    code = "PRICE_CHANGED"
    status = 409
    message = _("Giá vừa thay đổi: tổng mới là %(total)s. Xin xem lại rồi xác nhận.")


class EmptyCheckout(ShopError):
    code = "NO_LINES"
    message = _("Giỏ hàng đang trống. Xin chọn hàng trước.")


class BadQuantity(ShopError):
    code = "INVALID_QUANTITY"
    message = _("Số lượng phải từ 1 đến %(most)s.")


class StockHeld(ShopError):
    """The stock would fall below what orders hold: the seller has to settle those orders first."""

    code = "STOCK_HELD"
    status = 409
    message = _(
        "%(name)s đang được giữ %(held)s trong các đơn chưa giao, nên kho không thể ít hơn số đó. "
        "Xin hủy bớt đơn trước."
    )


class ChargeMismatch(ShopError):
    """This payment reference has already been reported with another amount (Saleor's INCORRECT_DETAILS)."""

    code = "INCORRECT_DETAILS"
    status = 409
    message = _("Giao dịch %(reference)s đã được ghi với số tiền khác (%(amount)s).")


class BadFulfillment(ShopError):
    """More is handed over than the order still waits for, or nothing at all."""

    code = "FULFILL_ORDER_LINE"
    status = 409
    message = _("Không giao được số lượng này: %(name)s còn chờ giao %(left)s.")


class BadProduct(ShopError):
    code = "INVALID"
    message = _("Thông tin món hàng chưa đủ: %(what)s.")


class BadImage(ShopError):
    code = "INVALID_IMAGE"
    message = _("Không đọc được ảnh này. Xin chọn ảnh JPEG, PNG hoặc WebP dưới %(megabytes)s MB.")


class TooManyImages(ShopError):
    code = "TOO_MANY_IMAGES"
    message = _("Mỗi món hàng có nhiều nhất %(most)s ảnh.")


class CannotCancel(ShopError):
    code = "CANNOT_CANCEL_ORDER"
    status = 409
    message = _("Đơn này đã giao nên không hủy được.")


class OrderTakenOn(CannotCancel):
    """Was to be cancelled only as long as nobody had taken it on, and has been confirmed, or money has come."""

    code = "ORDER_TAKEN_ON"
    message = _("Đơn này đã có tiền về hoặc người bán đã nhận, nên không tự hủy được.")


class CannotFulfillUnpaid(ShopError):
    code = "CANNOT_FULFILL_UNPAID_ORDER"
    status = 409
    message = _("Đơn này chưa nhận đủ tiền nên chưa giao được.")


class ReferenceTaken(ShopError):
    """Another product or variant already carries this outside reference, slug or code."""

    code = "UNIQUE"
    status = 409
    message = _("%(what)s này đã dùng cho hàng khác.")
