from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from backend.catalogue.services import rebuild


class Command(BaseCommand):
    help = "Make the catalogue anew from the shop's goods. Pages stay readable meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{rebuild()} món trên kệ / goods on the shelf")
