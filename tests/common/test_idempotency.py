from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from backend.common.errors import KeyReused
from backend.common.idempotency import fingerprint, once
from backend.common.models import CallKey


@pytest.mark.django_db(transaction=True)
def test_the_same_key_gives_the_first_answer_without_doing_it_again() -> None:
    done: list[int] = []

    def do() -> str:
        done.append(1)
        return f"answer {len(done)}"

    answers = [once(key="k", method="m", inputs={"a": 1}, do=do) for _ in range(3)]
    assert answers == ["answer 1"] * 3
    assert done == [1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("method", "inputs"), [("m", {"a": 2}), ("other", {"a": 1})])
def test_the_same_key_with_something_else_is_refused(method: str, inputs: dict[str, int]) -> None:
    once(key="k", method="m", inputs={"a": 1}, do=lambda: "first")
    with pytest.raises(KeyReused):
        once(key="k", method=method, inputs=inputs, do=lambda: "second")


@pytest.mark.django_db(transaction=True)
def test_a_failure_frees_the_key() -> None:
    def fail() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        once(key="k", method="m", inputs={}, do=fail)
    assert CallKey.objects.count() == 0
    assert once(key="k", method="m", inputs={}, do=lambda: "now") == "now"


@pytest.mark.django_db(transaction=True)
def test_an_open_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        once(key="k", method="m", inputs={}, do=lambda: "x")


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_under_one_key_do_it_once() -> None:
    done: list[int] = []
    answers: list[str] = []
    barrier = threading.Barrier(8)

    def call() -> None:
        barrier.wait(10)

        def do() -> str:
            done.append(1)
            return "made"

        answers.append(once(key="k", method="m", inputs={"a": 1}, do=do))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(done), answers) == (1, ["made"] * 8)


@pytest.mark.pure
def test_the_fingerprint_knows_order_of_lists_but_not_of_names() -> None:
    assert fingerprint({"a": 1, "b": [1, 2]}) == fingerprint({"b": [1, 2], "a": 1})
    assert fingerprint({"b": [1, 2]}) != fingerprint({"b": [2, 1]})
    assert fingerprint(b"photo") == fingerprint(b"photo") != fingerprint(b"other")
