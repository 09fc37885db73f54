"""Why a connection to a feed cannot be made or used."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.common.errors import MarketError, NotFound


class ProviderUnknown(MarketError):
    code = "FEED_PROVIDER_UNKNOWN"
    message = _("Chợ chưa biết nhà cung cấp báo biến động số dư này.")


class SecretTooShort(MarketError):
    code = "FEED_SECRET_TOO_SHORT"
    message = _("Khóa bí mật phải có ít nhất 16 ký tự. Xin chép đúng khóa mà nhà cung cấp đưa.")


class ConnectionNotFound(NotFound):
    code = "FEED_CONNECTION_NOT_FOUND"
    message = _("Không có kết nối này.")


class AccountAlreadyFed(MarketError):
    code = "ACCOUNT_ALREADY_FED"
    status = 409
    message = _("Tài khoản này đã có một nguồn báo khác. Mỗi tài khoản chỉ một nguồn ghi tiền.")


class RotationUnfinished(MarketError):
    code = "FEED_ROTATION_UNFINISHED"
    status = 409
    message = _(
        "Khóa cũ của lần đổi trước vẫn còn dùng được. Xin điền khóa mới vào trang của nhà cung cấp, kết thúc khóa cũ "
        "(--end), rồi mới đổi lần nữa."
    )
