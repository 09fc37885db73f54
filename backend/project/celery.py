"""The Celery app: `celery -A backend.project.celery worker -P threads -B`."""

from __future__ import annotations

import os

from celery import Celery

from backend.project import queue_folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.project.settings")

queue_folder.use()
app = Celery("market")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
