"""Django's password rules in words that people of a market understand, and with the phone number among them."""

from __future__ import annotations

from django.contrib.auth import password_validation as django_rules
from django.utils.translation import gettext as _


class LongEnough(django_rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _("Mật khẩu cần ít nhất %(count)s ký tự.") % {"count": self.min_length}


class NotCommon(django_rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("Mật khẩu này nhiều người dùng nên dễ bị đoán. Hãy chọn câu khác.")


class NotOnlyDigits(django_rules.NumericPasswordValidator):
    """Eight digits are a birthday or a phone number too often."""

    def get_error_message(self) -> str:
        return _("Mật khẩu không nên chỉ có chữ số. Hãy thêm vài chữ.")


class NotAboutOneself(django_rules.UserAttributeSimilarityValidator):
    def __init__(self) -> None:
        super().__init__(user_attributes=("name", "phone", "email"))

    def get_error_message(self) -> str:
        return _("Mật khẩu quá giống tên, số điện thoại hay thư điện tử của bạn.")
