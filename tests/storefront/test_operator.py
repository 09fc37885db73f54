"""What an operator of a real market changes after its first day, by the commands that docs/deploy.md names."""

from __future__ import annotations

import pytest
from django.core.management import CommandError
from django.test import Client
from pytest_django import Settings

from backend.accounts.models import Membership, User
from backend.common.models import AuditEntry
from backend.common.money import vnd
from backend.markets.models import Stall
from backend.markets.queries import get_charge
from backend.markets.services import open_charge
from payments.feeds.models import FeedConnection
from tests.storefront.test_real_market import STALL, opened, run, tell

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
