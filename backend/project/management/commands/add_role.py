"""`manage.py add_role 0912345678 helper seller:1`: one more person at a place that is there; `end_role` takes it back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from backend.accounts.models import Membership
from backend.accounts.services import grant_role
from backend.common.errors import MarketError
from backend.project.management.told import describe, find_person, invitation_line, invite_person

ACTOR = "system:add_role"


class Command(BaseCommand):
    """A second farmer, a helper, an officer, another manager: with an account of their own, or invited to one.

    A role that they hold already changes nothing.
    """

    help = "Thêm một vai trò cho một người. / Gives somebody a role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="0912…, a@b.vn, user:5")
        parser.add_argument("role", choices=Membership.Role.values)
        parser.add_argument("place", help="commune:31333, market:1, seller:1, stall:1")
        parser.add_argument(
            "--invite", default="", metavar="NAME", help="mở tài khoản mới / for a new account"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        scope, _, scope_id = options["place"].partition(":")
        invited = ""
        try:
            with transaction.atomic():
                if options["invite"]:
                    person = invite_person("person", options["person"], options["invite"], actor=ACTOR)
                    invited = invitation_line(person, actor=ACTOR)
                else:
                    person = find_person("person", options["person"])
                grant_role(actor=ACTOR, user=person, role=options["role"], scope=scope, scope_id=scope_id)
        except MarketError as refusal:
            raise CommandError(f"{options['role']} {options['place']}: {refusal}") from None
        self.stdout.write(describe(person))
        if invited:
            self.stdout.write(invited)
