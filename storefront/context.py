"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """Basket size, the language to switch to, whether this is a demo."""
    basket = request.session.get("basket", {}) if hasattr(request, "session") else {}
    language = getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
    return {
        "basket_count": sum(basket.values()) if isinstance(basket, dict) else 0,
        "other_language": "en" if language == "vi" else "vi",
        "demo": settings.DEMO,
        "is_fragment": request.headers.get("HX-Request") == "true",
    }
