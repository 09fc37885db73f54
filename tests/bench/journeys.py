"""What people do, as HTTP: buying and paying, taking money at a stall and hearing of it."""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devices.speech import money_words
from tests.services.bank import FeedDoor, is_success, notice, reference_on, report
from tests.services.visitor import Reply, Visitor

VENDOR_PHONE = "0900000003"
PASSWORD = "cho-xa-demo"
# SePay's ids of the benchmark's transfers; far from those of the demo bank, which counts from 1.
_numbers = itertools.count(900_000_000)
_next_number = threading.Lock()
HEARD_WITHIN_S = 20.0


class NotAsExpected(Exception):
    """A page of the market said something else; the text says which."""


class PaidByHand(Exception):
    """No bank reports on this seller's account; the seller confirms by hand."""


@dataclass(frozen=True, slots=True)
class Bought:
    """Milliseconds of each step from the basket to the page that says paid."""

    basket: float
    form: float
    order: float
    webhook: float
    paid: float

    @property
    def whole(self) -> float:
        return self.basket + self.form + self.order + self.webhook + self.paid


def number() -> int:
    """A transfer id never used before."""
    with _next_number:
        return next(_numbers)


def buy_and_pay(port: int, door: FeedDoor, slug: str, accounts: set[str]) -> Bought:
    """A guest puts one piece into the basket, orders it and pays by VietQR. Raises NotAsExpected, PaidByHand."""
    buyer = Visitor(port)
    try:
        good = buyer.get(f"/hang/{slug}/")
        add = good.form("variant")
        clock = _Laps()
        _expect(buyer.post("/gio/them/", add.fields), 302)
        clock.lap()
        form = _expect(buyer.get("/dat-hang/"), 200).form("phone")
        clock.lap()
        form.fields |= {
            "name": "Nguyễn Thị Đo",
            "phone": "0912345678",
            "commune": "Vị Tân, Cần Thơ",
            "street": "12 ấp Một",
        }
        for name, offered in form.choices.items():
            if name.startswith("payment_") and "vietqr" in offered:
                form.fields[name] = "vietqr"
        page = buyer.follow(_expect(buyer.post("/dat-hang/", form.fields), 302))
        clock.lap()
        reference = reference_on(page)
        account = next((each for each in accounts if each in page.text), None)
        if account is None:
            raise PaidByHand
        amount = _amount_due(page)
        body = notice(number=number(), account=account, amount_vnd=amount, content=f"{reference} chuyen tien")
        clock.skip()
        _told(report(buyer, door, body))
        clock.lap()
        said = buyer.get(page.path).text
        while "Đã nhận" not in said or reference in said:
            if clock.running_s > HEARD_WITHIN_S:
                raise NotAsExpected(f"{page.path} does not say paid")
            said = buyer.get(page.path).text
        clock.lap()
        return Bought(*clock.laps)
    finally:
        buyer.close()


def _amount_due(page: Reply) -> int:
    """The amount of the sale page, from the button that copies it."""
    found = re.search(r'data-copy="(\d+)"', page.text)
    if found is None:
        raise NotAsExpected(f"no amount on {page.path}")
    return int(found.group(1))


class _Laps:
    """A stop watch in milliseconds."""

    def __init__(self) -> None:
        self.laps: list[float] = []
        self._at = time.perf_counter()

    @property
    def running_s(self) -> float:
        return time.perf_counter() - self._at

    def lap(self) -> None:
        now = time.perf_counter()
        self.laps.append((now - self._at) * 1000)
        self._at = now

    def skip(self) -> None:
        self._at = time.perf_counter()


# --- at a stall ---


class Vendor:
    """A vendor who has signed in and stands at the till of their stall."""

    def __init__(self, port: int) -> None:
        self.visitor = Visitor(port)
        page = _expect(self.visitor.get("/vao/"), 200)
        form = page.form("password")
        login = next(name for name in ("login", "phone", "who", "name") if name in form.fields)
        form.fields |= {login: VENDOR_PHONE, "password": PASSWORD}
        _expect(self.visitor.post("/vao/", form.fields), 302)
        till = _expect(self.visitor.follow(self.visitor.get("/sap/")), 200)
        self.till = till.path

    def ask_for(self, amount_vnd: int) -> Reply:
        """Opens a charge; the page with its code."""
        form = self.visitor.get(self.till).form("amount")
        form.fields["amount"] = str(amount_vnd)
        return _expect(self.visitor.follow(_expect(self.visitor.post(self.till, form.fields), 302)), 200)


@dataclass(frozen=True, slots=True)
class Heard:
    """Milliseconds after the bank began to report: its answer, the screen's event, the new screen, the box."""

    answered: float
    event: float
    screen: float
    box: float


def pay_and_listen(
    vendor: Vendor, bank: Visitor, door: FeedDoor, said: Said, account: str, amount: int
) -> Heard:
    """One payment of a charge, heard by an open screen and by the sound box. Raises NotAsExpected."""
    page = vendor.ask_for(amount)
    live = re.search(r'sse-connect="([^"]+)"', page.text)
    if live is None:
        raise NotAsExpected(f"{page.path} is not a live page")
    body = notice(
        number=number(), account=account, amount_vnd=amount, content=f"{reference_on(page)} tra tien"
    )
    with vendor.visitor.listen(live.group(1)) as stream, said.expecting(money_words(amount)) as box:
        begun = time.monotonic()
        _told(report(bank, door, body))
        answered = time.monotonic()
        stream.wait_for("event: changed")
        event = time.monotonic()
        screen_text = vendor.visitor.get(page.path, {"HX-Request": "true"}).text
        screen = time.monotonic()
        if "Đã nhận" not in screen_text:
            raise NotAsExpected(f"{page.path} was told of a change and shows none")
        heard = box.wait()
    return Heard(*((moment - begun) * 1000 for moment in (answered, event, screen, heard)))


class Said:
    """Watches what the simulated sound boxes say; moments are monotonic, looked for every millisecond."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def expecting(self, words: str) -> Iterator[Awaited]:
        """Notes when a sentence with these words is written, from now on."""
        awaited = Awaited(self._path, words)
        try:
            yield awaited
        finally:
            awaited.stop()


class Awaited:
    """One sentence that has yet to be said."""

    def __init__(self, path: Path, words: str) -> None:
        self._words = words
        self._at: float | None = None
        self._stopping = threading.Event()
        self._file = path.open("rb")
        self._file.seek(0, 2)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def wait(self) -> float:
        """The moment at which it was said. Raises NotAsExpected."""
        self._thread.join(HEARD_WITHIN_S)
        if self._at is None:
            raise NotAsExpected(f"no sound box said {self._words!r}")
        return self._at

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._file.close()

    def _watch(self) -> None:
        rest = b""
        while not self._stopping.wait(0.001):
            data = self._file.read()
            if not data:
                continue
            now = time.monotonic()
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if line and self._words in json.loads(line)["text"]:
                    self._at = now
                    return


def _expect(reply: Reply, status: int) -> Reply:
    if reply.status != status:
        raise NotAsExpected(f"{reply.path} answered {reply.status}, not {status}")
    return reply


def _told(reply: Reply) -> None:
    if not is_success(reply):
        raise NotAsExpected(f"the feed's door answered {reply.status} {reply.body[:200]!r}")
