"""What sellers do with their goods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from backend.commerce import events
from backend.commerce.drafts import MOST_IMAGES, MOST_QUANTITY, check_draft
from backend.commerce.errors import BadProduct, ProductNotFound, StockHeld, TooManyImages
from backend.commerce.values import Product, ProductDraft, Variant, VariantDraft
from backend.common import clock
from backend.common.errors import Invalid
from backend.common.idempotency import once
from backend.common.ids import new_token
from backend.common.text import slugify, tidy
from backend.engine import images, models, reading
from backend.engine.events import note, tell_product


def _answer(product_id: str) -> Product:
    found = reading.products([product_id]).get(product_id)
    if found is None:
        raise ProductNotFound()
    return found


def _lock_product(product_id: str) -> models.Product:
    """The product, held against every other change of it until the transaction ends. Raises
    ProductNotFound."""
    product = models.Product.objects.select_for_update().filter(pk=reading.row_id(product_id)).first()
    if product is None:
        raise ProductNotFound()
    return product


def _category(category_id: str) -> models.Category:
    found = models.Category.objects.filter(pk=reading.row_id(category_id)).first()
    if found is None:
        raise BadProduct(what=_("nhóm hàng"))
    return found


def _check_sku(sku: str, *, except_variant: int = 0) -> None:
    if sku and models.Variant.objects.filter(sku=sku).exclude(pk=except_variant).exists():
        raise BadProduct(what=_("mã hàng này đã dùng cho hàng khác"))


def free_slug(name: str) -> str:
    """The slug of ``name``, or with the next number behind it, that no product has yet."""
    base = slugify(name) or "hang"
    taken = set(models.Product.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{base}-{n}") not in taken)


def _insert_product(draft: ProductDraft, category: models.Category) -> models.Product:
    now = clock.now()
    fields: dict[str, Any] = {
        "name": tidy(draft.name),
        "description": draft.description.strip(),
        "category": category,
        "seller_id": draft.seller_id,
        "label": dict(draft.label),
        "published": draft.published,
        "created_at": now,
        "updated_at": now,
    }
    slug = free_slug(draft.name)
    try:
        with transaction.atomic():
            return models.Product.objects.create(slug=slug, **fields)
    except IntegrityError:
        # Somebody listed goods of the same name in this instant; an unguessable end needs no second look.
        return models.Product.objects.create(slug=f"{slug}-{new_token(6)}", **fields)


def _insert_variant(product: models.Product, draft: VariantDraft, position: int) -> None:
    _check_sku(draft.sku)
    variant = models.Variant.objects.create(product=product, position=position, **_variant_fields(draft))
    models.Stock.objects.create(variant=variant, quantity=draft.quantity or 0)


def _variant_fields(draft: VariantDraft) -> dict[str, Any]:
    return {
        "sku": draft.sku.strip(),
        "name": tidy(draft.name),
        "unit": tidy(draft.unit),
        "price_vnd": draft.price.amount,
        "weight_g": draft.weight_g,
        "gtin": draft.gtin,
    }


def create_product(*, key: str, draft: ProductDraft) -> Product:
    """List new goods. The slug is made of the name and never changes. Raises BadProduct."""
    check_draft(draft)
    if any(each.id is not None for each in draft.variants):
        raise BadProduct(what=_("quy cách"))

    def do() -> str:
        product = _insert_product(draft, _category(draft.category_id))
        for position, each in enumerate(draft.variants):
            _insert_variant(product, each, position)
        note(key, "product.created", f"product:{product.pk}", name=product.name)
        tell_product(events.PRODUCT_CREATED, product.pk, product.seller_id)
        return str(product.pk)

    return _answer(once(key=key, method="create_product", inputs=asdict(draft), do=do))


def update_product(*, key: str, product_id: str, draft: ProductDraft) -> Product:
    """Make the product what ``draft`` says. Variants that it leaves out are withdrawn, new ones are added.

    Prices of orders already placed do not change. Raises ProductNotFound, BadProduct, StockHeld.
    """
    check_draft(draft)

    def do() -> str:
        product = _lock_product(product_id)
        if product.seller_id != draft.seller_id:
            raise BadProduct(what=_("người bán"))
        before = dict(product.variants.filter(withdrawn_at__isnull=True).values_list("pk", "price_vnd"))
        product.name = tidy(draft.name)
        product.description = draft.description.strip()
        product.category = _category(draft.category_id)
        product.label = dict(draft.label)
        product.published = draft.published
        product.updated_at = clock.now()
        product.save()
        kept = _update_variants(product, draft.variants)
        product.variants.filter(withdrawn_at__isnull=True).exclude(pk__in=kept).update(
            withdrawn_at=clock.now()
        )
        prices = {
            str(pk): [before.get(pk), price]
            for pk, price in product.variants.filter(withdrawn_at__isnull=True).values_list("pk", "price_vnd")
            if before.get(pk) != price
        }
        note(key, "product.updated", f"product:{product.pk}", published=product.published, prices_vnd=prices)
        tell_product(events.PRODUCT_UPDATED, product.pk, product.seller_id)
        return str(product.pk)

    inputs = {"product_id": product_id, "draft": asdict(draft)}
    return _answer(once(key=key, method="update_product", inputs=inputs, do=do))


def _update_variants(product: models.Product, drafts: Sequence[VariantDraft]) -> list[int]:
    """Change and add variants; return the primary keys of those that the drafts name or add."""
    known = {
        str(pk): pk for pk in product.variants.filter(withdrawn_at__isnull=True).values_list("pk", flat=True)
    }
    named = [each.id for each in drafts if each.id is not None]
    if len(set(named)) != len(named) or not set(named) <= set(known):
        raise BadProduct(what=_("quy cách"))
    changes = [
        (known[each.id], position, each) for position, each in enumerate(drafts) if each.id is not None
    ]
    # In the order of variants, as orders take their stock.
    for pk, position, each in sorted(changes, key=lambda change: change[0]):
        _check_sku(each.sku, except_variant=pk)
        models.Variant.objects.filter(pk=pk).update(position=position, **_variant_fields(each))
        if each.quantity is not None:
            put_stock(pk, each.quantity, name=product.name)
    for position, each in enumerate(drafts):
        if each.id is None:
            _insert_variant(product, each, position)
    new = product.variants.filter(withdrawn_at__isnull=True).exclude(pk__in=known.values())
    return [*(known[each] for each in named), *new.values_list("pk", flat=True)]


def put_stock(variant_id: int, quantity: int, *, name: str) -> None:
    """Set the pieces on hand, unless orders hold more than that. Raises StockHeld."""
    changed = models.Stock.objects.filter(variant_id=variant_id, quantity_allocated__lte=quantity).update(
        quantity=quantity
    )
    if not changed:
        held = models.Stock.objects.values_list("quantity_allocated", flat=True).get(variant_id=variant_id)
        raise StockHeld(name=name, held=held)


def set_stock(*, key: str, variant_id: str, quantity: int) -> Variant:
    """The seller has ``quantity`` pieces, those held by orders included.

    Raises ProductNotFound, StockHeld, Invalid for a number outside 0..MOST_QUANTITY.
    """
    if not 0 <= quantity <= MOST_QUANTITY:
        raise Invalid()

    def do() -> str:
        row = (
            models.Variant.objects.filter(pk=reading.row_id(variant_id), withdrawn_at__isnull=True)
            .values_list("pk", "product_id", "product__seller_id", "product__name")
            .first()
        )
        if row is None:
            raise ProductNotFound()
        pk, product_id, seller_id, name = row
        put_stock(pk, quantity, name=name)
        note(key, "stock.set", f"product:{product_id}", variant_id=variant_id, quantity=quantity)
        tell_product(events.STOCK_UPDATED, product_id, seller_id)
        return variant_id

    inputs = {"variant_id": variant_id, "quantity": quantity}
    found = reading.variants([once(key=key, method="set_stock", inputs=inputs, do=do)]).get(variant_id)
    if found is None:
        raise ProductNotFound()
    return found


def add_image(*, key: str, product_id: str, content: bytes, alt: str) -> Product:
    """As place_image; returns the product."""
    product_id, _image_id = place_image(key=key, product_id=product_id, content=content, alt=alt)
    return _answer(product_id)


def place_image(*, key: str, product_id: str, content: bytes, alt: str, trace: str = "") -> tuple[str, str]:
    """Add a photograph after the others, re-encoded and without what the camera wrote into it; return the ids of the
    product and of the photograph. ``trace`` stands in its address, by which a program knows its upload again.

    Pictures are made and stored before the transaction; when it fails, or the key was used before, they go
    again.
    Raises ProductNotFound, BadImage, TooManyImages.
    """
    if not reading.row_id(product_id):
        raise ProductNotFound()
    stored = images.store(content, trace=trace)
    used = False

    def do() -> str:
        nonlocal used
        product = _lock_product(product_id)
        present = product.images.aggregate(last=Max("position"), n=Count("pk"))
        if present["n"] >= MOST_IMAGES:
            raise TooManyImages(most=MOST_IMAGES)
        image = product.images.create(
            stem=stored.stem,
            widths=list(stored.widths),
            alt=tidy(alt)[:200],
            position=0 if present["last"] is None else present["last"] + 1,
            created_at=clock.now(),
        )
        _touch(product)
        note(key, "product.image_added", f"product:{product.pk}", stem=stored.stem)
        tell_product(events.PRODUCT_UPDATED, product.pk, product.seller_id)
        used = True
        return f"{product.pk}:{image.pk}"

    inputs = {"product_id": product_id, "content": content, "alt": alt}
    try:
        result = once(key=key, method="add_image", inputs=inputs, do=do)
    except BaseException:
        used = False
        raise
    finally:
        if not used:
            images.discard_unused(stored.stem, stored.widths)
    product_id, _colon, image_id = result.partition(":")
    return product_id, image_id


def remove_image(*, key: str, product_id: str, image_id: str) -> Product:
    """As take_image; returns the product."""
    return _answer(take_image(key=key, product_id=product_id, image_id=image_id))


def take_image(*, key: str, product_id: str, image_id: str) -> str:
    """Take a photograph away; a picture that is already gone stays gone. Raises ProductNotFound.

    The file that an order shows is kept with the order.
    """
    gone: list[tuple[str, list[int]]] = []

    def do() -> str:
        product = _lock_product(product_id)
        image = product.images.filter(pk=reading.row_id(image_id)).first()
        if image is not None:
            gone.append((image.stem, image.widths))
            image.delete()
            _touch(product)
            note(key, "product.image_removed", f"product:{product.pk}", stem=image.stem)
            tell_product(events.PRODUCT_UPDATED, product.pk, product.seller_id)
        return str(product.pk)

    inputs = {"product_id": product_id, "image_id": image_id}
    result = once(key=key, method="remove_image", inputs=inputs, do=do)
    for stem, widths in gone:
        images.discard_unused(stem, widths)
    return result


def _touch(product: models.Product) -> None:
    models.Product.objects.filter(pk=product.pk).update(updated_at=clock.now())
