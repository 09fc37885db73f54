"""What banks make of a payer's text: the shapes that account statements show, one after the other."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from payments.references import LENGTH, PREFIX

# SePay is told the shape of a market's codes and looks for one as a word of its own.
_CODE = re.compile(rf"(?<![0-9A-Z]){PREFIX}[0-9A-Z]{{{LENGTH - len(PREFIX)}}}(?![0-9A-Z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Printed:
    """A transfer as the receiving bank prints it: its text, the bank's own reference, and the code that SePay
    saw.
    """

    text: str
    reference: str
    code: str | None


def _wrapped(content: str) -> str:
    """`content` cut by a line end inside its first word, in lower case, as one bank does."""
    return f"{content[:6].lower()} {content[6:].lower()}"


def print_transfer(number: int, content: str) -> Printed:
    """How transfer `number` with the payer's `content` is printed; the same number always gives the same
    text.
    """
    chance = random.Random(number)

    def digits(count: int) -> str:
        return "".join(chance.choices("0123456789", k=count))

    reference = f"FT{digits(14)}"
    trace = f"{digits(6)}.221126.{digits(6)}"
    shapes = (
        f"MBVCB.{digits(10)}.{content}.CT tu 0071001104341 NGUYEN VAN AN toi 0011001932418",
        f"{trace}.{content} {reference}",
        f"CT DEN:{digits(12)} SEVQR {content}",
        f"{content} GD {digits(6)}-221126 15:45:46",
        f"NGUYEN VAN AN chuyen tien to i {_wrapped(content)}- Ma giao dich/ Trace {digits(6)}",
        f"{reference} {trace}.{content}",
        f"{digits(12)} 0977496798 {content}",
        f"CT DEN: {digits(12)} {content} chuyen {reference}; tai Napas",
        f"ZP7COI8QELCJ, {content}",
        content,
    )
    text = shapes[number % len(shapes)]
    seen = _CODE.search(text)
    return Printed(text, reference, seen[0].upper() if seen else None)
