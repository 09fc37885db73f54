"""The Celery app: `celery -A backend.project.celery worker -P threads -B`."""

from __future__ import annotations

import os

from celery import Celery

from backend.project import queue_folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.project.settings")

queue_folder.use()
app = Celery("market")
# For every thread: Celery's "current app" is that of the thread which made it, and others would ask a broker on this
# machine that is not there, a second at a time.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
