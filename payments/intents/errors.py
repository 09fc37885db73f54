"""Why something cannot be done to a payment intent."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.common.errors import MarketError, NotFound


class IntentNotFound(NotFound):
    code = "INTENT_NOT_FOUND"
    message = _("Không tìm thấy khoản phải thu này.")


class PayeeMissing(MarketError):
    code = "PAYEE_MISSING"
    message = _("Người bán chưa có tài khoản nhận tiền. Xin thêm tài khoản ngân hàng trước.")


class DueOutOfRange(MarketError):
    code = "DUE_OUT_OF_RANGE"
    message = _("Số tiền phải từ 1 đến 499.999.999 đồng, là mức chuyển nhanh nhận trong một lần.")


class IntentAlreadyPaid(MarketError):
    code = "INTENT_ALREADY_PAID"
    status = 409
    message = _("Khoản này đã nhận đủ tiền nên không hủy được nữa.")


class IntentCancelled(MarketError):
    code = "INTENT_CANCELLED"
    status = 409
    message = _("Khoản này đã hủy nên không xác nhận được nữa.")


class IntentNotOpen(MarketError):
    code = "INTENT_NOT_OPEN"
    status = 409
    message = _("Khoản này đã đủ tiền hoặc đã hủy, nên không ghi thêm được. Xin xem lại danh sách.")


class PayeeHasFeed(MarketError):
    code = "PAYEE_HAS_FEED"
    status = 409
    message = _("Ngân hàng tự báo tiền về tài khoản này, không xác nhận bằng tay. Xin đợi tin của ngân hàng.")


class AmountDiffers(MarketError):
    code = "AMOUNT_DIFFERS"
    message = _(
        "Số tiền xác nhận (%(given)s) khác số còn phải thu (%(wanted)s). Xin xem lại số dư trong ngân hàng."
    )


class AlreadyReversed(MarketError):
    code = "ALLOCATION_ALREADY_REVERSED"
    status = 409
    message = _("Lần ghi nhận này đã được đảo lại trước đó.")
