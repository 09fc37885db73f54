"""What no honest browser sends: a NUL, a flood of letters, digits that are none. Every form, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from backend.accounts.models import Membership, Seller, User
from backend.commerce.values import Product
from backend.common.money import vnd
from backend.markets.models import Stall
from backend.markets.services import open_charge
from backend.sales.services import Buyer, place_purchase
from storefront.live.views import ticket
from tests.sales.conftest import choice

pytestmark = pytest.mark.django_db(transaction=True)

URLENCODED = "application/x-www-form-urlencoded"


@dataclass
class Form:
    """A form of a page: where it goes, and its fields as the page has filled them."""

    page: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """The forms of a page that are posted."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.found: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            posted = given.get("method", "get").lower() == "post"
            self._open = Form(self.page, given.get("action") or self.page) if posted else None
            if self._open is not None:
                self.found.append(self._open)
        elif (
            self._open is not None and tag in {"input", "textarea", "select", "button"} and given.get("name")
        ):
            if given.get("type") == "file":
                self._open.files.add(given["name"])
            else:
                self._open.fields.setdefault(given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


@pytest.fixture
def pages(
    sen: Seller, stall: Stall, make_good: Callable[..., Product], buyer: Buyer
) -> Callable[[Client], list[str]]:
    """Every page with a form that a person with all roles, and one without any, comes to."""
    good = make_good(sen, "Nấm linh chi đỏ khô", 350_000, 5)
    cash, transfer = (
        place_purchase(
            key=f"form-{way}",
            buyer=buyer,
            choices=[choice(sen, good, total=vnd(350_000), payment=way)],
        )
        for way in ("cash", "vietqr")
    )
    charge = open_charge(key="c", stall_id=stall.pk, amount=vnd(50_000), note="", actor="test")

    def make(client: Client) -> list[str]:
        client.post("/gio/them/", {"variant": good.variant.id, "quantity": "1"})
        desk = f"/ban-hang/{sen.pk}/hang"
        return [
            *("/", f"/hang/{good.slug}/", "/gio/", "/dat-hang/", f"/don/{transfer.token}/1/"),
            *("/vao/", "/dang-ky/", "/quen-mat-khau/"),
            *("/toi/tai-khoan/", "/toi/mat-khau/", "/toi/thu/", "/ra/"),
            f"/ban-hang/{sen.pk}/anh/",
            *(f"{desk}/moi/", f"{desk}/{good.id}/", f"{desk}/{good.id}/anh/", f"{desk}/{good.id}/nhan/"),
            *(f"/ban-hang/don/{cash.sales.get().pk}/", f"/ban-hang/don/{transfer.sales.get().pk}/"),
            *(f"/sap/{stall.pk}/", f"/sap/thu/{charge.id}/"),
        ]

    return make


@pytest.fixture
def visitors(sen: Seller, stall: Stall) -> Callable[[], Iterator[Client]]:
    """A browser of nobody, and one of somebody with every role; both new at each call."""
    person = User.objects.create_user(email="moi-vai@vi-du.vn", password="mat-khau-rat-dai", name="Mọi Vai")
    Membership.objects.create(user=person, role="farmer", scope="seller", scope_id=str(sen.pk))
    Membership.objects.create(user=person, role="vendor", scope="stall", scope_id=str(stall.pk))

    def make() -> Iterator[Client]:
        yield Client()
        client = Client()
        client.force_login(person)
        yield client

    return make


def forms_of(client: Client, addresses: list[str]) -> list[Form]:
    """The forms of the pages, one of each kind."""
    found: dict[tuple[str, ...], Form] = {}
    for address in addresses:
        answer = client.get(address)
        if answer.status_code == 200:
            parser = Forms(address)
            parser.feed(answer.content.decode())
            for form in parser.found:
                found.setdefault((form.action, *sorted(form.fields)), form)
    return list(found.values())


def bodies(data: dict[str, str]) -> list[tuple[str, bytes]]:
    """``data`` in both ways in which a form may be sent."""
    return [
        (MULTIPART_CONTENT, encode_multipart(BOUNDARY, data)),
        (URLENCODED, urlencode(data).encode()),
    ]


def rows() -> dict[str, int]:
    """How much of everything is stored, but for visits."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.label != "sessions.Session"
    }


def test_a_nul_in_any_field_of_any_form_is_a_clear_refusal_and_nothing_is_stored(
    pages: Callable[[Client], list[str]], visitors: Callable[[], Iterator[Client]]
) -> None:
    seen: dict[str, set[str]] = {}
    for client in visitors():
        forms = forms_of(client, pages(client))
        before = rows()
        for form in forms:
            seen.setdefault(form.action.split("?")[0], set()).update(form.fields, form.files)
            for turn, name in enumerate(sorted({*form.fields, *form.files})):
                # As a form with files is sent for every field, as others are for the first.
                for kind, body in bodies({**form.fields, name: f"Trần\0Văn {name}"})[: 2 if turn == 0 else 1]:
                    answer = client.generic("POST", form.action, body, content_type=kind)
                    assert answer.status_code == 400, (form.action, name, kind)
                    assert "ký tự không dùng được" in answer.content.decode(), (form.action, name, kind)
        assert rows() == before, form.action
    # The places of this test are those that people have: a form more is a line more in `pages`.
    assert {action for action in seen if not {"don", "ban-hang", "sap"} & set(action.split("/"))} == {
        "/gio/them/",
        "/gio/sua/",
        "/dat-hang/",
        "/ngon-ngu/",
        "/vao/",
        "/ra/",
        "/dang-ky/",
        "/quen-mat-khau/",
        "/toi/mat-khau/",
        "/toi/thu/",
    }
    assert {"key", "name", "phone", "email", "commune", "street", "note"} <= seen["/dat-hang/"]


def test_a_flood_of_letters_in_any_field_of_any_form_breaks_nothing(
    pages: Callable[[Client], list[str]], visitors: Callable[[], Iterator[Client]]
) -> None:
    flood = "ạ" * 20_000
    for client in visitors():
        for form in forms_of(client, pages(client)):
            if form.action in {"/ra/"}:
                continue
            for name in form.fields:
                kind, body = bodies({**form.fields, name: flood})[0]
                # The client raises what a view lets through; a form that is sent back says which field is too long.
                assert client.generic("POST", form.action, body, content_type=kind).status_code < 500, (
                    form.action,
                    name,
                )


@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken", "language", "messages"])
def test_a_nul_in_a_cookie_is_a_bad_question(cookie: str) -> None:
    client = Client()
    # Quoted octal is how a cookie writes what its header cannot carry.
    client.cookies.load(f'{cookie}="abcdefgh\\000"')
    answer = client.get("/", headers={"cookie": f'{cookie}="abcdefgh\\000"'})
    assert answer.status_code == 400


@pytest.mark.parametrize("digits", ["²", "٣", "9" * 5000, "-1", "1e5", ""])
def test_digits_that_are_none_are_no_page_no_seller_and_no_amount(digits: str, sen: Seller) -> None:
    client = Client()
    for name in ("trang", "sao", "xa", "ban", "nhom", "xep", "q"):
        assert client.get("/", {name: digits}).status_code == 200, name
    live = client.get(f"/live/{ticket(['seller:1'])}/", headers={"last-event-id": digits.replace("٣", "3")})
    assert live.status_code == 200
    live.close()
