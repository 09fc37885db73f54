"""A star that does not come from a certificate must not exist: no column keeps one, no page writes one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

STARS_IN_NAME = re.compile(r"(^|_)(stars?|sao|rating|ocop_rank)(_|$)")
STARS_IN_WORDS = re.compile(r"\b[3-5][ \u00a0](sao\b|stars?\b)|[★⭐]{2,}", re.IGNORECASE)


def test_only_certificates_have_a_column_for_stars() -> None:
    columns = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if STARS_IN_NAME.search(field.name)
    }
    assert columns == {"ocop.Certificate.stars"}


@pytest.mark.parametrize("text", ["4 sao", "5 sao trở lên", "OCOP 3 stars", "★★★★"])
def test_the_search_for_written_stars_finds_them(text: str) -> None:
    assert STARS_IN_WORDS.search(text)


@pytest.mark.parametrize("text", ["{{ stars.stars }} sao", "2013 sao lưu", "★", "ngôi sao", "40 sao"])
def test_the_search_for_written_stars_leaves_others_alone(text: str) -> None:
    assert not STARS_IN_WORDS.search(text)


def test_no_template_writes_stars_by_hand() -> None:
    folder = Path(settings.BASE_DIR) / "storefront" / "templates"
    guilty = [
        f"{path.relative_to(folder)}: {match.group()}"
        for path in sorted(folder.rglob("*.html"))
        for match in STARS_IN_WORDS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert guilty == []
