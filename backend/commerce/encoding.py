"""Re-encoding photographs. The only module that loads Pillow, which is 7 MB in every process that does; so it is
itself loaded when the first picture comes (backend/commerce/pictures.py).
"""

from __future__ import annotations

import io
import threading
import warnings
from typing import Final

from PIL import Image, ImageCms, ImageOps

MOST_PIXELS_JPEG: Final = 50_000_000
"""What the largest cameras of phones give. A JPEG is decoded at a fraction of its size; a progressive one of
this size was still measured to need 160 MB for a moment."""
MOST_PIXELS: Final = 16_000_000
"""Other formats are decoded whole: 64 MB at four bytes a pixel."""
WIDTHS: Final = (320, 640, 1080)
TALLEST: Final = 2
"""A picture is at most twice as tall as it is wide in its box; a taller one becomes narrower."""
QUALITY: Final = 75
_ENCODER: Final = threading.Lock()
"""One picture at a time in a process, whatever the number of uploads: memory is short where a market runs."""


class NotAPicture(Exception):
    """These bytes are no picture that we take."""


def encode(content: bytes) -> dict[int, bytes]:
    """``content`` upright, in sRGB, without metadata, as WebP by width. Raises NotAPicture."""
    try:
        with _ENCODER, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as opened:
                return _encode(opened)
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        # SyntaxError is what Pillow raises for a broken PNG.
        raise NotAPicture(str(error)) from error


def _encode(opened: Image.Image) -> dict[int, bytes]:
    jpeg = opened.format in {"JPEG", "MPO"}
    if opened.width * opened.height > (MOST_PIXELS_JPEG if jpeg else MOST_PIXELS):
        raise ValueError("too many pixels")
    if jpeg:
        # Decoding straight to a smaller size: measured 57 ms instead of 259 ms for 12 megapixels.
        opened.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))
    picture = _on_white(_in_srgb(ImageOps.exif_transpose(opened)))
    made: dict[int, bytes] = {}
    for wanted in sorted(WIDTHS, reverse=True):
        share = min(wanted / picture.width, wanted * TALLEST / picture.height, 1)
        size = max(round(picture.width * share), 1), max(round(picture.height * share), 1)
        if size[0] in made:
            continue
        scaled = picture.resize(size, Image.Resampling.LANCZOS) if size != picture.size else picture
        file = io.BytesIO()
        scaled.save(file, "WEBP", quality=QUALITY, method=4)
        made[size[0]] = file.getvalue()
        picture = scaled
    return made


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Colours as browsers expect them: phones photograph in wider ones and say so only in the profile that is
    dropped."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA"}:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return picture
    return converted if converted is not None else picture


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency: goods are shown on light ground, also where the page is dark."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        ground = Image.new("RGB", layer.size, (255, 255, 255))
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return picture.convert("RGB")
