"""How allauth works in this market: its hooks, filled in."""

from __future__ import annotations

from typing import Any

# First of all: `stages` and `internal` import one another, and only this way round works whoever comes first.
from allauth.account import internal  # noqa: F401
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import EmailVerificationStage
from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import User
from backend.accounts.phones import PhoneField

MISMATCH = _("Số điện thoại, thư điện tử hoặc mật khẩu chưa đúng.")


class ProvedEmailStage(EmailVerificationStage):  # type: ignore[misc]
    """Who signs in with an e-mail address must have proved it; who signs in with a phone number need not.

    Proving the address at sign-up is also what keeps sign-up from telling who has an account: the page is the
    same, only the mail differs.
    """

    def handle(self) -> Any:
        user = self.login.user
        if user is not None and self.login.email is None and user.phone:
            return None, True
        return super().handle()


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("Tài khoản này đang bị khóa."),
        "email_password_mismatch": MISMATCH,
        "phone_password_mismatch": MISMATCH,
        "username_password_mismatch": MISMATCH,
        "enter_current_password": _("Mật khẩu hiện tại chưa đúng."),
        "incorrect_code": _("Mã chưa đúng."),
        "incorrect_password": _("Mật khẩu chưa đúng."),
        "invalid_login": MISMATCH,
        "email_taken": _("Địa chỉ này đã thuộc về một tài khoản khác."),
        "too_many_login_attempts": _("Đã thử sai nhiều lần. Xin đợi năm phút rồi thử lại."),
        "rate_limited": _("Xin đợi một lát rồi thử lại."),
    }

    def get_login_stages(self) -> list[str]:
        return [f"{ProvedEmailStage.__module__}.{ProvedEmailStage.__qualname__}"]

    def phone_form_field(self, **kwargs: Any) -> forms.Field:
        return PhoneField(**kwargs)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified_at is not None) if user.phone else None

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """allauth counts failures per e-mail address; without this, all phone numbers would share one
        counter.
        """
        return str(credentials.get("email") or credentials.get("phone") or "").lower()

    def send_account_already_exists_mail(self, email: str) -> None:
        """Whoever signs up anew with a known address is told nothing on the page; its holder is, a few times a day: nobody
        is to be sent mail by strangers without end."""
        if ratelimit.consume(self.request, action="known_mail", key=email.strip().lower()):
            super().send_account_already_exists_mail(email)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def format_email_subject(self, subject: str) -> str:
        return f"{_('Chợ Xã')}: {subject}"
