"""Gunicorn's settings: `gunicorn backend.project.wsgi:application --config python:backend.project.web_server`."""

from __future__ import annotations

import gc
import os
from typing import Any

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.project.settings")

bind = f"[{settings.BIND}]:{settings.PORT}" if ":" in settings.BIND else f"{settings.BIND}:{settings.PORT}"
workers = settings.WEB_PROCESSES
threads = settings.WEB_THREADS
worker_class = "gthread"
# Django is loaded once and shared by the forked workers: less memory, and they come up together.
preload_app = True
# A live page ends by itself when its process stops, so a stop need not wait for it.
graceful_timeout = 3
timeout = 60
keepalive = 15
# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm"  # noqa: S108 - a memory file system, where gunicorn makes a file of its own
control_socket_disable = True
loglevel = "warning"
forwarded_allow_ips = "127.0.0.1,::1"


def when_ready(server: Any) -> None:
    """Before the first fork: everything that a page needs is loaded once, for all workers."""
    from backend.project.warm_up import warm_up

    warm_up()


def pre_fork(server: Any, worker: Any) -> None:
    """Keeps what the master has loaded out of the workers' garbage collections, and so in shared memory."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A connection opened while loading belongs to the master alone."""
    from django.db import connections

    connections.close_all()
