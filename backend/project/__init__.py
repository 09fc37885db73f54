"""The project: settings, doors, processes. The Celery app must exist wherever a task is sent."""

from __future__ import annotations

from backend.project.celery import app as celery_app

__all__ = ["celery_app"]
