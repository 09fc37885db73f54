"""Photographs: what comes in, what is stored, and what is never left behind."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image, ImageCms, ImageOps

from backend.commerce import pictures
from backend.commerce.errors import BadImage, ProductNotFound, TooManyImages
from backend.engine import images, models
from tests.contract.conftest import Market, new_key

ORIENTATION, GPS = 0x0112, 0x8825


def picture(width: int, height: int, mode: str = "RGB", colour: object = "green") -> Image.Image:
    return Image.new(mode, (width, height), colour)  # type: ignore[arg-type]


def as_bytes(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def sizes(made: dict[int, bytes]) -> dict[int, tuple[int, int]]:
    return {width: Image.open(io.BytesIO(content)).size for width, content in made.items()}


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def files(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def png_of(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is ``width`` by ``height``: what a decompression bomb looks
    like."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + chunk(b"IEND", b"")
    )


def test_three_widths_keep_the_proportions() -> None:
    made = pictures.encode(as_bytes(picture(2400, 1800)))
    assert sizes(made) == {320: (320, 240), 640: (640, 480), 1080: (1080, 810)}
    assert {opened(content).format for content in made.values()} == {"WEBP"}


@pytest.mark.parametrize(
    ("size", "widths"),
    [((200, 100), [200]), ((320, 320), [320]), ((500, 400), [320, 500]), ((1080, 1080), [320, 640, 1080])],
)
def test_nothing_is_enlarged(size: tuple[int, int], widths: list[int]) -> None:
    assert sorted(pictures.encode(as_bytes(picture(*size)))) == widths


def test_a_large_photograph_is_never_decoded_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[tuple[int, int]] = []
    upright = ImageOps.exif_transpose

    def watch(image: Image.Image) -> Image.Image:
        image.load()
        decoded.append(image.size)
        return upright(image)

    monkeypatch.setattr(ImageOps, "exif_transpose", watch)
    assert sorted(pictures.encode(as_bytes(picture(4000, 3000)))) == [320, 640, 1080]
    assert decoded == [(2000, 1500)]


def test_a_very_tall_picture_is_at_most_twice_as_tall_as_its_box() -> None:
    assert sizes(pictures.encode(as_bytes(picture(1000, 8000)))) == {
        80: (80, 640),
        160: (160, 1280),
        270: (270, 2160),
    }


def test_a_photograph_taken_on_the_side_stands_upright_and_its_place_is_gone() -> None:
    photo = picture(1600, 1200)
    photo.paste((255, 0, 0), (0, 0, 1600, 200))
    exif = photo.getexif()
    exif[ORIENTATION] = 6  # to be turned by 90 degrees clockwise
    exif.get_ifd(GPS)[1] = "N"
    content = as_bytes(photo, exif=exif)
    assert opened(content).getexif()[ORIENTATION] == 6

    made = pictures.encode(content)
    assert sizes(made)[640] == (640, 853)
    upright = opened(made[640]).convert("RGB")
    red, _, _ = upright.getpixel((620, 400))  # type: ignore[misc]
    green_side = upright.getpixel((20, 400))
    assert red > 200
    assert green_side[0] < 50  # type: ignore[index]
    for encoded in made.values():
        assert dict(opened(encoded).getexif()) == {}
        assert "exif" not in opened(encoded).info
        assert b"Exif" not in encoded


def test_wide_colours_become_srgb_and_the_profile_goes() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = pictures.encode(as_bytes(picture(400, 300), icc_profile=lab))
    assert "icc_profile" not in opened(made[320]).info
    broken = pictures.encode(as_bytes(picture(400, 300), icc_profile=b"not a profile"))
    assert sorted(broken) == [320, 400]


def test_transparent_goods_stand_on_white() -> None:
    made = pictures.encode(as_bytes(picture(400, 400, "RGBA", (0, 0, 0, 0)), "PNG"))
    assert opened(made[400]).convert("RGB").getpixel((200, 200)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_printed_jpegs_are_read(mode: str) -> None:
    assert sorted(pictures.encode(as_bytes(picture(400, 300, mode, 0 if mode == "L" else (0, 0, 0, 0))))) == [
        320,
        400,
    ]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_are_read(kind: str) -> None:
    assert sorted(pictures.encode(as_bytes(picture(700, 500), kind))) == [320, 640, 700]


def test_a_phones_two_in_one_jpeg_is_read() -> None:
    content = as_bytes(picture(1600, 1200), "MPO", save_all=True, append_images=[picture(320, 240)])
    assert sorted(pictures.encode(content)) == [320, 640, 1080]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        as_bytes(picture(400, 300))[:600],
        as_bytes(picture(400, 300), "GIF"),
        as_bytes(picture(400, 300), "TIFF"),
        png_of(20_000, 20_000),
        png_of(5_000, 4_000),
        as_bytes(picture(10_000, 7_000, "L", 0)),
        as_bytes(picture(32, 32)) + b"\0" * pictures.MOST_BYTES,
    ],
    ids=["empty", "zeros", "cut", "gif", "tiff", "bomb", "many-pixels", "huge-jpeg", "13-megabytes"],
)
def test_what_cannot_or_must_not_be_decoded_is_refused(content: bytes) -> None:
    with pytest.raises(BadImage) as refused:
        pictures.encode(content)
    assert refused.value.params == {"megabytes": 12}


def test_files_lie_under_names_that_nobody_guesses(market: Market, media: Path) -> None:
    product, content = market.product(), as_bytes(picture(1200, 900))
    market.shop.add_image(key=new_key(), product_id=product.id, content=content, alt="")
    twice = market.shop.add_image(key=new_key(), product_id=product.id, content=content, alt="")
    first, second = twice.images
    assert set(first.urls) == {320, 640, 1080}
    assert len(files(media)) == 6
    assert not set(first.urls.values()) & set(second.urls.values())
    for url in first.urls.values():
        assert default_storage.exists(url.removeprefix("/media/"))
        assert product.slug not in url


def test_a_repeat_and_a_refusal_leave_no_file_behind(market: Market, media: Path) -> None:
    product, content, key = market.product(), as_bytes(picture(400, 300)), new_key()
    for _ in range(3):
        market.shop.add_image(key=key, product_id=product.id, content=content, alt="")
    assert len(files(media)) == 2
    for _ in range(7):
        market.shop.add_image(key=new_key(), product_id=product.id, content=content, alt="")
    with pytest.raises(TooManyImages):
        market.shop.add_image(key=new_key(), product_id=product.id, content=content, alt="")
    with pytest.raises(ProductNotFound):
        market.shop.add_image(key=new_key(), product_id="999999", content=content, alt="")
    assert len(files(media)) == 16
    assert models.ProductImage.objects.count() == 8


def test_a_storage_that_fails_half_way_leaves_nothing(
    market: Market, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product, save = market.product(), default_storage.save
    names: list[str] = []

    def save_once(name: str, content: object) -> str:
        names.append(name)
        if len(names) == 2:
            raise OSError("disk full")
        return save(name, content)  # type: ignore[arg-type]

    monkeypatch.setattr(default_storage, "save", save_once, raising=False)
    with pytest.raises(OSError, match="disk full"):
        market.shop.add_image(
            key=new_key(), product_id=product.id, content=as_bytes(picture(700, 500)), alt=""
        )
    assert len(names) == 2
    assert files(media) == []
    assert models.ProductImage.objects.count() == 0


def test_taking_a_picture_away_keeps_the_one_that_an_order_shows(market: Market, media: Path) -> None:
    product = market.product()
    content = as_bytes(picture(1200, 900))
    ordered = market.shop.add_image(key=new_key(), product_id=product.id, content=content, alt="").images[0]
    order = market.order(product)
    assert order.lines[0].image == ordered.small
    unordered = market.shop.add_image(key=new_key(), product_id=product.id, content=content, alt="").images[1]
    for each in (ordered, unordered):
        market.shop.remove_image(key=new_key(), product_id=product.id, image_id=each.id)
    assert files(media) == [ordered.small.removeprefix("/media/")]


def test_files_of_a_killed_upload_are_swept_away(market: Market, media: Path) -> None:
    product = market.product()
    market.shop.add_image(key=new_key(), product_id=product.id, content=as_bytes(picture(400, 300)), alt="")
    kept = files(media)
    images.store(as_bytes(picture(400, 300)))
    assert images.sweep(older_than_s=3600) == 0
    assert len(files(media)) == 4
    assert images.sweep(older_than_s=-1) == 2
    assert files(media) == kept
