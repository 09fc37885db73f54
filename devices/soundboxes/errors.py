"""What can be refused about sound boxes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backend.common.errors import Invalid, MarketError, NotFound


class SoundboxNotFound(NotFound):
    code = "SOUNDBOX_NOT_FOUND"
    message = _("Không tìm thấy loa này. Xin xem lại mã trên loa.")


class DeviceTaken(MarketError):
    code = "SOUNDBOX_DEVICE_TAKEN"
    status = 409
    message = _("Mã loa %(device)s đã có người dùng. Xin xem lại mã trên loa.")


class SoundboxRevoked(MarketError):
    code = "SOUNDBOX_REVOKED"
    status = 409
    message = _("Loa %(device)s đã ngừng dùng. Xin đăng ký loa khác.")


class BadSoundbox(Invalid):
    code = "SOUNDBOX_INVALID"
    message = _("Chưa ghi được loa: %(reason)s.")
