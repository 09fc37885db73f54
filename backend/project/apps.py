from __future__ import annotations

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "backend.project"
    label = "project"

    def ready(self) -> None:
        from backend.project.engine_choice import choose_engine

        choose_engine()
