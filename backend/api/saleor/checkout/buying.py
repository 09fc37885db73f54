"""What buyers do with a checkout, from the first goods to the order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NoReturn

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from backend.accounts.access import find_active_seller, has_stopped
from backend.api.saleor.addresses import is_masked, mask_email, read_address, to_port
from backend.api.saleor.checkout import reading
from backend.api.saleor.checkout.reading import CheckoutRow
from backend.api.saleor.context import Context
from backend.api.saleor.ids import key_of, pk_of, to_global
from backend.api.saleor.keys import global_key, key_of_uuid, read_key
from backend.api.saleor.problems import PermissionDenied, Refused
from backend.commerce.drafts import MOST_PER_LINE
from backend.commerce.errors import BadQuantity, InsufficientStock, NotForSale, ProductNotFound
from backend.commerce.naming import (
    CHANNEL,
    COMMUNE_CODE,
    DELIVERY,
    NOTE,
    PROVINCE_CODE,
    RESERVED,
    SELLER,
    TYPED_BEFORE,
    shown_email,
)
from backend.commerce.values import Address, Delivery, LineDraft
from backend.common import clock
from backend.common.networks import network_of
from backend.engine import checkouts, details
from backend.engine.details import CheckoutData
from backend.engine.errors import CheckoutNotFound, LineNotFound, MetadataTooLong, OtherSeller
from backend.engine.keyed import check_metadata
from backend.sales.adoption import note_buyer
from backend.sales.services import check_room, visitor_digest

PERSONAL: Final = ("email", "shipping_address", "billing_address")
NOTE_FIELD: Final = "note"
"""How the note, which lies in the metadata, is called among the personal fields."""
_GONE: Final = "Couldn't resolve to a node: {id}"


def key_from(arguments: Mapping[str, Any]) -> str:
    """The checkout that ``id``, ``checkoutId`` or ``token`` name. Raises Refused when none or several are given."""
    named = [name for name in ("id", "checkout_id", "token") if arguments.get(name)]
    if len(named) != 1:
        raise Refused("GRAPHQL_ERROR", "At least one of arguments is required: 'id', 'token', 'checkout_id'.")
    if named[0] == "token":
        return key_of_uuid(arguments["token"])
    return read_key(arguments[named[0]], "Checkout")


def open_one(context: Context, key: str, *, clear: bool = False) -> CheckoutRow:
    """The open checkout. Raises Refused NOT_FOUND."""
    row = reading.find(context, key, clear=clear)
    if row is None:
        wanted = global_key("Checkout", key) if key else ""
        raise Refused("NOT_FOUND", _GONE.format(id=wanted), "id")
    return row


def changed(context: Context, row: CheckoutRow, *, sent: str = "", **fields: Any) -> CheckoutRow:
    """The checkout with what has just been written down, without asking for it again. ``sent``: the one personal field
    that who asks has just typed, and so is shown as it is."""
    data = replace(row.data, updated_at=clock.now(), **fields)
    context.loader(reading.load_checkouts).put(row.key, data)
    return replace(row, data=data, just_sent=row.just_sent | ({sent} if sent else set()))


def again(context: Context, key: str, *, clear: bool = False) -> CheckoutRow:
    """The checkout after a change."""
    context.forget()
    return open_one(context, key, clear=clear)


def lines_from(sent: Sequence[Mapping[str, Any]]) -> list[LineDraft]:
    """CheckoutLineInput. Raises Refused for quantities and ids that cannot be."""
    found = []
    for each in sent:
        _no_override(each)
        if each["quantity"] < 1:
            raise Refused(
                "ZERO_QUANTITY",
                "The quantity should be higher than zero.",
                "quantity",
                variants=[each["variant_id"]],
            )
        found.append(LineDraft(str(pk_of(each["variant_id"], "ProductVariant")), each["quantity"]))
    return found


def changes_from(sent: Sequence[Mapping[str, Any]]) -> tuple[dict[str, int], dict[str, int]]:
    """CheckoutLineUpdateInput: new quantities by line, and by variant. Raises Refused."""
    by_line: dict[str, int] = {}
    by_variant: dict[str, int] = {}
    for each in sent:
        _no_override(each)
        quantity = each.get("quantity")
        if quantity is None:
            continue
        if quantity < 0:
            raise Refused("ZERO_QUANTITY", "The quantity should be higher than zero.", "quantity")
        if each.get("line_id"):
            by_line[key_of(each["line_id"], "CheckoutLine")] = quantity
        elif each.get("variant_id"):
            by_variant[str(pk_of(each["variant_id"], "ProductVariant"))] = quantity
        else:
            raise Refused("REQUIRED", "One of lineId and variantId is needed.", "lines")
    return by_line, by_variant


def _no_override(line: Mapping[str, Any]) -> None:
    if line.get("price") is not None:
        raise PermissionDenied("HANDLE_CHECKOUTS")


def fill(do: Any) -> None:
    """Run a change of lines; what the engine refuses is said as Saleor says it."""
    try:
        do()
    except InsufficientStock as refusal:
        variant = to_global("ProductVariant", refusal.params["variant_id"])
        raise Refused("INSUFFICIENT_STOCK", str(refusal), "quantity", variants=[variant]) from None
    except OtherSeller as refusal:
        variant = to_global("ProductVariant", refusal.params["variant_id"])
        raise Refused("INVALID", str(refusal), "lines", variants=[variant]) from None
    except NotForSale as refusal:
        variant = to_global("ProductVariant", refusal.params["variant_id"])
        raise Refused("PRODUCT_UNAVAILABLE_FOR_PURCHASE", str(refusal), "lines", variants=[variant]) from None
    except BadQuantity:
        raise Refused(
            "QUANTITY_GREATER_THAN_LIMIT",
            f"Cannot add more than {MOST_PER_LINE} times this item.",
            "quantity",
        ) from None
    except ProductNotFound as refusal:
        raise Refused("GRAPHQL_ERROR", str(refusal), "variantId") from None
    except LineNotFound:
        raise Refused("INVALID", "Provided line_ids aren't part of checkout.", "lineId") from None
    except CheckoutNotFound as refusal:
        raise Refused("NOT_FOUND", str(refusal), "id") from None


def remove_lines(context: Context, key: str, outside: Sequence[str]) -> CheckoutRow:
    """checkoutLinesDelete, by the ids that the dialect shows. Raises Refused."""
    open_one(context, key)
    wanted = [key_of(each, "CheckoutLine") for each in outside]
    fill(lambda: checkouts.remove_lines(key, wanted))
    return again(context, key)


def seller_name(seller_id: str) -> str:
    """The name of a seller, for people."""
    seller = find_active_seller(int(seller_id)) if seller_id.isdecimal() else None
    return seller.name if seller is not None else seller_id


def create(context: Context, sent: Mapping[str, Any]) -> CheckoutRow:
    """checkoutCreate: whatever is known already is written down, lines may be missing. Raises Refused."""
    if sent.get("channel") and sent["channel"] != CHANNEL:
        raise Refused("NOT_FOUND", f"Channel with '{sent['channel']}' slug does not exist.", "channel")
    requestor = context.requestor
    rules = sent.get("validation_rules") or {}
    fields: dict[str, Any] = {"language": _language(sent.get("language_code"))}
    if requestor.user is not None:
        fields["user_ref"] = str(requestor.user.pk)
        if requestor.user.email:
            fields["email"] = requestor.user.email
    if sent.get("email"):
        fields["email"] = _email(sent["email"])
    for kind in ("shipping", "billing"):
        address = sent.get(f"{kind}_address")
        if address is not None:
            fields[f"{kind}_address"] = read_address(
                address,
                kind.upper(),
                rules=rules.get(f"{kind}_address"),
                free=_is_free(context, address),
            )
    if sent.get("metadata"):
        fields["metadata"] = own_metadata(context, sent["metadata"])
    if sent.get("private_metadata"):
        if not requestor.may("MANAGE_CHECKOUTS", "HANDLE_CHECKOUTS"):
            raise PermissionDenied("MANAGE_CHECKOUTS")
        fields["private_metadata"] = metadata_from(sent["private_metadata"])
    lines = lines_from(sent.get("lines") or [])
    made: list[str] = []
    fill(
        lambda: made.append(
            checkouts.open_checkout(lines=lines, seller_name=seller_name, has_stopped=has_stopped, **fields)
        )
    )
    context.loader(reading.load_transactions).put(made[0], [])
    return open_one(context, made[0], clear=True)


def _language(code: Any) -> str:
    return "en" if str(code or "").upper().startswith("EN") else "vi"


def _email(text: str) -> str:
    text = text.strip()
    try:
        validate_email(text)
    except ValidationError:
        raise Refused("INVALID", "Enter a valid email address.", "email") from None
    return text[:254]


def _is_free(context: Context, address: Mapping[str, Any]) -> bool:
    if not address.get("skip_validation"):
        return False
    if not context.requestor.may("HANDLE_CHECKOUTS", "MANAGE_CHECKOUTS"):
        raise PermissionDenied("HANDLE_CHECKOUTS")
    return True


def writable(context: Context, key: str) -> bool:
    """Whether who asks may write this key of a checkout's or an order's metadata: what names sellers, sales and ways of
    delivery is the programs', of the market's own keys a buyer has the note and the place."""
    if context.requestor.app:
        return True
    return key in {NOTE, COMMUNE_CODE, PROVINCE_CODE} or not (
        key in {"sale", "payment"} or key.startswith(RESERVED)
    )


def own_metadata(context: Context, sent: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """As metadata_from, without the keys that who asks may not write."""
    return {key: text for key, text in metadata_from(sent).items() if writable(context, key)}


def metadata_from(sent: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """MetadataInput as it is kept. Raises Refused REQUIRED for an empty key, INVALID for too much."""
    found = {each["key"].strip(): each["value"] for each in sent}
    if not all(found):
        raise Refused("REQUIRED", "Metadata key cannot be empty.", "input")
    try:
        check_metadata(found)
    except MetadataTooLong as refusal:
        raise Refused("INVALID", str(refusal), "input") from None
    return found


def keep_metadata(
    context: Context, row: CheckoutRow, *, private: bool, put: Mapping[str, str], drop: Sequence[str] = ()
) -> None:
    """Change a checkout's metadata. A note that its owner types is the owner's own, and seen by the owner."""
    checkouts.change_metadata(row.key, private=private, put=put, drop=drop)
    if not private and (NOTE in put or NOTE in drop):
        fields = _typed(context, row, NOTE_FIELD)
        if fields:
            checkouts.change_checkout(row.key, **fields)


def set_email(context: Context, key: str, email: str) -> CheckoutRow:
    """checkoutEmailUpdate. A form that sends back the masked address means the one that is kept."""
    row = open_one(context, key)
    if not email.strip():
        raise Refused("REQUIRED", "This field cannot be blank.", "email")
    if row.data.email and email == mask_email(row.data.email):
        return row
    fields = {"email": _email(email), **_typed(context, row, "email")}
    checkouts.change_checkout(key, **fields)
    return changed(context, row, sent="email", **fields)


def _typed(context: Context, row: CheckoutRow, name: str, *, masked: bool = False) -> dict[str, Any]:
    """What else changes when ``name`` is sent: what its owner types is the owner's own from then on.

    ``masked``: what was sent is a masked field of this checkout, which stays what it was, or hides one more.
    """
    before = reading.typed_before(row.data.private_metadata)
    user = context.requestor.user
    if not before or user is None or str(user.pk) != row.data.user_ref:
        return {}
    after = before | {name} if masked else before - {name}
    if after == before:
        return {}
    return {"private_metadata": {**row.data.private_metadata, TYPED_BEFORE: " ".join(sorted(after))}}


def set_address(
    context: Context, key: str, kind: str, sent: Mapping[str, Any], rules: Mapping[str, Any] | None
) -> CheckoutRow:
    """checkoutShippingAddressUpdate and checkoutBillingAddressUpdate. Raises Refused."""
    row = open_one(context, key)
    address = read_address(
        sent,
        kind.upper(),
        rules=rules,
        known=(row.data.shipping_address, row.data.billing_address),
        free=_is_free(context, sent),
    )
    name = f"{kind}_address"
    masked = is_masked(sent)
    fields = {name: address, **_typed(context, row, name, masked=masked)}
    checkouts.change_checkout(key, **fields)
    row = changed(context, row, sent="" if masked else name, **fields)
    return replace(row, hidden=row.hidden | {name}) if masked and row.hidden else row


def choose_delivery(context: Context, key: str, chosen: str | None) -> CheckoutRow:
    """checkoutDeliveryMethodUpdate with a delivery's id or a shipping method's; none takes the choice back.

    Raises Refused.
    """
    row = open_one(context, key)
    if not chosen:
        checkouts.choose_delivery(key, None)
        return again(context, key)
    if not reading.lines_of(context, key):
        raise Refused("SHIPPING_NOT_REQUIRED", "This checkout does not need shipping", "deliveryMethodId")
    way = next((each for each in reading.options(context, row.data) if _is(row, each, chosen)), None)
    if way is None:
        raise Refused(
            "DELIVERY_METHOD_NOT_APPLICABLE", "This shipping method is not applicable.", "deliveryMethodId"
        )
    differ = any(line.shown_vnd != line.price_vnd for line in reading.lines_of(context, key))
    checkouts.choose_delivery(key, way, prices_differ=differ)
    return changed(
        context,
        row,
        delivery_method=way.method,
        delivery_name=way.name,
        delivery_vnd=way.price.amount,
    )


def _is(row: CheckoutRow, way: Delivery, chosen: str) -> bool:
    return (
        chosen == reading.delivery_id(row.key, way.method) or key_of(chosen, "ShippingMethod") == way.method
    )


def attach(context: Context, key: str) -> CheckoutRow:
    """checkoutCustomerAttach: the checkout is the signed-in person's from now on. What others may have typed stays masked.

    Raises PermissionDenied, Refused.
    """
    user = context.requestor.user
    if user is None:
        raise PermissionDenied("AUTHENTICATED_USER")
    row = open_one(context, key)
    if row.data.user_ref and row.data.user_ref != str(user.pk):
        raise PermissionDenied("HANDLE_CHECKOUTS")
    fields: dict[str, Any] = {"user_ref": str(user.pk)}
    if not row.data.user_ref:
        standing = [name for name in PERSONAL if getattr(row.data, name)]
        if row.data.metadata.get(NOTE):
            standing.append(NOTE_FIELD)
        if standing:
            fields["private_metadata"] = {**row.data.private_metadata, TYPED_BEFORE: " ".join(standing)}
    if not row.data.email:
        fields["email"] = user.email or ""
    checkouts.change_checkout(key, **fields)
    return again(context, key)


def detach(context: Context, key: str) -> CheckoutRow:
    """checkoutCustomerDetach: from now on the checkout is whose knows its id, who is shown no person in it.

    Raises PermissionDenied for everybody but its owner, Refused.
    """
    user = context.requestor.user
    if user is None:
        raise PermissionDenied("AUTHENTICATED_USER")
    row = open_one(context, key)
    if row.data.user_ref != str(user.pk):
        raise PermissionDenied("HANDLE_CHECKOUTS")
    checkouts.change_checkout(key, user_ref="")
    return again(context, key)


def complete(context: Context, key: str, metadata: Sequence[Mapping[str, str]] | None) -> str:
    """checkoutComplete: place the order; the same one again when it stands. Return its id.

    Order first, money after: no payment is needed for it. Raises Refused with Saleor's code for what is missing.
    """
    if key and reading.find(context, key) is None:
        placed = details.order_of_checkout(key)
        if placed is not None:
            return placed
    row = open_one(context, key)
    data = row.data
    if metadata:
        keep_metadata(context, row, private=False, put=own_metadata(context, metadata))
        data = again(context, key).data
    # In the order in which Saleor minds.
    if not data.email:
        _stop("EMAIL_NOT_SET", "Checkout email must be set.", None)
    lines = reading.lines_of(context, key)
    if not lines:
        _stop("NO_LINES", "Cannot complete checkout without lines.", "lines")
    if not data.delivery_method:
        _stop("SHIPPING_METHOD_NOT_SET", "Shipping method is not set", "shippingMethod")
    if data.shipping_address is None:
        _stop("SHIPPING_ADDRESS_NOT_SET", "Shipping address is not set", "shippingAddress")
    if data.billing_address is None:
        _stop("BILLING_ADDRESS_NOT_SET", "Billing address is not set", "billingAddress")
    way = reading.chosen(context, data)
    if way is None:
        _stop(
            "INVALID_SHIPPING_METHOD",
            "Shipping method is not valid for your shipping address",
            "shippingMethod",
        )
    if not reading.terms_of(context, data.seller_id).active:
        variants = [to_global("ProductVariant", line.variant_id) for line in lines]
        raise Refused(
            "PRODUCT_UNAVAILABLE_FOR_PURCHASE",
            "Some of the products are unavailable for purchase.",
            "lines",
            variants=variants,
        )
    address = to_port(data.shipping_address or {}, data.metadata)
    before, after = _limited(context, data, address)
    made: list[str] = []
    fill(
        lambda: made.append(
            checkouts.place_order(
                checkout_id=key,
                address=address,
                email=shown_email(data.email),
                delivery=way,
                metadata={SELLER: data.seller_id, DELIVERY: way.method},
                note=str(data.metadata.get(NOTE, ""))[:500],
                before=before,
                after=after,
            )
        )
    )
    context.forget()
    return made[0]


def _limited(
    context: Context, data: CheckoutData, address: Address
) -> tuple[Callable[[], None] | None, Callable[[str], None] | None]:
    """What is done in the transaction that places an order: whether its buyer may hold more stock, and who that is.

    A program has counted its own buyers.
    """
    if context.requestor.app:
        return None, None
    user, visitor = context.requestor.user, network_of(context.request)
    email = shown_email(data.email)

    def before() -> None:
        check_room(phone=address.phone, email=email, user=user, visitor=visitor)

    def after(order_id: str) -> None:
        note_buyer(
            order_id=order_id,
            seller_id=data.seller_id,
            address=address,
            email=email,
            user=user,
            language=data.language,
            visitor=visitor_digest(visitor),
        )

    return before, after


def _stop(code: str, message: str, field: str | None) -> NoReturn:
    raise Refused(code, message, field)
