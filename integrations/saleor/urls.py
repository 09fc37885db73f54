"""Addresses of what lies in Saleor."""

from __future__ import annotations

from django.urls import path

from integrations.saleor import views

urlpatterns = [path("hinh/<int:number>-<int:size>.webp", views.picture, name="saleor-picture")]
