"""The door at /market/graphql/: requests, tokens and limits as at /graphql/, another schema."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from backend.api.market.schema import executor
from backend.api.saleor.views import serve

_PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Chợ Xã: GraphQL</title>
<h1>GraphQL của chợ</h1><p>Sổ OCOP, người bán, chợ, sạp và đơn của mình: <code>POST /market/graphql/</code> với JSON
<code>{"query": "…", "variables": {}}</code>.</p><p lang="en">
The OCOP register, sellers, markets, stalls and one's own orders: <code>POST /market/graphql/</code> with JSON.
The schema describes itself.</p></html>
"""


@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponse:
    """The door at /market/graphql/. No cookie is looked at."""
    return serve(request, executor, _PAGE)
