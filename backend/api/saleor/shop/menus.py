"""The two menus that every Saleor has from the first: ``navbar`` with the groups of goods, ``footer`` with nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.api.saleor.context import Context
from backend.api.saleor.ids import to_global
from backend.api.saleor.products.reading import tree
from backend.engine.listing import CategoryRow

NOTHING: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class MenuItemRow:
    """MenuItem: a group of goods."""

    category: CategoryRow

    metadata = NOTHING
    private_metadata = NOTHING
    collection = None
    page = None
    url = None
    GUARD = ("MANAGE_MENUS",)

    @property
    def id(self) -> str:
        return to_global("MenuItem", self.category.pk)

    @property
    def name(self) -> str:
        return self.category.name

    @property
    def level(self) -> int:
        return self.category.level

    def below(self, context: Context) -> list[MenuItemRow]:
        """The branches of the group, in the order of the decision."""
        return _of(context, self.category.pk)


@dataclass(frozen=True, slots=True)
class MenuRow:
    """Menu."""

    pk: int
    slug: str

    metadata = NOTHING
    private_metadata = NOTHING
    GUARD = ("MANAGE_MENUS",)

    @property
    def id(self) -> str:
        return to_global("Menu", self.pk)

    @property
    def name(self) -> str:
        return self.slug

    def entries(self, context: Context) -> list[MenuItemRow]:
        """What stands in it."""
        return _of(context, None) if self.slug == NAVBAR else []


NAVBAR: Final = "navbar"
MENUS: Final = (MenuRow(1, NAVBAR), MenuRow(2, "footer"))


def _of(context: Context, parent: int | None) -> list[MenuItemRow]:
    rows = [row for row in tree(context).values() if row.parent_id == parent]
    return [MenuItemRow(row) for row in sorted(rows, key=lambda row: row.position)]
