"""Payment references: made, checked, and found in what banks leave of a transfer's text."""

from __future__ import annotations

import random
import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.references import (
    ALPHABET,
    LENGTH,
    find_references,
    is_reference,
    new_reference,
)
from payments.vietqr import clean_purpose
from tests.payments.vectors import load

pytestmark = pytest.mark.pure

ROWS: list[tuple[str, str]] = [(name, row) for name, row in load("bank_texts.json")["rows"]]
CODE = "CX7KQ4M2" + "46"
references = st.builds(lambda _: new_reference(), st.integers())


def test_new_reference_has_its_form() -> None:
    made = {new_reference() for _ in range(5_000)}
    assert len(made) > 4_990
    for code in made:
        assert re.fullmatch(r"CX[2-9][A-HJ-NP-Z2-9]{7}", code)
        assert len(code) == LENGTH <= 12
        assert is_reference(code)
        assert clean_purpose(code) == code


@pytest.mark.parametrize("name_and_row", ROWS, ids=lambda item: item[0])
def test_code_is_found_in_every_banks_row(name_and_row: tuple[str, str]) -> None:
    _, row = name_and_row
    for _ in range(200):
        code = new_reference()
        for sent in (
            code,
            code.lower(),
            f"{code} tien rau",
            f"tien rau {code}",
            f"{code[:6]} {code[6:]}",
        ):
            assert find_references(row.format(content=sent)) == (code,)


@given(
    references,
    st.sampled_from(ROWS),
    st.lists(st.integers(1, LENGTH - 1), max_size=4),
    st.sampled_from([" ", "\n", "\r\n", "-", ".", " - ", "\u00a0"]),
)
def test_code_survives_being_cut_anywhere(code: str, row: tuple[str, str], cuts: list[int], gap: str) -> None:
    for at in sorted(set(cuts), reverse=True):
        code = code[:at] + gap + code[at:]
    whole = "".join(char for char in code if char.isalnum())
    assert find_references(row[1].format(content=code)) == (whole,)


@given(references, references)
def test_two_codes_are_both_found_and_a_repeat_counts_once(first: str, second: str) -> None:
    assert find_references(f"{first}{second} {first}") == tuple(dict.fromkeys((first, second)))


def test_every_one_or_two_wrong_characters_are_noticed() -> None:
    code = new_reference()
    for one, two in combinations(range(2, LENGTH), 2):
        for left in ALPHABET:
            for right in ALPHABET:
                changed = list(code)
                changed[one], changed[two] = left, right
                assert is_reference("".join(changed)) == ("".join(changed) == code)


def test_every_swap_of_two_characters_is_noticed() -> None:
    for _ in range(300):
        code = new_reference()
        for one, two in combinations(range(2, LENGTH), 2):
            swapped = list(code)
            swapped[one], swapped[two] = swapped[two], swapped[one]
            assert is_reference("".join(swapped)) == (swapped == list(code))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CX",
        "CX7KQ4M2P",
        "cx7kq4m2pa",
        "DH20260521",
        "CX7KQ4M2PAA",
        "CXOKQ4M2PA",
        "CX٧KQ4M2PA",
    ],
)
def test_what_is_no_reference(text: str) -> None:
    assert not is_reference(text)


def bank_text(chance: random.Random) -> str:
    """A row as banks print it without any code of ours: names, traces, dates, other people's codes."""
    surnames = [
        "NGUYEN",
        "TRAN",
        "LE",
        "PHAM",
        "HOANG",
        "HUYNH",
        "PHAN",
        "VU",
        "VO",
        "DANG",
        "BUI",
        "DO",
        "HO",
        "NGO",
        "DUONG",
        "LY",
        "NGOC",
        "QUOC",
        "PHUOC",
        "BAC",
    ]
    given_names = [
        "XUAN",
        "XUYEN",
        "XINH",
        "XOAN",
        "CUC",
        "MAI",
        "LAN",
        "SEN",
        "BAY",
        "THANH",
        "HANH",
        "NAM",
        "XEM",
        "XE",
        "XU",
        "XANH",
        "CHUYEN",
        "TIEN",
        "RAU",
        "CAI",
    ]
    alnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    parts = []
    for _ in range(chance.randint(2, 9)):
        kind = chance.randrange(6)
        if kind == 0:
            parts.append(
                f"{chance.choice(surnames)} {chance.choice(given_names)} {chance.choice(given_names)}"
            )
        elif kind == 1:
            parts.append(str(chance.randrange(10 ** chance.randint(4, 14))))
        elif kind == 2:
            parts.append("FT" + str(chance.randrange(10**14)))
        elif kind == 3:
            parts.append("".join(chance.choices(alnum, k=chance.randint(6, 14))))
        elif kind == 4:
            parts.append(
                f"{chance.randint(1, 28):02d}{chance.randint(1, 12):02d}26 {chance.randint(0, 23):02d}:15:46"
            )
        else:
            parts.append(
                chance.choice(
                    [
                        "CT tu",
                        "toi",
                        "SEVQR",
                        "tai Napas",
                        "MBVCB",
                        "chuyen tien",
                        "DH12",
                        "CX",
                    ]
                )
            )
    return chance.choice([" ", ".", "-"]).join(parts)


@pytest.mark.slow
def test_no_code_is_seen_in_200_000_rows_that_have_none() -> None:
    chance = random.Random(20261122)
    assert [row for row in (bank_text(chance) for _ in range(200_000)) if find_references(row)] == []


@given(st.text(max_size=300))
def test_a_text_without_the_prefix_has_no_code(text: str) -> None:
    assert all("CX" in "".join(c for c in text.upper() if c.isalnum()) for _ in find_references(text))
    assert find_references(text.replace("c", "").replace("C", "")) == ()


def test_a_text_longer_than_any_bank_writes_is_not_searched_to_its_end() -> None:
    code = new_reference()
    assert find_references("x" * 3_990 + code) == (code,)
    assert find_references("x" * 4_000 + code) == ()
