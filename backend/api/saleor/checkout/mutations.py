"""The mutation fields of this room."""

from __future__ import annotations

from typing import Any

from graphene import ID, Argument, Boolean, Field, List, NonNull, String

from backend.accounts.access import has_stopped
from backend.api.saleor.base import AddressInput, MetadataInput
from backend.api.saleor.checkout import buying, reading
from backend.api.saleor.checkout.types import (
    CheckoutAddPromoCode,
    CheckoutAddressValidationRules,
    CheckoutBillingAddressUpdate,
    CheckoutComplete,
    CheckoutCreate,
    CheckoutCreateInput,
    CheckoutCustomerAttach,
    CheckoutCustomerDetach,
    CheckoutDeliveryMethodUpdate,
    CheckoutEmailUpdate,
    CheckoutLineDelete,
    CheckoutLineInput,
    CheckoutLinesAdd,
    CheckoutLinesDelete,
    CheckoutLinesUpdate,
    CheckoutLineUpdateInput,
    CheckoutRemovePromoCode,
    CheckoutShippingAddressUpdate,
    CheckoutShippingMethodUpdate,
    DeliveryOptionsCalculate,
)
from backend.api.saleor.order import reading as orders
from backend.api.saleor.problems import Refused, change
from backend.api.saleor.scalars import UUID, JSONString
from backend.engine import checkouts


class CheckoutMutations:
    """What checkout adds to the mutation root."""

    delivery_options_calculate = Field(DeliveryOptionsCalculate, id=ID(required=True))
    checkout_add_promo_code = Field(
        CheckoutAddPromoCode, checkout_id=ID(), id=ID(), promo_code=String(required=True), token=UUID()
    )
    checkout_billing_address_update = Field(
        CheckoutBillingAddressUpdate,
        billing_address=Argument(AddressInput, required=True),
        checkout_id=ID(),
        id=ID(),
        save_address=Boolean(default_value=True),
        token=UUID(),
        validation_rules=Argument(CheckoutAddressValidationRules),
    )
    checkout_complete = Field(
        CheckoutComplete,
        checkout_id=ID(),
        id=ID(),
        metadata=List(NonNull(MetadataInput)),
        payment_data=JSONString(),
        redirect_url=String(),
        store_source=Boolean(default_value=False),
        token=UUID(),
    )
    checkout_create = Field(CheckoutCreate, input=Argument(CheckoutCreateInput, required=True))
    checkout_customer_attach = Field(
        CheckoutCustomerAttach, checkout_id=ID(), customer_id=ID(), id=ID(), token=UUID()
    )
    checkout_customer_detach = Field(CheckoutCustomerDetach, checkout_id=ID(), id=ID(), token=UUID())
    checkout_email_update = Field(
        CheckoutEmailUpdate, checkout_id=ID(), email=String(required=True), id=ID(), token=UUID()
    )
    checkout_line_delete = Field(CheckoutLineDelete, checkout_id=ID(), id=ID(), line_id=ID(), token=UUID())
    checkout_lines_delete = Field(
        CheckoutLinesDelete, id=ID(), lines_ids=List(NonNull(ID), required=True), token=UUID()
    )
    checkout_lines_add = Field(
        CheckoutLinesAdd,
        checkout_id=ID(),
        id=ID(),
        lines=List(NonNull(CheckoutLineInput), required=True),
        token=UUID(),
    )
    checkout_lines_update = Field(
        CheckoutLinesUpdate,
        checkout_id=ID(),
        id=ID(),
        lines=List(NonNull(CheckoutLineUpdateInput), required=True),
        token=UUID(),
    )
    checkout_remove_promo_code = Field(
        CheckoutRemovePromoCode,
        checkout_id=ID(),
        id=ID(),
        promo_code=String(),
        promo_code_id=ID(),
        token=UUID(),
    )
    checkout_shipping_address_update = Field(
        CheckoutShippingAddressUpdate,
        checkout_id=ID(),
        id=ID(),
        save_address=Boolean(default_value=True),
        shipping_address=Argument(AddressInput, required=True),
        token=UUID(),
        validation_rules=Argument(CheckoutAddressValidationRules),
    )
    checkout_shipping_method_update = Field(
        CheckoutShippingMethodUpdate, checkout_id=ID(), id=ID(), shipping_method_id=ID(), token=UUID()
    )
    checkout_delivery_method_update = Field(
        CheckoutDeliveryMethodUpdate, delivery_method_id=ID(), id=ID(), token=UUID()
    )

    @staticmethod
    @change(CheckoutCreate)
    def resolve_checkout_create(root: Any, info: Any, input: dict[str, Any]) -> Any:
        return {"checkout": buying.create(info.context, input)}

    @staticmethod
    @change(CheckoutLinesAdd)
    def resolve_checkout_lines_add(root: Any, info: Any, lines: list[Any], **which: Any) -> Any:
        key = buying.key_from(which)
        buying.open_one(info.context, key)
        drafts = buying.lines_from(lines)
        buying.fill(
            lambda: checkouts.add_lines(key, drafts, seller_name=buying.seller_name, has_stopped=has_stopped)
        )
        return {"checkout": buying.again(info.context, key)}

    @staticmethod
    @change(CheckoutLinesUpdate)
    def resolve_checkout_lines_update(root: Any, info: Any, lines: list[Any], **which: Any) -> Any:
        key = buying.key_from(which)
        buying.open_one(info.context, key)
        by_line, by_variant = buying.changes_from(lines)
        buying.fill(
            lambda: checkouts.set_lines(
                key,
                by_line=by_line,
                by_variant=by_variant,
                seller_name=buying.seller_name,
                has_stopped=has_stopped,
            )
        )
        return {"checkout": buying.again(info.context, key)}

    @staticmethod
    @change(CheckoutLinesDelete)
    def resolve_checkout_lines_delete(root: Any, info: Any, lines_ids: list[str], **which: Any) -> Any:
        return {"checkout": buying.remove_lines(info.context, buying.key_from(which), lines_ids)}

    @staticmethod
    @change(CheckoutLineDelete)
    def resolve_checkout_line_delete(root: Any, info: Any, line_id: str | None = None, **which: Any) -> Any:
        """The older way, one line at a time."""
        if not line_id:
            raise Refused("REQUIRED", "This field is required.", "lineId")
        return {"checkout": buying.remove_lines(info.context, buying.key_from(which), [line_id])}

    @staticmethod
    @change(CheckoutEmailUpdate)
    def resolve_checkout_email_update(root: Any, info: Any, email: str, **which: Any) -> Any:
        return {"checkout": buying.set_email(info.context, buying.key_from(which), email)}

    @staticmethod
    @change(CheckoutShippingAddressUpdate)
    def resolve_checkout_shipping_address_update(
        root: Any,
        info: Any,
        shipping_address: dict[str, Any],
        validation_rules: Any = None,
        save_address: bool = True,
        **which: Any,
    ) -> Any:
        key = buying.key_from(which)
        row = buying.set_address(info.context, key, "shipping", shipping_address, validation_rules)
        return {"checkout": row}

    @staticmethod
    @change(CheckoutBillingAddressUpdate)
    def resolve_checkout_billing_address_update(
        root: Any,
        info: Any,
        billing_address: dict[str, Any],
        validation_rules: Any = None,
        save_address: bool = True,
        **which: Any,
    ) -> Any:
        key = buying.key_from(which)
        row = buying.set_address(info.context, key, "billing", billing_address, validation_rules)
        return {"checkout": row}

    @staticmethod
    @change(DeliveryOptionsCalculate)
    def resolve_delivery_options_calculate(root: Any, info: Any, id: str) -> Any:
        row = buying.open_one(info.context, buying.key_from({"id": id}))
        ways = reading.options(info.context, row.data)
        return {"deliveries": [reading.delivery_row(row.data, way) for way in ways]}

    @staticmethod
    @change(CheckoutDeliveryMethodUpdate)
    def resolve_checkout_delivery_method_update(
        root: Any, info: Any, delivery_method_id: str | None = None, **which: Any
    ) -> Any:
        key = buying.key_from(which)
        return {"checkout": buying.choose_delivery(info.context, key, delivery_method_id)}

    @staticmethod
    @change(CheckoutShippingMethodUpdate)
    def resolve_checkout_shipping_method_update(
        root: Any, info: Any, shipping_method_id: str | None = None, **which: Any
    ) -> Any:
        key = buying.key_from(which)
        return {"checkout": buying.choose_delivery(info.context, key, shipping_method_id)}

    @staticmethod
    @change(CheckoutAddPromoCode)
    def resolve_checkout_add_promo_code(root: Any, info: Any, promo_code: str, **which: Any) -> Any:
        """The market gives no vouchers: every code is an unknown one."""
        buying.open_one(info.context, buying.key_from(which))
        raise Refused("INVALID", "Promo code is invalid", "promoCode")

    @staticmethod
    @change(CheckoutRemovePromoCode)
    def resolve_checkout_remove_promo_code(root: Any, info: Any, **which: Any) -> Any:
        which = {name: each for name, each in which.items() if not name.startswith("promo")}
        return {"checkout": buying.open_one(info.context, buying.key_from(which))}

    @staticmethod
    @change(CheckoutCustomerAttach)
    def resolve_checkout_customer_attach(
        root: Any, info: Any, customer_id: str | None = None, **which: Any
    ) -> Any:
        return {"checkout": buying.attach(info.context, buying.key_from(which))}

    @staticmethod
    @change(CheckoutCustomerDetach)
    def resolve_checkout_customer_detach(root: Any, info: Any, **which: Any) -> Any:
        return {"checkout": buying.detach(info.context, buying.key_from(which))}

    @staticmethod
    @change(
        CheckoutComplete,
        codes={"NO_LINES": "NO_LINES", "PRICE_CHANGED": "INVALID"},
    )
    def resolve_checkout_complete(
        root: Any,
        info: Any,
        metadata: Any = None,
        payment_data: Any = None,
        redirect_url: Any = None,
        store_source: bool = False,
        **which: Any,
    ) -> Any:
        key = buying.key_from(which)
        order_id = buying.complete(info.context, key, metadata)
        return {"order": orders.find(info.context, order_id)}
