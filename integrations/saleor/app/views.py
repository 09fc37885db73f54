"""The doors for a Saleor. None of them knows a session; each believes nothing that it has not verified."""

from __future__ import annotations

import json

from django.conf import settings
from django.core import signing
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from backend.common.networks import network_of
from integrations.saleor.app import gateways, hearing, installing
from integrations.saleor.app.errors import AppRefusal, Malformed
from integrations.saleor.app.manifest import manifest as our_manifest

LONGEST_REGISTRATION = 4096


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """Who the market is and what it wants to hear; 404 where no Saleor may install it."""
    if not settings.SALEOR_APIS:
        return _refusal(404, "NOT_FOUND", "No Saleor may install this market: SALEOR_APIS is empty.")
    return JsonResponse(our_manifest(), json_dumps_params={"ensure_ascii": False})


@csrf_exempt
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """A Saleor brings the token of an installation. Any 2xx means installed; it shows what a refusal says."""
    try:
        if _length(request) > LONGEST_REGISTRATION:
            raise Malformed("The body is too long.")
        installing.install(
            api_url=request.headers.get("Saleor-Api-Url", ""),
            token=_token(request.body),
            network=network_of(request),
        )
    except AppRefusal as refusal:
        return JsonResponse(
            {"success": False, "error": {"code": refusal.code, "message": refusal.message}},
            status=refusal.status,
        )
    return JsonResponse({"success": True})


def _token(raw: bytes) -> str:
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    token = body.get("auth_token") if isinstance(body, dict) else None
    if not isinstance(token, str):
        raise Malformed("auth_token is missing.")
    return token


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """One webhook. 401: not believed. 400: not understood. 503: could not be stored, send it again."""
    if _length(request) > hearing.MAX_BODY:
        return _refusal(413, "TOO_LARGE", "The body is too long.")
    try:
        answer = hearing.hear(
            api_url=request.headers.get("Saleor-Api-Url", ""),
            named=request.headers.get("Saleor-Event", ""),
            signature=request.headers.get("Saleor-Signature", ""),
            body=request.body,
        )
    except AppRefusal as refusal:
        return _refusal(refusal.status, refusal.code, refusal.message)
    except DatabaseError:
        response = _refusal(503, "NOT_STORED", "Nothing was stored; send it again.")
        response["Retry-After"] = "10"
        return response
    return JsonResponse(answer, safe=False)


def _length(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isdecimal() else 0


def _refusal(status: int, code: str, message: str) -> HttpResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


@never_cache
@require_GET
def qr_image(request: HttpRequest, ticket: str) -> HttpResponse:
    """The picture of a payment code, for whoever was given its address with the payment."""
    try:
        picture = gateways.qr_picture(ticket)
    except signing.BadSignature:
        return HttpResponse(status=404)
    return HttpResponse(picture, content_type="image/png")
