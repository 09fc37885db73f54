"""What a photograph of goods may be, and what the market makes of it: the same on every engine."""

from __future__ import annotations

from typing import Final

from backend.commerce.errors import BadImage

MOST_MEGABYTES: Final = 12
MOST_BYTES: Final = MOST_MEGABYTES * 1024 * 1024


def encode(content: bytes) -> dict[int, bytes]:
    """``content`` upright, in sRGB, without metadata, as WebP of at most three widths; never enlarged.

    Raises BadImage for what is no JPEG, PNG or WebP picture, is larger than 12 MB, or has too many pixels to
    decode.
    """
    from backend.commerce import encoding  # Pillow comes along, which most processes never need

    if not 1 <= len(content) <= MOST_BYTES:
        raise BadImage(megabytes=MOST_MEGABYTES)
    try:
        return encoding.encode(content)
    except encoding.NotAPicture as error:
        raise BadImage(megabytes=MOST_MEGABYTES) from error
