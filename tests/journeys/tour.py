"""docs/tour.md: the journeys in pictures, taken by the journeys themselves (`make tour`).

Each journey tells its steps while it is lived. With TOUR=1 the pictures of those who live it with scripts on
a phone become those of the documentation, and the text is written anew; otherwise all pictures go to
build/journeys, and the text is only compared.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from tests.journeys.people import Way

ROOT: Final = Path(__file__).resolve().parents[2]
TEXT: Final = ROOT / "docs" / "tour.md"
PICTURES: Final = ROOT / "docs" / "tour"
COVER: Final = PICTURES / "cover.webp"
BUILD: Final = ROOT / "build" / "journeys"
MOST_BYTES: Final = 2_000_000
# On the page: as wide as the phone that they were taken on.
WIDTH_PX: Final = 300
# What the cover shows, from left to right: finding, reading, paying, asking for money at a stall, having it.
COVER_STEPS: Final = (
    "nguoi-mua/tim",
    "nguoi-mua/mon-hang",
    "nguoi-mua/tra-tien",
    "tieu-thuong/ma-thu",
    "tieu-thuong/da-nhan",
)

HEAD: Final = """# Một vòng chợ / A tour of the market

Bốn chuyến đi, mỗi bước một hình, chụp trên màn hình điện thoại rộng 360 px bởi chính các kiểm thử của dự án (`make tour`).
Tên người, số điện thoại và số tài khoản đều là ví dụ.

Four journeys, a picture for each step, taken on a phone screen 360 px wide by the project's own tests (`make tour`).
People, telephone numbers and accounts are invented.
"""


@dataclass(frozen=True)
class Step:
    """A moment of a journey and what to say about it."""

    name: str
    vi: str
    en: str


def first_sentence(text: str) -> str:
    """``text`` up to its first full stop; the point within "350.000" is none."""
    return text.partition(". ")[0].removesuffix(".")


@dataclass
class Tour:
    """One journey while it is lived. `title` is "tiếng Việt / English"."""

    journey: str
    title: str
    publishing: bool = field(default_factory=lambda: os.environ.get("TOUR") == "1")
    steps: list[Step] = field(default_factory=list)

    def step(self, name: str, *, vi: str, en: str) -> None:
        """Tells the next step. Names are ASCII and appear once in a journey."""
        assert name not in {each.name for each in self.steps}, f"{name} is told twice"
        self.steps.append(Step(name, vi, en))

    def picture(self, name: str, way: Way) -> Path:
        """Where the picture of a step belongs."""
        # By night is looked at, not shown; so is a journey that nobody tells.
        if (
            self.publishing
            and self.title.strip("-")
            and str(way) == "script-phone"
            and not name.endswith("-toi")
        ):
            return PICTURES / self.journey / f"{name}.webp"
        return BUILD / str(way) / self.journey / f"{name}.png"

    def text(self) -> str:
        """The journey's part of docs/tour.md."""
        parts = [f"## {self.title}\n"]
        for number, step in enumerate(self.steps, 1):
            alt = first_sentence(step.vi).replace('"', "")
            parts.append(
                f"**{number}.** {step.vi}\n*{step.en}*\n\n"
                f'<img src="tour/{self.journey}/{step.name}.webp" width="{WIDTH_PX}" alt="{alt}">\n'
            )
        return "\n".join(parts)

    def finish(self, way: Way) -> None:
        """At the end of a journey that was lived to its end: its text is published, or must be what is."""
        if str(way) != "script-phone":
            return
        if self.publishing:
            (BUILD / f"{self.journey}.md").parent.mkdir(parents=True, exist_ok=True)
            (BUILD / f"{self.journey}.md").write_text(self.text(), encoding="utf-8")
        else:
            assert self.text() in TEXT.read_text(encoding="utf-8"), "docs/tour.md is out of date: make tour"


def write_tour(journeys: Iterable[str]) -> None:
    """Puts the published journeys together to docs/tour.md and the cover, if all of them were lived."""
    texts = [BUILD / f"{journey}.md" for journey in journeys]
    if not all(text.exists() for text in texts):
        return
    TEXT.write_text(
        "\n".join([HEAD, *(text.read_text(encoding="utf-8") for text in texts)]), encoding="utf-8"
    )
    for text in texts:
        text.unlink()
    draw_cover([PICTURES / f"{step}.webp" for step in COVER_STEPS], COVER)


def draw_cover(pictures: Iterable[Path], target: Path) -> None:
    """Phone screens side by side on the ground of a table, a little larger than GitHub shows them."""
    screens: list[Image.Image] = []
    for path in pictures:
        with Image.open(path) as picture:
            screens.append(picture.convert("RGB").resize((360, 740), Image.Resampling.LANCZOS))
    gap, radius = 24, 22
    wide = Image.new("RGB", (len(screens) * (360 + gap) + gap, 740 + 2 * gap), "#DAD5C9")
    mask = Image.new("L", (360 * 4, 740 * 4), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 360 * 4 - 1, 740 * 4 - 1), radius * 4, fill=255)
    small = mask.resize((360, 740), Image.Resampling.LANCZOS)
    for number, screen in enumerate(screens):
        wide.paste(screen, (gap + number * (360 + gap), gap), small)
    wide.save(target, "WEBP", quality=82, method=6)
