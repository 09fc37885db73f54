"""Vietnamese text as banks carry it: printable ASCII letters and digits."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Letters that Unicode does not decompose into a base letter and marks.
_STROKES = str.maketrans({"đ": "d", "Đ": "D"})

_LONG_NUMBER: Final = re.compile(r"\d{4,}(?=\d{4})")
"""All but the last four digits of a number of at least eight: an account, a phone, a bank's own trace number."""


def to_ascii(text: str) -> str:
    """`text` without diacritics, case kept: "Mồng tơi Đỏ" -> "Mong toi Do". What has no ASCII form is
    dropped.

    Composed and decomposed input give the same answer.
    """
    decomposed = unicodedata.normalize("NFKD", text).translate(_STROKES)
    return decomposed.encode("ascii", "ignore").decode("ascii")


def squash(text: str) -> str:
    """Upper-case ASCII letters and digits of `text` and nothing else: "ct den: cx7k\\nq4" ->
    "CTDENCX7KQ4".
    """
    return "".join(char for char in to_ascii(text).upper() if char.isalnum())


def mask_numbers(text: str) -> str:
    """`text` as the bank sent it, but for whose account or phone it was: "CT tu 0071001104341 NGUYEN VAN A" ->
    "CT tu …4341 NGUYEN VAN A". Dates and short codes stay.
    """
    return _LONG_NUMBER.sub("…", text)
