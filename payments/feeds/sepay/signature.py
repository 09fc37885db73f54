"""SePay's signature: HMAC-SHA256 over "<timestamp>.<body>", in `X-SePay-Signature: sha256=<hex>`."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from payments.feeds.provider import MAX_BODY, NoticeRefused

SIGNATURE, TIMESTAMP = "x-sepay-signature", "x-sepay-timestamp"

# SePay signs each attempt anew and asks receivers to reject a drift above five minutes.
WINDOW_S = 300


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The value of X-SePay-Signature for these bytes."""
    message = str(timestamp).encode("ascii") + b"." + body
    return "sha256=" + hmac.new(secret.encode("utf-8"), message, hashlib.sha256).hexdigest()


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: float) -> None:
    """Believe these bytes only if one of `secrets` signed them within five minutes of `now` (Unix seconds).

    The bytes must be as they came: a body parsed and written again is another body. Comparison takes the same
    time whatever differs. Raises NoticeRefused: too_large, timestamp_missing, timestamp_invalid,
    signature_missing, timestamp_stale, signature_wrong.
    """
    if len(body) > MAX_BODY:
        raise NoticeRefused("too_large", f"Thông báo dài quá {MAX_BODY} byte.")
    stamp, given = headers.get(TIMESTAMP, "").strip(), headers.get(SIGNATURE, "").strip()
    if not stamp:
        raise NoticeRefused("timestamp_missing", "Thiếu tiêu đề X-SePay-Timestamp.")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise NoticeRefused("timestamp_invalid", "X-SePay-Timestamp phải là số giây.")
    if not given:
        raise NoticeRefused("signature_missing", "Thiếu tiêu đề X-SePay-Signature.")
    if abs(now - int(stamp)) > WINDOW_S:
        raise NoticeRefused(
            "timestamp_stale", "Thông báo được ký cách đây quá 5 phút; không nhận lại bản cũ."
        )
    # The stamp is signed as it was sent, so a leading zero would be part of the message.
    message = stamp.encode("ascii") + b"." + body
    matched = False
    for secret in secrets:
        wanted = "sha256=" + hmac.new(secret.encode("utf-8"), message, hashlib.sha256).hexdigest()
        matched |= hmac.compare_digest(wanted.encode("ascii"), given.lower().encode("utf-8", "replace"))
    if not matched:
        raise NoticeRefused("signature_wrong", "Chữ ký không đúng với khóa bí mật.")
