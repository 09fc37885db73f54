"""What the commands for operators have in common: whom and what the words on the command line mean."""

from __future__ import annotations

from django.core.management.base import CommandError

from backend.accounts.models import User
from backend.accounts.phones import parse_phone
from backend.accounts.queries import roles_of
from backend.common.errors import MarketError
from backend.places.models import Commune
from backend.places.queries import get_commune, resolve_commune
from payments.banks import Bank, search

MOST_CHOICES = 20


def find_commune(option: str, given: str) -> Commune:
    """A code of five digits, or a text with one meaning. Raises CommandError, with what it may have meant."""
    try:
        if len(given) == 5 and given.isascii() and given.isdecimal():
            return get_commune(given)
    except MarketError as unknown:
        raise CommandError(f"{option}={given}: {unknown}") from None
    resolution = resolve_commune(given, MOST_CHOICES)
    if resolution.commune is not None:
        return resolution.commune
    choices = "; ".join(f"{choice.code} {choice.label}" for choice in resolution.choices)
    raise CommandError(
        f"{option}={given}: chưa rõ xã nào / not one commune. {choices or 'Chưa tìm thấy / Not found.'}"
    )


def find_person(option: str, given: str) -> User:
    """By phone, by e-mail, or by "user:<id>" where several share a number. Raises CommandError, and names them."""
    if given.startswith("user:"):
        people = list(User.objects.filter(pk=int(given[5:]))) if given[5:].isdecimal() else []
    elif "@" in given:
        people = list(User.objects.filter(email=given.strip().lower()))
    else:
        try:
            people = list(User.objects.filter(phone=parse_phone(given)).order_by("pk"))
        except MarketError as problem:
            raise CommandError(f"{option}={given}: {problem}") from None
    if len(people) == 1:
        return people[0]
    if not people:
        raise CommandError(
            f"{option}={given}: chưa có tài khoản này, hãy đăng ký ở /dang-ky/ trước. / "
            "No such account: let them sign up at /dang-ky/ first."
        )
    each = "; ".join(f"{person.actor} {describe(person)}" for person in people)
    raise CommandError(f"{option}={given}: có {len(people)} tài khoản / several accounts. {each}")


def describe(person: User) -> str:
    """Name, day of signing up and roles, by which an operator knows somebody."""
    roles = "; ".join(f"{role.role_name}, {role.scope_name}" for role in roles_of(person)) or "–"
    return f"{person.name} ({person.date_joined:%d/%m/%Y}): {roles}"


def find_bank(option: str, given: str) -> Bank:
    """By BIN, code or name. Raises CommandError unless exactly one bank is meant."""
    found = search(given)
    if len(found) != 1:
        several = "; ".join(f"{bank.bin} {bank.short_name}" for bank in found[:MOST_CHOICES])
        raise CommandError(f"{option}={given}: {several or 'không có ngân hàng này / no such bank'}")
    return found[0]
