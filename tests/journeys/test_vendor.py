"""Journey 4: a vendor asks for money at the till, hears and sees that it came, is warned when it is too little,
and takes a wrong charge back.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import Bank, Till, dong, sign_in
from tests.journeys.people import Crowd, Way
from tests.journeys.tour import Tour
from tests.services.market import Market, eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.alternate("way")]

VENDOR = "0900000003"
STALL = "A12"
# Where no scripts run, the till looks again every three seconds.
BY_ITSELF_MS = {"script": 4_000, "keys": 4_000, "plain": 7_000}


def test_a_vendor_takes_money(crowd: Crowd, market: Market, way: Way) -> None:
    tour = Tour("tieu-thuong", "Tiểu thương: thu tiền ở sạp / A vendor at the stall")
    vendor = crowd.join(way, tour)
    window, page = vendor.window, vendor.window.page
    till = Till(window)
    said = len(market.said(STALL))

    sign_in(window, VENDOR, to="/sap/")
    expect(till.amount).to_be_visible()
    expect(page.get_by_role("banner")).to_contain_text("Sạp A12")
    before = till.total()
    till.again()
    enter_fifty_thousand(till, way)
    if way.mode != "plain":
        expect(page.locator("#words")).to_have_text("năm mươi nghìn đồng")
        window.look(
            "ban-phim",
            "Máy thu tiền: bấm số hay bấm số tiền hay dùng, số đọc thành chữ, và một nút.",
            "The till: keys or usual amounts, the amount in words, and one button.",
        )
        till.show_code()

    expect(page.get_by_role("heading", name=dong(50_000), level=1)).to_be_visible()
    reference = till.reference()
    code = till.code()
    assert (code.amount_vnd, code.purpose) == (50_000, reference)
    # The vendor's own account, and nobody else's.
    assert (code.bin, code.account) == ("970436", "0000000112013")
    expect(page.get_by_role("main")).to_contain_text("TRAN THI BAY · Vietcombank")
    expect(page.get_by_role("main")).to_contain_text("Chưa thấy tiền về.")
    window.look(
        "ma-thu",
        "Đưa mã cho khách quét; ảnh chụp màn hình của khách không phải là tiền.",
        "The customer scans the code; a screenshot of theirs is not money.",
    )
    if way.mode != "plain":
        window.stay()
    bank = Bank(vendor.open())
    bank.pay(reference)
    page.bring_to_front()
    expect_received(page, 50_000, way)
    if way.mode != "plain":
        assert window.stayed()
    heard = eventually(lambda: market.said(STALL)[said:], "the box speaks")
    assert heard == ["Đã nhận năm mươi nghìn đồng"]
    window.look(
        "da-nhan",
        "Màn hình xanh “Đã nhận 50.000 ₫”, và loa ở sạp đọc “Đã nhận năm mươi nghìn đồng”.",
        "A green screen, “50.000 ₫ received”, and the sound box says it aloud.",
    )

    # The trick of the market: two hundred đồng for two hundred thousand.
    window.press(window.link("Thu tiếp"))
    window.hand.write(till.amount, "200000")
    window.hand.submit(till.amount)
    expect(page.get_by_role("heading", name=dong(200_000), level=1)).to_be_visible()
    bank.open()
    bank.pay_other(till.reference(), 200)
    page.bring_to_front()
    expect(window.heading("Thiếu tiền")).to_be_visible(timeout=BY_ITSELF_MS[way.mode])
    alert = page.get_by_role("main").get_by_role("alert")
    expect(alert).to_contain_text(dong(200))
    expect(alert).to_contain_text(f"còn thiếu {dong(199_800)}")
    heard = eventually(lambda: market.said(STALL)[said + 1 :], "the box warns")
    assert heard == ["Chú ý, thiếu tiền, nhận hai trăm đồng trên hai trăm nghìn đồng"]
    window.look(
        "thieu-tien",
        "Khách chuyển 200 đồng thay vì 200.000: màn hình đỏ, loa đọc “Chú ý, thiếu tiền”.",
        "A customer pays 200 instead of 200,000: a red screen, and the box says “attention, too little”.",
    )

    # A wrong charge is taken back, and asks for nothing any more.
    window.press(window.link("Thu lần khác"))
    window.hand.write(till.amount, "999000")
    till.show_code()
    expect(page.get_by_role("heading", name=dong(999_000), level=1)).to_be_visible()
    window.press(window.button("Bấm nhầm, bỏ lần thu này"))
    expect(page.get_by_role("main").get_by_role("status").first).to_contain_text("Đã bỏ lần thu này.")
    expect(till.amount).to_be_visible()

    assert till.total() == before + 50_000 + 200
    rows = page.locator("main ul.lines > li").all_inner_texts()
    assert "đã bỏ" in rows[0]
    assert f"thiếu {dong(199_800)}" in rows[1]
    assert f"+ {dong(50_000)}" in rows[2]
    window.look(
        "so-hom-nay",
        "Sổ hôm nay cộng đúng từng đồng: lần thu đủ, lần thiếu, lần đã bỏ.",
        "Today's book is right to the đồng: what was paid, what is short, what was taken back.",
    )
    assert len(market.said(STALL)) == said + 2
    window.check_quiet()
    tour.finish(way)


def enter_fifty_thousand(till: Till, way: Way) -> None:
    """Each in their way: on the keypad, by a usual amount, or written."""
    window = till.window
    quick = window.page.get_by_role("group", name="Số tiền hay dùng")
    if str(way) == "script-phone":
        till.press_keys("50k")
    elif way.mode == "script":
        window.press(quick.get_by_role("button", name="50.000", exact=True))
    elif str(way) == "plain-phone":
        # Without scripts the button is the amount, and sends it.
        window.press(quick.get_by_role("button", name="50.000", exact=True))
    else:
        window.hand.write(till.amount, "50000")
        if way.mode == "plain":
            till.show_code()


def expect_received(page: Page, amount: int, way: Way) -> None:
    """The screen says by itself that the money is there."""
    shown = page.get_by_role("main").locator(".received")
    expect(shown).to_contain_text("Đã nhận", timeout=BY_ITSELF_MS[way.mode])
    expect(shown).to_contain_text(dong(amount))
    expect(shown).to_contain_text("năm mươi nghìn đồng")
