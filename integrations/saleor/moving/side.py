"""A Saleor as one side of a move.

What comes in is found again by what stands with it in Saleor: goods and variants by their outside reference, pictures by
the name of the uploaded file, orders by their metadata, customers by their address. So a process that is killed between
Saleor's answer and our note of it finds its work done.

Orders are placed as buyers place them (checkout, then order). ``orderBulkCreate`` of 3.23 would take dates and states, but
it holds no stock: it writes no allocations, and the next buyer gets what these orders wait for (docs/saleor.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from django.utils.translation import gettext as _

from backend.commerce import naming
from backend.commerce.errors import ShopError, ShopUnavailable
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
from backend.commerce.values import Address, FulfillLine, LineDraft, Order, ProductDraft, VariantDraft
from backend.common import clock
from backend.common.errors import MarketError
from backend.common.ids import new_token
from backend.common.money import Money
from integrations.saleor import decode, reading
from integrations.saleor.adapter import SaleorShop
from integrations.saleor.answers import Errors, codes, errors_of, expect_none, is_id
from integrations.saleor.calls import mark, turn
from integrations.saleor.client import Client
from integrations.saleor.goods import Goods
from integrations.saleor.places import Places

PAGE: Final = 25
"""Whole goods in one answer."""
MOVED: Final = "moved"
"""The metadata key under which a moved order says which one of the other shop it is. The market's own prefix is not taken
over from callers, and this is one."""
NO_STREET: Final = "–"
"""Saleor wants a street of everybody, also of who comes to fetch the goods."""
OURS: Final = "cho-"
"""How outside references begin that the market itself gave."""
_STATES: Final = ["UNCONFIRMED", "UNFULFILLED", "PARTIALLY_FULFILLED"]
MOST_PICTURE: Final = 12 * 1024 * 1024


class SaleorSide(Goods):
    """A Saleor, or our own subset of its GraphQL (``zoned`` False), which the tests take for one."""

    name = "saleor"

    def __init__(self, client: Client, *, zoned: bool = True) -> None:
        places = Places(client, zoned=zoned)
        super().__init__(client, places, lambda: set(self._categories().values()))
        self._shop = SaleorShop(client, zoned=zoned)
        self._slugs: dict[str, str] = {}
        self._move = ""

    def _key(self, trace: str, what: str) -> str:
        """The key of one call of this move: short, however long ``what`` is, and of no other move, since a Saleor may be
        emptied or restored between two."""
        told = "\0".join((self._client.api_url, self._move, trace, what))
        return f"move:{sha256(told.encode()).hexdigest()}"

    def together(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def _categories(self) -> dict[str, str]:
        """Ids of the categories by their slugs."""
        if not self._slugs:
            self._slugs = {each.slug: each.id for each in self._shop.categories()}
        return self._slugs

    # --- what is there ---

    def products(self, seller_ids: Sequence[str]) -> Iterator[MovedProduct]:
        for seller_id in seller_ids:
            where = {"metadata": [{"key": naming.SELLER, "value": seller_id}]}
            yield from self._products(where)

    def _products(self, where: Mapping[str, Any]) -> Iterator[MovedProduct]:
        after = None
        while True:
            wanted = {"where": where, "first": PAGE, "after": after}
            page = self._client.run("moving_products", wanted)["products"]
            for edge in page["edges"]:
                yield to_product(edge["node"])
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    def read_products(self, ids: Sequence[str]) -> dict[str, MovedProduct]:
        found: dict[str, MovedProduct] = {}
        wanted = [each for each in ids if is_id(each, "Product")]
        for start in range(0, len(wanted), PAGE):
            some = wanted[start : start + PAGE]
            found |= {each.id: each for each in self._products({"ids": some})}
        return found

    def photograph(self, product_id: str, picture: Photograph) -> bytes:
        node = self._client.run("media_original", {"id": product_id})["product"]
        for each in (node or {}).get("media") or []:
            if each["id"] == picture.id:
                content = self._client.fetch(each["original"], most=MOST_PICTURE)
                if content is not None:
                    return content
        raise Refusal(_("không tải được ảnh từ Saleor"))

    def open_orders(self, seller_ids: Sequence[str]) -> Iterator[MovedOrder]:
        for seller_id in seller_ids:
            where = {
                "metadata": {"key": naming.SELLER, "value": {"eq": seller_id}},
                "status": {"oneOf": _STATES},
            }
            yield from self._orders(where)

    def _orders(self, where: Mapping[str, Any]) -> Iterator[MovedOrder]:
        after = None
        while True:
            wanted = {"where": where, "first": PAGE, "after": after}
            page = self._client.run("moving_orders", wanted)["orders"]
            for edge in page["edges"]:
                yield to_order(edge["node"])
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    def read_orders(self, ids: Sequence[str]) -> dict[str, MovedOrder]:
        found: dict[str, MovedOrder] = {}
        wanted = [each for each in ids if is_id(each, "Order")]
        for start in range(0, len(wanted), PAGE):
            some = wanted[start : start + PAGE]
            found |= {each.order.id: each for each in self._orders({"ids": some})}
        return found

    def kept_orders(self, ids: Sequence[str]) -> dict[str, Order]:
        return self._shop.orders(ids)

    def strangers(self, seller_ids: Sequence[str]) -> int:
        def count(value: Mapping[str, str]) -> int:
            where = {"metadata": [{"key": naming.SELLER, **value}]}
            return int(self._client.run("moving_count", {"where": where})["products"]["totalCount"])

        return count({}) - sum(count({"value": each}) for each in seller_ids)

    # --- what comes in: goods ---

    def prepare(self, move: str, seller_ids: Iterable[str]) -> None:
        self._move = move
        try:
            market = self._places.market
        except ShopUnavailable:
            raise Refusal(
                _("Saleor này không trả lời, hoặc chưa được chuẩn bị: chạy manage.py saleor_setup trước")
            ) from None
        for seller_id in seller_ids:
            self._places.open_warehouse(
                seller_id,
                channel_id=market.channel_id,
                zone_id=self._places.zone_id if self._places.zoned else "",
            )

    def put_product(self, trace: str, product: MovedProduct, known: Placed | None, needed: bool) -> Placed:
        try:
            return self._put_product(trace, product, known, needed)
        except ShopUnavailable:
            raise
        except MarketError as error:
            raise Refusal(str(error)) from error

    def _put_product(self, trace: str, product: MovedProduct, known: Placed | None, needed: bool) -> Placed:
        category = self._categories().get(product.category)
        if category is None:
            raise Refusal(_("không có nhóm hàng %(slug)s") % {"slug": product.category})
        reference = product.external_reference or trace
        node = self._find_whole(known.product_id if known else "", reference)
        self._check_codes(product, node, known)
        draft = _draft(product, category, published=product.published or needed)
        fields = self._product_fields(draft)
        fields["metadata"] += [{"key": key, "value": value} for key, value in _free(product.metadata).items()]
        fields["privateMetadata"] = [
            {"key": key, "value": value} for key, value in _free(product.private_metadata).items()
        ]
        if node is None:
            node = self._new_product(product, {**fields, "externalReference": reference})
        else:
            gone = [
                each["key"]
                for each in node["metadata"]
                if each["key"] not in {wanted["key"] for wanted in fields["metadata"]}
            ]
            if gone:
                said = self._client.run("product_metadata", {"id": node["id"], "gone": gone}, safe=True)
                expect_none(errors_of(said), doing="removing metadata")
            fields["externalReference"] = reference
            saved = self._client.run("product_update", {"id": node["id"], "input": fields}, safe=True)
            self._refuse(errors_of(saved))
        if decode.is_published(node) != draft.published or decode.in_channel(node) is None:
            self._list(node["id"], draft)
        warehouse = self._places.warehouse(product.seller_id)
        variants = {
            each.id: self._put_variant(trace, node, each, position, warehouse, known, needed)
            for position, each in enumerate(product.variants)
        }
        offered = [each["id"] for each in node["variants"] or [] if decode.is_offered(each)]
        self._withdraw(node["id"], [each for each in offered if each not in variants.values()])
        return Placed(node["id"], node["slug"], variants)

    def _check_codes(
        self, product: MovedProduct, node: Mapping[str, Any] | None, known: Placed | None
    ) -> None:
        """Raises Refusal for a code that other goods have here, before any of it is made."""
        mine = {each["id"] for each in (node or {}).get("variants") or []}
        mine |= set(known.variants.values()) if known else set()
        for each in product.variants:
            if not each.sku:
                continue
            found = self._client.run("variant_by_sku", {"sku": each.sku})["productVariant"]
            if found and found["id"] not in mine:
                raise Refusal(_("mã hàng %(sku)s đã dùng cho hàng khác") % {"sku": each.sku})

    def _find_whole(self, product_id: str, reference: str) -> dict[str, Any] | None:
        """The goods of this id, or else of this outside reference."""
        asked: list[dict[str, str]] = [{"externalReference": reference}]
        if product_id:
            asked.insert(0, {"id": product_id})
        for each in asked:
            node = self._client.run("moving_product", each)["product"]
            if node is not None:
                return dict(node)
        return None

    def _new_product(self, product: MovedProduct, fields: Mapping[str, Any]) -> dict[str, Any]:
        answer: Mapping[str, Any] = {}
        # An address that somebody else's goods have already: goods without it are better than none.
        for slug in (product.slug, f"{product.slug}-{new_token(6).lower()}"):
            new = {**fields, "slug": slug, "productType": self._places.market.product_type_id}
            answer = self._client.run("product_create", {"input": new})["productCreate"]
            if not any(each.get("field") == "slug" for each in answer["errors"]):
                break
        if any(each.get("field") == "externalReference" for each in answer["errors"]):
            raise Refusal(_("mã tham chiếu %(code)s đã dùng") % {"code": fields["externalReference"]})
        self._refuse(answer["errors"])
        node = self._find_whole(answer["product"]["id"], "")
        if node is None:
            raise ShopUnavailable()
        return node

    def _put_variant(
        self,
        trace: str,
        product: Mapping[str, Any],
        moved: MovedVariant,
        position: int,
        warehouse: str,
        known: Placed | None,
        needed: bool,
    ) -> str:
        here = known.variants.get(moved.id, "") if known else ""
        reference = moved.external_reference or f"{trace}-{mark(moved.id)[4:16]}"
        node = next(
            (
                each
                for each in product["variants"] or []
                if each["id"] == here or each["externalReference"] == reference
            ),
            None,
        )
        on_offer = (moved.offered or needed) and moved.price_vnd is not None
        fields = self._variant_fields(_variant_draft(moved), position)
        fields["metadata"] += [{"key": k, "value": v} for k, v in _free(moved.metadata).items()]
        fields["privateMetadata"] += [
            {"key": k, "value": v} for k, v in _free(moved.private_metadata).items()
        ]
        if not on_offer or (node is not None and node.get("withdrawn")):
            stamp = "" if on_offer else clock.now().isoformat()
            fields["privateMetadata"].append({"key": naming.WITHDRAWN, "value": stamp})
        fields["externalReference"] = reference
        if node is None:
            stocks = [{"warehouse": warehouse, "quantity": moved.quantity}]
            new = {**fields, "product": product["id"], "trackInventory": True, "stocks": stocks}
            answer = self._client.run("variant_create", {"input": new})["productVariantCreate"]
            self._refuse(answer["errors"])
            variant_id = str(answer["productVariant"]["id"])
            price = None
        else:
            variant_id = str(node["id"])
            changed = self._client.run("variant_update", {"id": variant_id, "input": fields}, safe=True)
            self._refuse(errors_of(changed))
            listing = decode.in_channel(node)
            price = decode.money_of(listing["price"]["amount"]) if listing and listing["price"] else None
        if on_offer and price != Money(moved.price_vnd or 0):
            self._price(variant_id, _variant_draft(moved))
        return variant_id

    def _refuse(self, errors: Errors) -> None:
        """What Saleor says about a thing is told to the operator in its words; only silence is ShopUnavailable."""
        if errors:
            said = "; ".join(
                f"{each.get('field') or ''} {each.get('message') or ''}".strip() for each in errors
            )
            raise Refusal(said[:300])

    # --- what comes in: pictures ---

    def _media(self, product_id: str) -> list[dict[str, Any]]:
        node = self._client.run("moving_product", {"id": product_id})["product"]
        return [each for each in (node or {}).get("media") or [] if each["type"] == "IMAGE"]

    @staticmethod
    def _find_media(media: Sequence[Mapping[str, Any]], wanted: Wanted) -> Mapping[str, Any] | None:
        for each in media:
            if each["id"] == wanted.known or wanted.trace in each["original"]:
                return each
        return None

    def lacking(self, product_id: str, wanted: Sequence[Wanted]) -> list[Photograph]:
        media = self._media(product_id)
        return [each.picture for each in wanted if self._find_media(media, each) is None]

    def put_photographs(
        self, product_id: str, wanted: Sequence[Wanted], content: Mapping[str, bytes]
    ) -> list[str]:
        media = self._media(product_id)
        made: list[str] = []
        for each in wanted:
            present = self._find_media(media, each)
            alt = each.picture.alt[:250]
            if present is None:
                answer = self._client.upload(
                    "media_create",
                    {"input": {"product": product_id, "alt": alt, "image": None}},
                    path="input.image",
                    file_name=f"{each.trace}.webp",
                    content=content[each.picture.id],
                )
                self._refuse(errors_of(answer))
                made.append(str(answer["productMediaCreate"]["media"]["id"]))
                continue
            if present["alt"] != alt:
                said = self._client.run("media_update", {"id": present["id"], "alt": alt}, safe=True)
                self._refuse(errors_of(said))
            made.append(str(present["id"]))
        for each_gone in [each["id"] for each in media if each["id"] not in made]:
            gone = errors_of(self._client.run("media_delete", {"id": each_gone}))
            if "NOT_FOUND" not in codes(gone):
                self._refuse(gone)
        stands = [each["id"] for each in media if each["id"] in made]
        if made[: len(stands)] != stands:
            # Those that were here stand in another order, or one that was not comes between them.
            order = {"product": product_id, "media": made}
            self._refuse(errors_of(self._client.run("media_reorder", order, safe=True)))
        return made

    # --- what comes in: orders ---

    def put_order(
        self,
        trace: str,
        moved: MovedOrder,
        known: str,
        variants: Mapping[str, str],
        products: Mapping[str, str],
    ) -> str:
        del products
        try:
            here = self.read_orders([known]).get(known) if known else None
            here = here or self._find_order(trace)
            if here is None:
                here = self._place(trace, moved, variants)
            self._catch_up(trace, moved, here, variants)
        except ShopUnavailable:
            raise
        except MarketError as error:
            raise Refusal(str(error)) from error
        return here.order.id

    def _find_order(self, trace: str) -> MovedOrder | None:
        where = {"metadata": {"key": MOVED, "value": {"eq": trace}}}
        return next(self._orders(where), None)

    def _place(self, trace: str, moved: MovedOrder, variants: Mapping[str, str]) -> MovedOrder:
        """The order anew, holding its stock, at the prices agreed. Its keys are those of the move: repeats give the same."""
        order = moved.order
        lines = []
        for line in order.lines:
            variant_id = variants.get(line.variant_id)
            if variant_id is None:
                raise Refusal(_("hàng “%(name)s” của đơn chưa chuyển được") % {"name": line.product_name})
            if line.total != line.unit_price * line.quantity:
                raise Refusal(_("số tiền của đơn không cộng ra"))
            self._make_ready(variant_id, line.unit_price, line.quantity)
            lines.append(LineDraft(variant_id, line.quantity))
        checkout = self._shop.create_checkout(
            key=self._key(trace, "checkout"), seller_id=order.seller_id, lines=lines
        )
        address = replace(order.address, street=order.address.street or NO_STREET)
        placed = self._shop.complete_checkout(
            key=self._key(trace, "place"),
            checkout_id=checkout.id,
            address=address,
            email=order.email,
            delivery=order.delivery,
            confirmed_total=order.total,
            note=order.note,
            metadata={**_free(order.metadata), MOVED: trace},
        )
        return self.read_orders([placed.id])[placed.id]

    def _make_ready(self, variant_id: str, price: Money, quantity: int) -> None:
        """The variant can be ordered at ``price``; ``settle`` puts back what is its own."""
        node = reading.variant_nodes(self._client, [variant_id])[variant_id]
        was = decode.to_variant(node)
        if node.get("withdrawn"):
            stamp = {"privateMetadata": [{"key": naming.WITHDRAWN, "value": ""}]}
            self._refuse(
                errors_of(self._client.run("variant_update", {"id": variant_id, "input": stamp}, safe=True))
            )
        if was.price != price or not decode.is_offered(node):
            self._price(variant_id, VariantDraft(unit=was.unit, price=price, quantity=None))
        if was.available < quantity:
            held = was.quantity - was.available
            warehouse = self._places.warehouse(decode.seller_of(node["product"]))
            self._put_stock(variant_id, held + quantity, warehouse, name=was.unit, trace="")

    def _catch_up(self, trace: str, moved: MovedOrder, here: MovedOrder, variants: Mapping[str, str]) -> None:
        """Money, acceptance, hand-over and end of the order, as far as they are not here yet."""
        order_id = here.order.id
        wanted = moved.order
        counted = {each.reference: each.amount_vnd for each in here.charges}
        for charge in moved.charges:
            if charge.reference not in counted:
                self._shop.report_charge(
                    key=self._key(trace, f"charge:{charge.reference}"),
                    order_id=order_id,
                    amount=Money(charge.amount_vnd),
                    psp_reference=charge.reference,
                )
            elif counted[charge.reference] != charge.amount_vnd:
                raise Refusal(_("giao dịch %(code)s khác số tiền") % {"code": charge.reference})
        if wanted.status == here.order.status:
            pass
        elif wanted.status == "canceled":
            self._shop.cancel_order(key=self._key(trace, "cancel"), order_id=order_id, reason=MOVED)
        elif wanted.status != "unconfirmed" and here.order.status == "unconfirmed":
            self._shop.confirm_order(key=self._key(trace, "confirm"), order_id=order_id)
        handed = {variants.get(line.variant_id, ""): line.quantity_fulfilled for line in wanted.lines}
        rest = [
            FulfillLine(line.id, handed[line.variant_id] - line.quantity_fulfilled)
            for line in here.order.lines
            if handed.get(line.variant_id, 0) > line.quantity_fulfilled
        ]
        if rest:
            pieces = "-".join(str(handed.get(line.variant_id, 0)) for line in here.order.lines)
            self._shop.fulfill_order(
                key=self._key(trace, f"hand:{pieces}"), order_id=order_id, lines=rest, allow_unpaid=True
            )

    # --- and then ---

    def settle(self, product: MovedProduct, placed: Placed) -> None:
        node = self._find_whole(placed.product_id, "")
        if node is None:
            raise Refusal(_("món hàng không còn trong Saleor"))
        nodes = {each["id"]: each for each in node["variants"] or []}
        warehouse = self._places.warehouse(product.seller_id)
        gone: list[str] = []
        for each in product.variants:
            variant_id = placed.variants[each.id]
            here = nodes.get(variant_id)
            if here is None:
                raise Refusal(_("quy cách %(unit)s không còn trong Saleor") % {"unit": each.unit})
            was = decode.to_variant(here)
            if was.quantity != each.quantity:
                try:
                    with turn(naming.warehouse_slug(product.seller_id)):
                        self._put_stock(variant_id, each.quantity, warehouse, name=each.unit, trace="")
                except ShopUnavailable:
                    raise
                except ShopError as error:
                    raise Refusal(str(error)) from error
            if each.offered and each.price_vnd is not None and was.price != Money(each.price_vnd):
                self._price(variant_id, _variant_draft(each))
            if not each.offered and decode.is_offered(here):
                gone.append(variant_id)
        self._withdraw(placed.product_id, gone)
        if decode.is_published(node) != product.published:
            self._list(placed.product_id, _draft(product, "", published=product.published))


def _free(metadata: Mapping[str, str]) -> dict[str, str]:
    """What is not the market's own."""
    return {key: value for key, value in metadata.items() if not key.startswith(naming.RESERVED)}


def _variant_draft(moved: MovedVariant) -> VariantDraft:
    return VariantDraft(
        unit=moved.unit,
        price=Money(moved.price_vnd or 0),
        quantity=None,
        name=moved.name,
        weight_g=moved.weight_g,
        sku=moved.sku,
        gtin=moved.gtin,
    )


def _draft(product: MovedProduct, category_id: str, *, published: bool) -> ProductDraft:
    return ProductDraft(
        name=product.name,
        seller_id=product.seller_id,
        category_id=category_id,
        variants=tuple(_variant_draft(each) for each in product.variants),
        description=product.description,
        label=product.label,
        published=published,
    )


def to_product(node: Mapping[str, Any]) -> MovedProduct:
    """Goods as Saleor keeps them."""
    whole = decode.to_product(node)
    reference = node["externalReference"] or ""
    return MovedProduct(
        id=whole.id,
        slug=whole.slug,
        name=whole.name,
        description=whole.description,
        category=node["category"]["slug"] if node["category"] else "",
        seller_id=whole.seller_id,
        label=dict(whole.label),
        published=whole.published,
        created_at=whole.created_at,
        variants=tuple(_to_variant(each) for each in decode.in_order(node["variants"] or [])),
        pictures=tuple(
            Photograph(each["id"], each["alt"] or "")
            for each in node["media"] or []
            if each["type"] == "IMAGE"
        ),
        external_reference="" if reference.startswith(OURS) else reference,
        metadata=_free(decode.metadata_of(node)),
        private_metadata=_free({each["key"]: each["value"] for each in node["privateMetadata"] or []}),
    )


def _to_variant(node: Mapping[str, Any]) -> MovedVariant:
    plain = decode.to_variant(node)
    listing = decode.in_channel(node)
    reference = node["externalReference"] or ""
    held = sum(each["quantityAllocated"] for each in node["stocks"] or [])
    return MovedVariant(
        id=plain.id,
        sku=plain.sku,
        name=plain.name,
        unit=plain.unit,
        price_vnd=plain.price.amount if listing and listing["price"] else None,
        weight_g=plain.weight_g,
        gtin=plain.gtin,
        offered=decode.is_offered(node),
        quantity=plain.quantity,
        held=held,
        external_reference="" if reference.startswith(OURS) else reference,
        metadata=_free(decode.metadata_of(node)),
        private_metadata=_free({each["key"]: each["value"] for each in node["privateMetadata"] or []}),
    )


def to_order(node: Mapping[str, Any]) -> MovedOrder:
    """An order as Saleor keeps it, with the money counted for it."""
    order: Order = decode.to_order(node)
    street = "" if order.address.street == NO_STREET else order.address.street
    address: Address = replace(order.address, street=street)
    metadata = {key: value for key, value in order.metadata.items() if key != MOVED}
    charges = tuple(
        Charge(event["pspReference"], decode.money_of(event["amount"]["amount"]).amount)
        for each in sorted(node["transactions"], key=lambda each: str(each["createdAt"]))
        for event in each["events"]
        if event["type"] == "CHARGE_SUCCESS"
    )
    language = str(node.get("languageCodeEnum") or "VI").lower()
    return MovedOrder(
        replace(order, address=address, metadata=metadata),
        charges,
        language="en" if language.startswith("en") else "vi",
    )
