"""How a person works a page: with a finger or mouse, or with the keys of a keyboard and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from playwright.sync_api import Locator, Page

# More stops than any page of the market has; who needs more is lost.
MOST_STOPS: Final = 120

# The element and where it is, as its own document knows it.
_HAS_FOCUS: Final = "element => element === document.activeElement"
_CHOSEN: Final = "element => element.selectedOptions[0].text"
_WHERE: Final = "element => element.outerHTML.slice(0, 160)"
# Five points of it, pulled inwards: hidden is what shows none of them. Widgets are looked for at their label, and
# a link that stretches over its card at the card.
_HIDDEN: Final = """element => {
  const shown = element.matches('input[type=radio], input[type=checkbox]') && element.closest('label') || element;
  const box = shown.getBoundingClientRect();
  const points = [[.5, .5], [.05, .1], [.95, .1], [.05, .9], [.95, .9]];
  return !points.some(([x, y]) => {
    const at = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return at && (shown.contains(at) || at.contains(shown));
  });
}"""
_MARKED: Final = """element => {
  for (let each = element; each; each = each.parentElement) {
    for (const part of [null, '::after', '::before']) {
      const style = getComputedStyle(each, part);
      if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) return true;
    }
  }
  return false;
}"""


class Hand(Protocol):
    """What a person does to a page."""

    def press(self, target: Locator) -> None:
        """Follows a link, presses a button."""

    def write(self, target: Locator, text: str) -> None:
        """Puts `text` into a field in place of what stood there."""

    def submit(self, field: Locator) -> None:
        """Sends the form from one of its fields, as the Enter key does."""

    def tick(self, target: Locator) -> None:
        """Chooses a radio button."""

    def pick(self, target: Locator, option: str) -> None:
        """Chooses an option of a select by its text."""

    def attach(self, target: Locator, files: Sequence[Path]) -> None:
        """Chooses files for an upload."""


class Pointer:
    """A finger or a mouse, with a keyboard to write."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, text: str) -> None:
        target.fill(text)

    def submit(self, field: Locator) -> None:
        field.press("Enter")

    def tick(self, target: Locator) -> None:
        target.check()

    def pick(self, target: Locator, option: str) -> None:
        target.select_option(label=option)

    def attach(self, target: Locator, files: Sequence[Path]) -> None:
        target.set_input_files(files)


class Keys:
    """A keyboard alone. Wherever it stops, the stop must show that it has the focus and lie in sight."""

    def __init__(self, page: Page) -> None:
        self._page = page
        # Chromium is to hand over its file dialogs from the start: asked for only at the moment of pressing Enter,
        # a busy browser opens the dialog first and nobody hears of it.
        page.on("filechooser", lambda _chooser: None)

    def press(self, target: Locator) -> None:
        self.reach(target)
        self._page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        self.reach(target)
        self._page.keyboard.press("Control+A")
        self._page.keyboard.press("Delete")
        self._page.keyboard.type(text)

    def submit(self, field: Locator) -> None:
        self.reach(field)
        self._page.keyboard.press("Enter")

    def tick(self, target: Locator) -> None:
        """Tab stops at one button of a group only; the arrows go on from there and choose as they go."""
        name = target.get_attribute("name")
        group = self._page.locator(f"input[type=radio][name='{name}']")
        self._tab_until(lambda: any(_has_focus(each) for each in group.all()), target)
        for _ in range(group.count() + 1):
            if _has_focus(target):
                if not target.is_checked():
                    self._page.keyboard.press("Space")
                self._check(target)
                assert target.is_checked()
                return
            self._page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows never came to {target.evaluate(_WHERE)}")

    def pick(self, target: Locator, option: str) -> None:
        """By the arrows, from the first one on."""
        self.reach(target)
        self._page.keyboard.press("Home")
        for _ in range(int(target.evaluate("element => element.length"))):
            if target.evaluate(_CHOSEN) == option:
                return
            self._page.keyboard.press("ArrowDown")
        raise AssertionError(f"no option {option!r} in {target.evaluate(_WHERE)}")

    def attach(self, target: Locator, files: Sequence[Path]) -> None:
        self.reach(target)
        with self._page.expect_file_chooser() as chooser:
            self._page.keyboard.press("Enter")
        chooser.value.set_files(files)

    def reach(self, target: Locator) -> None:
        """Goes to `target` by Tab. Fails when it is no stop, does not show its focus, or is covered."""
        target.wait_for(state="visible")
        self._tab_until(lambda: _has_focus(target), target)
        self._check(target)

    def _tab_until(self, there: _Condition, target: Locator) -> None:
        for _ in range(MOST_STOPS):
            if there():
                return
            self._page.keyboard.press("Tab")
        raise AssertionError(f"Tab never came to {target.evaluate(_WHERE)}")

    def _check(self, target: Locator) -> None:
        assert target.evaluate(_MARKED), f"focus does not show at {target.evaluate(_WHERE)}"
        assert not target.evaluate(_HIDDEN), f"focus lies hidden at {target.evaluate(_WHERE)}"


class _Condition(Protocol):
    def __call__(self) -> bool: ...


def _has_focus(target: Locator) -> bool:
    return bool(target.evaluate(_HAS_FOCUS))
