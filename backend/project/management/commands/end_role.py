"""`manage.py end_role 0912345678 farmer seller:1`: takes back a role that a command or a person gave."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.accounts.errors import RoleNotHeld
from backend.accounts.models import Membership
from backend.accounts.queries import roles_of
from backend.accounts.services import end_role
from backend.common.errors import MarketError
from backend.project.management.told import describe, find_person

ACTOR = "system:end_role"


class Command(BaseCommand):
    """The role ends; that it was held stays on record. A repeat changes nothing. A commune keeps its last
    administrator."""

    help = "Thu lại một vai trò. / Takes a role back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="0912…, a@b.vn, user:5")
        parser.add_argument("role", choices=Membership.Role.values)
        parser.add_argument("place", help="commune:31333, market:1, seller:1, stall:1")

    def handle(self, *args: Any, **options: Any) -> None:
        person, role = find_person("person", options["person"]), options["role"]
        scope, _, scope_id = options["place"].partition(":")
        where = f"{person.name}, {Membership.Role(role).label}, {scope}:{scope_id}"
        try:
            end_role(actor=ACTOR, user=person, role=role, scope=scope, scope_id=scope_id)
        except RoleNotHeld as refusal:
            before = Membership.objects.filter(user=person, role=role, scope=scope, scope_id=scope_id)
            if not before.exists():
                raise CommandError(f"{refusal} {_held(person)}") from None
            self.stdout.write(
                f"{where}: đã thôi từ trước, không có gì đổi. / had ended before, nothing changed."
            )
            return
        except MarketError as refusal:
            raise CommandError(f"{where}: {refusal} {_held(person)}") from None
        self.stdout.write(f"{where}: đã thôi vai trò này. / the role has ended.")
        self.stdout.write(describe(person))


def _held(person: Any) -> str:
    held = "; ".join(
        f"{each.role} {each.scope}:{each.scope_id} {each.scope_name}" for each in roles_of(person)
    )
    return f"Đang giữ / holds: {held or '–'}"
