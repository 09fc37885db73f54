"""Render the drawn pictures of the demo goods to the WebP masters the market seeds itself from.

    .venv/bin/python tools/render_pictures.py            render what changed
    .venv/bin/python tools/render_pictures.py --all      render everything
    .venv/bin/python tools/render_pictures.py --check    say what is stale; needs no Chromium

1. Every backend/project/demo/pictures/**/*.svg becomes a WebP of the same name beside it, 1200 px wide.
2. storefront/static/img/icon.svg becomes the PNG icons that phones ask for.
3. pictures.lock.json keeps, for every rendered file, the SHA-256 of its drawing and of the result, and the
   recipe (size, format, quality). A file whose three still agree is left alone, whatever Chromium is there.
4. A WebP whose drawing is gone is removed.

Chromium draws because phones show drawings as it does; the same Chromium and Pillow give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "backend/project/demo/pictures"
ICONS = ROOT / "storefront/static/img"
LOCK = PICTURES / "pictures.lock.json"

WIDTH_PX = 1200  # a product page is at most 600 CSS px wide for its picture; phones show two pixels for one
# Above 82 flat colours only cost bytes. Pictures of many fine leaves go down the ladder until they fit; at 70
# the veins still stand clean when the picture is shown at 600 CSS px, below that they begin to ring.
QUALITIES = (82, 78, 74, 70)
AIM_B = 45_000
ICON_PX = {"apple-touch-icon.png": 180, "icon-192.png": 192, "icon-512.png": 512}
TIMEOUT_S = 90  # one picture takes about a second; the first start on a cold machine takes longer
# Headless Chromium lays a page out lower than the window it was asked for; the rest is cut away again.
SPARE_PX = 200


@dataclass(frozen=True, kw_only=True)
class Job:
    """One drawing and one file to make of it; width and height in px."""

    drawing: Path
    result: Path
    width: int
    height: int

    @property
    def name(self) -> str:
        return self.result.relative_to(ROOT).as_posix()

    @property
    def recipe(self) -> str:
        if self.result.suffix == ".png":
            return f"png {self.width}x{self.height}"
        return f"webp {self.width}x{self.height} q{QUALITIES[0]}-{QUALITIES[-1]} aim {AIM_B}"


class RenderError(Exception):
    """The pictures cannot be rendered; the message says what to do."""


def _height_for(drawing: Path, width: int) -> int:
    """The height in px that keeps the drawing's own proportions at this width."""
    box = ET.parse(drawing).getroot().get("viewBox", "")  # noqa: S314 - our own drawings, from this repository
    try:
        _x, _y, w, h = (float(number) for number in box.split())
    except ValueError:
        raise RenderError(f"{drawing} needs a viewBox of four numbers, it has {box!r}.") from None
    return round(width * h / w)


def jobs() -> Iterator[Job]:
    """Every file that is rendered, in a fixed order. Raises RenderError for a drawing without a size."""
    for drawing in sorted(PICTURES.rglob("*.svg")):
        yield Job(
            drawing=drawing,
            result=drawing.with_suffix(".webp"),
            width=WIDTH_PX,
            height=_height_for(drawing, WIDTH_PX),
        )
    for name, size in ICON_PX.items():
        yield Job(drawing=ICONS / "icon.svg", result=ICONS / name, width=size, height=size)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _entry(job: Job) -> dict[str, str]:
    return {"drawing": _sha256(job.drawing), "recipe": job.recipe, "result": _sha256(job.result)}


def read_lock() -> dict[str, dict[str, str]]:
    """What was rendered from what, by the result's path from the repository's root."""
    if not LOCK.exists():
        return {}
    lock: dict[str, dict[str, str]] = json.loads(LOCK.read_text(encoding="utf-8"))
    return lock


def is_stale(job: Job, lock: dict[str, dict[str, str]]) -> bool:
    """Whether the drawing, the recipe or the result is not what the lock says."""
    return not job.result.exists() or lock.get(job.name) != _entry(job)


def orphans() -> list[Path]:
    """WebP files whose drawing is gone."""
    return [path for path in sorted(PICTURES.rglob("*.webp")) if not path.with_suffix(".svg").exists()]


def find_chromium() -> str:
    """The Chromium to draw with: CHROMIUM when set, else the system's. Raises RenderError without one."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise RenderError(
        "No Chromium on this machine: apt-get install chromium, or say where it is with CHROMIUM=…"
    )


def draw(job: Job, chromium: str) -> Image.Image:
    """The drawing as Chromium shows it, job.width by job.height. Raises RenderError when Chromium fails."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        page, shot = Path(folder, "page.html"), Path(folder, "shot.png")
        page.write_text(
            "<!doctype html><meta charset=utf-8><style>html,body{margin:0;overflow:hidden}"
            f"img{{display:block;width:{job.width}px;height:{job.height}px}}</style>"
            f'<img src="{job.drawing.as_uri()}">',
            encoding="utf-8",
        )
        command = [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "--force-device-scale-factor=1",
            f"--user-data-dir={folder}/profile",
            # Narrower windows than about 500 px are widened; the picture stands in the corner either way.
            f"--window-size={max(job.width, 800)},{job.height + SPARE_PX}",
            f"--screenshot={shot}",
            page.as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            raise RenderError(f"Chromium drew {job.drawing.name} for {TIMEOUT_S} s without an end.") from None
        if not shot.exists():
            said = done.stderr.decode(errors="replace")[-800:]
            raise RenderError(f"Chromium could not draw {job.drawing.name}: {said}")
        with Image.open(shot) as image:
            return image.convert("RGB").crop((0, 0, job.width, job.height))


def encode(image: Image.Image, job: Job) -> bytes:
    """The picture's bytes in the job's format, without metadata: WebP at the best quality that fits AIM_B."""
    out = io.BytesIO()
    if job.result.suffix == ".png":
        # An icon has a handful of colours: a palette keeps it at a few kB.
        image.quantize(colors=64, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        return out.getvalue()
    for quality in QUALITIES:
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= AIM_B:
            break
    return out.getvalue()


def main(arguments: list[str]) -> int:
    """Render, or with --check only say what is stale (then 1 is returned when anything is)."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="render also what did not change")
    parser.add_argument("--check", action="store_true", help="render nothing, fail when something is stale")
    options = parser.parse_args(arguments)
    try:
        lock = read_lock()
        todo = [job for job in jobs() if options.all or is_stale(job, lock)]
        if options.check:
            for job in todo:
                print(f"stale: {job.name}")
            for path in orphans():
                print(f"no drawing: {path.relative_to(ROOT)}")
            return 1 if todo or orphans() else 0
        chromium = find_chromium() if todo else ""
        for job in todo:
            job.result.write_bytes(encode(draw(job, chromium), job))
            print(f"{job.result.stat().st_size:>8,} B  {job.name}")
    except RenderError as error:
        print(error, file=sys.stderr)
        return 1
    for path in orphans():
        path.unlink()
    entries = {job.name: _entry(job) for job in jobs()}
    LOCK.write_text(json.dumps(entries, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
