"""GraphiQL, which a demo shows to programmers, works under the market's own policy on a phone and at a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.people import Crowd, Size, Way
from tests.journeys.tour import Tour

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.alternate("size")]


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_question_is_answered_where_it_can_be_read(crowd: Crowd, size: Size) -> None:
    window = crowd.join(Way("script", size), Tour("graphiql", "")).window
    window.go("/market/graphql/")
    page = window.page
    page.locator("button.graphiql-execute-button").click()
    answer = page.locator(".graphiql-response")
    expect(answer).to_contain_text("productName")
    box, screen = answer.bounding_box(), page.viewport_size
    assert box is not None
    assert screen is not None
    assert min(box["width"], box["height"]) >= 200
    assert page.evaluate("document.documentElement.scrollWidth") == screen["width"]
    # Blocked fonts, scripts or styles would have been said in the console.
    assert page.evaluate("document.fonts.check('16px Roboto')") is True
    window.check_quiet()
