"""People, sign-in and Apps."""

from __future__ import annotations

from typing import Any

from graphene import (
    ID,
    Argument,
    Boolean,
    Field,
    InputField,
    InputObjectType,
    Int,
    List,
    NonNull,
    ObjectType,
    String,
    Union,
)

from backend.api.saleor.base import (
    Address,
    AddressInput,
    Image,
    MetadataInput,
    ObjectWithMetadata,
    Permission,
    Reason,
    paged,
)
from backend.api.saleor.enums import AccountErrorCode, LanguageCodeEnum, ThumbnailFormatEnum
from backend.api.saleor.scalars import DateTime, GenericScalar


class AccountRegisterInput(InputObjectType):
    """Input: account register."""

    first_name = String()
    last_name = String()
    language_code = LanguageCodeEnum()
    email = String(required=True)
    password = String(required=True)
    redirect_url = String()
    metadata = List(NonNull(MetadataInput))
    channel = String()


class AccountError(Reason):
    """One reason why account was refused."""

    code = AccountErrorCode(required=True)


class User(ObjectType):
    """A person with an account."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    email = String(required=True)
    first_name = String(required=True)
    last_name = String(required=True)
    is_staff = Boolean(required=True)
    is_active = Boolean(required=True)
    is_confirmed = Boolean(required=True)
    addresses = List(NonNull(Address), required=True)
    checkout_ids = List(NonNull(ID), channel=String())
    orders = Field(
        "backend.api.saleor.order.types.OrderCountableConnection",
        where=Argument("backend.api.saleor.order.types.CustomerOrderWhereInput"),
        **paged(),
    )
    avatar = Field(Image, size=Int(), format=ThumbnailFormatEnum(default_value="ORIGINAL"))
    language_code = LanguageCodeEnum(required=True)
    default_shipping_address = Field(Address)
    default_billing_address = Field(Address)
    last_login = DateTime()
    date_joined = DateTime(required=True)

    @staticmethod
    def resolve_addresses(root: Any, info: Any) -> Any:
        from backend.api.saleor.account.rows import addresses_of

        return addresses_of(info.context, root.pk) if _own(root, info) else []

    @staticmethod
    def resolve_default_shipping_address(root: Any, info: Any) -> Any:
        return next(iter(User.resolve_addresses(root, info)), None)

    @staticmethod
    def resolve_default_billing_address(root: Any, info: Any) -> Any:
        return next(iter(User.resolve_addresses(root, info)), None)

    @staticmethod
    def resolve_checkout_ids(root: Any, info: Any, channel: str | None = None) -> Any:
        from backend.api.saleor.account.rows import checkout_ids_of

        return checkout_ids_of(root.pk) if _own(root, info) else []

    @staticmethod
    def resolve_orders(root: Any, info: Any, **arguments: Any) -> Any:
        from backend.api.saleor.order.reading import orders_of_user

        return orders_of_user(info, root.pk, arguments) if _own(root, info) else None


def _own(root: Any, info: Any) -> bool:
    """Whether people ask about themselves: addresses, orders and checkouts are told to nobody else."""
    user = info.context.requestor.user
    return root.pk is not None and user is not None and user.pk == root.pk


class AccountInput(InputObjectType):
    """What people may say of themselves."""

    first_name = String()
    last_name = String()
    language_code = LanguageCodeEnum()
    default_billing_address = InputField(AddressInput)
    default_shipping_address = InputField(AddressInput)
    metadata = List(NonNull(MetadataInput))


class _AccountChange(ObjectType):
    """What every change of an account answers."""

    class Meta:
        abstract = True

    errors = List(NonNull(AccountError), required=True)


class AccountUpdate(_AccountChange):
    """Answer to the change of this name."""

    user = Field(User)


class PasswordChange(_AccountChange):
    """Answer to the change of this name."""

    user = Field(User)


class RequestPasswordReset(_AccountChange):
    """Answer to the change of this name."""


class AccountRequestDeletion(_AccountChange):
    """Answer to the change of this name."""


class AccountSetDefaultAddress(_AccountChange):
    """Answer to the change of this name."""

    user = Field(User)


class _AddressChange(_AccountChange):
    class Meta:
        abstract = True

    user = Field(User)
    address = Field(Address)


class AccountAddressCreate(_AddressChange):
    """Answer to the change of this name."""


class AccountAddressUpdate(_AddressChange):
    """Answer to the change of this name."""


class AccountAddressDelete(_AddressChange):
    """Answer to the change of this name."""


class AccountRegister(_AccountChange):
    """Answer to the change of this name."""

    user = Field(User)
    requires_confirmation = Boolean()


class App(ObjectType):
    """A program that may act in the market."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    identifier = String()
    permissions = List(NonNull(Permission))
    is_active = Boolean()
    name = String()


class UserOrApp(Union):
    """Who did something."""

    class Meta:
        types = (User, App)

    @classmethod
    def resolve_type(cls, instance: Any, info: Any) -> Any:
        return App if hasattr(instance, "permissions") else User


class CreateToken(_AccountChange):
    """Answer to the change of this name."""

    token = String()
    refresh_token = String()
    csrf_token = String()
    user = Field(User)


class ConfirmAccount(_AccountChange):
    """Answer to the change of this name."""

    user = Field(User)


class RefreshToken(_AccountChange):
    """Answer to the change of this name."""

    token = String()
    user = Field(User)


class VerifyToken(_AccountChange):
    """Answer to the change of this name."""

    user = Field(User)
    is_valid = Boolean(required=True)
    payload = GenericScalar()

    @staticmethod
    def resolve_is_valid(root: Any, info: Any) -> bool:
        return bool(root.is_valid)
