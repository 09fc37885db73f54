"""`python -m tools.check_market_schema`: backend/api/market/schema.graphql is what the code serves; --write writes it."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "backend" / "api" / "market" / "schema.graphql"


def current() -> str:
    """The schema as the code has it now."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.project.settings")
    import django

    django.setup()
    from backend.api.market.schema import as_text

    return as_text()


def main(arguments: list[str]) -> int:
    """Prints the difference, exit status 1 when there is one; with --write, writes the file first."""
    now = current()
    if arguments == ["--write"]:
        PAGE.write_text(now, encoding="utf-8")
    kept = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    difference = list(
        difflib.unified_diff(kept.splitlines(), now.splitlines(), "committed", "served", lineterm="")
    )
    if difference:
        print("\n".join([*difference[:200], "python -m tools.check_market_schema --write"]))
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
