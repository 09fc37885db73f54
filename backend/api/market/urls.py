from __future__ import annotations

from django.urls import path

from backend.api.market import views

urlpatterns = [
    path("market/graphql/", views.graphql, name="market-graphql"),
    path("market/graphql/<str:name>", views.asset, name="market-graphql-asset"),
]
