"""Errors that people see: a stable code for programs, a Vietnamese sentence that says what to do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _


class MarketError(Exception):
    """Base of every refusal of the market.

    ``code`` never changes once published; ``status`` is the HTTP answer; ``message`` is a translatable sentence whose
    named placeholders are filled from the keyword arguments. ``params`` keeps them for programs.
    """

    code: ClassVar[str] = "ERROR"
    status: ClassVar[int] = 400
    message: ClassVar[Any] = _("Chưa làm được việc này. Xin thử lại.")

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.code)

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.params if self.params else text


class NotFound(MarketError):
    code = "NOT_FOUND"
    status = 404
    message = _("Không tìm thấy. Có thể đường dẫn đã cũ.")


class Forbidden(MarketError):
    code = "PERMISSION_DENIED"
    status = 403
    message = _("Tài khoản này không có quyền làm việc đó.")


class Invalid(MarketError):
    code = "INVALID"
    message = _("Có chỗ chưa đúng. Xin xem lại.")


class UnusableText(MarketError):
    """A NUL, which no text has and PostgreSQL does not store."""

    code = "UNUSABLE_TEXT"
    message = _("Chữ gửi lên có ký tự không dùng được. Xin xóa chỗ đó rồi gõ lại.")


class TooLong(MarketError):
    code = "TOO_LONG"
    status = 413
    message = _("Gửi lên nhiều quá. Xin gửi ít ảnh hơn hoặc ảnh nhỏ hơn.")


class KeyReused(MarketError):
    """The same idempotency key came with another input: a bug of the caller, never a retry."""

    code = "IDEMPOTENCY_KEY_REUSED"
    status = 409
    message = _("Yêu cầu này trùng mã với một yêu cầu khác. Xin tải lại trang rồi làm lại.")


class TooBusy(MarketError):
    code = "BUSY"
    status = 503
    message = _("Chợ đang đông. Xin đợi một lát rồi thử lại; những gì đã nhập vẫn còn.")


class TransitionRefused(MarketError):
    code = "TRANSITION_REFUSED"
    status = 409
    message = _("Việc này không còn làm được ở bước hiện tại. Xin tải lại trang.")
