"""What is typed at the till means the same with scripts and without, and the field for photographs speaks Vietnamese."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

from backend.common.money import format_number, parse_vnd

pytestmark = [pytest.mark.browser, pytest.mark.pure]

STATIC = Path(__file__).parents[2] / "storefront" / "static"
TILL = """<!doctype html><title>Thu tiền</title><form data-till><input name=amount aria-label="Số tiền">
<p id=words></p><button data-submit data-text="Hiện mã thu">Hiện mã thu</button></form>
<script>window.htmx = {trigger() {}}</script><script src="/js/till.js"></script>"""


@pytest.fixture
def page(need_program: Callable[[str], str]) -> Iterator[Page]:
    def serve(route: Route) -> None:
        path = route.request.url.removeprefix("http://localhost/")
        if path:
            kind = "text/javascript" if path.endswith(".js") else "text/css"
            route.fulfill(body=(STATIC / path).read_bytes(), content_type=kind)
        else:
            route.fulfill(body=TILL, content_type="text/html; charset=utf-8")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need_program("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", serve)
        page.goto("http://localhost/")
        yield page
        browser.close()


def test_the_till_reads_an_amount_as_the_market_does(page: Page) -> None:
    field = page.get_by_label("Số tiền")
    for typed in ("50k", "50K", "50 k", "50kđ", "50000", "50.000", "50.000 đ", "50,000", "120k", "0"):
        field.fill("")
        field.press_sequentially(typed)
        by_keys = field.input_value()
        field.fill(typed)
        wanted = format_number(parse_vnd(typed)) if parse_vnd(typed) else ""
        assert (by_keys, field.input_value()) == (wanted, wanted), typed
    field.fill("50k")
    expect(page.get_by_role("button")).to_have_text("Hiện mã thu 50.000\u00a0₫")
    # And one may go on from there.
    field.press("End")
    field.press("Backspace")
    assert field.input_value() == "5.000"
