"""Addresses of the App. A Saleor follows no redirects, so they are as the manifest says, to the slash."""

from __future__ import annotations

from django.urls import path

from integrations.saleor.app import views

urlpatterns = [
    path("manifest.json", views.manifest, name="saleor-manifest"),
    path("register/", views.register, name="saleor-register"),
    path("webhook/", views.webhook, name="saleor-webhook"),
    path("qr/<str:ticket>.png", views.qr_image, name="saleor-qr"),
]
