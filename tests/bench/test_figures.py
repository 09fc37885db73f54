"""The benchmark's own arithmetic: a wrong figure is worse than none."""

from __future__ import annotations

import os

import pytest

from tests.bench import memory
from tests.bench.figures import Aim, Row, percentile, table, timed

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(("share", "wanted"), [(0.0, 1.0), (0.5, 5.0), (0.9, 9.0), (0.95, 10.0), (1.0, 10.0)])
def test_a_percentile_is_one_of_the_values(share: float, wanted: float) -> None:
    assert percentile([10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0], share) == wanted


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_an_aim_is_met_below_its_mark_and_not_at_it() -> None:
    aim = Aim("p50", 15)
    assert timed("x", [14.9, 14.9, 99.0], aim=aim).verdict == "OK"
    assert timed("x", [15.0, 15.0, 1.0], aim=aim).verdict == "MISSED"
    assert timed("x", [1.0]).verdict == ""


def test_an_aim_for_a_figure_that_was_not_measured_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no p95"):
        _ = Row("x", value=1.0, aim=Aim("p95", 2)).verdict


def test_times_are_compared_with_the_floor_of_the_same_run() -> None:
    assert timed("x", [6.0, 8.0, 10.0], floor_p50=2.0).floor == 4.0


def test_the_table_stands_in_columns_also_with_marks() -> None:
    lines = table([Row("độ nặng", unit="kB", value=26.8, aim=Aim("value", 60)), timed("x", [1.0])]).split(
        "\n"
    )
    assert len(lines) == 4
    assert lines[2].startswith("| độ nặng | 26.8 kB |")
    assert lines[2].endswith("| < 60 kB | OK |")
    assert len({len(line) for line in lines}) == 1


def test_memory_and_processor_time_are_those_of_the_kernel() -> None:
    pid = os.getpid()
    assert memory.part_of(pid) == "other"
    assert pid in memory.family(pid)
    # This very process has at least Python and Django in it.
    assert 10_000 < memory.pss_kib(pid) < 2_000_000
    assert memory.pss_kib(2**22 + 1) == 0
    assert 0 < memory.processor_s(pid, "other") < 36_000
