from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PlacesConfig(AppConfig):
    name = "backend.places"
    label = "places"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backend.places.loading import load_after_migrate

        post_migrate.connect(load_after_migrate, sender=self)
