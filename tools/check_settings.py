"""`python -m tools.check_settings`: docs/settings.md says what settings.py reads, and settings are read there alone."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path("docs/settings.md")
# Programs that stand for the outside world have no Django and are told what they need in their environment.
ALLOWED = ("backend/project/", "payments/demobank/", "devices/simulators/", "devices/mqtt/broker/")
# Not settings of the market but of the terminal or the process.
NOT_SETTINGS = {"NO_COLOR", "PATH", "DJANGO_SETTINGS_MODULE"}


def readings(source: str) -> Iterator[tuple[int, str]]:
    """Where Python source looks into the environment: line and variable ("?" when it is not written out)."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and _is_environment_call(node.func):
            key = node.args[0]
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _is_environ(node.value):
            key = node.slice
        else:
            continue
        yield key.lineno, str(key.value) if isinstance(key, ast.Constant) else "?"


def _is_environ(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "environ"


def _is_environment_call(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute):
        return False
    return function.attr == "getenv" or (function.attr == "get" and _is_environ(function.value))


def page() -> str:
    """The page as settings.py has it now, read in an environment that sets nothing."""
    with tempfile.TemporaryDirectory(prefix="choxa-settings-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "backend.project.environment"],
            cwd=folder,  # settings make DATA_DIR, which is ./data when nothing is set
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
    return done.stdout


def main(arguments: list[str]) -> int:
    """Prints what is wrong, exit status 1 when anything is; with --write, writes the page first."""
    now = page()
    if arguments == ["--write"]:
        (ROOT / PAGE).write_text(now, encoding="utf-8")
    wrong: list[str] = []
    kept = (ROOT / PAGE).read_text(encoding="utf-8") if (ROOT / PAGE).exists() else ""
    if kept != now:
        wrong.append(f"{PAGE} is not what settings.py reads (python -m tools.check_settings --write)")
    for folder in ("backend", "payments", "devices", "integrations", "storefront"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name.startswith(ALLOWED):
                continue
            for line, variable in readings(path.read_text(encoding="utf-8")):
                if variable not in NOT_SETTINGS:
                    wrong.append(f"{name}:{line}: reads {variable} from the environment; settings.py should")
    print("\n".join([*wrong, f"{len(wrong)} complaints"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
