"""What the tests need from the machine beside Python packages, and how to get it on Debian.

`python -m tools.machine` installs what is missing when it may (root, apt-get), and says so; otherwise it
names what will be skipped. `make test` calls it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.services.postgresql import find_programs


@dataclass(frozen=True)
class Need:
    """A program that some tests drive. `present` looks for it; `package` is Debian's name."""

    what: str
    present: Callable[[], bool]
    package: str


def _program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") for name in names)


def _font() -> bool:
    folder = Path("/usr/share/fonts/truetype")
    return any((folder / name).is_dir() for name in ("dejavu", "noto"))


NEEDS = (
    Need("journeys in the browser", _program("chromium", "chromium-browser"), "chromium"),
    Need("Vietnamese letters in screenshots", _font, "fonts-dejavu-core"),
    Need("tests on PostgreSQL", lambda: find_programs() is not None, "postgresql"),
    Need("tests with the mosquitto broker", _program("mosquitto"), "mosquitto"),
    Need("tests of the proxy's doors", _program("caddy"), "caddy"),
    Need("tests of spoken announcements", _program("espeak-ng"), "espeak-ng"),
    Need("the check of translations", _program("xgettext"), "gettext"),
)


def missing() -> list[Need]:
    """What is not there now."""
    return [need for need in NEEDS if not need.present()]


def prepare() -> list[Need]:
    """Installs what is missing, and says so, where we may (root, apt-get); returns what is still missing."""
    lacking = missing()
    if not lacking:
        return []
    packages = " ".join(need.package for need in lacking)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        for need in lacking:
            print(f"Thiếu / missing: {need.package} -> {need.what} skipped")
        print(f"  sudo apt-get install --no-install-recommends {packages}", flush=True)
        return lacking
    print(f"Cài các gói Debian / installing Debian packages: {packages}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages.split()],
    ):
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            print(f"{' '.join(command)}:\n{done.stdout[-2000:]}", flush=True)
    return missing()


def main() -> int:
    """Exit status 1 when something is missing and STRICT=1 forbids skipping."""
    lacking = prepare()
    if lacking and os.environ.get("STRICT") == "1":
        print("STRICT=1, nhưng còn thiếu / still missing: " + ", ".join(need.package for need in lacking))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
