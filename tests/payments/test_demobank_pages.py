"""The demo bank in a browser: paid without scripts, large enough for a thumb, nothing for axe to complain of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from backend.common import clock
from payments.intents.queries import get_intent
from payments.vietqr import encode
from tests.payments.counter import Counter

pytestmark = pytest.mark.browser

SMALL = """[...document.querySelectorAll('a,button,input:not([type=hidden]),textarea,summary')]
  .filter(each => each.getBoundingClientRect().height < 48).map(each => each.outerHTML.slice(0, 80))"""


def look(page: Page) -> None:
    """No axe violation, every target at least 48 px high, nothing wider than the screen."""
    assert [each["id"] for each in Axe().run(page).response["violations"]] == []
    assert page.evaluate(SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.alternate("width")
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "light")])
def test_every_page_can_be_used_by_everybody(
    counter: Counter, need_program: Callable[[str], str], width: int, scheme: str
) -> None:
    counter.market.intent(350_000)
    counter.market.intent(24_000, expires_at=clock.now() - timedelta(minutes=1))
    home = f"http://127.0.0.1:{counter.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need_program("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(home)
        for folded in page.locator("summary").all():
            folded.click()
        look(page)
        page.goto(f"{home}/quet")
        look(page)
        page.get_by_label("Nội dung mã QR").fill("000201")
        page.get_by_role("button", name="Đọc mã").click()
        look(page)
        page.get_by_label("Nội dung mã QR").fill(encode(bin="970422", account="123", purpose="dex support"))
        page.get_by_role("button", name="Đọc mã").click()
        look(page)
        page.goto(home)
        page.get_by_role("button", name="Trả đúng 350.000").click()
        look(page)
        page.get_by_role("link", name="Giao dịch").click()
        look(page)
        browser.close()


def test_a_payment_by_keyboard_without_scripts(counter: Counter, need_program: Callable[[str], str]) -> None:
    intent = counter.market.intent(50_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need_program("chromium"), args=["--no-sandbox"])
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(f"http://127.0.0.1:{counter.port}")
        # Three tabs lead through the header to the first card's button.
        for _ in range(4):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("status").wait_for()
        said = page.get_by_role("status").inner_text()
        browser.close()
    assert said == "Chợ đã ghi nhận."
    assert get_intent(intent.id).labels(clock.now()) == {"paid"}
