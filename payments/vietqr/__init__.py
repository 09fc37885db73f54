"""VietQR: strict encoder, liberal decoder with reasons, and drawing. Pure Python, no Django, no network.

Source: NAPAS, "Tài liệu quy định về định dạng mã VietQR trong dịch vụ chuyển nhanh NAPAS247", v1.0, 09/2021,
which is a profile of EMV "QR Code Specification for Payment Systems: Merchant-Presented Mode".
"""

from __future__ import annotations

from payments.vietqr.decoder import Decoded, Notice, decode
from payments.vietqr.encoder import clean_purpose, encode
from payments.vietqr.errors import VietQRError
from payments.vietqr.tlv import crc16

__all__ = [
    "Decoded",
    "Notice",
    "VietQRError",
    "clean_purpose",
    "crc16",
    "decode",
    "encode",
]
