from __future__ import annotations

from django.urls import path

from backend.api.saleor import views

urlpatterns = [
    path("graphql/", views.graphql, name="graphql"),
    path(".well-known/jwks.json", views.keys, name="jwks"),
]
