"""Who comes: the sessions that the market itself has begun."""

from __future__ import annotations

from django.http import HttpRequest


def session_of(request: HttpRequest) -> str | None:
    """The key of this visitor's session, if the market made it; a cookie that somebody thought up is nobody's."""
    # Reading anything looks the session up, and drops a key that is not there.
    request.session.get("basket")
    return request.session.session_key
