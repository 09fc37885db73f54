"""Goods put up step by step, as programs of a back office do: the product, then its variants, prices, pieces.

The port's ``create_product`` and ``update_product`` state a product whole; here each step is a change of its own, and the
product reaches the shelf when somebody publishes it and a variant has a price. The same limits hold, the same events are
told, and every step names who made it. There is no key: a step that must not happen twice carries an outside reference,
which is taken once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from backend.commerce import events
from backend.commerce.drafts import MOST_QUANTITY, MOST_VARIANTS, check_draft
from backend.commerce.errors import BadProduct, ProductNotFound, ReferenceTaken
from backend.commerce.values import ProductDraft, VariantDraft
from backend.common import audit, clock
from backend.common.errors import Invalid
from backend.common.ids import new_token
from backend.common.money import Money
from backend.common.text import slugify, tidy
from backend.engine import goods, models
from backend.engine.events import tell_product

MOST_METADATA: Final = 100
LONGEST_KEY: Final = 256
LONGEST_VALUE: Final = 10_000
"""Metadata of one row: enough for programs that note ids and dates, too little for a store of files."""


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product before it has variants. ``slug`` empty: made of the name."""

    name: str
    seller_id: str
    category_id: int
    description: str = ""
    label: Mapping[str, str] = field(default_factory=dict)
    slug: str = ""
    external_reference: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    private_metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewVariant:
    """A variant; without a price it is not offered yet. ``quantity`` counts what orders hold, too."""

    unit: str
    name: str = ""
    sku: str = ""
    weight_g: int | None = None
    gtin: str = ""
    price_vnd: int | None = None
    quantity: int = 0
    external_reference: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    private_metadata: Mapping[str, str] = field(default_factory=dict)


def put_up(*, actor: str, product: NewProduct) -> int:
    """A new product, off the shelf and without variants; return its primary key. Raises BadProduct, ReferenceTaken."""
    _check(product.name, product.seller_id, product.description, product.label)
    _check_metadata(product.metadata, product.private_metadata)
    category = models.Category.objects.filter(pk=product.category_id).first()
    if category is None:
        raise BadProduct(what=_("nhóm hàng"))
    wanted = slugify(product.slug, limit=80) if product.slug else ""
    now = clock.now()
    with transaction.atomic(durable=True):
        if wanted and models.Product.objects.filter(slug=wanted).exists():
            raise ReferenceTaken(what=_("Đường dẫn"))
        _check_reference(models.Product, product.external_reference)
        row = models.Product(
            slug=wanted or goods.free_slug(product.name),
            name=tidy(product.name),
            description=product.description.strip(),
            category=category,
            seller_id=product.seller_id,
            label=dict(product.label),
            published=False,
            external_reference=product.external_reference,
            metadata=dict(product.metadata),
            private_metadata=dict(product.private_metadata),
            created_at=now,
            updated_at=now,
        )
        _save_new(row)
        audit.record(actor, "product.created", f"product:{row.pk}", name=row.name)
        tell_product(events.PRODUCT_CREATED, row.pk, row.seller_id)
    return row.pk


def change(
    *,
    actor: str,
    product_pk: int,
    name: str | None = None,
    category_id: int | None = None,
    description: str | None = None,
    label: Mapping[str, str] | None = None,
    external_reference: str | None = None,
    published: bool | None = None,
) -> None:
    """Change what is given of a product, and leave the rest. Raises ProductNotFound, BadProduct, ReferenceTaken."""
    with transaction.atomic(durable=True):
        product = _locked(product_pk)
        if name is not None:
            product.name = tidy(name)
        if description is not None:
            product.description = description.strip()
        if label is not None:
            product.label = dict(label)
        if category_id is not None:
            category = models.Category.objects.filter(pk=category_id).first()
            if category is None:
                raise BadProduct(what=_("nhóm hàng"))
            product.category = category
        if external_reference is not None and external_reference != product.external_reference:
            _check_reference(models.Product, external_reference)
            product.external_reference = external_reference
        if published is not None:
            product.published = published
        _check(product.name, product.seller_id, product.description, product.label)
        product.updated_at = clock.now()
        product.save()
        audit.record(actor, "product.updated", f"product:{product.pk}", published=product.published)
        tell_product(events.PRODUCT_UPDATED, product.pk, product.seller_id)


def add_variants(*, actor: str, product_pk: int, variants: Sequence[NewVariant]) -> list[int]:
    """All of ``variants`` behind those that are there, or none; return their primary keys.

    Raises ProductNotFound, BadProduct, ReferenceTaken.
    """
    with transaction.atomic(durable=True):
        product = _locked(product_pk)
        # Of all variants, those withdrawn included: whoever adds and withdraws for ever meets an end.
        present = product.variants.count()
        if present + len(variants) > MOST_VARIANTS * 5 or _offered(product) + len(variants) > MOST_VARIANTS:
            raise BadProduct(what=_("nhiều quy cách quá"))
        position = (product.variants.aggregate(last=Max("position"))["last"] or 0) + 1
        made = [_insert(product, each, position + place) for place, each in enumerate(variants)]
        _touched(product, actor, "product.variants_added", variants=made)
    return made


CHANGEABLE: Final = frozenset({"unit", "name", "sku", "weight_g", "gtin", "external_reference"})


def change_variant(*, actor: str, variant_pk: int, changes: Mapping[str, Any]) -> None:
    """Change what ``changes`` names, of CHANGEABLE. Raises ProductNotFound, BadProduct, ReferenceTaken."""
    if not CHANGEABLE.issuperset(changes):
        raise ValueError(f"not to be changed: {sorted(set(changes) - CHANGEABLE)}")
    with transaction.atomic(durable=True):
        variant = _locked_variant(variant_pk)
        reference = changes.get("external_reference", variant.external_reference)
        if reference != variant.external_reference:
            _check_reference(models.Variant, reference)
        sku = changes.get("sku", variant.sku).strip()
        if sku != variant.sku:
            _check_sku(sku)
        variant.external_reference = reference
        variant.sku = sku
        variant.unit = tidy(changes.get("unit", variant.unit))
        variant.name = tidy(changes.get("name", variant.name))
        variant.weight_g = changes.get("weight_g", variant.weight_g)
        variant.gtin = changes.get("gtin", variant.gtin)
        _check_variant(variant.unit, variant.name, variant.sku, variant.weight_g, variant.gtin)
        variant.save()
        _touched(variant.product, actor, "product.variant_changed", variant=variant.pk)


def set_price(*, actor: str, variant_pk: int, price_vnd: int) -> None:
    """The variant is offered at this price from now on. Raises ProductNotFound, BadProduct."""
    _check_price(price_vnd)
    with transaction.atomic(durable=True):
        variant = _locked_variant(variant_pk)
        before = variant.price_vnd if variant.withdrawn_at is None else None
        if before == price_vnd:
            return
        if variant.withdrawn_at is not None and _offered(variant.product) >= MOST_VARIANTS:
            raise BadProduct(what=_("nhiều quy cách quá"))
        variant.price_vnd = price_vnd
        variant.withdrawn_at = None
        variant.save(update_fields=["price_vnd", "withdrawn_at"])
        _touched(variant.product, actor, "product.updated", prices_vnd={str(variant.pk): [before, price_vnd]})


def withdraw(*, actor: str, variant_pks: Iterable[int]) -> None:
    """These variants are no longer offered; what orders hold of them stays held. A repeat changes nothing."""
    with transaction.atomic(durable=True):
        chosen = models.Variant.objects.filter(pk__in=list(variant_pks), withdrawn_at__isnull=True)
        products = models.Product.objects.filter(pk__in=list(chosen.values_list("product_id", flat=True)))
        found = list(products.select_for_update().order_by("pk"))
        if chosen.update(withdrawn_at=clock.now()):
            for product in found:
                _touched(product, actor, "product.variants_withdrawn")


def put_stock(*, actor: str, variant_pk: int, quantity: int) -> None:
    """The seller has ``quantity`` pieces, those held by orders included.

    Raises ProductNotFound, StockHeld, Invalid for a number outside 0..MOST_QUANTITY.
    """
    if not 0 <= quantity <= MOST_QUANTITY:
        raise Invalid()
    with transaction.atomic(durable=True):
        variant = _locked_variant(variant_pk)
        goods.put_stock(variant.pk, quantity, name=variant.product.name)
        subject = f"product:{variant.product_id}"
        audit.record(actor, "stock.set", subject, variant_id=str(variant.pk), quantity=quantity)
        tell_product(events.STOCK_UPDATED, variant.product_id, variant.product.seller_id)


def set_metadata(
    *,
    actor: str,
    kind: str,
    pk: int,
    put: Mapping[str, str] | None = None,
    delete: Iterable[str] = (),
    private: bool = False,
) -> None:
    """Put and delete metadata of a "product" or "variant". Raises ProductNotFound, BadProduct."""
    column = "private_metadata" if private else "metadata"
    with transaction.atomic(durable=True):
        row: Any = _locked(pk) if kind == "product" else _locked_variant(pk)
        before = getattr(row, column)
        after = {key: value for key, value in {**before, **(put or {})}.items() if key not in set(delete)}
        if after == before:
            return
        _check_metadata(after, {})
        setattr(row, column, after)
        row.save(update_fields=[column])
        product = row if kind == "product" else row.product
        _touched(product, actor, f"{kind}.metadata_changed", keys=sorted({*(put or {}), *delete}))


def _save_new(product: models.Product) -> None:
    """Somebody may have taken the slug in this instant; an unguessable end needs no second look."""
    slug = product.slug
    try:
        with transaction.atomic():
            product.save(force_insert=True)
    except IntegrityError:
        product.slug = f"{slug[:73]}-{new_token(6)}"
        product.save(force_insert=True)


def _locked(product_pk: int) -> models.Product:
    product = models.Product.objects.select_for_update().filter(pk=product_pk).first()
    if product is None:
        raise ProductNotFound()
    return product


def _locked_variant(variant_pk: int) -> models.Variant:
    """The variant, its product held against every other change."""
    product_pk = models.Variant.objects.filter(pk=variant_pk).values_list("product_id", flat=True).first()
    if product_pk is None:
        raise ProductNotFound()
    product = _locked(product_pk)
    variant = models.Variant.objects.get(pk=variant_pk)
    variant.product = product
    return variant


def _touched(product: models.Product, actor: str, action: str, **data: Any) -> None:
    models.Product.objects.filter(pk=product.pk).update(updated_at=clock.now())
    audit.record(actor, action, f"product:{product.pk}", **data)
    tell_product(events.PRODUCT_UPDATED, product.pk, product.seller_id)


def _offered(product: models.Product) -> int:
    return product.variants.filter(withdrawn_at__isnull=True).count()


def _insert(product: models.Product, new: NewVariant, position: int) -> int:
    _check_variant(new.unit, new.name, new.sku, new.weight_g, new.gtin)
    _check_metadata(new.metadata, new.private_metadata)
    if new.price_vnd is not None:
        _check_price(new.price_vnd)
    if not 0 <= new.quantity <= MOST_QUANTITY:
        raise BadProduct(what=_("số lượng trong kho"))
    _check_sku(new.sku)
    _check_reference(models.Variant, new.external_reference)
    variant = models.Variant.objects.create(
        product=product,
        sku=new.sku.strip(),
        name=tidy(new.name),
        unit=tidy(new.unit),
        price_vnd=new.price_vnd,
        weight_g=new.weight_g,
        gtin=new.gtin,
        position=position,
        withdrawn_at=None if new.price_vnd is not None else clock.now(),
        external_reference=new.external_reference,
        metadata=dict(new.metadata),
        private_metadata=dict(new.private_metadata),
    )
    models.Stock.objects.create(variant=variant, quantity=new.quantity)
    return variant.pk


_SOME_VARIANT: Final = VariantDraft(unit="-", price=Money(1), quantity=None)
_SOME_NAME: Final = "--"


def _check(name: str, seller_id: str, description: str, label: Mapping[str, str]) -> None:
    """The limits of the port's drafts. Raises BadProduct."""
    check_draft(
        ProductDraft(
            name=name,
            seller_id=seller_id,
            category_id="",
            variants=(_SOME_VARIANT,),
            description=description,
            label=label,
        )
    )


def _check_variant(unit: str, name: str, sku: str, weight_g: int | None, gtin: str) -> None:
    one = VariantDraft(
        unit=unit, price=Money(1), quantity=None, name=name, sku=sku, weight_g=weight_g, gtin=gtin
    )
    check_draft(ProductDraft(name=_SOME_NAME, seller_id="-", category_id="", variants=(one,)))


def _check_price(price_vnd: int) -> None:
    one = VariantDraft(unit="-", price=Money(price_vnd), quantity=None)
    check_draft(ProductDraft(name=_SOME_NAME, seller_id="-", category_id="", variants=(one,)))


def _check_sku(sku: str) -> None:
    if sku and models.Variant.objects.filter(sku=sku).exists():
        raise ReferenceTaken(what=_("Mã hàng"))


def _check_reference(model: type[models.Product] | type[models.Variant], reference: str | None) -> None:
    if reference is None:
        return
    if not 1 <= len(reference) <= 250:
        raise BadProduct(what=_("mã tham chiếu"))
    if model._default_manager.filter(external_reference=reference).exists():
        raise ReferenceTaken(what=_("Mã tham chiếu"))


def _check_metadata(*many: Mapping[str, str]) -> None:
    for metadata in many:
        if len(metadata) > MOST_METADATA or any(
            not 1 <= len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE for key, value in metadata.items()
        ):
            raise BadProduct(what=_("thông tin thêm dài quá"))
