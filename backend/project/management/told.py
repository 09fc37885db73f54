"""What the commands for operators have in common: whom and what the words on the command line mean."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email
from django.urls import reverse

from backend.accounts.invitations import invite
from backend.accounts.models import Seller, User
from backend.accounts.phones import parse_phone
from backend.accounts.queries import find_proved, roles_of
from backend.accounts.services import create_person
from backend.common.errors import MarketError
from backend.common.text import tidy
from backend.markets.models import Market
from backend.places.models import Commune
from backend.places.queries import get_commune, resolve_commune
from devices.speech import Dialect
from payments.banks import Bank, search
from payments.feeds.services import Connection, connections

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
            f"{option}={given}: chưa có tài khoản này, hãy đăng ký ở /dang-ky/ trước, hoặc mời bằng --invite. / "
            "No such account: let them sign up at /dang-ky/ first, or invite them by --invite."
        )
    each = "; ".join(f"{person.actor} {describe(person)}" for person in people)
    raise CommandError(f"{option}={given}: có {len(people)} tài khoản / several accounts. {each}")


def invite_person(option: str, given: str, name: str, *, actor: str) -> User:
    """A new account for somebody who has none, with no password yet. Raises CommandError.

    One who has proved this number or address has an account. A number that was merely typed excludes nobody, as at
    signing up: the new account stands beside it, and what is granted is granted to the new one.
    """
    email = given.strip().lower() if "@" in given else ""
    phone = "" if email else _phone(option, given)
    try:
        if email:
            validate_email(email)
        if not 2 <= len(tidy(name)) <= 120:
            raise CommandError("--invite: họ tên từ 2 đến 120 chữ / a name of 2 to 120 letters")
        if find_proved(phone=phone, email=email) is not None:
            raise CommandError(
                f"{option}={given}: đã có tài khoản này, bỏ --invite / they have an account, drop --invite"
            )
        return create_person(actor=actor, name=name, password=None, phone=phone, email=email)
    except ValidationError as problem:
        raise CommandError(f"{option}={given}: {' '.join(problem.messages)}") from None
    except MarketError as refusal:
        raise CommandError(f"{option}={given}: {refusal}") from None


def invitation_line(person: User, *, actor: str) -> str:
    """The link by which ``person`` sets their own password, with what to do with it."""
    link = f"{settings.PUBLIC_URL}{reverse('invitation', args=[invite(actor=actor, user=person)])}"
    return (
        f"Đưa cho {person.name} để tự đặt mật khẩu, dùng một lần, trong một tuần / "
        f"for them to set a password, once, within a week: {link}"
    )


def _phone(option: str, given: str) -> str:
    try:
        return parse_phone(given)
    except MarketError as problem:
        raise CommandError(f"{option}={given}: {problem}") from None


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


def find_seller(option: str, given: str) -> Seller:
    """By "seller:<id>". Raises CommandError, and names those who sell now."""
    number = given.removeprefix("seller:")
    found = (
        Seller.objects.filter(pk=int(number)).first()
        if number.isascii() and number.isdecimal() and len(number) < 10
        else None
    )
    if found is None:
        some = Seller.objects.filter(active=True).order_by("pk")[:MOST_CHOICES]
        known = "; ".join(f"{seller.owner} {seller.name}" for seller in some) or "–"
        raise CommandError(f"{option}={given}: không có người bán này / no such seller. {known}")
    return found


def find_feed(option: str, given: str) -> Connection:
    """By "feed:<id>". Raises CommandError, and names the feeds that there are."""
    feeds = connections()
    for feed in feeds:
        if given.removeprefix("feed:") == str(feed.id):
            return feed
    known = "; ".join(feed_line(feed) for feed in feeds[:MOST_CHOICES]) or "–"
    raise CommandError(f"{option}={given}: không có nguồn này / no such feed. {known}")


def feed_line(feed: Connection) -> str:
    """A feed as an operator names it, and knows it by."""
    return f"feed:{feed.id} {feed.name}{'' if feed.active else ' (đã ngừng / stopped)'}"


def find_dialect(option: str, given: str) -> Dialect:
    """From words such as "linh,ngàn"; what is not named is as usual. Raises CommandError, and names the words."""
    choices = {word: name for name, kind in get_type_hints(Dialect).items() for word in get_args(kind)}
    chosen: dict[str, Any] = {}
    for word in filter(None, (tidy(part) for part in given.split(","))):
        if word not in choices or choices[word] in chosen:
            raise CommandError(f"{option}={given}: {word}? {', '.join(choices)}")
        chosen[choices[word]] = word
    return Dialect(**chosen)


def find_market(slug: str | None) -> Market:
    """The market with this slug, or the only one. Raises CommandError, and names them."""
    markets = Market.objects.select_related("commune").filter(**({"slug": slug} if slug else {}))
    if len(markets) != 1:
        known = "; ".join(Market.objects.order_by("slug").values_list("slug", flat=True)[:MOST_CHOICES])
        raise CommandError(f"--market: {known or 'chưa mở chợ nào / no market: manage.py open_market'}")
    return markets[0]
