"""Why an account cannot be taken as a payee's."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.common.errors import MarketError


class BankUnknown(MarketError):
    code = "BANK_UNKNOWN"
    message = _("Không có ngân hàng này trong danh sách. Xin chọn ngân hàng trong danh sách.")


class BankTakesNoTransfers(MarketError):
    code = "BANK_TAKES_NO_TRANSFERS"
    message = _("Ngân hàng này chưa nhận chuyển khoản bằng mã VietQR. Xin dùng tài khoản ở ngân hàng khác.")


class AccountInvalid(MarketError):
    code = "ACCOUNT_INVALID"
    message = _("Số tài khoản gồm 1 đến 19 chữ số hoặc chữ cái không dấu. Xin xem lại.")


class AccountNameMissing(MarketError):
    code = "ACCOUNT_NAME_MISSING"
    message = _("Xin nhập tên tài khoản như ngân hàng ghi, ví dụ NGUYEN THI SEN.")
