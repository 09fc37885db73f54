"""`manage.py seed_demo`: the demo market, where DEMO=1."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.project.demo.seeds import DemoOnly, NotEmpty, seed


class Command(BaseCommand):
    help = "Fill the market with demo people, goods, stalls and accounts. Needs DEMO=1; may be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            seed(self.stdout)
        except DemoOnly:
            raise CommandError(
                "Chỉ bày hàng mẫu khi DEMO=1, vì mật khẩu mẫu ai cũng biết. / Demo data needs DEMO=1, "
                "because everybody knows its passwords."
            ) from None
        except NotEmpty:
            raise CommandError(
                "Chợ này đã có người dùng thật nên không bày hàng mẫu vào: đặt DATA_DIR khác. / This market "
                "has people of its own; set another DATA_DIR for a demo."
            ) from None
