"""Speech of the market's devices: Vietnamese words for numbers and money, sentences, and the voice that says
them.

Pure: no Django, no network. `python -m devices.speech words 120000` prints the words.
"""

from __future__ import annotations

from devices.speech.numbers import STANDARD, Dialect, NumberTooLarge, number_words
from devices.speech.phrases import (
    Phrase,
    money_words,
    say_completed,
    say_out_of_place,
    say_over,
    say_payment,
    say_received,
    say_short,
)

__all__ = [
    "STANDARD",
    "Dialect",
    "NumberTooLarge",
    "Phrase",
    "money_words",
    "number_words",
    "say_completed",
    "say_out_of_place",
    "say_over",
    "say_payment",
    "say_received",
    "say_short",
]
