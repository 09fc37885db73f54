"""Copying in a browser that refuses the clipboard to scripts: the old way works, and within the market's policy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, sync_playwright

from storefront.middleware import POLICY

pytestmark = [pytest.mark.browser, pytest.mark.pure]

SCRIPT = Path(__file__).parents[2] / "storefront" / "static" / "js" / "market.js"
PAGE = """<!doctype html><title>Chép</title>
<button data-copy="CX2QCRTH6T" data-done="Đã chép"><span data-copy-label>Chép</span></button><textarea></textarea>
<script src="/market.js"></script>"""
# A window that has lost the focus: the clipboard is refused, and what a script wants selected stays unselected.
AWAY = """
Object.defineProperty(navigator, 'clipboard', {value: {writeText: () => Promise.reject(new Error('no'))}});
HTMLTextAreaElement.prototype.select = () => {};
getSelection().selectAllChildren(document.body);
"""


def test_without_the_clipboard_what_was_asked_for_is_copied(need_program: Callable[[str], str]) -> None:
    def serve(route: Route) -> None:
        if route.request.url.endswith(".js"):
            route.fulfill(body=SCRIPT.read_bytes(), content_type="text/javascript")
        else:
            headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": POLICY}
            route.fulfill(body=PAGE, headers=headers)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need_program("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        troubles: list[str] = []
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.route("**/*", serve)
        page.goto("http://localhost/")
        page.evaluate(AWAY)
        page.evaluate("document.querySelector('button').click()")
        page.get_by_text("Đã chép").wait_for()
        page.get_by_role("textbox").focus()
        page.keyboard.press("Control+V")
        assert page.get_by_role("textbox").input_value() == "CX2QCRTH6T"
        assert troubles == []
        browser.close()
