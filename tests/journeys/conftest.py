"""One browser and one market for all journeys of a test process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.journeys.people import WAYS, Crowd, Way
from tests.journeys.tour import BUILD, write_tour
from tests.services.market import DEADLINE_S, Market, Template

# --no-sandbox: tests often run as root, and the pages are our own. The others keep Chromium from calling home.
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The order of docs/tour.md.
JOURNEYS: Final = ("nguoi-mua", "hai-nguoi-ban", "nong-dan", "tieu-thuong")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Ends with the journeys: while Playwright runs, Django's ORM refuses to work here."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    expect.set_options(timeout=DEADLINE_S * 1000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()
    if os.environ.get("TOUR") == "1":
        write_tour(JOURNEYS)


@pytest.fixture(scope="package")
def running_market(market_template: Template) -> Iterator[Market]:
    """The market of all journeys but one."""
    with market_template.open() as market:
        yield market


@pytest.fixture
def market(running_market: Market) -> Market:
    """The market; a failing test shows what it said meanwhile."""
    running_market.mark_log()
    return running_market


@pytest.fixture
def crowd(browser: Browser, market: Market) -> Iterator[Crowd]:
    """People in that market."""
    people = Crowd(browser, market)
    yield people
    people.leave()


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    """Each of the ways in which a journey is lived."""
    found = request.param
    assert isinstance(found, Way)
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keeps what was on the screens of a journey that failed, and what the market said during it."""
    report = yield
    if report.failed and call.when == "call":
        known = {id(value): value for value in getattr(item, "funcargs", {}).values()}
        for value in known.values():
            if isinstance(value, Market):
                report.sections.append(("market", value.news()[-20_000:]))
            elif isinstance(value, Crowd):
                kept = value.keep_evidence(BUILD / "failed" / item.name)
                report.sections.append(("screens", "\n".join(map(str, kept))))
    return report
