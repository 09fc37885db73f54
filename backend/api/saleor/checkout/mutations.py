"""The mutation fields of this room."""

from __future__ import annotations

from graphene import ID, Argument, Boolean, Field, List, NonNull, String

from backend.api.saleor.base import AddressInput, MetadataInput
from backend.api.saleor.checkout.types import (
    CheckoutAddPromoCode,
    CheckoutAddressValidationRules,
    CheckoutBillingAddressUpdate,
    CheckoutComplete,
    CheckoutCreate,
    CheckoutCreateInput,
    CheckoutCustomerAttach,
    CheckoutDeliveryMethodUpdate,
    CheckoutEmailUpdate,
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
from backend.api.saleor.scalars import UUID, JSONString


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
    checkout_email_update = Field(
        CheckoutEmailUpdate, checkout_id=ID(), email=String(required=True), id=ID(), token=UUID()
    )
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
