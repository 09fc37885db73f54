from __future__ import annotations

from django.urls import path

from storefront import views
from storefront.live import views as live

urlpatterns = [
    path("live/<str:ticket>/", live.stream, name="live"),
    path("ngon-ngu/", views.set_language, name="set-language"),
]
