"""The table of rooms as a contract for import-linter (pyproject.toml, [tool.importlinter]).

Each line of the contract names a room and what it may import: `backend.ocop -> backend.common, backend.places`.
`*` stands for every room; `:doors` after a room means its doors alone, that is everything but its inner parts,
and `:queries` what it lets others read. Only direct imports count: what an allowed room imports in its turn is that
room's affair.

The same table, read by `rooms_of_table`, holds for foreign keys between models (tests/tooling/test_rooms.py), since a
string such as "accounts.Seller" is an import that no linter sees.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from grimp import ImportGraph
from importlinter.application import output
from importlinter.domain import fields
from importlinter.domain.contract import Contract, ContractCheck

# The inner parts of a room: who needs something of them asks a service or a query. Types for annotations may be
# imported under `if TYPE_CHECKING`, which import-linter is told to leave out.
INNER = {"models", "tasks", "consumers", "migrations", "management", "apps", "views", "urls", "forms"}


QUERIES = {"queries", "values", "errors"}


@dataclass(frozen=True)
class Room:
    """A room and the rooms it may import, each with how much of it: "" (all), "doors" or "queries"."""

    name: str
    may_import: dict[str, str]


def parse_table(lines: list[str]) -> dict[str, Room]:
    """Reads the contract's lines. Raises ValueError for a room that is not itself in the table."""
    named = [line.partition("->")[0].strip() for line in lines]
    table: dict[str, Room] = {}
    for name, line in zip(named, lines, strict=True):
        allowed: dict[str, str] = {}
        for word in filter(None, (part.strip() for part in line.partition("->")[2].split(","))):
            target, _, suffix = word.partition(":")
            if suffix not in {"", "doors", "queries"} or (target != "*" and target not in named):
                raise ValueError(f"{word!r} in the line of {name} is not a room of the table")
            allowed |= dict.fromkeys(named if target == "*" else [target], suffix)
        table[name] = Room(name, allowed)
    return table


def rooms_of_table(pyproject: Path) -> dict[str, Room]:
    """The table that `make check` works with."""
    contracts = tomllib.loads(pyproject.read_text())["tool"]["importlinter"]["contracts"]
    return parse_table(next(contract["table"] for contract in contracts if contract["type"] == "rooms"))


def room_of(module: str, table: dict[str, Room]) -> Room | None:
    """The room in which a module stands; None for what belongs to no room (`backend` itself)."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if room := table.get(".".join(parts[:length])):
            return room
    return None


def is_open(module: str, room: Room, how: str) -> bool:
    """Whether a module of a room is among what `how` lets others use."""
    parts = set(module.removeprefix(room.name).strip(".").split("."))
    if how == "queries":
        return bool(parts & QUERIES)
    return how == "" or not parts & INNER


def refused(importer: str, imported: str, table: dict[str, Room]) -> str | None:
    """Why `importer` may not import `imported`; None when it may."""
    here, there = room_of(importer, table), room_of(imported, table)
    if here is None or there is None or here is there:
        return None
    how = here.may_import.get(there.name)
    if how is None:
        return f"{here.name} may not import {there.name}"
    return None if is_open(imported, there, how) else f"{here.name} may only use the {how} of {there.name}"


class RoomsContract(Contract):
    """Every import between two rooms is one that the table allows; every module stands in a room of the table."""

    type_name = "rooms"

    table = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        table = parse_table([str(line) for line in self.table])  # type: ignore[attr-defined]
        complaints: list[str] = []
        for importer in sorted(graph.modules):
            if room_of(importer, table) is None and graph.find_modules_directly_imported_by(importer):
                complaints.append(f"{importer} belongs to no room of the table")
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                if why := refused(importer, imported, table):
                    details = graph.get_import_details(importer=importer, imported=imported)
                    lines = ", ".join(str(detail["line_number"]) for detail in details)
                    complaints.append(f"{importer} -> {imported} (line {lines}): {why}")
        return ContractCheck(kept=not complaints, metadata={"complaints": complaints})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for complaint in check.metadata["complaints"]:
            output.print_error(complaint, bold=False)
            output.new_line()
