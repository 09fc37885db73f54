"""`manage.py add_seller`: a seller of a commune, who looks after its goods, and how these change hands."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from backend.accounts.models import Seller
from backend.accounts.services import check_new_seller, create_seller
from backend.common.errors import MarketError
from backend.ocop.services import register_producer
from backend.project.management.told import find_commune, find_person, invitation_line, invite_person
from backend.sales.services import set_terms

ACTOR = "system:add_seller"


class Command(BaseCommand):
    """Seller, its farmer, its terms and its entry as a producer: all of it, or nothing. Prints the seller's number.

    Whoever runs this has seen who the seller is. Where money goes is said by `set_payee` afterwards.
    """

    help = "Thêm một người bán. / Adds a seller."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--kind", required=True, choices=Seller.Kind.values)
        parser.add_argument("--commune", required=True, help="mã hoặc tên / code or name")
        parser.add_argument("--phone", required=True, help="người mua gọi số này / buyers call it")
        parser.add_argument("--owner", required=True, help="tài khoản / account: 0912…, a@b.vn, user:5")
        parser.add_argument(
            "--invite", default="", metavar="NAME", help="mở tài khoản mới / for a new account"
        )
        parser.add_argument("--email", default="", help="nghe tin đơn mới / hears of new orders")
        parser.add_argument("--street", default="")
        parser.add_argument("--hamlet", default="")
        parser.add_argument("--registration-number", default="")
        parser.add_argument("--representative", default="")
        parser.add_argument(
            "--courier-vnd", type=int, help="tiền giao hàng / price of delivery; none: no delivery"
        )
        parser.add_argument("--free-from-vnd", type=int, help="miễn phí giao từ / delivery is free from")
        parser.add_argument("--no-pickup", action="store_true", help="không nhận tại chỗ / no pick-up")
        parser.add_argument("--cash", action="store_true", help="nhận tiền mặt / takes cash at hand-over")

    def handle(self, *args: Any, **options: Any) -> None:
        commune = find_commune("--commune", options["commune"])
        invited = ""
        try:
            with transaction.atomic():
                check_new_seller(name=options["name"], commune=commune)
                if options["invite"]:
                    owner = invite_person("--owner", options["owner"], options["invite"], actor=ACTOR)
                    invited = invitation_line(owner, actor=ACTOR)
                else:
                    owner = find_person("--owner", options["owner"])
                seller = create_seller(
                    actor=ACTOR,
                    name=options["name"],
                    kind=options["kind"],
                    commune=commune,
                    hamlet=options["hamlet"],
                    street=options["street"],
                    phone=options["phone"],
                    email=options["email"],
                    registration_number=options["registration_number"],
                    owner=owner,
                )
                set_terms(
                    seller_id=seller.pk,
                    courier_vnd=options["courier_vnd"],
                    free_from_vnd=options["free_from_vnd"],
                    pickup=not options["no_pickup"],
                    cash=options["cash"],
                    actor=ACTOR,
                )
                register_producer(
                    seller=seller, representative=options["representative"] or owner.name, actor=ACTOR
                )
        except MarketError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{seller.owner} {seller.name} ({commune.label}): /ban-hang/{seller.pk}/")
        if invited:
            self.stdout.write(invited)
