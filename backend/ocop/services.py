"""What changes the register."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date
from typing import Final

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q

from backend.accounts.models import Seller
from backend.commerce import shop
from backend.common import audit, clock, outbox
from backend.common.ids import new_id
from backend.common.text import tidy
from backend.ocop.errors import (
    BadCertificate,
    BadScan,
    BadStars,
    CertificateNotFound,
    NotTheirProduct,
    NumberTaken,
    RevocationNeedsReason,
    WrongLevel,
)
from backend.ocop.models import Certificate, Producer

CERTIFICATE_CHANGED: Final = "certificate_changed"
VALID_MONTHS: Final = 36
"""148/QĐ-TTg: a recognition holds 36 months from the day of the decision."""
DISTRICTS_UNTIL: Final = date(2025, 7, 5)
"""1489/QĐ-TTg of 06/07/2025 moved three stars from the district to the province."""
SCAN_MEGABYTES: Final = 8
_SCAN_TYPES: Final = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}


def expiry_of(issued_on: date) -> date:
    """The last day of a certificate: the same day 36 months after its issue, or that month's last day.

    Source: Bộ luật Dân sự 2015 điều 147-148: the day of issue does not count, the period ends with the end
    of the matching day, and where the month lacks that day with its last one (29/02/2024 gives 28/02/2027).
    """
    months = issued_on.year * 12 + issued_on.month - 1 + VALID_MONTHS
    year, month = divmod(months, 12)
    return date(year, month + 1, min(issued_on.day, calendar.monthrange(year, month + 1)[1]))


def register_producer(*, seller: Seller, name: str = "", representative: str = "", actor: str) -> Producer:
    """The seller's entry in the register, made when there is none; an existing one is returned unchanged."""
    with transaction.atomic():
        producer, created = Producer.objects.get_or_create(
            seller=seller,
            defaults={"name": tidy(name) or seller.name, "representative": tidy(representative)},
        )
        if created:
            audit.record(actor, "ocop.producer_registered", f"producer:{producer.pk}", seller=seller.owner)
    return producer


def grant_certificate(
    *,
    producer: Producer,
    product_name: str,
    stars: int,
    number: str,
    decision_number: str,
    issuer: str,
    issuing_level: str,
    issued_on: date,
    actor: str,
    product_id: str = "",
    scan: bytes = b"",
) -> Certificate:
    """Enter a certificate into the register; it expires 36 months after ``issued_on``.

    ``product_id`` is the commerce port's id and must belong to the producer's own seller. Earlier
    certificates of that product give way to it on its day of issue. The same number from the same issuer
    with the same content again returns the first entry. Emits ``certificate_changed``. Must not be called
    inside a transaction, since it asks the port.
    Raises BadStars, WrongLevel, BadCertificate, NotTheirProduct, NumberTaken, BadScan.
    """
    facts = {
        "product_name": tidy(product_name),
        "number": tidy(number),
        "decision_number": tidy(decision_number),
        "issuer": tidy(issuer),
    }
    _check_facts(facts, stars=stars, level=issuing_level, issued_on=issued_on)
    if product_id:
        product = shop().products([product_id]).get(product_id)
        if product is None or product.seller_id != str(producer.seller_id):
            raise NotTheirProduct(producer=producer.name)
    suffix = _scan_type(scan) if scan else ""
    with transaction.atomic():
        # Serialises two grants to one producer, so that the later one sees the earlier.
        Producer.objects.select_for_update().get(pk=producer.pk)
        known = Certificate.objects.filter(issuer=facts["issuer"], number=facts["number"]).first()
        if known is not None:
            same = (
                known.producer_id == producer.pk
                and known.product_id == product_id
                and known.stars == stars
                and known.issued_on == issued_on
                and known.issuing_level == issuing_level
                and all(getattr(known, name) == value for name, value in facts.items())
            )
            if not same:
                raise NumberTaken(number=facts["number"])
            return known
        certificate = Certificate(
            producer=producer,
            product_id=product_id,
            stars=stars,
            issuing_level=issuing_level,
            issued_on=issued_on,
            expires_on=expiry_of(issued_on),
            **facts,
        )
        if scan:
            certificate.scan.save(f"{new_id()}.{suffix}", ContentFile(scan), save=False)
        certificate.save()
        if product_id:
            _give_way(certificate)
        audit.record(
            actor,
            "ocop.certificate_granted",
            f"certificate:{certificate.pk}",
            number=certificate.number,
            stars=stars,
            product_id=product_id,
            expires_on=certificate.expires_on.isoformat(),
        )
        _tell(certificate)
    return certificate


def revoke_certificate(*, certificate_id: int, reason: str, actor: str) -> Certificate:
    """Take the stars away from now on. A second revocation changes nothing and returns the first one's facts.

    Emits ``certificate_changed``. Raises CertificateNotFound, RevocationNeedsReason.
    """
    why = tidy(reason)[:300]
    if not why:
        raise RevocationNeedsReason()
    with transaction.atomic():
        changed = Certificate.objects.filter(pk=certificate_id, revoked_at__isnull=True).update(
            revoked_at=clock.now(), revoked_reason=why
        )
        certificate = Certificate.objects.filter(pk=certificate_id).first()
        if certificate is None:
            raise CertificateNotFound()
        if changed:
            audit.record(actor, "ocop.certificate_revoked", f"certificate:{certificate.pk}", reason=why)
            _tell(certificate)
    return certificate


def follow_products(products: Mapping[str, str]) -> int:
    """Certificates go with their goods to another shop (old id to new id); return how many.

    Belongs inside the transaction of the switch.
    """
    moved = 0
    rows = Certificate.objects.exclude(product_id="").order_by("pk")
    for pk, product_id in list(rows.values_list("pk", "product_id")):
        if product_id in products:
            moved += Certificate.objects.filter(pk=pk).update(product_id=products[product_id])
    return moved


def _check_facts(facts: dict[str, str], *, stars: int, level: str, issued_on: date) -> None:
    if isinstance(stars, bool) or stars not in {3, 4, 5}:
        raise BadStars()
    if level not in Certificate.Level.values:
        raise BadCertificate(what="cấp công nhận")
    for name, value in facts.items():
        words, limit = _FIELDS[name]
        if not value or len(value) > limit:
            raise BadCertificate(what=words)
    if (stars == 5) != (level == Certificate.Level.CENTRAL) or (
        level == Certificate.Level.DISTRICT and (stars != 3 or issued_on > DISTRICTS_UNTIL)
    ):
        raise WrongLevel(stars=stars, issued_on=issued_on.strftime("%d/%m/%Y"))


_FIELDS: Final = {
    "product_name": ("tên sản phẩm", 200),
    "number": ("số giấy chứng nhận", 60),
    "decision_number": ("số quyết định", 60),
    "issuer": ("cơ quan công nhận", 160),
}


def _scan_type(scan: bytes) -> str:
    if len(scan) <= SCAN_MEGABYTES * 1_000_000:
        for magic, suffix in _SCAN_TYPES.items():
            if scan.startswith(magic):
                return suffix
    raise BadScan(megabytes=SCAN_MEGABYTES)


def _give_way(certificate: Certificate) -> None:
    """Earlier certificates of the product point to the new one; to a later one it gives way itself."""
    others = Certificate.objects.filter(product_id=certificate.product_id).exclude(pk=certificate.pk)
    later = others.filter(issued_on__gt=certificate.issued_on).order_by("issued_on", "pk").first()
    if later is not None:
        certificate.superseded_by = later
        certificate.save(update_fields=["superseded_by"])
    earlier = others.filter(issued_on__lte=certificate.issued_on)
    earlier.filter(
        Q(superseded_by__isnull=True) | Q(superseded_by__issued_on__gt=certificate.issued_on)
    ).update(superseded_by=certificate)


def _tell(certificate: Certificate) -> None:
    ids = [certificate.product_id] if certificate.product_id else []
    outbox.emit(CERTIFICATE_CHANGED, f"certificate:{certificate.pk}", {"product_ids": ids})
