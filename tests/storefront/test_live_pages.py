"""Live pages also live where no stream is to be had."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

pytestmark = pytest.mark.pure


def test_every_page_that_listens_also_asks_now_and_then() -> None:
    """A browser that finds no place (204) never tries again, so the page has to poll."""
    folder = settings.BASE_DIR / "storefront" / "templates"
    listening = {
        path.relative_to(folder).as_posix(): re.findall(
            r"<[^<]*sse-connect=.*?hx-swap", path.read_text("utf-8")
        )
        for path in folder.rglob("*.html")
        if "sse-connect" in path.read_text("utf-8")
    }
    assert len(listening) == 6
    silent = [
        page for page, tags in listening.items() if not re.search(r"sse:changed, every \d+s", "".join(tags))
    ]
    assert silent == []
