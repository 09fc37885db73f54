"""Live pages have places, few per visitor; a browser that has gone gives its place back at once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from backend.common.outbox import stream

pytestmark = pytest.mark.django_db(transaction=True)

CHANNELS = {"intent:1"}


class Places:
    """Live pages that stay open until the test ends or closes them."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._browsers: dict[stream.Listener, socket.socket] = {}

    def take(self, visitor: str = "vendor") -> stream.Listener:
        """Opens one more page. Raises NoPlace."""
        browser, server = socket.socketpair()
        self._open.callback(browser.close)
        self._open.callback(server.close)
        listener = self._open.enter_context(stream.listening(CHANNELS, visitor, server))
        self._browsers[listener] = browser
        return listener

    def close(self, listener: stream.Listener) -> None:
        """Its browser goes away; the server's side knows nothing of it yet."""
        self._browsers[listener].close()

    def end(self) -> None:
        self._open.close()


@pytest.fixture
def places() -> Iterator[Places]:
    opened = Places()
    yield opened
    opened.end()


def test_a_visitor_has_four_places_and_others_have_theirs(places: Places) -> None:
    for _ in range(4):
        places.take()
    with pytest.raises(stream.NoPlace):
        places.take()
    places.take(visitor="buyer")


def test_the_place_of_a_page_that_was_closed_is_free_for_the_next(places: Places) -> None:
    listeners = [places.take() for _ in range(4)]
    places.close(listeners[1])
    places.take()
    # Its stream ends, so that its thread is free as well; those of the others do not.
    assert list(stream.server_sent(listeners[1], start_id=7, changed_already=False)) == [
        b"retry: 3000\nid: 7\n\n"
    ]
    assert [listener.inbox.qsize() for listener in (listeners[0], listeners[2], listeners[3])] == [0, 0, 0]
    with pytest.raises(stream.NoPlace):
        places.take()


def test_a_page_that_was_closed_gives_its_place_back_without_being_asked(places: Places) -> None:
    listener = places.take()
    places.close(listener)
    # The thread that reads events has noticed when this returns; nobody else has joined.
    assert listener.inbox.get(timeout=20) == stream._END
    for _ in range(4):
        places.take()


def test_leaving_after_having_gone_gives_back_one_place_and_not_two(places: Places) -> None:
    browser, server = socket.socketpair()
    with stream.listening(CHANNELS, "vendor", server):
        for _ in range(3):
            places.take()
        browser.close()
        places.take()
    server.close()
    with pytest.raises(stream.NoPlace):
        places.take()
