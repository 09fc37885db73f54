"""What each process must not load, because it is megabytes that it never uses (docs/bench.md)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tooling.processes import ROOT

pytestmark = pytest.mark.pure


def loaded_by(source: str, tmp_path: Path) -> set[str]:
    """The packages, by their first name, that a fresh Python has loaded after `source`."""
    command = f"{source}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", command],
        cwd=ROOT,
        env={
            **os.environ,
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "backend.project.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_a_process_that_only_sets_up_django_loads_neither_celery_nor_pillow(tmp_path: Path) -> None:
    loaded = loaded_by("import django\ndjango.setup()", tmp_path)
    assert loaded & {"celery", "kombu", "PIL", "qrcode"} == set()


def test_the_worker_loads_no_command_line_and_no_pages(tmp_path: Path) -> None:
    loaded = loaded_by("import backend.project.worker", tmp_path)
    assert loaded & {"prompt_toolkit", "click_repl", "PIL", "storefront"} == set()


def test_the_web_server_has_loaded_before_it_forks_what_pages_need(tmp_path: Path) -> None:
    loaded = loaded_by(
        "import django\ndjango.setup()\nfrom backend.project.warm_up import warm_up\nwarm_up()", tmp_path
    )
    assert {"celery", "qrcode", "storefront"} <= loaded
    # The GraphQL doors load theirs when the first one asks there.
    assert loaded & {"graphene", "graphql", "jwt"} == set()
