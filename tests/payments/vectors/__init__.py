"""Test vectors of the payments room; `load` reads one by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def load(name: str) -> Any:
    """The parsed JSON file of this folder."""
    return json.loads((Path(__file__).with_name(name)).read_text(encoding="utf-8"))
