from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from storefront.people import address

urlpatterns: list[URLPattern | URLResolver] = [
    path("dia-chi/xa/", address.commune_choices, name="commune-choices"),
]
