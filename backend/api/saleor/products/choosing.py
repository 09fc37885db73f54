"""Which products a list has, and in which order: Saleor's ``where``, the older ``filter``, ``search``, ``sortBy``."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.db.models import Q
from graphql import GraphQLError

from backend.api.saleor.connections import Connection, Slice, Window
from backend.api.saleor.context import Context
from backend.api.saleor.ids import key_of, pk_of
from backend.api.saleor.products import attributes
from backend.api.saleor.products.reading import TYPE, load_products, load_variants, tree, visible, want
from backend.catalogue import queries as catalogue
from backend.commerce.naming import CHANNEL
from backend.common.text import fold, slugify
from backend.engine import listing
from backend.engine.listing import CategoryRow, ProductRow, VariantRow
from backend.engine.reading import row_id

NONE: Final = Q(pk__in=[])
MOST_NESTED: Final = 50
"""Conditions in one ``where``, however they are nested."""

_SORTS: Final = {
    "NAME": "name",
    "TYPE": "name",
    "PRICE": "price",
    "MINIMAL_PRICE": "price",
    "LAST_MODIFIED": "updated",
    "LAST_MODIFIED_AT": "updated",
    "DATE": "updated",
    "PUBLISHED": "created",
    "PUBLISHED_AT": "created",
    "PUBLICATION_DATE": "created",
    "CREATED_AT": "created",
    "RATING": "slug",
    "COLLECTION": "slug",
}
"""DATE is the older name of LAST_MODIFIED. Goods carry no ratings and stand in no collections."""


def connection(
    info: Any,
    page: Slice,
    *,
    base: Q | None = None,
    filter: Any = None,
    where: Any = None,
    search: str | None = None,
    sort_by: Any = None,
    channel: str | None = None,
) -> Connection:
    """A page of products that the requestor may see, narrowed by ``base`` and by what was asked."""
    context: Context = info.context
    if filter and where:
        raise GraphQLError("Only one filtering argument (filter or where) can be specified.")
    if filter and filter.get("search"):
        if search:
            raise GraphQLError("Only one search argument can be specified: `search` or `filter.search`.")
        search = filter["search"]
    field = str(sort_by["field"]) if sort_by and sort_by.get("field") else None
    if field == "RANK" and search is None:
        raise GraphQLError("Sorting by RANK is available only when using a search filter.")
    descending = bool(sort_by) and str(sort_by["direction"]) == "DESC"
    chosen = visible(context) & (base or Q())
    if not known_channel(channel) or (filter and not known_channel(filter.get("channel"))):
        chosen = NONE
    if where:
        chosen &= from_where(context, where)
    if filter:
        chosen &= from_filter(context, filter)
    if search is not None and search.strip():
        pks = [
            row_id(each) for each in catalogue.ranked_ids(search, off_the_shelf=context.requestor.works_here)
        ]
        chosen &= Q(pk__in=pks)
        if field in {None, "RANK"}:
            # Saleor's rank grows with the match, so descending, and what is not asked for, is the best first.
            ascending = field == "RANK" and not descending
            return _ranked(info, page, chosen, pks[::-1] if ascending else pks)
    return _sorted(info, page, chosen, _SORTS.get(field or "", "slug"), descending)


def known_channel(slug: str | None) -> bool:
    """Whether a channel argument names the market's channel, or none and so leaves it to us."""
    return slug is None or slug == CHANNEL


def _sorted(info: Any, page: Slice, chosen: Q, field: str, descending: bool) -> Connection:
    def read(window: Window) -> list[tuple[ProductRow, tuple[Any, ...]]]:
        try:
            found = listing.page(
                chosen,
                listing.sort_keys(field),
                descending=descending,
                limit=window.limit + 1,
                after=window.before if window.backward else window.after,
                backward=window.backward,
            )
        except ValueError:
            raise GraphQLError("Received cursor is invalid.") from None
        want(info.context, [row for row, _ in found[: window.limit]])
        return found

    return Connection(info, page, read, lambda: listing.count(chosen))


def _ranked(info: Any, page: Slice, chosen: Q, pks: list[int]) -> Connection:
    """The best matches, in the order in which the catalogue gave them."""

    @functools.cache
    def order() -> list[int]:
        present = set(listing.ids(chosen))
        return [pk for pk in pks if pk in present]

    def read(window: Window) -> list[tuple[ProductRow, tuple[Any, ...]]]:
        places = {str(pk): place for place, pk in enumerate(order())}
        start, stop = 0, len(places)
        if window.after is not None:
            start = places.get(str(window.after[-1]), stop) + 1
        if window.before is not None:
            stop = places.get(str(window.before[-1]), 0)
        wanted = order()[start:stop]
        wanted = wanted[::-1][: window.limit + 1] if window.backward else wanted[: window.limit + 1]
        rows = listing.products(wanted)
        want(info.context, rows.values())
        return [(rows[pk], (places[str(pk)], pk)) for pk in wanted if pk in rows]

    return Connection(info, page, read, lambda: len(order()))


def from_where(context: Context, where: Any, left: list[int] | None = None) -> Q:
    """``ProductWhereInput`` as a condition. Raises GraphQLError for more than MOST_NESTED parts."""
    left = left if left is not None else [MOST_NESTED]
    left[0] -= 1
    if left[0] < 0:
        raise GraphQLError(f"A filter has at most {MOST_NESTED} parts.")
    found = Q()
    for name, value in where.items():
        if value is None:
            continue
        if name in {"AND", "OR"}:
            parts = [from_where(context, each, left) for each in value]
            if parts:
                found &= functools.reduce(operator.and_ if name == "AND" else operator.or_, parts)
        elif name == "name":
            found &= _text("name", value)
        elif name == "slug":
            found &= _text("slug", value)
        elif name == "product_type":
            found &= Q() if TYPE.id in _ids(value) else NONE
        elif name == "category":
            found &= in_categories(context, _ids(value))
        elif name == "collection":
            found &= NONE
        elif name == "price":
            found &= _amounts(value, listing.with_price)
        elif name == "minimal_price":
            found &= _amounts(value, listing.with_minimal_price)
        elif name == "updated_at":
            found &= _moments("updated_at", value.get("range")) if value.get("range") else _moment(value)
        else:
            found &= _shared(context, name, value)
    return found


def from_filter(context: Context, filter: Any) -> Q:
    """The older ``ProductFilterInput`` as a condition; ``search`` and ``channel`` are read elsewhere."""
    found = Q()
    for name, value in filter.items():
        if value is None or name in {"search", "channel"}:
            continue
        if name == "categories":
            found &= in_categories(context, value)
        elif name == "collections":
            found &= NONE
        elif name == "product_types":
            found &= Q() if TYPE.id in value else NONE
        elif name == "slugs":
            found &= Q(slug__in=value)
        elif name == "price":
            found &= listing.with_price(_floor(value.get("gte")), _floor(value.get("lte")))
        elif name == "minimal_price":
            found &= listing.with_minimal_price(_floor(value.get("gte")), _floor(value.get("lte")))
        elif name == "updated_at":
            found &= _moments("updated_at", value)
        else:
            found &= _shared(context, name, value)
    return found


def _shared(context: Context, name: str, value: Any) -> Q:
    """What ``where`` and ``filter`` have in common."""
    if name == "ids":
        return Q(pk__in=[pk_of(each, "Product") for each in value])
    if name in {"is_published", "is_visible_in_listing"}:
        return Q(published=value)
    if name == "is_available":
        return listing.offered() if value else ~listing.offered()
    if name in {"published_from", "available_from"}:
        return Q(created_at__lte=value, published=True)
    if name == "has_category":
        return Q() if value else NONE
    if name in {"gift_card", "has_preordered_variants"}:
        return NONE if value else Q()
    if name == "stock_availability":
        return listing.in_stock() if str(value) == "IN_STOCK" else ~listing.in_stock()
    if name == "stocks":
        return _stocks(value)
    if name == "attributes":
        return functools.reduce(operator.and_, (_attribute(each) for each in value), Q())
    if name == "metadata":
        pairs = (listing.with_metadata(each["key"], each.get("value")) for each in value)
        return functools.reduce(operator.and_, pairs, Q())
    raise GraphQLError(f"The filter {name} is not known.")


def _ids(value: Any) -> list[str]:
    return [*([value["eq"]] if value.get("eq") else []), *(value.get("one_of") or [])]


def in_categories(context: Context, ids: Iterable[str]) -> Q:
    """Products in one of these categories, or below it."""
    known = tree(context)
    below = {each for text in ids if (pk := pk_of(text, "Category")) in known for each in known[pk].below}
    return Q(category_id__in=below)


def _text(column: str, value: Any) -> Q:
    wanted = [*([value["eq"]] if value.get("eq") is not None else []), *(value.get("one_of") or [])]
    return Q(**{f"{column}__in": wanted})


def _floor(value: Any) -> int | None:
    return None if value is None else int(value)


def _amounts(value: Any, narrow: Any) -> Q:
    found = Q()
    if value.get("eq") is not None:
        found &= _exactly(value["eq"], narrow)
    if value.get("one_of"):
        found &= functools.reduce(operator.or_, (_exactly(each, narrow) for each in value["one_of"]))
    if value.get("range"):
        low, high = value["range"].get("gte"), value["range"].get("lte")
        # Prices are whole: from 10.5 means from 11.
        found &= narrow(None if low is None else -int(-low // 1), _floor(high))
    return found


def _exactly(amount: Any, narrow: Any) -> Q:
    exact: Q = narrow(int(amount), int(amount)) if amount == int(amount) else NONE
    return exact


def _moments(column: str, value: Any) -> Q:
    found = Q()
    if value.get("gte") is not None:
        found &= Q(**{f"{column}__gte": value["gte"]})
    if value.get("lte") is not None:
        found &= Q(**{f"{column}__lte": value["lte"]})
    return found


def _moment(value: Any) -> Q:
    wanted = [*([value["eq"]] if value.get("eq") else []), *(value.get("one_of") or [])]
    return Q(updated_at__in=wanted)


def _stocks(value: Any) -> Q:
    found = Q()
    if value.get("warehouse_ids"):
        found &= Q(seller_id__in=[key_of(each, "Warehouse") for each in value["warehouse_ids"]])
    if value.get("quantity"):
        found &= listing.in_stock(value["quantity"].get("gte"), value["quantity"].get("lte"))
    return found


def _attribute(asked: Any) -> Q:
    """One attribute: ``value: {slug|name: {eq|oneOf}}`` or the older ``values: [slug]``."""
    slug = asked.get("slug")
    value = asked.get("value") or {}
    by_slug: list[str] | None = asked.get("values")
    by_name: list[str] | None = None
    for name, given in value.items():
        if given is None:
            continue
        if name not in {"slug", "name"}:
            # Numbers, dates, references: no attribute of the market has such values.
            return NONE
        wanted = [*([given["eq"]] if given.get("eq") is not None else []), *(given.get("one_of") or [])]
        if name == "slug":
            by_slug = wanted
        else:
            by_name = wanted
    if slug is None:
        return NONE if by_slug is None and by_name is None else _unit(by_slug, by_name)
    attribute = attributes.BY_SLUG.get(slug)
    if attribute is None or any(
        asked.get(each) is not None for each in ("boolean", "date", "date_time", "values_range")
    ):
        return NONE
    if attribute is attributes.UNIT:
        return _unit(by_slug, by_name)
    if by_slug is not None:
        pks = [
            row_id(each.partition("_")[0].removeprefix("product-"))
            for each in by_slug
            if each.partition("_")[2] == str(attribute.pk)
        ]
        return Q(pk__in=pks) & listing.with_label(attribute.field)
    return listing.with_label(attribute.field, by_name)


def _unit(by_slug: list[str] | None, by_name: list[str] | None) -> Q:
    if by_slug is None and by_name is None:
        return Q()
    if by_name is not None:
        return listing.with_unit(by_name)
    wanted = set(by_slug or ())
    return listing.with_unit([unit for unit in listing.units() if slugify(unit) in wanted])


def narrowed_variants(rows: list[VariantRow], *, filter: Any = None, where: Any = None) -> list[VariantRow]:
    """Those variants that ``filter`` or ``where`` of a list of variants names."""
    for asked in (filter, where):
        for name, value in (asked or {}).items():
            if value is None:
                continue
            if name == "ids":
                pks = {pk_of(each, "ProductVariant") for each in value}
                rows = [row for row in rows if row.pk in pks]
            elif name == "sku":
                skus = set(value if isinstance(value, list) else _ids(value))
                rows = [row for row in rows if row.sku in skus]
            elif name == "search":
                words = fold(value)
                rows = [row for row in rows if words in fold(f"{row.own_name} {row.unit} {row.sku}")]
            elif name == "metadata":
                for pair in value:
                    given = {row.pk: row.metadata.get(pair["key"]) for row in rows}
                    exact = pair.get("value")
                    rows = [
                        row
                        for row in rows
                        if given[row.pk] is not None and (exact is None or given[row.pk] == exact)
                    ]
            elif name == "is_preorder":
                rows = [] if value else rows
            else:
                raise GraphQLError(f"The filter {name} is not known.")
    return rows


def chosen_units(
    *, sort_by: Any = None, filter: Any = None, where: Any = None, search: str | None = None
) -> list[attributes.ValueRow]:
    """The units that goods are offered in, as choices of the attribute."""
    rows = {row.slug: row for row in map(attributes.unit_value, listing.units())}
    found = sorted(rows.values(), key=lambda row: row.slug)
    asked = {**(filter or {}), **(where or {})}
    words = fold(search or asked.get("search") or "")
    if words:
        found = [row for row in found if words in fold(row.name)]
    slugs = asked.get("slugs") or (_ids(asked["slug"]) if asked.get("slug") else None)
    if slugs is not None:
        found = [row for row in found if row.slug in slugs]
    if asked.get("name"):
        found = [row for row in found if row.name in _ids(asked["name"])]
    if asked.get("ids") is not None:
        found = [row for row in found if row.id in asked["ids"]]
    return found[::-1] if sort_by and str(sort_by["direction"]) == "DESC" else found


MOST_VARIANTS_READ: Final = 5000
"""Variants looked through where a list of them is not narrowed by ids."""


def seen_variants(context: Context, named: Q) -> list[VariantRow]:
    """The variants among ``named`` that the requestor may see, in the order of their products."""
    rows = listing.variants(named, limit=MOST_VARIANTS_READ)
    by_pk = context.loader(load_variants)
    products = context.loader(load_products)
    products.want(row.product_id for row in rows)
    seen = []
    for row in rows:
        product: ProductRow | None = products.get(row.product_id)
        if product is None:
            continue
        if context.requestor.reaches(product.seller_id) or (product.published and row.withdrawn_at is None):
            by_pk.put(row.pk, row)
            seen.append(row)
    return seen


def chosen_categories(
    context: Context, *, filter: Any = None, where: Any = None, sort_by: Any = None, level: int | None = None
) -> list[CategoryRow]:
    """The categories that were asked for, by their place in the decision unless sorted otherwise."""
    rows = [row for row in tree(context).values() if level is None or row.level == level]
    for asked in (filter, where):
        rows = _narrow_categories(rows, asked or {})
    if sort_by:
        known = tree(context)
        by_name = {pk: place for place, pk in enumerate(sorted(known, key=lambda pk: fold(known[pk].name)))}
        field = str(sort_by["field"])
        counts = _product_counts(context) if field == "PRODUCT_COUNT" else {}
        keys: dict[str, Callable[[CategoryRow], Any]] = {
            "NAME": lambda row: by_name[row.pk],
            "SUBCATEGORY_COUNT": lambda row: (
                sum(each.parent_id == row.pk for each in known.values()),
                by_name[row.pk],
            ),
            "PRODUCT_COUNT": lambda row: (counts.get(row.pk, 0), by_name[row.pk]),
        }
        rows = sorted(rows, key=keys[field], reverse=str(sort_by["direction"]) == "DESC")
    return rows


def _narrow_categories(rows: list[CategoryRow], asked: Any) -> list[CategoryRow]:
    for name, value in asked.items():
        if value is None:
            continue
        if name == "ids":
            pks = {pk_of(each, "Category") for each in value}
            rows = [row for row in rows if row.pk in pks]
        elif name == "slugs":
            rows = [row for row in rows if row.slug in value]
        elif name == "search":
            words = fold(value)
            rows = [row for row in rows if words in fold(row.name) or words in fold(row.slug)]
        elif name == "metadata":
            for pair in value:
                rows = [
                    row
                    for row in rows
                    if pair["key"] in row.metadata and pair.get("value") in (None, row.metadata[pair["key"]])
                ]
        elif name == "AND":
            for each in value:
                rows = _narrow_categories(rows, each)
        elif name == "OR":
            kept = {row.pk for each in value for row in _narrow_categories(rows, each)}
            rows = [row for row in rows if row.pk in kept]
        elif name != "updated_at":
            raise GraphQLError(f"The filter {name} is not known.")
    return rows


def _product_counts(context: Context) -> dict[int, int]:
    own = listing.count_by_category(visible(context))
    return {pk: sum(own.get(each, 0) for each in row.below) for pk, row in tree(context).items()}


def chosen_attributes(
    *, filter: Any = None, where: Any = None, search: str | None = None, sort_by: Any = None
) -> list[attributes.AttributeRow]:
    """The attributes that were asked for, by slug unless sorted otherwise."""
    rows = sorted(attributes.ALL, key=lambda row: row.slug)
    rows = _narrow_attributes(rows, {**(filter or {}), **({"search": search} if search else {})})
    rows = _narrow_attributes(rows, where or {})
    if sort_by:
        if str(sort_by["field"]) == "NAME":
            rows.sort(key=lambda row: fold(row.name))
        if str(sort_by["direction"]) == "DESC":
            rows.reverse()
    return rows


def _narrow_attributes(rows: list[attributes.AttributeRow], asked: Any) -> list[attributes.AttributeRow]:
    for name, value in asked.items():
        if value is None:
            continue
        keep = _ATTRIBUTE_TESTS.get(name)
        if name == "AND":
            for each in value:
                rows = _narrow_attributes(rows, each)
        elif name == "OR":
            kept = {row.pk for each in value for row in _narrow_attributes(rows, each)}
            rows = [row for row in rows if row.pk in kept]
        elif keep is None:
            raise GraphQLError(f"The filter {name} is not known.")
        else:
            rows = [row for row in rows if keep(row, value)]
    return rows


_ATTRIBUTE_TESTS: Final[dict[str, Callable[[attributes.AttributeRow, Any], bool]]] = {
    "ids": lambda row, value: row.id in value,
    "slugs": lambda row, value: row.slug in value,
    "slug": lambda row, value: row.slug in _ids(value),
    "name": lambda row, value: row.name in _ids(value),
    "search": lambda row, value: fold(value) in fold(row.name) or fold(value) in fold(row.slug),
    "value_required": lambda row, value: row.value_required == value,
    "with_choices": lambda row, value: row.with_choices == value,
    "input_type": lambda row, value: row.input_type in _ids(value),
    "type": lambda row, value: row.type in ([value] if isinstance(value, str) else _ids(value)),
    "entity_type": lambda row, value: False,
    "unit": lambda row, value: False,
    "metadata": lambda row, value: not value,
    "is_variant_only": lambda row, value: not value,
    # Every attribute of the market is shown wherever goods are, and every category may have goods with it.
    "visible_in_storefront": lambda row, value: value,
    "filterable_in_storefront": lambda row, value: value == row.with_choices,
    "filterable_in_dashboard": lambda row, value: value == row.with_choices,
    "available_in_grid": lambda row, value: not value,
    "in_category": lambda row, value: True,
    "in_collection": lambda row, value: False,
    "channel": lambda row, value: known_channel(value),
}
