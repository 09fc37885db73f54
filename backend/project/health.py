"""Whether this process can serve: for the supervisor, the proxy and the operator."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from integrations.saleor.app import watch


def health(request: HttpRequest) -> HttpResponse:
    """200 ``ok`` when the database answers; the error page's 500 otherwise. Below it, in front of a Saleor, how that one
    was when the worker last looked: a Saleor that is down does not make this process sick."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    said = ["ok", *(watch.lines() if settings.SHOP_ENGINE == "saleor" else [])]
    return HttpResponse("\n".join(said), content_type="text/plain")
