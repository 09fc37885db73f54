"""What an operator of a real market changes after its first day, by the commands that docs/deploy.md names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import CommandError
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from backend.accounts.models import Membership, Seller, User
from backend.commerce.values import Product
from backend.common import clock
from backend.common.models import AuditEntry, Delivery
from backend.common.money import vnd
from backend.common.outbox import Event, consumer, emit, registry, relay
from backend.markets.models import Market, Stall
from backend.markets.queries import get_charge
from backend.markets.services import open_charge
from backend.ocop.models import Certificate
from backend.project.run import welcome
from devices.soundboxes.models import Command, Soundbox
from payments.feeds.models import FeedConnection
from tests.storefront.test_real_market import SELLER, STALL, accept, opened, run, tell

__all__ = ["opened"]

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNT = "0011098765432"


def a_stall_with_a_feed(settings: Settings) -> tuple[Stall, str, str]:
    """The stall, the feed's address and its key."""
    owner = run(*STALL)[0].split()[0]
    run(
        *("set_payee", owner, "--bank", "Vietcombank", "--account", ACCOUNT),
        *("--account-name", "TRAN THI BAY"),
    )
    said = run("add_feed", "sepay", "--account", f"Vietcombank:{ACCOUNT}")
    assert said[0].startswith(f"feed:{FeedConnection.objects.get().pk} ")
    hook, secret = (line.rpartition(" ")[2] for line in said)
    return Stall.objects.get(), hook.removeprefix(settings.PUBLIC_URL), secret


def vendor_of(stall: Stall) -> Client:
    vendor = User.objects.get(
        pk=Membership.objects.get(scope="stall", scope_id=str(stall.pk), role="vendor").user_id
    )
    client = Client()
    client.force_login(vendor)
    return client


def test_a_feed_that_is_stopped_is_not_heard_and_the_vendor_confirms_by_hand_again(opened: Settings) -> None:
    stall, hook, secret = a_stall_with_a_feed(opened)
    vendor = vendor_of(stall)
    charge = open_charge(key="k", stall_id=stall.pk, amount=vnd(50_000), note="", actor="test")
    door, name = f"/sap/thu/{charge.id}/", f"feed:{FeedConnection.objects.get().pk}"
    assert f'action="{door}tien/"' not in vendor.get(door).content.decode()

    assert "đã ngừng" in run("stop_feed", name)[0]
    reference = charge.intent.reference
    assert tell(hook, secret, account=ACCOUNT, amount=50_000, reference=reference) == 404
    assert f'action="{door}tien/"' in vendor.get(door).content.decode()
    vendor.post(f"{door}tien/", {"amount": "50000"})
    assert (get_charge(charge.id).received, get_charge(charge.id).intent.by_hand) == (vnd(50_000), True)

    assert "không có gì đổi" in run("stop_feed", name)[0]
    assert "nghe lại" in run("stop_feed", name, "--again")[0]
    second = open_charge(key="l", stall_id=stall.pk, amount=vnd(60_000), note="", actor="test")
    assert tell(hook, secret, account=ACCOUNT, amount=60_000, reference=second.intent.reference) == 201
    assert get_charge(second.id).received == vnd(60_000)
    done = AuditEntry.objects.filter(actor="system:stop_feed").order_by("pk")
    assert [(each.action, each.subject) for each in done] == [
        ("feed_deactivated", name),
        ("feed_activated", name),
    ]


def test_an_account_of_a_stopped_feed_may_be_reported_by_another(opened: Settings) -> None:
    stall, _hook, _secret = a_stall_with_a_feed(opened)
    again = ("add_feed", "sepay", "--name", "mới", "--account", f"Vietcombank:{ACCOUNT}")
    with pytest.raises(CommandError, match="đã có một nguồn báo khác"):
        run(*again)
    assert FeedConnection.objects.count() == 1
    run("stop_feed", str(FeedConnection.objects.get().pk))
    hook, secret = (line.rpartition(" ")[2] for line in run(*again))
    charge = open_charge(key="k", stall_id=stall.pk, amount=vnd(50_000), note="", actor="test")
    told = tell(
        hook.removeprefix(opened.PUBLIC_URL),
        secret,
        account=ACCOUNT,
        amount=50_000,
        reference=charge.intent.reference,
    )
    assert (told, get_charge(charge.id).received) == (201, vnd(50_000))


def test_a_feeds_key_is_changed_without_losing_a_report(opened: Settings) -> None:
    stall, hook, old = a_stall_with_a_feed(opened)
    name = f"feed:{FeedConnection.objects.get().pk}"

    def reported(secret: str) -> int:
        charge = open_charge(
            key=f"{secret}{AuditEntry.objects.count()}",
            stall_id=stall.pk,
            amount=vnd(50_000),
            note="",
            actor="test",
        )
        status = tell(hook, secret, account=ACCOUNT, amount=50_000, reference=charge.intent.reference)
        assert get_charge(charge.id).received == vnd(50_000 if status == 201 else 0)
        return status

    new = run("rotate_feed", name)[-1].rpartition(" ")[2]
    assert (reported(old), reported(new)) == (201, 201), "both are believed until the old one is ended"
    with pytest.raises(CommandError, match="Khóa cũ của lần đổi trước"):
        run("rotate_feed", name)
    assert reported(old) == 201, "a refusal changes nothing"
    assert "chỉ còn khóa mới" in run("rotate_feed", name, "--end")[0]
    assert (reported(old), reported(new)) == (401, 201)
    assert "không có gì đổi" in run("rotate_feed", name, "--end")[0]
    done = AuditEntry.objects.filter(actor="system:rotate_feed").order_by("pk")
    assert [each.action for each in done] == ["feed_secret_rotated", "feed_rotation_ended"]
    assert all(new not in str(each.data) and old not in str(each.data) for each in AuditEntry.objects.all())


@pytest.mark.parametrize("command", ["stop_feed", "rotate_feed"])
def test_a_feed_that_there_is_not_is_named_with_those_that_there_are(opened: Settings, command: str) -> None:
    a_stall_with_a_feed(opened)
    with pytest.raises(CommandError, match=r"feed:99: .*feed:\d+ sepay"):
        run(command, "feed:99")


# --- people -----------------------------------------------------------------------------------------------------------


def test_more_people_are_added_to_what_is_there(opened: Settings) -> None:
    seller = run(*SELLER)[0].split()[0]
    described, link = run("add_role", "0900000011", "helper", seller, "--invite", "Lê Thị Giúp")
    assert described.startswith("Lê Thị Giúp (")
    helper, _link = accept(link, opened)
    assert helper.get(f"/ban-hang/{seller.partition(':')[2]}/").status_code == 200

    market = Market.objects.get()
    for role, place in (("officer", f"commune:{market.commune_id}"), ("manager", f"market:{market.pk}")):
        assert len(run("add_role", "0900000011", role, place)) == 1
    again = run("add_role", "0900000011", "helper", seller)
    person = User.objects.get(phone="+84900000011")
    held = Membership.objects.filter(user=person, ended_at=None).values_list("role", flat=True)
    assert sorted(held) == ["helper", "manager", "officer"]
    assert all(each in again[0] for each in ("Hộ Nguyễn Thị Sen", "Chợ Vị Tân"))
    assert AuditEntry.objects.filter(actor="system:add_role", action="role_granted").count() == 3


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("0900000011", "vendor", "seller:1", "--invite", "Ai Đó"), "vendor seller:1: "),
        (("0900000011", "helper", "seller:99", "--invite", "Ai Đó"), "helper seller:99: "),
        (("0900000011", "helper", "seller:1"), "person=0900000011: chưa có tài khoản"),
    ],
)
def test_a_role_that_does_not_fit_adds_nobody(opened: Settings, words: tuple[str, ...], reason: str) -> None:
    run(*SELLER)
    before = User.objects.count(), Membership.objects.count()
    with pytest.raises(CommandError) as refusal:
        run("add_role", *words)
    assert str(refusal.value).startswith(reason)
    assert (User.objects.count(), Membership.objects.count()) == before


# --- stars ------------------------------------------------------------------------------------------------------------

DECISION = (
    *("--number", "01/OCOP-CT", "--decision", "1234/QĐ-UBND", "--stars", "4"),
    *("--issuer", "UBND thành phố Cần Thơ", "--issued", "03/04/2026"),
)


def test_a_certificate_brings_stars_and_its_revocation_takes_them(
    opened: Settings, make_good: Callable[..., Product]
) -> None:
    seller = run(*SELLER)[0].split()[0]
    good = make_good(Seller.objects.get(), "Nấm linh chi", 350_000, 5)
    page = f"/hang/{good.slug}/"
    assert "1234/QĐ-UBND" not in Client().get(page).content.decode()
    said = run("add_certificate", seller, *DECISION, "--product", page)
    assert said == ["01/OCOP-CT: Nấm linh chi, ★★★★, Hộ Nguyễn Thị Sen; 03/04/2026 → 03/04/2029"]
    assert run("add_certificate", seller, *DECISION, "--product", good.slug) == said, "a repeat adds nothing"
    assert Certificate.objects.count() == 1
    shown = Client().get(page).content.decode()
    assert "OCOP 4 sao" in shown
    assert "1234/QĐ-UBND" in shown

    assert "sao không còn hiện" in run("revoke_certificate", "01/OCOP-CT", "--reason", "QĐ 5/QĐ-UBND")[0]
    assert "1234/QĐ-UBND" not in Client().get(page).content.decode()
    assert "không có gì đổi" in run("revoke_certificate", "01/OCOP-CT", "--reason", "lý do khác")[0]
    assert Certificate.objects.get().revoked_reason == "QĐ 5/QĐ-UBND"
    done = AuditEntry.objects.filter(subject=f"certificate:{Certificate.objects.get().pk}").order_by("pk")
    assert [(each.actor, each.action) for each in done] == [
        ("system:add_certificate", "ocop.certificate_granted"),
        ("system:revoke_certificate", "ocop.certificate_revoked"),
    ]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (("--product", "khong-co"), "--product=khong-co"),
        ((), "tên sản phẩm"),
        (("--product-name", "Nấm", "--issued", "31/02/2026"), "--issued=31/02/2026"),
        (("--product-name", "Nấm", "--stars", "5"), "5 sao"),
        (("--product-name", "Nấm", "--scan", "/khong/co.pdf"), "--scan="),
    ],
)
def test_a_certificate_with_a_wrong_word_is_not_entered(
    opened: Settings, changed: tuple[str, ...], reason: str
) -> None:
    seller = run(*SELLER)[0].split()[0]
    with pytest.raises(CommandError, match=reason):
        run("add_certificate", seller, *DECISION, *changed)
    with pytest.raises(CommandError, match="không có trong sổ"):
        run("revoke_certificate", "01/OCOP-CT", "--reason", "x")
    assert not Certificate.objects.exists()


# --- boxes ------------------------------------------------------------------------------------------------------------


def test_a_box_speaks_as_its_region_does_until_it_is_taken_out_of_use(opened: Settings) -> None:
    stall, hook, secret = a_stall_with_a_feed(opened)
    run("add_soundbox", "loa-a12", "--stall", "A12", "--say", "linh,ngàn")

    def heard(amount: int) -> list[str]:
        charge = open_charge(key=str(amount), stall_id=stall.pk, amount=vnd(amount), note="", actor="test")
        tell(hook, secret, account=ACCOUNT, amount=amount, reference=charge.intent.reference)
        return list(Command.objects.filter(subject=charge.id).values_list("text", flat=True))

    assert heard(105_000) == ["Đã nhận một trăm linh năm ngàn đồng"]
    assert run("set_soundbox", "loa-a12", "--say", "bốn", "--volume", "60") == [
        "loa-a12: lẻ, bốn, nghìn, tỷ; 60 %"
    ]
    assert heard(24_000) == ["Đã nhận hai mươi bốn nghìn đồng"]
    with pytest.raises(CommandError, match="--say=bốn,tư"):
        run("set_soundbox", "loa-a12", "--say", "bốn,tư", "--volume", "10")
    assert Soundbox.objects.get().volume == 60

    assert "đã ngừng dùng" in run("revoke_soundbox", "loa-a12")[0]
    run("revoke_soundbox", "loa-a12")
    assert heard(34_000) == []
    with pytest.raises(CommandError, match="loa-b1"):
        run("revoke_soundbox", "loa-b1")
    assert AuditEntry.objects.filter(action="soundbox_revoked").count() == 1


# --- what stands still ------------------------------------------------------------------------------------------------


def test_what_failed_ten_times_is_named_and_can_be_tried_again(
    opened: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    assert run("outbox") == ["Không có gì chờ. / Nothing waits."]
    broken = [True]

    @consumer("test.mail", events={"thing_happened"}, in_transaction=False)
    def handle(event: Event) -> None:
        if broken:
            raise ConnectionRefusedError("the mail server is down")

    try:
        with transaction.atomic():
            emit("thing_happened", "thing:1", {})
        for _try in range(relay.MOST_ATTEMPTS):
            assert "parked" not in caplog.text
            Delivery.objects.update(next_at=clock.now())
            relay.run_once("worker")
        assert (
            "parked: test.mail on thing_happened thing:1; a person is needed: manage.py outbox" in caplog.text
        )
        parked = Delivery.objects.get()
        name, why = run("outbox")
        assert name.startswith(f"{parked.pk} ")
        assert name.endswith(" test.mail: thing_happened thing:1")
        assert why.strip() == "ConnectionRefusedError: the mail server is down"
        with pytest.raises(CommandError, match="--again=0"):
            run("outbox", "--again", "0")

        broken.clear()
        assert relay.run_once("worker") == 0, "by itself it stays"
        assert run("outbox", "--again", str(parked.pk)) == ["Thử lại 1 việc. / Trying 1 again."]
        assert relay.run_once("worker") == 1
        assert run("outbox") == ["Không có gì chờ. / Nothing waits."]
        assert AuditEntry.objects.get(actor="system:outbox").subject == f"delivery:{parked.pk}"
    finally:
        registry.forget("test.mail")


# --- mail -------------------------------------------------------------------------------------------------------------


def test_a_real_market_says_that_its_mails_reach_nobody_until_they_do(opened: Settings) -> None:
    opened.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    opened.EMAIL_FILE_PATH = "/cho/cho-that/mail"
    said = welcome()
    assert "chỉ được ghi vào /cho/cho-that/mail, không đến tay ai: đặt EMAIL_URL" in said
    assert "set EMAIL_URL (docs/settings.md)" in said
    opened.DEMO = True
    assert "EMAIL_URL" not in welcome(), "a demo's people are invented"
    opened.DEMO, opened.EMAIL_BACKEND = False, "django.core.mail.backends.smtp.EmailBackend"
    assert "EMAIL_URL" not in welcome()
