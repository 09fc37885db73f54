"""The door at /graphql/: POST alone, JSON or a multipart request with files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from graphql import GraphQLError

from backend.api.saleor import tokens
from backend.api.saleor.context import ANONYMOUS, Context, Requestor, requestor_of_user
from backend.api.saleor.execution import Answer, Executor, refuse
from backend.api.saleor.schema import executor
from backend.api.services import find_app

LONGEST_JSON: Final = 1_000_000
LONGEST_MULTIPART: Final = 13_000_000
"""One photograph of twelve megabytes, and its document."""
MOST_FILES: Final = 8


class _Bad(Exception):
    """The request itself cannot be read."""


def graphql(request: HttpRequest) -> HttpResponse:
    """The door at /graphql/, which urls.py frees of the check for forged forms: no cookie is looked at.

    Goods and orders are served where the embedded engine has them; with a Saleor behind the market this door signs
    people in, and its tables of goods are empty or of another time.
    """
    return serve(request, executor, _PAGE if settings.SHOP_ENGINE == "embedded" else _PAGE_OF_PEOPLE)


def serve(request: HttpRequest, executor: Callable[[], Executor], page: str) -> HttpResponse:
    """Answer one document by ``executor``'s schema. No cookie is looked at, so no other site can act in somebody's
    name. Whoever opens the address in a browser reads ``page``."""
    if request.method == "OPTIONS":
        return _with_cors(request, HttpResponse(status=200))
    if request.method == "GET":
        return _with_cors(request, HttpResponse(page, content_type="text/html; charset=utf-8"))
    if request.method != "POST":
        response = HttpResponse(status=405)
        response.headers["Allow"] = "GET, OPTIONS, POST"
        return response
    try:
        requestor = requestor_of(request)
        answer = _answer(request, requestor, executor)
    except _Bad as bad:
        answer = refuse(GraphQLError(str(bad)))
    return _with_cors(request, _json(answer))


def keys(request: HttpRequest) -> HttpResponse:
    """``/.well-known/jwks.json``: what our tokens are checked with."""
    del request
    response = JsonResponse(tokens.public_keys())
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def requestor_of(request: HttpRequest) -> Requestor:
    """Who asks, by ``Authorization: Bearer …`` or ``JWT …``, or ``Authorization-Bearer``. A token that does not hold is
    nobody's, as on Saleor."""
    header = request.headers.get("Authorization-Bearer", "")
    if not header:
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        header = value if kind.lower() in {"bearer", "jwt"} else ""
    token = header.strip()
    if not token:
        return ANONYMOUS
    if token.count(".") == 2:
        user = tokens.user_of(token)
        return requestor_of_user(user) if user is not None else ANONYMOUS
    app = find_app(token)
    if app is None:
        return ANONYMOUS
    return Requestor(app=app.name, app_id=str(app.pk), permissions=frozenset(app.permissions), reach=None)


def _answer(request: HttpRequest, requestor: Requestor, executor: Callable[[], Executor]) -> Answer:
    multipart = request.content_type == "multipart/form-data"
    length = request.META.get("CONTENT_LENGTH") or "0"
    # Files are for those who may put goods up; nobody else may send more than a document.
    most = LONGEST_MULTIPART if multipart and requestor.may("MANAGE_PRODUCTS") else LONGEST_JSON
    if not length.isdecimal() or int(length) > most:
        raise _Bad("The request is too long.")
    asked = _read_multipart(request) if multipart else _read_json(request)
    if isinstance(asked, list):
        raise _Bad("Number of batch queries exceeded.")
    if not isinstance(asked, dict):
        raise _Bad("Unable to parse query.")
    text, variables, name = asked.get("query"), asked.get("variables") or {}, asked.get("operationName")
    if not isinstance(text, str) or not text.strip():
        raise _Bad("Must provide a query string.")
    if isinstance(variables, str):
        variables = _loads(variables)
    if not isinstance(variables, dict) or not (name is None or isinstance(name, str)):
        raise _Bad("Unable to parse query.")
    return executor().answer(text, variables, name or None, Context(request, requestor))


def _read_json(request: HttpRequest) -> Any:
    try:
        return _loads(request.body)
    except RequestDataTooBig:
        raise _Bad("The request is too long.") from None


def _loads(text: str | bytes) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _Bad("Unable to parse query.") from None
    if "\\u0000" in (text if isinstance(text, str) else text.decode(errors="replace")):
        raise _Bad("A NUL is no text.")
    return found


def _read_multipart(request: HttpRequest) -> Any:
    """The graphql-multipart-request-spec: ``operations``, ``map``, and the files under the names of the map."""
    try:
        operations = _loads(request.POST.get("operations", ""))
        places = _loads(request.POST.get("map", "{}"))
        files = request.FILES
    except (MultiPartParserError, RequestDataTooBig):
        raise _Bad("Unable to parse query.") from None
    if not isinstance(operations, dict) or not isinstance(places, dict) or len(places) > MOST_FILES:
        raise _Bad(
            "Number of batch queries exceeded." if isinstance(operations, list) else "Unable to parse query."
        )
    for name, paths in places.items():
        file = files.get(name)
        if file is None or not isinstance(paths, list):
            raise _Bad("Unable to parse query.")
        for path in paths:
            _put(operations, str(path).split("."), file)
    return operations


def _put(operations: Any, path: list[str], file: Any) -> None:
    here = operations
    try:
        for step in path[:-1]:
            here = here[int(step)] if isinstance(here, list) else here[step]
        last: Any = int(path[-1]) if isinstance(here, list) else path[-1]
        if path[0] != "variables" or here[last] is not None:
            raise KeyError
        here[last] = file
    except (KeyError, IndexError, ValueError, TypeError):
        raise _Bad("Unable to parse query.") from None


def _json(answer: Answer) -> HttpResponse:
    body = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(body.encode(), content_type="application/json", status=answer.status)


def _with_cors(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    origin = request.headers.get("Origin")
    allowed = settings.GRAPHQL_ORIGINS
    if origin and ("*" in allowed or origin in allowed):
        response.headers["Access-Control-Allow-Origin"] = "*" if "*" in allowed else origin
        response.headers["Access-Control-Allow-Methods"] = "POST, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = (
            "Origin, Content-Type, Accept, Authorization, Authorization-Bearer"
        )
        response.headers["Access-Control-Max-Age"] = "600"
    response.headers["Vary"] = "Origin"
    return response


_PAGE: Final = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Chợ Xã: GraphQL</title>
<h1>GraphQL</h1><p>Cửa này nhận tài liệu GraphQL theo tiếng nói của Saleor 3.23: <code>POST /graphql/</code> với JSON
<code>{"query": "…", "variables": {}}</code>.</p><p lang="en">
This door takes GraphQL documents in the dialect of Saleor 3.23:
<code>POST /graphql/</code> with JSON.</p></html>
"""
_PAGE_OF_PEOPLE: Final = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Chợ Xã: GraphQL</title>
<h1>GraphQL</h1><p>Hàng và đơn của chợ này ở Saleor. Cửa này chỉ để đăng nhập (<code>tokenCreate</code>,
<code>tokenRefresh</code>, <code>me</code>); phần của chợ ở <code>/market/graphql/</code>.</p><p lang="en">
Goods and orders of this market are in Saleor. This door signs people in (<code>tokenCreate</code>,
<code>tokenRefresh</code>, <code>me</code>); the market's own schema is at <code>/market/graphql/</code>.</p></html>
"""
