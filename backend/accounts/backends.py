"""Signing in with a phone number or an e-mail address and a password."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from backend.accounts.models import User
from backend.accounts.queries import people_with_phone


class SignInBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's backend, where one unproved number may be the login name of several accounts.

    The password tells which of them it is. A number without any account costs one hashing, as one with an
    account does, so the time of the answer does not tell the two apart.
    """

    def _authenticate_by_phone(self, phone: str, password: str) -> User | None:
        for person in people_with_phone(phone):
            if self._check_password(person, password):
                return person
        return None
