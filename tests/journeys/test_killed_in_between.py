"""A bank repeats itself and a program of the market dies meanwhile: still one payment and one announcement."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.pages import Bank, Till, dong, sign_in
from tests.journeys.people import Crowd, Way
from tests.journeys.tour import Tour
from tests.services.market import Market, eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VENDOR = "0900000004"
STALL = "B03"


@pytest.mark.parametrize(
    ("part", "amount", "words"),
    [
        ("worker", 73_000, "Đã nhận bảy mươi ba nghìn đồng"),
        ("gateway", 75_000, "Đã nhận bảy mươi lăm nghìn đồng"),
    ],
    ids=["worker", "gateway"],
)
def test_five_reports_are_one_payment(
    crowd: Crowd, market: Market, part: str, amount: int, words: str
) -> None:
    vendor = crowd.join(Way("script", "phone"), Tour("bao-lai", ""))
    till = Till(vendor.window)
    sign_in(vendor.window, VENDOR, to="/sap/")
    expect(till.amount).to_be_visible()
    before = till.total()
    till.again()
    take(till, amount)
    reference = till.reference()

    bank = Bank(vendor.open())
    killed = market.kill(part)
    bank.pay(reference)  # the first report, while the part is dead
    bank.report_again()
    again = eventually(
        lambda: market.process_of(part) != killed and market.process_of(part), f"{part} is back"
    )
    bank.report_again()
    market.kill(part)
    bank.report_again()
    bank.report_again()
    expect(bank.window.page.get_by_role("status")).to_have_text("Chợ đã biết giao dịch này từ trước.")
    eventually(lambda: market.process_of(part) not in (0, again), f"{part} is back once more")

    page = vendor.window.page
    page.bring_to_front()
    expect(page.get_by_role("main").locator(".received")).to_contain_text(dong(amount))
    eventually(lambda: words in market.said(STALL), "the box speaks", within_s=40)

    # What comes after it has been announced, so nothing of the first is still under way.
    till.again()
    take(till, amount + 100_000)
    bank.open()
    bank.pay(till.reference())
    after = words.replace("Đã nhận ", "Đã nhận một trăm ")
    eventually(lambda: after in market.said(STALL), "the box speaks of what came after")
    assert market.said(STALL).count(words) == 1
    assert market.said(STALL).count(after) == 1
    page.bring_to_front()
    assert till.total() == before + amount + amount + 100_000
    stored = market.rows(f"SELECT COUNT(*) FROM bank_transaction WHERE amount_vnd = {amount}")  # noqa: S608
    assert stored == [(1,)]


def take(till: Till, amount: int) -> None:
    """Asks for an amount at the till."""
    till.window.hand.write(till.amount, str(amount))
    till.show_code()
    expect(till.window.page.get_by_role("heading", name=dong(amount), level=1)).to_be_visible()
