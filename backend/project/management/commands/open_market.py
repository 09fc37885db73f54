"""Opens a real market on an empty folder: which commune, who looks after it, what it is called."""

from __future__ import annotations

import getpass
import sys
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from backend.accounts.models import Membership, User
from backend.accounts.phones import parse_phone
from backend.accounts.services import create_person, grant_role
from backend.common.errors import MarketError
from backend.common.text import tidy
from backend.markets.models import Market
from backend.markets.services import create_market
from backend.places.models import Commune
from backend.places.queries import get_commune, resolve_commune
from backend.project import environment
from backend.project.management.told import MOST_CHOICES, find_commune

ACTOR: Final = "system:open_market"


class Command(BaseCommand):
    """Asks in the terminal for what the environment (MARKET_*) does not tell; nothing has a known default password.

    1. Refuses when a market or a person is there already.
    2. Commune, name, phone or e-mail, password, market's name: each checked as it comes.
    3. One transaction makes the person, the market and the two roles (administrator of the commune, manager of the
       market), or nothing.

    The address typed here counts as proved: who opens the market holds the machine.
    """

    help = "Mở chợ lần đầu: hỏi xã, người quản trị và tên chợ. / Opens a market for the first time."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists() or Market.objects.exists():
            raise CommandError("Chợ này đã mở rồi. / This market has been opened already.")
        commune = self._commune()
        name = tidy(settings.MARKET_ADMIN_NAME) or self._ask(
            "MARKET_ADMIN_NAME", "Họ tên người quản trị / Administrator's name"
        )
        login = self._login()
        password = self._password(User(name=name, **login))
        market_name = tidy(settings.MARKET_NAME) or self._ask(
            "MARKET_NAME", "Tên chợ / Market's name", default=f"Chợ {commune.name}"
        )
        try:
            with transaction.atomic():
                admin = create_person(actor=ACTOR, name=name, password=password, email_proved=True, **login)
                market = create_market(actor=ACTOR, name=market_name, commune=commune)
                grant_role(
                    actor=ACTOR,
                    user=admin,
                    role=Membership.Role.ADMIN,
                    scope=Membership.Scope.COMMUNE,
                    scope_id=commune.pk,
                )
                grant_role(
                    actor=ACTOR,
                    user=admin,
                    role=Membership.Role.MANAGER,
                    scope=Membership.Scope.MARKET,
                    scope_id=market.pk,
                )
        except MarketError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"Đã mở {market.name} ({commune.label}). / The market is open.")

    def _commune(self) -> Commune:
        if settings.MARKET_COMMUNE:
            return find_commune("MARKET_COMMUNE", settings.MARKET_COMMUNE)
        while True:
            typed = self._ask("MARKET_COMMUNE", "Xã, phường (gõ tên, mới hoặc cũ) / Commune")
            resolution = resolve_commune(typed, MOST_CHOICES)
            if resolution.commune is not None:
                self.stdout.write(f"  {resolution.commune.label}")
                return resolution.commune
            if not resolution.choices:
                self.stdout.write("  Chưa tìm thấy. Thử tên khác. / Not found.")
                continue
            for number, choice in enumerate(resolution.choices, 1):
                self.stdout.write(f"  {number}. {choice.label}{f' ({choice.note})' if choice.note else ''}")
            picked = self._ask("MARKET_COMMUNE", "Số thứ tự, hoặc để trống để gõ lại / Number", optional=True)
            if picked.isascii() and picked.isdecimal() and 1 <= int(picked) <= len(resolution.choices):
                return get_commune(resolution.choices[int(picked) - 1].code)

    def _login(self) -> dict[str, str]:
        given: str = settings.MARKET_ADMIN_LOGIN
        while True:
            typed = given or self._ask(
                "MARKET_ADMIN_LOGIN", "Số điện thoại hoặc thư điện tử để đăng nhập / Phone or e-mail"
            )
            try:
                if "@" in typed:
                    validate_email(typed)
                    return {"email": typed.lower()}
                return {"phone": parse_phone(typed)}
            except (MarketError, ValidationError) as problem:
                reason = "; ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
                if given:
                    raise CommandError(f"MARKET_ADMIN_LOGIN: {reason}") from None
                self.stdout.write(f"  {reason}")

    def _password(self, person: User) -> str:
        # Taken out of the environment, so that the programs started next do not inherit it.
        given = environment.take("MARKET_ADMIN_PASSWORD")
        if given:
            reasons = _weaknesses(given, person)
            if reasons:
                raise CommandError(f"MARKET_ADMIN_PASSWORD: {reasons}")
            return given
        self._need_terminal("MARKET_ADMIN_PASSWORD")
        while True:
            password = getpass.getpass("Mật khẩu / Password: ")
            reasons = _weaknesses(password, person)
            if reasons:
                self.stdout.write(f"  {reasons}")
            elif getpass.getpass("Nhập lại mật khẩu / Again: ") == password:
                return password
            else:
                self.stdout.write("  Hai lần nhập chưa giống nhau. / The two differ.")

    def _ask(self, variable: str, question: str, *, default: str = "", optional: bool = False) -> str:
        if default and not sys.stdin.isatty():
            return default
        self._need_terminal(variable)
        hint = f" [{default}]" if default else ""
        while True:
            try:
                answer = tidy(input(f"{question}{hint}: ")) or default
            except EOFError:
                raise CommandError("Chưa mở chợ: thiếu câu trả lời. / Not opened: no answer.") from None
            if answer or optional:
                return answer

    def _need_terminal(self, variable: str) -> None:
        if not sys.stdin.isatty():
            raise CommandError(
                f"Chợ chưa mở: đặt {variable} (xem docs/settings.md), hoặc chạy trong cửa sổ dòng lệnh. / "
                f"Set {variable} (see docs/settings.md), or run in a terminal."
            )


def _weaknesses(password: str, person: User) -> str:
    """Why this password will not do for ``person``, or ""."""
    try:
        validate_password(password, person)
    except ValidationError as problem:
        return " ".join(problem.messages)
    return ""
