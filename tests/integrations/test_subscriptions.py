"""What the App subscribes to, against Saleor's own schema where it lies beside the project (SALEOR_SDL)."""

from __future__ import annotations

import re

import pytest
from graphql import (
    FieldNode,
    ListValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    validate,
    visit,
)

from integrations.saleor.app.manifest import ANSWERED_EVENTS, PERMISSIONS, REQUIRED, subscription
from integrations.saleor.client import DOCUMENTS, document
from tests.api.saleor_documents import PRESENT, saleors_schema

if PRESENT:
    pytestmark = [pytest.mark.pure, pytest.mark.saleor_sdl]

    class Circular(Visitor):
        """Collects the fields for which Saleor would itself have to ask an App."""

        def __init__(self, types: TypeInfo) -> None:
            super().__init__()
            self._types = types
            self.found: list[str] = []

        def enter_field(self, node: FieldNode, *_args: object) -> None:
            field = self._types.get_field_def()
            for directive in field.ast_node.directives if field and field.ast_node else ():
                for argument in directive.arguments:
                    named = argument.value
                    if (
                        argument.name.value == "syncEvents"
                        and isinstance(named, ListValueNode)
                        and named.values
                    ):
                        self.found.append(node.name.value)

    def circular(text: str) -> list[str]:
        types = TypeInfo(saleors_schema())
        visitor = Circular(types)
        visit(parse(text), TypeInfoVisitor(types, visitor))
        return visitor.found

    @pytest.mark.parametrize("name", ["orders", "goods", *ANSWERED_EVENTS])
    def test_saleor_knows_what_is_asked(name: str) -> None:
        assert validate(saleors_schema(), parse(subscription(name))) == []

    @pytest.mark.parametrize("name", ANSWERED_EVENTS)
    def test_while_saleor_waits_it_is_asked_nothing_that_it_must_ask_an_app(name: str) -> None:
        """It refuses such a field with CircularSubscriptionSyncEvent, and the webhook comes without its checkout."""
        assert circular(subscription(name)) == []

    def test_a_checkouts_totals_are_such_fields() -> None:
        text = subscription("shipping_list_methods_for_checkout")
        assert circular(text.replace("checkout {", "checkout {\n subtotalPrice { currency }")) == [
            "subtotalPrice"
        ]

    def test_the_permissions_are_saleors() -> None:
        known = saleors_schema().get_type("PermissionEnum")
        assert known is not None
        assert set(PERMISSIONS) <= set(known.values)  # type: ignore[attr-defined]

    class Newest(Visitor):
        """The minor version of Saleor 3 with which the youngest field, argument or input of a document came."""

        def __init__(self, types: TypeInfo) -> None:
            super().__init__()
            self._types = types
            self.minor = 0

        def enter_field(self, *_args: object) -> None:
            self._note(self._types.get_field_def())

        def enter_argument(self, *_args: object) -> None:
            self._note(self._types.get_argument())

        def _note(self, known: object) -> None:
            for minor in re.findall(r"Added in Saleor 3\.(\d+)", getattr(known, "description", None) or ""):
                self.minor = max(self.minor, int(minor))

    def test_the_version_that_is_required_has_all_that_is_asked() -> None:
        newest = 0
        names = [path.stem for path in DOCUMENTS.glob("*.graphql") if path.stem != "fragments"]
        for text in [document(name) for name in names] + [
            subscription(name) for name in ("orders", "goods", *ANSWERED_EVENTS)
        ]:
            types = TypeInfo(saleors_schema())
            visitor = Newest(types)
            visit(parse(text), TypeInfoVisitor(types, visitor))
            newest = max(newest, visitor.minor)
        assert f">=3.{newest} <4" == REQUIRED
