"""Keys and turns of calls over the network."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction

from backend.commerce.errors import CannotCancel, ShopUnavailable
from backend.common import clock
from backend.common.errors import KeyReused
from backend.common.models import Event
from integrations.saleor import calls, turns
from integrations.saleor.models import Call, Turn


def send(key: str = "k", *, inputs: object = 1, error: BaseException | None = None, said: list[bool]) -> str:
    def do(again: bool) -> str:
        said.append(again)
        if error is not None:
            raise error
        return "result"

    return calls.once(key=key, method="m", inputs=inputs, subject="order:1", do=do)


@pytest.mark.django_db
def test_an_answered_call_is_not_made_again() -> None:
    said: list[bool] = []
    assert [send(said=said), send(said=said)] == ["result", "result"]
    assert said == [False]
    with pytest.raises(KeyReused):
        send(inputs=2, said=said)
    assert not Turn.objects.exists()


@pytest.mark.django_db
def test_a_refusal_frees_the_key() -> None:
    said: list[bool] = []
    with pytest.raises(CannotCancel):
        send(error=CannotCancel(), said=said)
    assert not Call.objects.exists()
    assert send(inputs=2, said=said) == "result"
    assert said == [False, False]


@pytest.mark.django_db
@pytest.mark.parametrize("error", [ShopUnavailable(), KeyboardInterrupt(), ValueError()])
def test_whoever_repeats_what_nobody_answered_is_told_so(error: BaseException) -> None:
    said: list[bool] = []
    with pytest.raises(type(error)):
        send(error=error, said=said)
    assert send(said=said) == "result"
    assert said == [False, True]


@pytest.mark.django_db
def test_an_open_transaction_is_refused() -> None:
    said: list[bool] = []
    with transaction.atomic(), pytest.raises(RuntimeError):
        send(said=said)
    assert said == []
    assert not Call.objects.exists()


@pytest.mark.django_db
def test_a_killed_process_holds_up_the_others_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    Turn.objects.create(name="order:1", holder="dead", until=now + timedelta(seconds=turns.turn_s()))
    monkeypatch.setattr(turns, "wait_s", lambda: 0.0)
    monkeypatch.setattr(turns, "LOOK_S", 0.0)
    said: list[bool] = []
    with pytest.raises(ShopUnavailable):
        send(said=said)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=turns.turn_s() + 1))
    assert send(said=said) == "result"
    assert said == [True]


@pytest.mark.django_db(transaction=True)
def test_those_who_change_one_thing_take_turns() -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        try:
            with calls.turn("order:1"):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert most == [1] * 6


@pytest.mark.django_db
def test_keys_are_forgotten_after_a_month() -> None:
    send(said=[])
    assert calls.forget_old() == 0
    Call.objects.update(at=clock.now() - calls.KEEP - timedelta(days=1))
    assert calls.forget_old() == 1


@pytest.mark.django_db
def test_the_market_is_told_together_with_the_answer_and_once() -> None:
    def do(again: bool) -> str:
        news.append(calls.News.of_order("T3JkZXI6MQ=="))
        return "result"

    for _ in range(2):
        news: list[calls.News] = []
        calls.once(key="k", method="m", inputs=1, subject="order:1", do=do, news=news)
    (told,) = Event.objects.all()
    assert (told.name, told.aggregate) == ("saleor_order_touched", "saleor-order:T3JkZXI6MQ==")
    assert told.payload["order_id"] == "T3JkZXI6MQ=="
