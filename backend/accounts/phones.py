"""Vietnamese mobile numbers: kept as E.164 (+84912345678), read in the ways people write them.

Decision: our own rules instead of the ``phonenumbers`` package. A login name and a number to call about a
parcel are Vietnamese mobile numbers, whose plan fits in one line (circular 22/2014/TT-BTTTT, and the change
to ten digits of 2018); the package brings metadata of 240 countries into every process.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.accounts.errors import BadPhone

_MOBILE = re.compile(r"[35789]\d{8}")
"""After +84: nine digits. 3, 5, 7, 8, 9 are the mobile networks; 2 is landlines, 1 the numbers that ended in
2018.
"""
_SEPARATORS: Final = str.maketrans("", "", " .-()\u00a0\u2011\u2013\u202f")
_LONGEST: Final = 32


def parse_phone(text: str) -> str:
    """The mobile number in ``text`` as E.164: ``0912 345 678``, ``(+84) 912.345.678`` and ``84912345678`` are
    one.

    Raises BadPhone for everything else: landlines, foreign numbers, eleven digits of before 2018, two
    numbers.
    """
    if len(text) > _LONGEST:
        raise BadPhone()
    digits = unicodedata.normalize("NFKC", text).translate(_SEPARATORS)
    for prefix in ("+84", "0084", "84"):
        if digits.startswith(prefix):
            digits = digits.removeprefix(prefix).removeprefix("0")
            break
    else:
        if not digits.startswith("0"):
            raise BadPhone()
        digits = digits[1:]
    if not digits.isascii() or not _MOBILE.fullmatch(digits):
        raise BadPhone()
    return f"+84{digits}"


def format_phone(phone: str) -> str:
    """As it is read out in Vietnam: ``+84912345678`` as ``0912 345 678``; anything else stays as it is."""
    if not phone.startswith("+84") or len(phone) != 12:
        return phone
    national = "0" + phone[3:]
    return f"{national[:4]} {national[4:7]} {national[7:]}"


def mask_phone(phone: str) -> str:
    """For strangers' eyes: ``+84912345678`` as ``0912 ••• 678``."""
    head, *_rest, tail = (
        format_phone(phone).split(" ") if " " in format_phone(phone) else (phone[:4], phone[-3:])
    )
    return f"{head} ••• {tail}"


class PhoneField(forms.CharField):
    """A mobile number in a form; its value is E.164, or "" where it is not required."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Số điện thoại"))
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
        )
        super().__init__(max_length=_LONGEST, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return parse_phone(text)
        except BadPhone as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None

    def prepare_value(self, value: Any) -> Any:
        return format_phone(value) if isinstance(value, str) else value
