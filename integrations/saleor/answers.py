"""Business errors of Saleor's mutations, and ids that come from outside."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from backend.commerce import naming
from backend.commerce.errors import ShopRefused, ShopUnavailable

log = logging.getLogger(__name__)

Errors = list[dict[str, Any]]

PASSING: Final = frozenset({"TAX_ERROR", "CHECKOUT_COMPLETION_IN_PROGRESS"})
"""Codes of what another program did not answer in time, or does at this moment."""
_UUID_TYPES: Final = frozenset({"Order", "Checkout"})


def errors_of(data: Mapping[str, Any], *names: str) -> Errors:
    """The errors of the mutations ``names`` (of all in ``data`` when none is named), in their order."""
    return [error for name in names or tuple(data) for error in (data[name] or {}).get("errors") or []]


def codes(errors: Iterable[Mapping[str, Any]]) -> set[str]:
    return {str(each["code"]) for each in errors}


def expect_none(errors: Errors, *, doing: str) -> None:
    """For errors that nothing of ours explains, with a line in the log. Raises ShopRefused: Saleor has answered, and would
    answer the same again; ShopUnavailable only for what passes by itself."""
    if errors:
        said = "; ".join(f"{each.get('field')} {each.get('code')} {each.get('message')}" for each in errors)
        log.error("saleor refused %s: %s", doing, said[:500])
        raise ShopUnavailable() if codes(errors) <= PASSING else ShopRefused()


def is_id(outside: str, type_name: str) -> bool:
    """Whether ``outside`` can be the id of a ``type_name``; Saleor answers anything else with a fault."""
    parsed = naming.parse_global_id(outside)
    if parsed is None or parsed[0] != type_name:
        return False
    if type_name not in _UUID_TYPES:
        return parsed[1].isascii() and parsed[1].isdigit() and len(parsed[1]) <= 9
    try:
        return str(UUID(parsed[1])) == parsed[1]
    except ValueError:
        return False


def ids_of(outside: Iterable[str], type_name: str) -> list[str]:
    """Those of ``outside`` that can be ids, each once. Raises ValueError for more than a page of them."""
    found = [each for each in dict.fromkeys(outside) if is_id(each, type_name)]
    if len(found) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} ids at once")
    return found


MOST_AT_ONCE: Final = 100
"""Nodes in one answer of Saleor."""
