"""`make check`: everything that can be known without running the market.

Each check is a program of its own; two run at a time. What a check prints is shown only when it fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Check:
    """A name and the arguments of our Python that check it; exit status 0 is well."""

    name: str
    arguments: tuple[str, ...]


# The slowest first, so that the others run beside it.
CHECKS = (
    Check("types (mypy)", ("-m", "mypy")),
    Check(
        "rooms (import-linter)", ("-c", "from importlinter.cli import lint_imports_command as lint; lint()")
    ),
    Check("style (ruff)", ("-m", "ruff", "check", "--output-format", "concise")),
    Check("layout (ruff format)", ("-m", "ruff", "format", "--check", "--quiet")),
    Check("templates", ("-m", "tools.check_templates")),
    Check("migrations", ("manage.py", "makemigrations", "--check", "--dry-run")),
    Check("Django's own checks", ("manage.py", "check", "--fail-level", "WARNING")),
    Check("translations", ("-m", "tools.messages", "--check")),
    Check("docs/settings.md", ("-m", "tools.check_settings")),
    Check("schema of /market/graphql/", ("-m", "tools.check_market_schema")),
)


def run(check: Check, environment: dict[str, str]) -> bool:
    """Runs one check and says how it went."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, *check.arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    took = time.monotonic() - started
    said = "" if done.returncode == 0 else "\n" + done.stdout.strip()
    print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {check.name} ({took:.1f} s){said}", flush=True)
    return done.returncode == 0


def main(names: list[str]) -> int:
    """Runs the checks whose names contain one of `names`, or all; exit status 1 when one fails."""
    chosen = [check for check in CHECKS if not names or any(name in check.name for name in names)]
    with tempfile.TemporaryDirectory(prefix="choxa-check-") as folder:
        # A developer's own settings and data are none of the checks' business.
        environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DATA_DIR": folder,
            "SECRET_KEY": "for checks alone " + "x" * 40,
            "DEMO": "1",
            "PYTHONPATH": str(ROOT),
        }
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda check: run(check, environment), chosen))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
