"""The fair write lock of the SQLite backend."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

from backend.common import clock
from backend.common.models import AuditEntry
from backend.common.sqlite import base

pytestmark = pytest.mark.pure  # only SQLite has it


def test_threads_are_served_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    gate = base._Gate(str(tmp_path / "lock"))
    served: list[int] = []
    gate.enter()
    threads = []
    for number in range(6):

        def wait_turn(number: int = number) -> None:
            gate.enter()
            served.append(number)
            gate.leave()

        thread = threading.Thread(target=wait_turn)
        thread.start()
        threads.append(thread)
        while len(gate._queue) <= number:
            time.sleep(0.001)
    gate.leave()
    for thread in threads:
        thread.join(10)
    assert served == [0, 1, 2, 3, 4, 5]


def test_a_writer_gives_up_with_a_clear_error_when_another_process_does_not_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "LOCK_WAIT_S", 0.05)
    path = tmp_path / "lock"
    other = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)
    gate = base._Gate(str(path))
    with pytest.raises(OperationalError, match="locked"):
        gate.enter()
    os.close(other)
    gate.enter()
    gate.leave()


@pytest.mark.django_db(transaction=True)
def test_the_lock_is_let_go_after_commit_after_rollback_and_after_a_lost_connection() -> None:
    if connection.vendor != "sqlite":
        return
    gate = base._gate_for(str(connection.settings_dict["NAME"]))
    assert gate is not None
    for ending in ("commit", "rollback", "close"):
        with transaction.atomic():
            AuditEntry.objects.create(at=clock.now(), actor="a", action="b", subject=ending)
            assert gate._taken
            if ending == "rollback":
                transaction.set_rollback(True)
        if ending == "close":
            connection.close()
        assert not gate._taken, ending
