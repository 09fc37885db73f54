"""`manage.py revoke_app app:3`: sends away a program that `create_app` let in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from backend.api.models import ApiApp
from backend.api.services import revoke_app

ACTOR: Final = "system:revoke_app"
MOST_TOLD: Final = 50


class Command(BaseCommand):
    """The program's token opens nothing from now on. A repeat changes nothing."""

    help = "Thu lại khóa của một chương trình. / Sends a program away: its token opens nothing any more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("app", help='app:3, hoặc tên / or its name: "Kho"')

    def handle(self, *args: Any, **options: Any) -> None:
        app = _find(options["app"])
        if revoke_app(actor=ACTOR, app_id=app.pk):
            self.stdout.write(f"{_line(app)}: đã thu lại khóa. / its token opens nothing any more.")
        else:
            self.stdout.write(
                f"{_line(app)}: đã thu lại từ trước, không có gì đổi. / had been sent away before, nothing changed."
            )


def _find(given: str) -> ApiApp:
    number = given.removeprefix("app:")
    if number.isascii() and number.isdecimal() and len(number) < 10:
        found = list(ApiApp.objects.filter(pk=int(number)))
    else:
        found = list(ApiApp.objects.filter(name=given))
        # Of several with one name the only one that may still come in is meant.
        found = [each for each in found if each.revoked_at is None] or found
    if len(found) == 1:
        return found[0]
    known = found or list(ApiApp.objects.filter(revoked_at=None).order_by("pk")[:MOST_TOLD])
    told = "; ".join(_line(each) for each in known) or "–"
    what = "nhiều chương trình cùng tên / several" if found else "không có chương trình này / no such program"
    raise CommandError(f"{given}: {what}. {told}")


def _line(app: ApiApp) -> str:
    return f"app:{app.pk} {app.name} ({', '.join(app.permissions) or '–'})"
