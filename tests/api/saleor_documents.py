"""Saleor's own schema and the operations that ran on it, where they lie beside the project.

They are Saleor's and no part of this repository: the checks that use them take the folder from SALEOR_SDL, and are not
collected where there is none. The suite's closing lines say which of the two it was (tests/conftest.py).
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from graphql import FragmentDefinitionNode, GraphQLSchema, build_schema, parse, print_ast

FOLDER: Final = Path(
    os.environ.get("SALEOR_SDL") or Path(__file__).resolve().parents[2].parent / "shared" / "saleor"
)
PRESENT: Final = (FOLDER / "schema.graphql").is_file()
CHECKS: Final = {
    "tests/api/test_saleor_documents.py": "find_breaking_changes, Saleor's documents",
    "tests/bench/test_side_by_side.py": "documents of the bench",
    "tests/integrations/test_subscriptions.py": "the App's subscriptions",
    "tests/saleor/test_documents.py": "documents of the adapter",
}
"""The files whose checks (mark `saleor_sdl`) need the folder, and what they check."""
_SPREAD: Final = re.compile(r"\.\.\.\s*(\w+)")


def closing_line(ran: dict[str, int]) -> str:
    """Whether our schema and documents were held against Saleor's in this run; "" where nobody asked for that.

    ``ran``: how many of the checks passed, by the file they stand in.
    """
    if not PRESENT:
        missing = "; ".join(f"{file} ({what})" for file, what in CHECKS.items())
        return (
            f"Saleor's schema: NOT CHECKED, no {FOLDER}/schema.graphql (SALEOR_SDL). Not collected: {missing}"
        )
    if not ran:
        return ""
    counted = "; ".join(f"{CHECKS.get(file, file)}: {count}" for file, count in sorted(ran.items()))
    return f"Saleor's schema: checked. {counted}"


@cache
def saleors_schema() -> GraphQLSchema:
    """The whole of Saleor's schema."""
    return build_schema((FOLDER / "schema.graphql").read_text())


@cache
def _fragments() -> dict[str, str]:
    document = parse((FOLDER / "documents" / "00_fragments.graphql").read_text())
    return {
        each.name.value: print_ast(each)
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }


def names() -> list[str]:
    """Every document by the name of its file."""
    return sorted(path.stem for path in (FOLDER / "documents").glob("*.graphql") if path.stem[:2] != "00")


def text(name: str) -> str:
    """A document with the fragments that it names, and those that they name."""
    found = (FOLDER / "documents" / f"{name}.graphql").read_text()
    wanted, used = set(_SPREAD.findall(found)) - {"on"}, set()
    while wanted:
        fragment = wanted.pop()
        used.add(fragment)
        wanted |= set(_SPREAD.findall(_fragments()[fragment])) - used - {"on"}
    return "\n".join([found, *(_fragments()[each] for each in sorted(used))])


def coordinates() -> dict[str, Any]:
    """What Saleor's public storefront asks for."""
    import json

    found: dict[str, Any] = json.loads((FOLDER / "public_storefront_coordinates.json").read_text())
    return dict(found["coordinates"])
