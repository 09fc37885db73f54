"""The door for providers."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.feeds.provider import MAX_BODY, NoticeMalformed, NoticeRefused
from payments.feeds.registry import PROVIDERS
from payments.feeds.services import find_connection, receive


def _refusal(status: int, reason: str, message: str = "") -> JsonResponse:
    return JsonResponse({"success": False, "reason": reason, "message": message}, status=status)


@csrf_exempt
@require_POST
def receive_notice(request: HttpRequest, provider: str, public_id: str) -> HttpResponse:
    """One notice of a provider. 200 or 201 means stored and applied; 503 means send it again."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        return _refusal(413, "too_large")
    try:
        connection = find_connection(provider, public_id)
        if connection is None:
            return _refusal(404, "no_such_connection")
        headers = {name.lower(): value for name, value in request.headers.items()}
        bookings = receive(connection=connection, headers=headers, body=request.body)
    except NoticeRefused as refusal:
        return _refusal(401, refusal.code, refusal.message)
    except NoticeMalformed as refusal:
        return _refusal(400, refusal.code, refusal.message)
    except DatabaseError:
        answer = _refusal(503, "not_stored")
        answer["Retry-After"] = "10"
        return answer
    status = 201 if any(booking.new for booking in bookings) else 200
    return HttpResponse(PROVIDERS[provider].success, status=status, content_type="application/json")
