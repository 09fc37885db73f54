"""What is looked at on every page of a journey, whoever lives it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image
from playwright.sync_api import Error, Page

from tests.services.market import eventually

Found = TypeVar("Found")

# On pages that renew themselves without scripts.
STOP: Final = "Dừng tự tải lại"
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A fingertip (style guides say 44 to 48 CSS pixels).
TOUCH_PX: Final = 44
QUALITY: Final = 80

# Where a page runs no scripts its timers stand still too, but promises go on; axe only wants to be polite to others.
_NO_TIMERS: Final = """
  window.setTimeout = (call, _wait, ...rest) => { Promise.resolve().then(() => call(...rest)); return 0; };
  window.requestAnimationFrame = call => window.setTimeout(() => call(0));
"""
_TOO_SMALL: Final = f"""() => [...document.querySelectorAll(
  'button, .button, .link, .chip, .tabs a, .top__link, select, summary, textarea, input:not([type=hidden])')]
  .filter(each => each.checkVisibility({{visibilityProperty: true}}))
  .map(each => {{
    const shown = each.matches('input[type=radio], input[type=checkbox]') && each.closest('label') || each;
    const box = shown.getBoundingClientRect();
    return [each.outerHTML.slice(0, 120), Math.round(box.width), Math.round(box.height)];
  }})
  .filter(([_, width, height]) => width > 1 && height > 1 && (width < {TOUCH_PX} || height < {TOUCH_PX}))"""
_UNSEEN_PICTURES: Final = """() => [...document.images]
  .filter(each => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  })
  .filter(each => !(each.complete && each.naturalWidth > 0)).map(each => each.src)"""
_WIDER: Final = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""
# Enter in a field presses its form's first button: that must not be one of several small ones with a meaning.
_ENTER_PRESSES: Final = """() => [...document.forms]
  .filter(form => form.querySelector('input:not([type=hidden], [type=radio], [type=checkbox], [type=file])'))
  .map(form => [...form.elements].find(each => each.type === 'submit'))
  .filter(first => first && first.name && !first.matches('.button')).map(first => first.outerHTML.slice(0, 160))"""


def check_page(page: Page, *, scripted: bool) -> None:
    """Nothing to scroll sideways, no small touch target, no broken picture in sight, no surprise under the Enter key,
    nothing that axe finds."""
    eventually(lambda: _answer(page, _UNSEEN_PICTURES) == [], f"pictures in sight are there: {page.url}")
    assert _answer(page, _WIDER) <= 0, f"{page.url} scrolls sideways"
    small = _answer(page, _TOO_SMALL)
    assert not small, f"touch targets below {TOUCH_PX} px at {page.url}: {small}"
    surprises = _answer(page, _ENTER_PRESSES)
    assert not surprises, f"what Enter presses in a form at {page.url}: {surprises}"
    check_by_axe(page, scripted=scripted)


def check_by_axe(page: Page, *, scripted: bool) -> None:
    """Fails with axe's words for every violation. `scripted`: whether the page runs scripts."""
    options = {"resultTypes": ["violations"], "runOnly": RULES, "preload": False}
    timers = "" if scripted else _NO_TIMERS
    run = f"(await axe.run(document, {json.dumps(options)})).violations"
    violations = _answer(page, f"async () => {{ {timers} {AXE_SCRIPT}; return {run}; }}")
    if not scripted and page.get_by_role("link", name=STOP, exact=True).count() == 1:
        # WCAG 2.2.1 allows a page to renew itself when its reader can stop that; axe cannot know that they can.
        violations = [each for each in violations if each["id"] != "meta-refresh"]
    assert not violations, f"axe at {page.url}:\n" + "\n".join(_told(each) for each in violations)


def take_picture(page: Page, path: Path) -> None:
    """What is in sight: as WebP for publishing, or as PNG, which costs less, for looking at."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # To hide the caret Playwright writes a style into every field for a moment. A live part that is renewed just then
    # hands it on to its new field, which the market's policy refuses and the browser complains of.
    if path.suffix == ".png":
        path.write_bytes(page.screenshot(animations="disabled", caret="initial"))
        return
    shot = page.screenshot(animations="disabled", caret="hide")
    with Image.open(io.BytesIO(shot)) as picture:
        picture.convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)


def steadily(look: Callable[[], Found], page: Page) -> Found:
    """What `look` finds on the page as it stands; once more when the page has just renewed itself meanwhile."""
    for _ in range(3):
        try:
            return look()
        except Error as error:
            if not any(word in error.message for word in ("context", "navigation", "not attached")):
                raise
            page.wait_for_load_state()
    return look()


def _answer(page: Page, script: str) -> Any:
    return steadily(lambda: page.evaluate(script), page)


def _told(violation: dict[str, Any]) -> str:
    nodes = "\n".join(
        f"    {' '.join(map(str, node['target']))}\n      {node['html'][:200]}\n      {node['failureSummary']}"
        for node in violation["nodes"][:5]
    )
    return f"  {violation['id']} ({violation['impact']}): {violation['help']}\n{nodes}"
