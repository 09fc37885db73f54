"""`manage.py add_stall`: a stall of a market, its vendor, and the sound box that speaks for it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from backend.accounts.models import Membership
from backend.accounts.services import grant_role
from backend.common.errors import MarketError
from backend.common.text import slugify, tidy
from backend.markets.errors import StallCodeTaken
from backend.markets.services import create_stall, create_zone
from backend.project.management.told import find_market, find_person, invitation_line, invite_person
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
        parser.add_argument(
            "--invite", default="", metavar="NAME", help="mở tài khoản mới / for a new account"
        )
        parser.add_argument("--soundbox", help="mã loa / device id, for example loa-a12")

    def handle(self, *args: Any, **options: Any) -> None:
        market = find_market(options["market"])
        owner = None
        if options["owner"] and not options["invite"]:
            owner = find_person("--owner", options["owner"])
        box = None
        invited = ""
        try:
            with transaction.atomic():
                zone = (
                    create_zone(actor=ACTOR, market=market, name=options["zone"]) if options["zone"] else None
                )
                if market.stalls.filter(code=tidy(options["code"]).upper()).exists():
                    raise StallCodeTaken(code=options["code"])
                stall = create_stall(
                    actor=ACTOR,
                    market=market,
                    code=options["code"],
                    vendor_name=options["vendor"],
                    goods=options["goods"],
                    zone=zone,
                )
                if options["owner"] and options["invite"]:
                    owner = invite_person("--owner", options["owner"], options["invite"], actor=ACTOR)
                    invited = invitation_line(owner, actor=ACTOR)
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
        if invited:
            self.stdout.write(invited)
        if box is not None:
            self.stdout.write(
                f"{box.device}: {box.topic}\nMật khẩu (chỉ hiện một lần) / password (shown once): {box.secret}"
            )
