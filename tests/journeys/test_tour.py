"""docs/tour.md and its pictures belong together and stay small."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from tests.journeys.tour import COVER, MOST_BYTES, PICTURES, ROOT, TEXT, first_sentence

pytestmark = pytest.mark.pure


def test_the_tour_shows_exactly_the_pictures_there_are() -> None:
    shown = re.findall(r'<img src="(tour/[a-z0-9/-]+\.webp)"', TEXT.read_text(encoding="utf-8"))
    kept = {str(path.relative_to(TEXT.parent)) for path in PICTURES.rglob("*") if path.is_file()}
    assert len(shown) == len(set(shown))
    assert set(shown) == kept - {"tour/cover.webp"}


def test_every_step_is_told_in_both_languages() -> None:
    steps = re.findall(
        r"^\*\*\d+\.\*\* (.+)\n\*(.+)\*\n\n<img ", TEXT.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(steps) == TEXT.read_text(encoding="utf-8").count("<img ")
    assert all(vi.endswith(".") and en.endswith(".") for vi, en in steps)


def test_a_picture_says_the_whole_first_sentence_of_its_step() -> None:
    assert first_sentence("Trang báo “Đã nhận 350.000 ₫”. Xong.") == "Trang báo “Đã nhận 350.000 ₫”"
    assert first_sentence("Thiếu 200.000.") == "Thiếu 200.000"
    told = re.findall(
        r'^\*\*\d+\.\*\* (.+)\n.*\n\n<img [^>]*alt="([^"]*)"', TEXT.read_text(encoding="utf-8"), re.M
    )
    assert len(told) == TEXT.read_text(encoding="utf-8").count("<img ")
    for step, alt in told:
        assert step.startswith(alt), alt
        assert alt.count("“") == alt.count("”"), alt
        assert step.removeprefix(alt)[:2] in {".", ". "}, alt


def test_the_pictures_are_phone_screens_and_small() -> None:
    for path in PICTURES.rglob("*.webp"):
        if path != COVER:
            with Image.open(path) as picture:
                assert picture.size == (720, 1480), path
    together = sum(path.stat().st_size for path in PICTURES.rglob("*.webp")) + TEXT.stat().st_size
    assert together <= MOST_BYTES


def test_the_readme_shows_the_cover() -> None:
    assert "](docs/tour/cover.webp)" in (ROOT / "README.md").read_text(encoding="utf-8")
    with Image.open(COVER) as picture:
        assert picture.width > 2 * picture.height
