"""Views that are loaded by the first who asks for them.

GraphQL's modules take 17 MB of each process (docs/bench.md), and most communes are never asked anything there.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt


def door(module: str, name: str) -> Callable[..., HttpResponse]:
    """The view ``name`` of ``module``, which reads no cookie: nobody can act through it in another's name."""

    @csrf_exempt
    def view(request: HttpRequest, **arguments: Any) -> HttpResponse:
        answer: HttpResponse = getattr(import_module(module), name)(request, **arguments)
        return answer

    return view
