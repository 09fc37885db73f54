"""The strict encoder: what it gives, every bank app reads; what could be misread, it refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping

from payments.plaintext import to_ascii
from payments.vietqr.errors import VietQRError
from payments.vietqr.tlv import crc16, field, is_digits

GUID = "A000000727"
STATIC, DYNAMIC = "11", "12"
TO_ACCOUNT, TO_CARD = "QRIBFTTA", "QRIBFTTC"

# NAPAS 247 takes less than this in one transfer (NAPAS at the launch of VietQR, 15/06/2021).
CEILING_VND = 500_000_000

# Every sub-field of tag 62 holds at most 25 characters (NAPAS v1.0, table of tag 62).
MAX_SUBFIELD = 25

_ACCOUNT = re.compile(r"[0-9A-Za-z]{1,19}")
_PRINTABLE = re.compile(r"[ -~]+")


def clean_purpose(text: str) -> str:
    """A transfer's text as banks keep it: no diacritics, letters, digits and single spaces only, at most 25
    characters.

    Bank apps drop other punctuation without a word, and disagree whether lengths count characters or bytes as
    soon as a letter has a diacritic; so neither is ever emitted.
    """
    kept = re.sub(r"[^0-9A-Za-z ]", "", re.sub(r"\s+", " ", to_ascii(text)))
    return re.sub(r" +", " ", kept).strip()[:MAX_SUBFIELD].rstrip()


def _subfield(name: str, tag: str, value: str | None) -> str:
    if value is None:
        return ""
    if not _PRINTABLE.fullmatch(value):
        raise VietQRError("text_not_ascii", name)
    if len(value) > MAX_SUBFIELD:
        raise VietQRError("text_too_long", name)
    return field(tag, value)


def _amount(amount_vnd: int | None) -> str:
    if amount_vnd is None:
        return ""
    if isinstance(amount_vnd, bool) or not isinstance(amount_vnd, int) or amount_vnd <= 0:
        raise VietQRError("amount_invalid", str(amount_vnd))
    if amount_vnd >= CEILING_VND:
        raise VietQRError("amount_above_ceiling", str(amount_vnd))
    return field("54", str(amount_vnd))


def _initiation(initiation: str | None, amount_vnd: int | None) -> str:
    if initiation is None:
        return STATIC if amount_vnd is None else DYNAMIC
    if initiation not in (STATIC, DYNAMIC):
        raise VietQRError("initiation_invalid", initiation)
    if initiation == DYNAMIC and amount_vnd is None:
        raise VietQRError("dynamic_needs_amount")
    return initiation


def encode(
    *,
    bin: str,  # noqa: A002 - the field's own word
    account: str,
    amount_vnd: int | None = None,
    purpose: str | None = None,
    card: bool = False,
    initiation: str | None = None,
    bill_number: str | None = None,
    reference_label: str | None = None,
    unreserved: Mapping[str, str] | None = None,
) -> str:
    """The payload of a VietQR code for a transfer to an account, or to a card number with `card`.

    `amount_vnd` is whole đồng, 1 to 499,999,999; without it the payer types the amount. The code is for one
    payment (12) with an amount and for many (11) without, unless `initiation` says 11 for a fixed price on a
    printed sign. `purpose` is cleaned as `clean_purpose` says; the other texts must fit as they are.
    `unreserved` holds tags 80 to 99. Guaranteed: the decoder gives the same values back without a warning,
    unless the BIN is not in our list of banks.
    Raises: VietQRError.
    """
    if len(bin) != 6 or not is_digits(bin):
        raise VietQRError("bin_invalid", bin)
    if not _ACCOUNT.fullmatch(account):
        raise VietQRError("account_invalid", account)
    cleaned = clean_purpose(purpose) if purpose else ""
    if purpose and purpose.strip() and not cleaned:
        raise VietQRError("purpose_unusable", purpose)
    amount = _amount(amount_vnd)
    beneficiary = field("00", bin) + field("01", account)
    template = field("00", GUID) + field("01", beneficiary) + field("02", TO_CARD if card else TO_ACCOUNT)
    additional = (
        _subfield("bill_number", "01", bill_number)
        + _subfield("reference_label", "05", reference_label)
        + field("08", cleaned)
    )
    extra = ""
    for tag, value in sorted((unreserved or {}).items()):
        if not (is_digits(tag) and len(tag) == 2 and tag >= "80" and 0 < len(value) <= 99):
            raise VietQRError("field_invalid", tag)
        if not _PRINTABLE.fullmatch(value):
            raise VietQRError("text_not_ascii", tag)
        extra += field(tag, value)
    body = (
        field("00", "01")
        + field("01", _initiation(initiation, amount_vnd))
        + field("38", template)
        + field("53", "704")
        + amount
        + field("58", "VN")
        + field("62", additional)
        + extra
        + "6304"
    )
    return body + f"{crc16(body.encode('ascii')):04X}"
