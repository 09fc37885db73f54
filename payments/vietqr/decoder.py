"""The liberal decoder: reads what banks, wallets and tills really print, and says what is odd about it.

Refused is only what could send money to a wrong place or for a wrong amount, or what a bank app would not
read either. Order of checks: frame, CRC, then meaning; so a miscopied code is reported as such and not by its
consequences.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from payments.banks import find_by_bin
from payments.vietqr.encoder import CEILING_VND, DYNAMIC, GUID, STATIC
from payments.vietqr.errors import WARNINGS, VietQRError
from payments.vietqr.tlv import crc16, is_digits, split

# EMV's limit for a whole payload.
MAX_PAYLOAD = 512

_VNPAY_GUID = "A000000775"
_SHOPEEPAY_GUID = "vn.airpay.www"
_TRANSFER_SERVICES = {"QRIBFTTA", "QRIBFTTC", "QRPUSH", "QRCASH"}
_LIMITS = {"59": 25, "60": 15, "61": 10}
_ADDITIONAL = {
    "01": "bill_number",
    "02": "mobile_number",
    "03": "store_label",
    "04": "loyalty_number",
    "05": "reference_label",
    "06": "customer_label",
    "07": "terminal_label",
    "08": "purpose",
    "09": "consumer_data_request",
}
_KNOWN_ROOT = {"00", "01", "52", "53", "54", "58", "59", "60", "61", "62", "63"}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something odd in a code that can be read all the same."""

    code: str
    where: str = ""

    @property
    def message(self) -> str:
        """One Vietnamese sentence."""
        return WARNINGS[self.code]

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" ({self.where})" if self.where else "")


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a code says. Texts are as they stand in the code; `amount_vnd` is whole đồng, None when the payer
    types it.

    `kind`: vietqr, momo, zalopay (both are VietQR to a wallet's account), qrcash (cash at an ATM), vnpay,
    shopeepay, emv (another scheme). Only the first four have `bin` and `account`. `other` holds root fields
    without a name here, `templates` the accounts of schemes other than NAPAS, by tag.
    """

    payload: str
    kind: str
    initiation: str | None
    bin: str | None
    account: str | None
    service: str | None
    amount_vnd: int | None
    purpose: str | None
    guid: str | None
    merchant_id: str | None
    mcc: str | None
    country: str | None
    merchant_name: str | None
    city: str | None
    postal_code: str | None
    additional: dict[str, str] = field(default_factory=dict)
    templates: dict[str, dict[str, str]] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)
    warnings: tuple[Notice, ...] = ()

    @property
    def bank_short_name(self) -> str | None:
        """Short name of the bank or wallet; None when the BIN is unknown or there is none."""
        bank = find_by_bin(self.bin) if self.bin else None
        return bank.short_name if bank else None

    def as_json(self) -> dict[str, Any]:
        """A dict for json.dumps: first what a transfer needs, then the rest as far as the code says it."""
        main = {
            "bin": self.bin,
            "account": self.account,
            "service": self.service,
            "amount_vnd": self.amount_vnd,
            "purpose": self.purpose,
            "initiation": self.initiation,
            "warnings": [str(notice) for notice in self.warnings],
            "kind": self.kind,
            "bank": self.bank_short_name,
        }
        rest = {
            "guid": self.guid,
            "merchant_id": self.merchant_id,
            "mcc": self.mcc,
            "country": self.country,
            "merchant_name": self.merchant_name,
            "city": self.city,
            "postal_code": self.postal_code,
            **{name: value for name, value in self.additional.items() if name != "purpose"},
            "templates": self.templates,
            "other": self.other,
        }
        return main | {name: value for name, value in rest.items() if value}


class _Reading:
    """One payload being read: its fields and the notices so far."""

    def __init__(self, text: str) -> None:
        self.notices: list[Notice] = []
        stripped = text.strip()
        if stripped != text:
            self.note("spaces_around")
        if not stripped:
            raise VietQRError("empty")
        if len(stripped) > MAX_PAYLOAD:
            raise VietQRError("too_long", str(len(stripped)))
        if not stripped.startswith("000201") or any("\ud800" <= char <= "\udfff" for char in stripped):
            raise VietQRError("not_payment_code")  # half a surrogate pair is no text
        self.payload = stripped
        self.root = self._frame()
        self._check_crc()
        if not stripped.isascii():
            self.note("not_ascii")
        for tag, value in self.root.items():
            if not value:
                self.note("empty_field", tag)
            if len(value) > _LIMITS.get(tag, 99):
                self.note("field_too_long", tag)

    def note(self, code: str, where: str = "") -> None:
        self.notices.append(Notice(code, where))

    def _frame(self) -> dict[str, str]:
        """Root fields by character lengths; a payload that only fits by bytes is named as such."""
        try:
            root = split(self.payload)
            if "62" in root:
                split(root["62"], where="62: ")
        except VietQRError:
            if not self.payload.isascii() and self._fits_by_bytes():
                raise VietQRError("length_in_bytes") from None
            raise
        return root

    def _fits_by_bytes(self) -> bool:
        # Latin-1 gives one character for each byte, so the same splitter counts bytes.
        try:
            root = split(self.payload.encode("utf-8").decode("latin-1"))
            split(root.get("62", ""))
        except VietQRError:
            return False
        return True

    def _check_crc(self) -> None:
        crc = self.root.get("63", "")
        if next(reversed(self.root)) != "63" or not re.fullmatch("[0-9A-Fa-f]{4}", crc):
            raise VietQRError("crc_missing")
        computed = f"{crc16(self.payload[:-4].encode('utf-8')):04X}"
        if crc.upper() != computed:
            raise VietQRError("crc_wrong", f"ghi {crc}, tính ra {computed}")
        if crc != crc.upper():
            self.note("crc_lower_case", crc)

    def initiation(self) -> str | None:
        value = self.root.get("01")
        if value not in (STATIC, DYNAMIC):
            self.note("initiation_unknown", value or "")
        return value or None

    def amount(self) -> int | None:
        """Whole đồng. Legal are digits with at most one point; the fraction must be nothing but zeros."""
        text = self.root.get("54")
        if text is None:
            return None
        match = re.fullmatch(r"([0-9]{1,13})(?:\.([0-9]*))?", text)
        if not match or len(text) > 13 or int(match[1]) == 0 or (match[2] or "").strip("0"):
            raise VietQRError("amount_invalid", text)
        if match[2]:
            self.note("amount_has_decimals", text)
        if int(match[1]) >= CEILING_VND:
            self.note("amount_above_ceiling", text)
        return int(match[1])

    def additional(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for tag, value in split(self.root.get("62", ""), where="62: ").items():
            found[_ADDITIONAL.get(tag, tag)] = value
            if tag in _ADDITIONAL and len(value) > 25:
                self.note("field_too_long", f"62.{tag}")
            if value == "***":
                self.note("payer_must_fill", f"62.{tag}")
        return found

    def beneficiary(self, *, tolerate_misplaced_service: bool) -> tuple[str, str, str | None]:
        """BIN, account and service of tag 38."""
        template = split(self.root["38"], where="38: ")
        if template.get("00") != GUID:
            raise VietQRError("guid_unknown", template.get("00", ""))
        inner = split(template.get("01", ""), where="38.01: ")
        bin_, account, service = (
            inner.get("00", ""),
            inner.get("01", ""),
            template.get("02"),
        )
        if not account:
            raise VietQRError("account_missing")
        if len(bin_) != 6 or not is_digits(bin_):
            raise VietQRError("bin_invalid", bin_)
        if "02" in inner:
            if not tolerate_misplaced_service:
                raise VietQRError("service_misplaced", f"38.01.02 {inner['02']}")
            self.note("service_misplaced", inner["02"])
            service = service or inner["02"]
        if len(account) > 19:
            self.note("field_too_long", "38.01.01")
        if service not in _TRANSFER_SERVICES:
            self.note("service_unknown", service or "")
        if find_by_bin(bin_) is None:
            self.note("bin_unknown", bin_)
        return bin_, account, service or None

    def templates(self) -> dict[str, dict[str, str]]:
        """Accounts of other schemes, tags 26 to 51 but 38. Tags 02 to 25 hold plain numbers of card
        schemes.
        """
        return {
            tag: split(value, where=f"{tag}: ")
            for tag, value in self.root.items()
            if "26" <= tag <= "51" and tag != "38"
        }


def _kind(bin_: str | None, account: str | None, service: str | None, guid: str | None) -> str:
    if account is None:
        return {_VNPAY_GUID: "vnpay", _SHOPEEPAY_GUID: "shopeepay"}.get(guid or "", "emv")
    if service == "QRCASH":
        return "qrcash"
    if bin_ == "971025" or (bin_ == "970454" and account.startswith("99MM")):
        return "momo"
    if bin_ == "970454" and account.startswith("99ZP"):
        return "zalopay"
    return "vietqr"


def decode(payload: str, *, tolerate_misplaced_service: bool = False) -> Decoded:
    """What `payload` says, with notices on everything odd.

    `tolerate_misplaced_service` also takes codes that carry the service inside the account template: against
    the rules, yet printed by at least one bank; a bank app reads them.
    Raises: VietQRError with the reason (never anything else, whatever the text).
    """
    reading = _Reading(payload)
    root = reading.root
    templates = reading.templates()
    bin_ = account = service = guid = None
    if "38" in root:
        bin_, account, service = reading.beneficiary(tolerate_misplaced_service=tolerate_misplaced_service)
        guid = GUID
    elif templates:
        guid = next(iter(templates.values())).get("00")
    elif not any("02" <= tag <= "25" for tag in root):
        raise VietQRError("account_missing")
    if root.get("53") != "704":
        raise VietQRError("currency_not_vnd", root.get("53", ""))
    if root.get("58") != "VN":
        reading.note("country_not_vn", root.get("58", ""))
    initiation = reading.initiation()
    amount = reading.amount()
    additional = reading.additional()
    named = _KNOWN_ROOT | {"38"} | set(templates)
    return Decoded(
        payload=reading.payload,
        kind=_kind(bin_, account, service, guid),
        initiation=initiation,
        bin=bin_,
        account=account,
        service=service,
        amount_vnd=amount,
        purpose=additional.get("purpose"),
        guid=guid,
        merchant_id=None if account else next(iter(templates.values()), {}).get("01"),
        mcc=root.get("52") or None,
        country=root.get("58") or None,
        merchant_name=root.get("59") or None,
        city=root.get("60") or None,
        postal_code=root.get("61") or None,
        additional=additional,
        templates=templates,
        other={tag: value for tag, value in root.items() if tag not in named},
        warnings=tuple(reading.notices),
    )
