"""The OCOP register: who makes a product, and the certificates from which alone stars come."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.common import clock


class Producer(models.Model):
    """Chủ thể OCOP: the seller as the register knows them. ``name`` is that of the decision."""

    seller = models.OneToOneField("accounts.Seller", on_delete=models.PROTECT, related_name="producer")
    name = models.CharField(max_length=200)
    representative = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name


class Certificate(models.Model):
    """Giấy chứng nhận OCOP: grants 3, 4 or 5 stars to one product for 36 months.

    Only facts are stored. Whether it is in force is asked of a day (``in_force_on``) and never written
    down, so that nobody has to remember to switch a star off.
    """

    class Level(models.TextChoices):
        """Who recognised. Districts did until 06/07/2025 (1489/QĐ-TTg); theirs stay valid to their expiry."""

        DISTRICT = "district", _("cấp huyện (trước 07/2025)")
        PROVINCE = "province", _("cấp tỉnh")
        CENTRAL = "central", _("cấp Trung ương")

    producer = models.ForeignKey(Producer, on_delete=models.PROTECT, related_name="certificates")
    product_id = models.CharField(max_length=80, blank=True, db_index=True)
    """The commerce port's id; empty while the product is recognised but not sold in this market."""
    product_name = models.CharField(max_length=200)
    """The product as the decision names it."""
    number = models.CharField(max_length=60)
    decision_number = models.CharField(max_length=60)
    stars = models.PositiveSmallIntegerField()
    issuer = models.CharField(max_length=160)
    issuing_level = models.CharField(max_length=8, choices=Level)
    issued_on = models.DateField()
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=300, blank=True)
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="supersedes"
    )
    scan = models.FileField(upload_to="ocop/", blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stars__gte=3, stars__lte=5), name="certificate_three_to_five_stars"
            ),
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("issued_on")), name="certificate_expires_after_issue"
            ),
            models.UniqueConstraint(fields=["issuer", "number"], name="certificate_number_once_per_issuer"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | ~Q(revoked_reason=""),
                name="certificate_revoked_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["expires_on"], name="certificate_expiry")]

    def __str__(self) -> str:
        return f"{self.number} ({self.product_name})"

    def in_force_on(self, day: date) -> bool:
        """Whether the certificate grants its stars on the Vietnamese ``day``; ``expires_on`` is the last one.

        A revocation takes effect on its own day. A newer certificate takes over on the day of its issue,
        not before.
        """
        return self.standing(day) == "in_force"

    def standing(self, day: date) -> str:
        """``in_force``, ``not_yet``, ``revoked``, ``superseded`` or ``expired`` on ``day``."""
        if self.revoked_at is not None and clock.local(self.revoked_at).date() <= day:
            return "revoked"
        if self.superseded_by is not None and self.superseded_by.issued_on <= day:
            return "superseded"
        if day < self.issued_on:
            return "not_yet"
        if day > self.expires_on:
            return "expired"
        return "in_force"
