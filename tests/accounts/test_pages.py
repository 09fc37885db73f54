"""Signing up, in and out through the pages, and what they do not tell."""

from __future__ import annotations

import re
from typing import Protocol

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from pytest_django import Settings

from backend.accounts.models import User
from backend.accounts.services import create_person
from tests.accounts.conftest import PASSWORD, SYSTEM, Village

pytestmark = pytest.mark.django_db

OTHER = "một con vịt xòe ra"


class Answer(Protocol):
    """What the tests look at; the test client's own response type is not public."""

    status_code: int
    content: bytes

    def __getitem__(self, header: str) -> str: ...


def _sign_up(client: Client, login: str, password: str = PASSWORD, **more: str) -> Answer:
    data = {"name": "Lan", "login": login, "password1": password, "password2": password}
    return client.post("/dang-ky/", data | more)


def _sign_in(client: Client, login: str, password: str = PASSWORD, **more: str) -> Answer:
    return client.post("/vao/", {"login": login, "password": password, **more})


def _text(response: Answer) -> str:
    """The words of a page, its tokens left out."""
    main = re.search(r"<main.*?</main>", response.content.decode(), re.S)
    assert main is not None
    bare = re.sub(r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>', "", main[0])
    return " ".join(bare.split())


def _signed_in(client: Client) -> User | None:
    found = client.session.get("_auth_user_id")
    return User.objects.get(pk=found) if found else None


def _mailed_code() -> str:
    found = re.search(r"\b(\d{6})\b", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


@pytest.fixture
def lan(db: None) -> User:
    return create_person(actor=SYSTEM, name="Lan", password=PASSWORD, phone="0912345678")


@pytest.fixture
def mai(db: None) -> User:
    return create_person(actor=SYSTEM, name="Mai", password=PASSWORD, email="mai@thu.vn", email_proved=True)


# -- signing up --


def test_a_phone_and_a_password_are_enough(client: Client) -> None:
    answer = _sign_up(client, "0912 345 678")
    assert answer.status_code == 302
    assert answer["Location"] == "/toi/"
    person = User.objects.get()
    assert (person.name, person.phone, person.email) == ("Lan", "+84912345678", None)
    assert person.phone_verified_at is None
    assert _signed_in(client) == person
    assert mail.outbox == []


def test_an_address_is_proved_before_the_first_sign_in(client: Client) -> None:
    answer = _sign_up(client, "Lan@Thu.vn")
    assert answer["Location"] == "/dang-ky/ma/"
    assert _signed_in(client) is None
    assert [message.to for message in mail.outbox] == [["lan@thu.vn"]]
    page = client.get("/dang-ky/ma/")
    assert "lan@thu.vn" in _text(page)

    wrong = client.post("/dang-ky/ma/", {"code": f"{(int(_mailed_code()) + 1) % 1_000_000:06}"})
    assert "Mã chưa đúng." in _text(wrong)
    right = client.post("/dang-ky/ma/", {"code": _mailed_code()})

    assert right["Location"] == "/toi/"
    assert _signed_in(client) == User.objects.get(email="lan@thu.vn")
    assert EmailAddress.objects.get().verified is True


def test_signing_up_keeps_what_was_typed_when_something_is_wrong(client: Client) -> None:
    page = _text(_sign_up(client, "0912345678", password2="khác hẳn nhau"))
    assert "Hai lần nhập mật khẩu chưa giống nhau." in page
    assert 'value="0912345678"' in page
    assert 'value="Lan"' in page
    assert PASSWORD not in page
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    ("login", "password", "told"),
    [
        ("0912345678", "ngắn", "Mật khẩu cần ít nhất 8 ký tự."),
        ("0912345678", "password", "nhiều người dùng nên dễ bị đoán"),
        ("0912345678", "19800230", "không nên chỉ có chữ số"),
        ("0912345678", "0912345678a", "quá giống tên, số điện thoại"),
        ("lan@thu.vn", "lan@thu.vn", "quá giống tên, số điện thoại"),
        ("12", PASSWORD, "Số di động Việt Nam có 10 chữ số"),
        ("a@b", PASSWORD, "Địa chỉ thư chưa đúng"),
    ],
)
def test_what_cannot_be_used_is_told(client: Client, login: str, password: str, told: str) -> None:
    assert told in _text(_sign_up(client, login, password))
    assert User.objects.count() == 0


def test_the_form_can_be_read_aloud(client: Client) -> None:
    page = _text(_sign_up(client, "", "", name=""))
    assert 'role="alert"' in page
    assert '<a href="#id_login">Xin nhập số điện thoại hoặc thư điện tử.</a>' in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_password1_helptext id_password1_error"' in page
    assert 'autocomplete="new-password"' in page


# -- nothing tells who has an account --


def test_signing_up_answers_alike_for_known_and_unknown_addresses(mai: User) -> None:
    known, unknown = Client(), Client()
    first, second = _sign_up(known, "mai@thu.vn", OTHER), _sign_up(unknown, "moi@thu.vn", OTHER)

    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    pages = [_text(known.get("/dang-ky/ma/")), _text(unknown.get("/dang-ky/ma/"))]
    assert pages[0].replace("mai@", "moi@") == pages[1]
    assert [(message.to[0], message.subject) for message in mail.outbox] == [
        ("mai@thu.vn", "Chợ Xã: bạn đã có tài khoản"),
        ("moi@thu.vn", "Chợ Xã: mã đăng ký"),
    ]
    mai.refresh_from_db()
    assert mai.check_password(PASSWORD)
    assert User.objects.filter(email="mai@thu.vn").count() == 1
    wrong = [client.post("/dang-ky/ma/", {"code": "000000"}) for client in (known, unknown)]
    assert _text(wrong[0]).replace("mai@", "moi@") == _text(wrong[1])


def test_signing_up_answers_alike_for_known_and_unknown_numbers(lan: User) -> None:
    known, unknown = Client(), Client()
    first, second = _sign_up(known, "0912345678", OTHER), _sign_up(unknown, "0987654321", OTHER)

    assert (
        (first.status_code, first["Location"]) == (second.status_code, second["Location"]) == (302, "/toi/")
    )
    newcomer = _signed_in(known)
    assert newcomer is not None
    assert newcomer != lan
    assert newcomer.phone == lan.phone
    lan.refresh_from_db()
    assert lan.check_password(PASSWORD)


def test_the_passwords_tell_accounts_of_one_number_apart(lan: User, client: Client) -> None:
    _sign_up(Client(), "0912345678", OTHER)
    _sign_in(client, "0912345678", PASSWORD)
    assert _signed_in(client) == lan
    other = Client()
    _sign_in(other, "0912345678", OTHER)
    found = _signed_in(other)
    assert found is not None
    assert found != lan


def test_signing_up_again_with_the_same_password_opens_the_account_that_is_there(
    lan: User, client: Client
) -> None:
    _sign_up(client, "0912345678", PASSWORD)
    assert _signed_in(client) == lan
    assert User.objects.count() == 1


def test_a_wrong_name_and_a_wrong_password_are_told_alike(lan: User, mai: User) -> None:
    tries = [
        ("0912345678", OTHER),
        ("0987654321", PASSWORD),
        ("mai@thu.vn", OTHER),
        ("moi@thu.vn", PASSWORD),
    ]
    pages = []
    for login, password in tries:
        client = Client()
        answer = _sign_in(client, login, password)
        assert answer.status_code == 200
        assert _signed_in(client) is None
        pages.append(_text(answer).replace(login, "…"))
    assert len(set(pages)) == 1
    assert "Số điện thoại, thư điện tử hoặc mật khẩu chưa đúng." in pages[0]


def test_an_unknown_number_costs_as_much_hashing_as_a_known_one(
    lan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hashes made for one try, whose time a stranger could measure."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    made: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        made.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    counts = []
    for act in (_sign_in, _sign_up):
        for login in ("0912345678", "0987654321"):
            made.clear()
            act(Client(), login, OTHER)
            counts.append(len(made))
    assert counts[0] == counts[1]
    assert counts[2] == counts[3]


def test_forgetting_answers_alike_for_known_and_unknown_addresses(mai: User) -> None:
    known, unknown = Client(), Client()
    first = known.post("/quen-mat-khau/", {"email": "mai@thu.vn"})
    second = unknown.post("/quen-mat-khau/", {"email": "moi@thu.vn"})

    assert first["Location"] == second["Location"] == "/quen-mat-khau/ma/"
    pages = [_text(known.get("/quen-mat-khau/ma/")), _text(unknown.get("/quen-mat-khau/ma/"))]
    assert pages[0].replace("mai@", "moi@") == pages[1]
    assert [message.subject for message in mail.outbox] == [
        "Chợ Xã: mã đặt lại mật khẩu",
        "Chợ Xã: chưa có tài khoản",
    ]


# -- signing in and out --


@pytest.mark.parametrize("login", ["0912345678", "+84 912 345 678", " 0912.345.678 "])
def test_a_number_signs_in_however_it_is_written(lan: User, client: Client, login: str) -> None:
    answer = _sign_in(client, login)
    assert answer["Location"] == "/toi/"
    assert _signed_in(client) == lan


def test_an_address_signs_in_in_any_case(mai: User, client: Client) -> None:
    _sign_in(client, "MAI@thu.vn")
    assert _signed_in(client) == mai


def test_an_unproved_address_is_asked_for_its_code(client: Client) -> None:
    person = create_person(actor=SYSTEM, name="Tư", password=PASSWORD, email="tu@thu.vn")
    answer = _sign_in(client, "tu@thu.vn")
    assert answer["Location"] == "/dang-ky/ma/"
    assert _signed_in(client) is None
    client.post("/dang-ky/ma/", {"code": _mailed_code()})
    assert _signed_in(client) == person


def test_signing_in_goes_on_to_where_one_wanted(lan: User, client: Client) -> None:
    assert client.get("/toi/")["Location"] == "/vao/?next=/toi/"
    assert _sign_in(client, "0912345678", next="/gio/")["Location"] == "/gio/"
    other = Client()
    assert _sign_in(other, "0912345678", next="https://elsewhere.example/")["Location"] == "/toi/"


def test_the_basket_stays_when_a_buyer_signs_in(lan: User, client: Client) -> None:
    session = client.session
    session["basket"] = {"v1": 2}
    session.save()
    _sign_in(client, "0912345678")
    assert client.session["basket"] == {"v1": 2}


def test_signing_out_asks_first(lan: User, client: Client) -> None:
    _sign_in(client, "0912345678")
    assert client.get("/ra/").status_code == 200
    assert _signed_in(client) == lan
    assert client.post("/ra/")["Location"] == "/"
    assert _signed_in(client) is None


def test_a_locked_account_is_told_to_who_knows_its_password_alone(lan: User, client: Client) -> None:
    User.objects.filter(pk=lan.pk).update(is_active=False)
    assert "chưa đúng" in _text(_sign_in(client, "0912345678", OTHER))
    answer = _sign_in(client, "0912345678")
    assert answer["Location"] == "/tai-khoan-bi-khoa/"
    assert "đang bị khóa" in _text(client.get("/tai-khoan-bi-khoa/"))
    assert _signed_in(client) is None


# -- limits --


def test_five_wrong_passwords_lock_a_name_for_a_while_and_no_other(lan: User, mai: User) -> None:
    for _ in range(5):
        assert "chưa đúng" in _text(_sign_in(Client(), "0912345678", OTHER))
    locked = Client()
    assert "Đã thử sai nhiều lần" in _text(_sign_in(locked, "0912345678", PASSWORD))
    assert _signed_in(locked) is None

    for login in ("0987654321", "moi@thu.vn"):
        assert "chưa đúng" in _text(_sign_in(Client(), login, OTHER))
    free = Client()
    _sign_in(free, "mai@thu.vn")
    assert _signed_in(free) == mai


def test_signing_up_is_no_way_around_the_limit_of_guesses(lan: User) -> None:
    for turn in range(5):
        _sign_up(Client(), "0912345678", f"{OTHER} {turn}")
    late = Client()
    answer = _sign_up(late, "0912345678", PASSWORD)
    assert answer.status_code == 429
    assert "Xin đợi một lát" in _text(answer)
    assert _signed_in(late) is None


def test_word_to_a_known_address_is_mailed_a_few_times_only(mai: User, settings: Settings) -> None:
    answers = [_sign_up(Client(REMOTE_ADDR=f"203.0.113.{n}"), "mai@thu.vn", PASSWORD) for n in range(5)]
    assert [answer.status_code for answer in answers] == [302] + [429] * 4
    assert [message.to for message in mail.outbox] == [["mai@thu.vn"]]

    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "signup_mail": "1/h/ip"}
    here = "203.0.113.99"
    assert _sign_up(Client(REMOTE_ADDR=here), "mot@thu.vn", PASSWORD).status_code == 302
    assert _sign_up(Client(REMOTE_ADDR=here), "hai@thu.vn", PASSWORD).status_code == 429
    assert not User.objects.filter(email="hai@thu.vn").exists()


def test_codes_are_mailed_a_few_times_only(mai: User) -> None:
    for _ in range(3):
        assert Client().post("/quen-mat-khau/", {"email": "mai@thu.vn"}).status_code == 302
    assert Client().post("/quen-mat-khau/", {"email": "mai@thu.vn"}).status_code == 429
    assert Client().post("/quen-mat-khau/", {"email": "moi@thu.vn"}).status_code == 302
    assert len([message for message in mail.outbox if message.to == ["mai@thu.vn"]]) == 3


def test_the_limits_are_shared_by_all_processes(lan: User) -> None:
    """They are counted in the database, not in the memory of one web process."""
    from backend.accounts.models import CacheEntry

    _sign_in(Client(), "0912345678", OTHER)
    keys = list(CacheEntry.objects.values_list("cache_key", flat=True))
    assert len([key for key in keys if "login_failed" in key]) == 2
    assert not [key for key in keys if "912345678" in key]


# -- a forgotten and a changed password --


def test_a_forgotten_password_is_set_anew(mai: User, client: Client) -> None:
    client.post("/quen-mat-khau/", {"email": "mai@thu.vn"})
    assert client.get("/quen-mat-khau/mat-khau-moi/")["Location"] == "/quen-mat-khau/ma/"
    assert client.post("/quen-mat-khau/ma/", {"code": _mailed_code()})["Location"] == (
        "/quen-mat-khau/mat-khau-moi/"
    )
    weak = client.post("/quen-mat-khau/mat-khau-moi/", {"password1": "ngắn", "password2": "ngắn"})
    assert "ít nhất 8 ký tự." in _text(weak)

    done = client.post("/quen-mat-khau/mat-khau-moi/", {"password1": OTHER, "password2": OTHER})

    assert done["Location"] == "/toi/"
    assert _signed_in(client) == mai
    mai.refresh_from_db()
    assert mai.check_password(OTHER)


def test_five_wrong_codes_end_a_reset(mai: User, client: Client) -> None:
    client.post("/quen-mat-khau/", {"email": "mai@thu.vn"})
    right = _mailed_code()
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(4):
        assert client.post("/quen-mat-khau/ma/", {"code": wrong}).status_code == 200
    assert client.post("/quen-mat-khau/ma/", {"code": wrong})["Location"] == "/vao/"
    client.post("/quen-mat-khau/ma/", {"code": right})
    assert client.get("/quen-mat-khau/mat-khau-moi/")["Location"] == "/quen-mat-khau/"
    mai.refresh_from_db()
    assert mai.check_password(PASSWORD)


def test_an_address_taken_by_a_stranger_comes_back_by_a_reset(client: Client) -> None:
    """Whoever signed up with an address they do not read never got in; its owner resets and is in."""
    _sign_up(Client(), "ba@thu.vn", OTHER)
    client.post("/quen-mat-khau/", {"email": "ba@thu.vn"})
    client.post("/quen-mat-khau/ma/", {"code": _mailed_code()})
    client.post("/quen-mat-khau/mat-khau-moi/", {"password1": PASSWORD, "password2": PASSWORD})
    person = _signed_in(client)
    assert person is not None
    assert person.email == "ba@thu.vn"
    assert EmailAddress.objects.get(email="ba@thu.vn").verified is True


def test_a_changed_password_signs_other_devices_out(lan: User, client: Client) -> None:
    elsewhere = Client()
    _sign_in(client, "0912345678")
    _sign_in(elsewhere, "0912345678")
    refused = client.post("/toi/mat-khau/", {"oldpassword": OTHER, "password1": OTHER, "password2": OTHER})
    assert "Mật khẩu hiện tại chưa đúng." in _text(refused)

    done = client.post("/toi/mat-khau/", {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER})

    assert done["Location"] == "/toi/tai-khoan/"
    page = client.get("/toi/tai-khoan/")
    assert "Đã đổi mật khẩu." in _text(page)
    assert elsewhere.get("/toi/tai-khoan/").status_code == 302


def test_an_account_without_a_password_gets_its_first(client: Client) -> None:
    person = User.objects.create_user(phone="+84912345678", name="Tư")
    client.force_login(person)
    assert client.get("/toi/mat-khau/")["Location"] == "/toi/mat-khau/dat/"
    client.post("/toi/mat-khau/dat/", {"password1": OTHER, "password2": OTHER})
    person.refresh_from_db()
    assert person.check_password(OTHER)


# -- where people belong, and their own page --


@pytest.mark.parametrize(
    ("who", "place"),
    [
        ("farmer", "/ban-hang/"),
        ("helper", "/ban-hang/"),
        ("vendor", "/sap/"),
        ("manager", "/toi/tai-khoan/"),
        ("officer", "/toi/tai-khoan/"),
        ("admin", "/toi/tai-khoan/"),
        ("stranger", "/toi/tai-khoan/"),
    ],
)
def test_people_are_sent_where_they_belong(village: Village, client: Client, who: str, place: str) -> None:
    client.force_login(getattr(village, who))
    assert client.get("/toi/")["Location"] == place


def test_who_farms_and_sells_at_a_stall_chooses(village: Village, client: Client) -> None:
    village.give(village.farmer, "vendor", "stall", village.stall.pk)
    client.force_login(village.farmer)
    assert client.get("/toi/")["Location"] == "/toi/tai-khoan/"
    page = _text(client.get("/toi/tai-khoan/"))
    assert 'href="/ban-hang/"' in page
    assert 'href="/sap/"' in page


def test_ones_own_page_shows_oneself_alone(village: Village, client: Client) -> None:
    client.force_login(village.farmer)
    page = _text(client.get("/toi/tai-khoan/"))
    assert "<h1>Nông dân</h1>" in page
    assert "0900 000 003" in page
    assert "chưa xác nhận" in page
    assert "Người sản xuất" in page
    assert "Hộ Sáu Lành" in page
    assert "HTX Thoại Sơn" not in page
    assert Client().get("/toi/tai-khoan/").status_code == 302


def test_an_address_is_added_with_its_code(lan: User, client: Client) -> None:
    client.force_login(lan)
    assert client.get("/toi/thu/ma/")["Location"] == "/toi/thu/"
    assert client.post("/toi/thu/", {"email": "lan@thu.vn"})["Location"] == "/toi/thu/ma/"
    wrong = client.post("/toi/thu/ma/", {"code": f"{(int(_mailed_code()) + 1) % 1_000_000:06}"})
    assert "Mã chưa đúng. Còn 4 lần thử." in _text(wrong)
    again = client.post("/toi/thu/", {"email": "lan@thu.vn"})
    assert "Xin đợi" in _text(again)

    assert client.post("/toi/thu/ma/", {"code": _mailed_code()})["Location"] == "/toi/tai-khoan/"

    lan.refresh_from_db()
    assert lan.email == "lan@thu.vn"
    other = Client()
    _sign_in(other, "lan@thu.vn")
    assert _signed_in(other) == lan


@pytest.mark.parametrize(
    "path", ["/toi/", "/toi/tai-khoan/", "/toi/thu/", "/toi/thu/ma/", "/toi/mat-khau/", "/toi/mat-khau/dat/"]
)
def test_strangers_are_asked_to_sign_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == f"/vao/?next={path}"


@pytest.mark.parametrize(
    "path",
    ["/vao/", "/dang-ky/", "/quen-mat-khau/", "/ra/", "/toi/tai-khoan/", "/toi/thu/", "/toi/mat-khau/"],
)
def test_pages_are_not_kept_by_caches_and_ask_for_a_token(lan: User, path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    if path.startswith(("/toi/", "/ra/")):
        strict.force_login(lan)
    assert strict.get(path).status_code == 200
    if path != "/toi/tai-khoan/":
        assert strict.post(path, {}).status_code == 403
