"""A seller's own picture: who is behind the goods. Treated as pictures of goods are: re-encoded, WebP in three widths."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from backend.commerce.pictures import encode
from backend.commerce.values import Image
from backend.common import audit, clock
from backend.common.ids import new_token
from backend.sales.models import SellerPicture

FOLDER: Final = "nguoi-ban"


def set_picture(*, seller_id: int, content: bytes, actor: str) -> None:
    """Show this picture with the seller from now on; the one before is deleted. The same bytes again change nothing.

    Raises BadImage.
    """
    digest = hashlib.sha256(content).hexdigest()[:12]
    before = SellerPicture.objects.filter(seller_id=seller_id).first()
    if before is not None and before.stem.endswith(f"-{digest}"):
        return
    pictures = encode(content)
    # Unguessable and new with every picture, so that browsers may keep what they have for ever.
    stem = f"{FOLDER}/{new_token(16)}-{digest}"
    widths = sorted(pictures)
    try:
        for width in widths:
            if default_storage.save(_name(stem, width), ContentFile(pictures[width])) != _name(stem, width):
                raise OSError(f"the storage renamed {_name(stem, width)}")
        with transaction.atomic():
            # Read again under a lock: of two that come at once the later one stays, and neither leaves files behind.
            before = SellerPicture.objects.select_for_update().filter(seller_id=seller_id).first()
            SellerPicture.objects.update_or_create(
                seller_id=seller_id, defaults={"stem": stem, "widths": widths, "changed_at": clock.now()}
            )
            audit.record(actor, "sales.picture_set", f"seller:{seller_id}")
    except BaseException:
        _delete(stem, widths)
        raise
    if before is not None:
        _delete(before.stem, before.widths)


def remove_picture(*, seller_id: int, actor: str) -> None:
    """Show no picture any more. May be repeated."""
    with transaction.atomic():
        before = SellerPicture.objects.select_for_update().filter(seller_id=seller_id).first()
        if before is None:
            return
        before.delete()
        audit.record(actor, "sales.picture_removed", f"seller:{seller_id}")
    _delete(before.stem, before.widths)


def pictures_of(seller_ids: Iterable[int]) -> dict[int, Image]:
    """The picture of each of ``seller_ids`` that has one, in one query. Its ``alt`` is empty: the name stands beside it."""
    rows = SellerPicture.objects.filter(seller_id__in=list(seller_ids))
    return {
        row.seller_id: Image(
            str(row.pk), "", {width: default_storage.url(_name(row.stem, width)) for width in row.widths}
        )
        for row in rows
    }


def _name(stem: str, width: int) -> str:
    return f"{stem}-{width}.webp"


def _delete(stem: str, widths: Sequence[int]) -> None:
    for width in widths:
        default_storage.delete(_name(stem, width))
