"""The six OCOP groups and their branches as data, for whichever engine keeps them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

SOURCE: Final = Path(__file__).with_name("data") / "categories.json"


def category_rows() -> list[dict[str, Any]]:
    """The rows of the file, every parent before its branches: ``code`` in the decision ("I.1.a"), ``slug``,
    ``name``."""
    rows: list[dict[str, Any]] = json.loads(SOURCE.read_text(encoding="utf-8"))["categories"]
    return rows
