"""One folding of Vietnamese text, used for the index and for the query alike.

SQLite's ``remove_diacritics`` and PostgreSQL's ``unaccent`` disagree about đ; so both engines index what this module made.
"""

from __future__ import annotations

import re
import unicodedata

_D = str.maketrans({"đ": "d", "Đ": "D", "ð": "d", "Ð": "D"})
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def strip_marks(text: str) -> str:
    """Vietnamese without its marks, case kept: ``Hộ Bắc Thạnh`` as ``Ho Bac Thanh``; NFC and NFD give the same."""
    decomposed = unicodedata.normalize("NFD", text.translate(_D))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare).translate(_D)


def fold(text: str) -> str:
    """Lower-case words of a-z and 0-9 with single spaces: the form that is indexed and searched.

    Guarantee: ``fold(fold(x)) == fold(x)``, and NFC, NFD and upper case of one text fold to one string.
    """
    return _NOT_WORD.sub(" ", strip_marks(text).casefold()).strip()


def ascii_upper(text: str) -> str:
    """How a bank prints a name: ``Nguyễn Thị Sen`` as ``NGUYEN THI SEN``; anything outside A-Z, 0-9 becomes a space."""
    return fold(text).upper()


def slugify(text: str, *, limit: int = 60) -> str:
    """A readable address part: ``Nấm linh chi đỏ`` as ``nam-linh-chi-do``; cut at a word within ``limit`` characters."""
    slug = fold(text).replace(" ", "-")
    if len(slug) <= limit:
        return slug
    cut = slug[: limit + 1].rsplit("-", 1)[0]
    return cut if 0 < len(cut) <= limit else slug[:limit]


def tidy(text: str) -> str:
    """A line as a person meant it: NFC, outer space gone, inner space single."""
    return " ".join(unicodedata.normalize("NFC", text).split())
