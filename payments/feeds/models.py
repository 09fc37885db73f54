"""Connections to providers, what came in, and what banks say has moved."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from payments.payees.models import BankAccount


class FeedConnection(models.Model):
    """One provider's webhook of ours. Its secrets are sealed; the previous one stays valid while it is being
    changed.
    """

    public_id = models.CharField(max_length=26, unique=True)
    provider = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    secret_sealed = models.TextField()
    previous_secret_sealed = models.TextField(default="")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    refused = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "feed_connection"

    def __str__(self) -> str:
        return f"{self.provider} {self.name}"

    @property
    def actor(self) -> str:
        """How the audit log names this feed."""
        return f"feed:{self.pk}"


class FeedAccount(models.Model):
    """A bank account that a connection reports on. One feed for each account books money, so nothing counts
    twice.
    """

    connection = models.ForeignKey(FeedConnection, on_delete=models.PROTECT, related_name="accounts")
    bank_account = models.OneToOneField(BankAccount, on_delete=models.PROTECT, related_name="feed_link")

    class Meta:
        db_table = "feed_account"

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.bank_account_id}"


class RawNotice(models.Model):
    """One authentic notice, to the byte, with its headers but for those that carry secrets; a repeat only
    counts up.
    """

    id = models.CharField(max_length=26, primary_key=True)
    connection = models.ForeignKey(FeedConnection, on_delete=models.PROTECT, related_name="notices")
    body = models.BinaryField()
    body_sha256 = models.CharField(max_length=64)
    headers = models.JSONField()
    received_at = models.DateTimeField(db_index=True)
    outcome = models.CharField(max_length=20)
    repeats = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "feed_raw_notice"
        constraints = [models.UniqueConstraint(fields=["connection", "body_sha256"], name="raw_notice_once")]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.body_sha256[:8]} {self.outcome}"


class BankTransaction(models.Model):
    """One movement that a bank reported. What the bank said is never edited (the database refuses it).

    `allocated_vnd` is the sum of its allocations, kept by the transaction that writes one; the rest is
    unallocated, so that received = allocated + unallocated holds by construction. `unmatched_reason` says why
    the first look at its text found no intent, empty when it did.
    """

    id = models.CharField(max_length=26, primary_key=True)
    connection = models.ForeignKey(FeedConnection, on_delete=models.PROTECT, related_name="transactions")
    provider_id = models.CharField(max_length=64)
    notice = models.ForeignKey(RawNotice, on_delete=models.PROTECT, related_name="transactions")
    bank_account = models.ForeignKey(
        BankAccount, on_delete=models.PROTECT, null=True, related_name="transactions"
    )
    account = models.CharField(max_length=40)
    sub_account = models.CharField(max_length=40)
    bank_name = models.CharField(max_length=80)
    direction = models.CharField(max_length=3)
    amount_vnd = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    occurred_at = models.DateTimeField()
    reported_at = models.DateTimeField()
    content = models.TextField()
    code = models.CharField(max_length=40)
    reference = models.CharField(max_length=80)
    unmatched_reason = models.CharField(max_length=24)
    allocated_vnd = models.BigIntegerField(default=0)

    class Meta:
        db_table = "bank_transaction"
        constraints = [
            models.UniqueConstraint(fields=["connection", "provider_id"], name="bank_transaction_once"),
            models.CheckConstraint(condition=Q(amount_vnd__gt=0), name="bank_transaction_amount_positive"),
            models.CheckConstraint(
                condition=Q(allocated_vnd__gte=0, allocated_vnd__lte=F("amount_vnd")),
                name="bank_transaction_allocated_in_range",
            ),
            models.CheckConstraint(
                condition=Q(direction="in") | Q(direction="out", allocated_vnd=0),
                name="bank_transaction_only_incoming_is_allocated",
            ),
        ]
        indexes = [
            models.Index(fields=["bank_account", "reported_at"], name="bank_transaction_of_account"),
            models.Index(
                fields=["bank_account", "reported_at"],
                condition=Q(direction="in", allocated_vnd__lt=F("amount_vnd")),
                name="bank_transaction_unallocated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.amount_vnd} {self.content[:40]}"

    @property
    def unallocated_vnd(self) -> int:
        """What of it has not been counted for anything."""
        return self.amount_vnd - self.allocated_vnd
