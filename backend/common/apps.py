from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps


class CommonConfig(AppConfig):
    name = "backend.common"
    label = "common"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Consumers register themselves on import; an event emitted before that would miss them.
        for config in apps.get_app_configs():
            name = f"{config.name}.consumers"
            if config.name.split(".")[0] in {"backend", "payments", "devices", "integrations"} and find_spec(
                name
            ):
                import_module(name)
