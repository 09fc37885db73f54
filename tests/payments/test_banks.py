"""The list of banks: what it holds and how it is searched."""

from __future__ import annotations

import unicodedata

import pytest

from payments.banks import all_banks, find_by_bin, find_by_code, search

pytestmark = pytest.mark.pure


def test_every_row_is_whole_and_bins_are_unique() -> None:
    banks = all_banks()
    assert len(banks) == 66
    assert len({bank.bin for bank in banks}) == 66
    for bank in banks:
        assert len(bank.bin) == 6
        assert bank.bin.isdigit()
        assert bank.codes
        assert all(code.isalnum() and code == code.upper() for code in bank.codes)
        assert bank.short_name == bank.short_name.strip() != ""
        assert bank.swift is None or len(bank.swift) == 8


def test_bin_finds_its_bank() -> None:
    bank = find_by_bin("970436")
    assert bank is not None
    assert (bank.short_name, bank.code, bank.swift, bank.transfer) == (
        "Vietcombank",
        "VCB",
        "BFTVVNVX",
        True,
    )
    assert find_by_bin("123456") is None


@pytest.mark.parametrize(
    ("bin_", "now", "before"),
    [
        ("970406", "Vikki Bank", "DongA Bank"),
        ("970414", "MBV", "Ocean Bank"),
        ("970449", "LPBank", "LienVietPostBank"),
        ("970454", "BVBank", "Viet Capital Bank"),
    ],
)
def test_renamed_bank_is_found_by_both_names(bin_: str, now: str, before: str) -> None:
    bank = find_by_bin(bin_)
    assert bank is not None
    assert bank.short_name == now
    assert search(before) == (bank,)
    assert search(now) == (bank,)


def test_a_code_of_two_banks_gives_both() -> None:
    assert {bank.bin for bank in find_by_code("bvb")} == {"970438", "970454"}
    assert (
        [bank.bin for bank in find_by_code("ICB")] == [bank.bin for bank in find_by_code("CTG")] == ["970415"]
    )
    assert find_by_code("BIDV")[0].bin == "970418"


@pytest.mark.parametrize(
    ("typed", "bin_"),
    [
        ("970422", "970422"),
        ("vietin", "970415"),
        ("TMCP quân đội", "970422"),
        (unicodedata.normalize("NFD", "Kỹ thương"), "970407"),
        ("NGOẠI THƯƠNG", "970436"),
        ("chinh sach xa hoi", "999888"),
        ("tien phong", "970423"),
    ],
)
def test_search_folds_case_and_accents(typed: str, bin_: str) -> None:
    assert [bank.bin for bank in search(typed)] == [bin_]


def test_search_for_nothing_finds_nothing_and_banks_that_take_transfers_come_first() -> None:
    assert search("  - ") == ()
    flags = [bank.transfer is True for bank in all_banks()]
    assert flags == sorted(flags, reverse=True)
