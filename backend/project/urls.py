"""Every address of the market; each room lists its own."""

from __future__ import annotations

from django.urls import include, path

from backend.project import health, media

urlpatterns = [
    path("", include("storefront.shop.urls")),
    path("", include("storefront.people.urls")),
    path("ban-hang/", include("storefront.desk.urls")),
    path("sap/", include("storefront.till.urls")),
    path("", include("storefront.live.urls")),
    path("", include("payments.feeds.urls")),
    path("", include("backend.api.saleor.urls")),
    path("saleor/", include("integrations.saleor.app.urls")),
    path("", include("integrations.saleor.urls")),
    path("", include("backend.api.market.urls")),
    path("media/<path:path>", media.media, name="media"),
    path("health/", health.health, name="health"),
]
handler404 = "storefront.views.not_found"
handler500 = "storefront.views.broken"
