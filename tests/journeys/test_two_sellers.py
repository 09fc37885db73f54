"""Journey 2: a basket of two sellers is two orders and two payments, and says so; the one that is not paid in
time is cancelled by the market, and its stock is back.

A market of its own holds unpaid orders for half a minute only. The first test of each way buys and pays one
of two; the second looks at the other when its time is over, most of which has passed meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.journeys.pages import Bank, Order, Shop, dong
from tests.journeys.people import Crowd, Person, Way, Window
from tests.journeys.tour import Tour
from tests.services.market import Market, Template, eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.alternate("way")]

# Long enough to order and pay at leisure, also on a busy machine.
HOLD_S = 30
# After that: the sweep, and where no scripts run the next look at the page.
CANCELLED_MS = (HOLD_S + 20) * 1000

PAID = "Nấm linh chi đỏ khô"
PAID_VND = 350_000
MEANS = "Phường Vị Tân, thành phố Cần Thơ"
# Everybody leaves another good unpaid, so that each sees their own pieces go and come back.
UNPAID = {
    "script-phone": ("Mật ong hoa cà phê", 160_000 + 30_000),
    "script-desk": ("Hồ tiêu đen", 68_000 + 30_000),
    "plain-phone": ("Bơ sáp", 45_000 + 30_000),
    "plain-desk": ("Chanh dây", 30_000 + 30_000),
    "keys-phone": ("Khoai lang Lệ Cần", 25_000 + 30_000),
    "keys-desk": ("Cà phê bột Robusta", 125_000 + 30_000),
}


@pytest.fixture(scope="module")
def hurried_market(market_template: Template) -> Iterator[Market]:
    """A market that holds unpaid orders for a short time and looks every second."""
    with market_template.open(UNPAID_HOLD_S=str(HOLD_S), SWEEP_S="1") as market:
        yield market


@pytest.fixture
def market(hurried_market: Market) -> Market:
    """The market of this module; a failing test shows what it said meanwhile."""
    hurried_market.mark_log()
    return hurried_market


@dataclass
class Half:
    """A purchase of two orders of which one is paid. `window` stands on the page of both."""

    person: Person
    window: Window
    tour: Tour
    name: str
    due: int
    before: int


class Halves:
    """The half-paid purchases of this module's buyers, who stay until the end of it."""

    def __init__(self, browser: Browser, market: Market) -> None:
        self.crowd = Crowd(browser, market)
        self._known: dict[Way, Half] = {}

    def of(self, way: Way) -> Half:
        """This way's purchase; made when it is not there yet."""
        if way not in self._known:
            self._known[way] = buy_from_two_and_pay_one(self.crowd, way)
        return self._known[way]


@pytest.fixture(scope="module")
def halves(browser: Browser, hurried_market: Market) -> Iterator[Halves]:
    made = Halves(browser, hurried_market)
    yield made
    made.crowd.leave()


def order_card(window: Window, seller: str) -> Locator:
    """One of the orders on the page of a purchase."""
    return window.page.locator("section.card").filter(has_text=seller)


def buy_from_two_and_pay_one(crowd: Crowd, way: Way) -> Half:
    """The first half of the journey."""
    tour = Tour("hai-nguoi-ban", "Người mua: hai người bán / A buyer, two sellers")
    buyer = crowd.join(way, tour)
    window, page = buyer.window, buyer.window.page
    shop = Shop(window)
    name, due = UNPAID[str(way)]

    shop.open()
    shop.search(name)
    before = shop.choose(name).available()
    basket = shop.buy(PAID, name)
    expect(page.get_by_role("main")).to_contain_text(
        "Giỏ này có hàng của 2 người bán, nên sẽ là 2 đơn và 2 lần trả tiền. Tiền đi thẳng đến từng người bán."
    )
    window.look(
        "gio-hai-nguoi-ban",
        "Giỏ có hàng của hai người bán thì nói rõ: hai đơn, hai lần trả tiền.",
        "A basket with goods of two sellers says so: two orders, two payments.",
    )
    checkout = basket.order()
    checkout.fill(
        name="Trần Văn Hiếu",
        phone="0987 654 321",
        commune="vi tan",
        means=MEANS,
        street="Số 7, khu vực 2",
    )
    checkout.pay_with("Chuyển khoản VietQR")
    checkout.send(MEANS)

    expect(window.heading("2 đơn, 2 lần trả tiền")).to_be_visible()
    both = page.url
    window.press(order_card(window, "Hộ Nguyễn Thị Sen").get_by_role("link", name="Trả tiền"))
    reference = Order(window).reference
    bank = Bank(buyer.open())
    bank.pay(reference)
    bank.window.page.close()
    page.bring_to_front()
    expect(window.page.get_by_role("heading", name=f"Đã nhận {dong(PAID_VND)}", level=1)).to_be_visible()

    window.press(window.link("Cả 2 đơn"))
    page.wait_for_url(both)
    expect(order_card(window, "Hộ Nguyễn Thị Sen")).to_contain_text("Đã nhận tiền")
    expect(order_card(window, "HTX Nông nghiệp Biển Hồ")).to_contain_text("Chờ tiền về")
    expect(order_card(window, "HTX Nông nghiệp Biển Hồ")).to_contain_text(dong(due))
    return Half(buyer, window, tour, name, due, before)


def test_paying_one_leaves_the_other_waiting(halves: Halves, market: Market, way: Way) -> None:
    half = halves.of(way)
    if way.mode != "plain":
        half.window.stay()
    half.window.look(
        "mot-don-da-tra",
        "Trả một đơn, đơn kia vẫn chờ: mỗi người bán nhận tiền riêng.",
        "One order is paid, the other still waits: each seller has their own money.",
    )
    looker = half.person.open()
    shop = Shop(looker)
    shop.open()
    shop.search(half.name)
    # One piece less, unless its time is over already.
    shop.choose(half.name)
    looker.page.close()


def test_the_unpaid_one_is_cancelled_and_its_stock_is_back(halves: Halves, market: Market, way: Way) -> None:
    half = halves.of(way)
    window, page = half.window, half.window.page
    unpaid = order_card(window, "HTX Nông nghiệp Biển Hồ")
    expect(unpaid).to_contain_text("Đã hủy", timeout=CANCELLED_MS)
    if way.mode != "plain":
        assert window.stayed()
    expect(order_card(window, "Hộ Nguyễn Thị Sen")).to_contain_text("Đã nhận tiền")

    window.press(unpaid.get_by_role("link", name="Xem đơn"))
    expect(window.heading("Đơn này đã hủy")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Hết giờ chờ mà chưa thấy tiền về")
    expect(page.locator(".qr")).to_have_count(0)
    window.look(
        "don-kia-huy",
        "Hết giờ chờ mà không thấy tiền: chợ hủy đơn kia và trả hàng lại quầy.",
        "When the time is over without money, the market cancels the other order and gives the goods back.",
    )
    shop = Shop(window)
    shop.open()
    shop.search(half.name)
    assert shop.choose(half.name).available() == half.before
    window.check_quiet()
    half.tour.finish(way)


def test_stock_is_held_while_money_is_awaited(crowd: Crowd) -> None:
    """What the others wait for: the pieces of an unpaid order cannot be bought by anybody else."""
    way = Way("script", "phone")
    name = "Mứt khóm"
    buyer = crowd.join(way, Tour("giu-hang", ""))
    shop = Shop(buyer.window)
    shop.open()
    shop.search(name)
    before = shop.choose(name).available()
    checkout = shop.buy(name).order()
    checkout.fill(name="Lý Thị Ba", phone="0905 111 222", commune="vi tan", means=MEANS, street="Số 1")
    checkout.send(MEANS)
    Order(buyer.window)
    other = crowd.join(way, Tour("giu-hang", ""))
    elsewhere = Shop(other.window)
    elsewhere.open()
    elsewhere.search(name)
    good = elsewhere.choose(name)
    assert good.available() == before - 1
    buyer.window.press(buyer.window.button(re.compile("^Tôi không mua nữa")))
    expect(buyer.window.heading("Đơn này đã hủy")).to_be_visible()

    def is_back() -> bool:
        other.window.page.reload()
        return good.available() == before

    # At once on the embedded engine; a Saleor sends word of it.
    eventually(is_back, "the pieces are back on the shelf")
