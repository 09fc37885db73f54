"""Refusals of what only Saleor's dialect asks of the engine; the port's are in backend.commerce.errors."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.commerce.errors import ShopError


class CheckoutNotFound(ShopError):
    code = "NOT_FOUND"
    status = 404
    message = _("Không tìm thấy giỏ hàng này. Có thể giỏ đã thành đơn hàng, hoặc đã quá cũ.")


class OtherSeller(ShopError):
    """One checkout is one seller's: every seller is paid and delivers alone."""

    code = "INVALID"
    status = 409
    message = _(
        "Giỏ này đang có hàng của %(seller)s. Mỗi giỏ mua của một người bán; xin đặt giỏ này trước, rồi mở "
        "giỏ mới cho người bán khác."
    )


class LineNotFound(ShopError):
    code = "NOT_FOUND"
    status = 404
    message = _("Không tìm thấy dòng hàng này trong giỏ.")


class MetadataTooLong(ShopError):
    code = "INVALID"
    message = _("Dữ liệu kèm theo quá dài: nhiều nhất %(most)s mục, mỗi mục %(length)s ký tự.")


class FulfillmentNotFound(ShopError):
    code = "NOT_FOUND"
    status = 404
    message = _("Không tìm thấy lần giao hàng này.")


class CannotCancelFulfillment(ShopError):
    code = "CANNOT_CANCEL_FULFILLMENT"
    status = 409
    message = _("Lần giao hàng này đã được hủy rồi.")


class TransactionNotFound(ShopError):
    code = "NOT_FOUND"
    status = 404
    message = _("Không tìm thấy giao dịch này.")


class BadTransaction(ShopError):
    code = "INVALID"
    message = _("Giao dịch này không ghi được: số tiền, mã hoặc loại chưa đúng.")


class AmountMissing(ShopError):
    code = "REQUIRED"
    message = _("Xin ghi số tiền.")


class KeyTaken(ShopError):
    """The idempotency key has been used for another payment."""

    code = "UNIQUE"
    status = 409
    message = _("Mã này đã dùng cho một lần trả tiền khác.")


class ReportDiffers(ShopError):
    """The same report came with another amount."""

    code = "INCORRECT_DETAILS"
    status = 409
    message = _("Giao dịch này đã được ghi với số tiền khác.")


class AlreadyAuthorized(ShopError):
    code = "ALREADY_EXISTS"
    status = 409
    message = _("Giao dịch này đã được cho phép trước đó.")


class AlreadyCharged(ShopError):
    """Money has reached this order already, so that nobody can say that all of it came by another way."""

    code = "TRANSACTION_ERROR"
    status = 409
    message = _("Đơn này đã có tiền về nên không ghi tay là đã trả được.")
