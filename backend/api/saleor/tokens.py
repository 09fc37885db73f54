"""Tokens of people: RS256, with the claims that Saleor writes. The key is the market's (``signing_key``)."""

from __future__ import annotations

import functools
import hashlib
from datetime import timedelta
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from backend.accounts.models import User
from backend.api.saleor.ids import pk_of, to_global
from backend.api.saleor.signing_key import signing_key
from backend.common import clock
from backend.common.ids import new_token

ACCESS_S: Final = 300
REFRESH_S: Final = 30 * 86_400
"""Saleor's defaults: five minutes and thirty days."""


def issuer() -> str:
    """The address of the dialect; public clients drop a token whose ``iss`` is another."""
    return f"{settings.PUBLIC_URL}/graphql/"


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    return signing_key(settings.DATA_DIR)


@functools.cache
def _key_id() -> str:
    public = (
        _key()
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return hashlib.sha256(public).hexdigest()[:16]


def public_keys() -> dict[str, Any]:
    """The key set that others check our tokens with (``/.well-known/jwks.json``)."""
    key = jwt.algorithms.RSAAlgorithm.to_jwk(_key().public_key(), as_dict=True)
    return {"keys": [{**key, "kid": _key_id(), "use": "sig", "alg": "RS256"}]}


def _password_mark(user: User) -> str:
    """Changes with the password, so that a new password ends every token."""
    return user.get_session_auth_hash()[:16]


def make(user: User, *, kind: str, is_staff: bool, csrf: str = "") -> str:
    """A token of ``kind`` "access" or "refresh"."""
    now = clock.now()
    life = ACCESS_S if kind == "access" else REFRESH_S
    claims: dict[str, Any] = {
        "iat": int(now.timestamp()),
        "owner": "saleor",
        "iss": issuer(),
        "exp": int((now + timedelta(seconds=life)).timestamp()),
        "token": _password_mark(user),
        "email": user.email or user.phone or "",
        "type": kind,
        "user_id": to_global("User", user.pk),
        "is_staff": is_staff,
        # Two tokens of one second differ.
        "jti": new_token(12),
    }
    if csrf:
        claims["csrf_token"] = csrf
    return jwt.encode(claims, _key(), algorithm="RS256", headers={"kid": _key_id()})


def claims_of(token: str, *, kind: str) -> dict[str, Any] | None:
    """The claims of a token of ours of ``kind`` whose signature and time hold, else None."""
    try:
        claims = jwt.decode(
            token,
            _key().public_key(),
            algorithms=["RS256"],
            issuer=issuer(),
            options={"require": ["exp", "iat", "iss", "user_id", "token"], "verify_exp": False},
        )
    except jwt.InvalidTokenError:
        return None
    # By the market's own clock, as everything that ends.
    if claims.get("type") != kind or claims["exp"] <= clock.now().timestamp():
        return None
    return claims


def user_of(token: str, *, kind: str = "access") -> User | None:
    """The active person of a token of ours, unless the password has changed since. One query."""
    claims = claims_of(token, kind=kind)
    if claims is None:
        return None
    user = User.objects.filter(pk=pk_of(claims["user_id"], "User"), is_active=True).first()
    return user if user is not None and _password_mark(user) == claims["token"] else None
