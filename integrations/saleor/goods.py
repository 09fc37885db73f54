"""What sellers do with their goods, in Saleor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from django.utils.translation import gettext as _

from backend.commerce import events, naming
from backend.commerce.drafts import MOST_IMAGES, MOST_QUANTITY, check_draft
from backend.commerce.errors import (
    BadProduct,
    ProductNotFound,
    ShopRefused,
    ShopUnavailable,
    StockHeld,
    TooManyImages,
)
from backend.commerce.pictures import encode
from backend.commerce.values import Product, ProductDraft, Variant, VariantDraft
from backend.common import clock
from backend.common.errors import Invalid
from backend.common.ids import new_token
from backend.common.text import slugify, tidy
from integrations.saleor import decode, reading
from integrations.saleor.answers import Errors, codes, errors_of, expect_none, is_id
from integrations.saleor.calls import News, mark, once, turn
from integrations.saleor.client import Client
from integrations.saleor.places import Places

MOST_ALT: Final = 200


class Goods:
    def __init__(self, client: Client, places: Places, known_categories: Callable[[], set[str]]) -> None:
        self._client = client
        self._places = places
        self._known_categories = known_categories

    # --- products ---

    def create_product(self, *, key: str, draft: ProductDraft) -> Product:
        check_draft(draft)
        if any(each.id is not None for each in draft.variants):
            raise BadProduct(what=_("quy cách"))

        def do(again: bool) -> str:
            self._check_category(draft.category_id)
            present = self._find_by_mark(mark(key)) if again else None
            if present is None:
                for each in draft.variants:
                    self._check_sku(each.sku, product_id="")
                warehouse = self._places.warehouse(draft.seller_id)
                product_id = self._insert_product(draft, mark(key))
                named: set[str] = set()
            else:
                # Killed half-way: what is there stays, the rest follows.
                warehouse = self._places.warehouse(draft.seller_id)
                product_id = str(present["id"])
                named = {each["externalReference"] for each in present["variants"] or []}
            try:
                self._list(product_id, draft)
                for position, each in enumerate(draft.variants):
                    if f"{mark(key)}-{position}" not in named:
                        self._insert_variant(product_id, each, position, warehouse, mark(key))
            except ShopRefused:
                # Half of it stands: the key has to remember that, or the next try would make a second one.
                raise ShopUnavailable() from None
            news.append(News.of_product(events.PRODUCT_CREATED, product_id, draft.seller_id))
            return product_id

        news: list[News] = []
        subject = f"listing:{draft.seller_id}"
        return self._answer(
            once(key=key, method="create_product", inputs=asdict(draft), subject=subject, do=do, news=news)
        )

    def update_product(self, *, key: str, product_id: str, draft: ProductDraft) -> Product:
        check_draft(draft)

        def do(again: bool) -> str:
            node = self._product_node(product_id)
            if again and node["call"] == mark(key):
                return product_id
            if decode.seller_of(node) != draft.seller_id:
                raise BadProduct(what=_("người bán"))
            self._check_category(draft.category_id)
            present = {each["id"]: each for each in node["variants"] or [] if decode.is_offered(each)}
            self._check_variants(node, present, draft, again=again, trace=mark(key))
            warehouse = self._places.warehouse(draft.seller_id)
            made = {each["externalReference"]: each["id"] for each in node["variants"] or []}
            for position, each in enumerate(draft.variants):
                trace = f"{mark(key)}-{position}"
                if each.id is None and trace not in made:
                    self._insert_variant(product_id, each, position, warehouse, mark(key))
                elif each.id is not None:
                    self._change_variant(node, present[each.id], each, position, warehouse)
            kept = {each.id for each in draft.variants}
            kept |= {made.get(f"{mark(key)}-{n}") for n in range(len(draft.variants))}
            self._withdraw(product_id, [each for each in present if each not in kept])
            if decode.is_published(node) != draft.published:
                self._list(product_id, draft)
            stale = [
                each["key"]
                for each in node["metadata"]
                if each["key"].startswith(naming.LABEL_METADATA)
                and each["key"].removeprefix(naming.LABEL_METADATA) not in draft.label
            ]
            if stale:
                gone = self._client.run("product_metadata", {"id": product_id, "gone": stale}, safe=True)
                expect_none(errors_of(gone), doing="removing label fields")
            fields = {
                **self._product_fields(draft),
                "privateMetadata": [{"key": naming.CALL, "value": mark(key)}],
            }
            saved = self._client.run("product_update", {"id": product_id, "input": fields}, safe=True)
            self._refuse(errors_of(saved))
            return product_id

        return self._changed(
            key, "update_product", {"product_id": product_id, "draft": asdict(draft)}, product_id, do
        )

    def _changed(
        self, key: str, method: str, inputs: dict[str, Any], product_id: str, do: Callable[[bool], str]
    ) -> Product:
        """The product after a change of it, which the market is told of."""
        news: list[News] = []

        def tell(again: bool) -> str:
            result = do(again)
            news.append(News.of_product(events.PRODUCT_UPDATED, product_id, ""))
            return result

        subject = f"product:{product_id}"
        return self._answer(once(key=key, method=method, inputs=inputs, subject=subject, do=tell, news=news))

    def _answer(self, product_id: str) -> Product:
        found = reading.products(self._client, [product_id]).get(product_id)
        if found is None:
            raise ProductNotFound()
        return found

    def _product_node(self, product_id: str) -> dict[str, Any]:
        if not is_id(product_id, "Product"):
            raise ProductNotFound()
        node = self._client.run("product", {"id": product_id})["product"]
        if node is None:
            raise ProductNotFound()
        return dict(node)

    def _find_by_mark(self, trace: str) -> dict[str, Any] | None:
        node = self._client.run("product", {"externalReference": trace})["product"]
        return dict(node) if node else None

    def _check_category(self, category_id: str) -> None:
        if category_id not in self._known_categories():
            raise BadProduct(what=_("nhóm hàng"))

    def _check_sku(self, sku: str, *, product_id: str, variant_id: str = "") -> None:
        if not sku.strip():
            return
        found = self._client.run("variant_by_sku", {"sku": sku.strip()})["productVariant"]
        if found and (found["id"] != variant_id):
            raise BadProduct(what=_("mã hàng này đã dùng cho hàng khác"))

    def _refuse(self, errors: Errors) -> None:
        """Raises BadProduct for a SKU that was taken in this instant, ShopRefused for what is not explained."""
        if any(each.get("field") == "sku" for each in errors):
            raise BadProduct(what=_("mã hàng này đã dùng cho hàng khác"))
        expect_none(errors, doing="goods")

    def _product_fields(self, draft: ProductDraft) -> dict[str, Any]:
        ids = self._places.market.attributes
        label = {key: value for key, value in draft.label.items() if key not in naming.LABEL_FIELDS}
        return {
            "name": tidy(draft.name),
            "description": decode.from_description(draft.description),
            "category": draft.category_id,
            "attributes": [
                {"id": ids[naming.label_slug(field)], "plainText": draft.label.get(field, "")}
                for field in naming.LABEL_FIELDS
            ],
            "metadata": [
                {"key": naming.SELLER, "value": draft.seller_id},
                *({"key": naming.LABEL_METADATA + key, "value": value} for key, value in label.items()),
            ],
        }

    def _insert_product(self, draft: ProductDraft, trace: str) -> str:
        fields = {
            **self._product_fields(draft),
            "productType": self._places.market.product_type_id,
            "externalReference": trace,
        }
        base = slugify(draft.name) or "hang"
        # Of the same name: an unguessable end needs no second look.
        for slug in (base, f"{base}-{new_token(6).lower()}"):
            answer = self._client.run("product_create", {"input": {**fields, "slug": slug}})["productCreate"]
            if not any(each.get("field") == "slug" for each in answer["errors"]):
                break
        self._refuse(answer["errors"])
        return str(answer["product"]["id"])

    def _list(self, product_id: str, draft: ProductDraft) -> None:
        listing = {
            "channelId": self._places.market.channel_id,
            "isPublished": draft.published,
            "visibleInListings": draft.published,
            "isAvailableForPurchase": draft.published,
        }
        listed = self._client.run(
            "product_listing", {"id": product_id, "input": {"updateChannels": [listing]}}, safe=True
        )
        expect_none(errors_of(listed), doing="a listing")

    # --- variants ---

    def _variant_fields(self, draft: VariantDraft, position: int) -> dict[str, Any]:
        unit = tidy(draft.unit)
        return {
            "sku": draft.sku.strip() or None,
            "name": tidy(draft.name) or unit,
            "weight": draft.weight_g / 1000 if draft.weight_g else None,
            "attributes": [{"id": self._places.market.attributes[naming.UNIT], "dropdown": {"value": unit}}],
            "metadata": [{"key": naming.GTIN, "value": draft.gtin}],
            "privateMetadata": [{"key": naming.POSITION, "value": str(position)}],
        }

    def _insert_variant(
        self, product_id: str, draft: VariantDraft, position: int, warehouse: str, trace: str
    ) -> None:
        fields = {
            **self._variant_fields(draft, position),
            "product": product_id,
            "trackInventory": True,
            "externalReference": f"{trace}-{position}",
            "stocks": [{"warehouse": warehouse, "quantity": draft.quantity or 0}],
        }
        answer = self._client.run("variant_create", {"input": fields})["productVariantCreate"]
        self._refuse(answer["errors"])
        self._price(answer["productVariant"]["id"], draft)

    def _price(self, variant_id: str, draft: VariantDraft) -> None:
        listing = {"channelId": self._places.market.channel_id, "price": draft.price.amount}
        priced = self._client.run("variant_listing", {"id": variant_id, "input": [listing]}, safe=True)
        expect_none(errors_of(priced), doing="a price")

    def _check_variants(
        self,
        node: Mapping[str, Any],
        present: Mapping[str, Mapping[str, Any]],
        draft: ProductDraft,
        *,
        again: bool,
        trace: str,
    ) -> None:
        """Everything that may be wrong is found before anything is changed."""
        named = [each.id for each in draft.variants if each.id is not None]
        if len(set(named)) != len(named) or not set(named) <= set(present):
            raise BadProduct(what=_("quy cách"))
        for each in draft.variants:
            if each.id is None:
                if not again:
                    self._check_sku(each.sku, product_id=str(node["id"]))
                continue
            if each.sku.strip() != (present[each.id]["sku"] or ""):
                self._check_sku(each.sku, product_id=str(node["id"]), variant_id=each.id)
            held = _held(present[each.id])
            if each.quantity is not None and each.quantity < held:
                raise StockHeld(name=node["name"], held=held)

    def _change_variant(
        self,
        product: Mapping[str, Any],
        node: Mapping[str, Any],
        draft: VariantDraft,
        position: int,
        warehouse: str,
    ) -> None:
        was = decode.to_variant(node)
        fields = self._variant_fields(draft, position)
        if _stated(was, node) != (
            fields["sku"],
            fields["name"],
            tidy(draft.unit),
            draft.weight_g,
            draft.gtin,
            position,
        ):
            changed = self._client.run("variant_update", {"id": was.id, "input": fields}, safe=True)
            self._refuse(errors_of(changed))
        if was.price != draft.price:
            self._price(was.id, draft)
        if draft.quantity is not None and draft.quantity != was.quantity:
            with turn(naming.warehouse_slug(decode.seller_of(product))):
                self._put_stock(was.id, draft.quantity, warehouse, name=product["name"], trace="")

    def _withdraw(self, product_id: str, variants: list[str]) -> None:
        """Off the shelf, never deleted: orders name them."""
        if not variants:
            return
        listing = {"channelId": self._places.market.channel_id, "removeVariants": variants}
        off = self._client.run(
            "product_listing", {"id": product_id, "input": {"updateChannels": [listing]}}, safe=True
        )
        expect_none(errors_of(off), doing="withdrawing variants")
        for each in variants:
            stamp = [{"key": naming.WITHDRAWN, "value": clock.now().isoformat()}]
            said = self._client.run(
                "variant_update", {"id": each, "input": {"privateMetadata": stamp}}, safe=True
            )
            expect_none(errors_of(said), doing="withdrawing a variant")

    # --- stock ---

    def set_stock(self, *, key: str, variant_id: str, quantity: int) -> Variant:
        if not 0 <= quantity <= MOST_QUANTITY:
            raise Invalid()

        def do(again: bool) -> str:
            node = reading.variant_nodes(self._client, [variant_id]).get(variant_id)
            if node is None or not decode.is_offered(node):
                raise ProductNotFound()
            if again and self._client.run("variant_call", {"id": variant_id})["productVariant"][
                "call"
            ] == mark(key):
                news.append(News.of_product(events.STOCK_UPDATED, node["product"]["id"], ""))
                return variant_id
            seller_id = decode.seller_of(node["product"])
            warehouse = self._places.warehouse(seller_id)
            with turn(naming.warehouse_slug(seller_id)):
                self._put_stock(
                    variant_id, quantity, warehouse, name=node["product"]["name"], trace=mark(key)
                )
            news.append(News.of_product(events.STOCK_UPDATED, node["product"]["id"], seller_id))
            return variant_id

        news: list[News] = []

        inputs = {"variant_id": variant_id, "quantity": quantity}
        done = once(
            key=key, method="set_stock", inputs=inputs, subject=f"stock:{variant_id}", do=do, news=news
        )
        found = reading.variants(self._client, [done]).get(variant_id)
        if found is None:
            raise ProductNotFound()
        return found

    def _put_stock(self, variant_id: str, quantity: int, warehouse: str, *, name: str, trace: str) -> None:
        """Set the pieces on hand, unless orders hold more than that. Raises StockHeld.

        Saleor itself does not refuse, so this stands in the seller's turn: no order of the market comes in between.
        """
        held = _held(reading.variant_nodes(self._client, [variant_id])[variant_id])
        if quantity < held:
            raise StockHeld(name=name, held=held)
        answer = self._client.run(
            "variant_stock",
            {
                "id": variant_id,
                "stocks": [{"warehouse": warehouse, "quantity": quantity}],
                "call": [{"key": naming.CALL, "value": trace}],
            },
            safe=True,
        )
        expect_none(errors_of(answer), doing="a stock")

    # --- photographs ---

    def add_image(self, *, key: str, product_id: str, content: bytes, alt: str) -> Product:
        if not is_id(product_id, "Product"):
            raise ProductNotFound()
        pictures = encode(content)
        file_name = f"{mark(key)}.webp"

        def do(again: bool) -> str:
            node = self._product_node(product_id)
            if again:
                known = self._client.run("media_original", {"id": product_id})["product"]["media"] or []
                if any(mark(key) in each["original"] for each in known):
                    return product_id
            if len(node["media"] or []) >= MOST_IMAGES:
                raise TooManyImages(most=MOST_IMAGES)
            variables = {"input": {"product": product_id, "alt": tidy(alt)[:MOST_ALT], "image": None}}
            answer = self._client.upload(
                "media_create",
                variables,
                path="input.image",
                file_name=file_name,
                content=pictures[max(pictures)],
            )
            expect_none(errors_of(answer), doing="a photograph")
            return product_id

        return self._changed(
            key,
            "add_image",
            {"product_id": product_id, "content": content, "alt": alt},
            product_id,
            do,
        )

    def remove_image(self, *, key: str, product_id: str, image_id: str) -> Product:
        def do(again: bool) -> str:
            node = self._product_node(product_id)
            if any(each["id"] == image_id for each in node["media"] or []):
                answer = self._client.run("media_delete", {"id": image_id})
                gone = errors_of(answer)
                if "NOT_FOUND" not in codes(gone):
                    expect_none(gone, doing="removing a photograph")
            return product_id

        return self._changed(
            key, "remove_image", {"product_id": product_id, "image_id": image_id}, product_id, do
        )


def _held(node: Mapping[str, Any]) -> int:
    return sum(each["quantityAllocated"] for each in node["stocks"] or [])


def _stated(was: Variant, node: Mapping[str, Any]) -> tuple[str | None, str, str, int | None, str, int]:
    position = node.get("position") or ""
    return (
        was.sku or None,
        was.name or was.unit,
        was.unit,
        was.weight_g,
        was.gtin,
        int(position) if position.isdigit() else -1,
    )
