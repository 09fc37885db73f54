"""What moves when a market changes its engine: whole goods, open orders and the people of a shop, as values.

The port says what a market does with a shop; this says what has to be the same in another one afterwards: addresses of
goods that stand on printed codes, variants that are no longer offered and still owed to somebody, money by its references.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from backend.commerce.values import Address, Order


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture of goods: ``id`` in its shop."""

    id: str
    alt: str


@dataclass(frozen=True, slots=True)
class MovedVariant:
    """A variant with everything that is known of it. ``quantity`` counts what orders hold (``held``), too.

    Not ``offered``: withdrawn, or put up by a program that has stated no price yet.
    """

    id: str
    sku: str
    name: str
    unit: str
    price_vnd: int | None
    weight_g: int | None
    gtin: str
    offered: bool
    quantity: int
    held: int
    external_reference: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    private_metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MovedProduct:
    """Goods with all their variants in order, those off the shelf included. The category by its slug."""

    id: str
    slug: str
    name: str
    description: str
    category: str
    seller_id: str
    label: Mapping[str, str]
    published: bool
    created_at: datetime | None
    variants: tuple[MovedVariant, ...]
    pictures: tuple[Photograph, ...]
    external_reference: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    private_metadata: Mapping[str, str] = field(default_factory=dict)

    def digest(self) -> str:
        """What tells whether the goods have changed; pieces are compared by themselves."""
        return digest_of(
            replace(
                self,
                created_at=None,
                variants=tuple(replace(each, quantity=0, held=0) for each in self.variants),
            )
        )


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that reached the seller, under the reference by which it is counted once."""

    reference: str
    amount_vnd: int


@dataclass(frozen=True, slots=True)
class MovedOrder:
    """An order and the money counted for it. ``language`` and ``user_ref`` where its shop knows them."""

    order: Order
    charges: tuple[Charge, ...]
    user_ref: str = ""
    language: str = "vi"

    def digest(self) -> str:
        """What tells whether anything happened to the order."""
        return digest_of(self)


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys with an account. There are no passwords here: they cannot be read, and are not to be."""

    id: str
    email: str
    name: str
    phone: str
    addresses: tuple[Address, ...] = ()

    def digest(self) -> str:
        return digest_of(self)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that goods are to have: its trace, and its id here where it is known."""

    trace: str
    known: str
    picture: Photograph


@dataclass(frozen=True, slots=True)
class Placed:
    """Goods as they stand in the shop that they came to: ids there, by the ids that they have where they come from."""

    product_id: str
    slug: str
    variants: Mapping[str, str]


def digest_of(value: Any) -> str:
    """SHA-256 of a dataclass's content."""
    text = json.dumps(asdict(value), sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


class Refusal(Exception):
    """One thing cannot be moved; the text says why, in the operator's words."""


class Side(Protocol):
    """A shop that things move out of or into. Every ``put`` may be repeated: it finds by ``trace``, which stands for one
    thing of the other side, what an earlier one has made, and makes it what it is to be.

    Raises Refusal for what this shop cannot hold, ShopUnavailable when it does not answer.
    """

    name: str

    def together(self) -> AbstractContextManager[Any]:
        """What is written in the block and what the caller writes stand together or not at all, where this shop shares
        the caller's database; elsewhere nothing."""
        ...

    # what is there
    def products(self, seller_ids: Sequence[str]) -> Iterator[MovedProduct]: ...
    def read_products(self, ids: Sequence[str]) -> dict[str, MovedProduct]: ...
    def photograph(self, product_id: str, picture: Photograph) -> bytes: ...
    def open_orders(self, seller_ids: Sequence[str]) -> Iterator[MovedOrder]: ...
    def read_orders(self, ids: Sequence[str]) -> dict[str, MovedOrder]: ...
    def kept_orders(self, ids: Sequence[str]) -> dict[str, Order]:
        """Those of ``ids`` that are here, as the port gives them."""
        ...

    def strangers(self, seller_ids: Sequence[str]) -> int:
        """How many goods belong to sellers whom the market does not know: they stay where they are."""
        ...

    # what comes in
    def prepare(self, move: str, seller_ids: Iterable[str]) -> None:
        """Make room for these sellers. ``move`` names this move: what an earlier one wrote under its keys says nothing of
        what stands here today. Raises Refusal for a shop that is not set up."""
        ...

    def put_product(self, trace: str, product: MovedProduct, known: Placed | None, needed: bool) -> Placed:
        """Make the goods stand here. ``needed`` by an open order: on the shelf until ``settle`` takes them off again."""
        ...

    def lacking(self, product_id: str, wanted: Sequence[Wanted]) -> list[Photograph]:
        """Those of ``wanted`` that are not here yet: their bytes are needed."""
        ...

    def put_photographs(
        self, product_id: str, wanted: Sequence[Wanted], content: Mapping[str, bytes]
    ) -> list[str]:
        """The pictures of the goods are these, in this order and with these words. ``content``: bytes of those lacking,
        by the id of the picture. Return the ids here, in the same order."""
        ...

    def put_order(
        self,
        trace: str,
        moved: MovedOrder,
        known: str,
        variants: Mapping[str, str],
        products: Mapping[str, str],
    ) -> str:
        """Make the order stand here: its lines at the price agreed, its money, what was handed over; return its id."""
        ...

    def settle(self, product: MovedProduct, placed: Placed) -> None:
        """After the orders: pieces that are physically there, on the shelf or off it, as where they come from."""
        ...


class People(Protocol):
    """Who keeps accounts of buyers: the market itself, and a shop that has customers of its own."""

    def customers(self) -> Iterator[Customer]: ...
    def read_customers(self, ids: Sequence[str]) -> dict[str, Customer]: ...
    def put_customer(self, trace: str, customer: Customer, known: str) -> str:
        """Make the customer known here; return the id here. Raises Refusal."""
        ...
