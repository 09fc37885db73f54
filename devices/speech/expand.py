"""Write out every number of a text in words before a voice sees it.

Measured on espeak-ng 1.51: "120.000 đồng" becomes "một trăm hai mươi ngàn không trăm đồng" and "1.250.000 đ"
spells the letter đ. So no engine gets a digit from us.
"""

from __future__ import annotations

import re
from typing import Final

from devices.speech.numbers import DIGITS, STANDARD, Dialect, number_words

_NUMBER: Final = re.compile(
    r"""
    (?P<minus>(?<![\w.,])[-\N{MINUS SIGN}])?                  # never the hyphen of "A-5"
    (?P<whole>[0-9]{1,3}(?:\.[0-9]{3})+(?!\.?[0-9])|[0-9]+)   # 1.250.000 or plain digits
    (?:,(?P<decimals>[0-9]+))?                                # 1,5
    (?:\s*(?P<currency>₫|đ(?!\w)|VND\b|VNĐ(?!\w)))?
    (?:\s*(?P<unit>%|(?:kg|g|ml|l|km|m|cm)\b))?
    """,
    re.VERBOSE,
)
_UNITS: Final = {
    "%": "phần trăm",
    "kg": "ki lô gam",
    "g": "gam",
    "l": "lít",
    "ml": "mi li lít",
    "km": "ki lô mét",
    "m": "mét",
    "cm": "xăng ti mét",
}


def expand_text(text: str, dialect: Dialect = STANDARD) -> str:
    """Return `text` with numbers, money and units in words; the result holds no ASCII digit.

    Dots group thousands and a comma starts decimals, as written in Vietnam. A number with leading zeros or
    too long to be a quantity (phone, account, code) is read digit by digit.
    """

    def words(match: re.Match[str]) -> str:
        whole = match["whole"].replace(".", "")
        is_code = (len(whole) > 1 and whole[0] == "0") or len(whole) > 18
        parts = ["âm"] if match["minus"] else []
        parts.append(_digit_words(whole) if is_code else number_words(int(whole), dialect))
        if match["decimals"]:
            parts += ["phẩy", _digit_words(match["decimals"])]
        if match["currency"]:
            parts.append("đồng")
        if match["unit"]:
            parts.append(_UNITS[match["unit"]])
        before = "" if match.start() == 0 or not text[match.start() - 1].isalnum() else " "
        after = "" if match.end() == len(text) or not text[match.end()].isalnum() else " "
        return before + " ".join(parts) + after

    return _NUMBER.sub(words, text)


def _digit_words(digits: str) -> str:
    return " ".join(DIGITS[int(digit)] for digit in digits)
