"""Forms for signing up, in, and for what one may change about oneself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    ConfirmEmailVerificationCodeForm,
    ConfirmPasswordResetCodeForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from backend.accounts.access import User
from backend.accounts.errors import BadPhone
from backend.accounts.phones import parse_phone
from backend.common.text import tidy

PASSWORD_HELP = _("Ít nhất 8 ký tự, có chữ chứ không chỉ có số. Một câu ngắn dễ nhớ là tốt nhất.")
_REQUIRED_PASSWORD = {"required": _("Xin nhập mật khẩu.")}


@dataclass(frozen=True, slots=True)
class LoginName:
    """What somebody signs in with: ``kind`` is "phone" (value as E.164) or "email" (lower case)."""

    kind: str
    value: str


def parse_login_name(text: str) -> LoginName:
    """Tell a phone number from an e-mail address. Raises ValidationError for what is neither."""
    text = text.strip()
    if "@" in text:
        try:
            validate_email(text)
        except ValidationError:
            raise ValidationError(
                _("Địa chỉ thư chưa đúng, ví dụ đúng: ten@thu.vn"), code="bad_email"
            ) from None
        return LoginName("email", text.lower())
    try:
        return LoginName("phone", parse_phone(text))
    except BadPhone as refusal:
        raise ValidationError(str(refusal), code=refusal.code) from None


def _login_name_field() -> forms.CharField:
    return forms.CharField(
        label=_("Số điện thoại hoặc thư điện tử"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": _("Xin nhập số điện thoại hoặc thư điện tử.")},
    )


def _password_field(label: Any, *, new: bool, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=128,
        help_text=help_text,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "new-password" if new else "current-password", "autocapitalize": "none"}
        ),
        error_messages=_REQUIRED_PASSWORD,
    )


def _new_password_fields() -> dict[str, forms.Field]:
    return {
        "password1": _password_field(_("Mật khẩu mới"), new=True, help_text=PASSWORD_HELP),
        "password2": _password_field(_("Nhập lại mật khẩu mới"), new=True),
    }


def _check_new_password(form: forms.Form, user: User) -> dict[str, Any]:
    """Both typings agree and the password is good enough for this person; otherwise errors at its fields."""
    first, second = form.cleaned_data.get("password1"), form.cleaned_data.get("password2")
    if first and second and first != second:
        form.add_error("password2", _("Hai lần nhập mật khẩu chưa giống nhau."))
    elif first:
        try:
            validate_password(first, user)
        except ValidationError as problem:
            form.add_error("password1", problem)
    return form.cleaned_data


class SignInForm(LoginForm):  # type: ignore[misc]
    """allauth's, with one field for phone or e-mail. A wrong name and a wrong password are told alike."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "login": _login_name_field(),
            "password": _password_field(_("Mật khẩu"), new=False),
        }

    def clean_login(self) -> str:
        return parse_login_name(self.cleaned_data["login"]).value

    def user_credentials(self) -> dict[str, str]:
        name = parse_login_name(self.cleaned_data["login"])
        return {name.kind: name.value, "password": self.cleaned_data["password"]}


class SignUpForm(forms.Form):
    """A name, something to sign in with, and a password typed twice."""

    name = forms.CharField(
        label=_("Họ tên"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Xin cho biết họ tên.")},
    )
    login = _login_name_field()
    password1 = _password_field(_("Mật khẩu"), new=True, help_text=PASSWORD_HELP)
    password2 = _password_field(_("Nhập lại mật khẩu"), new=True)

    def clean_name(self) -> str:
        return tidy(self.cleaned_data["name"])

    def clean_login(self) -> LoginName:
        return parse_login_name(self.cleaned_data["login"])

    def clean(self) -> dict[str, Any]:
        login: LoginName | None = self.cleaned_data.get("login")
        person = User(name=self.cleaned_data.get("name", ""))
        if login is not None:
            setattr(person, login.kind, login.value)
        return _check_new_password(self, person)


class ForgotPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """Asks for the e-mail address that the code goes to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = forms.EmailField(
            label=_("Thư điện tử"),
            max_length=254,
            widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
            error_messages={
                "required": _("Xin nhập thư điện tử của tài khoản."),
                "invalid": _("Địa chỉ thư chưa đúng, ví dụ đúng: ten@thu.vn"),
            },
        )


class NewPasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]
    """After the code of a reset."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = _new_password_fields()

    def clean(self) -> dict[str, Any]:
        return _check_new_password(self, self.user)


class InvitedPasswordForm(forms.Form):
    """The first password of somebody who was invited."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields = _new_password_fields()

    def clean(self) -> dict[str, Any]:
        return _check_new_password(self, self.user)


class OwnPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """For somebody who is signed in and knows the present one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = _password_field(_("Mật khẩu hiện tại"), new=False)
        self.fields = {"oldpassword": present, **_new_password_fields()}

    def clean(self) -> dict[str, Any]:
        return _check_new_password(self, self.user)


class FirstPasswordForm(SetPasswordForm):  # type: ignore[misc]
    """For somebody whose account was made without a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = _new_password_fields()

    def clean(self) -> dict[str, Any]:
        return _check_new_password(self, self.user)


class EmailForm(forms.Form):
    """The e-mail address that a code shall prove."""

    email = forms.EmailField(
        label=_("Thư điện tử"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": _("Xin nhập thư điện tử."),
            "invalid": _("Địa chỉ thư chưa đúng, ví dụ đúng: ten@thu.vn"),
        },
    )


def _code_field() -> forms.CharField:
    """Six digits from a message; phones offer to fill them in."""
    return forms.CharField(
        label=_("Mã xác nhận"),
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Xin nhập mã trong thư.")},
    )


class CodeForm(forms.Form):
    code = _code_field()


class EmailCodeForm(ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    code = _code_field()


class ResetCodeForm(ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    code = _code_field()
