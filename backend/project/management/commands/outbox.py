"""`manage.py outbox`: what could not be handed on and waits for a person; `--again 5` tries it once more."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.common import clock
from backend.common.outbox import relay

ACTOR = "system:outbox"


class Command(BaseCommand):
    """A mail, a report to the shop, an announcement that failed ten times stands still, and this says why.

    Mend the cause (the mail server, Saleor), then try again.
    """

    help = "Việc chợ không chuyển đi được. / What the market could not hand on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", metavar="NUMBER|all", default="", help="thử lại / try again")

    def handle(self, *args: Any, **options: Any) -> None:
        again = options["again"]
        waiting = relay.parked()
        if again:
            chosen = [each for each in waiting if again in {"all", str(each.pk)}]
            if not chosen and again != "all":
                raise CommandError(f"--again={again}: không có việc này / there is no such one")
            done = sum(relay.try_again(each.pk, actor=ACTOR) for each in chosen)
            self.stdout.write(f"Thử lại {done} việc. / Trying {done} again.")
            return
        for each in waiting:
            at = clock.local(each.parked_at) if each.parked_at else None
            self.stdout.write(
                f"{each.pk} {at:%d/%m/%Y %H:%M} {each.consumer}: {each.event.name} {each.aggregate}\n   {each.last_error}"
            )
        if not waiting:
            self.stdout.write("Không có gì chờ. / Nothing waits.")
