"""`manage.py add_stall`: a stall of a market, its vendor, and the sound box that speaks for it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from backend.accounts.models import Membership
from backend.accounts.services import grant_role
from backend.common.errors import MarketError
from backend.common.text import slugify
from backend.markets.models import Market
from backend.markets.services import create_stall, create_zone
from backend.project.management.told import find_person
from devices.soundboxes.services import register_soundbox

ACTOR = "system:add_stall"


class Command(BaseCommand):
    """Stall, vendor and sound box: all of it, or nothing. The box's password is shown once and kept only hashed."""

    help = "Thêm một sạp, tiểu thương và loa báo tiền của sạp. / Adds a stall, its vendor and its sound box."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--market", help="khi có nhiều chợ / where there are several: slug")
        parser.add_argument("--code", required=True, help="A12")
        parser.add_argument("--vendor", required=True, help="tên trên sạp / name at the stall")
        parser.add_argument("--goods", default="")
        parser.add_argument("--zone", default="")
        parser.add_argument("--owner", help="tài khoản / account: 0912…, a@b.vn, user:5")
        parser.add_argument("--soundbox", help="mã loa / device id, for example loa-a12")

    def handle(self, *args: Any, **options: Any) -> None:
        market = self._market(options["market"])
        owner = find_person("--owner", options["owner"]) if options["owner"] else None
        box = None
        try:
            with transaction.atomic():
                zone = (
                    create_zone(actor=ACTOR, market=market, name=options["zone"]) if options["zone"] else None
                )
                stall = create_stall(
                    actor=ACTOR,
                    market=market,
                    code=options["code"],
                    vendor_name=options["vendor"],
                    goods=options["goods"],
                    zone=zone,
                )
                if owner is not None:
                    grant_role(
                        actor=ACTOR,
                        user=owner,
                        role=Membership.Role.VENDOR,
                        scope=Membership.Scope.STALL,
                        scope_id=stall.pk,
                    )
                if options["soundbox"]:
                    box = register_soundbox(
                        device=options["soundbox"],
                        owner=stall.owner,
                        xa=slugify(market.commune.name),
                        cho=market.slug,
                        label=stall.code,
                        actor=ACTOR,
                    )
        except MarketError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{stall.owner} {stall.code} {stall.vendor_name} ({market.name}): /sap/{stall.pk}/")
        if box is not None:
            self.stdout.write(
                f"{box.device}: {box.topic}\nMật khẩu (chỉ hiện một lần) / password (shown once): {box.secret}"
            )

    def _market(self, slug: str | None) -> Market:
        markets = Market.objects.select_related("commune").filter(**({"slug": slug} if slug else {}))
        if len(markets) != 1:
            known = "; ".join(Market.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(f"--market: {known or 'chưa mở chợ nào / no market: manage.py open_market'}")
        return markets[0]
