"""Keys of the engine as UUIDs: Saleor's clients expect them of checkouts, orders and transactions.

A key is a ULID, 128 bits in 26 characters, and so is a UUID in 36: the one is the other written differently.
"""

from __future__ import annotations

import uuid
from typing import Final

from backend.api.saleor.ids import key_of, to_global

_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE: Final = {letter: value for value, letter in enumerate(_LETTERS)}
_LENGTH: Final = 26


def uuid_of(key: str) -> uuid.UUID:
    """The UUID that ``key`` is. Raises KeyError, ValueError for what is no key of the engine."""
    value = 0
    for letter in key:
        value = value << 5 | _VALUE[letter]
    return uuid.UUID(int=value)


def key_of_uuid(value: uuid.UUID | str | None) -> str:
    """The key behind a UUID; empty for text that is none, which then finds nothing."""
    try:
        number = value.int if isinstance(value, uuid.UUID) else uuid.UUID(value or "").int
    except (ValueError, AttributeError, TypeError):
        return ""
    letters = []
    for _ in range(_LENGTH):
        letters.append(_LETTERS[number & 31])
        number >>= 5
    return "".join(reversed(letters))


def global_key(kind: str, key: str) -> str:
    """The global id of a checkout, order or transaction by its key in the engine."""
    return to_global(kind, uuid_of(key))


def read_key(text: str | None, *kinds: str) -> str:
    """The engine's key behind such a global id; empty for anything else."""
    return key_of_uuid(key_of(text, *kinds))
