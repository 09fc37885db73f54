"""What a move has done, for the person at the terminal and as a table."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

MOVED: Final = "moved"
THERE: Final = "there"
CHANGED: Final = "changed"
REFUSED: Final = "refused"
NOTE: Final = "note"
MOST_LINES: Final = 200
"""Of refusals on the terminal; the file has all."""


@dataclass(frozen=True, slots=True)
class Row:
    kind: str
    what: str
    source_id: str
    target_id: str
    result: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """The same sum on both sides. ``there`` None: not counted (a rehearsal)."""

    name: str
    here: int
    there: int | None

    @property
    def agrees(self) -> bool:
        return self.there is None or self.here == self.there


@dataclass
class Report:
    """Rows as they come, totals at the end."""

    rows: list[Row] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def add(
        self, kind: str, what: str, source_id: str, target_id: str, result: str, reason: str = ""
    ) -> None:
        self.rows.append(Row(kind, what, source_id, target_id, result, reason))

    @property
    def refused(self) -> list[Row]:
        return [row for row in self.rows if row.result == REFUSED]

    @property
    def agrees(self) -> bool:
        """Whether nothing was refused and both sides add up to the same."""
        return not self.refused and not self.differences and all(each.agrees for each in self.totals)

    def text(self) -> str:
        """Vietnamese first: the operator's table."""
        labels = _kinds()
        results = _results()
        counts = Counter((row.kind, row.result) for row in self.rows)
        names = [MOVED, CHANGED, THERE, REFUSED]
        lines = [f"{'':<14}" + "".join(f"{results[name]:>12}" for name in names)]
        for kind, label in labels.items():
            if any(row.kind == kind and row.result in results for row in self.rows):
                lines.append(f"{label:<14}" + "".join(f"{counts[kind, name]:>12}" for name in names))
        if self.totals:
            lines += ["", f"{_('Đối chiếu'):<34}{_('nguồn'):>14}{_('đích'):>14}"]
            for total in self.totals:
                there = "" if total.there is None else f"{total.there:,}".replace(",", ".")
                here = f"{total.here:,}".replace(",", ".")
                wrong = "" if total.agrees else f"  ← {_('lệch')}"
                lines.append(f"{total.name:<34}{here:>14}{there:>14}{wrong}")
        for title, told in (
            (_("Chưa chuyển được:"), [self._told(row) for row in self.refused]),
            (_("Khác nhau:"), self.differences),
            (_("Ghi chú:"), [self._told(row) for row in self.rows if row.reason and row.result != REFUSED]),
        ):
            if told:
                lines += ["", title, *(f"  {each}" for each in told[:MOST_LINES])]
                if len(told) > MOST_LINES:
                    lines.append(_("  … và %(n)s dòng nữa trong tệp") % {"n": len(told) - MOST_LINES})
        return "\n".join(lines)

    @staticmethod
    def _told(row: Row) -> str:
        if row.result == NOTE:
            return row.reason
        name = f"{_kinds().get(row.kind, row.kind)} {row.what or row.source_id}".strip()
        return f"{name}: {row.reason}"

    def csv(self) -> str:
        """Everything, one thing a line, then the totals."""
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(["kind", "name", "source_id", "target_id", "result", "reason"])
        for row in self.rows:
            writer.writerow(
                [
                    _safe(each)
                    for each in (row.kind, row.what, row.source_id, row.target_id, row.result, row.reason)
                ]
            )
        for total in self.totals:
            there = "" if total.there is None else total.there
            result = "" if total.there is None else "equal" if total.agrees else "different"
            writer.writerow(["total", total.name, total.here, there, result, ""])
        for each in self.differences:
            writer.writerow(["difference", _safe(each), "", "", "different", ""])
        return file.getvalue()


def _safe(text: str) -> str:
    """No cell that a spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text


def _kinds() -> dict[str, str]:
    return {
        "product": _("món hàng"),
        "picture": _("ảnh"),
        "customer": _("khách hàng"),
        "order": _("đơn chưa xong"),
        "market": _("chợ"),
    }


def _results() -> dict[str, str]:
    return {MOVED: _("mới"), CHANGED: _("đã sửa"), THERE: _("có sẵn"), REFUSED: _("từ chối")}
