"""Connections to providers, and taking in what they report."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import F

from backend.common import audit, clock
from backend.common.ids import new_id
from backend.common.secrets import seal, unseal
from payments.feeds.errors import (
    AccountAlreadyFed,
    ConnectionNotFound,
    ProviderUnknown,
    RotationUnfinished,
    SecretTooShort,
)
from payments.feeds.models import FeedAccount, FeedConnection, RawNotice
from payments.feeds.provider import NoticeMalformed, NoticeRefused, ReportedTransfer
from payments.feeds.registry import PROVIDERS
from payments.matching.services import Booking, book_transfer
from payments.payees.models import BankAccount

LEAST_SECRET: Final = 16
MOST_CONNECTIONS: Final = 100

# A signature proves nothing to who holds the secret anyway and may stay; these could open a door.
_SECRET_HEADERS = re.compile(r"authorization|cookie|token|api-?key|secret|password", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection as other rooms see it. `path` is where the provider must send its notices."""

    id: int
    public_id: str
    provider: str
    name: str
    active: bool
    path: str


def _value(row: FeedConnection) -> Connection:
    return Connection(
        id=row.pk,
        public_id=row.public_id,
        provider=row.provider,
        name=row.name,
        active=row.active,
        path=f"/hooks/{row.provider}/{row.public_id}/",
    )


def _get(connection_id: int, *, lock: bool = False) -> FeedConnection:
    rows = FeedConnection.objects.select_for_update() if lock else FeedConnection.objects.all()
    row = rows.filter(pk=connection_id).first()
    if row is None:
        raise ConnectionNotFound()
    return row


def open_connection(*, provider: str, name: str, secret: str, actor: str) -> Connection:
    """Be ready to hear from `provider`, which signs with `secret`; the secret is sealed before it is stored.

    Raises: ProviderUnknown, SecretTooShort.
    """
    if provider not in PROVIDERS:
        raise ProviderUnknown()
    if len(secret) < LEAST_SECRET:
        raise SecretTooShort()
    with transaction.atomic():
        row = FeedConnection.objects.create(
            public_id=new_id(),
            provider=provider,
            name=name[:80],
            secret_sealed=seal(secret),
            created_at=clock.now(),
        )
        audit.record(actor, "feed_opened", row.actor, provider=provider, name=row.name)
    return _value(row)


def rotate_secret(*, connection_id: int, secret: str, actor: str) -> None:
    """Sign with `secret` from now on; the one before stays valid until `end_rotation`, so that no notice is
    lost.

    Raises: ConnectionNotFound, SecretTooShort, RotationUnfinished (the one before that is still valid, and the
    provider may still sign with it).
    """
    if len(secret) < LEAST_SECRET:
        raise SecretTooShort()
    with transaction.atomic():
        row = _get(connection_id, lock=True)
        if row.previous_secret_sealed:
            raise RotationUnfinished()
        row.previous_secret_sealed, row.secret_sealed = row.secret_sealed, seal(secret)
        row.save(update_fields=["previous_secret_sealed", "secret_sealed"])
        audit.record(actor, "feed_secret_rotated", row.actor)


def end_rotation(*, connection_id: int, actor: str) -> bool:
    """Forget the previous secret; False when there was none. Raises ConnectionNotFound."""
    with transaction.atomic():
        row = _get(connection_id, lock=True)
        if not row.previous_secret_sealed:
            return False
        row.previous_secret_sealed = ""
        row.save(update_fields=["previous_secret_sealed"])
        audit.record(actor, "feed_rotation_ended", row.actor)
    return True


def set_active(*, connection_id: int, active: bool, actor: str) -> bool:
    """Hear this connection or not; while not, its payees confirm by hand. False when that was so before.

    Raises ConnectionNotFound.
    """
    with transaction.atomic():
        row = _get(connection_id, lock=True)
        if row.active == active:
            return False
        row.active = active
        row.save(update_fields=["active"])
        audit.record(actor, "feed_activated" if active else "feed_deactivated", row.actor)
    return True


def connections() -> list[Connection]:
    """Every connection, the oldest first, those that have stopped included; at most 100."""
    return [_value(row) for row in FeedConnection.objects.order_by("pk")[:MOST_CONNECTIONS]]


def link_account(*, connection_id: int, bin: str, account: str, actor: str) -> None:  # noqa: A002
    """The provider of this connection reports on this account. A repeat changes nothing; an account of a
    connection that has stopped comes over.

    Raises: ConnectionNotFound, AccountAlreadyFed (by another connection that is heard).
    """
    with transaction.atomic():
        row = _get(connection_id)
        bank_account, _ = BankAccount.objects.get_or_create(bin=bin, account=account)
        link, new = FeedAccount.objects.get_or_create(bank_account=bank_account, defaults={"connection": row})
        if link.connection_id != row.pk:
            if link.connection.active:
                raise AccountAlreadyFed()
            link.connection = row
            link.save(update_fields=["connection"])
            new = True
        if new:
            audit.record(actor, "feed_account_linked", row.actor, bin=bin, account=account)


def find_connection(provider: str, public_id: str) -> FeedConnection | None:
    """The active connection that this address names."""
    return FeedConnection.objects.filter(provider=provider, public_id=public_id, active=True).first()


def receive(*, connection: FeedConnection, headers: Mapping[str, str], body: bytes) -> list[Booking]:
    """Take in one notice; `headers` have lower-case names, `body` is as it came.

    1. Believe it: a wrong signature leaves a count and nothing else.
    2. Read it: an authentic notice that makes no sense is kept, then refused.
    3. In one transaction: the raw notice, its transactions, allocations, intents' facts, audit rows and
       events. A repeat of a notice changes nothing but the count of its repeats.
    Raises: NoticeRefused, NoticeMalformed, and the database's own errors when nothing could be stored.
    """
    provider = PROVIDERS[connection.provider]
    sealed = [connection.secret_sealed, connection.previous_secret_sealed]
    try:
        provider.verify(headers, body, [unseal(each) for each in sealed if each], clock.now().timestamp())
    except NoticeRefused:
        FeedConnection.objects.filter(pk=connection.pk).update(refused=F("refused") + 1)
        raise
    try:
        transfers = provider.parse(body)
    except NoticeMalformed:
        with transaction.atomic():
            _keep(connection, headers, body, "malformed")
        raise
    with transaction.atomic():
        return _take(connection, headers, body, transfers)


def _take(
    connection: FeedConnection,
    headers: Mapping[str, str],
    body: bytes,
    transfers: tuple[ReportedTransfer, ...],
) -> list[Booking]:
    notice_id = _keep(connection, headers, body, "booked" if transfers else "ignored")
    return [book_transfer(connection=connection, notice_id=notice_id, transfer=each) for each in transfers]


def _keep(connection: FeedConnection, headers: Mapping[str, str], body: bytes, outcome: str) -> str:
    """The id of the raw notice with these bytes, stored now or before."""
    digest = hashlib.sha256(body).hexdigest()
    mine = RawNotice(
        id=new_id(),
        connection=connection,
        body=body,
        body_sha256=digest,
        headers={name: text[:300] for name, text in headers.items() if not _SECRET_HEADERS.search(name)},
        received_at=clock.now(),
        outcome=outcome,
    )
    RawNotice.objects.bulk_create([mine], ignore_conflicts=True)
    stored_id = RawNotice.objects.values_list("pk", flat=True).get(connection=connection, body_sha256=digest)
    if stored_id != mine.pk:
        RawNotice.objects.filter(pk=stored_id).update(repeats=F("repeats") + 1)
    return stored_id
