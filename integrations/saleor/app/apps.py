from __future__ import annotations

from django.apps import AppConfig


class SaleorAppConfig(AppConfig):
    name = "integrations.saleor.app"
    label = "saleor_app"
    default_auto_field = "django.db.models.BigAutoField"
