from __future__ import annotations

from django.apps import AppConfig


class SoundboxesConfig(AppConfig):
    name = "devices.soundboxes"
    label = "soundboxes"
    default_auto_field = "django.db.models.BigAutoField"
