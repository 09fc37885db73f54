"""Tables that every room shares: the outbox, the audit log and the keys of calls already made."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Event(models.Model):
    """Something that happened, written in the transaction that made it happen. Never edited."""

    key = models.CharField(max_length=26, unique=True)
    name = models.CharField(max_length=60)
    aggregate = models.CharField(max_length=80)
    payload = models.JSONField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "outbox_event"

    def __str__(self) -> str:
        return f"{self.name} {self.aggregate}"


class Delivery(models.Model):
    """One event owed to one consumer: done, waiting for its next try, or parked for a person."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    consumer = models.CharField(max_length=60)
    runner = models.CharField(max_length=12)
    aggregate = models.CharField(max_length=80)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    lease = models.CharField(max_length=26, default="")
    lease_until = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        db_table = "outbox_delivery"
        constraints = [models.UniqueConstraint(fields=["event", "consumer"], name="outbox_once_per_consumer")]
        indexes = [
            models.Index(
                fields=["runner", "id"],
                condition=Q(done_at__isnull=True, parked_at__isnull=True),
                name="outbox_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.consumer} <- {self.event_id}"


class AuditEntry(models.Model):
    """Who did what to what, and when. Append-only."""

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=80, db_index=True)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject}"


class CallKey(models.Model):
    """A writing call that has been made under its caller's key, and what it answered."""

    key = models.CharField(max_length=120, primary_key=True)
    method = models.CharField(max_length=60)
    input_sha256 = models.CharField(max_length=64)
    nonce = models.CharField(max_length=26)
    result = models.TextField(default="")
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "call_key"

    def __str__(self) -> str:
        return self.key
