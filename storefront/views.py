"""Pages that belong to no room."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from backend.common.errors import MarketError, NotFound


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404 in the market's own look."""
    return render(request, "refusal.html", {"error": NotFound()}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """500 in the market's own look; the log has the rest."""
    return render(request, "refusal.html", {"error": MarketError()}, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose proof is missing or stale."""
    return render(request, "refusal.html", {"stale_form": True}, status=403)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the chosen language in a cookie and go back to where the visitor was."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 86400,
            samesite="Lax",
            secure=settings.HTTPS,
        )
    return response
