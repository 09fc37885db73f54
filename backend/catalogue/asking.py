"""What a program asks for in one line, as Saleor's search reads it: ``ca phe OR tra -sua "tui loc"``.

Words stand together (AND) and may be only begun, ``OR`` parts alternatives and binds less, ``-`` before a word or a phrase
leaves out what has it, and what is between quotation marks stands in this order, whole. ``AND`` is there already and
is passed over. Words are folded as the index is, so marks and đ are optional.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from backend.common.text import fold

MOST_TEXT: Final = 200
MOST_WORDS: Final = 12
"""Of all terms together; what stands behind them is passed over."""
_PART: Final = re.compile(r'(?P<minus>-(?=\S))?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]\S*))')


@dataclass(frozen=True, slots=True)
class Term:
    """Words that are wanted, or not. ``whole``: exactly these, in this order; otherwise each may be only begun."""

    words: tuple[str, ...]
    typed: str
    """As it was typed, for those who wrote the marks."""
    whole: bool = False
    negated: bool = False


Alternatives = tuple[tuple[Term, ...], ...]
"""Of every alternative all terms hold."""


def read(text: str) -> Alternatives:
    """The alternatives of ``text``; none when there is no word in it. Never raises: every text means something."""
    found: list[list[Term]] = [[]]
    left = MOST_WORDS
    for part in _PART.finditer(text[:MOST_TEXT]):
        negated, word = part["minus"] is not None, part["word"]
        if not negated and word in {"OR", "AND"}:
            if word == "OR" and found[-1]:
                found.append([])
            continue
        typed = part["phrase"] if word is None else word
        words = tuple(fold(typed).split()[:left])
        left -= len(words)
        if words:
            found[-1].append(Term(words, typed, whole=word is None, negated=negated))
    return tuple(tuple(terms) for terms in found if terms)
