"""What a unit of sale says of its content ("bó 300 g", "chai 500 ml", "hộp 20 gói x 2 g"): read here and nowhere else.

Buyers compare goods by the price of a kilogram or of a litre, so it is told where the unit itself names a mass or a volume.
What is sold by the piece (a basket, a scarf, ten eggs, a flower in its pot) has none, whatever it weighs on the cart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from backend.common.money import Money, share
from backend.common.text import tidy

Kind = Literal["mass", "volume"]

MOST: Final = 1_000_000
"""Grams or millilitres in one piece: a tonne. More is a slip of the finger, or a point that was meant as a comma."""
MOST_PIECES: Final = 1000

_NAMES: Final[dict[str, tuple[Kind, int]]] = {
    **dict.fromkeys(("kg", "kí", "ký", "kilô", "cân"), ("mass", 1000)),
    **dict.fromkeys(("g", "gr", "gam", "gram"), ("mass", 1)),
    "lạng": ("mass", 100),
    **dict.fromkeys(("l", "lít"), ("volume", 1000)),
    **dict.fromkeys(("ml", "cc"), ("volume", 1)),
}
_NUMBER: Final = r"[1-9]\d{0,2}(?:\.\d{3})+|\d+[.,]\d+|\d+|½|nửa"
_CONTENT: Final = re.compile(
    rf"(?<![\d.,/–—-])(?P<number>1/2|{_NUMBER})\s*(?P<name>{'|'.join(sorted(_NAMES, key=len, reverse=True))})\b"
)
_TIMES_BEFORE: Final = re.compile(r"^(?P<rest>\D*?)(?P<n>\d+)\s*(?:[^\W\d]+\s+){0,2}[x×*]\s*$")
_TIMES_AFTER: Final = re.compile(r"^\s*[x×*]\s*(?P<n>\d+)(?P<rest>\D*)$")
_ONE: Final = re.compile(r"^1\s+[^\W\d]+\s*$")
_HALF: Final = {"½": "0.5", "1/2": "0.5", "nửa": "0.5"}


@dataclass(frozen=True, slots=True)
class Content:
    """What one piece holds: grams of a mass, millilitres of a volume."""

    kind: Kind
    amount: int


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """The price of a kilogram ("kg") or of a litre ("l")."""

    price: Money
    per: Literal["kg", "l"]


def content_of(unit: str) -> Content | None:
    """The net content that a unit of sale names, or None where it names none or leaves a doubt.

    "1.200 g" is 1200 and "1,2 kg" one and a fifth, as Vietnamese writes numbers. "20 gói x 2 g" is multiplied; "2 hũ 250 g"
    and "500-600 g" can be read in more than one way, so nobody is told a price by them.
    """
    text = tidy(unit).lower()
    if text in _NAMES:
        kind, each = _NAMES[text]
        return Content(kind, each)
    named = list(_CONTENT.finditer(text))
    if len(named) != 1:
        return None
    (found,) = named
    pieces = _pieces(text[: found.start()], text[found.end() :])
    if pieces is None:
        return None
    kind, each = _NAMES[found["name"]]
    amount = round(_number(found["number"]) * each * pieces)
    return Content(kind, amount) if 1 <= amount <= MOST else None


def _pieces(before: str, after: str) -> int | None:
    """How many times the content comes, by what stands around it; None in doubt."""
    times = _TIMES_AFTER.match(after) if _digits(after) else _TIMES_BEFORE.match(before)
    if times and not (_digits(before) and _digits(after)):
        n = int(times["n"][:9])
        return n if 1 <= n <= MOST_PIECES else None
    alone = not _digits(before) or _ONE.match(before)
    return 1 if alone and not _digits(after) else None


def _digits(text: str) -> bool:
    return any(each.isnumeric() for each in text)


def _number(text: str) -> Decimal:
    text = _HALF.get(text, text)
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+", text):
        text = text.replace(".", "")
    return Decimal(text.replace(",", "."))


def weight_in(unit: str) -> int | None:
    """The net weight in grams that a unit names, or None. A volume says nothing of the weight."""
    content = content_of(unit)
    return content.amount if content and content.kind == "mass" else None


def unit_price(unit: str, price: Money) -> UnitPrice | None:
    """The price of a kilogram or a litre, where that says more than the price of the piece."""
    content = content_of(unit)
    if content is None or content.amount == 1000:
        return None
    by_thousand = share(price, numerator=1000, denominator=content.amount)
    return UnitPrice(by_thousand, "kg" if content.kind == "mass" else "l")
