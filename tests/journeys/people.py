"""People with a browser: who they are, how they live a journey, and what must hold wherever they look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

from tests.journeys.hands import Hand, Keys, Pointer
from tests.journeys.looking import check_by_axe, check_page, steadily, take_picture
from tests.journeys.tour import Tour
from tests.services.market import DEADLINE_S, Market

Mode = Literal["script", "plain", "keys"]
Size = Literal["phone", "desk"]
VIEWPORTS: Final[dict[Size, tuple[int, int]]] = {"phone": (360, 740), "desk": (1280, 800)}


@dataclass(frozen=True)
class Way:
    """One of the ways in which every journey is lived: with scripts, without them, or by the keys of a
    keyboard alone; on a phone or at a desk.
    """

    mode: Mode
    size: Size

    def __str__(self) -> str:
        return f"{self.mode}-{self.size}"


WAYS: Final = tuple(Way(mode, size) for mode in ("script", "plain", "keys") for size in ("phone", "desk"))


class Window:
    """A page that a person has open."""

    def __init__(self, person: Person, page: Page) -> None:
        self.person, self.page = person, page
        self.hand: Hand = Keys(page) if person.way.mode == "keys" else Pointer(page)
        self._troubles: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._troubles.append(f"script: {error}"))

    def go(self, address: str) -> None:
        """Opens an address; one that begins with a slash is the market's."""
        self.page.goto(address if "://" in address else self.person.market.url + address)

    def press(self, target: Locator) -> None:
        """Follows a link or presses a button."""
        self.hand.press(target)

    def write(self, label: str, text: str) -> None:
        """Writes into the field of that label."""
        self.hand.write(self.page.get_by_label(label, exact=True), text)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """The one button of that name."""
        return self.page.get_by_role("button", name=name)

    def link(self, name: str | re.Pattern[str]) -> Locator:
        """The one link of that name."""
        return self.page.get_by_role("link", name=name)

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        """The one heading of that name."""
        return self.page.get_by_role("heading", name=name)

    def picture_of(self, target: Locator) -> bytes:
        """A part of the page as it is seen (PNG)."""
        return steadily(lambda: target.screenshot(caret="initial"), self.page)

    def stay(self) -> None:
        """From here on `stayed` can tell whether the page was loaded anew (scripts only)."""
        self.page.evaluate("window.stayed = true")

    def stayed(self) -> bool:
        """Whether this is still the page of the last `stay`: it changed, if at all, by itself."""
        return self.page.evaluate("window.stayed === true") is True

    def look(self, name: str, vi: str, en: str, *, at: Locator | None = None) -> None:
        """Looks at the page as it stands: one step of the journey, told in two languages.

        It must not scroll sideways, be easy to touch, and please axe; those who have scripts and a phone look at
        it by night as well. `at` is what the picture is to show.
        """
        way = self.person.way
        self.person.tour.step(name, vi=vi, en=en)
        # The document is the same whether worked by pointer or by keys.
        if way.mode != "keys":
            steadily(lambda: self.page.evaluate("scrollTo(0, 0)"), self.page)
            check_page(self.page, scripted=way.mode == "script")
        if way.mode == "script":
            if at is not None:
                at.evaluate("element => element.scrollIntoView({block: 'nearest'})")
            take_picture(self.page, self.person.tour.picture(name, way))
            if way.size == "phone":
                self.page.emulate_media(color_scheme="dark")
                take_picture(self.page, self.person.tour.picture(f"{name}-toi", way))
                self.page.evaluate("scrollTo(0, 0)")
                check_by_axe(self.page, scripted=True)
                self.page.emulate_media(color_scheme="light")
        self.check_quiet()

    def check_quiet(self) -> None:
        """Nothing has gone wrong in the browser so far."""
        assert self._troubles == [], f"{self.page.url}: {self._troubles}"

    def forgive(self, status: int) -> None:
        """An answer of this status was asked for (a form that is refused): the browser may have said so."""
        self._troubles = [each for each in self._troubles if f"status of {status} " not in each]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._troubles.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


class Person:
    """Somebody with a browser of their own: no cookie is shared with anybody else."""

    def __init__(self, browser: Browser, market: Market, way: Way, tour: Tour) -> None:
        self.market, self.way, self.tour = market, way, tour
        width, height = VIEWPORTS[way.size]
        phone = way.size == "phone"
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=2 if phone and tour.publishing else 1,
            is_mobile=phone,
            has_touch=phone,
            java_script_enabled=way.mode != "plain",
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            color_scheme="light",
            # A button that is still fading from one colour to another is no fault of contrast.
            reduced_motion="reduce",
            accept_downloads=True,
        )
        self.context.set_default_timeout(DEADLINE_S * 1000)
        if way.mode == "script":
            self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=market.url)
        self.window = self.open()

    def open(self) -> Window:
        """One more page, in front of the others."""
        return Window(self, self.context.new_page())


class Crowd:
    """The people of a test."""

    def __init__(self, browser: Browser, market: Market) -> None:
        self._browser, self._market = browser, market
        self.people: list[Person] = []

    def join(self, way: Way, tour: Tour) -> Person:
        """One more person."""
        person = Person(self._browser, self._market, way, tour)
        self.people.append(person)
        return person

    def keep_evidence(self, folder: Path) -> Sequence[Path]:
        """Writes down what everybody sees now: a picture and the HTML of each page."""
        folder.mkdir(parents=True, exist_ok=True)
        kept: list[Path] = []
        pages = [page for person in self.people for page in person.context.pages]
        for number, page in enumerate(pages, 1):
            picture, html = folder / f"{number}.png", folder / f"{number}.html"
            page.screenshot(path=picture)
            html.write_text(f"<!-- {page.url} -->\n{page.content()}", encoding="utf-8")
            kept += [picture, html]
        return kept

    def leave(self) -> None:
        """Everybody closes their browser."""
        for person in self.people:
            person.context.close()
        self.people.clear()
