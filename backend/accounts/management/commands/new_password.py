"""`manage.py new_password 0912345678`: for somebody who forgot theirs and has no e-mail address to reset it by."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.accounts.errors import BadPhone
from backend.accounts.models import User
from backend.accounts.phones import parse_phone
from backend.accounts.queries import roles_of
from backend.accounts.services import set_password


class Command(BaseCommand):
    """Asks for the new password twice in the terminal. Where several accounts share the number, asks which one.

    Whoever runs this holds the machine, and has made sure who stands before them: the market cannot.
    """

    help = "Đặt mật khẩu mới cho người quên mật khẩu. / Sets a new password for somebody who forgot theirs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", help="số điện thoại hoặc thư điện tử / phone or e-mail")

    def handle(self, *args: Any, **options: Any) -> None:
        if not sys.stdin.isatty():
            raise CommandError("Chạy lệnh này trong cửa sổ dòng lệnh. / Run this in a terminal.")
        person = self._choose(_people(options["login"]))
        while True:
            password = getpass.getpass("Mật khẩu mới / New password: ")
            try:
                validate_password(password, person)
            except ValidationError as problem:
                self.stdout.write(f"  {' '.join(problem.messages)}")
                continue
            if getpass.getpass("Nhập lại mật khẩu / Again: ") == password:
                break
            self.stdout.write("  Hai lần nhập chưa giống nhau. / The two differ.")
        set_password(actor="system:new_password", user=person, password=password)
        self.stdout.write("Đã đặt mật khẩu mới; các máy cũ phải đăng nhập lại. / The new password is set.")

    def _choose(self, people: list[User]) -> User:
        if not people:
            raise CommandError("Không có tài khoản nào như vậy. / No such account.")
        if len(people) == 1:
            self.stdout.write(_describe(people[0]))
            return people[0]
        for number, person in enumerate(people, 1):
            self.stdout.write(f"{number}. {_describe(person)}")
        picked = input("Số thứ tự / Number: ").strip()
        if not (picked.isascii() and picked.isdecimal() and 1 <= int(picked) <= len(people)):
            raise CommandError("Chưa chọn ai, chưa đổi gì. / Nobody chosen, nothing changed.")
        return people[int(picked) - 1]


def _people(login: str) -> list[User]:
    if "@" in login:
        return list(User.objects.filter(email=login.strip().lower()))
    try:
        return list(User.objects.filter(phone=parse_phone(login)).order_by("pk"))
    except BadPhone as refusal:
        raise CommandError(str(refusal)) from None


def _describe(person: User) -> str:
    roles = "; ".join(f"{role.role_name}, {role.scope_name}" for role in roles_of(person)) or "–"
    return f"{person.name} ({person.date_joined:%d/%m/%Y}): {roles}"
