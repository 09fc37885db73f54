"""`manage.py revoke_soundbox loa-a12`: takes back what `add_soundbox` gave."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.common.errors import MarketError
from devices.soundboxes.services import revoke_soundbox

ACTOR = "system:revoke_soundbox"


class Command(BaseCommand):
    """A lost or broken box is cut off and refused, for good: another one gets another id. A repeat changes nothing."""

    help = "Ngừng dùng một loa báo tiền. / Takes a sound box out of use."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("device", help="mã loa / device id, for example loa-a12")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            revoke_soundbox(device=options["device"], actor=ACTOR)
        except MarketError as refusal:
            raise CommandError(f"{options['device']}: {refusal}") from None
        self.stdout.write(f"{options['device']}: đã ngừng dùng. / out of use.")
