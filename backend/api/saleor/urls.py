from __future__ import annotations

from typing import Final

from django.urls import path

from backend.api.doors import door

VIEWS: Final = "backend.api.saleor.views"
urlpatterns = [
    path("graphql/", door(VIEWS, "graphql"), name="graphql"),
    path(".well-known/jwks.json", door(VIEWS, "keys"), name="jwks"),
]
