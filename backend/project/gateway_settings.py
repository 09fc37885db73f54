"""Settings of the gateway to the devices: the market's, with the devices' rooms alone.

The gateway speaks to boxes day and night and needs neither goods nor pages: knowing only its own rooms, it takes a quarter
less memory. Knowing no other room's consumers, it must not emit events: nobody would be told.
"""

from __future__ import annotations

from backend.project.settings import *  # noqa: F403
from backend.project.settings import INSTALLED_APPS as _ALL

INSTALLED_APPS = [app for app in _ALL if app.startswith(("backend.common.", "devices."))]
MAY_EMIT = False
