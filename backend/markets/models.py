"""A market with its zones and stalls, and what vendors ask for at them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.common import clock

LEAST_CHARGE_VND = 1_000
"""Below a thousand đồng no goods are sold and several banks refuse to transfer."""
MOST_CHARGE_VND = 499_999_999
"""NAPAS 247 carries less than 500 million đồng in one transfer."""


class Market(models.Model):
    """Chợ: a market place of one commune."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(_("tên chợ"), max_length=120)
    commune = models.ForeignKey("places.Commune", on_delete=models.PROTECT, related_name="markets")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["commune", "name"], name="market_once_per_commune")]

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """Khu: a part of a market with goods of one kind ("Rau củ")."""

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="zones")
    name = models.CharField(_("tên khu"), max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["market", "name"], name="zone_once_per_market")]

    def __str__(self) -> str:
        return self.name


class Stall(models.Model):
    """Sạp: a place in a market where one vendor sells and is paid into an account of their own."""

    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="stalls")
    zone = models.ForeignKey(Zone, on_delete=models.SET_NULL, related_name="stalls", null=True, blank=True)
    code = models.CharField(_("số sạp"), max_length=8)
    vendor_name = models.CharField(_("tên người bán"), max_length=80)
    goods = models.CharField(_("hàng bán"), max_length=160, blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["market", "code"], name="stall_code_once_per_market")]

    def __str__(self) -> str:
        return f"{self.code} · {self.vendor_name}"

    @property
    def owner(self) -> str:
        """How payments, devices and the audit log name this stall."""
        return f"stall:{self.pk}"


class Charge(models.Model):
    """Lần thu tiền: one amount asked for at a stall. Whether it is paid is asked of its payment intent."""

    id = models.CharField(max_length=26, primary_key=True)
    key = models.CharField(max_length=100, unique=True)
    stall = models.ForeignKey(Stall, on_delete=models.PROTECT, related_name="charges")
    amount_vnd = models.BigIntegerField()
    note = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_vnd__gte=LEAST_CHARGE_VND, amount_vnd__lte=MOST_CHARGE_VND),
                name="charge_amount_in_range",
            ),
        ]
        indexes = [models.Index(fields=["stall", "-opened_at"], name="charge_by_stall_and_time")]

    def __str__(self) -> str:
        return f"{self.id} {self.amount_vnd}"
