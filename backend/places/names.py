"""How place names are compared: folded words for finding, marked words for ranking."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

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
    joined = fold_name(" ".join(parts))
    return f" {words} " if words == joined else f" {words} {joined} "


def fold_name(name: str) -> str:
    """A place's own name folded as one writes it without marks: "Ea H'leo" as "ea hleo"."""
    return fold(name.translate(_APOSTROPHES))


def query_words(text: str) -> list[str]:
    """The folded words of what somebody typed, common short forms written out: "TP. Cần Thơ" as thanh pho can
    tho.
    """
    words: list[str] = []
    raw = fold_name(text).split()
    for position, word in enumerate(raw):
        numbered = _NUMBERED.fullmatch(word)
        if numbered:
            words += [_SHORT[numbered[1]], numbered[2]]
        elif (word in _SHORT and position + 1 < len(raw)) or word in {"hcm", "tphcm"}:
            words += _SHORT[word].split()
        else:
            words.append(word)
    return words


class MarkedWord(NamedTuple):
    """A word as it is spelled: its letters with ă, â, đ, ê, ô, ơ, ư, and its tone apart."""

    letters: str
    tone: str

    @property
    def has_marks(self) -> bool:
        return bool(self.tone) or not self.letters.isascii()

    def begins(self, whole: MarkedWord) -> bool:
        """Whether this may become ``whole`` by typing on: a tone may come last, one that is there stays."""
        return whole.letters.startswith(self.letters) and self.tone in ("", whole.tone)


def marked_words(text: str) -> tuple[MarkedWord, ...]:
    """Words with their marks: Hoà and Hòa, Quỳ and Qùy are one spelling; Tân, Tấn and Tan stay three."""
    found = []
    for word in _WORD.findall(unicodedata.normalize("NFC", text.translate(_APOSTROPHES)).casefold()):
        letters = unicodedata.normalize("NFD", word)
        tone = "".join(char for char in letters if char in _TONES)
        bare = "".join(char for char in letters if char not in _TONES)
        found.append(MarkedWord(unicodedata.normalize("NFC", bare), tone))
    return tuple(found)
