"""`manage.py revoke_certificate 12/OCOP --reason …`: the stars of a certificate end now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.common import clock
from backend.common.errors import MarketError
from backend.ocop.models import Certificate
from backend.ocop.services import revoke_certificate
from backend.project.management.told import MOST_CHOICES

ACTOR = "system:revoke_certificate"


class Command(BaseCommand):
    """The entry stays in the register, with why it ended. A repeat changes nothing."""

    help = "Thu hồi một giấy chứng nhận OCOP. / Revokes an OCOP certificate."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="số giấy chứng nhận / of the certificate")
        parser.add_argument(
            "--issuer", default="", help="khi hai nơi cấp cùng một số / where two gave the number"
        )
        parser.add_argument(
            "--reason", required=True, help="số quyết định thu hồi / of the decision that ends it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = Certificate.objects.filter(number=options["number"])
        if options["issuer"]:
            found = found.filter(issuer=options["issuer"])
        known = list(found.order_by("pk")[:MOST_CHOICES])
        if len(known) != 1:
            each = "; ".join(f"{one.number} --issuer {one.issuer!r}" for one in known)
            raise CommandError(f"{options['number']}: {each or 'không có trong sổ / not in the register'}")
        try:
            before = known[0].revoked_at
            certificate = revoke_certificate(
                certificate_id=known[0].pk, reason=options["reason"], actor=ACTOR
            )
        except MarketError as refusal:
            raise CommandError(str(refusal)) from None
        assert certificate.revoked_at is not None
        day = clock.local(certificate.revoked_at)
        told = (
            "đã thu hồi từ trước, không có gì đổi / had been revoked before, nothing changed"
            if before
            else "đã thu hồi, sao không còn hiện / revoked, its stars show no more"
        )
        self.stdout.write(f"{certificate.number} {certificate.product_name} ({day:%d/%m/%Y}): {told}.")
