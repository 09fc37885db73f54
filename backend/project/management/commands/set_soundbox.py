"""`manage.py set_soundbox loa-a12 --say linh,ngàn --volume 60`: how a sound box speaks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from backend.common.errors import MarketError
from backend.project.management.told import find_dialect
from devices.soundboxes.services import set_dialect, set_volume

ACTOR = "system:set_soundbox"


class Command(BaseCommand):
    """What is not named stays as it is; the words count from the next announcement on."""

    help = "Đổi cách nói hay âm lượng của loa. / Changes a sound box's words or volume."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("device", help="mã loa / device id, for example loa-a12")
        parser.add_argument("--say", help="lẻ|linh, tư|bốn, nghìn|ngàn, tỷ|tỉ: linh,ngàn")
        parser.add_argument("--volume", type=int, help="0…100")

    def handle(self, *args: Any, **options: Any) -> None:
        device, said = options["device"], []
        if options["say"] is None and options["volume"] is None:
            raise CommandError("--say, --volume: xin cho biết đổi gì / say what to change")
        try:
            with transaction.atomic():
                if options["say"] is not None:
                    dialect = find_dialect("--say", options["say"])
                    set_dialect(device=device, dialect=dialect, actor=ACTOR)
                    said.append(f"{dialect.zero_tens}, {dialect.four}, {dialect.thousand}, {dialect.billion}")
                if options["volume"] is not None:
                    set_volume(device=device, volume=options["volume"], actor=ACTOR)
                    said.append(f"{options['volume']} %")
        except MarketError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{device}: {'; '.join(said)}")
