"""Drawing payment codes here, so that no third party learns of an account, an amount or a buyer.

The `qrcode` library makes the matrix (error correction M): it mixes numeric, alphanumeric and byte segments,
so a VietQR payload fits version 6 (41 x 41 modules) where byte mode alone needs version 8, and each module of
a printed stall sign is a fifth larger. The SVG is our own: one path of run lengths, about 3 kB. Libraries are
imported on first use, so that programs which only encode and decode start at once.
"""

from __future__ import annotations

import io
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from payments.vietqr.decoder import decode

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

# ISO/IEC 18004 asks for four modules of white around the code.
QUIET = 4

_FONTS = Path(__file__).with_name("fonts")
_INK, _MUTED, _PAPER, _LINE, _ACT = (
    "#22201C",
    "#6B655C",
    "#FFFDF8",
    "#E8E1D5",
    "#1E7A46",
)


@lru_cache(maxsize=256)
def matrix(payload: str) -> tuple[tuple[bool, ...], ...]:
    """Modules of the code, True where dark, without the quiet zone. Raises ValueError for an empty
    payload.
    """
    import qrcode  # type: ignore[import-untyped, unused-ignore]
    from qrcode.constants import ERROR_CORRECT_M

    if not payload:
        raise ValueError("nothing to draw")
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(payload)
    code.make(fit=True)
    return tuple(tuple(bool(dark) for dark in row) for row in code.get_matrix())


def _runs(row: tuple[bool, ...]) -> list[tuple[int, int]]:
    """(start, length) of each dark run in a row."""
    runs: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == x:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((x, 1))
    return runs


def path(payload: str) -> str:
    """The `d` of a path to be stroked one unit wide: one `M` for each row, then moves and runs."""
    parts: list[str] = []
    for y, row in enumerate(matrix(payload)):
        pen: int | None = None
        for start, length in _runs(row):
            parts.append(f"M{start + QUIET} {y + QUIET}.5" if pen is None else f"m{start - pen} 0")
            parts.append(f"h{length}")
            pen = start + length
    return "".join(parts)


@lru_cache(maxsize=256)
def svg(payload: str, *, label: str = "Mã VietQR", css_class: str = "qr") -> str:
    """The code as one inline SVG element, dark on white in any theme (a scanner needs the contrast).

    It has no width of its own: the page's style sheet sizes it. `label` is what a screen reader says.
    """
    size = len(matrix(payload)) + 2 * QUIET
    return (
        f'<svg class="{escape(css_class)}" viewBox="0 0 {size} {size}" role="img" '
        f'aria-label="{escape(label)}" shape-rendering="crispEdges" xmlns="http://www.w3.org/2000/svg">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path stroke="#000" d="{path(payload)}"/></svg>'
    )


def _image(payload: str, scale: int) -> Image.Image:
    from PIL import Image

    modules = matrix(payload)
    size = len(modules) + 2 * QUIET
    image = Image.new("L", (size, size), 255)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + QUIET, y + QUIET), 0)
    return image.resize((size * scale, size * scale), Image.Resampling.NEAREST)


def _png(image: Image.Image, colours: int) -> bytes:
    """The image as a small PNG: few colours are enough for a code and its captions."""
    from PIL import Image

    out = io.BytesIO()
    # The fast octree and plain compression: a sixth of the time of the best ones for a third more bytes.
    octree = Image.Quantize.FASTOCTREE
    image.convert("RGB").quantize(colours, method=octree, dither=Image.Dither.NONE).save(out, "PNG")
    return out.getvalue()


def png(payload: str, scale: int = 8) -> bytes:
    """The code as a PNG with its quiet zone, `scale` (1 to 40) pixels for each module."""
    if not 1 <= scale <= 40:
        raise ValueError("scale must be 1 to 40")
    return _png(_image(payload, scale), 2)


@lru_cache(maxsize=16)
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(_FONTS / f"NotoSans-{weight}-vi.ttf"), size)


def _fitting(
    pen: ImageDraw.ImageDraw, text: str, weight: str, size: int, width: int
) -> ImageFont.FreeTypeFont:
    """The largest font up to `size` in which `text` is at most `width` wide; not under 20 px."""
    while size > 20 and pen.textlength(text, _font(weight, size)) > width:
        size -= 2
    return _font(weight, size)


def _grouped(digits: str, size: int) -> str:
    """An account number in groups, as people read it: 0011012345678 -> 0011 0123 45678."""
    if not digits.isdigit():
        return digits
    cut = max(1, len(digits) // size)
    groups = [digits[i * size : (i + 1) * size] for i in range(cut - 1)] + [digits[(cut - 1) * size :]]
    return " ".join(groups)


CARD_WIDTH = 720


def card_png(payload: str, *, account_name: str, title: str = "Trả tiền cho người bán") -> bytes:
    """A picture to save and to pay with on the same phone: the code, and in words all that the payer can
    check.

    Bank, account, amount and text are read from `payload` itself, so the picture cannot contradict its code;
    `account_name` is the one thing that a VietQR code does not carry. PNG, 720 px wide.
    Raises: VietQRError when the payload cannot be read.
    """
    import unicodedata

    from PIL import Image, ImageDraw

    facts = decode(payload)
    title, account_name = (unicodedata.normalize("NFC", text) for text in (title, account_name))
    amount = (
        "Người trả tự nhập" if facts.amount_vnd is None else f"{facts.amount_vnd:,}".replace(",", ".") + " ₫"
    )
    rows = [
        ("Số tiền", amount, 44),
        ("Ngân hàng", facts.bank_short_name or facts.bin or "", 30),
        ("Số tài khoản", _grouped(facts.account or "", 4), 34),
        ("Tên tài khoản", account_name, 30),
        ("Nội dung (giữ nguyên)", facts.purpose or "", 34),
    ]
    rows = [row for row in rows if row[1]]
    margin, row_height = 40, 108
    code = _image(payload, 640 // (len(matrix(payload)) + 2 * QUIET)).convert("RGB")
    top = 104
    image = Image.new(
        "RGB",
        (CARD_WIDTH, top + code.height + 32 + row_height * len(rows) + 88),
        _PAPER,
    )
    pen = ImageDraw.Draw(image)
    width = CARD_WIDTH - 2 * margin
    pen.text(
        (CARD_WIDTH // 2, 56),
        title,
        _INK,
        _fitting(pen, title, "Bold", 34, width),
        anchor="mm",
    )
    image.paste(code, ((CARD_WIDTH - code.width) // 2, top))
    y = top + code.height + 24
    for label, value, size in rows:
        pen.line((margin, y, CARD_WIDTH - margin, y), _LINE, 2)
        pen.text((margin, y + 12), label, _MUTED, _font("Regular", 24))
        colour = _ACT if label == "Số tiền" else _INK
        pen.text(
            (margin, y + 92),
            value,
            colour,
            _fitting(pen, value, "Bold", size, width),
            anchor="ls",
        )
        y += row_height
    pen.line((margin, y, CARD_WIDTH - margin, y), _LINE, 2)
    closing = "Quét ảnh này trong ứng dụng ngân hàng · VietQR"
    pen.text((CARD_WIDTH // 2, y + 48), closing, _MUTED, _font("Regular", 24), anchor="mm")
    return _png(image, 64)
