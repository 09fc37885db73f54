from __future__ import annotations

from django.apps import AppConfig


class SaleorConfig(AppConfig):
    name = "integrations.saleor"
    label = "saleor"
