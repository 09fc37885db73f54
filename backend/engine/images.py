"""Photographs: re-encoded, without what the camera wrote into them, in three widths."""

from __future__ import annotations

import hashlib
import io
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageCms, ImageOps

from backend.commerce.errors import BadImage
from backend.common import clock
from backend.common.ids import new_token
from backend.engine import models

MOST_MEGABYTES: Final = 12
MOST_BYTES: Final = MOST_MEGABYTES * 1024 * 1024
MOST_PIXELS_JPEG: Final = 50_000_000
"""What the largest cameras of phones give. A JPEG is decoded at a fraction of its size; a progressive one of
this size was still measured to need 160 MB for a moment."""
MOST_PIXELS: Final = 16_000_000
"""Other formats are decoded whole: 64 MB at four bytes a pixel."""
WIDTHS: Final = (320, 640, 1080)
TALLEST: Final = 2
"""A picture is at most twice as tall as it is wide in its box; a taller one becomes narrower."""
QUALITY: Final = 75
FOLDER: Final = "hang"
SWEEP_AFTER_S: Final = 86_400
_ENCODER: Final = threading.Lock()
"""One picture at a time in a process, whatever the number of uploads: memory is short where a market runs."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Files ``file_name(stem, width)`` for each of ``widths``, already in the media storage."""

    stem: str
    widths: tuple[int, ...]


def file_name(stem: str, width: int) -> str:
    """Where the picture of ``width`` pixels lies in the media storage."""
    return f"{stem}-{width}.webp"


def encode(content: bytes) -> dict[int, bytes]:
    """``content`` upright, in sRGB, without metadata, as WebP of at most three widths; never enlarged.

    Raises BadImage for what is no JPEG, PNG or WebP picture, is larger than 12 MB, or has too many pixels to
    decode.
    """
    if not 1 <= len(content) <= MOST_BYTES:
        raise BadImage(megabytes=MOST_MEGABYTES)
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
        raise BadImage(megabytes=MOST_MEGABYTES) from error


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


def store(content: bytes) -> Stored:
    """Encode and put into the media storage under a name that nobody guesses and that changes with the
    picture.

    Raises BadImage. Leaves nothing behind when the storage fails half-way.
    """
    pictures = encode(content)
    digest = hashlib.sha256(content).hexdigest()[:12]
    token = new_token(16)
    stem = f"{FOLDER}/{token[:2]}/{token[2:]}-{digest}"
    widths = tuple(sorted(pictures))
    try:
        for width in widths:
            name = file_name(stem, width)
            if default_storage.save(name, ContentFile(pictures[width])) != name:
                raise OSError(f"the storage renamed {name}")
    except BaseException:
        _delete(stem, widths)
        raise
    return Stored(stem, widths)


def discard_unused(stem: str, widths: Sequence[int]) -> None:
    """Delete the files of a picture that no product has any more, except a file that an order shows."""
    if models.ProductImage.objects.filter(stem=stem).exists():
        return
    names = {file_name(stem, width): width for width in widths}
    shown = set(models.OrderLine.objects.filter(image__in=names).values_list("image", flat=True))
    _delete(stem, [width for name, width in names.items() if name not in shown])


def _delete(stem: str, widths: Sequence[int]) -> None:
    for width in widths:
        default_storage.delete(file_name(stem, width))


def sweep(*, older_than_s: float = SWEEP_AFTER_S) -> int:
    """Delete files that a killed upload left behind; return how many. Younger ones may still be on their
    way."""
    horizon = clock.now() - timedelta(seconds=older_than_s)
    deleted = 0
    for folder in _folders():
        names = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
        stems = {name: name.rpartition("-")[0] for name in names}
        known = set(
            models.ProductImage.objects.filter(stem__in=set(stems.values())).values_list("stem", flat=True)
        )
        shown = set(models.OrderLine.objects.filter(image__in=names).values_list("image", flat=True))
        for name in names:
            if stems[name] in known or name in shown or default_storage.get_modified_time(name) > horizon:
                continue
            default_storage.delete(name)
            deleted += 1
    return deleted


def _folders() -> list[str]:
    """The folders of pictures, each with about a thousandth of them."""
    try:
        return [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[0]]
    except FileNotFoundError:
        return []
