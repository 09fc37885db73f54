from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _load_categories(**sent: Any) -> None:
    from backend.engine.categories import load_categories

    present = sent.get("apps")
    if present is None or ("engine", "category") in {
        (m._meta.app_label, m._meta.model_name) for m in present.get_models()
    }:
        load_categories()


class EngineConfig(AppConfig):
    name = "backend.engine"
    label = "engine"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Reference data belongs to the schema: present after every migrate, and after a test has emptied the
        # tables.
        post_migrate.connect(_load_categories, sender=self, dispatch_uid="engine.categories")
