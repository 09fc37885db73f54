"""A customer erases the code and pays: the vendor sees the money, says what it was for, and takes that back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.pages import Bank, Till, dong, sign_in
from tests.journeys.people import Crowd, Way
from tests.journeys.test_vendor import BY_ITSELF_MS, STALL, VENDOR
from tests.journeys.tour import Tour
from tests.services.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.alternate("way")]


@pytest.mark.parametrize("way", [Way("script", "phone"), Way("plain", "desk")], ids=str)
def test_money_that_names_nothing_is_seen_and_assigned(crowd: Crowd, market: Market, way: Way) -> None:
    vendor = crowd.join(way, Tour("tien-chua-ro", "-"))
    window, page = vendor.window, vendor.window.page
    till, amount = Till(window), 87_000 if way.mode == "script" else 88_000
    said = len(market.said(STALL))

    sign_in(window, VENDOR, to="/sap/")
    window.hand.write(till.amount, str(amount))
    till.show_code()
    expect(page.get_by_role("heading", name=dong(amount), level=1)).to_be_visible()
    reference, charge = till.reference(), page.url
    Bank(vendor.open()).pay_without_code(reference)
    page.bring_to_front()
    # By itself, on the screen that the customer is shown.
    found = page.get_by_role("main").get_by_role("link", name="tiền vừa về chưa rõ của ai")
    expect(found).to_be_visible(timeout=BY_ITSELF_MS[way.mode])
    expect(page.get_by_role("main")).to_contain_text("Chưa thấy tiền về.")
    window.look("tien-vua-ve", "-", "-")
    window.press(found)

    card = page.get_by_role("listitem").filter(has_text="NGUYEN VAN AN").filter(has_text=dong(amount)).first
    expect(card).to_contain_text("NGUYEN VAN AN")
    window.look("danh-sach", "-", "-")
    details = card.locator("summary")
    if details.count():
        window.press(details)
        window.look("danh-sach-mo", "-", "-")
    window.press(card.get_by_role("button", name="Ghi vào đây").first)
    expect(page.get_by_role("status").filter(has_text=f"Đã ghi {dong(amount)}")).to_be_visible()
    window.look("da-ghi", "-", "-")
    window.go(charge)
    expect(page.get_by_role("heading", name=f"Đã nhận {dong(amount)}", level=1)).to_be_visible()

    page.go_back()
    window.press(window.button(re.compile("^Ghi nhầm, lấy lại")).first)
    expect(page.get_by_role("status").filter(has_text="Đã lấy lại.")).to_be_visible()
    window.go(charge)
    expect(page.get_by_role("main")).to_contain_text("Chưa thấy tiền về.")
    assert len(market.said(STALL)) == said, "nothing of this is spoken"
    window.check_quiet()
