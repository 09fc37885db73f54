"""The market's pages as the journeys know them: by what stands on them, not by how they are built."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, expect

from payments.vietqr import Decoded, decode
from tests.journeys.people import Window
from tests.services.market import PASSWORD

_QR: Final = zxingcpp.barcode_formats_from_str("QRCode")
_REFERENCE: Final = re.compile(r"\bCX[0-9A-Z]{8}\b")


def dong(amount: int) -> str:
    """350000 as the market writes it: 350.000 ₫."""
    return f"{amount:,}".replace(",", ".") + "\u00a0₫"


def amount_in(text: str) -> int:
    """The one amount in a text, in đồng."""
    (found,) = re.findall(r"([\d.]+)\s*₫", text)
    return int(found.replace(".", ""))


def read_code(picture: bytes) -> Decoded:
    """What a bank app would read from a picture: the one VietQR code on it."""
    with Image.open(io.BytesIO(picture)) as image:
        (found,) = zxingcpp.read_barcodes(image.convert("L"), formats=_QR)
    return decode(found.text)


class Shop:
    """The catalogue."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def open(self) -> None:
        self.window.go("/")

    def search(self, words: str) -> None:
        """Types into the search field and sends it with Enter."""
        field = self.window.page.get_by_role("searchbox", name="Tìm hàng")
        self.window.hand.write(field, words)
        self.window.hand.submit(field)

    def names(self) -> list[str]:
        """The names on the cards, best first."""
        return self.window.page.locator(".good-card h2").all_inner_texts()

    def card(self, name: str) -> Locator:
        """The card of a good by its name."""
        return self.window.page.get_by_role("listitem").filter(has=self.window.link(_exactly(name)))

    def choose(self, name: str) -> Product:
        """Opens the page of a good."""
        self.window.press(self.window.link(_exactly(name)))
        expect(self.window.page.get_by_role("heading", level=1)).to_have_text(name)
        return Product(self.window)

    def buy(self, *names: str) -> Basket:
        """Puts one of each into the basket, found by their names."""
        for name in names:
            self.open()
            self.search(name)
            self.choose(name).add_to_basket()
        return Basket(self.window)


class Product:
    """The page of one good."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.main = window.page.get_by_role("main")

    def available(self) -> int:
        """How many are there to be bought."""
        text = self.main.get_by_text(re.compile(r"còn [\d.]+")).first.inner_text()
        (found,) = re.findall(r"còn ([\d.]+)", text)
        return int(found.replace(".", ""))

    def label(self) -> dict[str, str]:
        """What stands on the label, as shown."""
        facts = self.window.page.locator("dl.facts")
        names, texts = facts.locator("dt").all_inner_texts(), facts.locator("dd").all_inner_texts()
        return dict(zip(names, texts, strict=True))

    def add_to_basket(self) -> Basket:
        self.window.press(self.window.button(re.compile("^Thêm vào giỏ")))
        expect(self.window.heading("Giỏ hàng")).to_be_visible()
        return Basket(self.window)


class Basket:
    """What is to be bought."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def order(self) -> Checkout:
        self.window.press(self.window.link(re.compile("^Đặt hàng")))
        expect(self.window.heading("Đặt hàng")).to_be_visible()
        return Checkout(self.window)


class Checkout:
    """The form of an order."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def fill(self, *, name: str, phone: str, commune: str, means: str, street: str) -> None:
        """`commune` is what the buyer types, `means` what they choose among what is then offered."""
        window = self.window
        window.write("Họ tên", name)
        window.write("Số điện thoại", phone)
        window.write("Xã, phường", commune)
        if window.person.way.mode != "plain":
            # The choices come while one types, and are ticked when the text can mean one place only.
            choice = window.page.get_by_role("radio", name=means)
            expect(choice).to_be_visible()
            window.hand.tick(choice)
        window.write("Số nhà, đường, ấp", street)

    def pay_with(self, name: str) -> None:
        """Chooses how to pay at every seller."""
        for choice in self.window.page.get_by_role("radio", name=name).all():
            self.window.hand.tick(choice)

    def send(self, means: str) -> None:
        """Sends the form; where no scripts run, a commune that can mean several places is asked for once more."""
        window = self.window
        window.press(window.button("Đặt hàng"))
        if window.person.way.mode == "plain":
            asked = window.page.get_by_role("radio", name=means)
            done = window.page.locator("main h1", has_text=re.compile("Trả tiền|lần trả tiền|Đã đặt hàng"))
            expect(asked.or_(done).first).to_be_visible()
            if asked.count():
                window.forgive(422)
                window.hand.tick(asked)
                window.press(window.button("Đặt hàng"))


class Order:
    """The page of one order, as its buyer sees it."""

    def __init__(self, window: Window) -> None:
        self.window = window
        expect(window.heading("Trả tiền cho người bán")).to_be_visible()

    def value(self, what: str) -> str:
        """What stands in the row of that name ("Số tiền")."""
        row = self.window.page.locator(".pay-row").filter(has=self.window.page.get_by_text(what, exact=True))
        return row.locator(".pay-row__value").inner_text()

    @property
    def reference(self) -> str:
        """What the transfer must say."""
        found = _REFERENCE.fullmatch(self.value("Nội dung (giữ nguyên)"))
        assert found is not None
        return found[0]

    def drawn_code(self) -> Decoded:
        """The code on the screen, read from the screen."""
        return read_code(self.window.picture_of(self.window.page.locator(".qr")))

    def saved_code(self) -> Decoded:
        """The code in the picture that is offered for paying on the same phone."""
        with self.window.page.expect_download() as download:
            self.window.press(self.window.link(re.compile("^Lưu")))
        assert download.value.suggested_filename == f"vietqr-{self.reference}.png"
        return read_code(Path(download.value.path()).read_bytes())

    def received(self, amount: int) -> Locator:
        """The words that the money is there."""
        return self.window.page.get_by_role("heading", name=f"Đã nhận {dong(amount)}", level=1)

    def step(self) -> str:
        """Where the order stands."""
        return self.window.page.locator(".steps [aria-current=step]").inner_text()


class Bank:
    """The demo bank, on another page."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.open()

    def open(self) -> None:
        self.window.go(self.window.person.market.bank_url + "/")

    def card(self, reference: str) -> Locator:
        """The waiting code of that reference."""
        return self.window.page.get_by_role("listitem").filter(has_text=reference)

    def pay(self, reference: str) -> None:
        """Pays what the code asks for."""
        card = self.card(reference)
        self.window.press(card.get_by_role("button", name=re.compile("^Trả đúng")))
        self._done()

    def pay_other(self, reference: str, amount: int) -> None:
        """Pays another amount than the code asks for."""
        card = self.card(reference)
        self.window.press(card.locator("summary"))
        self.window.hand.write(card.get_by_label("Số tiền khác (đồng)"), str(amount))
        self.window.press(card.get_by_role("button", name="Trả số này"))
        self._done()

    def pay_without_code(self, reference: str) -> None:
        """Pays what the code asks for, but erases the text that names it."""
        card = self.card(reference)
        self.window.press(card.locator("summary"))
        self.window.press(card.get_by_role("button", name=re.compile("^Xóa mất mã")))
        self._done()

    def report_again(self) -> None:
        """Reports the transfer on this page to the market once more, whatever the market said before."""
        self.window.press(self.window.button("Báo lại cho chợ"))
        self._done()

    def _done(self) -> None:
        expect(self.window.heading("Đã chuyển tiền")).to_be_visible()


def sign_in(window: Window, phone: str, *, to: str) -> None:
    """Signs in with a login of the demo, on the way to the page `to`."""
    window.go(to)
    expect(window.button("Đăng nhập")).to_be_visible()
    window.write("Số điện thoại hoặc thư điện tử", phone)
    window.write("Mật khẩu", PASSWORD)
    window.press(window.button("Đăng nhập"))


class Desk:
    """The farmer's desk."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def list_good(
        self,
        *,
        name: str,
        unit: str,
        price: str,
        quantity: str,
        category: str,
    ) -> None:
        """Screen one of three."""
        window = self.window
        window.write("Tên hàng", name)
        window.write("Bán theo", unit)
        window.write("Giá", price)
        window.write("Còn bao nhiêu", quantity)
        window.hand.pick(window.page.get_by_label("Nhóm hàng", exact=True), category)

    def photograph(self, files: Sequence[Path]) -> None:
        """Screen two of three."""
        self.window.hand.attach(self.window.page.get_by_label("Ảnh", exact=True), files)


class Till:
    """The vendor's till."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def open(self) -> None:
        self.window.go("/sap/")
        expect(self.amount).to_be_visible()

    @property
    def amount(self) -> Locator:
        return self.window.page.get_by_label("Số tiền", exact=True)

    def press_keys(self, keys: str) -> None:
        """On the keypad; "k" is the key with three noughts."""
        pad = self.window.page.get_by_role("group", name="Bàn phím số")
        for key in keys:
            name = "000" if key == "k" else key
            self.window.press(pad.get_by_role("button", name=name, exact=True))

    def again(self) -> None:
        """Back to the keypad, by the tab above."""
        tabs = self.window.page.get_by_role("navigation", name="Sạp của tôi")
        self.window.press(tabs.get_by_role("link", name="Thu tiền"))
        expect(self.amount).to_be_visible()

    def show_code(self) -> None:
        self.window.press(self.window.button(re.compile("^Hiện mã thu")))

    def reference(self) -> str:
        """Of the code on the screen."""
        found = _REFERENCE.search(self.window.page.get_by_role("main").inner_text())
        assert found is not None
        return found[0]

    def code(self) -> Decoded:
        """The code on the screen, read from the screen."""
        return read_code(self.window.picture_of(self.window.page.locator(".qr")))

    def total(self) -> int:
        """Today's money, as the book says."""
        self.window.press(self.window.link("Sổ hôm nay"))
        expect(self.window.heading(re.compile("^Ngày "))).to_be_visible()
        return amount_in(self.window.page.locator("main .big-amount").inner_text())


def _exactly(name: str) -> re.Pattern[str]:
    return re.compile(f"^{re.escape(name)}$")
