"""A process that knows only some rooms would tell only their consumers: it must not emit."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.apps import apps
from django.db import transaction
from pytest_django import Settings

from backend.common.outbox import emit
from tests.tooling.processes import ROOT


@pytest.mark.django_db
def test_who_knows_few_rooms_emits_nothing(settings: Settings) -> None:
    settings.MAY_EMIT = False
    with transaction.atomic(), pytest.raises(RuntimeError, match="too few rooms"):
        emit("order_created", "order:1", {})


@pytest.mark.pure
def test_the_gateway_knows_the_devices_alone() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-c"),
            (
                "import django; django.setup(); from django.apps import apps; from django.conf import settings;"
                "print(settings.MAY_EMIT, *sorted(c.name for c in apps.get_app_configs()))"
            ),
        ],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "backend.project.gateway_settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    devices = [config.name for config in apps.get_app_configs() if config.name.startswith("devices.")]
    assert done.stdout.split() == ["False", "backend.common", *devices]
