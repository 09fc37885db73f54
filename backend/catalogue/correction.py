"""Repairing what was mistyped, with the words that the goods really have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Final

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
MOST_CANDIDATES: Final = 24
"""Words offered for one typed word; the most frequent are kept."""


def neighbours(word: str) -> set[str]:
    """All words one slip away: a letter missing, too many, another, or two swapped."""
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    missing = {left + letter + right for left, right in cuts for letter in _LETTERS}
    extra = {left + right[1:] for left, right in cuts if right}
    other = {left + letter + right[1:] for left, right in cuts if right for letter in _LETTERS}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    return (missing | extra | other | swapped) - {word, ""}


def candidates(word: str, vocabulary: Mapping[str, int], *, begun: bool) -> list[str]:
    """The words of ``vocabulary`` that may have been meant by ``word``, the most frequent first.

    A word that some goods have was meant as it stands (``begun``: or words that begin with it). Numbers and
    single letters are never repaired: one slip away from them is everything.
    """
    if word in vocabulary:
        return [word]
    if begun:
        longer = [each for each in vocabulary if each.startswith(word)]
        if longer:
            return sorted(longer, key=lambda each: (-vocabulary[each], each))[:MOST_CANDIDATES]
    if len(word) < 2 or word.isdigit():
        return []
    near = neighbours(word) & vocabulary.keys()
    return sorted(near, key=lambda each: (-vocabulary[each], each))[:MOST_CANDIDATES]


def best(
    typed: Sequence[str], groups: Sequence[Sequence[str]], texts: Iterable[str]
) -> tuple[str, ...] | None:
    """The combination of one word per group with the fewest slips, and among those on the most ``texts``.

    Syllables of Vietnamese are short and each has many neighbours, so only words that really stand together
    on some goods count. None when there is no such combination.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        words = set(text.split())
        there = [[each for each in group if each in words] for group in groups]
        seen.update(product(*there))
    if not seen:
        return None

    def cost(combination: tuple[str, ...]) -> tuple[int, int, tuple[str, ...]]:
        slips = sum(word != meant for word, meant in zip(typed, combination, strict=True))
        return slips, -seen[combination], combination

    return min(seen, key=cost)
