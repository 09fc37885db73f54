"""A market that is no demo: from an empty folder, by the operator's commands and people's own links, to the first money
at the desk and at the till.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image
from pytest_django import Settings

from backend.accounts.models import Membership, Seller, User
from backend.common import clock
from backend.common.models import AuditEntry
from backend.common.outbox import relay
from backend.markets.models import Stall
from devices.mqtt.accounts import check_secret
from devices.soundboxes.models import Command, Soundbox
from payments.feeds.models import FeedConnection
from payments.feeds.sepay.signature import sign
from tests.storefront.test_shop_pages import form_of

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
OWN = "một câu chỉ mình tôi biết"
_numbers = itertools.count(1)


def run(*words: str) -> list[str]:
    """What a command of the operator prints, line by line."""
    said = io.StringIO()
    call_command(*words, stdout=said)
    return said.getvalue().splitlines()


SELLER = (
    *("add_seller", "--name", "Hộ Nguyễn Thị Sen", "--kind", "household", "--commune", "Vị Tân, Cần Thơ"),
    *(
        "--phone",
        "0912345678",
        "--owner",
        "0912345678",
        "--invite",
        "Nguyễn Thị Sen",
        "--email",
        "sen@vi-du.vn",
    ),
    *("--courier-vnd", "25000", "--cash"),
)
STALL = (
    "add_stall",
    "--code",
    "a12",
    "--vendor",
    "Cô Bảy rau",
    "--owner",
    "0900000003",
    "--invite",
    "Trần Thị Bảy",
)
BOX = ("add_soundbox", "loa-a12", "--stall", "A12")


@pytest.fixture
def opened(settings: Settings, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Settings:
    """Just opened: a commune, a market, its administrator, and nobody and nothing else."""
    settings.DEMO = False
    settings.MARKET_COMMUNE, settings.MARKET_NAME = "31333", "Chợ Vị Tân"
    settings.MARKET_ADMIN_NAME, settings.MARKET_ADMIN_LOGIN = "Lê Văn Tư", "0987654321"
    monkeypatch.setenv("MARKET_ADMIN_PASSWORD", "mot-mat-khau-that-dai")
    run("open_market")
    return settings


def accept(line: str, settings: Settings) -> tuple[Client, str]:
    """Opens the link of `line` as the person does who was given it, and sets a password; the browser, and its link."""
    address = line.rpartition(" ")[2].removeprefix(settings.PUBLIC_URL)
    browser = Client()
    assert browser.get(address).status_code == 200
    weak = browser.post(address, {"password1": "12345678", "password2": "12345678"})
    assert weak.status_code == 422
    assert browser.post(address, {"password1": OWN, "password2": OWN}).headers["Location"] == "/toi/"
    return browser, address


def tell(path: str, secret: str, *, account: str, amount: int, reference: str) -> int:
    """SePay reports a transfer, really signed; the status of the answer."""
    notice = {
        "id": next(_numbers),
        "gateway": "Vietcombank",
        "transactionDate": clock.local(clock.now()).strftime("%Y-%m-%d %H:%M:%S"),
        "accountNumber": account,
        "code": None,
        "content": f"{reference} chuyen tien",
        "transferType": "in",
        "transferAmount": amount,
        "accumulated": amount,
        "subAccount": None,
        "referenceCode": "MBVCB.1",
        "description": "",
    }
    body, stamp = json.dumps(notice).encode(), int(clock.now().timestamp())
    headers = {"X-SePay-Signature": sign(secret, stamp, body), "X-SePay-Timestamp": str(stamp)}
    status = Client().post(path, data=body, content_type="application/json", headers=headers).status_code
    while relay.run_once("worker") + relay.run_once("gateway"):
        pass
    return status


def list_greens(farmer: Client) -> None:
    """A farmer's three screens, with a photograph."""
    desk = farmer.get("/ban-hang/", follow=True).redirect_chain[-1][0]
    form = farmer.get(f"{desk}hang/moi/").context["form"]
    answer = farmer.post(
        f"{desk}hang/moi/",
        {
            "key": form["key"].value(),
            "name": "Rau mồng tơi",
            "unit": "bó 300 g",
            "price": "12.000",
            "quantity": "20",
            "category": form.fields["category"].choices[1][1][0][0],
        },
    )
    photos = answer.headers["Location"]
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), (40, 120, 60)).save(picture, "JPEG")
    picture.seek(0)
    picture.name = "rau.jpg"
    key = farmer.get(photos).context["form"]["key"].value()
    label = farmer.post(photos, {"key": key, "photos": picture}).headers["Location"]
    form = farmer.get(label).context["form"]
    words = {name: form[name].value() or "" for name in form.fields}
    assert farmer.post(label, words).status_code == 302


def buy_greens(guest: Client) -> Answer:
    """A guest finds them without marks, orders two bunches, and stands before the code."""
    shelf = guest.get("/", {"q": "rau mong toi"}).content.decode()
    product = re.search(r'href="(/hang/[^"]+/)"', shelf)
    assert product is not None
    page = guest.get(product[1])
    guest.post("/gio/them/", {"variant": page.context["variant"].id, "quantity": "2"})
    return guest.post("/dat-hang/", form_of(guest), follow=True)


def ask_for_fifty_thousand(vendor: Client, stall: Stall) -> Answer:
    """The till shows the code."""
    till = vendor.get("/sap/", follow=True)
    return vendor.post(
        f"/sap/{stall.pk}/", {"key": till.context["form"]["key"].value(), "amount": "50000"}, follow=True
    )


def test_from_an_empty_folder_to_the_first_money_at_desk_and_till(opened: Settings) -> None:
    # -- the operator: who sells, where they are paid, who reports it, what speaks --
    added, invitation = run(*SELLER)
    owner = added.split()[0]
    sen = User.objects.get(phone="+84912345678")
    assert sen.has_usable_password() is False
    run(
        "set_payee",
        owner,
        "--bank",
        "Vietcombank",
        "--account",
        "0011012345678",
        "--account-name",
        "NGUYEN THI SEN",
    )
    stall_added, stall_invitation = run(*STALL)
    stall = Stall.objects.get(code="A12")
    run(
        *("set_payee", stall_added.split()[0], "--bank", "Vietcombank"),
        *("--account", "0011098765432", "--account-name", "TRAN THI BAY"),
    )
    address, secret = (
        line.rpartition(" ")[2]
        for line in run(
            *("add_feed", "sepay", "--account", "Vietcombank:0011012345678"),
            *("--account", "Vietcombank:0011098765432"),
        )
    )
    hook = address.removeprefix(opened.PUBLIC_URL)
    password = run(*BOX)[1].rpartition(" ")[2]
    assert check_secret(password, Soundbox.objects.get().secret_hash)

    # -- the farmer: a password of her own, then a good with its photograph --
    farmer, link = accept(invitation, opened)
    assert Client().get(link).status_code == 404, "once"
    again = Client()
    assert again.post("/vao/", {"login": "0912345678", "password": OWN}).headers["Location"] == "/toi/"
    list_greens(farmer)

    # -- a guest buys it, and pays the bank --
    guest = Client()
    bought = buy_greens(guest)
    intent = bought.context["intent"]
    assert (intent.account, intent.due_vnd) == ("0011012345678", 49_000)
    assert tell(hook, secret, account=intent.account, amount=49_000, reference=intent.reference) == 201
    assert "Đã nhận" in guest.get(bought.redirect_chain[-1][0]).content.decode()
    assert (
        "Đã nhận 49.000\u00a0₫" in farmer.get(f"/ban-hang/don/{bought.context['sale'].pk}/").content.decode()
    )

    # -- the vendor takes 50.000 đ, and the box says so --
    vendor, _link = accept(stall_invitation, opened)
    charge = ask_for_fifty_thousand(vendor, stall)
    intent = charge.context["intent"]
    assert tell(hook, secret, account="0011098765432", amount=50_000, reference=intent.reference) == 201
    assert "Đã nhận" in vendor.get(charge.redirect_chain[-1][0]).content.decode()
    assert Command.objects.get().soundbox.device == "loa-a12"

    actors = set(AuditEntry.objects.values_list("actor", "action"))
    assert {
        ("system:add_seller", "person_invited"),
        ("system:add_seller", "seller_created"),
        ("system:add_stall", "market.stall_created"),
        ("system:set_payee", "payee_set"),
        ("system:add_feed", "feed_opened"),
        ("system:add_soundbox", "soundbox_registered"),
        (sen.actor, "password_set"),
    } <= actors


def test_the_same_again_is_refused_and_changes_nothing(opened: Settings) -> None:
    owner = run(*SELLER)[0].split()[0]
    run(*STALL)
    run(*BOX)
    run(
        "set_payee",
        owner,
        "--bank",
        "970436",
        "--account",
        "0011012345678",
        "--account-name",
        "NGUYEN THI SEN",
    )
    run("add_feed", "sepay", "--account", "970436:0011012345678")
    again = {
        SELLER: "Xã này đã có người bán tên Hộ Nguyễn Thị Sen",
        # As people type it the second time.
        (*SELLER[:2], "hộ nguyễn thị  sen", *SELLER[3:]): "Xã này đã có người bán tên Hộ Nguyễn Thị Sen",
        STALL: "a12",
        BOX: "Mã loa loa-a12 đã có người dùng.",
        ("add_feed", "sepay", "--account", "970436:0011012345678"): "",
    }
    before = (User.objects.count(), Seller.objects.count(), Stall.objects.count(), Soundbox.objects.count())
    entries = AuditEntry.objects.count()
    for words, reason in again.items():
        with pytest.raises(CommandError) as refusal:
            run(*words)
        assert reason in str(refusal.value), words
    after = (User.objects.count(), Seller.objects.count(), Stall.objects.count(), Soundbox.objects.count())
    assert (after, AuditEntry.objects.count(), FeedConnection.objects.count()) == (before, entries, 1)


def test_what_is_lost_can_be_had_anew_and_the_old_one_ends(opened: Settings) -> None:
    run(*STALL)
    first = run(*BOX)[1].rpartition(" ")[2]
    second = run("add_soundbox", "loa-a12", "--renew")[1].rpartition(" ")[2]
    box = Soundbox.objects.get()
    assert (check_secret(first, box.secret_hash), check_secret(second, box.secret_hash)) == (False, True)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((*SELLER[:10], "12", *SELLER[11:]), "--owner=12"),
        ((*SELLER[:12], "X", *SELLER[13:]), "--invite"),
        (("add_soundbox", "loa-a12", "--stall", "B1"), "--stall=B1"),
        (("add_soundbox", "loa-a12", "--renew"), "Không tìm thấy loa này"),
        ((*STALL[:6], "a@b", *STALL[7:]), "--owner=a@b"),
    ],
)
def test_a_wrong_word_adds_nobody(opened: Settings, words: tuple[str, ...], reason: str) -> None:
    people = User.objects.count()
    with pytest.raises(CommandError, match=re.escape(reason)):
        run(*words)
    assert (User.objects.count(), Seller.objects.count(), Stall.objects.count()) == (people, 0, 0)


def test_an_account_that_merely_says_the_number_gets_no_role_by_an_invitation(opened: Settings) -> None:
    stranger = User.objects.create_user(phone="+84912345678", password="mat-khau-cua-ke-la", name="Kẻ lạ")
    run(*SELLER)
    assert not Membership.objects.filter(user=stranger).exists()
    sen = User.objects.get(phone="+84912345678", name="Nguyễn Thị Sen")
    assert Membership.objects.get(user=sen).role == "farmer"


def test_an_invitation_by_mail_asks_for_the_code_that_proves_the_address(
    opened: Settings, mailoutbox: list[object]
) -> None:
    words = (*STALL[:6], "Bay@Vi-Du.vn", *STALL[7:])
    link = run(*words)[1].rpartition(" ")[2].removeprefix(opened.PUBLIC_URL)
    browser = Client()
    answer = browser.post(link, {"password1": OWN, "password2": OWN})
    assert answer.headers["Location"] == "/dang-ky/ma/"
    assert len(mailoutbox) == 1
    assert browser.get("/sap/").headers["Location"].startswith("/vao/")


@pytest.mark.parametrize("token", ["", "1", "1-", "zzz-zzz-zzz", "1-2-3", "x" * 400, "ạ-ạ"])
def test_a_link_that_somebody_thought_up_opens_nothing(opened: Settings, token: str) -> None:
    assert Client().get(f"/moi/{token}/").status_code == 404


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_the_readme_s_real_market_sells_and_takes_money_word_for_word(opened: Settings) -> None:
    """``opened`` is what its ``make run`` asks for; everything else is the block itself, in its order."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```sh\n(export [^`]*)```$", readme, re.MULTILINE)
    first, second, *lines = block.splitlines()
    assert second == "make run"
    exported = dict(each.split("=", 1) for each in shlex.split(first)[1:])
    assert list(exported) == ["DEMO", "DATA_DIR", "BIND", "PUBLIC_URL"]
    assert exported["DATA_DIR"] != "data", "the demo's own folder is refused"
    documented = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in documented for name in exported)
    opened.PUBLIC_URL = exported["PUBLIC_URL"]

    said: list[list[str]] = []
    for line in lines:
        program, script, *words = shlex.split(line)
        assert (program, script) == (".venv/bin/python", "manage.py")
        said.append(run(*words))
    seller, paid_seller, stall_added, paid_stall, feed, box = said
    assert paid_seller == ["seller:1: Vietcombank (970436) 0011012345678 NGUYEN THI SEN"]
    assert paid_stall == ["stall:1: Vietcombank (970436) 0011098765432 TRAN THI BAY"]
    address, secret = (each.rpartition(" ")[2] for each in feed)
    # What is given to people and to SePay opens from outside this machine.
    for link in (seller[1].rpartition(" ")[2], stall_added[1].rpartition(" ")[2], address):
        assert link.startswith(f"{exported['PUBLIC_URL']}/")
    hook = address.removeprefix(opened.PUBLIC_URL)

    farmer, _link = accept(seller[1], opened)
    list_greens(farmer)
    guest = Client()
    bought = buy_greens(guest)
    intent = bought.context["intent"]
    assert (intent.account, intent.due_vnd) == ("0011012345678", 24_000)
    assert tell(hook, secret, account=intent.account, amount=24_000, reference=intent.reference) == 201
    assert "Đã nhận" in guest.get(bought.redirect_chain[-1][0]).content.decode()

    vendor, _link = accept(stall_added[1], opened)
    charge = ask_for_fifty_thousand(vendor, Stall.objects.get())
    intent = charge.context["intent"]
    assert tell(hook, secret, account="0011098765432", amount=50_000, reference=intent.reference) == 201
    assert "Đã nhận" in vendor.get(charge.redirect_chain[-1][0]).content.decode()
    spoken = Command.objects.get()
    assert (spoken.soundbox.device, spoken.text) == ("loa-a12", "Đã nhận năm mươi nghìn đồng")
    assert box[0].startswith("loa-a12: ")
