from __future__ import annotations

from django.urls import path

from storefront.till import money, views

urlpatterns = [
    path("", views.entrance, name="till-entrance"),
    path("<int:stall_id>/", views.till, name="till"),
    path("<int:stall_id>/bang-chu/", views.words, name="till-words"),
    path("<int:stall_id>/hom-nay/", views.today, name="till-today"),
    path("<int:stall_id>/tien/", money.unclear, name="till-money"),
    path("thu/<str:charge_id>/", views.charge, name="charge"),
    path("thu/<str:charge_id>/huy/", views.void, name="charge-void"),
    path("thu/<str:charge_id>/tien/", views.confirm, name="charge-confirm"),
]
