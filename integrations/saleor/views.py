"""What a browser may fetch of Saleor through the market."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from integrations.saleor.pictures import find_picture

FOR_EVER: Final = "public, max-age=31536000, immutable"
"""A picture in Saleor never changes under its number."""


@require_safe
def picture(request: HttpRequest, number: int, size: int) -> HttpResponse:
    """A photograph of goods in one of three widths."""
    content = find_picture(number, size) if number < 2**31 else None
    if content is None:
        return HttpResponse(status=404)  # asked for by a picture, which has no room for a page
    return HttpResponse(content, content_type="image/webp", headers={"Cache-Control": FOR_EVER})
