"""The frame of a payload: two-digit tags, two-digit lengths, values, and the CRC at the end."""

from __future__ import annotations

from payments.vietqr.errors import VietQRError


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE (polynomial 1021, start FFFF, not reflected); of b"123456789" it is 0x29B1."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return crc


def is_digits(text: str) -> bool:
    """Whether `text` is made of 0-9 only (str.isdigit also takes Arabic and superscript digits)."""
    return text.isascii() and text.isdigit()


def split(text: str, *, where: str = "") -> dict[str, str]:
    """Fields of one level, in the order in which they stand. Lengths count characters.

    Raises: VietQRError bad_structure (a tag, a length or a value cut short) or duplicate_field.
    """
    fields: dict[str, str] = {}
    at = 0
    while at < len(text):
        tag, size = text[at : at + 2], text[at + 2 : at + 4]
        if len(size) < 2 or not is_digits(tag) or not is_digits(size):
            raise VietQRError("bad_structure", f"{where}vị trí {at}")
        value = text[at + 4 : at + 4 + int(size)]
        if len(value) < int(size):
            raise VietQRError("bad_structure", f"{where}trường {tag}, vị trí {at}")
        if tag in fields:
            raise VietQRError("duplicate_field", f"{where}trường {tag}")
        fields[tag] = value
        at += 4 + int(size)
    return fields


def field(tag: str, value: str) -> str:
    """One field; nothing for an empty value (the least length is 1). Raises VietQRError text_too_long above
    99.
    """
    if not value:
        return ""
    if len(value) > 99:
        raise VietQRError("text_too_long", f"trường {tag}")
    return f"{tag}{len(value):02d}{value}"
