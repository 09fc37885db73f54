"""Saleor's global ids: ``Type:key`` in base64."""

from __future__ import annotations

from backend.commerce.naming import global_id, parse_global_id
from backend.engine.reading import row_id

to_global = global_id


def read(text: str | None) -> tuple[str, str]:
    """Kind and key of a global id; two empty texts for what never was one."""
    return parse_global_id(text or "") or ("", "")


def key_of(text: str | None, *kinds: str) -> str:
    """The key of a global id of one of ``kinds``; empty for anything else, which then finds nothing."""
    kind, key = read(text)
    return key if kind in kinds else ""


def pk_of(text: str | None, *kinds: str) -> int:
    """The primary key behind a global id of one of ``kinds``, or 0, which no row has."""
    return row_id(key_of(text, *kinds))
