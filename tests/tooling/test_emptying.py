"""What a test has really written is gone before the next one begins, and what every market knows is there."""

from __future__ import annotations

import pytest
from django.test import TransactionTestCase

from backend.common import clock
from backend.common.models import AuditEntry
from backend.places.models import Commune, Edition

pytestmark = pytest.mark.django_db(transaction=True)


def end_a_test() -> None:
    TransactionTestCase("__init__")._fixture_teardown()  # type: ignore[attr-defined]


def test_what_a_test_wrote_is_gone_and_nothing_is_loaded_anew() -> None:
    AuditEntry.objects.create(at=clock.now(), actor="a", action="b", subject="c")
    loaded_at = Edition.objects.get().loaded_at
    end_a_test()
    assert AuditEntry.objects.count() == 0
    assert (Commune.objects.count(), Edition.objects.get().loaded_at) == (3321, loaded_at)


def test_what_every_market_knows_is_put_back() -> None:
    Commune.objects.filter(pk="31333").update(name="Vị Tân Khác")
    end_a_test()
    assert Commune.objects.get(pk="31333").name == "Vị Tân"


def test_what_was_put_back_is_what_every_market_knows() -> None:
    Commune.objects.filter(pk="31333").delete()
    end_a_test()
    loaded_at = Edition.objects.get().loaded_at
    AuditEntry.objects.create(at=clock.now(), actor="a", action="b", subject="c")
    end_a_test()
    assert (AuditEntry.objects.count(), Edition.objects.get().loaded_at) == (0, loaded_at)
