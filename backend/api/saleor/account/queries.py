"""The query fields of this room."""

from __future__ import annotations

from typing import Any

from graphene import ID, Field

from backend.api.saleor.account.rows import app_row, user_row
from backend.api.saleor.account.types import App, User
from backend.api.saleor.ids import key_of


class AccountQueries:
    """What account adds to the query root."""

    app = Field(App, id=ID())
    me = Field(User)

    @staticmethod
    def resolve_app(root: Any, info: Any, id: str | None = None) -> Any:
        """The App that asks; of others nothing is told."""
        requestor = info.context.requestor
        if not requestor.app or (id is not None and key_of(id, "App") != requestor.app_id):
            return None
        return app_row(requestor)

    @staticmethod
    def resolve_me(root: Any, info: Any) -> Any:
        """Who asks; null, not an error, for who is not signed in."""
        user = info.context.requestor.user
        return None if user is None else user_row(user)
