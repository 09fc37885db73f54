"""Gunicorn's settings that do not come from the environment (`--config python:…web_server`)."""

from __future__ import annotations

import gc
from typing import Any

# Django is loaded once and shared by the forked workers: less memory, and they come up together.
preload_app = True
worker_class = "gthread"
# A live page ends by itself when its process stops, so a stop need not wait for it.
graceful_timeout = 3
timeout = 60
keepalive = 15
# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm"  # noqa: S108 - a memory file system, where gunicorn makes a file of its own
control_socket_disable = True
loglevel = "warning"
forwarded_allow_ips = "127.0.0.1,::1"


def pre_fork(server: Any, worker: Any) -> None:
    """Keeps what the master has loaded out of the workers' garbage collections, and so in shared memory."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A connection opened while loading belongs to the master alone."""
    from django.db import connections

    connections.close_all()
