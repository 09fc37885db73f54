"""Signing in, staying in and signing up by tokens, over the same accounts and limits as the pages."""

from __future__ import annotations

import hmac
from typing import Any, Final

import jwt
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.accounts import codes
from backend.accounts.errors import BadPhone, EmailTaken
from backend.accounts.models import User
from backend.accounts.phones import parse_phone
from backend.accounts.queries import MOST_OF_ONE_NUMBER, people_with_phone
from backend.accounts.services import LONGEST_NAME, SELF, create_person, set_password
from backend.api.saleor import tokens
from backend.api.saleor.context import absolute, requestor_of_user
from backend.api.saleor.problems import Problem, Refused
from backend.common.errors import MarketError
from backend.common.ids import new_token

WRONG: Final = "Please, enter valid credentials"
LATER: Final = "Logging has been suspended for a while. Please try again later."
LONGEST_PASSWORD: Final = 128
_PASSWORD_CODES: Final = {
    "password_too_short": "PASSWORD_TOO_SHORT",
    "password_too_common": "PASSWORD_TOO_COMMON",
    "password_entirely_numeric": "PASSWORD_ENTIRELY_NUMERIC",
    "password_too_similar": "PASSWORD_TOO_SIMILAR",
}


def sign_in(request: HttpRequest, login: str, password: str) -> dict[str, Any]:
    """Tokens for who proves to be somebody. ``login`` is an e-mail address or a phone number.

    Raises Refused: INVALID_CREDENTIALS whatever of the two is wrong, ACCOUNT_NOT_CONFIRMED for a right password of an
    address that was never proved, LOGIN_ATTEMPT_DELAYED after too many tries.
    """
    if not ratelimit.consume(request, action="login"):
        raise Refused("LOGIN_ATTEMPT_DELAYED", LATER, "email")
    credentials = _credentials(login)
    if credentials is None or len(password) > LONGEST_PASSWORD:
        raise Refused("INVALID_CREDENTIALS", WRONG, "email")
    try:
        user = get_adapter(request).authenticate(request, password=password, **credentials)
    except ValidationError:
        raise Refused("LOGIN_ATTEMPT_DELAYED", LATER, "email") from None
    if not isinstance(user, User):
        raise Refused("INVALID_CREDENTIALS", WRONG, "email")
    if not user.is_active:
        raise Refused("INACTIVE", "Account inactive.", "email")
    if "email" in credentials and not _proved(user, credentials["email"]):
        raise Refused("ACCOUNT_NOT_CONFIRMED", "Account needs to be confirmed via email.", "email")
    csrf = new_token(32)
    is_staff = requestor_of_user(user).is_staff
    return {
        "token": tokens.make(user, kind="access", is_staff=is_staff),
        "refresh_token": tokens.make(user, kind="refresh", is_staff=is_staff, csrf=csrf),
        "csrf_token": csrf,
        "user": user,
    }


def renew(refresh_token: str | None, csrf_token: str | None) -> dict[str, Any]:
    """A new access token. Raises Refused JWT_MISSING_TOKEN, JWT_DECODE_ERROR,
    JWT_INVALID_TOKEN, JWT_INVALID_CSRF_TOKEN.
    """
    if not refresh_token:
        raise Refused("JWT_MISSING_TOKEN", "Missing refreshToken", "refreshToken")
    claims = tokens.claims_of(refresh_token, kind="refresh")
    user = tokens.user_of(refresh_token, kind="refresh")
    if claims is None or user is None:
        raise _no_token(refresh_token, "refreshToken")
    if csrf_token and not hmac.compare_digest(csrf_token, str(claims.get("csrf_token", ""))):
        raise Refused("JWT_INVALID_CSRF_TOKEN", "Invalid csrf token", "csrfToken")
    is_staff = requestor_of_user(user).is_staff
    return {"token": tokens.make(user, kind="access", is_staff=is_staff), "user": user}


def verify(token: str) -> dict[str, Any]:
    """Whether a token of ours holds, what it says, and whose it is. Raises Refused JWT_DECODE_ERROR,
    JWT_INVALID_TOKEN.
    """
    for kind in ("access", "refresh"):
        claims = tokens.claims_of(token, kind=kind)
        if claims is not None:
            user = tokens.user_of(token, kind=kind)
            if user is not None:
                return {"is_valid": True, "payload": claims, "user": user}
    raise _no_token(token, "token")


def _no_token(token: str, field: str) -> Refused:
    """What is wrong with a token that does not hold: no token at all, or none of ours, of another kind or too old."""
    try:
        jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        return Refused("JWT_DECODE_ERROR", "Error decoding signature", field)
    return Refused("JWT_INVALID_TOKEN", "Invalid token", field)


def sign_up(request: HttpRequest, login: str, password: str, name: str) -> None:
    """Open an account, and never tell whether the address or number already has one.

    By e-mail a code is sent, which ``confirm`` takes; who has an account already gets a mail that says so. By phone
    nothing can be delivered: an unproved number excludes nobody, and an account of this number with this very
    password stays the one it is.
    Raises Refused: INVALID for what is neither address nor number, PASSWORD_… for a weak password.
    """
    if not ratelimit.consume(request, action="signup"):
        raise Refused("LOGIN_ATTEMPT_DELAYED", LATER, "email")
    if len(name) > LONGEST_NAME:
        raise Refused("INVALID", f"Ensure this value has at most {LONGEST_NAME} characters.", "firstName")
    credentials = _credentials(login)
    if credentials is None:
        raise Refused("INVALID", "Enter a valid email address.", "email")
    email, phone = credentials.get("email"), credentials.get("phone")
    _check_password(password, User(email=email, phone=phone, name=name))
    if email is not None:
        if not ratelimit.consume(request, action="signup_mail"):
            raise Refused("LOGIN_ATTEMPT_DELAYED", LATER, "email")
        _by_email(request, email, password, name)
    elif phone is not None:
        if not ratelimit.consume(request, action="signup_phone", key=phone):
            raise Refused("LOGIN_ATTEMPT_DELAYED", LATER, "email")
        _by_phone(phone, password, name)


def change_password(request: HttpRequest, user: User, old: str | None, new: str) -> None:
    """A new password for who knows the old one; every token and session of before ends with it.

    Raises Refused: INVALID_CREDENTIALS, PASSWORD_… for a weak one, LOGIN_ATTEMPT_DELAYED after too many tries.
    """
    if not ratelimit.consume(request, action="change_password", user=user):
        raise Refused("LOGIN_ATTEMPT_DELAYED", LATER, "oldPassword")
    if user.has_usable_password() and (
        not old or len(old) > LONGEST_PASSWORD or not user.check_password(old)
    ):
        raise Refused("INVALID_CREDENTIALS", "Old password isn't valid.", "oldPassword")
    _check_password(new, user, "newPassword")
    set_password(actor=user, user=user, password=new)


def ask_for_reset(request: HttpRequest, email: str) -> None:
    """A letter that tells where a forgotten password is replaced: the same one whether or not there is such an account.

    Raises Refused: INVALID for what is no address, PASSWORD_RESET_ALREADY_REQUESTED after too many.
    """
    credentials = _credentials(email)
    address = (credentials or {}).get("email")
    if address is None:
        raise Refused("INVALID", "Enter a valid email address.", "email")
    if not ratelimit.consume(request, action="reset_password", key=address):
        raise Refused(
            "PASSWORD_RESET_ALREADY_REQUESTED",
            "Password reset already requested. Please try again later.",
            "email",
        )
    send_mail(
        subject=_("Chợ Xã: đặt lại mật khẩu"),
        message=_(
            "Có người xin đặt lại mật khẩu của địa chỉ này ở chợ.\n\n"
            "Nếu là bạn, xin mở: %(page)s\n"
            "Nếu không phải bạn, xin bỏ qua thư: mật khẩu vẫn như cũ."
        )
        % {"page": absolute(reverse("account_reset_password"))},
        from_email=None,
        recipient_list=[address],
    )


def confirm(email: str, digits: str) -> User:
    """The digits of the mail prove the address. Raises Refused INVALID, whatever is wrong."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    try:
        if user is None:
            raise Refused("INVALID", "Invalid token.", "token")
        codes.confirm_code(user=user, channel=codes.Channel.EMAIL, digits=digits)
    except MarketError:
        raise Refused("INVALID", "Invalid token.", "token") from None
    return user


def _by_email(request: HttpRequest, email: str, password: str, name: str) -> None:
    try:
        if EmailAddress.objects.filter(email=email).exists():
            raise EmailTaken()
        user = create_person(actor=SELF, name=name, password=password, email=email)
    except EmailTaken:
        # As long as making an account would take.
        make_password(password)
        get_adapter(request).send_account_already_exists_mail(email)
        return
    codes.send_code(user=user, channel=codes.Channel.EMAIL, target=email)


def _by_phone(phone: str, password: str, name: str) -> None:
    others = people_with_phone(phone)
    if not others:
        make_password(password)
    if any(person.check_password(password) for person in others) or len(others) >= MOST_OF_ONE_NUMBER:
        return
    create_person(actor=SELF, name=name, password=password, phone=phone)


def _credentials(login: str) -> dict[str, str] | None:
    text = login.strip()
    if "@" in text:
        try:
            validate_email(text)
        except ValidationError:
            return None
        return {"email": text.lower()}
    try:
        return {"phone": parse_phone(text)}
    except BadPhone:
        return None


def _proved(user: User, email: str) -> bool:
    proved: bool = EmailAddress.objects.filter(user=user, email=email, verified=True).exists()
    return proved


def _check_password(password: str, user: User, field: str = "password") -> None:
    if len(password) > LONGEST_PASSWORD:
        raise Refused("INVALID", f"Ensure this value has at most {LONGEST_PASSWORD} characters.", field)
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise Refused.of(
            [
                Problem(_PASSWORD_CODES.get(str(each.code), "INVALID"), " ".join(each.messages), field)
                for each in weak.error_list
            ]
        ) from None
