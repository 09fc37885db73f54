"""The mutation fields of this room."""

from __future__ import annotations

from typing import Any

from graphene import Argument, Field, String

from backend.api.saleor.account import signing_in
from backend.api.saleor.account.rows import UserRow, user_row
from backend.api.saleor.account.types import (
    AccountRegister,
    AccountRegisterInput,
    ConfirmAccount,
    CreateToken,
    RefreshToken,
    VerifyToken,
)
from backend.api.saleor.problems import change
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


def _with_row(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "user": user_row(found["user"])}
