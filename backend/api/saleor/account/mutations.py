"""The mutation fields of this room."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from graphene import ID, Argument, Field, String

from backend.accounts.models import User
from backend.accounts.services import set_name
from backend.api.saleor.account import signing_in
from backend.api.saleor.account.rows import UserRow, user_row
from backend.api.saleor.account.types import (
    AccountAddressCreate,
    AccountAddressDelete,
    AccountAddressUpdate,
    AccountInput,
    AccountRegister,
    AccountRegisterInput,
    AccountRequestDeletion,
    AccountSetDefaultAddress,
    AccountUpdate,
    ConfirmAccount,
    CreateToken,
    PasswordChange,
    RefreshToken,
    RequestPasswordReset,
    VerifyToken,
)
from backend.api.saleor.base import AddressInput
from backend.api.saleor.enums import AddressTypeEnum
from backend.api.saleor.problems import PermissionDenied, Refused, change
from backend.commerce.naming import whole_name


class AccountMutations:
    """What account adds to the mutation root."""

    token_create = Field(
        CreateToken, audience=String(), email=String(required=True), password=String(required=True)
    )
    token_refresh = Field(RefreshToken, csrf_token=String(), refresh_token=String())
    token_verify = Field(VerifyToken, token=String(required=True))
    account_register = Field(AccountRegister, input=Argument(AccountRegisterInput, required=True))
    confirm_account = Field(
        ConfirmAccount, email=String(required=True), password=String(), token=String(required=True)
    )

    account_update = Field(AccountUpdate, customer_id=ID(), input=Argument(AccountInput, required=True))
    password_change = Field(PasswordChange, new_password=String(required=True), old_password=String())
    request_password_reset = Field(
        RequestPasswordReset,
        channel=String(),
        email=String(required=True),
        redirect_url=String(required=True),
    )
    account_request_deletion = Field(
        AccountRequestDeletion, channel=String(), redirect_url=String(required=True)
    )

    @staticmethod
    @change(CreateToken)
    def resolve_token_create(
        root: Any, info: Any, email: str, password: str, audience: str | None = None
    ) -> Any:
        return _with_row(signing_in.sign_in(info.context.request, email, password))

    @staticmethod
    @change(RefreshToken)
    def resolve_token_refresh(
        root: Any, info: Any, refresh_token: str | None = None, csrf_token: str | None = None
    ) -> Any:
        return _with_row(signing_in.renew(refresh_token, csrf_token))

    @staticmethod
    @change(VerifyToken)
    def resolve_token_verify(root: Any, info: Any, token: str) -> Any:
        return _with_row(signing_in.verify(token))

    @staticmethod
    @change(AccountRegister)
    def resolve_account_register(root: Any, info: Any, input: dict[str, Any]) -> Any:
        name = whole_name(input.get("first_name") or "", input.get("last_name") or "")
        signing_in.sign_up(info.context.request, input["email"], input["password"], name)
        # The same answer for everybody, whether or not there was such an account.
        return {"requires_confirmation": True, "user": UserRow.nobody(input["email"], name)}

    @staticmethod
    @change(ConfirmAccount)
    def resolve_confirm_account(
        root: Any, info: Any, email: str, token: str, password: str | None = None
    ) -> Any:
        return _with_row({"user": signing_in.confirm(email, token)})

    @staticmethod
    @change(AccountUpdate, field="firstName")
    def resolve_account_update(
        root: Any, info: Any, input: dict[str, Any], customer_id: str | None = None
    ) -> Any:
        """The name; of a name in two halves, the half that is not sent stays."""
        user = _signed_in(info)
        if input.get("default_billing_address") or input.get("default_shipping_address"):
            raise _no_address_book()
        if input.get("metadata"):
            raise Refused("INVALID", gettext("Chợ không giữ metadata của tài khoản."), "metadata")
        if "first_name" in input or "last_name" in input:
            known = user_row(user, is_staff=False)
            first = input.get("first_name", known.first_name) or ""
            last = input.get("last_name", known.last_name) or ""
            set_name(actor=user, user=user, name=whole_name(first, last))
        return {"user": user_row(user)}

    @staticmethod
    @change(PasswordChange)
    def resolve_password_change(
        root: Any, info: Any, new_password: str, old_password: str | None = None
    ) -> Any:
        user = _signed_in(info)
        signing_in.change_password(info.context.request, user, old_password, new_password)
        return {"user": user_row(user)}

    @staticmethod
    @change(RequestPasswordReset)
    def resolve_request_password_reset(
        root: Any, info: Any, email: str, redirect_url: str, channel: str | None = None
    ) -> Any:
        """The letter leads to the market's own page: addresses that strangers name are written into no letter."""
        signing_in.ask_for_reset(info.context.request, email)
        return {}

    @staticmethod
    @change(AccountRequestDeletion)
    def resolve_account_request_deletion(
        root: Any, info: Any, redirect_url: str, channel: str | None = None
    ) -> Any:
        _signed_in(info)
        raise Refused("INVALID", gettext("Để xóa tài khoản, xin báo ban quản lý chợ."), None)


class AddressBookMutations:
    """What a person's addresses add to it: they are those of the last orders, and the market keeps no other."""

    account_address_create = Field(
        AccountAddressCreate,
        customer_id=ID(),
        input=Argument(AddressInput, required=True),
        type=Argument(AddressTypeEnum),
    )
    account_address_update = Field(
        AccountAddressUpdate, id=ID(required=True), input=Argument(AddressInput, required=True)
    )
    account_address_delete = Field(AccountAddressDelete, id=ID(required=True))
    account_set_default_address = Field(
        AccountSetDefaultAddress, id=ID(required=True), type=Argument(AddressTypeEnum, required=True)
    )

    @staticmethod
    @change(AccountAddressCreate)
    def resolve_account_address_create(root: Any, info: Any, **arguments: Any) -> Any:
        _signed_in(info)
        raise _no_address_book()

    @staticmethod
    @change(AccountAddressUpdate)
    def resolve_account_address_update(root: Any, info: Any, **arguments: Any) -> Any:
        _signed_in(info)
        raise _no_address_book()

    @staticmethod
    @change(AccountAddressDelete)
    def resolve_account_address_delete(root: Any, info: Any, **arguments: Any) -> Any:
        _signed_in(info)
        raise _no_address_book()

    @staticmethod
    @change(AccountSetDefaultAddress)
    def resolve_account_set_default_address(root: Any, info: Any, **arguments: Any) -> Any:
        _signed_in(info)
        raise _no_address_book()


def _signed_in(info: Any) -> User:
    user: User | None = info.context.requestor.user
    if user is None:
        raise PermissionDenied("AUTHENTICATED_USER")
    return user


def _no_address_book() -> Refused:
    return Refused(
        "INVALID",
        gettext(
            "Chợ không giữ sổ địa chỉ: địa chỉ của bạn lấy từ những đơn gần đây, mỗi đơn ghi địa chỉ của nó."
        ),
        None,
    )


def _with_row(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "user": user_row(found["user"])}
