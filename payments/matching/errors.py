"""Why a person cannot count a bank transaction for an intent."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.common.errors import MarketError, NotFound


class TransactionNotFound(NotFound):
    code = "TRANSACTION_NOT_FOUND"
    message = _("Không tìm thấy giao dịch ngân hàng này.")


class AllocationNotFound(NotFound):
    code = "ALLOCATION_NOT_FOUND"
    message = _("Không tìm thấy lần ghi nhận này.")


class NotEnoughUnallocated(MarketError):
    code = "NOT_ENOUGH_UNALLOCATED"
    status = 409
    message = _("Giao dịch này chỉ còn %(left)s chưa ghi nhận. Xin xem lại số tiền.")


class AccountDiffers(MarketError):
    code = "ACCOUNT_DIFFERS"
    status = 409
    message = _("Tiền về tài khoản khác với tài khoản của khoản phải thu này, nên không ghi nhận được.")
