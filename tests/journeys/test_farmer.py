"""Journey 3: a farmer lists a good with photographs, sees an order arrive, takes it on and hands it over, and the
buyer's page follows.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat
from PIL.ExifTags import GPS, IFD, Base
from playwright.sync_api import expect

from tests.journeys.pages import Bank, Basket, Desk, Order, Product, amount_in, dong, sign_in
from tests.journeys.people import Crowd, Way, Window
from tests.journeys.tour import Tour
from tests.services.market import ROOT, Market, eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.alternate("way")]

FARMER = "0900000002"
SELLER = "HTX Rau an toàn Hoằng Giang"
MAIL = "rau-hoang-giang@cho-xa.example"
DRAWN = ROOT / "backend" / "project" / "demo" / "pictures"
MEANS = "Phường Vị Tân, thành phố Cần Thơ"
# 12.000 for the good and 15.000 for bringing it.
TOTAL_VND = 27_000
# Where no scripts run, desk and buyer's page look again every five seconds.
BY_ITSELF_MS = {"script": 4_000, "keys": 4_000, "plain": 9_000}


# What the second photograph shows, once it stands upright: three wide, four high.
LEAF = DRAWN / "mong-toi-2.webp"
UPRIGHT = (900, 1200)


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """As a phone makes it: lying on its side with a note of how to turn it, and saying where it was taken."""
    exif = Image.Exif()
    exif[Base.Orientation] = 6  # to be turned by 90 degrees to the right
    exif[Base.Model] = "Điện thoại của anh Hợi"
    exif.get_ifd(IFD.GPSInfo).update({GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (19.0, 55.0, 12.0)})
    path = tmp_path / "vuon-rau.jpg"
    upright().transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=90)
    with Image.open(path) as written:
        assert written.size == UPRIGHT[::-1]
        assert written.getexif().get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] == (19.0, 55.0, 12.0)
    return path


def upright() -> Image.Image:
    """The second photograph as people are to see it."""
    with Image.open(LEAF) as drawn:
        return ImageOps.fit(drawn.convert("RGB"), UPRIGHT)


def test_a_farmer_lists_a_good_and_sells_it(crowd: Crowd, market: Market, way: Way, photograph: Path) -> None:
    tour = Tour("nong-dan", "Nông dân: đăng hàng, nhận đơn, giao hàng / A farmer lists, sells, hands over")
    farmer = crowd.join(way, tour)
    window, page = farmer.window, farmer.window.page

    # -- listing, in three screens --
    sign_in(window, FARMER, to="/ban-hang/")
    expect(window.heading("Đơn hàng")).to_be_visible()
    waiting = orders_waiting(window)
    window.press(window.link(re.compile("^Hàng của tôi")))
    expect(window.heading("Hàng của tôi")).to_be_visible()
    window.press(window.link("Đăng món mới").first)
    desk = Desk(window)
    desk.list_good(
        name="Rau mồng tơi", unit="bó 300 g", price="12.000", quantity="20", category="Rau, củ, quả, hạt tươi"
    )
    window.look(
        "ten-va-gia",
        "Đăng một món trong ba bước. Bước một: tên, bán theo gì, giá, còn bao nhiêu.",
        "Listing a good takes three steps. First: its name, unit, price, and how much there is.",
        at=window.heading("Đăng món mới"),
    )
    window.press(window.button("Tiếp: chụp ảnh"))
    expect(window.heading("Ảnh của Rau mồng tơi")).to_be_visible()
    # Goods of the same name are listed by everybody who lives this journey; this one is ours.
    ours = page.locator(f"a[href*='{page.url.split('/')[-3]}']")
    desk.photograph([DRAWN / "mong-toi-1.webp", photograph])
    if way.mode != "plain":
        expect(page.locator("#chosen img")).to_have_count(2)
    window.look(
        "anh",
        "Bước hai: ảnh chụp. Chợ tự xoay cho đúng và xóa những gì máy ảnh ghi kèm, như nơi chụp.",
        "Second: photographs. They are turned upright, and what the camera noted, such as the place, is removed.",
    )
    window.press(window.button("Tiếp: nhãn"))
    expect(window.heading("Nhãn của Rau mồng tơi")).to_be_visible()
    window.write("Cách dùng", "Nấu canh, luộc, xào tỏi.")
    window.look(
        "nhan",
        "Bước ba: nhãn. Người bán, địa chỉ, định lượng đã điền sẵn.",
        "Third: the label. Producer, address and quantity are already filled in.",
        at=window.heading("Nhãn của Rau mồng tơi"),
    )
    window.press(window.button("Đăng lên kệ"))
    expect(page.get_by_role("main").get_by_role("status").first).to_have_text("Rau mồng tơi đã lên kệ.")
    listed = page.get_by_role("main").get_by_role("listitem").filter(has=ours)
    window.look(
        "len-ke",
        "Món hàng đã lên kệ, sửa giá hay số lượng lúc nào cũng được.",
        "It is on the shelf; price and stock can be changed at any time.",
        at=listed,
    )
    address = listed.get_by_role("link", name="Xem thử").get_attribute("href")
    assert address is not None
    window.press(window.link(re.compile("^Đơn hàng")))
    expect(window.heading("Đơn hàng")).to_be_visible()
    if way.mode != "plain":
        window.stay()

    # -- somebody buys it; on a phone by transfer, at a desk in cash --
    buyer = crowd.join(way, Tour("nguoi-mua-rau", ""))
    number = buy(buyer.window, address, by_transfer=way.size == "phone")

    # -- the order arrives by itself, at the desk and by mail --
    page.bring_to_front()
    expect(page.get_by_role("main").get_by_role("status").first).to_have_text(
        f"{waiting + 1} đơn mới đang chờ bạn nhận", timeout=BY_ITSELF_MS[way.mode]
    )
    if way.mode != "plain":
        assert window.stayed()
    card = page.get_by_role("main").get_by_role("listitem").filter(has_text=f"Đơn {number}")
    expect(card).to_contain_text("Mới, chờ nhận")
    window.look(
        "don-moi",
        "Có đơn: bàn bán hàng báo ngay, và một lá thư được gửi đi.",
        "An order comes: the desk says so at once, and a mail is sent.",
    )
    mails = eventually(
        lambda: [mail for mail in market.mails(MAIL) if f"Đơn mới {number}:" in str(mail["Subject"])],
        f"a mail tells of order {number}",
    )
    assert len(mails) == 1
    assert amount_in(str(mails[0]["Subject"])) == TOTAL_VND
    body = str(mails[0].get_content())
    assert "- 1 × Rau mồng tơi (bó 300 g)" in body
    assert f"{market.url}/ban-hang/don/" in body

    # -- taken on, handed over; the buyer's page follows --
    window.press(card.get_by_role("link"))
    expect(window.heading(f"Đơn {number} · {dong(TOTAL_VND)}")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Nguyễn Văn Tám")
    window.look(
        "nhan-don",
        "Một đơn: gì, cho ai, ở đâu, và một nút: nhận đơn.",
        "An order: what, for whom, where to, and one button: take it on.",
    )
    theirs = buyer.window
    if way.mode != "plain":
        theirs.stay()
    window.press(window.button("Nhận đơn"))
    expect(page.get_by_role("main").get_by_role("status").first).to_have_text(
        "Đã nhận đơn. Người mua thấy ngay."
    )
    theirs.page.bring_to_front()
    current = theirs.page.locator(".steps [aria-current=step]")
    expect(current).to_have_text("Đang chuẩn bị", timeout=BY_ITSELF_MS[way.mode])
    page.bring_to_front()
    window.press(window.button(re.compile("^Đã giao")))
    expect(page.get_by_role("main").get_by_role("status").first).to_have_text("Đã ghi là giao xong.")
    theirs.page.bring_to_front()
    expect(theirs.heading("Đã giao")).to_be_visible(timeout=BY_ITSELF_MS[way.mode])
    expect(current).to_have_text("Đã giao")
    if way.mode != "plain":
        assert theirs.stayed()
    theirs.person.tour = tour
    theirs.look(
        "da-giao",
        "Giao xong, trang của người mua tự đổi theo.",
        "After the hand-over the buyer's page follows by itself.",
    )
    window.check_quiet()
    tour.finish(way)


def orders_waiting(window: Window) -> int:
    """How many new orders the desk says are waiting."""
    notice = window.page.get_by_role("main").get_by_text(re.compile("đơn mới đang chờ bạn nhận"))
    return int(notice.first.inner_text().split()[0]) if notice.count() else 0


def buy(window: Window, address: str, *, by_transfer: bool) -> str:
    """Buys the good as a guest and looks at its photographs; the order's number. Stays on the order's page."""
    window.go(address)
    product = Product(window)
    main = product.main.inner_text().replace("\u00a0", " ")
    for words in ("Rau mồng tơi", "12.000 ₫", "bó 300 g · còn 20", "40.000 ₫ / kg", SELLER):
        assert words in main, words
    assert product.label()["Cách dùng"] == "Nấu canh, luộc, xào tỏi."
    check_photographs(window)
    basket = product.add_to_basket()
    assert isinstance(basket, Basket)
    checkout = basket.order()
    checkout.fill(
        name="Nguyễn Văn Tám", phone="0934 567 890", commune="vi tan", means=MEANS, street="Số 3, khu vực 1"
    )
    checkout.pay_with("Chuyển khoản VietQR" if by_transfer else "Tiền mặt khi nhận hàng")
    checkout.send(MEANS)
    if by_transfer:
        reference = Order(window).reference
        bank = Bank(window.person.open())
        bank.pay(reference)
        bank.window.page.close()
        window.page.bring_to_front()
        expect(window.heading(f"Đã nhận {dong(TOTAL_VND)}")).to_be_visible()
    else:
        expect(window.heading("Đã đặt hàng")).to_be_visible()
        expect(window.page.get_by_role("main")).to_contain_text(
            f"Trả {dong(TOTAL_VND)} tiền mặt khi nhận hàng."
        )
    heading = window.page.get_by_role("heading", name=re.compile(r"^Đơn .* · " + SELLER)).inner_text()
    return heading.split()[1]


def check_photographs(window: Window) -> None:
    """What is served of the two photographs: upright, and without anything that the camera wrote."""
    images = window.page.locator(".gallery img")
    expect(images).to_have_count(2)
    for number in range(2):
        sources = addresses(images.nth(number).get_attribute("srcset") or "")
        assert len(sources) == 3
        for source in sources:
            answer = window.page.request.get(window.person.market.url + source)
            assert answer.headers["content-type"] == "image/webp"
            with Image.open(io.BytesIO(answer.body())) as served:
                assert dict(served.getexif()) == {}
                assert not {"exif", "xmp", "icc_profile"} & set(served.info)
                if number == 1:
                    assert served.height * 3 == pytest.approx(served.width * 4, abs=4)
                    meant = upright().resize(served.size)
                    difference = ImageStat.Stat(ImageChops.difference(served.convert("RGB"), meant))
                    assert max(difference.mean) < 4  # of 255; lying on its side it would be some 60


def addresses(srcset: str) -> list[str]:
    """The addresses in a srcset."""
    return [part.split()[0] for part in srcset.split(",")]
