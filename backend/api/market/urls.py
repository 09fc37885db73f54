from __future__ import annotations

from typing import Final

from django.urls import path

from backend.api.doors import door

VIEWS: Final = "backend.api.market.views"
urlpatterns = [
    path("market/graphql/", door(VIEWS, "graphql"), name="market-graphql"),
    path("market/graphql/<str:name>", door(VIEWS, "asset"), name="market-graphql-asset"),
]
