"""Promise 1: no đồng is lost, counted twice or shown to the wrong person, whatever is killed, repeated or re-ordered.

A bank reports thousands of transfers by signed webhooks, repeats and re-orders them and hangs up at times, while web,
worker and gateway are killed with -9 all along. Afterwards the books are compared with a plain addition of what was sent.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import database_name
from tests.faults.parts import Market, new_site, programs_of, run_world
from tests.tooling.processes import ROOT

pytestmark = [pytest.mark.slow]

PAYMENTS = int(os.environ.get("FAULT_PAYMENTS", "500"))
SEED = int(os.environ.get("FAULT_SEED", "20261122"))
PARTS = ("web", "worker", "gateway")
# Every so many payments one part dies; a market that dies oftener than it can get up again takes no payments.
KILL_EVERY, MOST_KILLS = 16, 150
PATIENCE_S = max(900, PAYMENTS // 2)


def report_while_killing(market: Market, kills: list[tuple[int, str, int]]) -> Counter[str]:
    """Lets the bank report everything; kills by schedule. Returns how many attempts ended how."""
    site = market.site
    bank = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.faults.bank"),
            *(str(site.port), str(site.data_dir / "plan.json"), str(SEED)),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    attempts: Counter[str] = Counter()
    assert bank.stdout is not None
    try:
        for line in bank.stdout:
            attempts[line.split()[0]] += 1
            while kills and attempts["ok"] >= kills[0][0]:
                _after, name, child = kills.pop(0)
                part = market.parts[name]
                # Half of the web's deaths are those of one process, the rest of all at once.
                if name != "web" or child % 2 or not part.kill_child(child):
                    part.kill()
        assert bank.wait(PATIENCE_S) == 0, "the bank could not report everything"
    finally:
        bank.kill()
        bank.wait()
        bank.stdout.close()
    return attempts


def schedule(payments: int) -> list[tuple[int, str, int]]:
    """After how many payments which part dies: (payments, part, which of its processes)."""
    random_ = random.Random(SEED)
    count = min(max(payments // KILL_EVERY, 6), MOST_KILLS)
    moments = sorted(random_.randrange(1, payments * 9 // 10) for _ in range(count))
    # Each part at least once, then as chance has it.
    names = [*PARTS, *(random_.choice(PARTS) for _ in range(count - len(PARTS)))]
    return [(moment, name, random_.randrange(1000)) for moment, name in zip(moments, names, strict=True)]


def keep_figures(figures: dict[str, object]) -> None:
    """For who reads the result: what was paid and killed, in build/faults/."""
    path = ROOT / "build" / "faults" / f"{database_name()}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n")


def test_books_are_exact_whatever_is_killed(
    new_database: Callable[[], str], tmp_path: Path, settings: Any
) -> None:
    site = new_site(tmp_path / "market", new_database())
    run_world(site, "prepare", str(PAYMENTS), str(SEED))
    plan = json.loads((site.data_dir / "plan.json").read_text())
    assert len(plan["transfers"]) == PAYMENTS
    kills = schedule(PAYMENTS)
    with Market(site, programs_of(site, settings, PARTS)) as market:
        attempts = report_while_killing(market, kills)
        books = json.loads(run_world(site, "settle"))
        killed = {name: part.kills for name, part in market.parts.items()}
        said = market.said()
    keep_figures({"payments": PAYMENTS, "seed": SEED, "killed": killed, "attempts": dict(attempts)})
    repeats = books.pop("repeats")
    assert books == plan["expected"], said
    # The faults did bite: everything was killed, reports got no answer, and taken ones came again.
    assert not kills
    assert min(killed.values()) >= 1, killed
    assert attempts["ok"] == PAYMENTS
    assert attempts["failed"] > 0
    assert repeats >= attempts["again"] > 0
