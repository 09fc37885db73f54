"""Fills an empty market with the demo: people, goods, certificates, markets, stalls, accounts, sound boxes.

Everything goes through the same services as in a real market. Each step may be repeated: what is there is
left alone, so that a filling that was cut short is taken up again. Once all is there, a mark in the audit
log says so, and a later call only writes the files for the demo bank and the sound boxes anew (their
addresses change with PORT).
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.urls import reverse

from backend.accounts.models import Membership, Seller, User
from backend.accounts.phones import parse_phone
from backend.accounts.services import create_seller, grant_role
from backend.commerce import shop
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.common import audit, clock
from backend.common.models import AuditEntry
from backend.common.money import Money
from backend.common.outbox import relay
from backend.common.secrets import unseal
from backend.common.text import slugify
from backend.markets.models import Market, Stall
from backend.markets.services import create_market, create_stall, create_zone
from backend.ocop.services import grant_certificate, register_producer
from backend.places.models import Commune
from backend.project.demo.reading import Demo, GoodEntry, PersonEntry, SellerEntry, read_demo
from backend.sales.pictures import set_picture
from backend.sales.services import set_terms
from devices.mqtt.accounts import check_secret
from devices.mqtt.contract import base_topic
from devices.soundboxes.models import Soundbox
from devices.soundboxes.services import NewSecret, register_soundbox, renew_secret
from payments.feeds.demo import waiting_token
from payments.feeds.models import FeedConnection
from payments.feeds.services import link_account, open_connection
from payments.payees.services import set_payee

ACTOR: Final = "system:demo"
PASSWORD: Final = "cho-xa-demo"  # noqa: S105 - known to everybody, and only ever set where DEMO=1
BEGUN: Final = "demo.begun"
SEEDED: Final = "demo.seeded"
FEED_NAME: Final = "Ngân hàng thử"
VOLUME: Final = 80
THREADS: Final = 2
"""The engine encodes one picture at a time in a process; meanwhile the other thread writes what it has."""
ROLES: Final = {
    "farmer": "nông dân / farmer",
    "vendor": "tiểu thương / vendor",
    "manager": "quản lý chợ / market manager",
    "officer": "cán bộ xã / officer",
    "buyer": "người mua / buyer",
}


class DemoOnly(Exception):
    """This is no demo: DEMO=1 is not set."""


class NotEmpty(Exception):
    """People who are not of the demo are known here already."""


class Out(Protocol):
    """Where progress is told: a file, or a command's stdout."""

    def write(self, text: str, /) -> object: ...


def seed(stdout: Out) -> None:
    """Fill the market with the demo, or complete what is missing of it; tell progress on ``stdout``.

    Must not run inside a transaction.
    Raises DemoOnly unless DEMO=1, and NotEmpty in a market that somebody opened for real: it creates
    passwords that everybody knows.
    """
    if not settings.DEMO:
        raise DemoOnly
    if not _is_complete():
        if not is_demo():
            if User.objects.exists():
                raise NotEmpty
            with transaction.atomic():
                audit.record(ACTOR, BEGUN, "market")
        _fill(read_demo(), stdout)
    tell_programs()


def is_demo() -> bool:
    """Whether this market was filled with the demo, be it in part; its passwords are known to everybody."""
    return AuditEntry.objects.filter(action=BEGUN).exists()


def _is_complete() -> bool:
    return AuditEntry.objects.filter(action=SEEDED).exists()


def _fill(demo: Demo, stdout: Out) -> None:
    begun = time.monotonic()
    sellers = {each.slug: _seller(each) for each in demo.sellers}
    _markets(demo)
    _feed(demo, sellers)
    _people(demo.people, sellers)
    stdout.write(
        f"  {len(sellers)} người bán, {Stall.objects.count()} sạp / {len(sellers)} sellers, "
        f"{Stall.objects.count()} stalls\n"
    )
    goods = _goods(demo.goods, sellers)
    stdout.write(f"  {len(goods)} món hàng có ảnh / {len(goods)} goods with pictures\n")
    _certificates(demo, sellers, goods)
    while relay.run_once("worker"):
        pass  # so that the shelves are full before the first visitor comes
    with transaction.atomic():
        audit.record(ACTOR, SEEDED, "market", goods=len(goods))
    stdout.write(f"  {time.monotonic() - begun:.1f} s\n")


# --- people who sell ---


def _seller(entry: SellerEntry) -> Seller:
    seller = Seller.objects.filter(slug=entry.slug).first() or create_seller(
        actor=ACTOR,
        name=entry.name,
        kind=entry.kind,
        commune=Commune.objects.get(pk=entry.commune),
        hamlet=entry.hamlet,
        street=entry.street,
        phone=entry.phone,
        email=entry.email,
        about=entry.story,
        registration_number=entry.registration_number,
    )
    payee = entry.payee
    set_payee(owner=seller.owner, bin=payee.bin, account=payee.account, account_name=payee.name, actor=ACTOR)
    terms = entry.terms
    set_terms(
        seller_id=seller.pk,
        courier_vnd=terms.courier_vnd,
        free_from_vnd=terms.free_from_vnd,
        pickup=terms.pickup,
        cash=terms.cash,
        actor=ACTOR,
    )
    register_producer(seller=seller, representative=entry.representative, actor=ACTOR)
    if entry.picture is not None:
        set_picture(seller_id=seller.pk, content=entry.picture.read_bytes(), actor=ACTOR)
    return seller


def _people(entries: Sequence[PersonEntry], sellers: dict[str, Seller]) -> None:
    # One hash for all: a million rounds for each of seven people would be a third of the seeding.
    password = make_password(PASSWORD)
    for entry in entries:
        phone = parse_phone(entry.phone)
        person = User.objects.filter(phone=phone).first() or User.objects.create(
            phone=phone, name=entry.name, password=password
        )
        scope = _scope(entry, sellers)
        if scope is not None:
            grant_role(actor=ACTOR, user=person, role=entry.role, scope=scope[0], scope_id=scope[1])


def _scope(entry: PersonEntry, sellers: dict[str, Seller]) -> tuple[str, str | int] | None:
    if entry.seller:
        return Membership.Scope.SELLER, sellers[entry.seller].pk
    if entry.stall:
        return Membership.Scope.STALL, Stall.objects.get(market__name=entry.market, code=entry.stall).pk
    if entry.market:
        return Membership.Scope.MARKET, Market.objects.get(name=entry.market).pk
    if entry.commune:
        return Membership.Scope.COMMUNE, entry.commune
    return None


# --- markets, money, voices ---


def _markets(demo: Demo) -> None:
    for entry in demo.markets:
        market = create_market(actor=ACTOR, name=entry.name, commune=Commune.objects.get(pk=entry.commune))
        zones = {name: create_zone(actor=ACTOR, market=market, name=name) for name in entry.zones}
        for each in entry.stalls:
            stall = create_stall(
                actor=ACTOR,
                market=market,
                code=each.code,
                vendor_name=each.vendor,
                goods=each.goods,
                zone=zones[each.zone],
            )
            set_payee(
                owner=stall.owner, bin=each.bin, account=each.account, account_name=each.name, actor=ACTOR
            )


def _connection() -> FeedConnection:
    """The demo bank's connection, opened when it is not there."""
    if not FeedConnection.objects.filter(name=FEED_NAME).exists():
        open_connection(provider="sepay", name=FEED_NAME, secret=os.urandom(24).hex(), actor=ACTOR)
    return FeedConnection.objects.get(name=FEED_NAME)


def _feed(demo: Demo, sellers: dict[str, Seller]) -> None:
    feed = _connection()
    accounts = [(each.payee.bin, each.payee.account) for each in demo.sellers if each.feed]
    accounts += [(each.bin, each.account) for market in demo.markets for each in market.stalls]
    for bin_, account in accounts:
        link_account(connection_id=feed.pk, bin=bin_, account=account, actor=ACTOR)


# --- goods ---


def _goods(entries: Sequence[GoodEntry], sellers: dict[str, Seller]) -> dict[str, Product]:
    """The goods by slug of their entry, each with its picture."""
    categories = {each.slug: each.id for each in shop().categories()}
    present = {
        variant.sku: product
        for seller in sellers.values()
        for product in _products_of(str(seller.pk))
        for variant in product.variants
    }

    def put(entry: GoodEntry) -> Product:
        try:
            product = present.get(entry.sku) or shop().create_product(
                key=f"demo:{entry.slug}",
                draft=_draft(entry, sellers[entry.seller], categories[entry.category]),
            )
            if product.images:
                return product
            return shop().add_image(
                key=f"demo:{entry.slug}:picture",
                product_id=product.id,
                content=entry.picture.read_bytes(),
                alt=f"Tranh vẽ: {entry.name}, {entry.unit}",
            )
        finally:
            connection.close()  # this thread's own

    with ThreadPoolExecutor(THREADS, thread_name_prefix="seed") as pool:
        return dict(zip((each.slug for each in entries), pool.map(put, entries), strict=True))


def _products_of(seller_id: str) -> list[Product]:
    found: list[Product] = []
    after: str | None = None
    while True:
        page = shop().products_page(seller_id=seller_id, after=after)
        found += page.items
        after = page.next
        if after is None:
            return found


def _draft(entry: GoodEntry, seller: Seller, category_id: str) -> ProductDraft:
    variants = tuple(
        VariantDraft(
            unit=each.unit,
            price=Money(each.price_vnd),
            quantity=each.stock,
            weight_g=each.weight_g,
            sku=each.sku,
            gtin=each.gtin,
        )
        for each in (entry, *entry.sizes)
    )
    return ProductDraft(
        name=entry.name,
        seller_id=str(seller.pk),
        category_id=category_id,
        variants=variants,
        description=entry.description,
        label=label_of(entry, seller),
    )


def label_of(entry: GoodEntry, seller: Seller) -> dict[str, str]:
    """The label as law wants it shown: what the data file says, the day of making, and who made it where.

    Source: Nghị định 37/2026/NĐ-CP điều 42 and phụ lục I; dates as in điều 46 (day, month, year).
    """
    label = dict(entry.label)
    if entry.made_days_ago is not None:
        made_on = clock.today() - timedelta(days=entry.made_days_ago)
        label["made_on"] = made_on.strftime("%d/%m/%Y")
    commune = seller.commune
    label["producer"] = seller.name
    label["producer_address"] = ", ".join(
        part for part in (seller.street, seller.hamlet, str(commune), commune.province.name) if part
    )
    return label


def _certificates(demo: Demo, sellers: dict[str, Seller], goods: dict[str, Product]) -> None:
    seller_of = {each.slug: sellers[each.seller] for each in demo.goods}
    for entry in demo.certificates:
        product = goods[entry.product]
        grant_certificate(
            producer=register_producer(seller=seller_of[entry.product], actor=ACTOR),
            product_id=product.id,
            product_name=product.name,
            stars=entry.stars,
            number=entry.number,
            decision_number=entry.decision_number,
            issuer=entry.issuer,
            issuing_level=entry.issuing_level,
            issued_on=entry.issued_on,
            actor=ACTOR,
        )


# --- what the programs outside are told ---


def tell_programs() -> None:
    """Tell the demo bank, the sound boxes and who opens the market what each needs, in files of mode 0600.

    For every start, since PORT may be another one than the last time; does nothing in a market that is no
    demo, or not yet all of it. A sound box keeps the password that its file has, and gets a new one where that is lost.
    """
    if not settings.DEMO or not _is_complete():
        return
    demo = read_demo()
    folder = settings.DATA_DIR / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    here = f"http://127.0.0.1:{settings.PORT}"
    feed = _connection()
    bank = {
        "webhook_url": f"{here}/hooks/{feed.provider}/{feed.public_id}/",
        "secret": unseal(feed.secret_sealed),
        "waiting_url": here + reverse("demo-waiting"),
        "waiting_token": waiting_token(),
    }
    _write(folder / "bank.json", json.dumps(bank, indent=1))
    boxes = {
        "host": settings.MQTT_HOST,
        "port": settings.MQTT_PORT,
        "boxes": _boxes(demo, _passwords(folder / "soundboxes.json")),
    }
    _write(folder / "soundboxes.json", json.dumps(boxes, indent=1, ensure_ascii=False))
    logins = [f"  {each.phone}  {ROLES[each.role]}: {each.name}" for each in demo.people]
    head = f"Đăng nhập thử, mật khẩu / demo logins, password: {PASSWORD}"
    _write(folder / "welcome.txt", "\n".join([head, *logins]))


def _boxes(demo: Demo, passwords: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for entry in demo.markets:
        market = Market.objects.select_related("commune").get(name=entry.name, commune_id=entry.commune)
        for each in entry.stalls:
            if each.box:
                stall = market.stalls.get(code=each.code)
                secret = _secret_of(each.box, stall, market, passwords.get(each.box, ""))
                found.append(
                    {
                        "device": secret.device,
                        "password": secret.secret,
                        "topic": secret.topic,
                        "stall": stall.code,
                        "volume": VOLUME,
                    }
                )
    return found


def _secret_of(device: str, stall: Stall, market: Market, password: str) -> NewSecret:
    box = Soundbox.objects.filter(device=device).first()
    if box is None:
        return register_soundbox(
            device=device,
            owner=stall.owner,
            xa=slugify(market.commune.name),
            cho=market.slug,
            label=stall.code,
            volume=VOLUME,
            actor=ACTOR,
        )
    if check_secret(password, box.secret_hash):
        return NewSecret(device, base_topic(box.xa, box.cho, device), password)
    return renew_secret(device=device, actor=ACTOR)


def _passwords(path: Path) -> dict[str, str]:
    """What the last file said; nothing when there is none or it cannot be read."""
    try:
        boxes = json.loads(path.read_text(encoding="utf-8"))["boxes"]
        return {str(each["device"]): str(each["password"]) for each in boxes}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write(path: Path, content: str) -> None:
    """Replace the file in one step, so that a program that reads it meanwhile never sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content + "\n")
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
