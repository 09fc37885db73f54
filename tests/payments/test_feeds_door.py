"""SePay's webhook through the public door: believed, stored, applied, answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.test import override_settings

from backend.common.models import AuditEntry, Event
from payments.feeds import services
from payments.feeds.errors import AccountAlreadyFed, ConnectionNotFound, ProviderUnknown, SecretTooShort
from payments.feeds.models import BankTransaction, FeedConnection, RawNotice
from payments.feeds.queries import linked_accounts, unmatched_for
from payments.feeds.sepay.signature import sign
from payments.feeds.services import end_rotation, link_account, open_connection, rotate_secret, set_active
from payments.intents import services as intents
from payments.intents.models import Allocation
from payments.intents.queries import get_intent
from tests.payments.bank import NOW, SECRET, Bank, new_bank

pytestmark = pytest.mark.django_db


def nothing_is_stored() -> bool:
    return not (
        RawNotice.objects.exists()
        or BankTransaction.objects.exists()
        or Allocation.objects.exists()
        or Event.objects.exists()
    )


def test_a_payment_is_stored_and_applied_in_its_own_request(bank: Bank) -> None:
    intent = bank.intent(350_000)
    body = bank.notice(f"MBVCB.6998628625.{intent.reference}.CT tu 0071001104341", 350_000, id=92_704)
    answer = bank.send(body)
    assert (answer.status_code, answer.content) == (201, b'{"success": true}')
    assert answer["Content-Type"] == "application/json"

    row = BankTransaction.objects.get()
    at = datetime.fromisoformat("2026-11-22T09:59:30+07:00")
    assert (row.provider_id, row.direction, row.amount_vnd, row.allocated_vnd) == (
        "92704",
        "in",
        350_000,
        350_000,
    )
    assert (row.occurred_at, row.reported_at, row.unmatched_reason) == (at, NOW, "")
    assert row.bank_account is not None
    assert bytes(RawNotice.objects.get().body) == body

    paid = get_intent(intent.id)
    assert (paid.received_vnd, paid.first_received_at, paid.completed_at) == (350_000, at, at)
    assert paid.labels(NOW) == {"paid"}

    event = Event.objects.get()
    assert (event.name, event.aggregate) == ("payment_received", f"intent:{intent.id}")
    assert event.payload == {
        "intent_id": intent.id,
        "kind": "order",
        "subject": intent.subject,
        "owner": "seller:1",
        "reference": intent.reference,
        "amount_vnd": 350_000,
        "due_vnd": 350_000,
        "received_vnd": 350_000,
        "labels": ["paid"],
        "allocation_id": row.allocations.get().pk,
        "source": "feed",
        "received_at": "2026-11-22T09:59:30+07:00",
        "transaction_id": row.pk,
    }
    entry = AuditEntry.objects.get(action="payment_received")
    assert (entry.actor, entry.subject) == (f"feed:{bank.connection.id}", f"intent:{intent.id}")


def test_a_repeat_changes_nothing_and_is_answered_with_success(bank: Bank) -> None:
    intent = bank.intent()
    body = bank.notice(intent.reference)
    assert bank.send(body).status_code == 201
    for _ in range(3):
        again = bank.send(body)
        assert (again.status_code, again.content) == (200, b'{"success": true}')
    assert get_intent(intent.id).received_vnd == 50_000
    assert RawNotice.objects.get().repeats == 3
    assert (BankTransaction.objects.count(), Allocation.objects.count(), Event.objects.count()) == (1, 1, 1)


def test_same_transfer_in_other_bytes_is_one_transaction(bank: Bank) -> None:
    intent = bank.intent()
    body = bank.notice(intent.reference)
    bank.send(body)
    reordered = json.dumps(dict(reversed(json.loads(body).items())), indent=2).encode()
    assert bank.send(reordered).status_code == 200
    assert (BankTransaction.objects.count(), RawNotice.objects.count()) == (1, 2)
    assert get_intent(intent.id).received_vnd == 50_000


def test_a_provider_that_contradicts_itself_is_put_on_record_and_the_first_word_stands(bank: Bank) -> None:
    intent = bank.intent()
    bank.send(bank.notice(intent.reference, 50_000, id=7))
    assert bank.send(bank.notice(intent.reference, 90_000, id=7)).status_code == 200
    assert get_intent(intent.id).received_vnd == 50_000
    entry = AuditEntry.objects.get(action="transfer_contradicted")
    assert (entry.subject, entry.data["amount_vnd"]) == (
        f"transaction:{BankTransaction.objects.get().pk}",
        90_000,
    )


def test_two_equal_transfers_in_one_minute_are_two(bank: Bank) -> None:
    intent = bank.intent()
    bank.pays(intent.reference)
    bank.pays(intent.reference)
    assert get_intent(intent.id).labels(NOW) == {"paid", "over"}
    assert get_intent(intent.id).received_vnd == 100_000
    assert [event.payload["received_vnd"] for event in Event.objects.order_by("pk")] == [50_000, 100_000]


def test_wrong_signature_leaves_a_count_and_nothing_else(bank: Bank) -> None:
    intent = bank.intent()
    answer = bank.send(bank.notice(intent.reference), secret="whsec_of_somebody_else")
    assert (answer.status_code, answer.json()["reason"]) == (401, "signature_wrong")
    assert nothing_is_stored()
    assert FeedConnection.objects.get().refused == 1
    assert get_intent(intent.id) == intent


def test_one_changed_byte_is_another_message(bank: Bank) -> None:
    intent = bank.intent()
    body = bank.notice(intent.reference, 50_000)
    stamp = int(NOW.timestamp())
    answer = bank.client.post(
        bank.connection.path,
        data=body.replace(b"50000", b"90000"),
        content_type="application/json",
        headers={"X-SePay-Signature": sign(SECRET, stamp, body), "X-SePay-Timestamp": str(stamp)},
    )
    assert (answer.status_code, nothing_is_stored()) == (401, True)


@pytest.mark.parametrize(("drift_s", "status"), [(-301, 401), (-300, 201), (0, 201), (300, 201), (301, 401)])
def test_replay_window_is_five_minutes(bank: Bank, drift_s: int, status: int) -> None:
    intent = bank.intent()
    answer = bank.send(bank.notice(intent.reference), at=int(NOW.timestamp()) + drift_s)
    assert answer.status_code == status
    assert get_intent(intent.id).received_vnd == (50_000 if status == 201 else 0)
    if status == 401:
        assert answer.json()["reason"] == "timestamp_stale"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "timestamp_missing"),
        ({"X-SePay-Timestamp": "now"}, "timestamp_invalid"),
        ({"X-SePay-Timestamp": "١٢٣"}, "timestamp_invalid"),
        ({"X-SePay-Timestamp": str(int(NOW.timestamp()))}, "signature_missing"),
        (
            {"X-SePay-Timestamp": str(int(NOW.timestamp())), "X-SePay-Signature": "sha256=é"},
            "signature_wrong",
        ),
        ({"X-SePay-Timestamp": str(int(NOW.timestamp())), "X-SePay-Signature": ""}, "signature_missing"),
    ],
)
def test_unsigned_notices_are_refused(bank: Bank, headers: dict[str, str], reason: str) -> None:
    answer = bank.client.post(
        bank.connection.path, data=bank.notice(), content_type="application/json", headers=headers
    )
    assert (answer.status_code, answer.json()["reason"]) == (401, reason)
    assert nothing_is_stored()


def test_both_secrets_are_good_while_one_is_being_changed(bank: Bank) -> None:
    rotate_secret(connection_id=bank.connection.id, secret="whsec_the_new_secret_1", actor="user:1")
    assert bank.send(bank.notice(), secret=SECRET).status_code == 201
    assert bank.send(bank.notice(), secret="whsec_the_new_secret_1").status_code == 201
    end_rotation(connection_id=bank.connection.id, actor="user:1")
    assert bank.send(bank.notice(), secret=SECRET).status_code == 401
    assert bank.send(bank.notice(), secret="whsec_the_new_secret_1").status_code == 201


def test_secrets_are_sealed_and_in_no_record(bank: Bank) -> None:
    rotate_secret(connection_id=bank.connection.id, secret="whsec_the_new_secret_1", actor="user:1")
    row = FeedConnection.objects.get()
    told = json.dumps(list(AuditEntry.objects.values_list("data", flat=True)))
    for text in (row.secret_sealed, row.previous_secret_sealed, told):
        assert "whsec" not in text


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": 0}, "id_invalid"),
        ({"id": -4}, "id_invalid"),
        ({"id": None}, "id_invalid"),
        ({"id": True}, "id_invalid"),
        ({"id": 2**63}, "id_invalid"),
        ({"transferAmount": 0}, "amount_invalid"),
        ({"transferAmount": -5}, "amount_invalid"),
        ({"transferAmount": 5.5}, "amount_invalid"),
        ({"transferAmount": "50.000"}, "amount_invalid"),
        ({"transferAmount": 10**14}, "amount_invalid"),
        ({"transferAmount": None}, "amount_invalid"),
        ({"accountNumber": ""}, "account_missing"),
        ({"accountNumber": None}, "account_missing"),
        ({"transactionDate": "22/11/2026"}, "date_invalid"),
        ({"transactionDate": ""}, "date_invalid"),
        ({"transactionDate": "2026-13-01 00:00:00"}, "date_invalid"),
        ({"content": ["x"]}, "text_invalid"),
    ],
)
def test_authentic_nonsense_is_kept_and_refused_with_its_reason(
    bank: Bank, fields: dict[str, Any], reason: str
) -> None:
    answer = bank.send(bank.notice(**fields))
    assert (answer.status_code, answer.json()["reason"], answer.json()["success"]) == (400, reason, False)
    assert RawNotice.objects.get().outcome == "malformed"
    assert not BankTransaction.objects.exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 60_000, "not_json"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "not_json"),
        (b"[]", "not_object"),
        (b"null", "not_object"),
    ],
)
def test_authentic_bytes_that_are_no_notice_are_refused(bank: Bank, body: bytes, reason: str) -> None:
    answer = bank.send(body)
    assert (answer.status_code, answer.json()["reason"]) == (400, reason)


def test_whole_amounts_may_come_as_floats_or_digits(bank: Bank) -> None:
    intent = bank.intent(100)
    bank.pays(intent.reference, transferAmount=60.0)
    bank.pays(intent.reference, transferAmount="40")
    assert get_intent(intent.id).received_vnd == 100


@pytest.mark.parametrize("body", [b"{}", b'{"event": "ping"}', b'{"transferType": "fee", "id": 5}'])
def test_unknown_event_is_kept_and_answered_with_success(bank: Bank, body: bytes) -> None:
    answer = bank.send(body)
    assert (answer.status_code, answer.content) == (200, b'{"success": true}')
    assert RawNotice.objects.get().outcome == "ignored"
    assert not BankTransaction.objects.exists()


def test_money_that_goes_out_is_recorded_and_matches_nothing(bank: Bank) -> None:
    intent = bank.intent()
    assert bank.pays(intent.reference, transferType="out").status_code == 201
    row = BankTransaction.objects.get()
    assert (row.direction, row.unmatched_reason, row.allocated_vnd) == ("out", "outgoing", 0)
    assert not Event.objects.exists()
    assert get_intent(intent.id) == intent


def test_body_over_the_limit_is_refused_unread(bank: Bank) -> None:
    answer = bank.send(b" " * 65_537)
    assert (answer.status_code, nothing_is_stored()) == (413, True)


def test_unknown_or_inactive_connection_is_not_found(bank: Bank) -> None:
    assert bank.send(bank.notice(), path="/hooks/sepay/00000000000000000000000000/").status_code == 404
    assert bank.send(bank.notice(), path=bank.connection.path.replace("sepay", "casso")).status_code == 404
    set_active(connection_id=bank.connection.id, active=False, actor="user:1")
    assert bank.send(bank.notice()).status_code == 404
    assert nothing_is_stored()


def test_only_post_is_a_notice_and_the_last_slash_may_be_missing(bank: Bank) -> None:
    assert bank.client.get(bank.connection.path).status_code == 405
    assert bank.send(bank.notice(), path=bank.connection.path.rstrip("/")).status_code == 201


def test_one_connections_secret_opens_no_other(bank: Bank) -> None:
    other = new_bank(owner="seller:2")
    rotate_secret(connection_id=other.connection.id, secret="whsec_only_of_the_other", actor="user:1")
    end_rotation(connection_id=other.connection.id, actor="user:1")
    assert other.send(other.notice(), secret=SECRET).status_code == 401


def test_headers_are_kept_without_those_that_could_open_a_door(bank: Bank) -> None:
    bank.send(
        bank.notice(),
        headers={"Authorization": "Apikey abc", "Cookie": "s=1", "X-Api-Key": "k", "User-Agent": "SePay"},
    )
    headers = RawNotice.objects.get().headers
    assert headers["user-agent"] == "SePay"
    assert not {"authorization", "cookie", "x-api-key"} & set(headers)


@pytest.mark.parametrize("error", [OperationalError("database is locked"), IntegrityError("odd")])
def test_what_could_not_be_stored_is_503_and_leaves_nothing(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, error: DatabaseError
) -> None:
    intent = bank.intent()

    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(services, "book_transfer", fail)
    answer = bank.send(bank.notice(intent.reference))
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert nothing_is_stored()


def test_a_jam_in_the_middle_stores_nothing_so_that_the_provider_sends_again(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent = bank.intent()
    body = bank.notice(intent.reference)

    def jam(**_: object) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as jammed:
        jammed.setattr(intents, "count", jam)
        assert bank.send(body).status_code == 503
    assert nothing_is_stored()
    assert bank.send(body).status_code == 201
    assert get_intent(intent.id).received_vnd == 50_000


def test_our_own_mistake_never_loses_a_transfer(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    intent = bank.intent()

    def stumble(**_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(intents, "count", stumble)
    assert bank.send(bank.notice(intent.reference)).status_code == 201
    row = BankTransaction.objects.get()
    assert (row.unmatched_reason, row.allocated_vnd) == ("error", 0)
    assert Event.objects.get().payload == {
        "transaction_id": row.pk,
        "reason": "error",
        "amount_vnd": 50_000,
        "owners": ["seller:1"],
    }


def test_a_transfer_dated_into_the_future_came_when_it_was_reported(bank: Bank) -> None:
    intent = bank.intent(expires_at=NOW + timedelta(minutes=5))
    bank.pays(intent.reference, transactionDate="2026-11-23 00:00:00")
    paid = get_intent(intent.id)
    assert (paid.first_received_at, paid.labels(NOW)) == (NOW, frozenset({"paid"}))


def test_a_late_report_of_timely_money_is_not_late(bank: Bank, set_clock: Callable[[datetime], None]) -> None:
    intent = bank.intent(expires_at=NOW + timedelta(minutes=5))
    set_clock(NOW + timedelta(minutes=30))
    bank.pays(intent.reference, transactionDate="2026-11-22 10:04:59")
    assert get_intent(intent.id).labels(NOW + timedelta(minutes=30)) == {"paid"}


def test_money_after_the_expiry_is_recorded_and_late(
    bank: Bank, set_clock: Callable[[datetime], None]
) -> None:
    intent = bank.intent(expires_at=NOW)
    set_clock(NOW + timedelta(minutes=1))
    bank.pays(intent.reference, transactionDate="2026-11-22 10:00:30")
    assert get_intent(intent.id).labels(NOW + timedelta(minutes=1)) == {"paid", "late"}
    assert Event.objects.get().payload["labels"] == ["late", "paid"]


@pytest.mark.parametrize(
    "facts", [{"amount_vnd": 1}, {"content": "x"}, {"direction": "out"}, {"provider_id": "1"}]
)
def test_the_database_refuses_to_edit_what_a_bank_said(bank: Bank, facts: dict[str, Any]) -> None:
    bank.pays("không có mã")
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        BankTransaction.objects.update(**facts)


@pytest.mark.parametrize("allocated", [-1, 50_001])
def test_the_database_refuses_to_allocate_more_than_came(bank: Bank, allocated: int) -> None:
    bank.pays("không có mã")
    with pytest.raises(IntegrityError), transaction.atomic():
        BankTransaction.objects.update(allocated_vnd=allocated)


def test_unmatched_money_is_listed_for_its_owner_alone(bank: Bank) -> None:
    other = new_bank(owner="seller:2")
    bank.pays("tien rau", 30_000)
    bank.pays("tien rau", 20_000, transferType="out")
    bank.pays(bank.intent(10_000).reference, 10_000)
    found = unmatched_for("seller:1")
    assert [(row.amount_vnd, row.unallocated_vnd, row.reason, row.content) for row in found] == [
        (30_000, 30_000, "no_reference", "tien rau")
    ]
    assert unmatched_for(other.payee.owner) == []


def test_connections_refuse_what_cannot_work(bank: Bank) -> None:
    with pytest.raises(ProviderUnknown):
        open_connection(provider="nobody", name="x", secret=SECRET, actor="user:1")
    with pytest.raises(SecretTooShort):
        open_connection(provider="sepay", name="x", secret="short", actor="user:1")
    with pytest.raises(SecretTooShort):
        rotate_secret(connection_id=bank.connection.id, secret="short", actor="user:1")
    with pytest.raises(ConnectionNotFound):
        set_active(connection_id=999_999, active=True, actor="user:1")


def test_one_feed_for_each_account(bank: Bank) -> None:
    other = open_connection(provider="sepay", name="second", secret=SECRET, actor="user:1")
    with pytest.raises(AccountAlreadyFed):
        link_account(connection_id=other.id, bin=bank.payee.bin, account=bank.payee.account, actor="user:1")
    link_account(
        connection_id=bank.connection.id, bin=bank.payee.bin, account=bank.payee.account, actor="user:1"
    )
    assert linked_accounts() == [(bank.payee.bin, bank.payee.account)]


@override_settings(ALLOWED_HOSTS=["market.example"])
def test_a_provider_calls_us_by_our_public_name_only(bank: Bank) -> None:
    assert bank.send(bank.notice()).status_code == 400
    assert nothing_is_stored()
