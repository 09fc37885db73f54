"""The market's task worker, `python -m backend.project.worker`: one process, four threads, and beat inside.

It is Celery's own worker, started without Celery's command line, and with beat as a thread of it. Measured
(docs/bench.md): the command line loads a terminal tool kit, 7 MB that nobody uses here, and `--beat` forks a
second process that comes to 43 MB. On a larger installation any `celery -A backend.project.celery worker`
does the same work.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Any

from celery import bootsteps
from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning
from celery.signals import task_success

from backend.project.healthcheck import WORKER_ALIVE as ALIVE

THREADS = 4


class BeatThread(bootsteps.StartStopStep):
    """Beat in a thread of the worker: there is exactly one worker, so there is exactly one beat."""

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._beat: Any = None

    def start(self, worker: Any) -> None:
        from django.conf import settings

        self._beat = EmbeddedService(
            worker.app, thread=True, schedule_filename=str(settings.DATA_DIR / "beat-schedule")
        )
        self._beat.start()

    def stop(self, worker: Any) -> None:
        if self._beat is not None:
            self._beat.stop()


def show_life(data_dir: Path) -> None:
    """Touches ``worker.alive`` whenever a task has been done; beat sends one every few seconds (SWEEP_S)."""
    path = data_dir / ALIVE

    def touch(**_fields: Any) -> None:
        path.touch()

    task_success.connect(touch, weak=False)


def main() -> int:
    """Works until SIGTERM; the exit status of the worker."""
    # Django's checks load every page of the market to look at it; `make check` has done so.
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
    # A commune's machine often has no other user than root; the warning of it says nothing new.
    warnings.simplefilter("ignore", SecurityWarning)
    from django.conf import settings

    from backend.project.celery import app

    show_life(settings.DATA_DIR)
    app.steps["worker"].add(BeatThread)
    worker = app.Worker(
        pool_cls="threads",
        concurrency=THREADS,
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
