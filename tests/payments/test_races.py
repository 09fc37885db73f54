"""Five at once. Each test first shows what goes wrong without the guard, then that it does not with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import pytest
from django.db import connection, transaction
from django.test import Client

from backend.common import clock
from backend.common.ids import new_id
from backend.common.models import Event
from backend.common.money import vnd
from payments.feeds import registry
from payments.feeds.models import BankTransaction, FeedConnection, RawNotice
from payments.feeds.provider import ReportedTransfer
from payments.feeds.sepay import PROVIDER
from payments.intents import services as intents
from payments.intents.errors import IntentAlreadyPaid
from payments.intents.models import Allocation, PaymentIntent
from payments.intents.queries import get_intent
from payments.matching.ledger import find_discrepancies
from payments.payees.services import set_payee
from tests.payments.bank import NOW, Bank, new_bank

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 5
DEADLINE_S = 30


@pytest.fixture
def open_bank(set_clock: Callable[[datetime], None]) -> Bank:
    set_clock(NOW)
    return new_bank()


T = TypeVar("T")


def at_once(do: Callable[[int], T]) -> list[T]:
    """What `do` returned in each of five threads that began together; the first error is raised."""
    results: dict[int, T] = {}
    errors: list[BaseException] = []
    begin = threading.Barrier(AT_ONCE)

    def run(number: int) -> None:
        try:
            begin.wait(DEADLINE_S)
            results[number] = do(number)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    if errors:
        raise errors[0]
    return [results[number] for number in range(AT_ONCE)]


def send_at_once(bank: Bank, bodies: list[bytes], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Status of each body, sent so that all of them have been read before the first of them is stored."""
    meet = threading.Barrier(AT_ONCE)

    def parse(body: bytes) -> tuple[ReportedTransfer, ...]:
        transfers = PROVIDER.parse(body)
        meet.wait(DEADLINE_S)
        return transfers

    monkeypatch.setitem(registry.PROVIDERS, "sepay", replace(PROVIDER, parse=parse))
    return at_once(lambda number: replace(bank, client=Client()).send(bodies[number]).status_code)


def book_by_looking_first(bank: Bank, body: bytes, intent_id: str) -> None:
    """How it is often written: look whether the id is known, then store. No unique index stops the second."""
    (transfer,) = PROVIDER.parse(body)
    meet = book_by_looking_first.meet  # type: ignore[attr-defined]
    known = BankTransaction.objects.filter(provider_id__startswith=f"{transfer.provider_id}#").exists()
    meet.wait(DEADLINE_S)
    if known:
        return
    with transaction.atomic():
        row = BankTransaction.objects.create(
            id=new_id(),
            connection_id=bank.connection.id,
            # A suffix takes the place of a table without its unique index.
            provider_id=f"{transfer.provider_id}#{new_id()}",
            notice=RawNotice.objects.get(),
            bank_account=None,
            account=transfer.account,
            direction="in",
            amount_vnd=transfer.amount_vnd,
            currency="VND",
            occurred_at=transfer.occurred_at,
            reported_at=clock.now(),
            content=transfer.content,
            allocated_vnd=transfer.amount_vnd,
        )
        intents.count(
            intent_id=intent_id,
            amount_vnd=transfer.amount_vnd,
            source="feed",
            transaction_id=row.pk,
            received_at=transfer.occurred_at,
            actor="feed:1",
        )


def test_without_the_guard_five_repeats_count_five_times(open_bank: Bank) -> None:
    intent = open_bank.intent(50_000)
    open_bank.send(open_bank.notice("không mã"))
    body = open_bank.notice(intent.reference)
    book_by_looking_first.meet = threading.Barrier(AT_ONCE)  # type: ignore[attr-defined]
    at_once(lambda _: book_by_looking_first(open_bank, body, intent.id))
    assert get_intent(intent.id).received_vnd == 250_000
    assert Event.objects.filter(name="payment_received").count() == 5


def test_five_simultaneous_repeats_are_one_transaction_one_allocation_one_event(
    open_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent = open_bank.intent(50_000)
    body = open_bank.notice(intent.reference)
    statuses = send_at_once(open_bank, [body] * AT_ONCE, monkeypatch)
    assert sorted(statuses) == [200, 200, 200, 200, 201]
    assert get_intent(intent.id).received_vnd == 50_000
    assert (RawNotice.objects.count(), RawNotice.objects.get().repeats) == (1, 4)
    assert BankTransaction.objects.count() == 1
    assert Allocation.objects.count() == 1
    assert Event.objects.count() == 1


def test_five_writings_of_one_transfer_are_one_transaction(
    open_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same id in other bytes: the raw notices differ, the transaction's own key decides."""
    intent = open_bank.intent(50_000)
    body = open_bank.notice(intent.reference)
    statuses = send_at_once(open_bank, [body + b" " * number for number in range(AT_ONCE)], monkeypatch)
    assert sorted(statuses) == [200, 200, 200, 200, 201]
    assert get_intent(intent.id).received_vnd == 50_000
    assert (RawNotice.objects.count(), BankTransaction.objects.count(), Event.objects.count()) == (5, 1, 1)


def test_without_the_lock_five_transfers_to_one_intent_overwrite_each_other(open_bank: Bank) -> None:
    intent = open_bank.intent(50_000)
    meet = threading.Barrier(AT_ONCE)

    def read_then_write(_: int) -> None:
        received = PaymentIntent.objects.get(pk=intent.id).received_vnd
        meet.wait(DEADLINE_S)
        PaymentIntent.objects.filter(pk=intent.id).update(received_vnd=received + 1_000)

    at_once(read_then_write)
    assert get_intent(intent.id).received_vnd == 1_000


def test_five_transfers_to_one_intent_at_once_are_all_counted(
    open_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent = open_bank.intent(50_000)
    bodies = [open_bank.notice(intent.reference, 10_000) for _ in range(AT_ONCE)]
    assert send_at_once(open_bank, bodies, monkeypatch) == [201] * AT_ONCE
    paid = get_intent(intent.id)
    assert (paid.received_vnd, paid.labels(NOW)) == (50_000, frozenset({"paid"}))
    told = [event.payload["received_vnd"] for event in Event.objects.order_by("payload__received_vnd", "pk")]
    assert sorted(told) == [10_000, 20_000, 30_000, 40_000, 50_000]
    assert find_discrepancies() == []


def test_five_confirmations_by_hand_at_once_count_once(open_bank: Bank) -> None:
    unheard = set_payee(owner="seller:9", bin="970405", account="5", account_name="BA", actor="user:1")
    intent = open_bank.intent(50_000, payee=unheard)
    results = at_once(
        lambda _: (
            intents.confirm_by_hand(intent_id=intent.id, amount=vnd(50_000), actor="user:9").received_vnd
        )
    )
    assert results == [50_000] * AT_ONCE
    assert (Allocation.objects.count(), Event.objects.count()) == (1, 1)


def test_five_openings_under_one_key_are_one_intent(open_bank: Bank) -> None:
    def open_(_: int) -> str:
        return intents.open_intent(
            key="order:77",
            payee_id=open_bank.payee.id,
            due=vnd(50_000),
            kind="order",
            subject="order:77",
            label="Đơn 77",
            expires_at=None,
        ).reference

    assert len(set(at_once(open_))) == 1
    assert PaymentIntent.objects.count() == 1


def test_cancelling_and_paying_at_once_end_in_one_of_two_truths(open_bank: Bank) -> None:
    for _ in range(4):
        intent = open_bank.intent(50_000)
        body = open_bank.notice(intent.reference)

        def both(number: int, intent_id: str = intent.id, body: bytes = body) -> bool | None:
            """Whether the cancelling happened; None for the payment."""
            if number == 0:
                assert replace(open_bank, client=Client()).send(body).status_code == 201
                return None
            try:
                intents.cancel_intent(intent_id=intent_id, reason="hết giờ", actor="system:expiry")
            except IntentAlreadyPaid:
                return False
            return True

        cancelled = at_once(both)[1:]
        facts = get_intent(intent.id)
        assert facts.received_vnd == 50_000
        assert cancelled == [facts.cancelled_at is not None] * (AT_ONCE - 1)
    assert find_discrepancies() == []
    assert FeedConnection.objects.get().refused == 0
