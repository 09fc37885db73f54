"""Drawn codes are read back by a reader that shares nothing with the drawing."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from PIL import Image, ImageFont

from payments.vietqr import VietQRError, draw, encode
from payments.vietqr.draw import CARD_WIDTH, QUIET
from tests.payments.vectors import load

pytestmark = pytest.mark.pure

PAYLOAD = encode(bin="970436", account="0011012345678", amount_vnd=350_000, purpose="CX7KQ4M2PA")
PAYLOADS = [row["payload"] for row in load("vietqr.json") if row["use_as"] == "positive"]


def read(image: Image.Image) -> str:
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    assert len(found) == 1
    text: str = found[0].text
    return text


def picture(svg: str, scale: int = 4) -> Image.Image:
    """Draw our SVG's stroked path as a browser would: every `h` paints a run of one row."""
    size_match, path_match = (
        re.search(r'viewBox="0 0 (\d+) \1"', svg),
        re.search(r'stroke="#000" d="([^"]*)"', svg),
    )
    assert size_match
    assert path_match
    image = Image.new("L", (int(size_match[1]), int(size_match[1])), 255)
    x = y = 0
    consumed = 0
    for match in re.finditer(r"M(\d+) (\d+)\.5|m(\d+) 0|h(\d+)", path_match[1]):
        consumed += len(match[0])
        if match[1]:
            x, y = int(match[1]), int(match[2])
        elif match[3]:
            x += int(match[3])
        else:
            for _ in range(int(match[4])):
                image.putpixel((x, y), 0)
                x += 1
    assert consumed == len(path_match[1])
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload[-4:])
def test_svg_is_read_back(payload: str) -> None:
    assert read(picture(draw.svg(payload))) == payload


def test_svg_is_compact_and_speaks() -> None:
    svg = draw.svg(PAYLOAD, label='Mã "trả" <tiền>')
    assert len(svg) < 3_500
    assert 'role="img" aria-label="Mã &quot;trả&quot; &lt;tiền&gt;"' in svg
    assert " width=" not in svg
    assert " style=" not in svg


def test_code_of_a_payment_fits_version_6_with_its_quiet_zone() -> None:
    assert len(draw.matrix(PAYLOAD)) <= 41
    side = len(draw.matrix(PAYLOAD)) + 2 * QUIET
    image = Image.open(io.BytesIO(draw.png(PAYLOAD, 3))).convert("L")
    assert image.size == (3 * side, 3 * side)
    frame = image.crop((0, 0, image.width, 3 * QUIET))
    assert frame.getextrema() == (255, 255)


@pytest.mark.parametrize("scale", [2, 8])
def test_png_is_read_back(scale: int) -> None:
    assert read(Image.open(io.BytesIO(draw.png(PAYLOAD, scale)))) == PAYLOAD


@pytest.mark.parametrize("scale", [0, 41])
def test_png_scale_has_limits(scale: int) -> None:
    with pytest.raises(ValueError, match="1 to 40"):
        draw.png(PAYLOAD, scale)


def test_nothing_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        draw.svg("")


def test_card_to_save_is_read_back_and_small() -> None:
    card = draw.card_png(PAYLOAD, account_name="NGUYỄN THỊ SEN")
    image = Image.open(io.BytesIO(card))
    assert image.format == "PNG"
    assert image.width == CARD_WIDTH
    assert len(card) < 40_000
    assert read(image.convert("RGB")) == PAYLOAD


def test_card_shows_the_name_and_grows_with_what_there_is_to_say() -> None:
    static = encode(bin="970436", account="0011012345678")
    with_purpose = Image.open(io.BytesIO(draw.card_png(PAYLOAD, account_name="A"))).height
    without = Image.open(io.BytesIO(draw.card_png(static, account_name="A"))).height
    rows = 108
    assert with_purpose - without in range(rows - 60, rows + 60)
    assert draw.card_png(PAYLOAD, account_name="NGUYỄN THỊ SEN") != draw.card_png(
        PAYLOAD, account_name="TRẦN VĂN BA"
    )


def test_card_of_a_broken_payload_is_refused() -> None:
    with pytest.raises(VietQRError, match="crc_wrong"):
        draw.card_png(PAYLOAD[:-4] + "0000", account_name="A")


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_font_has_every_vietnamese_letter(weight: str) -> None:
    letters = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"
    font = ImageFont.truetype(f"payments/vietqr/fonts/NotoSans-{weight}-vi.ttf", 40)
    missing = font.getmask("\U0001f344").getbbox(), bytes(font.getmask("\U0001f344"))
    for letter in letters + letters.upper() + "₫·–…0123456789":
        assert (
            font.getmask(letter).getbbox(),
            bytes(font.getmask(letter)),
        ) != missing, letter


@pytest.mark.parametrize(
    ("digits", "grouped"),
    [
        ("0011012345678", "0011 0123 45678"),
        ("12345678", "1234 5678"),
        ("123", "123"),
        ("PSP1", "PSP1"),
        ("12345", "12345"),
    ],
)
def test_account_numbers_are_grouped_as_people_read_them(digits: str, grouped: str) -> None:
    assert draw._grouped(digits, 4) == grouped
