"""Where the market is installed, what it has heard from there, and the orders it keeps."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Installation(models.Model):
    """The market in one Saleor. Installing it anew replaces the App's id there, and the token (saleor.Connection)."""

    api_url = models.CharField(max_length=300, unique=True)
    app_id = models.CharField(max_length=80)
    """The App's global id in that Saleor; every webhook names it as its recipient."""
    keys = models.JSONField()
    """The key set that the Saleor signs with, as it was fetched."""
    keys_at = models.DateTimeField()
    keys_tried_at = models.DateTimeField()
    installed_at = models.DateTimeField()
    refused = models.PositiveBigIntegerField(default=0)
    """Requests with a wrong signature: counted (tally.py), and nothing else of them is kept."""

    class Meta:
        db_table = "saleor_installation"

    def __str__(self) -> str:
        return self.api_url

    @property
    def actor(self) -> str:
        """How the audit log names it."""
        return f"saleor:{self.pk}"


class HeardWebhook(models.Model):
    """An authentic asynchronous webhook that was taken in: the same bytes do nothing a second time."""

    id = models.CharField(primary_key=True, max_length=26)
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="heard")
    event = models.CharField(max_length=60)
    body_sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    received_at = models.DateTimeField(db_index=True)
    repeats = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "saleor_heard_webhook"
        constraints = [
            models.UniqueConstraint(fields=["installation", "body_sha256"], name="saleor_heard_once")
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.issued_at}"


class OrderCopy(models.Model):
    """An order as the shop last showed it. Kept five years at least and never deleted by the market, because
    Saleor deletes what expires there (domain.md, promise 8).

    ``status`` is empty in the instant between the row's making and its first reading.
    """

    order_id = models.CharField(max_length=64, unique=True)
    number = models.BigIntegerField(default=0)
    seller_id = models.CharField(max_length=40, default="", db_index=True)
    status = models.CharField(max_length=24, default="")
    charge_status = models.CharField(max_length=16, default="none")
    total_vnd = models.BigIntegerField(default=0)
    charged_vnd = models.BigIntegerField(default=0)
    most_charged_vnd = models.BigIntegerField(default=0)
    """The most that any reading showed: money is told as come once, even where it went and came again."""
    content = models.JSONField(default=dict)
    ordered_at = models.DateTimeField(null=True)
    first_read_at = models.DateTimeField()
    read_at = models.DateTimeField()
    """When the reading that this row shows began; an answer that was asked for earlier never overwrites it."""

    class Meta:
        db_table = "saleor_order_copy"
        constraints = [
            models.CheckConstraint(
                condition=Q(total_vnd__gte=0, charged_vnd__gte=0), name="saleor_copy_amounts"
            )
        ]
        indexes = [models.Index(fields=["status", "read_at"], name="saleor_copy_to_reread")]

    def __str__(self) -> str:
        return f"{self.number}"


class GatewayTransaction(models.Model):
    """A payment that a Saleor opened with one of our gateways, and the intent behind it."""

    transaction_id = models.CharField(max_length=80, unique=True)
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="transactions")
    order_id = models.CharField(max_length=64, db_index=True)
    intent_id = models.CharField(max_length=26, default="")
    """Empty for cash, for which nobody sends money."""
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "saleor_gateway_transaction"

    def __str__(self) -> str:
        return self.transaction_id


class RepairRound(models.Model):
    """How far the repairing of the catalogue has come; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    began_at = models.DateTimeField(null=True)
    product_cursor = models.TextField(default="")
    seller_cursor = models.CharField(max_length=40, default="")

    class Meta:
        db_table = "saleor_repair_round"

    def __str__(self) -> str:
        return f"{self.product_cursor} {self.seller_cursor}"


class SellerLook(models.Model):
    """How far back the repairing of one seller's orders has looked."""

    seller_id = models.CharField(max_length=40, primary_key=True)
    began_at = models.DateTimeField(null=True)
    """When the look that still goes on began; none goes on without a cursor."""
    cursor = models.TextField(default="")
    whole_until = models.DateTimeField(null=True)
    """Every order placed before this moment was found: the beginning of the last look that came to its end."""

    class Meta:
        db_table = "saleor_seller_look"

    def __str__(self) -> str:
        return self.seller_id


class ShopWatch(models.Model):
    """How the Saleor behind the market was when it was last looked at; one row."""

    OK, GONE, TOKEN, SETUP = "ok", "gone", "token", "setup"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    state = models.CharField(max_length=8, default=OK)
    since = models.DateTimeField()
    looked_at = models.DateTimeField()
    repaired_at = models.DateTimeField(null=True)
    """The end of the last repair pass that came to its end."""

    class Meta:
        db_table = "saleor_watch"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["ok", "gone", "token", "setup"]), name="saleor_watch_state"
            )
        ]

    def __str__(self) -> str:
        return self.state
