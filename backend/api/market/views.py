"""The door at /market/graphql/: requests, tokens and limits as at /graphql/, another schema. GraphiQL where DEMO=1."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backend.api.market.schema import executor
from backend.api.saleor.views import serve

FOLDER: Final = Path(__file__).parent / "graphiql"
SCRIPT: Final = "text/javascript; charset=utf-8"
STYLE: Final = "text/css; charset=utf-8"
ASSETS: Final = {
    "react.js": SCRIPT,
    "react-dom.js": SCRIPT,
    "graphiql.js": SCRIPT,
    "start.js": SCRIPT,
    "graphiql.css": STYLE,
    "narrow.css": STYLE,
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
"""Of GraphiQL's page: its stylesheet carries its fonts in itself, which no other page of the market may."""
_HEAD: Final = '<!doctype html><html lang="vi"><meta charset="utf-8"><title>Chợ Xã: GraphQL</title>'
_PAGE: Final = f"""{_HEAD}
<h1>GraphQL của chợ</h1><p>Sổ OCOP, người bán, chợ, sạp và đơn của mình: <code>POST /market/graphql/</code> với JSON
<code>{{"query": "…", "variables": {{}}}}</code>.</p><p lang="en">
The OCOP register, sellers, markets, stalls and one's own orders: <code>POST /market/graphql/</code> with JSON.
The schema describes itself.</p></html>
"""
_GRAPHIQL: Final = f"""{_HEAD}
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/market/graphql/graphiql.css">
<link rel="stylesheet" href="/market/graphql/narrow.css">
<link rel="icon" href="data:,">
<body><div id="graphiql"></div>
<script src="/market/graphql/react.js"></script>
<script src="/market/graphql/react-dom.js"></script>
<script src="/market/graphql/graphiql.js"></script>
<script src="/market/graphql/start.js"></script></body></html>
"""


def graphql(request: HttpRequest) -> HttpResponse:
    """The door at /market/graphql/, freed of the check for forged forms as /graphql/ is."""
    response = serve(request, executor, _GRAPHIQL if settings.DEMO else _PAGE)
    if settings.DEMO and request.method == "GET":
        response.headers["Content-Security-Policy"] = POLICY
    return response


@require_safe
def asset(request: HttpRequest, name: str) -> HttpResponse:
    """A file of GraphiQL; there is none in a real market."""
    if not settings.DEMO or name not in ASSETS:
        return HttpResponse(status=404)  # asked for by a page, which has no room for another
    packed = FOLDER / f"{name}.gz"
    if not packed.exists():
        return HttpResponse((FOLDER / name).read_bytes(), content_type=ASSETS[name])
    content = packed.read_bytes()
    headers = {"Vary": "Accept-Encoding", "Cache-Control": "public, max-age=3600"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return HttpResponse(content, content_type=ASSETS[name], headers=headers)
