"""Stars come from certificates in force, on the day that is asked about, and from nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from backend.common import clock
from backend.common.models import AuditEntry, Event
from backend.ocop import errors
from backend.ocop.models import Certificate, Producer
from backend.ocop.queries import StarsInForce, stars_for
from backend.ocop.services import expiry_of, grant_certificate, register_producer, revoke_certificate
from tests.ocop.conftest import MakeProducer, Shelf

pytestmark = pytest.mark.django_db(transaction=True)


def grant(producer: Producer, **given: Any) -> Certificate:
    facts: dict[str, Any] = {
        "product_name": "Nấm linh chi đỏ khô",
        "product_id": "p1",
        "stars": 4,
        "number": "AG-04-0017",
        "decision_number": "812/QĐ-UBND",
        "issuer": "UBND tỉnh An Giang",
        "issuing_level": "province",
        "issued_on": date(2025, 9, 15),
        "actor": "user:1",
    }
    return grant_certificate(producer=producer, **(facts | given))


@pytest.fixture
def producer(make_producer: MakeProducer, shelf: Shelf) -> Producer:
    producer = make_producer("bac-thanh")
    shelf.seller_of |= {"p1": str(producer.seller_id), "p2": str(producer.seller_id)}
    return producer


def test_a_certificate_in_force_gives_its_stars_with_the_proof(producer: Producer) -> None:
    grant(producer)
    assert stars_for(["p1", "p2"], date(2026, 11, 22)) == {
        "p1": StarsInForce(4, "AG-04-0017", "812/QĐ-UBND", "UBND tỉnh An Giang", date(2028, 9, 15))
    }


@pytest.mark.parametrize(
    ("day", "stars"),
    [
        (date(2025, 9, 14), None),  # not issued yet
        (date(2025, 9, 15), 4),
        (date(2028, 9, 14), 4),
        (date(2028, 9, 15), 4),  # its last day counts
        (date(2028, 9, 16), None),  # expired yesterday
    ],
)
def test_stars_hold_from_the_day_of_issue_through_the_last_day(
    producer: Producer, day: date, stars: int | None
) -> None:
    grant(producer)
    found = stars_for(["p1"], day).get("p1")
    assert (found.stars if found else None) == stars


def test_the_last_day_ends_at_midnight_in_vietnam(
    producer: Producer, set_clock: Callable[[datetime], None]
) -> None:
    grant(producer)
    set_clock(datetime(2028, 9, 15, 16, 59, 59, tzinfo=UTC))  # 23:59:59 in Vietnam
    assert stars_for(["p1"], clock.today())["p1"].stars == 4
    set_clock(datetime(2028, 9, 15, 17, 0, 0, tzinfo=UTC))  # 00:00 of the 16th
    assert stars_for(["p1"], clock.today()) == {}


def test_a_district_certificate_of_before_july_2025_is_valid_to_its_expiry(producer: Producer) -> None:
    grant(
        producer,
        stars=3,
        issuing_level="district",
        issuer="UBND huyện Thoại Sơn",
        number="TS-03-0005",
        issued_on=date(2024, 12, 20),
    )
    assert stars_for(["p1"], date(2026, 11, 22))["p1"].stars == 3
    assert stars_for(["p1"], date(2027, 12, 20))["p1"].issuer == "UBND huyện Thoại Sơn"
    assert stars_for(["p1"], date(2027, 12, 21)) == {}


def test_a_revoked_certificate_gives_nothing_from_that_day_on(
    producer: Producer, set_clock: Callable[[datetime], None]
) -> None:
    certificate = grant(producer)
    set_clock(datetime(2026, 11, 22, 1, 0, tzinfo=UTC))
    revoke_certificate(certificate_id=certificate.pk, reason="Không đạt kiểm tra định kỳ", actor="user:5")
    assert stars_for(["p1"], date(2026, 11, 22)) == {}
    assert stars_for(["p1"], date(2027, 1, 1)) == {}
    assert stars_for(["p1"], date(2026, 11, 21))["p1"].stars == 4  # what was shown yesterday was true


def test_revoking_is_audited_told_and_done_once(
    producer: Producer, set_clock: Callable[[datetime], None]
) -> None:
    certificate = grant(producer)
    set_clock(datetime(2026, 11, 22, 1, 0, tzinfo=UTC))
    revoke_certificate(certificate_id=certificate.pk, reason="Không đạt kiểm tra", actor="user:5")
    set_clock(datetime(2026, 11, 25, 1, 0, tzinfo=UTC))
    again = revoke_certificate(certificate_id=certificate.pk, reason="Lý do khác", actor="user:6")
    assert (again.revoked_at, again.revoked_reason) == (
        datetime(2026, 11, 22, 1, 0, tzinfo=UTC),
        "Không đạt kiểm tra",
    )
    told = Event.objects.filter(name="certificate_changed", aggregate=f"certificate:{certificate.pk}")
    assert [event.payload for event in told.order_by("pk")] == [
        {"product_ids": ["p1"]},
        {"product_ids": ["p1"]},
    ]
    entries = AuditEntry.objects.filter(subject=f"certificate:{certificate.pk}").order_by("pk")
    assert [(e.actor, e.action) for e in entries] == [
        ("user:1", "ocop.certificate_granted"),
        ("user:5", "ocop.certificate_revoked"),
    ]


def test_revoking_needs_a_reason_and_a_certificate(producer: Producer) -> None:
    certificate = grant(producer)
    with pytest.raises(errors.RevocationNeedsReason):
        revoke_certificate(certificate_id=certificate.pk, reason="  ", actor="user:5")
    with pytest.raises(errors.CertificateNotFound):
        revoke_certificate(certificate_id=certificate.pk + 1, reason="Sai", actor="user:5")
    certificate.refresh_from_db()
    assert certificate.revoked_at is None


def test_a_newer_certificate_takes_over_on_its_own_day(producer: Producer) -> None:
    grant(producer, stars=3, number="AG-03-0001", issued_on=date(2024, 6, 1))
    grant(producer, stars=4, number="AG-04-0002", issued_on=date(2026, 12, 1))
    assert stars_for(["p1"], date(2026, 11, 30))["p1"].stars == 3
    assert stars_for(["p1"], date(2026, 12, 1))["p1"].stars == 4


def test_revoking_the_newer_one_does_not_wake_the_older(producer: Producer) -> None:
    grant(producer, stars=3, number="AG-03-0001", issued_on=date(2024, 6, 1))
    newer = grant(producer, stars=4, number="AG-04-0002", issued_on=date(2026, 1, 1))
    revoke_certificate(certificate_id=newer.pk, reason="Không đạt", actor="user:5")
    assert stars_for(["p1"], clock.today()) == {}


def test_the_order_of_entering_does_not_matter(producer: Producer) -> None:
    newest = grant(producer, number="C", issued_on=date(2026, 1, 1))
    oldest = grant(producer, number="A", issued_on=date(2024, 1, 1))
    middle = grant(producer, number="B", issued_on=date(2025, 1, 1))
    for each in (oldest, middle, newest):
        each.refresh_from_db()
    assert (oldest.superseded_by, middle.superseded_by, newest.superseded_by) == (middle, newest, None)
    assert middle.standing(date(2025, 6, 1)) == "in_force"
    assert oldest.standing(date(2025, 6, 1)) == "superseded"


def test_a_repeat_returns_the_first_entry_and_tells_nobody_again(producer: Producer) -> None:
    first = grant(producer)
    events, entries = Event.objects.count(), AuditEntry.objects.count()
    assert grant(producer).pk == first.pk
    assert (Certificate.objects.count(), Event.objects.count(), AuditEntry.objects.count()) == (
        1,
        events,
        entries,
    )


def test_a_number_stands_for_one_certificate(producer: Producer) -> None:
    grant(producer)
    with pytest.raises(errors.NumberTaken):
        grant(producer, stars=3)
    assert Certificate.objects.get().stars == 4
    # Another issuer counts anew.
    assert grant(producer, issuer="UBND tỉnh Gia Lai", product_id="p2").stars == 4


def test_only_the_producers_own_goods_get_stars(
    producer: Producer, make_producer: MakeProducer, shelf: Shelf
) -> None:
    stranger = make_producer("nguoi-la")
    for wanted in ("p1", "no-such-product"):
        with pytest.raises(errors.NotTheirProduct):
            grant(stranger, product_id=wanted)
    assert Certificate.objects.count() == 0
    assert Event.objects.filter(name="certificate_changed").count() == 0


def test_a_recognised_product_need_not_be_on_sale(producer: Producer, shelf: Shelf) -> None:
    certificate = grant(producer, product_id="")
    assert shelf.asked == 0
    assert stars_for([""], date(2026, 11, 22)) == {}
    assert Event.objects.get(aggregate=f"certificate:{certificate.pk}").payload == {"product_ids": []}


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"stars": 2}, errors.BadStars),
        ({"stars": 6}, errors.BadStars),
        ({"stars": True}, errors.BadStars),
        ({"issuing_level": "commune"}, errors.BadCertificate),
        ({"number": "  "}, errors.BadCertificate),
        ({"decision_number": "x" * 61}, errors.BadCertificate),
        ({"stars": 5}, errors.WrongLevel),  # five stars come from the centre alone
        ({"stars": 4, "issuing_level": "central"}, errors.WrongLevel),
        ({"stars": 4, "issuing_level": "district", "issued_on": date(2024, 1, 1)}, errors.WrongLevel),
        ({"stars": 3, "issuing_level": "district", "issued_on": date(2025, 7, 6)}, errors.WrongLevel),
        ({"scan": b"<svg onload=alert(1)>"}, errors.BadScan),
        ({"scan": b"%PDF-" + b"x" * 8_000_000}, errors.BadScan),
    ],
)
def test_what_no_decision_can_say_is_refused(
    producer: Producer, given: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        grant(producer, **given)
    assert Certificate.objects.count() == 0


def test_the_scan_is_kept_under_a_name_of_our_own(producer: Producer, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    certificate = grant(producer, scan=b"%PDF-1.7 quyet dinh")
    name = str(certificate.scan.name)
    assert name.startswith("ocop/")
    assert name.endswith(".pdf")
    with default_storage.open(name) as stored:
        assert stored.read() == b"%PDF-1.7 quyet dinh"


def test_the_database_itself_refuses_a_sixth_star(producer: Producer) -> None:
    certificate = grant(producer)
    for stars in (2, 6):
        with pytest.raises(IntegrityError), transaction.atomic():
            Certificate.objects.filter(pk=certificate.pk).update(stars=stars)
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(revoked_at=clock.now(), revoked_reason="")


def test_a_page_of_stars_is_one_query(
    producer: Producer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    grant(producer)
    grant(producer, number="AG-04-0018", product_id="p2")
    with django_assert_num_queries(1):
        assert set(stars_for(["p1", "p2", "p3"], date(2026, 11, 22))) == {"p1", "p2"}
    with django_assert_num_queries(0):
        assert stars_for([], date(2026, 11, 22)) == {}
    with pytest.raises(ValueError, match="too many"):
        stars_for([str(i) for i in range(1001)], date(2026, 11, 22))


def test_a_producer_is_registered_once(producer: Producer) -> None:
    again = register_producer(seller=producer.seller, name="Tên khác", actor="user:9")
    assert (again.pk, again.name) == (producer.pk, "Hộ bac-thanh")
    assert AuditEntry.objects.filter(action="ocop.producer_registered").count() == 1


@pytest.mark.parametrize(
    ("issued_on", "last_day"),
    [
        (date(2025, 9, 15), date(2028, 9, 15)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2025, 12, 31), date(2028, 12, 31)),
        (date(2021, 2, 28), date(2024, 2, 28)),
    ],
)
def test_thirty_six_months(issued_on: date, last_day: date) -> None:
    assert expiry_of(issued_on) == last_day


@given(st.dates(date(2018, 5, 7), date(2090, 1, 1)))
def test_thirty_six_months_never_run_into_the_next_month(issued_on: date) -> None:
    last_day = expiry_of(issued_on)
    assert (last_day.year, last_day.month) == (issued_on.year + 3, issued_on.month)
    assert timedelta(days=1094) <= last_day - issued_on <= timedelta(days=1096)
