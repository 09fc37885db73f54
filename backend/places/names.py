"""How place names are compared: folded words for finding, marked words for ranking."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from backend.common.text import fold

_APOSTROPHES: Final = str.maketrans("", "", "'’ʼ`´")
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_WORD = re.compile(r"[^\W_]+")

_SHORT: Final = {
    "p": "phuong",
    "x": "xa",
    "h": "huyen",
    "q": "quan",
    "t": "tinh",
    "tt": "thi tran",
    "tx": "thi xa",
    "tp": "thanh pho",
    "hcm": "ho chi minh",
    "tphcm": "thanh pho ho chi minh",
    "sg": "ho chi minh",
    "hn": "ha noi",
}
"""What people write on parcels. Only whole words before another word are read so: "p" alone begins "Phú …".
"""
_NUMBERED = re.compile(r"([pq])(\d{1,2})")


def index_words(*parts: str) -> str:
    """Folded ``parts`` with a space before and after each word; "H'leo" is found as "h leo" and as "hleo"."""
    words = fold(" ".join(parts))
    joined = fold(" ".join(part.translate(_APOSTROPHES) for part in parts))
    return f" {words} " if words == joined else f" {words} {joined} "


def query_words(text: str) -> list[str]:
    """The folded words of what somebody typed, common short forms written out: "TP. Cần Thơ" as thanh pho can
    tho.
    """
    words: list[str] = []
    raw = fold(text).split()
    for position, word in enumerate(raw):
        numbered = _NUMBERED.fullmatch(word)
        if numbered:
            words += [_SHORT[numbered[1]], numbered[2]]
        elif (word in _SHORT and position + 1 < len(raw)) or word in {"hcm", "tphcm"}:
            words += _SHORT[word].split()
        else:
            words.append(word)
    return words


@lru_cache(maxsize=512)
def marked_words(text: str) -> tuple[str, ...]:
    """Lower-case words with their marks, each tone moved to the end of its word.

    So Hoà and Hòa, Quỳ and Qùy are one spelling, while Tân, Tấn and Tan stay three.
    """
    found = []
    for word in _WORD.findall(unicodedata.normalize("NFC", text.translate(_APOSTROPHES)).casefold()):
        letters = unicodedata.normalize("NFD", word)
        tones = "".join(char for char in letters if char in _TONES)
        found.append("".join(char for char in letters if char not in _TONES) + tones)
    return tuple(found)


def has_marks(word: str) -> bool:
    """Whether a word of ``marked_words`` was typed with Vietnamese marks."""
    return not word.isascii()
