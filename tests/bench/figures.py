"""Figures, aims, and the table that is printed."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least `share` (0 … 1) of them do not exceed (nearest rank).

    Raises ValueError when there are none.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure should stay under, by its name within the row."""

    of: Literal["p50", "p95", "value"]
    below: float

    def met(self, row: Row) -> bool:
        """Raises ValueError when the row lacks the figure."""
        figure: float | None = getattr(row, self.of)
        if figure is None:
            raise ValueError(f"{row.name} has no {self.of}")
        return figure < self.below


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Times in milliseconds, `rate` per second at eight clients."""

    name: str
    unit: str = "ms"
    p50: float | None = None
    p95: float | None = None
    samples: int = 0
    rate: float | None = None
    p95_of_eight: float | None = None
    value: float | None = None
    aim: Aim | None = None
    cpu: float | None = None
    """Processor time of the server for one answer, which other programs on the machine disturb less."""
    floor: float | None = None
    """How many times the bare Django view of the same run this takes."""

    @property
    def verdict(self) -> str:
        """OK or MISSED against its aim; empty without one."""
        return "" if self.aim is None else ("OK" if self.aim.met(self) else "MISSED")

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"verdict": self.verdict}


def timed(
    name: str,
    milliseconds: Sequence[float],
    *,
    rate: float | None = None,
    eight: Sequence[float] | None = None,
    aim: Aim | None = None,
    cpu: float | None = None,
    floor_p50: float | None = None,
) -> Row:
    """A row from single times."""
    p50 = percentile(milliseconds, 0.5)
    return Row(
        name,
        p50=p50,
        p95=percentile(milliseconds, 0.95),
        samples=len(milliseconds),
        rate=rate,
        p95_of_eight=percentile(eight, 0.95) if eight else None,
        aim=aim,
        cpu=cpu,
        floor=p50 / floor_p50 if floor_p50 else None,
    )


def table(rows: Sequence[Row]) -> str:
    """The rows as text for a terminal and for Markdown alike."""
    head = ["", "p50", "p95", "n", "at 8 clients", "p95 of 8", "CPU each", "× floor", "aim", ""]
    body = [
        [
            row.name,
            _figure(row.p50 if row.value is None else row.value, row.unit),
            _figure(row.p95, row.unit),
            str(row.samples) if row.samples else "",
            f"{row.rate:.1f} /s" if row.rate is not None else "",
            _figure(row.p95_of_eight, row.unit),
            _figure(row.cpu, row.unit),
            f"{row.floor:.1f}" if row.floor is not None else "",
            f"{row.aim.of if row.aim.of != 'value' else ''} < {row.aim.below:g} {row.unit}".strip()
            if row.aim
            else "",
            row.verdict,
        ]
        for row in rows
    ]
    widths = [max(_width(line[column]) for line in [head, *body]) for column in range(len(head))]
    sides: list[Callable[[str, int], str]] = [_left, *[_right] * 7, _left, _left]
    lines = [
        "| "
        + " | ".join(side(cell, width) for side, cell, width in zip(sides, line, widths, strict=True))
        + " |"
        for line in [head, *body]
    ]
    rule = "|" + "|".join(
        "-" * (width + 1) + (":" if side is _right else "-")
        for side, width in zip(sides, widths, strict=True)
    )
    return "\n".join([lines[0], rule + "|", *lines[1:]])


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 1 if abs(value) < 100 else 0
    return f"{value:.{digits}f} {unit}"


def _width(text: str) -> int:
    return sum(not unicodedata.combining(letter) for letter in text)


def _left(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _right(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text
