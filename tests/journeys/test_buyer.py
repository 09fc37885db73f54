"""Journey 1: a buyer finds a good, reads about it, orders as a guest, pays, and is told by the page itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.pages import Bank, Order, Shop, dong
from tests.journeys.people import Crowd, Way
from tests.journeys.tour import Tour
from tests.services.market import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.alternate("way")]

NAME = "Nấm linh chi đỏ khô"
PRICE_VND = 350_000
# The money is there within a blink; where no scripts run, the page looks again every five seconds.
BY_ITSELF_MS = {"script": 4_000, "keys": 4_000, "plain": 9_000}


def test_a_buyer_buys_from_one_seller(crowd: Crowd, way: Way) -> None:
    tour = Tour("nguoi-mua", "Người mua: một món, một người bán / A buyer, one seller")
    buyer = crowd.join(way, tour)
    window, page = buyer.window, buyer.window.page
    shop = Shop(window)

    shop.open()
    window.look(
        "cho",
        "Chợ mở ra là hàng: ảnh, giá, người bán và xã. Sao OCOP chỉ hiện khi sổ đăng ký còn công nhận.",
        "The market opens with its goods: picture, price, seller and commune. OCOP stars show only while the "
        "register grants them.",
    )
    shop.search("nam linh chi")
    expect(page.get_by_role("status").filter(has_text="nam linh chi")).to_be_visible()
    assert sorted(shop.names()) == ["Nấm linh chi thái lát", NAME]
    window.look(
        "tim",
        "Gõ “nam linh chi” không dấu vẫn ra nấm linh chi.",
        "Typing “nam linh chi” without accents finds lingzhi.",
    )

    product = shop.choose(NAME)
    before = product.available()
    photo = product.main.get_by_role("img").first
    eventually(lambda: photo.evaluate("image => image.naturalWidth"), "the photograph is there")
    text = product.main.inner_text().replace("\u00a0", " ")
    for words in (
        "350.000 ₫",
        "túi 250 g",
        "1.400.000 ₫ / kg",
        "OCOP 4 sao",
        "Hộ Nguyễn Thị Sen",
        "Ấp Bắc Thạnh, Xã Thoại Sơn, An Giang",
    ):
        assert words in text, words
    label = product.label()
    assert label["Định lượng"] == "Khối lượng tịnh: 250 g"
    assert re.fullmatch(r"\d\d/\d\d/\d{4}", label["Ngày sản xuất"])
    assert label["Hạn sử dụng"] == "24 tháng kể từ ngày sản xuất"
    assert label["Thành phần"] == "100% nấm linh chi đỏ (Ganoderma lucidum) sấy khô"
    assert label["Lưu ý"].startswith("Sản phẩm này không phải là thuốc")
    assert label["Người sản xuất"] == "Hộ Nguyễn Thị Sen"
    assert label["Xuất xứ"] == "Ấp Bắc Thạnh, Xã Thoại Sơn, An Giang, Việt Nam"
    window.look(
        "mon-hang",
        "Trang món hàng: ảnh lớn, giá, còn bao nhiêu, sao OCOP còn hiệu lực, và một nút.",
        "A good's page: a large picture, price, what is left, stars in force, and one button.",
    )
    window.look(
        "nhan",
        "Kéo xuống: nhãn hàng như luật đòi, ai làm, ở đâu.",
        "Further down: the label as law wants it shown, who made it and where.",
        at=page.get_by_text("Thành phần", exact=True),
    )

    basket = product.add_to_basket()
    window.look("gio", "Giỏ hàng: thêm, bớt, bỏ ra.", "The basket: more, fewer, or none.")
    checkout = basket.order()
    means = "Phường Vị Tân, thành phố Cần Thơ"
    checkout.fill(
        name="Nguyễn Thị Lan",
        phone="0912 345 678",
        commune="vi tan",
        means=means,
        street="Số 12, khu vực 3",
    )
    checkout.pay_with("Chuyển khoản VietQR")
    window.look(
        "dat-hang",
        "Đặt hàng không cần tài khoản: tên, số điện thoại, và xã gõ không dấu cũng được.",
        "Ordering needs no account: a name, a phone number, and a commune typed without accents.",
        at=page.get_by_label("Họ tên", exact=True),
    )
    checkout.send(means)

    order = Order(window)
    code = order.drawn_code()
    reference = order.reference
    assert order.value("Số tiền").replace("\u00a0", " ") == "350.000 ₫"
    assert (code.amount_vnd, code.purpose) == (PRICE_VND, reference)
    assert (code.bin, code.account) == ("970405", order.value("Số tài khoản"))
    assert code.bank_short_name == order.value("Ngân hàng")
    assert order.value("Tên tài khoản") == "NGUYEN THI SEN"
    assert order.saved_code() == code
    if way.mode == "plain":
        expect(page.get_by_role("button", name=re.compile("^Chép"))).to_have_count(0)
    else:
        for what, copied in (
            ("Số tiền", str(PRICE_VND)),
            ("Số tài khoản", code.account),
            ("Tên tài khoản", "NGUYEN THI SEN"),
            ("Nội dung (giữ nguyên)", reference),
        ):
            button = page.get_by_role("button", name=f"Chép {what}")
            window.press(button)
            expect(button).to_have_text("Đã chép")
            if way.mode == "script":
                assert page.evaluate("navigator.clipboard.readText()") == copied
    window.look(
        "tra-tien",
        "Mã VietQR của đúng đơn này, vào thẳng tài khoản người bán; trả trên cùng máy thì lưu ảnh mã.",
        "The VietQR code of this very order, straight to the seller's account; to pay on the same phone, save "
        "the picture.",
        at=window.heading("Trả tiền cho người bán"),
    )
    if way.mode != "plain":
        window.stay()

    bank = Bank(buyer.open())
    bank.window.look(
        "ngan-hang",
        "Ngân hàng thử đóng vai ứng dụng ngân hàng: trả đúng, thiếu, thừa, muộn.",
        "The demo bank plays the bank app: exact, short, over, late.",
    )
    bank.pay(reference)

    page.bring_to_front()
    expect(order.received(PRICE_VND)).to_be_visible(timeout=BY_ITSELF_MS[way.mode])
    if way.mode != "plain":
        assert window.stayed()
        expect(page.locator("#live-region")).to_have_text(f"Đã nhận {dong(PRICE_VND)}")
    assert order.step() == "Đã trả tiền"
    window.look(
        "da-nhan",
        "Trang tự báo “Đã nhận 350.000 ₫” khi ngân hàng báo có.",
        "The page itself says “350.000 ₫ received” as soon as the bank reports it.",
        at=order.received(PRICE_VND),
    )

    shop.open()
    shop.search(NAME)
    assert shop.choose(NAME).available() == before - 1
    window.check_quiet()
    tour.finish(way)
