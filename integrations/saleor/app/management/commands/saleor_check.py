from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.saleor.app import watch
from integrations.saleor.app.models import ShopWatch


class Command(BaseCommand):
    help = "Whether the Saleor behind the market answers, knows the market and is prepared; exit status 1 when not."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SHOP_ENGINE != "saleor":
            raise CommandError("SHOP_ENGINE không phải saleor: chợ dùng máy bán hàng của chính mình.")
        state = watch.watch()
        for line in watch.lines():
            self.stdout.write(line)
        if state != ShopWatch.OK:
            raise CommandError(watch.SAYS[state])
