"""The demo market as its data files tell it; every value typed, every slip named with its file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

DATA: Final = Path(__file__).with_name("data")
PICTURES: Final = Path(__file__).with_name("pictures")

T = TypeVar("T")


class BadDemoData(ValueError):
    """A data file that says something the demo cannot use."""


@dataclass(frozen=True, kw_only=True)
class PayeeEntry:
    """A bank account; ``name`` as banks print it."""

    bin: str
    account: str
    name: str


@dataclass(frozen=True, kw_only=True)
class TermsEntry:
    """What bringing costs in đồng, from which sum on it is free, and whether one may come and pay in cash."""

    courier_vnd: int
    free_from_vnd: int
    pickup: bool
    cash: bool


@dataclass(frozen=True, kw_only=True)
class SellerEntry:
    """Who sells. ``feed``: a bank feed reports what arrives; otherwise money is confirmed by hand."""

    slug: str
    name: str
    kind: str
    commune: str
    hamlet: str
    street: str
    phone: str
    email: str
    representative: str
    registration_number: str
    story: str
    payee: PayeeEntry
    feed: bool
    terms: TermsEntry

    @property
    def picture(self) -> Path | None:
        """Drawn for the demo, as the goods' are; not every seller has sent one."""
        path = PICTURES / "sellers" / f"{self.slug}.webp"
        return path if path.exists() else None


@dataclass(frozen=True, kw_only=True)
class SizeEntry:
    """One unit that a good is sold in."""

    unit: str
    price_vnd: int
    stock: int
    sku: str
    weight_g: int | None = None
    gtin: str = ""


@dataclass(frozen=True, kw_only=True)
class GoodEntry(SizeEntry):
    """What is sold. ``made_days_ago``: the day of making, counted back from the day of seeding. ``sizes``: beside the one
    stated here."""

    slug: str
    seller: str
    category: str
    name: str
    description: str
    label: dict[str, str]
    made_days_ago: int | None = None
    sizes: tuple[SizeEntry, ...] = ()

    @property
    def picture(self) -> Path:
        """The master that the market makes its own three sizes of."""
        return PICTURES / f"{self.slug}.webp"


@dataclass(frozen=True, kw_only=True)
class CertificateEntry:
    """One line of the demo register."""

    product: str
    stars: int
    number: str
    decision_number: str
    issuer: str
    issuing_level: str
    issued_on: date


@dataclass(frozen=True, kw_only=True)
class StallEntry:
    """A stall with its vendor's account; ``box`` is the device id of its sound box, if it has one."""

    code: str
    zone: str
    vendor: str
    goods: str
    bin: str
    account: str
    name: str
    box: str = ""


@dataclass(frozen=True, kw_only=True)
class MarketEntry:
    """A market of one commune."""

    name: str
    commune: str
    zones: tuple[str, ...]
    stalls: tuple[StallEntry, ...]


@dataclass(frozen=True, kw_only=True)
class PersonEntry:
    """Who can sign in, and for what; a buyer has no scope."""

    phone: str
    name: str
    email: str
    role: str
    seller: str = ""
    market: str = ""
    stall: str = ""
    commune: str = ""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """All of it."""

    sellers: tuple[SellerEntry, ...]
    goods: tuple[GoodEntry, ...]
    certificates: tuple[CertificateEntry, ...]
    markets: tuple[MarketEntry, ...]
    people: tuple[PersonEntry, ...]


def read_demo() -> Demo:
    """The demo market. Raises BadDemoData with the name of the file for a field too many or too few."""
    sellers = [
        row
        | {"payee": _entry(PayeeEntry, row["payee"], name), "terms": _entry(TermsEntry, row["terms"], name)}
        for name, row in _rows("sellers.toml", "seller")
    ]
    markets = [
        row
        | {
            "zones": tuple(row["zones"]),
            "stalls": tuple(_entry(StallEntry, each, name) for each in row["stalls"]),
        }
        for name, row in _rows("markets.toml", "market")
    ]
    goods = [
        _entry(
            GoodEntry,
            row | {"sizes": tuple(_entry(SizeEntry, each, name) for each in row.get("sizes", []))},
            name,
        )
        for path in sorted((DATA / "goods").glob("*.toml"))
        for name, row in _rows(f"goods/{path.name}", "product")
    ]
    return Demo(
        sellers=tuple(_entry(SellerEntry, row, "sellers.toml") for row in sellers),
        goods=tuple(goods),
        certificates=tuple(
            _entry(CertificateEntry, row, name) for name, row in _rows("certificates.toml", "certificate")
        ),
        markets=tuple(_entry(MarketEntry, row, "markets.toml") for row in markets),
        people=tuple(_entry(PersonEntry, row, name) for name, row in _rows("people.toml", "person")),
    )


def _rows(name: str, table: str) -> list[tuple[str, dict[str, Any]]]:
    with (DATA / name).open("rb") as file:
        content = tomllib.load(file)
    if set(content) != {table}:
        raise BadDemoData(f"{name}: only [[{table}]] belongs here")
    return [(name, row) for row in content[table]]


def _entry(kind: type[T], row: dict[str, Any], name: str) -> T:
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # always a dataclass of this module
    if unknown := set(row) - known:
        raise BadDemoData(f"{name}: unknown {sorted(unknown)}")
    try:
        return kind(**row)
    except TypeError as error:
        raise BadDemoData(f"{name}: {error}") from None
