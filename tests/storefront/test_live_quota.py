"""Who opens live pages without end gets no more of them by changing a cookie; others keep theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

import pytest
from django.conf import settings
from django.http.response import HttpResponseBase
from django.test import Client

from backend.common.outbox import stream
from storefront.live.views import ticket

pytestmark = pytest.mark.django_db(transaction=True)

Open = Callable[..., int]


@pytest.fixture
def open_page() -> Iterator[Open]:
    """Opens a live page that stays open: 200, or 204 where there is no place."""
    answers: list[HttpResponseBase] = []

    def make(*, session: str = "", address: str = "203.0.113.7") -> int:
        client = Client(REMOTE_ADDR=address)
        if session:
            client.cookies[settings.SESSION_COOKIE_NAME] = session
        answer = client.get(f"/live/{ticket(['seller:1'])}/")
        answers.append(answer)
        return answer.status_code

    yield make
    for answer in answers:
        answer.close()


def new_session() -> str:
    """The key of a session that the market made."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["basket"] = {"1": 1}
    session.create()
    return str(session.session_key)


def test_a_cookie_that_somebody_thought_up_is_no_visitor_of_its_own(open_page: Open) -> None:
    assert [open_page(session=f"gia-mao-{number:024}") for number in range(6)] == [200] * 4 + [204] * 2
    # Nor without a cookie; but who comes from elsewhere, or has a session of the market's, has places of their own.
    assert open_page() == 204
    assert open_page(address="203.0.113.8") == 200
    assert open_page(session=new_session()) == 200


def test_one_session_has_four_places_wherever_it_comes_from(open_page: Open) -> None:
    mine = new_session()
    assert [open_page(session=mine, address=f"203.0.113.{n}") for n in range(5)] == [200] * 4 + [204]


def test_new_sessions_without_end_get_half_of_all_places_and_others_the_rest(open_page: Open) -> None:
    opened = [open_page(session=new_session()) for _ in range(stream.MOST_PER_NETWORK + 3)]
    assert opened == [200] * 20 + [204] * 3
    elsewhere = [open_page(session=new_session(), address="2001:db8::1") for _ in range(20)]
    assert elsewhere == [200] * 20
    assert open_page(session=new_session(), address="198.51.100.1") == 204, "capped in all"
