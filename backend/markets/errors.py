"""What a market refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.common.errors import MarketError


class MarketPlaceError(MarketError):
    """Base of what a market, its stalls and their tills refuse."""


class BadName(MarketPlaceError):
    code = "MARKET_BAD_NAME"
    message = _("Xin nhập tên, nhiều nhất %(most)s chữ.")


class BadStallCode(MarketPlaceError):
    code = "STALL_BAD_CODE"
    message = _("Số sạp gồm 1 đến 8 chữ và số, ví dụ A12.")


class StallCodeTaken(MarketPlaceError):
    code = "STALL_CODE_TAKEN"
    status = 409
    message = _("Chợ này đã có sạp %(code)s. Xin chọn số khác.")


class StallClosed(MarketPlaceError):
    code = "STALL_CLOSED"
    status = 409
    message = _("Sạp %(code)s đã nghỉ nên không thu tiền được. Xin hỏi ban quản lý chợ.")


class StallHasNoAccount(MarketPlaceError):
    code = "STALL_HAS_NO_ACCOUNT"
    status = 409
    message = _(
        "Sạp %(code)s chưa có tài khoản nhận tiền. Xin nhờ ban quản lý chợ thêm số tài khoản rồi thu lại."
    )


class ChargeOutOfRange(MarketPlaceError):
    code = "CHARGE_OUT_OF_RANGE"
    message = _("Số tiền phải từ %(least)s đến %(most)s.")


class NoteTooLong(MarketPlaceError):
    code = "CHARGE_NOTE_TOO_LONG"
    message = _("Ghi chú dài quá. Xin viết trong %(most)s chữ.")


class ChargeHasMoney(MarketPlaceError):
    """Money has arrived, so the charge cannot be made undone; giving money back is another act."""

    code = "CHARGE_HAS_MONEY"
    status = 409
    message = _("Khách đã chuyển %(received)s nên không hủy được nữa. Nếu thu nhầm, xin trả lại khách.")
