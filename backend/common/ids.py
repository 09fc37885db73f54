"""Identifiers: sortable ones for rows, unguessable ones for links."""

from __future__ import annotations

import secrets
import time

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """A 26-character id that sorts by the millisecond of its making (ULID: 48 bits of time, 80 random bits)."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    letters = []
    for _ in range(26):
        letters.append(_CROCKFORD[value & 31])
        value >>= 5
    return "".join(reversed(letters))


def new_token(length: int = 32) -> str:
    """``length`` letters and digits that nobody guesses (5 bits each): 32 of them carry 160 bits."""
    return "".join(secrets.choice(_CROCKFORD) for _ in range(length))
