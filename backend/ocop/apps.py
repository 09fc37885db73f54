from __future__ import annotations

from django.apps import AppConfig


class OcopConfig(AppConfig):
    name = "backend.ocop"
    label = "ocop"
    default_auto_field = "django.db.models.BigAutoField"
