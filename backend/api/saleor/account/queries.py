"""The query fields of this room."""

from __future__ import annotations

from graphene import ID, Field

from backend.api.saleor.account.types import App, User


class AccountQueries:
    """What account adds to the query root."""

    app = Field(App, id=ID())
    me = Field(User)
