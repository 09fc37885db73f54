"""Photographs that lie in Saleor, shown from the market's own address.

A buyer's browser never speaks to Saleor: it need not be reachable from outside, no other origin enters the pages' content
policy, and nobody else learns who looks at what. A picture is fetched when it is first looked at and kept after that.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from backend.commerce import naming
from integrations.saleor.connection import configured

SIZES: Final = (256, 512, 1024)
"""Widths in pixels that Saleor makes pictures of, among those that the market shows."""
FOLDER: Final = "saleor"
MOST_BYTES: Final = 3 * 1024 * 1024
LONGEST_S: Final = 10.0


def picture_url(media_id: str, size: int) -> str:
    """The market's address of a picture; empty for an id that is none."""
    parsed = naming.parse_global_id(media_id)
    return f"/hinh/{parsed[1]}-{size}.webp" if parsed and parsed[1].isdigit() else ""


def find_picture(number: int, size: int) -> bytes | None:
    """The picture as WebP; None when Saleor has none of this number or does not answer."""
    if size not in SIZES:
        return None
    name = f"{FOLDER}/{number % 100:02d}/{number}-{size}.webp"
    if default_storage.exists(name):
        with default_storage.open(name) as file:
            return bytes(file.read())
    content = _fetch(number, size)
    if content is not None and not default_storage.exists(name):
        default_storage.save(name, ContentFile(content))
    return content


def _fetch(number: int, size: int) -> bytes | None:
    parts = urlsplit(settings.SALEOR_API_URL)
    door = (
        f"{parts.scheme}://{parts.netloc}/thumbnail/{naming.global_id('ProductMedia', number)}/{size}/webp/"
    )
    content = configured().glance(door, most=MOST_BYTES, longest_s=LONGEST_S)
    return content if content is not None and content[8:12] == b"WEBP" else None
