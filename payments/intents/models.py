"""What is due, and what was counted for it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from payments.payees.models import PayeeAccount


class PaymentIntent(models.Model):
    """One amount due from one payer to one payee under one reference. Facts only; labels are computed from
    them.

    `received_vnd` is the sum of its allocations, kept here by the same transaction that writes an allocation.
    """

    id = models.CharField(max_length=26, primary_key=True)
    key = models.CharField(max_length=120, unique=True)
    input_sha256 = models.CharField(max_length=64)
    reference = models.CharField(max_length=12, unique=True)
    payee = models.ForeignKey(PayeeAccount, on_delete=models.PROTECT, related_name="intents")
    kind = models.CharField(max_length=10)
    subject = models.CharField(max_length=80)
    label = models.CharField(max_length=160)
    due_vnd = models.BigIntegerField()
    received_vnd = models.BigIntegerField(default=0)
    refunded_vnd = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    first_received_at = models.DateTimeField(null=True)
    last_received_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=80, default="")
    by_hand = models.BooleanField(default=False)

    class Meta:
        db_table = "payment_intent"
        constraints = [
            models.CheckConstraint(condition=Q(due_vnd__gt=0), name="intent_due_positive"),
            models.CheckConstraint(condition=Q(received_vnd__gte=0), name="intent_received_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded_vnd__gte=0, refunded_vnd__lte=F("received_vnd")),
                name="intent_refunded_in_range",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True, received_vnd__lt=F("due_vnd"))
                | Q(completed_at__isnull=False, received_vnd__gte=F("due_vnd")),
                name="intent_completed_when_all_is_received",
            ),
            models.CheckConstraint(condition=Q(kind__in=["order", "charge"]), name="intent_kind_known"),
        ]
        indexes = [
            models.Index(fields=["kind", "subject"], name="intent_subject"),
            models.Index(fields=["opened_at"], name="intent_opened"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.due_vnd}"


class Allocation(models.Model):
    """So many đồng counted for one intent. Never edited and never deleted: a mistake gets a row that reverses
    it.

    `source`: feed (a bank reported it and its text named the intent), person (a bank reported it and a person
    said what it was for), hand (the payee said that it came; no bank did).
    """

    id = models.CharField(max_length=26, primary_key=True)
    intent = models.ForeignKey(PaymentIntent, on_delete=models.PROTECT, related_name="allocations")
    transaction = models.ForeignKey(
        "feeds.BankTransaction", on_delete=models.PROTECT, null=True, related_name="allocations"
    )
    amount_vnd = models.BigIntegerField()
    source = models.CharField(max_length=6)
    actor = models.CharField(max_length=80)
    received_at = models.DateTimeField()
    created_at = models.DateTimeField()
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")

    class Meta:
        db_table = "payment_allocation"
        constraints = [
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, amount_vnd__gt=0)
                | Q(reverses__isnull=False, amount_vnd__lt=0),
                name="allocation_positive_or_reversal",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["feed", "person"], transaction__isnull=False)
                | Q(source="hand", transaction__isnull=True),
                name="allocation_has_its_transaction",
            ),
            # The last guard against counting a transfer twice, whatever the code above it does.
            models.UniqueConstraint(
                fields=["transaction"],
                condition=Q(source="feed", reverses__isnull=True),
                name="allocation_once_per_transaction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_vnd} -> {self.intent_id}"
