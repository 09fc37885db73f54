"""Proof that somebody holds an e-mail address or a phone number: a short code, really delivered, typed back.

How a code travels is a ``CodeSender`` per channel. The market comes with one, for e-mail. A channel without a
sender proves nothing: a phone number stays a login name until somebody registers a sender of text messages or
Zalo here.

1. ``send_code`` stores a code's digest, then hands the code to the sender, outside any transaction.
2. ``confirm_code`` counts the try first, then compares; the right code proves the target in one transaction.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from datetime import timedelta
from typing import Final, Protocol

from allauth.account.models import EmailAddress
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from backend.accounts.errors import (
    CodeGone,
    CodeNotSent,
    CodeTooSoon,
    ContactTaken,
    NoDelivery,
    TooManyCodes,
    WrongCode,
)
from backend.accounts.models import Code, User
from backend.accounts.phones import parse_phone
from backend.common import audit, clock
from backend.common.ids import new_id

log = logging.getLogger(__name__)

Channel = Code.Channel

DIGITS: Final = 6
TRIES: Final = 5
LIFE: Final = timedelta(minutes=10)
PAUSE: Final = timedelta(seconds=60)
PER_DAY: Final = 5
"""Codes per person and per target in 24 hours. With TRIES this leaves a guesser 25 of a million numbers a
day.
"""


class CodeSender(Protocol):
    """Carries a code to where only its holder reads it."""

    def send(self, *, target: str, code: str, minutes: int) -> None:
        """Deliver ``code``, which holds for ``minutes``, to ``target`` (an address, or a number as E.164).

        Called outside any transaction, once per code; needs a timeout of its own; raises whatever it likes
        when the code cannot have arrived. Must not log the code.
        """


class EmailCodeSender:
    """By e-mail, through Django's mail backend (EMAIL_URL)."""

    def send(self, *, target: str, code: str, minutes: int) -> None:
        send_mail(
            subject=_("Chợ Xã: mã xác nhận"),
            message=_(
                "Mã xác nhận của bạn: %(code)s\n\n"
                "Mã dùng được trong %(minutes)s phút. Đừng đưa mã cho ai, kể cả người xưng là nhân viên chợ.\n"
                "Nếu bạn không xin mã này, xin bỏ qua thư."
            )
            % {"code": code, "minutes": minutes},
            from_email=None,
            recipient_list=[target],
        )


_senders: dict[str, CodeSender] = {Channel.EMAIL: EmailCodeSender()}


def register_sender(channel: str, sender: CodeSender) -> None:
    """Let codes of this channel travel by ``sender``. One line in the AppConfig.ready of an integration."""
    _senders[Channel(channel)] = sender


def can_prove(channel: str) -> bool:
    """Whether codes of this channel can be delivered at all."""
    return channel in _senders


def send_code(*, user: User, channel: str, target: str) -> Code:
    """Send a new code to ``target`` (an e-mail address, or a phone as people write it); older ones of it end.

    What comes back is the same whether the target belongs to somebody else or not; that is told after a right
    code only. Raises NoDelivery (the channel has no sender), BadPhone, CodeTooSoon, TooManyCodes,
    CodeNotSent.
    """
    channel = Channel(channel)
    if not can_prove(channel):
        raise NoDelivery()
    target = parse_phone(target) if channel == Channel.PHONE else target.strip().lower()
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    now = clock.now()
    with transaction.atomic(durable=True):
        # The person's row is the lock: two requests at once make one code.
        User.objects.select_for_update().get(pk=user.pk)
        recent = Code.objects.filter(channel=channel, sent_at__gt=now - timedelta(days=1)).filter(
            Q(user=user) | Q(target=target)
        )
        last = recent.filter(user=user).order_by("-sent_at").first()
        if last is not None and now - last.sent_at < PAUSE:
            raise CodeTooSoon(seconds=int((last.sent_at + PAUSE - now).total_seconds()) + 1)
        if recent.count() >= PER_DAY:
            raise TooManyCodes()
        Code.objects.filter(user=user, sent_at__lte=now - timedelta(days=1)).delete()
        Code.objects.filter(user=user, channel=channel, expires_at__gt=now).update(expires_at=now)
        code = Code(
            id=new_id(),
            user=user,
            channel=channel,
            target=target,
            tries_left=TRIES,
            sent_at=now,
            expires_at=now + LIFE,
        )
        code.digest = _digest(code.pk, digits)
        code.save(force_insert=True)
    try:
        _senders[channel].send(target=target, code=digits, minutes=int(LIFE.total_seconds() // 60))
    except Exception as problem:
        log.warning("a code could not be sent by %s: %s", channel, type(problem).__name__)
        code.delete()
        raise CodeNotSent() from problem
    return code


def waiting_code(user: User, channel: str) -> Code | None:
    """The code that ``user`` may still type, or None."""
    return (
        Code.objects.filter(
            user=user, channel=channel, used_at=None, expires_at__gt=clock.now(), tries_left__gt=0
        )
        .order_by("-sent_at")
        .first()
    )


def confirm_code(*, user: User, channel: str, digits: str) -> str:
    """Take the digits that ``user`` typed; the right ones prove the target, which is returned.

    A try is counted before the digits are looked at, so parallel guesses are counted too.
    Raises CodeGone (none waits, or its tries are used up), WrongCode (with ``left``), ContactTaken.
    """
    code = waiting_code(user, channel)
    if code is None:
        raise CodeGone()
    counted = Code.objects.filter(pk=code.pk, used_at=None, tries_left__gt=0).update(
        tries_left=F("tries_left") - 1
    )
    if not counted:
        raise CodeGone()
    typed = "".join(char for char in digits if char.isdecimal())
    if not hmac.compare_digest(code.digest, _digest(code.pk, typed)):
        left = code.tries_left - 1
        if left <= 0:
            raise CodeGone()
        raise WrongCode(left=left)
    try:
        with transaction.atomic():
            if not Code.objects.filter(pk=code.pk, used_at=None).update(used_at=clock.now()):
                raise CodeGone()
            if code.channel == Channel.PHONE:
                _prove_phone(user, code.target)
            else:
                _prove_email(user, code.target)
    except IntegrityError:
        # Somebody else proved the same target between our look and our write.
        raise ContactTaken() from None
    return code.target


def _prove_phone(user: User, phone: str) -> None:
    if User.objects.filter(phone=phone, phone_verified_at__isnull=False).exclude(pk=user.pk).exists():
        raise ContactTaken()
    user.phone, user.phone_verified_at = phone, clock.now()
    user.save(update_fields=["phone", "phone_verified_at"])
    audit.record(user.actor, "phone_proved", user.actor)


def _prove_email(user: User, email: str) -> None:
    elsewhere = User.objects.filter(email=email).exclude(pk=user.pk)
    if elsewhere.exists() or EmailAddress.objects.filter(email=email).exclude(user=user).exists():
        raise ContactTaken()
    user.email = email
    user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    audit.record(user.actor, "email_proved", user.actor)


def _digest(code_id: str, digits: str) -> str:
    return salted_hmac("accounts.code", f"{code_id}:{digits}", algorithm="sha256").hexdigest()
