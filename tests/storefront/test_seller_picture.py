"""The seller's own picture: sent at the desk, made small and clean, shown wherever the seller is."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from backend.accounts.models import Seller
from backend.commerce import shop
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.common.models import AuditEntry
from backend.sales.models import SellerPicture
from backend.sales.pictures import pictures_of, set_picture

pytestmark = pytest.mark.django_db(transaction=True)


def photo(colour: tuple[int, int, int] = (40, 120, 60)) -> bytes:
    """A JPEG of 800 by 600 points that says where it was taken."""
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Điện thoại của Sen"
    Image.new("RGB", (800, 600), colour).save(file, "JPEG", exif=exif)
    return file.getvalue()


def send(client: Client, seller: Seller, content: bytes) -> int:
    upload = SimpleUploadedFile("sen.jpg", content, content_type="image/jpeg")
    return client.post(f"/ban-hang/{seller.pk}/anh/", {"photos": upload}).status_code


def files() -> set[str]:
    folder = Path(settings.MEDIA_ROOT) / "nguoi-ban"
    return {path.name for path in folder.glob("*")} if folder.exists() else set()


@pytest.fixture
def good(sen: Seller, make_good: Callable[..., Product]) -> Product:
    made = make_good(sen, "Nấm linh chi đỏ khô", 350_000, 5)
    draft = ProductDraft(
        name=made.name,
        seller_id=made.seller_id,
        category_id=made.category_id,
        variants=tuple(VariantDraft.unchanged(v) for v in made.variants),
        published=True,
    )
    return shop().update_product(key="publish", product_id=made.id, draft=draft)


def test_a_picture_sent_at_the_desk_is_shown_with_the_goods_and_the_seller(
    desk_people: dict[str, Client], sen: Seller, good: Product
) -> None:
    before = files()
    assert send(desk_people["owner"], sen, photo()) == 302
    image = pictures_of([sen.pk])[sen.pk]
    assert sorted(image.urls) == [320, 640, 800]
    for page in (f"/hang/{good.slug}/", f"/?ban={sen.pk}"):
        assert f'src="{image.small}"' in Client().get(page).content.decode(), page
    assert len(files() - before) == 3
    with Image.open(Path(settings.MEDIA_ROOT) / image.small.removeprefix(settings.MEDIA_URL)) as stored:
        assert (stored.format, stored.size, dict(stored.getexif())) == ("WEBP", (320, 240), {})

    # Another takes its place, and leaves no file of the first; without one the card stands as before.
    assert send(desk_people["helper"], sen, photo((200, 30, 30))) == 302
    assert len(files() - before) == 3
    assert pictures_of([sen.pk])[sen.pk].small != image.small
    assert desk_people["owner"].post(f"/ban-hang/{sen.pk}/anh/", {"remove": "1"}).status_code == 302
    assert (files(), pictures_of([sen.pk])) == (before, {})
    assert "seller--pictured" not in Client().get(f"/hang/{good.slug}/").content.decode()
    actions = AuditEntry.objects.filter(subject=sen.owner).order_by("pk").values_list("action", flat=True)
    assert list(actions)[-3:] == ["sales.picture_set", "sales.picture_set", "sales.picture_removed"]


def test_only_the_sellers_people_change_its_picture(desk_people: dict[str, Client], sen: Seller) -> None:
    before = files()
    for who in ("same role elsewhere", "other scope, same number", "stranger", "nobody"):
        assert send(desk_people[who], sen, photo()) == (302 if who == "nobody" else 404), who
    assert (SellerPicture.objects.count(), files()) == (0, before)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff" + b"\0" * 100])
def test_what_is_no_picture_is_refused_and_the_old_one_stays(
    desk_people: dict[str, Client], sen: Seller, content: bytes
) -> None:
    set_picture(seller_id=sen.pk, content=photo(), actor="test")
    before = (files(), pictures_of([sen.pk]))
    assert send(desk_people["owner"], sen, content) == 422
    assert desk_people["owner"].post(f"/ban-hang/{sen.pk}/anh/").status_code == 422
    assert (files(), pictures_of([sen.pk])) == before


def test_the_same_picture_again_is_no_change(sen: Seller) -> None:
    set_picture(seller_id=sen.pk, content=photo(), actor="test")
    first = pictures_of([sen.pk])
    set_picture(seller_id=sen.pk, content=photo(), actor="test")
    assert pictures_of([sen.pk]) == first
