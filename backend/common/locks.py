"""One at a time by name, for what no row stands for yet."""

from __future__ import annotations

import hashlib

from django.db import connection


def hold_names(*names: str) -> None:
    """Until this transaction ends nobody else holds any of ``names``; waits for those who do.

    For a count that decides whether a row may be added: two who count at once would both find room. Always taken in one
    order, so that nobody waits in a ring. On SQLite an open transaction already holds the only write lock.
    Raises RuntimeError outside a transaction, where nothing would be held.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a name is held until a transaction ends, and none is open")
    if connection.vendor != "postgresql":
        return
    numbers = {int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True) for name in names}
    if numbers:
        # One statement; PostgreSQL works out its columns from the first to the last.
        columns = ", ".join(["pg_advisory_xact_lock(%s)"] * len(numbers))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns}", sorted(numbers))
