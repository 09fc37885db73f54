"""A first password without anybody else ever knowing one: a link for one person, good once and for a week.

Somebody who holds the machine (or, later, an officer) makes the account and hands the link over; whoever opens it sets
the password. The link carries the person and a proof over their present password and last sign-in, so setting the
password or signing in ends it; nothing of it is stored.
"""

from __future__ import annotations

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.utils.http import base36_to_int, int_to_base36

from backend.accounts.errors import InvitationGone
from backend.accounts.models import User
from backend.accounts.services import Actor, set_password
from backend.common import audit


class _Proofs(PasswordResetTokenGenerator):
    key_salt = "backend.accounts.invitations"


_proofs = _Proofs()


def invite(*, actor: Actor, user: User) -> str:
    """The token of a link that lets ``user`` set their password (PASSWORD_RESET_TIMEOUT; shown once, never stored)."""
    with transaction.atomic():
        audit.record(actor if isinstance(actor, str) else actor.actor, "person_invited", user.actor)
    return f"{int_to_base36(user.pk)}-{_proofs.make_token(user)}"


def find_invited(token: str) -> User:
    """Whom ``token`` invites. Raises InvitationGone for one that is used, too old or none."""
    number, _, proof = token[:120].partition("-")
    try:
        user = User.objects.filter(pk=base36_to_int(number), is_active=True).first()
    except ValueError:
        user = None
    if user is None or not _proofs.check_token(user, proof):
        raise InvitationGone()
    return user


def accept_invitation(*, token: str, password: str) -> User:
    """Set the password of whom ``token`` invites, which ends the token. The caller checked its strength.

    Raises InvitationGone.
    """
    with transaction.atomic():
        user = find_invited(token)
        # Locked and looked at again: of two who open one link at once the second is too late.
        User.objects.select_for_update().get(pk=user.pk)
        user = find_invited(token)
        set_password(actor=user, user=user, password=password)
    return user
