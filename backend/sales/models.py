"""What happens between a buyer and sellers: one purchase, one sale per seller."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from backend.common.ids import new_id, new_token
from backend.sales.values import Payment


def _token() -> str:
    return new_token(32)


class Retried(models.Model):
    """What the worker's rounds go on with until it is done. One that fails waits longer each time, so that however
    many fail for good, the others still come first."""

    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class DeliveryTerms(models.Model):
    """How a seller's goods change hands, and what that costs."""

    seller = models.OneToOneField("accounts.Seller", on_delete=models.CASCADE, related_name="terms")
    courier_vnd = models.BigIntegerField(null=True)
    """Price of bringing an order to the buyer; None when the seller brings nothing."""
    free_from_vnd = models.BigIntegerField(null=True)
    pickup = models.BooleanField(default=True)
    cash = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(courier_vnd__isnull=True) | Q(courier_vnd__gte=0), name="courier_price"
            ),
            models.CheckConstraint(
                condition=Q(pickup=True) | Q(courier_vnd__isnull=False), name="some_way_to_deliver"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller_id}"


class SellerPicture(models.Model):
    """What is shown with a seller; its files are ``<stem>-<width>.webp`` for every width in ``widths``."""

    seller = models.OneToOneField("accounts.Seller", on_delete=models.CASCADE, related_name="picture")
    stem = models.CharField(max_length=120, unique=True)
    widths = models.JSONField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.stem


class Purchase(Retried):
    """One press of "Đặt hàng". Whoever holds ``token`` sees it; nobody guesses 160 bits."""

    id = models.CharField(primary_key=True, max_length=26, default=new_id, editable=False)
    token = models.CharField(max_length=32, unique=True, default=_token)
    key = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="purchases")
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=16)
    email = models.EmailField(blank=True)
    commune = models.ForeignKey("places.Commune", on_delete=models.PROTECT, related_name="+")
    street = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=2, default="vi")
    visitor = models.CharField(max_length=32, blank=True)
    """A keyed digest of the network address that it came from; forgotten once no order of it can be open."""
    created_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["phone", "created_at"], name="purchase_by_phone"),
            models.Index(
                fields=["visitor", "created_at"], condition=~Q(visitor=""), name="purchase_by_visitor"
            ),
        ]

    def __str__(self) -> str:
        return self.id


class Sale(Retried):
    """One seller's part of a purchase: one order in the shop, one payment.

    What was asked for is written before the shop is called, and the shop's answer after; a sale between the two is
    finished by the sweeper, since every call to the shop goes under a key made from this row's id.
    """

    id = models.CharField(primary_key=True, max_length=26, default=new_id, editable=False)
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="sales")
    seller = models.ForeignKey("accounts.Seller", on_delete=models.PROTECT, related_name="sales")
    payment = models.CharField(max_length=6, choices=Payment)
    delivery_method = models.CharField(max_length=10)
    delivery_name = models.CharField(max_length=80)
    delivery_vnd = models.BigIntegerField()
    lines = models.JSONField()
    confirmed_vnd = models.BigIntegerField()
    order_id = models.CharField(max_length=64, unique=True, null=True)
    order_number = models.BigIntegerField(null=True)
    hold_until = models.DateTimeField(null=True)
    """Until when it holds its stock without money (by transfer) or without its seller's word (cash); None once it has."""
    created_at = models.DateTimeField()
    placed_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.JSONField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=40, blank=True)
    cancelled_at = models.DateTimeField(null=True)
    seen_by_seller_at = models.DateTimeField(null=True)
    refund_asked_vnd = models.BigIntegerField(default=0)
    """What was asked to go back to the buyer and the seller has not yet said to have sent (refunds.py)."""
    refund_keys = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(
                fields=["hold_until"],
                condition=Q(cancelled_at__isnull=True, cancel_asked_at__isnull=True),
                name="sale_waiting_for_money",
            ),
            models.Index(fields=["seller", "-id"], name="sale_by_seller"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_vnd__gte=0, delivery_vnd__gte=0), name="sale_amounts"
            ),
            models.CheckConstraint(condition=Q(refund_asked_vnd__gte=0), name="sale_refund_asked"),
            models.UniqueConstraint(fields=["purchase", "seller"], name="one_sale_per_seller"),
        ]

    def __str__(self) -> str:
        return self.id
