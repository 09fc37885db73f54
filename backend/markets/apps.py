from __future__ import annotations

from django.apps import AppConfig


class MarketsConfig(AppConfig):
    name = "backend.markets"
    label = "markets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backend.markets import scopes

        scopes.register()
