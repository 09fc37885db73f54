"""docs/deploy.md: every command in it exists and takes those words, and the walk through it ends in a paid order."""

from __future__ import annotations

import argparse
import io
import json
import re
import shlex

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from backend.accounts.access import has_role
from backend.accounts.models import Membership, Seller, User
from backend.accounts.services import create_person
from backend.commerce import shop
from backend.commerce.values import LineDraft, ProductDraft, VariantDraft
from backend.common import clock
from backend.common.money import vnd
from backend.common.outbox import relay
from backend.markets.models import Stall
from backend.sales.queries import sales_of
from backend.sales.services import Buyer, Choice, place_purchase
from devices.mqtt.accounts import check_secret
from devices.soundboxes.models import Soundbox
from payments.feeds.sepay.signature import sign
from payments.payees.queries import payee_for
from tests.deploy.reading import environment_file, read_compose
from tests.tooling.processes import ROOT

GUIDE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


def lines() -> list[list[str]]:
    """Every command of the guide's blocks, in words."""
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line.strip()]


def manage_lines() -> list[list[str]]:
    """What follows `manage.py` in them."""
    return [words[words.index("manage.py") + 1 :] for words in lines() if "manage.py" in words]


def spoken(words: list[str]) -> str:
    return shlex.join(words)


@pytest.mark.pure
@pytest.mark.parametrize("words", lines(), ids=spoken)
def test_every_command_is_one_that_exists(words: list[str]) -> None:
    services = read_compose()["services"]
    match words:
        case ["docker", "compose", verb, *rest]:
            assert verb in {"up", "ps", "run", "logs", "stop", "restart"}
            options = {"--detach", "--build", "--rm", "--since"}
            named = [word for word in rest if not word.startswith("--") and word != "15m"]
            assert {
                word for word in rest[: rest.index(named[0]) if named else None] if word.startswith("--")
            } <= options
            if verb == "run":
                assert named[0] in services
                if named[0] in {"backup", "restore"}:
                    assert len(named) == (2 if named[0] == "restore" else 1)
                elif named[0].startswith("market"):
                    assert named[1:3] == ["python", "manage.py"]
            else:
                assert set(named) <= set(services)
        case ["sh", script, *_]:
            assert (ROOT / script).is_file()
        case ["cp", source, target]:
            assert (ROOT / source).is_file()
            assert f"/{target}" in (ROOT / ".gitignore").read_text().splitlines()
        case ["rm", path]:
            assert f"./{path}" in {each["file"] for each in read_compose()["secrets"].values()}
        case ["git", "pull", "--ff-only"] | ["ssh", *_]:
            pass
        case _:
            pytest.fail(f"what is this? {words}")


@pytest.mark.pure
@pytest.mark.parametrize("words", manage_lines(), ids=spoken)
def test_every_manage_command_takes_these_words(words: list[str]) -> None:
    name, *arguments = words
    if name == "createsuperuser":  # Saleor's own
        return
    command = load_command_class(get_commands()[name], name)
    parser: argparse.ArgumentParser = command.create_parser("manage.py", name)
    parser.parse_args(arguments)


@pytest.mark.pure
def test_variables_and_files_that_it_names_exist() -> None:
    for name in re.findall(r"`([A-Z]+_[A-Z_]+)=?`", GUIDE):
        assert name in environment_file(), name
    for path in re.findall(r"`(secrets/[a-z_.]+)`", GUIDE):
        assert path.removeprefix("secrets/") in (ROOT / "deploy" / "secrets.sh").read_text(), path
    for path in re.findall(r"`(deploy/[a-z.]+|docs/[a-z.]+|tests/[a-z]+/)`", GUIDE):
        assert (ROOT / path).exists(), path


@pytest.mark.pure
def test_its_sections_are_counted() -> None:
    numbers = [int(each) for each in re.findall(r"^## (\d+)\. \S.* · \S", GUIDE, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert GUIDE.count("\n## ") == len(numbers)


@pytest.mark.pure
def test_saleor_is_put_behind_the_market_in_the_order_in_which_it_works() -> None:
    """A superuser, who installs the App, which saleor_setup then finds: it would make another one, and an App that is
    there cannot be installed. The market is told last, when all is ready."""
    steps = [
        *("manage.py createsuperuser", "/saleor/manifest.json`", "manage.py saleor_setup"),
        "docker compose up --detach\n",
    ]
    chapter = GUIDE[GUIDE.index("\n## 5. ") : GUIDE.index("\n## 6. ")]
    places = [chapter.rindex(each) for each in steps]
    assert places == sorted(places)
    words = {each[each.index("manage.py") + 1]: each for each in lines() if "manage.py" in each}
    made, used = words["createsuperuser"], words["saleor_setup"]
    assert made[: made.index("manage.py")] == ["docker", "compose", "run", "--rm", "saleor-api", "python"]
    assert used[: used.index("manage.py")] == ["docker", "compose", "run", "--rm", "market-web", "python"]
    assert made[-2:] == used[-2:] == ["--email", "admin@cho.example.vn"]
    services = read_compose()["services"]
    # Programs that are run by hand read their secrets as the services do.
    assert services["saleor-api"]["entrypoint"] == ["sh", "/usr/local/bin/with-secrets"]
    # What the pages of the guide are reached at.
    assert reverse("saleor-manifest") == "/saleor/manifest.json"
    assert "127.0.0.1:${STAFF_PORT:-8000}:8000" in services["proxy"]["ports"]
    assert environment_file()["SHOP_ENGINE"] == "embedded"


# --- the walk ---


@pytest.fixture
def an_open_market(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MARKET_COMMUNE, settings.MARKET_NAME = "31333", "Chợ Vị Tân"
    settings.MARKET_ADMIN_NAME, settings.MARKET_ADMIN_LOGIN = "Lê Văn Tư", "0987654321"
    monkeypatch.setenv("MARKET_ADMIN_PASSWORD", "mot-mat-khau-that-dai")
    call_command("open_market", stdout=io.StringIO())
    create_person(
        actor="system:test", name="Nguyễn Thị Sen", password="mot-mat-khau-that-dai", phone="0912345678"
    )


def do(name: str, which: int = 0) -> str:
    """The guide's own command of this name, word for word; returns what it printed."""
    words = [each for each in manage_lines() if each[0] == name][which]
    said = io.StringIO()
    call_command(*words, stdout=said)
    return said.getvalue()


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_from_an_open_market_to_the_first_paid_order(an_open_market: None, settings: Settings) -> None:
    assert do("add_seller") == "seller:1 Hộ Nguyễn Thị Sen (Phường Vị Tân, thành phố Cần Thơ): /ban-hang/1/\n"
    seller, sen = Seller.objects.get(), User.objects.get(phone="+84912345678")
    assert has_role(sen, Membership.Scope.SELLER, seller.pk, [Membership.Role.FARMER])
    assert do("set_payee") == "seller:1: Vietcombank (970436) 0011012345678 NGUYEN THI SEN\n"

    said = do("add_stall").splitlines()
    stall, box = Stall.objects.get(), Soundbox.objects.get()
    assert said[0] == "stall:1 A12 Cô Bảy rau (Chợ Vị Tân): /sap/1/"
    assert said[1] == "loa-a12: cho/v1/vi-tan/cho-vi-tan/loa-a12"
    assert check_secret(said[2].rpartition(": ")[2], box.secret_hash)
    assert has_role(sen, Membership.Scope.STALL, stall.pk, [Membership.Role.VENDOR])
    do("set_payee", 1)

    address, secret = (line.rpartition(" ")[2] for line in do("add_feed").splitlines())
    assert address.startswith(f"{settings.PUBLIC_URL}/hooks/sepay/")
    assert [payee.has_feed for owner in ("seller:1", "stall:1") if (payee := payee_for(owner))] == [
        True,
        True,
    ]

    good = shop().create_product(
        key="first",
        draft=ProductDraft(
            name="Nấm linh chi",
            seller_id="1",
            category_id=shop().categories()[0].id,
            variants=(VariantDraft(unit="túi 250 g", price=vnd(350_000), quantity=5, weight_g=250),),
        ),
    )
    purchase = place_purchase(
        key="form",
        buyer=Buyer(
            name="Trần Văn Nam", phone="+84900000006", email="", commune=seller.commune, street="Ấp 3"
        ),
        choices=[
            Choice(
                seller_id=seller.pk,
                lines=(LineDraft(good.variant.id, 1),),
                delivery="courier",
                payment="vietqr",
                confirmed_total=vnd(350_000),
            )
        ],
    )
    (before,) = sales_of(purchase)
    assert before.intent is not None
    assert (before.intent.account, before.intent.due_vnd) == ("0011012345678", 350_000)

    notice = {
        "id": 1,
        "gateway": "Vietcombank",
        "transactionDate": clock.local(clock.now()).strftime("%Y-%m-%d %H:%M:%S"),
        "accountNumber": "0011012345678",
        "code": None,
        "content": before.intent.reference,
        "transferType": "in",
        "transferAmount": 350_000,
        "accumulated": 350_000,
        "subAccount": None,
        "referenceCode": "MBVCB.1",
        "description": "",
    }
    body = json.dumps(notice).encode()
    stamp = int(clock.now().timestamp())
    answer = Client().post(
        address.removeprefix(settings.PUBLIC_URL),
        data=body,
        content_type="application/json",
        headers={"X-SePay-Signature": sign(secret, stamp, body), "X-SePay-Timestamp": str(stamp)},
    )
    assert answer.status_code == 201, answer.content
    while relay.run_once("worker"):
        pass
    (after,) = sales_of(purchase)
    assert after.intent is not None
    assert after.intent.labels(clock.now()) == frozenset({"paid"})
    assert after.order.status == "unfulfilled"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (
            ["set_payee", "seller:9", "--bank", "Vietcombank", "--account", "1", "--account-name", "A"],
            "seller:9: ",
        ),
        (
            ["set_payee", "user:1", "--bank", "Vietcombank", "--account", "1", "--account-name", "A"],
            "user:1: ",
        ),
        (["add_feed", "sepay", "--account", "Ngân hàng Mặt Trăng:1"], "--account=Ngân hàng Mặt Trăng: "),
        (["add_stall", "--code", "A1", "--vendor", "Bảy", "--owner", "0900000099"], "--owner=0900000099: "),
        (["add_stall", "--code", "A1", "--vendor", "Bảy", "--market", "cho-khac"], "--market: cho-vi-tan"),
        (
            [
                *("add_seller", "--name", "X Y", "--kind", "household", "--commune", "31333"),
                *("--phone", "12", "--owner", "0912345678"),
            ],
            "",
        ),
    ],
)
def test_a_wrong_word_changes_nothing_and_says_which(
    an_open_market: None, words: list[str], refusal: str
) -> None:
    with pytest.raises(CommandError) as refused:
        call_command(*words, stdout=io.StringIO())
    assert str(refused.value).startswith(refusal)
    assert not Seller.objects.exists()
    assert not Stall.objects.exists()


@pytest.mark.django_db
def test_of_several_accounts_with_one_number_the_operator_chooses(an_open_market: None) -> None:
    other = create_person(
        actor="system:test", name="Người khác", password="mot-mat-khau-that-dai", phone="0912345678"
    )
    words = ["add_stall", "--code", "A1", "--vendor", "Bảy", "--owner"]
    with pytest.raises(CommandError) as refused:
        call_command(*words, "0912345678", stdout=io.StringIO())
    assert f"user:{other.pk} Người khác" in str(refused.value)
    call_command(*words, f"user:{other.pk}", stdout=io.StringIO())
    assert has_role(other, Membership.Scope.STALL, Stall.objects.get().pk, [Membership.Role.VENDOR])
