"""The mutation fields of this room."""

from __future__ import annotations

from graphene import ID, Argument, Field, List, NonNull, String

from backend.api.saleor.context import require
from backend.api.saleor.enums import ErrorPolicyEnum
from backend.api.saleor.ids import pk_of, to_global
from backend.api.saleor.problems import Refused, change
from backend.api.saleor.products.attributes import BY_PK, BY_SLUG
from backend.api.saleor.products.changing import (
    bulk_create,
    channel_price,
    fresh_product,
    fresh_variant,
    grams,
    keep,
    keeper,
    merged_label,
    product_to_change,
    put_stocks,
    read_label,
    read_metadata,
    read_unit,
    read_variant,
    taken,
    texts,
    variant_to_change,
)
from backend.api.saleor.products.inputs import (
    AttributeCreateInput,
    CategoryInput,
    ProductChannelListingUpdateInput,
    ProductCreateInput,
    ProductInput,
    ProductMediaCreateInput,
    ProductTypeInput,
    ProductVariantBulkCreateInput,
    ProductVariantChannelListingAddInput,
    ProductVariantCreateInput,
    ProductVariantInput,
    StockInput,
)
from backend.api.saleor.products.reading import TYPE, tree
from backend.api.saleor.products.types import (
    AttributeCreate,
    CategoryCreate,
    ProductChannelListingUpdate,
    ProductCreate,
    ProductDelete,
    ProductMediaCreate,
    ProductMediaDelete,
    ProductTypeCreate,
    ProductUpdate,
    ProductVariantBulkCreate,
    ProductVariantChannelListingUpdate,
    ProductVariantCreate,
    ProductVariantDelete,
    ProductVariantStocksCreate,
    ProductVariantStocksUpdate,
    ProductVariantUpdate,
)
from backend.api.saleor.shop.places import CHANNEL_ROW
from backend.commerce import editor, naming
from backend.common.ids import new_id
from backend.common.text import slugify
from backend.engine import goods, listing, shelf


class ProductsMutations:
    """What products adds to the mutation root."""

    attribute_create = Field(AttributeCreate, input=Argument(AttributeCreateInput, required=True))
    product_type_create = Field(ProductTypeCreate, input=Argument(ProductTypeInput, required=True))
    category_create = Field(CategoryCreate, input=Argument(CategoryInput, required=True), parent=ID())
    product_create = Field(ProductCreate, input=Argument(ProductCreateInput, required=True))
    product_delete = Field(ProductDelete, external_reference=String(), id=ID())
    product_update = Field(
        ProductUpdate, external_reference=String(), id=ID(), input=Argument(ProductInput, required=True)
    )
    product_channel_listing_update = Field(
        ProductChannelListingUpdate,
        id=ID(required=True),
        input=Argument(ProductChannelListingUpdateInput, required=True),
    )
    product_media_create = Field(ProductMediaCreate, input=Argument(ProductMediaCreateInput, required=True))
    product_media_delete = Field(ProductMediaDelete, id=ID(required=True))
    product_variant_create = Field(
        ProductVariantCreate, input=Argument(ProductVariantCreateInput, required=True)
    )
    product_variant_delete = Field(ProductVariantDelete, external_reference=String(), id=ID(), sku=String())
    product_variant_bulk_create = Field(
        ProductVariantBulkCreate,
        error_policy=ErrorPolicyEnum(),
        product=ID(required=True),
        variants=List(NonNull(ProductVariantBulkCreateInput), required=True),
    )
    product_variant_stocks_create = Field(
        ProductVariantStocksCreate,
        stocks=List(NonNull(StockInput), required=True),
        variant_id=ID(required=True),
    )
    product_variant_stocks_update = Field(
        ProductVariantStocksUpdate,
        sku=String(),
        stocks=List(NonNull(StockInput), required=True),
        variant_id=ID(),
    )
    product_variant_update = Field(
        ProductVariantUpdate,
        external_reference=String(),
        id=ID(),
        input=Argument(ProductVariantInput, required=True),
        sku=String(),
    )
    product_variant_channel_listing_update = Field(
        ProductVariantChannelListingUpdate,
        id=ID(),
        input=List(NonNull(ProductVariantChannelListingAddInput), required=True),
        sku=String(),
    )

    @staticmethod
    @change(CategoryCreate)
    def resolve_category_create(root, info, input, parent=None):
        """The groups of goods are those of the decision; one that is there already is given again."""
        require(info, "MANAGE_PRODUCTS")
        slug = input.get("slug") or slugify(input.get("name") or "")
        known = tree(info.context)
        above = pk_of(parent, "Category") if parent else None
        for row in known.values():
            if row.slug == slug and row.parent_id == above:
                return {"category": row}
        raise Refused("INVALID", "The market's categories are those of the OCOP decision.", "slug")

    # The goods of the market have one type, whose attributes are the unit and the fields of the label. A program that
    # prepares a shop asks for them by their slugs, and they are there; others cannot be made.
    @staticmethod
    @change(AttributeCreate)
    def resolve_attribute_create(root, info, input):
        require(info, "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES")
        row = BY_SLUG.get(input.get("slug") or slugify(input["name"]))
        if row is None or input["type"] != row.type:
            raise Refused(
                "INVALID", "The market's attributes are the unit and the fields of the label.", "slug"
            )
        if input.get("input_type", row.input_type) != row.input_type:
            raise Refused("INVALID", f"This attribute is {row.input_type}.", "inputType")
        return {"attribute": row}

    @staticmethod
    @change(ProductTypeCreate)
    def resolve_product_type_create(root, info, input):
        require(info, "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES")
        if (input.get("slug") or slugify(input.get("name") or "")) != TYPE.slug:
            raise Refused("INVALID", f"The market has one product type, {TYPE.slug}.", "slug")
        for name in ("kind", "has_variants", "is_shipping_required", "is_digital"):
            if input.get(name, getattr(TYPE, name)) != getattr(TYPE, name):
                raise Refused("INVALID", f"Goods of the market have variants and are sent: {name}.", "slug")
        for name, on_variants in (("product_attributes", False), ("variant_attributes", True)):
            rows = [BY_PK.get(pk_of(each, "Attribute")) for each in input.get(name) or ()]
            if any(row is None or row.with_choices != on_variants for row in rows):
                raise Refused("NOT_FOUND", "Couldn't resolve to a node.", "attributes")
        return {"product_type": TYPE}

    @staticmethod
    @change(ProductCreate)
    def resolve_product_create(root, info, input):
        require(info, "MANAGE_PRODUCTS")
        if input["product_type"] != TYPE.id:
            raise Refused("NOT_FOUND", "Couldn't resolve to a node.", "productType")
        metadata = read_metadata(input.get("metadata"))
        if not metadata.seller_id:
            raise Refused("REQUIRED", f"Metadata {naming.SELLER} names the seller of the goods.", "metadata")
        who = keeper(info, metadata.seller_id)
        if not input.get("category"):
            raise Refused("REQUIRED", "Goods stand in a category.", "category")
        if not (input.get("name") or "").strip():
            raise Refused("REQUIRED", "Product name cannot be empty.", "name")
        new = shelf.NewProduct(
            name=input["name"],
            seller_id=metadata.seller_id,
            category_id=pk_of(input["category"], "Category"),
            description=editor.to_text(input.get("description")),
            label=merged_label({}, read_label(input.get("attributes")), metadata.label),
            slug=input.get("slug") or "",
            external_reference=input.get("external_reference"),
            metadata=metadata.rest,
            private_metadata=texts(input.get("private_metadata")),
        )
        with taken("slug" if input.get("slug") else "name"):
            pk = shelf.put_up(actor=who.actor, product=new)
        return {"product": fresh_product(info, pk)}

    @staticmethod
    @change(ProductUpdate)
    def resolve_product_update(root, info, input, id=None, external_reference=None):
        row = product_to_change(info, id=id, external_reference=external_reference)
        who = info.context.requestor
        metadata = read_metadata(input.get("metadata"))
        if metadata.seller_id not in (None, row.seller_id):
            raise Refused("INVALID", "Goods stay with their seller.", "metadata")
        if input.get("slug") not in (None, row.slug):
            raise Refused(
                "INVALID", "The address of goods never changes: it stands on printed codes.", "slug"
            )
        if "category" in input and not input["category"]:
            raise Refused("REQUIRED", "Goods stand in a category.", "category")
        label = merged_label(row.label, read_label(input.get("attributes")), metadata.label)
        with taken("externalReference"):
            shelf.change(
                actor=who.actor,
                product_pk=row.pk,
                name=input.get("name"),
                category_id=pk_of(input["category"], "Category") if input.get("category") else None,
                description=editor.to_text(input["description"]) if "description" in input else None,
                label=label if label != row.label else None,
                external_reference=input.get("external_reference"),
            )
        keep(who.actor, "product", row.pk, metadata.rest, texts(input.get("private_metadata")))
        return {"product": fresh_product(info, row.pk)}

    @staticmethod
    @change(ProductDelete)
    def resolve_product_delete(root, info, id=None, external_reference=None):
        """Off the shelf, with every variant withdrawn; what orders and labels name is kept five years."""
        row = product_to_change(info, id=id, external_reference=external_reference)
        who = info.context.requestor
        shelf.change(actor=who.actor, product_pk=row.pk, published=False)
        variants = listing.variants_of([row.pk]).get(row.pk, [])
        shelf.withdraw(actor=who.actor, variant_pks=[each.pk for each in variants])
        return {"product": row}

    @staticmethod
    @change(ProductChannelListingUpdate)
    def resolve_product_channel_listing_update(root, info, id, input):
        row = product_to_change(info, id=id)
        who = info.context.requestor
        published = None
        for each in input.get("update_channels") or ():
            if each["channel_id"] != CHANNEL_ROW.id:
                raise Refused(
                    "NOT_FOUND",
                    "Couldn't resolve to a node.",
                    "updateChannels",
                    channels=[each["channel_id"]],
                )
            # One shelf: what is published can be seen and bought.
            flags = [
                each[name]
                for name in ("is_published", "visible_in_listings", "is_available_for_purchase")
                if each.get(name) is not None
            ]
            if flags:
                published = all(flags)
            own = {
                to_global("ProductVariant", v.pk): v for v in listing.variants_of([row.pk]).get(row.pk, [])
            }
            unknown = [
                variant
                for variant in (*(each.get("add_variants") or ()), *(each.get("remove_variants") or ()))
                if variant not in own
            ]
            if unknown:
                raise Refused("NOT_FOUND", "Couldn't resolve to a node.", "updateChannels", channels=[])
            removed = [own[variant].pk for variant in each.get("remove_variants") or ()]
            if removed:
                shelf.withdraw(actor=who.actor, variant_pks=removed)
            for variant in each.get("add_variants") or ():
                if own[variant].price_vnd is not None:
                    shelf.set_price(
                        actor=who.actor, variant_pk=own[variant].pk, price_vnd=own[variant].price_vnd
                    )
        if CHANNEL_ROW.id in (input.get("remove_channels") or ()):
            published = False
        if published is not None and published != row.published:
            shelf.change(actor=who.actor, product_pk=row.pk, published=published)
        return {"product": fresh_product(info, row.pk)}

    @staticmethod
    @change(ProductMediaCreate, codes={"INVALID_IMAGE": "UNSUPPORTED_MEDIA_PROVIDER"}, field="image")
    def resolve_product_media_create(root, info, input):
        row = product_to_change(info, id=input["product"])
        if input.get("media_url"):
            raise Refused("UNSUPPORTED_MEDIA_PROVIDER", "Send the picture itself as image.", "mediaUrl")
        file = input.get("image")
        if file is None:
            raise Refused("REQUIRED", "Image or external URL is required.", "input")
        content = file.read()
        # A name that the market's own programs gave stands for one upload, however often it is sent.
        own = (file.name or "").startswith(naming.UPLOAD)
        key = f"media:{row.pk}:{file.name}" if own else f"media:{new_id()}"
        _product_id, placed = goods.place_image(
            key=key,
            product_id=str(row.pk),
            content=content,
            alt=input.get("alt") or "",
            trace=naming.upload_trace(file.name or ""),
        )
        images = listing.images_of([row.pk]).get(row.pk, [])
        fresh_product(info, row.pk)
        # An upload that is repeated gives the picture that it made, wherever that stands by now.
        return {"media": next((each for each in images if str(each.pk) == placed), None)}

    @staticmethod
    @change(ProductMediaDelete)
    def resolve_product_media_delete(root, info, id):
        require(info, "MANAGE_PRODUCTS")
        image = listing.find_image(pk_of(id, "ProductMedia"))
        if image is None:
            raise Refused("NOT_FOUND", f"Couldn't resolve to a node: {id}", "id")
        row = product_to_change(info, id=to_global("Product", image.product_id))
        goods.take_image(key=f"media:{new_id()}", product_id=str(row.pk), image_id=str(image.pk))
        return {"product": fresh_product(info, row.pk), "media": image}

    @staticmethod
    @change(ProductVariantCreate)
    def resolve_product_variant_create(root, info, input):
        row = product_to_change(info, id=input["product"])
        new = read_variant(input, seller_id=row.seller_id)
        with taken("sku"):
            (pk,) = shelf.add_variants(actor=info.context.requestor.actor, product_pk=row.pk, variants=[new])
        return {"product_variant": fresh_variant(info, pk)}

    @staticmethod
    @change(ProductVariantUpdate)
    def resolve_product_variant_update(root, info, input, id=None, sku=None, external_reference=None):
        row, _product = variant_to_change(info, id=id, sku=sku, external_reference=external_reference)
        who = info.context.requestor
        metadata = read_metadata(input.get("metadata"))
        changes = {}
        unit = read_unit(input.get("attributes"))
        if unit is not None:
            changes["unit"] = unit
        if "name" in input:
            name = (input["name"] or "").strip()
            changes["name"] = "" if name == (unit or row.unit) else name
        if "sku" in input:
            changes["sku"] = input["sku"] or ""
        if "weight" in input:
            changes["weight_g"] = grams(input["weight"])
        if metadata.gtin is not None:
            changes["gtin"] = metadata.gtin
        if input.get("external_reference"):
            changes["external_reference"] = input["external_reference"]
        if changes:
            with taken("sku"):
                shelf.change_variant(actor=who.actor, variant_pk=row.pk, changes=changes)
        keep(who.actor, "variant", row.pk, metadata.rest, texts(input.get("private_metadata")))
        return {"product_variant": fresh_variant(info, row.pk)}

    @staticmethod
    @change(ProductVariantDelete)
    def resolve_product_variant_delete(root, info, id=None, sku=None, external_reference=None):
        """Withdrawn: orders name it."""
        row, _product = variant_to_change(info, id=id, sku=sku, external_reference=external_reference)
        shelf.withdraw(actor=info.context.requestor.actor, variant_pks=[row.pk])
        info.context.forget()
        return {"product_variant": row}

    @staticmethod
    def resolve_product_variant_bulk_create(root, info, product, variants, error_policy=None):
        return bulk_create(info, product, variants, str(error_policy or "REJECT_EVERYTHING"))

    @staticmethod
    @change(ProductVariantStocksCreate)
    def resolve_product_variant_stocks_create(root, info, variant_id, stocks):
        return put_stocks(info, stocks, id=variant_id)

    @staticmethod
    @change(ProductVariantStocksUpdate)
    def resolve_product_variant_stocks_update(root, info, stocks, variant_id=None, sku=None):
        return put_stocks(info, stocks, id=variant_id, sku=sku)

    @staticmethod
    @change(ProductVariantChannelListingUpdate)
    def resolve_product_variant_channel_listing_update(root, info, input, id=None, sku=None):
        row, _product = variant_to_change(info, id=id, sku=sku)
        price_vnd = channel_price(input)
        if price_vnd is not None:
            shelf.set_price(actor=info.context.requestor.actor, variant_pk=row.pk, price_vnd=price_vnd)
        return {"variant": fresh_variant(info, row.pk)}
