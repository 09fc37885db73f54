"""What must stand on a good's label before it may go on the shelf.

Nghị định 37/2026/NĐ-CP: whoever runs a market sees to it that goods are listed with their whole label (điều 41.6.a). Every
label names who answers for the good, where they are, and where it comes from (điều 42.1), and its quantity (điều 45); what
more depends on what it is (phụ lục I, by number below). Warnings, nutrition and self-declarations are due "if any", so they
are asked for and not demanded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from backend.commerce.values import Category

FOR_ALL: Final = ("net_quantity", "origin", "producer", "producer_address")
_EATEN: Final = ("made_on", "best_before", "ingredients", "usage", "storage")
_MORE: Final[dict[str, tuple[str, ...]]] = {
    "gao-ngu-coc": ("made_on", "best_before"),  # 1, lương thực
    "so-che": _EATEN,  # 2, thực phẩm; fresh food has no label of its own (điều 1)
    "che-bien": _EATEN,
    "gia-vi": _EATEN,
    "che-tra": _EATEN,
    "ca-phe-ca-cao": _EATEN,
    "do-uong": _EATEN,  # 6, đồ uống
    "do-uong-co-con": ("ingredients",),  # 7, rượu
    "duoc-lieu": _EATEN,
    "thuc-pham-chuc-nang-thuoc": (*_EATEN, "warning"),  # 3, thực phẩm bảo vệ sức khỏe
    "my-pham-thao-duoc": ("best_before", "ingredients", "usage"),  # 14, mỹ phẩm
}
"""By the slug of a category; a branch that is not named here asks for what its parent does."""
_STRENGTH: Final = re.compile(r"\d\s*(?:%|độ)", re.IGNORECASE)


def path_of(category_id: str, categories: Sequence[Category]) -> tuple[str, ...]:
    """The slugs from a category up to its group; empty for one that is not there."""
    known = {each.id: each for each in categories}
    slugs: list[str] = []
    found = known.get(category_id)
    while found is not None and found.slug not in slugs:
        slugs.append(found.slug)
        found = known.get(found.parent_id or "")
    return tuple(slugs)


def demanded(path: Sequence[str]) -> tuple[str, ...]:
    """The label fields without which a good of this category may not be offered."""
    more = next((_MORE[slug] for slug in path if slug in _MORE), ())
    return (*FOR_ALL, *more)


def missing_on(label: Mapping[str, str], path: Sequence[str]) -> tuple[str, ...]:
    """Which of the fields that law demands are not stated."""
    return tuple(name for name in demanded(path) if not label.get(name, "").strip())


def names_no_strength(label: Mapping[str, str], path: Sequence[str]) -> bool:
    """Whether it is a drink with alcohol whose label does not say how strong it is (phụ lục I, 7.b)."""
    return "do-uong-co-con" in path and not _STRENGTH.search(label.get("ingredients", ""))
