"""The outbox: nothing lost, nothing repeated that was recorded, in order per aggregate."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from backend.common import clock
from backend.common.models import AuditEntry, Delivery, Event
from backend.common.outbox import consumer, emit, registry, relay, stream

NAMES = ("test.inside", "test.outside")


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    for name in NAMES:
        registry.forget(name)


def tell(number: int, aggregate: str = "thing:1") -> Event:
    with transaction.atomic():
        return emit("thing_happened", aggregate, {"number": number})


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_the_transaction_of_its_cause() -> None:
    with pytest.raises(RuntimeError):
        emit("thing_happened", "thing:1", {})


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_takes_its_event_along() -> None:
    consumer(NAMES[0], events={"thing_happened"}, runner="gateway")(lambda event: None)

    def change() -> None:
        with transaction.atomic():
            emit("thing_happened", "thing:1", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert Event.objects.count() == 0
    assert Delivery.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_events_of_one_aggregate_arrive_in_order_and_once() -> None:
    heard: list[int] = []
    consumer(NAMES[0], events={"thing_happened"}, runner="gateway")(
        lambda event: heard.append(event.payload["number"])
    )
    for number in range(5):
        tell(number)
    assert relay.run_once("gateway") == 5
    assert relay.run_once("gateway") == 0
    assert heard == [0, 1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_what_a_failing_handler_wrote_is_undone_and_the_next_event_waits_for_it() -> None:
    fail = [True]

    @consumer(NAMES[0], events={"thing_happened"}, runner="gateway")
    def handle(event: Event) -> None:
        AuditEntry.objects.create(
            at=clock.now(), actor="test", action="heard", subject=str(event.payload["number"])
        )
        if fail[0]:
            raise OSError("down")

    tell(1)
    tell(2)
    tell(9, aggregate="thing:2")
    relay.run_once("gateway")
    assert AuditEntry.objects.count() == 0
    waiting = Delivery.objects.get(event__payload__number=1)
    assert (waiting.attempts, waiting.done_at, waiting.last_error) == (1, None, "OSError: down")
    assert Delivery.objects.get(event__payload__number=2).attempts == 0

    fail[0] = False
    Delivery.objects.update(next_at=clock.now() - timedelta(seconds=1))
    assert relay.run_once("gateway") == 3
    assert list(AuditEntry.objects.order_by("pk").values_list("subject", flat=True)) == ["1", "2", "9"]


@pytest.mark.django_db(transaction=True)
def test_after_ten_failures_an_event_is_parked_in_sight_and_lets_the_next_one_pass() -> None:
    heard: list[int] = []

    @consumer(NAMES[0], events={"thing_happened"}, runner="gateway")
    def handle(event: Event) -> None:
        if event.payload["number"] == 1:
            raise ValueError("never")
        heard.append(event.payload["number"])

    tell(1)
    tell(2)
    for _ in range(relay.MOST_ATTEMPTS):
        Delivery.objects.filter(parked_at__isnull=True).update(next_at=clock.now() - timedelta(seconds=1))
        relay.run_once("gateway")
    assert [d.event.payload["number"] for d in relay.parked()] == [1]
    relay.run_once("gateway")
    assert heard == [2]


@pytest.mark.django_db(transaction=True)
def test_a_handler_outside_a_transaction_may_do_what_needs_one_of_its_own() -> None:
    seen: list[bool] = []
    consumer(NAMES[1], events={"thing_happened"}, runner="gateway", in_transaction=False)(
        lambda event: seen.append(connection.in_atomic_block)
    )
    tell(1)
    assert relay.run_once("gateway") == 1
    assert seen == [False]
    assert Delivery.objects.get().done_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_leased_event_is_left_alone_until_its_lease_is_over() -> None:
    heard: list[int] = []
    consumer(NAMES[1], events={"thing_happened"}, runner="gateway", in_transaction=False)(
        lambda event: heard.append(event.payload["number"])
    )
    tell(1)
    Delivery.objects.update(lease="somebody", lease_until=clock.now() + relay.LEASE)
    assert relay.run_once("gateway") == 0
    Delivery.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    assert relay.run_once("gateway") == 1
    assert heard == [1]


@pytest.mark.django_db(transaction=True)
def test_a_failure_that_a_busy_database_does_not_take_down_stops_nobody_else() -> None:
    heard: list[str] = []

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "last_error" in sql and sql.startswith("UPDATE"):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    @consumer(NAMES[1], events={"thing_happened"}, runner="gateway", in_transaction=False)
    def handle(event: Event) -> None:
        if event.aggregate == "thing:1":
            raise OSError
        heard.append(event.aggregate)

    tell(1, "thing:1")
    tell(2, "thing:2")
    with connection.execute_wrapper(refuse):
        assert relay.run_once("gateway") == 1
    assert heard == ["thing:2"]
    first = Delivery.objects.get(event__aggregate="thing:1")
    assert (first.attempts, first.done_at) == (0, None)


@pytest.mark.django_db(transaction=True)
def test_events_that_pause_after_a_failure_stand_in_nobodys_way() -> None:
    heard: list[int] = []

    @consumer(NAMES[1], events={"thing_happened"}, runner="gateway", in_transaction=False)
    def handle(event: Event) -> None:
        if event.payload["number"] < 5:
            raise OSError("no mail server")
        heard.append(event.payload["number"])

    for number in range(5):
        tell(number, aggregate=f"thing:{number}")
    assert relay.run_once("gateway", limit=5) == 0
    tell(5, aggregate="thing:0")  # after one that failed: it waits
    tell(6, aggregate="thing:6")
    assert relay.run_once("gateway", limit=5) == 1
    assert heard == [6]


@pytest.mark.django_db(transaction=True)
def test_the_next_event_waits_while_somebody_else_is_still_delivering_the_one_before() -> None:
    heard: list[int] = []

    @consumer(NAMES[1], events={"thing_happened"}, runner="gateway", in_transaction=False)
    def handle(event: Event) -> None:
        if event.payload["number"] == 0:
            # Between our reading of the rows and our claim, another runner takes the first event of the lane.
            Delivery.objects.filter(aggregate="thing:1", event__payload__number=1).update(
                lease="another", lease_until=clock.now() + relay.LEASE
            )
        heard.append(event.payload["number"])

    tell(0, aggregate="thing:0")
    tell(1)
    tell(2)
    assert relay.run_once("gateway") == 1
    assert heard == [0]


@pytest.mark.django_db(transaction=True)
def test_a_resumed_page_is_told_what_it_missed_also_when_that_was_much() -> None:
    first = tell(0, aggregate="stall:5").pk
    for number in range(3):
        tell(number, aggregate="stall:6")
    assert stream.missed_since(first, {"stall:5"}) is False
    assert stream.missed_since(first, {"stall:6"}) is True
    tell(1, aggregate="stall:5")
    with transaction.atomic():
        for number in range(stream.MOST_AT_ONCE):
            emit("thing_happened", "stall:6", {"number": number})
    assert stream.missed_since(first, {"stall:5"}) is True


@pytest.mark.django_db(transaction=True)
def test_a_page_hears_of_its_event_behind_a_crowd_of_others() -> None:
    with stream.listening({"stall:5"}, "somebody") as listener:
        with transaction.atomic():
            for number in range(2 * stream.MOST_AT_ONCE):
                emit("thing_happened", "stall:6", {"number": number})
            mine = emit("thing_happened", "stall:5", {})
        assert listener.inbox.get(timeout=stream.LOOK_BACK_S / 2) == mine.pk
    wait_for_tail()


def wait_for_tail() -> None:
    """Until the reading thread has ended, so that it does not hold the test's database."""
    for thread in threading.enumerate():
        if thread.name == "live-pages":
            thread.join(10)


@pytest.mark.django_db(transaction=True)
def test_four_runners_at_once_deliver_each_event_once() -> None:
    """The mark decides. Without it (first half) several runners that read the same waiting rows repeat them."""

    @consumer(NAMES[0], events={"thing_happened"}, runner="gateway")
    def handle(event: Event) -> None:
        AuditEntry.objects.create(
            at=clock.now(), actor="test", action="heard", subject=str(event.payload["number"])
        )

    for number in range(20):
        tell(number, aggregate=f"thing:{number}")

    barrier = threading.Barrier(4)
    naive: list[int] = []

    def without_mark() -> None:
        waiting = list(Delivery.objects.filter(done_at__isnull=True).select_related("event"))
        barrier.wait(10)
        naive.extend(d.event.payload["number"] for d in waiting)
        connection.close()

    def with_mark() -> None:
        barrier.wait(10)
        relay.run_once("gateway")
        connection.close()

    for target in (without_mark, with_mark):
        threads = [threading.Thread(target=target) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert len(naive) == 80
    assert sorted(int(s) for s in AuditEntry.objects.values_list("subject", flat=True)) == list(range(20))


@pytest.mark.django_db(transaction=True)
def test_old_events_go_only_once_everybody_has_them() -> None:
    consumer(NAMES[0], events={"thing_happened"}, runner="gateway")(lambda event: None)
    tell(1)
    tell(2)
    Event.objects.update(created_at=clock.now() - relay.KEEP - timedelta(days=1))
    Delivery.objects.filter(event__payload__number=1).update(done_at=clock.now())
    with transaction.atomic():
        emit("nobody_listens", "thing:1", {"number": 3})
    Event.objects.update(created_at=clock.now() - relay.KEEP - timedelta(days=1))
    assert relay.prune() == 2
    assert [event.payload["number"] for event in Event.objects.all()] == [2]
