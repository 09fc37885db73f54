"""The table of rooms holds for imports and for foreign keys, and the contract sees what breaks it."""

from __future__ import annotations

import grimp
import pytest
from django.apps import apps
from django.db.models import Model

from tests.tooling.processes import ROOT
from tools.import_contracts import RoomsContract, parse_table, refused, room_of, rooms_of_table

pytestmark = pytest.mark.pure

TABLE = [
    "backend.common ->",
    "backend.ocop -> backend.common",
    "backend.sales -> backend.common, backend.ocop:queries",
    "storefront -> backend.common, backend.sales:doors",
    "backend.project -> *",
]


@pytest.mark.parametrize(
    ("importer", "imported", "why"),
    [
        ("backend.ocop.services", "backend.common.money", None),
        ("backend.ocop.services", "backend.ocop.models", None),
        ("backend.ocop.services", "django.db", None),
        ("backend.project.urls", "storefront.urls", None),
        ("backend.sales.services", "backend.ocop.queries", None),
        ("storefront.shop.views", "backend.sales.services", None),
        ("storefront.shop.views", "backend.sales", None),
        ("backend.common.money", "backend.ocop", "backend.common may not import backend.ocop"),
        ("backend.ocop", "backend.sales.queries", "backend.ocop may not import backend.sales"),
        ("backend.sales.services", "backend.ocop", "backend.sales may only use the queries of backend.ocop"),
        (
            "backend.sales.services",
            "backend.ocop.services",
            "backend.sales may only use the queries of backend.ocop",
        ),
        (
            "storefront.shop.views",
            "backend.sales.models",
            "storefront may only use the doors of backend.sales",
        ),
        (
            "storefront.shop.views",
            "backend.sales.tasks",
            "storefront may only use the doors of backend.sales",
        ),
        ("storefront", "backend.ocop.queries", "storefront may not import backend.ocop"),
    ],
)
def test_who_may_import_what(importer: str, imported: str, why: str | None) -> None:
    assert refused(importer, imported, parse_table(TABLE)) == why


@pytest.mark.parametrize("line", ["a -> b", "a -> a:secrets", "a -> *:all"])
def test_a_table_with_an_unknown_word_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="is not a room of the table"):
        parse_table([line])


def test_the_contract_names_the_line_and_the_homeless() -> None:
    graph = grimp.ImportGraph()
    graph.add_import(
        importer="backend.common.money",
        imported="backend.ocop.models",
        line_number=7,
        line_contents="from backend.ocop import models",
    )
    graph.add_import(
        importer="backend.ocop.models",
        imported="backend.common",
        line_number=1,
        line_contents="import backend.common",
    )
    graph.add_import(
        importer="backend.stray",
        imported="backend.common",
        line_number=1,
        line_contents="import backend.common",
    )
    check = RoomsContract("rooms", {}, {"table": TABLE}).check(graph, verbose=False)
    assert not check.kept
    assert check.metadata["complaints"] == [
        "backend.common.money -> backend.ocop.models (line 7): backend.common may not import backend.ocop",
        "backend.stray belongs to no room of the table",
    ]


def test_every_package_of_the_market_is_a_room_of_the_table() -> None:
    table = rooms_of_table(ROOT / "pyproject.toml")
    folders = [ROOT / name for name in ("payments", "devices", "integrations", "storefront")]
    folders += [path.parent for path in (ROOT / "backend").glob("*/__init__.py")]
    names = {".".join(path.relative_to(ROOT).parts) for path in folders}
    assert names == set(table)


def relations() -> list[tuple[type[Model], str, type[Model]]]:
    """Every foreign key, one-to-one and many-to-many between models: from, field, to."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for each in [*model._meta.local_fields, *model._meta.local_many_to_many]:
            if isinstance(each.related_model, type):
                found.append((model, each.name, each.related_model))
    return found


def test_foreign_keys_follow_the_table_too() -> None:
    table = rooms_of_table(ROOT / "pyproject.toml")
    crossing = []
    wrong = []
    for model, name, target in relations():
        here, there = room_of(model.__module__, table), room_of(target.__module__, table)
        if here is None or there is None or here is there:
            continue
        crossing.append(name)
        if there.name not in here.may_import:
            wrong.append(f"{model.__module__}.{model.__name__}.{name} -> {target.__module__}")
    assert wrong == []
    assert "seller" in crossing  # the search itself finds what crosses rooms, such as Producer.seller
