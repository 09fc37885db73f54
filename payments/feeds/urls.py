"""Addresses of the feeds: one for each connection, and the demo bank's list of waiting codes in a demo."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, path, re_path

from payments.feeds import demo, views

urlpatterns: list[URLPattern | URLResolver] = [
    # The last slash may be missing: a provider does not follow redirects.
    re_path(
        r"^hooks/(?P<provider>[a-z0-9]+)/(?P<public_id>[0-9a-z]+)/?$",
        views.receive_notice,
        name="feed-notice",
    ),
]
if settings.DEMO:
    urlpatterns.append(path("demo/waiting.json", demo.waiting, name="demo-waiting"))
