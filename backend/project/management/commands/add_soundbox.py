"""`manage.py add_soundbox loa-a12 --stall A12`: a sound box for a stall that is there, or a new password for a box."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.common.errors import MarketError
from backend.common.text import slugify, tidy
from backend.project.management.told import find_dialect, find_market
from devices.soundboxes.services import register_soundbox, renew_secret

ACTOR = "system:add_soundbox"


class Command(BaseCommand):
    """The password is shown once and kept only hashed; with --renew the old one is refused from then on."""

    help = "Thêm loa báo tiền cho sạp. / Adds a sound box to a stall."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("device", help="mã loa / device id, for example loa-a12")
        parser.add_argument("--stall", help="số sạp / code of the stall")
        parser.add_argument("--market", help="khi có nhiều chợ / where there are several: slug")
        parser.add_argument("--volume", type=int, default=80, help="0…100")
        parser.add_argument("--say", default="", help="lẻ|linh, tư|bốn, nghìn|ngàn, tỷ|tỉ: linh,ngàn")
        parser.add_argument(
            "--renew", action="store_true", help="mật khẩu mới cho loa đã có / a new password"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["renew"]:
                box = renew_secret(device=options["device"], actor=ACTOR)
            else:
                market = find_market(options["market"])
                stall = market.stalls.filter(code=tidy(options["stall"] or "").upper()).first()
                if stall is None:
                    raise CommandError(
                        f"--stall={options['stall']}: {market.name} không có sạp này / no such stall"
                    )
                box = register_soundbox(
                    device=options["device"],
                    owner=stall.owner,
                    xa=slugify(market.commune.name),
                    cho=market.slug,
                    label=stall.code,
                    volume=options["volume"],
                    dialect=find_dialect("--say", options["say"]),
                    actor=ACTOR,
                )
        except MarketError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"{box.device}: {box.topic} ({settings.MQTT_HOST}:{settings.MQTT_PORT})\n"
            f"Mật khẩu (chỉ hiện một lần) / password (shown once): {box.secret}"
        )
