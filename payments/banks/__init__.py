"""Banks and wallets that take part in NAPAS transfers, by BIN, code or name.

The BIN is the key. Codes differ between sources (VietinBank is ICB here and CTG there) and one of them, BVB,
names two banks; names change (DongA Bank became Vikki Bank under the same BIN). The rows stand in banks.json
beside this file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from payments.plaintext import squash

_DATA = Path(__file__).with_name("banks.json")


@dataclass(frozen=True, slots=True)
class Bank:
    """One bank or wallet.

    `transfer` says whether a VietQR transfer to it works; None means that no source says so.
    """

    bin: str
    codes: tuple[str, ...]
    short_name: str
    name: str
    former_names: tuple[str, ...]
    transfer: bool | None
    swift: str | None
    keywords: tuple[str, ...]

    @property
    def code(self) -> str:
        """The code that most sources use for it today."""
        return self.codes[0]


@lru_cache(maxsize=1)
def _by_bin() -> dict[str, Bank]:
    rows = json.loads(_DATA.read_text(encoding="utf-8"))["banks"]
    return {
        row["bin"]: Bank(
            bin=row["bin"],
            codes=tuple(row["codes"]),
            short_name=row["short_name"],
            name=row["name"],
            former_names=tuple(row["former_names"]),
            transfer=row["transfer"],
            swift=row["swift"],
            keywords=tuple(row["keywords"]),
        )
        for row in rows
    }


def all_banks() -> tuple[Bank, ...]:
    """Every bank, those that people choose most (transfer works) first, then by short name."""
    return tuple(
        sorted(
            _by_bin().values(),
            key=lambda bank: (bank.transfer is not True, squash(bank.short_name)),
        )
    )


def find_by_bin(bin: str) -> Bank | None:  # noqa: A002 - the field's own word
    """The bank with this six-digit BIN."""
    return _by_bin().get(bin)


def find_by_code(code: str) -> tuple[Bank, ...]:
    """Banks that some source calls by this code; two for BVB, so the caller must not guess."""
    wanted = squash(code)
    return tuple(bank for bank in _by_bin().values() if wanted in bank.codes)


def search(text: str) -> tuple[Bank, ...]:
    """Banks whose BIN, code or (former) name matches what a person typed, without regard to case and accents.

    Exact matches of a BIN, code or short name come alone; otherwise every bank that has the text inside a
    name, in the order of `all_banks`. Nothing typed finds nothing.
    """
    wanted = squash(text)
    if not wanted:
        return ()
    exact = tuple(
        bank for bank in all_banks() if wanted in (bank.bin, squash(bank.short_name)) or wanted in bank.codes
    )
    if exact:
        return exact
    return tuple(
        bank
        for bank in all_banks()
        if any(
            wanted in squash(name)
            for name in (bank.short_name, bank.name, *bank.former_names, *bank.keywords)
        )
    )
