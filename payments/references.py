"""Payment references: the code in a transfer's text that says what the transfer is for.

Form: CX, one digit, five characters, two check characters; ten in all, such as CX7KQ4M2PA. Why so:

- Upper-case letters and digits only, no I, O, 0 or 1: survives every bank's clean-up, and being read aloud.
- A digit stands third, so that no run of Vietnamese words ("NGOC XUAN THANH") can look like a code.
- The two check characters (a Reed-Solomon code over 32 symbols) betray every one or two wrong or swapped
  characters, and make chance hits in trace numbers about one in ten million places.
- Ten characters fit every provider's limit for a transfer's text that is known (the tightest, of payOS for
  accounts that it does not hold, is nine and needs payOS's own code in any case).

What banks do to the text around it: prefixes and suffixes of their own, upper or lower case, spaces inside
words at line ends, punctuation dropped or added. So the code is looked for in the text with everything but
letters and digits taken out.
"""

from __future__ import annotations

import re
import secrets
from functools import reduce

from payments.plaintext import squash

PREFIX = "CX"
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
DIGITS = "23456789"
LENGTH = 10

# A bank's text is at most a few hundred characters. More than this is not a bank's text and is not searched.
MAX_TEXT = 4000

_BODY = LENGTH - len(PREFIX) - 2
_CANDIDATE = re.compile(f"(?=({PREFIX}[{DIGITS}][{ALPHABET}]{{{LENGTH - len(PREFIX) - 1}}}))")
_VALUE = {char: value for value, char in enumerate(ALPHABET)}


def _powers() -> tuple[list[int], dict[int, int]]:
    """Powers of the generator of GF(32) under x^5 + x^2 + 1, and their logarithms."""
    powers = [1]
    while len(powers) < 31:
        doubled = powers[-1] << 1
        powers.append(doubled ^ 0b100101 if doubled & 0b100000 else doubled)
    return powers, {value: exponent for exponent, value in enumerate(powers)}


_POWER, _LOG = _powers()


def _times(left: int, right: int) -> int:
    return 0 if not left or not right else _POWER[(_LOG[left] + _LOG[right]) % 31]


def _check_characters(body: str) -> str:
    """Two characters that make both the plain and the weighted sum of all eight symbols zero (distance
    three).
    """
    plain = reduce(lambda total, char: total ^ _VALUE[char], body, 0)
    weighted = reduce(
        lambda total, item: total ^ _times(_POWER[item[0] + 2], _VALUE[item[1]]),
        enumerate(body),
        0,
    )
    # c0 + c1 = plain and c0 + g*c1 = weighted, so c1 = (plain + weighted) / (1 + g).
    second = _times(plain ^ weighted, _POWER[-_LOG[1 ^ _POWER[1]] % 31])
    return ALPHABET[plain ^ second] + ALPHABET[second]


def new_reference() -> str:
    """A fresh random reference (268 million exist; the caller keeps them unique by an index and asks
    again).
    """
    body = secrets.choice(DIGITS) + "".join(secrets.choice(ALPHABET) for _ in range(_BODY - 1))
    return PREFIX + body + _check_characters(body)


def is_reference(text: str) -> bool:
    """Whether `text` is exactly one well-formed reference with right check characters."""
    if len(text) != LENGTH or not _CANDIDATE.match(text):
        return False
    body = text[len(PREFIX) : -2]
    return text[-2:] == _check_characters(body)


def find_references(text: str) -> tuple[str, ...]:
    """Every reference that `text` carries, in order of appearance and each once; wrong check characters do
    not count.
    """
    found = (match.group(1) for match in _CANDIDATE.finditer(squash(text[:MAX_TEXT])))
    return tuple(dict.fromkeys(code for code in found if is_reference(code)))
