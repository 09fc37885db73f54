"""Loads what pages will need, before the web server forks: once in shared memory instead of once per worker.

Addresses and views, templates, translations, what draws codes and what sends tasks are otherwise loaded by the
first visitor of each process, who waits for it, and lie in the memory of each process.
"""

from __future__ import annotations

import io
import logging
from importlib import import_module
from typing import Any

log = logging.getLogger(__name__)

# Pages that anybody may ask for and that change nothing.
PAGES = ("/", "/?q=rau", "/gio/", "/vao/")


def warm_up() -> None:
    """Never fails: what could not be loaded now will be loaded, or complain, when it is asked for."""
    for step in (_templates, _languages, _codes, _tasks, _pages):
        try:
            step()
        except Exception:
            log.warning("warm-up: %s", step.__name__, exc_info=True)


def _templates() -> None:
    from django.conf import settings
    from django.template.loader import get_template

    for folder in settings.TEMPLATES[0]["DIRS"]:
        for path in sorted(folder.rglob("*.html")):
            get_template(str(path.relative_to(folder)))


def _languages() -> None:
    from django.conf import settings
    from django.utils import translation

    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext("Chợ Xã")


def _codes() -> None:
    from payments.vietqr import draw

    draw.matrix("Chợ Xã")


def _tasks() -> None:
    from django.conf import settings

    app = import_module(settings.TASK_APP).app
    app.finalize()
    import_module("backend.common.tasks")
    assert app.amqp.queues is not None


def _pages() -> None:
    from django.db import connections

    from backend.project.wsgi import application

    try:
        for page in PAGES:
            path, _, query = page.partition("?")
            answer: Any = application(
                _environ(path, query), lambda status, headers, error=None: lambda data: None
            )
            for _part in answer:
                pass
            answer.close()
    finally:
        connections.close_all()


def _environ(path: str, query: str) -> dict[str, Any]:
    """What a web server says about a GET from this machine."""
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
