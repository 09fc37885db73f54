"""Vietnamese number words, as a seller says them and as a voice must read them.

Written here because the published libraries are not safe for money: one drops "không trăm" (1.015 becomes
"một nghìn lẻ mười lăm", which the ear takes for another number), another spells "lẻ" with the wrong tone. No
reading in this module has two meanings: the words of two different numbers always differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")

# Beyond this "tỷ" would have to be said twice ("một tỷ tỷ"), which no seller understands. It is a thousand
# times the money in circulation in Vietnam, so only a mistake reaches it.
LIMIT: Final = 10**18


class NumberTooLarge(ValueError):
    """The number has no reading that people would understand; `str()` is a Vietnamese sentence."""

    def __init__(self) -> None:
        super().__init__("Số quá lớn: chỉ đọc được số nhỏ hơn 1.000.000.000.000.000.000 (một tỷ tỷ).")


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which of the accepted words are used where regions differ. The defaults are what most boxes say."""

    zero_tens: Literal["lẻ", "linh"] = "lẻ"
    """The word for an empty tens place: lẻ (South, most boxes), linh (North, school norm)."""
    four: Literal["tư", "bốn"] = "tư"
    """4 after mươi: hai mươi tư, or hai mươi bốn (South). In 14 and 104 it is bốn everywhere."""
    thousand: Literal["nghìn", "ngàn"] = "nghìn"
    billion: Literal["tỷ", "tỉ"] = "tỷ"


STANDARD: Final = Dialect()


def number_words(number: int, dialect: Dialect = STANDARD) -> str:
    """Return the words of a whole number, lower case, single spaces; a negative one starts with "âm".

    Groups of three are read from the left, empty ones are skipped, and every later group is read in full
    ("không trăm lẻ năm"), so that nothing can be misheard. "Nghìn" and "triệu" may stand before "tỷ": 10^12
    is "một nghìn tỷ".
    Raises: NumberTooLarge from 10^18 (either sign).
    Source: the rules in tests/devices/vectors/number_words.json.
    """
    if abs(number) >= LIMIT:
        raise NumberTooLarge
    if number == 0:
        return DIGITS[0]
    words: list[str] = ["âm"] if number < 0 else []
    billions, rest = divmod(abs(number), 10**9)
    if billions:
        words += _below_billion(billions, dialect, leading=True)
        words.append(dialect.billion)
    words += _below_billion(rest, dialect, leading=not billions)
    return " ".join(words)


def _below_billion(number: int, dialect: Dialect, *, leading: bool) -> list[str]:
    """Read 0..999.999.999; nothing for 0. `leading`: no larger group was said before."""
    words: list[str] = []
    for size, name in ((10**6, "triệu"), (10**3, dialect.thousand), (1, "")):
        group, number = divmod(number, size)
        if group:
            words += _below_thousand(group, dialect, leading=leading)
            if name:
                words.append(name)
            leading = False
    return words


def _below_thousand(group: int, dialect: Dialect, *, leading: bool) -> list[str]:
    """Read 1..999. A group that is not the leading one always says its hundreds, even "không trăm"."""
    hundreds, rest = divmod(group, 100)
    tens, unit = divmod(rest, 10)
    words: list[str] = []
    if hundreds or not leading:
        words += [DIGITS[hundreds], "trăm"]
    if tens == 0:
        if unit:
            words += [dialect.zero_tens, DIGITS[unit]] if words else [DIGITS[unit]]
    elif tens == 1:
        words.append("mười")
        if unit:
            words.append("lăm" if unit == 5 else DIGITS[unit])
    else:
        words += [DIGITS[tens], "mươi"]
        if unit:
            words.append({1: "mốt", 4: dialect.four, 5: "lăm"}.get(unit, DIGITS[unit]))
    return words
