"""What every answer carries, and how a refusal looks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils import translation

from backend.common.errors import MarketError, TooBusy, TooLong, UnusableText

log = logging.getLogger(__name__)

Answer = Callable[[HttpRequest], HttpResponse]

LONGEST_BODY: Final = 1_000_000
LONGEST_BODY_WITH_PHOTOS: Final = 100_000_000
"""Eight photographs of twelve megabytes each, and their form."""
OWN_LIMITS: Final = frozenset({"/graphql/"})
"""Doors that know who asks by a token and not by a session, and limit the body before they read it."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; media-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class SecurityHeaders:
    """A content policy without inline script or style, and nothing of this site in frames or to other origins."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=()"
        )
        return response


class BodyLimits:
    """Refuses a body that is too long before a byte of it is read, because a form's files go to the disk first.

    Stands behind AuthenticationMiddleware: only people who are signed in send photographs. Each door has narrower limits
    of its own.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        # Asking who it is costs two queries, which only a long body is worth.
        if request.path in OWN_LIMITS:
            return self.get_response(request)
        if length.isdecimal() and int(length) > LONGEST_BODY:
            most = LONGEST_BODY_WITH_PHOTOS if request.user.is_authenticated else LONGEST_BODY
            if int(length) > most:
                response = render(request, "refusal.html", {"error": TooLong()}, status=TooLong.status)
                # What was not read would be taken for the next request.
                response.headers["Connection"] = "close"
                return response
        return self.get_response(request)


class NoControlCharacters:
    """Refuses a NUL in addresses, queries, cookies and forms: no text has one, and PostgreSQL stores none.

    A form is looked at once its proof has been checked, because that is when Django has read it. Doors that want no such
    proof take the body as it comes (webhooks are signed over its bytes) and look for themselves.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        texts = [request.path, *request.COOKIES.values(), *_words(request.GET)]
        if any("\0" in text for text in texts):
            # In plain text, because a page would ask for the visitor by the very cookie.
            return HttpResponse(
                str(UnusableText()), status=UnusableText.status, content_type="text/plain; charset=utf-8"
            )
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        if getattr(view, "csrf_exempt", False):
            return None
        # Files' own names need no look: Django keeps only what can be printed of them.
        if any("\0" in text for text in (*_words(request.POST), *request.FILES.keys())):
            return render(request, "refusal.html", {"error": UnusableText()}, status=UnusableText.status)
        return None


def _words(data: QueryDict) -> list[str]:
    return [*data.keys(), *(value for values in data.lists() for value in values[1])]


class Language:
    """Vietnamese unless the visitor chose English; a browser's own language is no choice."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_CODE)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class Refusals:
    """A MarketError that a view let through becomes a page that says what to do; a jammed database becomes 503."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OperationalError) and "locked" in str(exception):
            log.warning("write lock not had within its time: %s", request.path)
            exception = TooBusy()
        if not isinstance(exception, MarketError):
            return None
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"code": exception.code, "message": str(exception)}, status=exception.status)
        response = render(request, "refusal.html", {"error": exception}, status=exception.status)
        if exception.status == 503:
            response["Retry-After"] = "5"
        return response
