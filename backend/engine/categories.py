"""The six OCOP groups and their branches, kept as data so that a new decision is an edit of one file."""

from __future__ import annotations

from backend.commerce.categories import category_rows
from backend.engine.models import Category


def load_categories() -> int:
    """Bring the table in line with the file; return how many rows changed. Safe to repeat; deletes nothing.

    A row is known by its code in the decision ("I.1.a"); its parent is the code without the last part.
    """
    rows = category_rows()
    known = {each.ocop_code: each for each in Category.objects.all()}
    changed = 0
    groups: dict[str, int] = {}
    for position, row in enumerate(rows):
        code: str = row["code"]
        root, _, rest = code.partition(".")
        parent = known[code.rpartition(".")[0]] if rest else None
        groups.setdefault(root, row.get("group", 0))
        wanted = {
            "slug": row["slug"],
            "name": row["name"],
            "parent_id": parent.pk if parent else None,
            "ocop_group": groups[root],
            "position": position,
        }
        present = known.get(code)
        if present is None:
            known[code] = Category.objects.create(ocop_code=code, **wanted)
            changed += 1
        elif any(getattr(present, field) != value for field, value in wanted.items()):
            for field, value in wanted.items():
                setattr(present, field, value)
            present.save()
            changed += 1
    return changed
