"""Settings from the environment: every variable is read here, once, with its meaning.

``docs/settings.md`` is written from the same table (``python -m backend.project.environment``), so it cannot lie.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path


class BadSetting(SystemExit):
    """One clear sentence instead of a traceback."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"Thiết lập {name}={value!r} chưa đúng: cần {wanted}. ({name} must be {wanted}.)")


@dataclass(frozen=True)
class Variable:
    name: str
    default: str
    meaning: str


_known: dict[str, Variable] = {}


def given(name: str) -> str:
    """What the environment says of ``name``: in ``name`` itself, or in the file that ``name_FILE`` names; "" for neither.

    A file is how container engines hand over secrets, and keeps them out of `docker inspect` and of what a child
    process inherits. Raises BadSetting when both are set, since nobody could tell which one holds, and when the file
    cannot be read.
    """
    value = os.environ.get(name, "").strip()
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return value
    if value:
        raise BadSetting(f"{name}_FILE", path, f"the only one of {name} and {name}_FILE")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadSetting(f"{name}_FILE", path, "the path of a file of text that can be read") from None


def take(name: str) -> str:
    """As ``given``, and takes it out of the environment, so that programs started next do not inherit it."""
    value = given(name)
    os.environ.pop(name, None)
    os.environ.pop(f"{name}_FILE", None)
    return value


def text(name: str, default: str, meaning: str, *, shown: str | None = None) -> str:
    """The variable as it stands, or ``default``; the page shows ``shown`` where the default differs by machine."""
    _known[name] = Variable(name, default if shown is None else shown, meaning)
    return given(name) or default


def number(name: str, default: int, meaning: str, *, low: int = 0, high: int = 10**9) -> int:
    """A whole number within ``low`` … ``high``. Raises BadSetting."""
    raw = text(name, str(default), meaning)
    try:
        value = int(raw)
    except ValueError:
        raise BadSetting(name, raw, "a whole number / một số nguyên") from None
    if not low <= value <= high:
        raise BadSetting(name, raw, f"{low} … {high}")
    return value


def switch(name: str, default: bool, meaning: str) -> bool:
    """``1`` or ``0``. Raises BadSetting for anything else, since a misread switch is worse than a stop."""
    raw = text(name, "1" if default else "0", meaning)
    if raw not in {"0", "1"}:
        raise BadSetting(name, raw, "0 / 1")
    return raw == "1"


def table() -> str:
    """All variables as a Markdown table, in the order of settings.py."""
    rows = [
        f"| `{v.name}` | {f'`{v.default}`' if v.default else '–'} | {v.meaning} |" for v in _known.values()
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows]) + "\n"


def page() -> str:
    """The text of docs/settings.md."""
    return (
        "# Settings\n\nAll of them come from the environment, and all have a default. "
        "This page is written by `python -m tools.check_settings --write`; `make check` compares it.\n\n"
        "Each may also stand in a file: `SECRET_KEY_FILE=/run/secrets/secret_key` is that file's text, without the blanks "
        "around it. To set both `NAME` and `NAME_FILE` is an error.\n\n" + table()
    )


if __name__ == "__main__":
    from backend.project import environment, settings  # noqa: F401

    sys.stdout.write(environment.page())
