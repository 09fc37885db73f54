"""The bare view itself (tests.bench.floor): 24 goods in one query, as JSON. Run by gunicorn."""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, JsonResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.project.settings")
django.setup()
# The market's settings without what stands before a view; after the set-up, in which apps ask for theirs.
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
application = WSGIHandler()

from backend.engine.models import Variant  # noqa: E402 - models need the set-up

ROWS = 24
_FIELDS = ("product__name", "product__slug", "product__seller_id", "unit", "price_vnd", "stock__quantity")


def rows(request: HttpRequest) -> JsonResponse:
    """The goods."""
    chosen = Variant.objects.filter(product__published=True, withdrawn_at__isnull=True).order_by("-pk")
    answer = JsonResponse({"goods": list(chosen.values(*_FIELDS)[:ROWS])})
    answer.headers["Content-Length"] = str(len(answer.content))
    return answer


urlpatterns = [path("", rows)]
