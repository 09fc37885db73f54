"""`python -m tools.states_page [--check]`: writes docs/states.md from the state tables, or says that it is stale."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "states.md"


def page() -> str:
    """The text of docs/states.md: every table as a diagram, with the words that people see."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.project.settings")
    import django

    django.setup()
    from backend.commerce.values import ORDER_STATES
    from devices.soundboxes.states import COMMAND

    head = (
        "# States\n\nWritten by `python -m tools.states_page` from the tables that the code itself asks; "
        "a test compares. A pair that is not drawn is refused, and a repeat changes nothing.\n"
    )
    parts = [head]
    for table in (ORDER_STATES, COMMAND):
        parts.append(f"\n## {table.name}\n\n```mermaid\n{table.mermaid()}```\n\n")
        parts.append("| state | tiếng Việt | English |\n|---|---|---|\n")
        parts += [f"| `{state}` | {vi} | {en} |\n" for state, (vi, en) in table.labels.items()]
    parts.append(
        "\nA payment intent has no states but facts (due, received, expires, cancelled); what they mean together is "
        "computed when shown: waiting, short, paid, over, late, refunded, cancelled, several at a time.\n"
    )
    return "".join(parts)


def main(arguments: list[str]) -> int:
    """Exit status 1 when --check finds the page stale."""
    text = page()
    if arguments == ["--check"]:
        stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
        print(
            "docs/states.md is stale (python -m tools.states_page)" if stale else "docs/states.md is current"
        )
        return int(stale)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
