"""Numbers as a language writes them, dates as the market does."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.utils import formats, translation

from backend.common import clock
from backend.common.formats import calendar
from backend.common.formats.en import formats as english
from backend.common.formats.vi import formats as vietnamese

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(("language", "number"), [("vi", "1.234.567,5"), ("en", "1,234,567.5")])
def test_numbers_differ_by_language_and_days_come_first_in_each(language: str, number: str) -> None:
    with translation.override(language):
        assert formats.number_format(1234567.5, use_l10n=True, force_grouping=True) == number
        assert formats.date_format(date(2026, 4, 3), "SHORT_DATE_FORMAT") == "03/04/2026"
        assert (
            formats.date_format(clock.local(datetime(2026, 4, 3, 2, 5, tzinfo=UTC)), "DATETIME_FORMAT")
            == "09:05 03/04/2026"
        )
        assert forms.DateField(localize=True).clean("03/04/2026") == date(2026, 4, 3)


def test_the_calendar_has_one_home() -> None:
    words = {name: value for name, value in vars(calendar).items() if name.isupper()}
    assert len(words) == 11
    for language in (english, vietnamese):
        assert all(getattr(language, name) is value for name, value in words.items())
        assert {name for name in vars(language) if name.isupper()} - set(words) == {
            "DECIMAL_SEPARATOR",
            "THOUSAND_SEPARATOR",
            "NUMBER_GROUPING",
        }
