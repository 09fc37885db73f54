"""A code proves what it was really delivered to, within its time and tries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError, connection

from backend.accounts import codes
from backend.accounts.codes import confirm_code, send_code, waiting_code
from backend.accounts.errors import (
    BadPhone,
    CodeGone,
    CodeNotSent,
    CodeTooSoon,
    ContactTaken,
    NoDelivery,
    TooManyCodes,
    WrongCode,
)
from backend.accounts.models import Code, User
from backend.accounts.queries import people_with_phone
from backend.accounts.services import create_person
from backend.common.models import AuditEntry
from tests.accounts.conftest import PASSWORD, SYSTEM, Clock

PHONE = "+84912345678"


@dataclass
class TextMessages:
    """A sender of text messages that keeps them."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    broken: bool = False

    def send(self, *, target: str, code: str, minutes: int) -> None:
        if self.broken:
            raise ConnectionError("no network")
        self.sent.append((target, code))

    @property
    def code(self) -> str:
        return self.sent[-1][1]


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> TextMessages:
    monkeypatch.setattr(codes, "_senders", dict(codes._senders))
    sender = TextMessages()
    codes.register_sender("phone", sender)
    return sender


@pytest.fixture
def lan(db: None) -> User:
    return create_person(actor=SYSTEM, name="Lan", password=PASSWORD, phone="0912345678")


def _other_digits(code: str) -> Iterator[str]:
    """Wrong codes, each another one."""
    return (f"{(int(code) + step) % 1_000_000:06}" for step in range(1, 1000))


def _mailed_code() -> str:
    found = re.search(r"\b(\d{6})\b", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def test_a_phone_without_delivery_stays_unproved(lan: User) -> None:
    with pytest.raises(NoDelivery):
        send_code(user=lan, channel="phone", target="0912345678")

    lan.refresh_from_db()
    assert lan.phone_verified_at is None
    assert Code.objects.count() == 0
    assert codes.can_prove("phone") is False
    assert codes.can_prove("email") is True


def test_a_delivered_code_proves_a_phone(lan: User, texts: TextMessages, time: Clock) -> None:
    code = send_code(user=lan, channel="phone", target="0912 345 678")
    assert texts.sent == [(PHONE, texts.code)]
    assert re.fullmatch(r"\d{6}", texts.code)
    assert texts.code not in code.digest
    time.forward(minutes=9)

    assert confirm_code(user=lan, channel="phone", digits=f" {texts.code[:3]} {texts.code[3:]} ") == PHONE

    lan.refresh_from_db()
    assert lan.phone_verified_at == time.now
    assert AuditEntry.objects.filter(action="phone_proved", actor=lan.actor).count() == 1
    assert PHONE not in str(list(AuditEntry.objects.values()))


def test_a_code_counts_once(lan: User, texts: TextMessages) -> None:
    send_code(user=lan, channel="phone", target=PHONE)
    confirm_code(user=lan, channel="phone", digits=texts.code)
    with pytest.raises(CodeGone):
        confirm_code(user=lan, channel="phone", digits=texts.code)


def test_a_code_ends_after_ten_minutes(lan: User, texts: TextMessages, time: Clock) -> None:
    send_code(user=lan, channel="phone", target=PHONE)
    time.forward(minutes=10)
    with pytest.raises(CodeGone):
        confirm_code(user=lan, channel="phone", digits=texts.code)
    lan.refresh_from_db()
    assert lan.phone_verified_at is None


def test_five_wrong_tries_end_a_code(lan: User, texts: TextMessages) -> None:
    send_code(user=lan, channel="phone", target=PHONE)
    wrong = _other_digits(texts.code)
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCode) as refusal:
            confirm_code(user=lan, channel="phone", digits=next(wrong))
        assert refusal.value.params == {"left": left}
    with pytest.raises(CodeGone):
        confirm_code(user=lan, channel="phone", digits=next(wrong))
    with pytest.raises(CodeGone):
        confirm_code(user=lan, channel="phone", digits=texts.code)
    lan.refresh_from_db()
    assert lan.phone_verified_at is None


@pytest.mark.parametrize("digits", ["", "abc", "12345", "1234567", "１２３", "' OR 1=1"])
def test_odd_digits_are_only_wrong(lan: User, texts: TextMessages, digits: str) -> None:
    send_code(user=lan, channel="phone", target=PHONE)
    with pytest.raises(WrongCode):
        confirm_code(user=lan, channel="phone", digits=digits)


def test_a_newer_code_ends_the_older(lan: User, texts: TextMessages, time: Clock) -> None:
    send_code(user=lan, channel="phone", target=PHONE)
    older = texts.code
    time.forward(seconds=60)
    send_code(user=lan, channel="phone", target=PHONE)
    if older != texts.code:
        with pytest.raises(WrongCode):
            confirm_code(user=lan, channel="phone", digits=older)
    assert confirm_code(user=lan, channel="phone", digits=texts.code) == PHONE


def test_codes_are_not_sent_too_often(lan: User, texts: TextMessages, time: Clock) -> None:
    send_code(user=lan, channel="phone", target=PHONE)
    time.forward(seconds=20)
    with pytest.raises(CodeTooSoon) as refusal:
        send_code(user=lan, channel="phone", target=PHONE)
    assert refusal.value.params == {"seconds": 41}

    for _ in range(4):
        time.forward(minutes=5)
        send_code(user=lan, channel="phone", target=PHONE)
    time.forward(minutes=5)
    with pytest.raises(TooManyCodes):
        send_code(user=lan, channel="phone", target=PHONE)
    assert len(texts.sent) == 5

    time.forward(hours=24)
    send_code(user=lan, channel="phone", target=PHONE)
    assert len(texts.sent) == 6


def test_one_number_is_not_flooded_by_many_accounts(texts: TextMessages, time: Clock, db: None) -> None:
    people = [
        create_person(actor=SYSTEM, name="x", password=PASSWORD, phone=f"091111111{n}") for n in range(6)
    ]
    for person in people[:5]:
        send_code(user=person, channel="phone", target=PHONE)
    with pytest.raises(TooManyCodes):
        send_code(user=people[5], channel="phone", target=PHONE)
    assert len(texts.sent) == 5


def test_somebody_elses_code_is_no_use(lan: User, texts: TextMessages) -> None:
    mai = create_person(actor=SYSTEM, name="Mai", password=PASSWORD, phone="0913333333")
    send_code(user=lan, channel="phone", target=PHONE)
    with pytest.raises(CodeGone):
        confirm_code(user=mai, channel="phone", digits=texts.code)


def test_a_proved_number_belongs_to_one_person(lan: User, texts: TextMessages) -> None:
    squatter = create_person(actor=SYSTEM, name="Kẻ chiếm chỗ", password=PASSWORD, phone="0912345678")
    assert people_with_phone(PHONE) == [lan, squatter]

    send_code(user=squatter, channel="phone", target=PHONE)
    confirm_code(user=squatter, channel="phone", digits=texts.code)
    assert people_with_phone(PHONE) == [squatter, lan]

    send_code(user=lan, channel="phone", target=PHONE)
    with pytest.raises(ContactTaken):
        confirm_code(user=lan, channel="phone", digits=texts.code)
    lan.refresh_from_db()
    assert lan.phone_verified_at is None


def test_the_database_itself_keeps_proved_numbers_apart(lan: User, time: Clock) -> None:
    other = create_person(actor=SYSTEM, name="x", password=PASSWORD, phone="0912345678")
    User.objects.filter(pk=lan.pk).update(phone_verified_at=time.now)
    with pytest.raises(IntegrityError):
        User.objects.filter(pk=other.pk).update(phone_verified_at=time.now)


def test_a_code_that_cannot_be_sent_leaves_nothing(lan: User, texts: TextMessages) -> None:
    texts.broken = True
    with pytest.raises(CodeNotSent):
        send_code(user=lan, channel="phone", target=PHONE)
    assert Code.objects.count() == 0

    texts.broken = False
    send_code(user=lan, channel="phone", target=PHONE)
    assert len(texts.sent) == 1


def test_a_bad_number_is_refused_before_anything_is_sent(lan: User, texts: TextMessages) -> None:
    with pytest.raises(BadPhone):
        send_code(user=lan, channel="phone", target="12")
    assert texts.sent == []


def test_the_first_sender_writes_a_mail(lan: User) -> None:
    send_code(user=lan, channel="email", target=" Lan@Thu.vn ")
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["lan@thu.vn"], "Chợ Xã: mã xác nhận")
    ]
    assert "10 phút" in mail.outbox[0].body

    confirm_code(user=lan, channel="email", digits=_mailed_code())

    lan.refresh_from_db()
    assert (lan.email, lan.phone, lan.phone_verified_at) == ("lan@thu.vn", PHONE, None)
    address = EmailAddress.objects.get(user=lan)
    assert (address.email, address.verified, address.primary) == ("lan@thu.vn", True, True)


def test_somebody_elses_address_is_told_only_after_its_code(lan: User) -> None:
    mai = create_person(actor=SYSTEM, name="Mai", password=PASSWORD, email="mai@thu.vn", email_proved=True)
    send_code(user=lan, channel="email", target="mai@thu.vn")
    assert mail.outbox[-1].to == ["mai@thu.vn"]
    with pytest.raises(ContactTaken):
        confirm_code(user=lan, channel="email", digits=_mailed_code())
    lan.refresh_from_db()
    assert lan.email is None
    assert EmailAddress.objects.get(email="mai@thu.vn").user == mai


def test_a_new_address_takes_the_place_of_the_old(db: None, time: Clock) -> None:
    mai = create_person(actor=SYSTEM, name="Mai", password=PASSWORD, email="mai@thu.vn", email_proved=True)
    send_code(user=mai, channel="email", target="mai@cho.vn")
    confirm_code(user=mai, channel="email", digits=_mailed_code())
    mai.refresh_from_db()
    assert mai.email == "mai@cho.vn"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("mai@cho.vn", True)]


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_are_all_counted(texts: TextMessages) -> None:
    """Twenty wrong guesses at once use up the five tries; the right code comes too late."""
    person = create_person(actor=SYSTEM, name="Lan", password=PASSWORD, phone="0912345678")
    send_code(user=person, channel="phone", target=PHONE)
    wrong = _other_digits(texts.code)

    def guess(digits: str) -> str:
        try:
            confirm_code(user=person, channel="phone", digits=digits)
        except (WrongCode, CodeGone) as refusal:
            return refusal.code
        finally:
            connection.close()
        return "right"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, [next(wrong) for _ in range(20)]))

    assert answers.count("right") == 0
    assert answers.count("WRONG_CODE") <= 5
    assert Code.objects.get().tries_left == 0
    assert waiting_code(person, "phone") is None
    with pytest.raises(CodeGone):
        confirm_code(user=person, channel="phone", digits=texts.code)


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_send_one_code(texts: TextMessages) -> None:
    person = create_person(actor=SYSTEM, name="Lan", password=PASSWORD, phone="0912345678")

    def ask(_turn: int) -> str:
        try:
            send_code(user=person, channel="phone", target=PHONE)
        except CodeTooSoon as refusal:
            return refusal.code
        finally:
            connection.close()
        return "sent"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))

    assert sorted(answers) == ["CODE_TOO_SOON"] * 3 + ["sent"]
    assert len(texts.sent) == 1
