"""Keeping the cards in line with the shop and the sellers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from backend.accounts.models import Seller
from backend.catalogue.models import Branch, Card
from backend.commerce import shop
from backend.commerce.values import Product
from backend.common import clock
from backend.common.text import fold

AT_ONCE: Final = 100
"""Products asked of the shop in one call: as many as it gives."""


def refresh(product_ids: Sequence[str]) -> None:
    """Make the cards of these products what the shop says now. Safe to repeat, in any order, from anywhere.

    Asks the shop, so it must not be called inside a transaction (RuntimeError). A slower call never
    overwrites what a later one has read.
    """
    for start in range(0, len(product_ids), AT_ONCE):
        ids = list(dict.fromkeys(product_ids[start : start + AT_ONCE]))
        read_at = clock.now()
        _write(ids, shop().products(ids), read_at)


def refresh_seller(seller_id: str) -> None:
    """Make the cards of a seller's goods anew, after a change of name, place or standing."""
    ids = list(Card.objects.filter(seller_id=seller_id).values_list("product_id", flat=True))
    refresh(ids)


def unlist_seller(seller_id: str) -> None:
    """Take the goods of a seller who sells no more out of lists and search, without asking the shop. What is read from it
    later does not put them back, since the seller is looked at each time."""
    Card.objects.filter(seller_id=seller_id, listed=True).update(listed=False, read_at=clock.now())


def rebuild() -> int:
    """Make all cards anew from the shop and drop those of products it no longer has; return how many are
    listed.

    The catalogue stays readable meanwhile. For a new or repaired catalogue; events keep it up to date
    otherwise.
    """
    began = clock.now()
    copy_branches()
    after: str | None = None
    while True:
        read_at = clock.now()
        page = shop().products_page(after=after, limit=AT_ONCE)
        found = {product.id: product for product in page.items}
        _write(list(found), found, read_at)
        if page.next is None:
            break
        after = page.next
    Card.objects.filter(read_at__lt=began).delete()
    return Card.objects.filter(listed=True).count()


def mend_page(*, after: str | None) -> str | None:
    """Make the cards of one page of the shop's products anew; the cursor of the next page, None at the end.

    For repairing what no event told, a little at a time.
    """
    read_at = clock.now()
    page = shop().products_page(after=after, limit=AT_ONCE)
    found = {product.id: product for product in page.items}
    _write(list(found), found, read_at)
    return page.next


def mend_unseen(*, since: datetime, limit: int = 500) -> int:
    """Ask the shop for the listed products that were not read since then; return how many are no longer listed."""
    unseen = Card.objects.filter(listed=True, read_at__lt=since).order_by("read_at")
    ids = list(unseen.values_list("product_id", flat=True)[:limit])
    refresh(ids)
    return Card.objects.filter(product_id__in=ids, listed=False).count()


def copy_branches() -> None:
    """Copy the shop's categories, each with its path."""
    categories = shop().categories()
    paths: dict[str, str] = {}
    branches = []
    for position, each in enumerate(categories):
        paths[each.id] = f"{paths.get(each.parent_id or '', '/')}{each.slug}/"
        branches.append(
            Branch(
                category_id=each.id,
                slug=each.slug,
                name=each.name,
                parent_id=each.parent_id or "",
                path=paths[each.id],
                position=position,
            )
        )
    with transaction.atomic():
        Branch.objects.exclude(pk__in=paths).delete()
        Branch.objects.bulk_create(
            branches,
            update_conflicts=True,
            unique_fields=["category_id"],
            update_fields=["slug", "name", "parent_id", "path", "position"],
        )


@dataclass(frozen=True)
class _Around:
    """What a card needs beside its product."""

    sellers: Mapping[str, Seller]
    branches: Mapping[str, Branch]
    names: Mapping[str, str]


def _around(products: Iterable[Product]) -> _Around:
    products = list(products)
    wanted = {product.category_id for product in products}
    branches = Branch.objects.in_bulk()
    if not wanted <= set(branches):
        copy_branches()
        branches = Branch.objects.in_bulk()
    ids = [int(product.seller_id) for product in products if product.seller_id.isdigit()]
    sellers = Seller.objects.filter(pk__in=ids, active=True).select_related("commune__province")
    return _Around(
        sellers={str(seller.pk): seller for seller in sellers},
        branches=branches,
        names={branch.slug: branch.name for branch in branches.values()},
    )


def _write(asked: Sequence[str], found: Mapping[str, Product], read_at: datetime) -> None:
    around = _around(found.values())
    with transaction.atomic(durable=True):
        for product_id in sorted(asked):
            product = found.get(product_id)
            fields = _fields(product, around) if product is not None else None
            older = Card.objects.filter(product_id=product_id, read_at__lte=read_at)
            if fields is None:
                older.update(listed=False, read_at=read_at)
            elif not older.update(**fields, read_at=read_at):
                _add(product_id, {**fields, "read_at": read_at})


def _add(product_id: str, fields: dict[str, Any]) -> None:
    """A first card, or nothing where a later answer is already there."""
    if Card.objects.filter(product_id=product_id).exists():
        return
    try:
        with transaction.atomic():
            Card.objects.create(product_id=product_id, **fields)
    except IntegrityError:
        # Somebody added it in this instant; whichever of the two read later is right.
        Card.objects.filter(product_id=product_id, read_at__lte=fields["read_at"]).update(**fields)


def _fields(product: Product, around: _Around) -> dict[str, Any] | None:
    """The card of ``product``, or None for what is not to be listed: off the shelf, no variant, or no active
    seller."""
    seller = around.sellers.get(product.seller_id)
    if not product.published or not product.variants or seller is None:
        return None
    variant = product.foremost
    branch = around.branches.get(product.category_id)
    path = branch.path if branch else "/"
    groups = [around.names[slug] for slug in path.strip("/").split("/") if slug in around.names]
    commune = str(seller.commune)
    text = " ".join(
        [
            product.name,
            *(f"{each.name} {each.unit}" for each in product.variants),
            *groups,
            seller.name,
            commune,
            str(seller.commune.province),
        ]
    )
    cover = product.cover
    return {
        "slug": product.slug,
        "name": product.name,
        "unit": variant.unit,
        "price_vnd": variant.price.amount,
        "variants": len(product.variants),
        "available": product.available,
        "sold_out": product.available <= 0,
        "seller_id": product.seller_id,
        "seller_name": seller.name,
        "commune_code": seller.commune.code,
        "commune_name": commune,
        "category_id": product.category_id,
        "category_path": path,
        "image_small": cover.small if cover else "",
        "image_medium": cover.medium if cover else "",
        "image_alt": cover.alt if cover else "",
        "words": fold(text),
        "name_words": f" {fold(product.name)} ",
        "marked_words": marked(text),
        "marked_name": marked(product.name),
        "listed": True,
        "listed_at": product.created_at,
    }


def marked(text: str) -> str:
    """The words of ``text`` with their marks, in lower case, between single spaces: " nấm linh chi "."""
    lower = unicodedata.normalize("NFC", text).lower()
    return " " + " ".join("".join(char if char.isalnum() else " " for char in lower).split()) + " "
