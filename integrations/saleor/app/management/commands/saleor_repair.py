from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.saleor.app.repair import repair


class Command(BaseCommand):
    help = "One pass of what the worker does every five minutes: find in Saleor what no webhook told."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SHOP_ENGINE != "saleor":
            raise CommandError("SHOP_ENGINE không phải saleor: không có gì để sửa theo Saleor.")
        for what, count in repair().items():
            self.stdout.write(f"{what}: {count}")
