"""`manage.py add_certificate seller:1 …`: an OCOP certificate, from which alone stars come."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.commerce import shop
from backend.common.errors import MarketError
from backend.ocop.models import Certificate
from backend.ocop.services import SCAN_MEGABYTES, grant_certificate, register_producer
from backend.project.management.told import find_seller

ACTOR = "system:add_certificate"


class Command(BaseCommand):
    """Enters what the decision says, once. It counts for 36 months from its day; what was understood is printed.

    Whoever runs this has the decision before them. A product that is not sold here yet is entered by its name alone.
    """

    help = "Ghi một giấy chứng nhận OCOP. / Enters an OCOP certificate."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("seller", help="chủ thể / producer: seller:1")
        parser.add_argument("--number", required=True, help="số giấy chứng nhận / of the certificate")
        parser.add_argument("--decision", required=True, help="số quyết định / of the decision")
        parser.add_argument("--stars", required=True, type=int, help="3, 4, 5")
        parser.add_argument("--issuer", required=True, help="cơ quan công nhận / who recognised it")
        parser.add_argument("--level", default=Certificate.Level.PROVINCE, choices=Certificate.Level.values)
        parser.add_argument("--issued", required=True, metavar="DD/MM/YYYY", help="ngày quyết định / its day")
        parser.add_argument(
            "--product", default="", help="địa chỉ của món hàng: phần sau /hang/ / the part after /hang/"
        )
        parser.add_argument(
            "--product-name", default="", help="tên ghi trong quyết định / as it is named there"
        )
        parser.add_argument("--scan", type=Path, help="PDF, JPEG, PNG")

    def handle(self, *args: Any, **options: Any) -> None:
        seller = find_seller("seller", options["seller"])
        issued_on = _day("--issued", options["issued"])
        scan = b""
        try:
            good = shop().find_product(slug=_slug(options["product"])) if options["product"] else None
            if options["product"] and good is None:
                raise CommandError(f"--product={options['product']}: không có món hàng này / no such product")
            if options["scan"]:
                with options["scan"].open("rb") as file:
                    # One byte more than may be, so that a larger one is refused and not cut.
                    scan = file.read(SCAN_MEGABYTES * 1_000_000 + 1)
            certificate = grant_certificate(
                producer=register_producer(seller=seller, actor=ACTOR),
                product_name=options["product_name"] or (good.name if good else ""),
                product_id=good.id if good else "",
                stars=options["stars"],
                number=options["number"],
                decision_number=options["decision"],
                issuer=options["issuer"],
                issuing_level=options["level"],
                issued_on=issued_on,
                scan=scan,
                actor=ACTOR,
            )
        except MarketError as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as problem:
            raise CommandError(f"--scan={options['scan']}: {problem.strerror}") from None
        self.stdout.write(
            f"{certificate.number}: {certificate.product_name}, {'★' * certificate.stars}, {seller.name}; "
            f"{certificate.issued_on:%d/%m/%Y} → {certificate.expires_on:%d/%m/%Y}"
            f"{'' if certificate.product_id else ' (chưa gắn với món hàng nào / of no product sold here)'}"
        )


def _slug(given: str) -> str:
    """The last part of a product's address, however much of it was copied."""
    return given.strip().rstrip("/").rpartition("/")[2]


def _day(option: str, given: str) -> date:
    for style in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(given, style).date()  # noqa: DTZ007 - a day on paper has no zone
        except ValueError:
            continue
    raise CommandError(f"{option}={given}: ngày viết như 03/04/2026 / a day as 03/04/2026")
