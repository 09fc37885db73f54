from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure


def test_the_adapter_can_be_the_first_to_ask_for_allauth(tmp_path: Path) -> None:
    """allauth's stages and flows import one another; which comes first must not depend on who asks."""
    code = "import django; django.setup(); import backend.accounts.adapter"
    environment = os.environ | {
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "backend.project.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
