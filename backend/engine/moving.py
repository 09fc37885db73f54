"""The embedded engine as one side of a move: everything that stands in its tables, and room for what comes from another
shop.

What comes in tells nobody: it has all happened before, and its people have heard of it. Every ``put`` belongs into one
transaction with the caller's own note of it (``together``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from backend.commerce.drafts import MOST_VARIANTS, check_draft
from backend.commerce.errors import BadProduct, ChargeMismatch
from backend.commerce.moving import (
    Charge,
    MovedOrder,
    MovedProduct,
    MovedVariant,
    Photograph,
    Placed,
    Refusal,
    Wanted,
)
from backend.commerce.values import ORDER_STATES, Order, ProductDraft, VariantDraft
from backend.common import audit, clock
from backend.common.ids import new_id
from backend.common.money import Money
from backend.engine import goods, images, models, reading
from backend.engine.transactions import SUCCESS, note_charges

ACTOR: Final = "system:moving"
AT_ONCE: Final = 50
OPEN: Final = ("unconfirmed", "unfulfilled", "partially fulfilled")
"""Orders that may still change: somebody waits for goods or money."""


class EmbeddedSide:
    """The embedded engine. Reading asks a fixed number of queries per page of AT_ONCE."""

    name = "embedded"

    def together(self) -> AbstractContextManager[Any]:
        return transaction.atomic()

    # --- what is there ---

    def products(self, seller_ids: Sequence[str]) -> Iterator[MovedProduct]:
        """The goods of these sellers, in the order of their making."""
        after = 0
        while True:
            rows = models.Product.objects.filter(pk__gt=after, seller_id__in=seller_ids).order_by("pk")
            page = list(rows.values_list("pk", flat=True)[:AT_ONCE])
            found = self.read_products([str(pk) for pk in page])
            yield from found.values()
            if len(page) < AT_ONCE:
                return
            after = page[-1]

    def read_products(self, ids: Sequence[str]) -> dict[str, MovedProduct]:
        """Those of ``ids`` that are here. Three queries."""
        rows = list(
            models.Product.objects.filter(pk__in=[reading.row_id(each) for each in ids])
            .select_related("category")
            .order_by("pk")
        )
        pks = [row.pk for row in rows]
        variants: defaultdict[int, list[MovedVariant]] = defaultdict(list)
        for each in (
            models.Variant.objects.filter(product_id__in=pks)
            .select_related("stock")
            .order_by("position", "pk")
        ):
            variants[each.product_id].append(_variant(each))
        pictures: defaultdict[int, list[Photograph]] = defaultdict(list)
        for image in models.ProductImage.objects.filter(product_id__in=pks).order_by("position", "pk"):
            pictures[image.product_id].append(Photograph(str(image.pk), image.alt))
        return {
            str(row.pk): MovedProduct(
                id=str(row.pk),
                slug=row.slug,
                name=row.name,
                description=row.description,
                category=row.category.slug,
                seller_id=row.seller_id,
                label=row.label,
                published=row.published,
                created_at=row.created_at,
                variants=tuple(variants[row.pk]),
                pictures=tuple(pictures[row.pk]),
                external_reference=row.external_reference or "",
                metadata=row.metadata,
                private_metadata=row.private_metadata,
            )
            for row in rows
        }

    def photograph(self, product_id: str, picture: Photograph) -> bytes:
        """The widest file of a picture."""
        row = models.ProductImage.objects.filter(pk=reading.row_id(picture.id), product_id=product_id).first()
        if row is None:
            raise Refusal(_("ảnh không còn"))
        name = images.file_name(row.stem, max(row.widths))
        try:
            with default_storage.open(name) as file:
                return bytes(file.read())
        except OSError:
            raise Refusal(_("không đọc được tệp ảnh %(name)s") % {"name": name}) from None

    def open_orders(self, seller_ids: Sequence[str]) -> Iterator[MovedOrder]:
        """Orders of these sellers that may still change, in the order of their placing."""
        after = 0
        while True:
            rows = models.Order.objects.filter(
                number__gt=after, seller_id__in=seller_ids, status__in=OPEN
            ).order_by("number")
            page = list(rows.values_list("number", "key")[:AT_ONCE])
            yield from self.read_orders([key for _number, key in page]).values()
            if len(page) < AT_ONCE:
                return
            after = page[-1][0]

    def read_orders(self, ids: Sequence[str]) -> dict[str, MovedOrder]:
        """Those of ``ids`` that are here, whatever their state."""
        found: dict[str, MovedOrder] = {}
        for start in range(0, len(ids), AT_ONCE):
            some = list(ids[start : start + AT_ONCE])
            charges: defaultdict[str, list[Charge]] = defaultdict(list)
            for key, reference, amount in (
                models.TransactionEvent.objects.filter(
                    transaction__order__key__in=some, type=SUCCESS, counted=True
                )
                .order_by("pk")
                .values_list("transaction__order__key", "psp_reference", "amount_vnd")
            ):
                charges[key].append(Charge(reference, amount))
            more = {
                key: (user_ref, language)
                for key, user_ref, language in models.Order.objects.filter(key__in=some).values_list(
                    "key", "user_ref", "language"
                )
            }
            for key, order in reading.orders(some).items():
                user_ref, language = more[key]
                found[key] = MovedOrder(order, tuple(charges[key]), user_ref, language)
        return found

    def kept_orders(self, ids: Sequence[str]) -> dict[str, Order]:
        return reading.orders(ids)

    def strangers(self, seller_ids: Sequence[str]) -> int:
        return models.Product.objects.exclude(seller_id__in=seller_ids).count()

    # --- what comes in ---

    def prepare(self, move: str, seller_ids: Iterable[str]) -> None:
        """Nothing is needed here: every seller's shelf is there with the first goods."""

    def put_product(self, trace: str, product: MovedProduct, known: Placed | None, needed: bool) -> Placed:
        """Goods as rows. ``trace`` and ``needed`` say nothing here: the note of it is in the same transaction, and an
        order needs no shelf."""
        del trace, needed
        category = models.Category.objects.filter(slug=product.category).first()
        if category is None:
            raise Refusal(_("không có nhóm hàng %(slug)s") % {"slug": product.category})
        _check(product)
        row = (
            models.Product.objects.select_for_update().filter(pk=reading.row_id(known.product_id)).first()
            if known is not None
            else None
        )
        now = clock.now()
        if row is None:
            taken = models.Product.objects.filter(slug=product.slug).exists()
            row = models.Product(
                slug=goods.free_slug(product.name) if taken or len(product.slug) > 80 else product.slug,
                seller_id=product.seller_id,
                created_at=product.created_at or now,
            )
        row.name, row.description, row.category = product.name, product.description, category
        row.label, row.published, row.updated_at = dict(product.label), product.published, now
        row.metadata, row.private_metadata = dict(product.metadata), dict(product.private_metadata)
        if product.external_reference and row.external_reference != product.external_reference:
            if models.Product.objects.filter(external_reference=product.external_reference).exists():
                raise Refusal(_("mã tham chiếu %(code)s đã dùng") % {"code": product.external_reference})
            row.external_reference = product.external_reference
        row.save()
        variants = {
            each.id: str(self._put_variant(row, each, position, known))
            for position, each in enumerate(product.variants)
        }
        row.variants.exclude(pk__in=[int(each) for each in variants.values()]).filter(
            withdrawn_at__isnull=True
        ).update(withdrawn_at=now)
        audit.record(ACTOR, "product.moved_in", f"product:{row.pk}", name=row.name)
        return Placed(str(row.pk), row.slug, variants)

    def _put_variant(
        self, product: models.Product, moved: MovedVariant, position: int, known: Placed | None
    ) -> int:
        pk = reading.row_id(known.variants.get(moved.id, "")) if known is not None else 0
        row = product.variants.filter(pk=pk).first() or models.Variant(product=product)
        if moved.sku and models.Variant.objects.filter(sku=moved.sku).exclude(pk=row.pk or 0).exists():
            raise Refusal(_("mã hàng %(sku)s đã dùng cho hàng khác") % {"sku": moved.sku})
        row.sku, row.name, row.unit, row.gtin = moved.sku, moved.name, moved.unit, moved.gtin
        row.price_vnd, row.weight_g, row.position = moved.price_vnd, moved.weight_g, position
        row.metadata, row.private_metadata = dict(moved.metadata), dict(moved.private_metadata)
        row.external_reference = moved.external_reference or row.external_reference
        if not moved.offered or moved.price_vnd is None:
            row.withdrawn_at = row.withdrawn_at or clock.now()
        else:
            row.withdrawn_at = None
        row.save()
        # Pieces come after the orders that hold some of them (settle).
        models.Stock.objects.get_or_create(variant=row)
        return row.pk

    def lacking(self, product_id: str, wanted: Sequence[Wanted]) -> list[Photograph]:
        present = self._present(product_id)
        return [each.picture for each in wanted if reading.row_id(each.known) not in present]

    @staticmethod
    def _present(product_id: str) -> set[int]:
        rows = models.ProductImage.objects.filter(product_id=reading.row_id(product_id))
        return set(rows.values_list("pk", flat=True))

    def put_photographs(
        self, product_id: str, wanted: Sequence[Wanted], content: Mapping[str, bytes]
    ) -> list[str]:
        present = self._present(product_id)
        made: list[int] = []
        for position, each in enumerate(wanted):
            pk = reading.row_id(each.known)
            words = {"alt": each.picture.alt[:200], "position": position}
            if pk in present:
                models.ProductImage.objects.filter(pk=pk).update(**words)
            else:
                stored = images.store(content[each.picture.id])
                pk = models.ProductImage.objects.create(
                    product_id=int(product_id),
                    stem=stored.stem,
                    widths=list(stored.widths),
                    created_at=clock.now(),
                    **words,
                ).pk
            made.append(pk)
        for gone in models.ProductImage.objects.filter(pk__in=present - set(made)):
            stem, widths = gone.stem, gone.widths
            gone.delete()
            transaction.on_commit(partial(images.discard_unused, stem, widths))
        return [str(pk) for pk in made]

    def put_order(
        self,
        trace: str,
        moved: MovedOrder,
        known: str,
        variants: Mapping[str, str],
        products: Mapping[str, str],
    ) -> str:
        """An order as rows, or one that stood here before brought to where it is now."""
        del trace
        order = moved.order
        now = clock.now()
        row = models.Order.objects.select_for_update().filter(key=known).first() if known else None
        new = row is None
        if row is None:
            row = models.Order(
                key=new_id(), checkout_key=new_id(), seller_id=order.seller_id, created_at=order.created_at
            )
            row.user_ref, row.language = moved.user_ref, moved.language[:2]
        _write_order(row, order, now)
        row.save()
        if new:
            _insert_lines(row, order, variants, products)
        self._hand_over(row, order, variants)
        try:
            note_charges(order=row, charges=[(each.reference, each.amount_vnd) for each in moved.charges])
        except ChargeMismatch as error:
            raise Refusal(str(error)) from error
        row.save(update_fields=["charged_vnd", "most_charged_vnd", "charge_status"])
        audit.record(ACTOR, "order.moved_in", f"order:{row.key}", total_vnd=row.total_vnd, new=new)
        return row.key

    @staticmethod
    def _hand_over(row: models.Order, order: Order, variants: Mapping[str, str]) -> None:
        """As much was handed over as the order says."""
        mine = {str(line.variant_id): line for line in row.lines.all()}
        theirs = {variants.get(line.variant_id, ""): line for line in order.lines}
        if set(mine) != set(theirs) or any(mine[each].quantity != theirs[each].quantity for each in mine):
            raise Refusal(_("các dòng hàng của đơn đã khác"))
        more = {
            each: theirs[each].quantity_fulfilled - line.quantity_fulfilled for each, line in mine.items()
        }
        if any(pieces < 0 for pieces in more.values()):
            # Taken back elsewhere: what was handed over is stated anew.
            row.fulfillments.filter(status="fulfilled").update(status="canceled", canceled_at=clock.now())
            more = {each: theirs[each].quantity_fulfilled for each in mine}
        if any(more.values()):
            handed = models.Fulfillment.objects.create(
                order=row, position=row.fulfillments.count() + 1, created_at=clock.now()
            )
            for each, pieces in more.items():
                if pieces:
                    handed.lines.create(order_line=mine[each], quantity=pieces)
        for each, line in mine.items():
            line.quantity_fulfilled = theirs[each].quantity_fulfilled
            line.save(update_fields=["quantity_fulfilled"])

    def settle(self, product: MovedProduct, placed: Placed) -> None:
        """Pieces that are physically there, and those of them that open orders here hold."""
        for each in product.variants:
            pk = int(placed.variants[each.id])
            held = (
                models.OrderLine.objects.filter(variant_id=pk, order__status__in=OPEN).aggregate(
                    n=Sum(F("quantity") - F("quantity_fulfilled"))
                )["n"]
                or 0
            )
            if each.quantity < held:
                raise Refusal(
                    _("%(unit)s: kho có %(quantity)s mà đơn đang giữ %(held)s")
                    % {"unit": each.unit, "quantity": each.quantity, "held": held}
                )
            models.Stock.objects.filter(variant_id=pk).update(quantity=each.quantity, quantity_allocated=held)


def _variant(row: models.Variant) -> MovedVariant:
    return MovedVariant(
        id=str(row.pk),
        sku=row.sku,
        name=row.name,
        unit=row.unit,
        price_vnd=row.price_vnd,
        weight_g=row.weight_g,
        gtin=row.gtin,
        offered=row.withdrawn_at is None,
        quantity=row.stock.quantity,
        held=row.stock.quantity_allocated,
        external_reference=row.external_reference or "",
        metadata=row.metadata,
        private_metadata=row.private_metadata,
    )


def _check(product: MovedProduct) -> None:
    """The limits of the port. Raises Refusal."""
    drafts = tuple(
        VariantDraft(
            unit=each.unit,
            price=Money(each.price_vnd or 1),
            quantity=None,
            name=each.name,
            weight_g=each.weight_g,
            sku=each.sku,
            gtin=each.gtin,
        )
        for each in product.variants
    )
    some = drafts or (VariantDraft(unit="-", price=Money(1), quantity=None),)
    try:
        # Withdrawn ones do not count among those that may be offered at a time.
        for start in range(0, len(some), MOST_VARIANTS):
            check_draft(
                ProductDraft(
                    name=product.name,
                    seller_id=product.seller_id,
                    category_id="",
                    variants=some[start : start + MOST_VARIANTS],
                    description=product.description,
                    label=product.label,
                )
            )
    except BadProduct as error:
        raise Refusal(str(error)) from error


def _write_order(row: models.Order, order: Order, now: Any) -> None:
    if order.total != order.subtotal + order.delivery.price or order.status not in ORDER_STATES.labels:
        raise Refusal(_("số tiền của đơn không cộng ra"))
    address = order.address
    row.status = order.status
    row.name, row.phone, row.street = address.name[:120], address.phone[:20], address.street[:200]
    row.commune_code, row.commune = address.commune_code[:5], address.commune[:80]
    row.province_code, row.province = address.province_code[:2], address.province[:80]
    row.email, row.note = order.email, order.note
    row.delivery_method, row.delivery_name = order.delivery.method[:40], order.delivery.name[:120]
    row.delivery_vnd, row.subtotal_vnd = order.delivery.price.amount, order.subtotal.amount
    row.total_vnd, row.metadata = order.total.amount, dict(order.metadata)
    row.updated_at = now
    if order.status == "canceled":
        row.cancelled_at = row.cancelled_at or now
    else:
        row.cancelled_at = None


def _insert_lines(
    row: models.Order, order: Order, variants: Mapping[str, str], products: Mapping[str, str]
) -> None:
    if len({line.variant_id for line in order.lines}) != len(order.lines):
        raise Refusal(_("đơn có hai dòng cùng một quy cách"))
    for line in order.lines:
        pk = reading.row_id(variants.get(line.variant_id, ""))
        variant = models.Variant.objects.filter(pk=pk).first()
        if variant is None:
            raise Refusal(_("hàng “%(name)s” của đơn chưa chuyển được") % {"name": line.product_name})
        if line.total != line.unit_price * line.quantity or line.unit_price.amount <= 0:
            raise Refusal(_("số tiền của đơn không cộng ra"))
        cover = (
            models.ProductImage.objects.filter(product_id=variant.product_id)
            .order_by("position", "pk")
            .first()
        )
        models.OrderLine.objects.create(
            order=row,
            variant=variant,
            product_id=variant.product_id,
            product_name=line.product_name[:160],
            unit=line.unit[:60],
            sku=variant.sku,
            image=images.file_name(cover.stem, min(cover.widths)) if cover is not None else "",
            quantity=line.quantity,
            unit_price_vnd=line.unit_price.amount,
            total_vnd=line.total.amount,
        )
