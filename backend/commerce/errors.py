"""Refusals of a shop, with Saleor's codes where Saleor has one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.common.errors import MarketError


class ShopError(MarketError):
    """Base of what a shop refuses."""


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


class CannotFulfillUnpaid(ShopError):
    code = "CANNOT_FULFILL_UNPAID_ORDER"
    status = 409
    message = _("Đơn này chưa nhận đủ tiền nên chưa giao được.")
