from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.speech.numbers import DIGITS, LIMIT, STANDARD, Dialect, NumberTooLarge, number_words

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors/number_words.json").read_text("utf-8"))
PAIRS: list[dict[str, Any]] = VECTORS["pairs"]
ZERO_TENS: tuple[Literal["lẻ", "linh"], ...] = ("lẻ", "linh")
FOURS: tuple[Literal["tư", "bốn"], ...] = ("tư", "bốn")
THOUSANDS: tuple[Literal["nghìn", "ngàn"], ...] = ("nghìn", "ngàn")
BILLIONS: tuple[Literal["tỷ", "tỉ"], ...] = ("tỷ", "tỉ")
DIALECTS = [
    Dialect(zero_tens=zero_tens, four=four, thousand=thousand, billion=billion)
    for zero_tens in ZERO_TENS
    for four in FOURS
    for thousand in THOUSANDS
    for billion in BILLIONS
]

pytestmark = pytest.mark.pure


def read_back(words: str) -> int:
    """Turn words into their number by another road than the writer's: a left-to-right sum, as a listener does
    it.
    """
    tokens = words.split(" ")
    sign = 1
    if tokens[0] == "âm":
        sign, tokens = -1, tokens[1:]
    billions, total, group, pending = 0, 0, 0, 0
    for token in tokens:
        if token in DIGITS:
            pending = DIGITS.index(token)
        elif token in ("mốt", "tư", "lăm"):
            pending = {"mốt": 1, "tư": 4, "lăm": 5}[token]
        elif token == "trăm":
            group, pending = pending * 100, 0
        elif token == "mươi":
            group, pending = group + pending * 10, 0
        elif token == "mười":
            group += 10
        elif token in ("lẻ", "linh"):
            pass
        elif token in ("nghìn", "ngàn", "triệu"):
            total += (group + pending) * (10**6 if token == "triệu" else 1000)
            group, pending = 0, 0
        elif token in ("tỷ", "tỉ"):
            billions, total, group, pending = total + group + pending, 0, 0, 0
        else:
            raise AssertionError(f"unknown word {token!r}")
    return sign * (billions * 10**9 + total + group + pending)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair["number"]))
def test_canonical_words_of_every_vector(pair: dict[str, Any]) -> None:
    assert number_words(pair["number"]) == pair["words"]


def test_the_vectors_are_all_there() -> None:
    assert len(PAIRS) == 86


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair["number"]))
def test_the_options_reach_every_accepted_variant(pair: dict[str, Any]) -> None:
    said = {number_words(pair["number"], dialect) for dialect in DIALECTS}
    assert set(pair["accepted_variants"]) - said == set()
    assert pair["words"] in said


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (10, "mười"),
        (11, "mười một"),
        (15, "mười lăm"),
        (100, "một trăm"),
        (1015, "một nghìn không trăm mười lăm"),
        (350_000, "ba trăm năm mươi nghìn"),
        (10**12, "một nghìn tỷ"),
        (10**15, "một triệu tỷ"),
        (10**15 + 5, "một triệu tỷ không trăm lẻ năm"),
        (1_001 * 10**9, "một nghìn không trăm lẻ một tỷ"),
        (-5, "âm năm"),
        (LIMIT - 1, number_words(999_999_999) + " tỷ " + number_words(999_999_999)),
    ],
)
def test_numbers_beyond_the_vectors(number: int, words: str) -> None:
    assert number_words(number) == words


def test_options_change_one_word_each() -> None:
    number = 2_000_024_104_000
    assert number_words(number) == "hai nghìn tỷ không trăm hai mươi tư triệu một trăm lẻ bốn nghìn"
    assert number_words(number, Dialect(zero_tens="linh")) == (
        "hai nghìn tỷ không trăm hai mươi tư triệu một trăm linh bốn nghìn"
    )
    assert number_words(number, Dialect(four="bốn")) == (
        "hai nghìn tỷ không trăm hai mươi bốn triệu một trăm lẻ bốn nghìn"
    )
    assert number_words(number, Dialect(thousand="ngàn")) == (
        "hai ngàn tỷ không trăm hai mươi tư triệu một trăm lẻ bốn ngàn"
    )
    assert number_words(number, Dialect(billion="tỉ")) == (
        "hai nghìn tỉ không trăm hai mươi tư triệu một trăm lẻ bốn nghìn"
    )


@pytest.mark.parametrize("number", [LIMIT, -LIMIT, 10**40])
def test_a_number_beyond_the_limit_is_refused_in_words_a_person_understands(number: int) -> None:
    with pytest.raises(NumberTooLarge, match=r"^Số quá lớn: chỉ đọc được số nhỏ hơn"):
        number_words(number)


ROUND = [
    sign * head * 10**zeros + tail
    for sign in (1, -1)
    for head in (1, 10, 104, 999)
    for zeros in range(0, 15, 3)
    for tail in (0, 1, 4, 5, 10, 15)
]
NUMBERS = st.integers(-LIMIT + 1, LIMIT - 1) | st.integers(-1_100_000, 1_100_000) | st.sampled_from(ROUND)


@given(NUMBERS, st.sampled_from(DIALECTS))
def test_a_listener_gets_the_number_back(number: int, dialect: Dialect) -> None:
    assert read_back(number_words(number, dialect)) == number


@given(NUMBERS, NUMBERS)
def test_two_numbers_never_sound_the_same(one: int, other: int) -> None:
    assert (number_words(one, STANDARD) == number_words(other, STANDARD)) == (one == other)


def test_every_number_below_ten_thousand_reads_back() -> None:
    words = [number_words(number) for number in range(10_000)]
    assert [read_back(text) for text in words] == list(range(10_000))
