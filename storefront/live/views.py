"""Live pages: a page carries a signed ticket for the channels it may watch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from django.core import signing
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from backend.common.networks import network_of
from backend.common.outbox import stream as live
from storefront.fields import whole_number
from storefront.visitors import session_of

TICKET_AGE_S: Final = 12 * 3600
"""A till stays open over a market day; a ticket opens nothing but the news that something changed."""


def ticket(channels: Iterable[str]) -> str:
    """A signed ticket for ``channels`` ("intent:…", "stall:5"), to put into a page that was allowed to show them."""
    return signing.dumps(sorted(channels), salt="live")


def stream(request: HttpRequest, ticket: str) -> HttpResponseBase:
    """Server-sent events for a ticket. 403 for a bad ticket; 204 when full, which tells the browser to poll."""
    try:
        channels = set(signing.loads(ticket, salt="live", max_age=TICKET_AGE_S))
    except signing.BadSignature:
        return HttpResponse(status=403)
    resume = whole_number(request.headers.get("Last-Event-ID", ""), digits=18)
    start_id = live.newest_id()
    changed = resume is not None and live.missed_since(resume, channels)
    network = network_of(request)
    # A session that the market made, else where the request comes from: a cookie changed at will is a visitor of its
    # own to nobody, and new sessions, which anybody may get, end at the places of their network.
    visitor = session_of(request) or network
    place = live.listening(channels, visitor, request.META.get("gunicorn.socket"), network=network)
    try:
        listener = place.__enter__()
    except live.NoPlace:
        return HttpResponse(status=204)
    # Streams live long; the database connection of this thread goes back before the first byte.
    connections.close_all()

    def body() -> Iterator[bytes]:
        yield from live.server_sent(listener, start_id=start_id, changed_already=changed)

    response = _Stream(body(), content_type="text/event-stream", headers={"Cache-Control": "no-store"})
    response.on_close = lambda: place.__exit__(None, None, None)
    response.headers["X-Accel-Buffering"] = "no"
    return response


class _Stream(StreamingHttpResponse):
    """Gives its place back when the browser goes, even if the body was never started."""

    on_close: Callable[[], object] | None = None

    def close(self) -> None:
        leave, self.on_close = self.on_close, None
        if leave is not None:
            leave()
        super().close()
