"""The mutation fields of this room."""

from __future__ import annotations

from graphene import Argument, Field, String

from backend.api.saleor.account.types import (
    AccountRegister,
    AccountRegisterInput,
    CreateToken,
    DeactivateAllUserTokens,
    RefreshToken,
    VerifyToken,
)


class AccountMutations:
    """What account adds to the mutation root."""

    token_create = Field(
        CreateToken, audience=String(), email=String(required=True), password=String(required=True)
    )
    token_refresh = Field(RefreshToken, csrf_token=String(), refresh_token=String())
    token_verify = Field(VerifyToken, token=String(required=True))
    tokens_deactivate_all = Field(DeactivateAllUserTokens)
    account_register = Field(AccountRegister, input=Argument(AccountRegisterInput, required=True))
