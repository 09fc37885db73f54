"""Vietnamese text as banks carry it: printable ASCII letters and digits."""

from __future__ import annotations

import unicodedata

# Letters that Unicode does not decompose into a base letter and marks.
_STROKES = str.maketrans({"đ": "d", "Đ": "D"})


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
