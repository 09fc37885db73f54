"""Bank accounts, and whose they are."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class BankAccount(models.Model):
    """One account at one bank. Never edited: another number is another account."""

    bin = models.CharField(max_length=6)
    account = models.CharField(max_length=19)

    class Meta:
        db_table = "bank_account"
        constraints = [models.UniqueConstraint(fields=["bin", "account"], name="bank_account_once")]

    def __str__(self) -> str:
        return f"{self.bin} {self.account}"


class PayeeAccount(models.Model):
    """Where one owner ("seller:3", "stall:7") is paid. A change makes a new row, so that earlier payments
    keep theirs.

    Several owners may use one bank account: a household that sells online and at a stall.
    """

    owner = models.CharField(max_length=40)
    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="payees")
    account_name = models.CharField(max_length=80)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "payee_account"
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(active=True), name="payee_one_active_per_owner"
            ),
            models.CheckConstraint(condition=~Q(account_name=""), name="payee_account_name_given"),
        ]

    def __str__(self) -> str:
        return f"{self.owner}: {self.bank_account}"
