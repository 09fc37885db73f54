"""Every document of the adapter against Saleor's own schema, where it lies beside the project (SALEOR_SDL)."""

from __future__ import annotations

import pytest
from graphql import FragmentDefinitionNode, parse, validate

from integrations.saleor.client import DOCUMENTS, document
from tests.api.saleor_documents import PRESENT, saleors_schema

if PRESENT:
    pytestmark = [pytest.mark.pure, pytest.mark.saleor_sdl]

    @pytest.mark.parametrize(
        "name", sorted(path.stem for path in DOCUMENTS.glob("*.graphql") if path.stem != "fragments")
    )
    def test_saleor_knows_what_the_adapter_asks(name: str) -> None:
        """Fields, arguments and kinds; and no fragment that the document does not use, which Saleor refuses."""
        assert validate(saleors_schema(), parse(document(name))) == []

    def test_no_fragment_lies_unused() -> None:
        used = "".join(
            document(path.stem) for path in DOCUMENTS.glob("*.graphql") if path.stem != "fragments"
        )
        kept = parse((DOCUMENTS / "fragments.graphql").read_text(encoding="utf-8")).definitions
        names = {each.name.value for each in kept if isinstance(each, FragmentDefinitionNode)}
        assert {each for each in names if f"fragment {each} on " not in used} == set()
