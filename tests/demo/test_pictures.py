"""The drawn pictures of the demo goods and the masters made of them."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "backend/project/demo/pictures"
GOODS = sorted(PICTURES.glob("*.svg"))
SELLERS = sorted((PICTURES / "sellers").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"
# What an <img> may not use, or what would make a picture depend on a font or another file.
FOREIGN = {"text", "image", "script", "style", "foreignObject", "a", "animate", "set"}

pytestmark = pytest.mark.pure


def by_name(path: Path) -> str:
    return path.stem


@pytest.fixture(name="tool")
def load_tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("render_pictures", ROOT / "tools/render_pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["render_pictures"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


def test_every_master_belongs_to_its_drawing(tool: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert tool.main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_check_names_a_drawing_that_changed_and_a_master_without_one(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"ROOT": tmp_path, "PICTURES": tmp_path, "LOCK": tmp_path / "lock.json"}.items():
        monkeypatch.setattr(tool, name, value)
    monkeypatch.setattr(tool, "ICON_PX", {})
    drawing = tmp_path / "khom.svg"
    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"/>', encoding="utf-8")
    monkeypatch.setattr(tool, "find_chromium", lambda: "none")
    monkeypatch.setattr(tool, "draw", lambda job, _chromium: Image.new("RGB", (job.width, job.height), "red"))

    assert tool.main([]) == 0
    assert tool.main(["--check"]) == 0
    with Image.open(tmp_path / "khom.webp") as master:
        assert master.size == (1200, 600)

    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"/>', encoding="utf-8")
    (tmp_path / "mit.webp").write_bytes(b"left over")
    capsys.readouterr()
    assert tool.main(["--check"]) == 1
    assert capsys.readouterr().out == "stale: khom.webp\nno drawing: mit.webp\n"


def test_a_drawing_without_a_size_is_refused(tool: ModuleType, tmp_path: Path) -> None:
    drawing = tmp_path / "khom.svg"
    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    with pytest.raises(tool.RenderError, match="needs a viewBox"):
        tool._height_for(drawing, 1200)


@pytest.mark.parametrize("drawing", GOODS, ids=by_name)
def test_a_good_is_drawn_square_and_its_master_is_small(drawing: Path) -> None:
    root = ET.parse(drawing).getroot()  # noqa: S314 - our own drawings, from this repository
    assert root.get("viewBox") == "0 0 800 800"
    master = drawing.with_suffix(".webp")
    with Image.open(master) as image:
        assert (image.format, image.size) == ("WEBP", (1200, 1200))
    assert master.stat().st_size < 60_000


@pytest.mark.parametrize("drawing", GOODS + SELLERS, ids=by_name)
def test_a_drawing_stands_alone(drawing: Path) -> None:
    text = drawing.read_text(encoding="utf-8")
    tree = ET.fromstring(text)  # noqa: S314 - our own drawings, from this repository
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    asked = {a or b for a, b in re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text)}

    assert len(ids) == len(set(ids))
    assert asked <= set(ids)
    assert text.count("url(") == text.count("url(#")
    assert text.count("href=") == text.count('href="#')
    assert {element.tag.removeprefix(SVG) for element in tree.iter()} & FOREIGN == set()
    assert tree.findtext(f"{SVG}title")


def test_no_picture_serves_twice() -> None:
    prints = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in PICTURES.rglob("*.webp")}
    assert len(prints) == len(list(PICTURES.rglob("*.webp"))) == len(GOODS) + len(SELLERS)
