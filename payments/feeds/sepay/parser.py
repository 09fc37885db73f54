"""SePay's webhook body: one transfer as a JSON object."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any, Literal

from payments.feeds.provider import MAX_AMOUNT_VND, NoticeMalformed, ReportedTransfer

# SePay writes Vietnamese time without a zone.
VIETNAM = timezone(timedelta(hours=7))

MAX_TEXT = 2_000


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise NoticeMalformed("not_json", "Nội dung không phải JSON hợp lệ.") from None
    if not isinstance(value, dict):
        raise NoticeMalformed("not_object", "Nội dung phải là một đối tượng JSON.")
    return value


def _whole(value: object) -> int | None:
    """A whole number as int, as a float without fraction, or as digits; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return value if isinstance(value, int) else None


def _text(row: dict[str, Any], name: str, *, limit: int = MAX_TEXT) -> str:
    """A text field; null and absent are empty. NUL, which PostgreSQL cannot store, is dropped."""
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise NoticeMalformed("text_invalid", f"Trường {name} phải là chữ.")
    return value.encode("utf-8", "ignore").decode("utf-8").replace("\x00", "").strip()[:limit]


def parse(body: bytes) -> tuple[ReportedTransfer, ...]:
    """The transfer that `body` reports; none when it reports something else (transferType neither in nor
    out).

    Raises NoticeMalformed: not_json, not_object, id_invalid, account_missing, amount_invalid, date_invalid,
    text_invalid.
    """
    row = _object(body)
    kind = row.get("transferType")
    direction: Literal["in", "out"]
    if kind == "in":
        direction = "in"
    elif kind == "out":
        direction = "out"
    else:
        return ()
    provider_id = _whole(row.get("id"))
    if provider_id is None or not 0 < provider_id < 2**63:
        raise NoticeMalformed("id_invalid", "Trường id phải là số nguyên dương.")
    amount = _whole(row.get("transferAmount"))
    if amount is None or not 0 < amount <= MAX_AMOUNT_VND:
        raise NoticeMalformed("amount_invalid", "Trường transferAmount phải là số đồng nguyên lớn hơn 0.")
    account = _text(row, "accountNumber", limit=40)
    if not account:
        raise NoticeMalformed("account_missing", "Thiếu trường accountNumber.")
    try:
        occurred_at = datetime.strptime(_text(row, "transactionDate"), "%Y-%m-%d %H:%M:%S").replace(
            tzinfo=VIETNAM
        )
    except ValueError:
        raise NoticeMalformed(
            "date_invalid", "Trường transactionDate phải có dạng 2026-11-22 14:02:37."
        ) from None
    return (
        ReportedTransfer(
            provider="sepay",
            provider_id=str(provider_id),
            bank_name=_text(row, "gateway", limit=80),
            account=account,
            sub_account=_text(row, "subAccount", limit=40),
            direction=direction,
            amount_vnd=amount,
            currency="VND",
            occurred_at=occurred_at,
            content=_text(row, "content"),
            code=_text(row, "code", limit=40),
            reference=_text(row, "referenceCode", limit=80),
        ),
    )
