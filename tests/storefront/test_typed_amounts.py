"""What is typed at the till means the same with scripts and without, and the field for photographs speaks Vietnamese."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import FilePayload, Locator, Page, Route, expect, sync_playwright

from backend.common.money import format_number, parse_vnd
from storefront.desk.forms import PhotosForm

pytestmark = [pytest.mark.browser, pytest.mark.pure]

STATIC = Path(__file__).parents[2] / "storefront" / "static"
TILL = """<!doctype html><title>Thu tiền</title><form data-till><input name=amount aria-label="Số tiền">
<p id=words></p><button data-submit data-text="Hiện mã thu">Hiện mã thu</button></form>
<script>window.htmx = {trigger() {}}</script><script src="/js/till.js"></script>"""


PHOTOS = """<!doctype html><html lang=vi><meta name=viewport content="width=device-width"><title>Ảnh</title>
<link rel=stylesheet href="/css/market.css"><form class=form novalidate>{field}</form><div id=live-region></div>
<script src="/js/market.js"></script></html>"""


def open_photos(page: Page) -> Locator:
    """The field for photographs as the desk shows it; returns what takes the files."""
    field = render_to_string("desk/_photos.html", {"field": PhotosForm()["photos"]})
    page.route(
        "http://localhost/anh",
        lambda route: route.fulfill(body=PHOTOS.format(field=field), content_type="text/html; charset=utf-8"),
    )
    page.goto("http://localhost/anh")
    return page.get_by_label("Ảnh", exact=True)


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


PICTURE: FilePayload = {
    "name": "a.svg",
    "mimeType": "image/svg+xml",
    "buffer": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
}


def test_choosing_photographs_speaks_vietnamese_and_counts(page: Page) -> None:
    field = open_photos(page)
    shown = page.locator(".picker > span:visible")
    expect(shown).to_have_text(["Chọn ảnh", "Chưa chọn ảnh"])
    # The browser's own words ("Choose Files") lie unseen, and the field takes the finger wherever the box is touched.
    assert field.evaluate("element => getComputedStyle(element).opacity") == "0"
    box, whole = field.bounding_box(), page.locator(".picker").bounding_box()
    assert box is not None
    assert whole is not None
    assert (box["width"], box["height"]) == (whole["width"] - 4, whole["height"] - 4), "all but the border"
    with page.expect_file_chooser() as chooser:
        page.locator(".picker").click(position={"x": 20, "y": 20})
    assert chooser.value.is_multiple()
    chooser.value.set_files([PICTURE])
    expect(shown).to_have_text(["Chọn ảnh", "1 ảnh đã chọn"])
    field.set_input_files([PICTURE, PICTURE])
    expect(shown).to_have_text(["Chọn ảnh", "2 ảnh đã chọn"])
    expect(page.locator("#live-region")).to_have_text("2 ảnh đã chọn")
    field.set_input_files([])
    expect(shown).to_have_text(["Chọn ảnh", "Chưa chọn ảnh"])


def test_without_scripts_it_shows_that_something_was_chosen(page: Page) -> None:
    page.route("**/*.js", lambda route: route.abort())
    field = open_photos(page)
    shown = page.locator(".picker > span:visible")
    expect(shown).to_have_text(["Chọn ảnh", "Chưa chọn ảnh"])
    field.focus()
    assert page.locator(".picker").evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    field.set_input_files([PICTURE])
    expect(shown).to_have_text(["Chọn ảnh", "Đã chọn ảnh"])
