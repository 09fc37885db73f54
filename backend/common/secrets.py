"""Secrets at rest: sealed under the market's own key, never stored or logged in clear."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    derived = [
        Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"sealed-secrets:" + key.encode()).digest()))
        for key in keys
    ]
    return MultiFernet(derived)


def _keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def seal(text: str) -> str:
    """``text`` encrypted and authenticated under SECRET_KEY; every call gives another ciphertext."""
    return _box(_keys()).encrypt(text.encode()).decode()


def is_current(sealed: str) -> bool:
    """Whether it was sealed under SECRET_KEY itself and not one of SECRET_KEY_FALLBACKS."""
    try:
        _box(_keys()[:1]).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def unseal(sealed: str) -> str:
    """The text that was sealed; SECRET_KEY_FALLBACKS are tried too, so that the key can be changed.

    Raises ValueError when none of the keys opens it.
    """
    try:
        return _box(_keys()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise ValueError("This secret was sealed under another SECRET_KEY.") from None
