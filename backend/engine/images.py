"""Photographs: re-encoded, without what the camera wrote into them, in three widths."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from backend.commerce.pictures import encode
from backend.common import clock
from backend.common.ids import new_token
from backend.engine import models

FOLDER: Final = "hang"
SWEEP_AFTER_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Stored:
    """Files ``file_name(stem, width)`` for each of ``widths``, already in the media storage."""

    stem: str
    widths: tuple[int, ...]


def file_name(stem: str, width: int) -> str:
    """Where the picture of ``width`` pixels lies in the media storage."""
    return f"{stem}-{width}.webp"


def store(content: bytes, *, trace: str = "") -> Stored:
    """Encode and put into the media storage under a name that nobody guesses, and that ends with ``trace`` or else
    changes with the picture.

    Raises BadImage. Leaves nothing behind when the storage fails half-way.
    """
    pictures = encode(content)
    token = new_token(16)
    stem = f"{FOLDER}/{token[:2]}/{token[2:]}-{trace or hashlib.sha256(content).hexdigest()[:12]}"
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
