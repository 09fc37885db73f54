"""Celery's queue in a folder: nobody ever takes a message that is still being written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection, Queue
from kombu.transport import filesystem

from backend.project import queue_folder
from tests.tooling.processes import DEADLINE_S, ROOT

pytestmark = pytest.mark.pure


@contextmanager
def channel(folder: Path, transport: type[Any]) -> Iterator[Any]:
    """A channel over a folder."""
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
    }
    with Connection(transport=transport, transport_options=options) as connection:
        yield connection.channel()


def take_while_written(
    folder: Path, transport: type[Any], monkeypatch: pytest.MonkeyPatch, pause: str
) -> Any:
    """What a reader gets while a writer stands before the function named by `pause`."""
    reached, go = threading.Event(), threading.Event()
    module_name, _, function = pause.rpartition(".")
    original: Callable[..., Any] = getattr(__import__(module_name, fromlist=[function]), function)

    def paused(*arguments: Any, **fields: Any) -> Any:
        reached.set()
        assert go.wait(DEADLINE_S)
        return original(*arguments, **fields)

    with channel(folder, transport) as writer, channel(folder, transport) as reader:
        monkeypatch.setattr(pause, paused)
        thread = threading.Thread(target=writer._put, args=("celery", {"n": 1}))
        thread.start()
        try:
            assert reached.wait(DEADLINE_S)
            return reader._get("celery")
        finally:
            go.set()
            thread.join(DEADLINE_S)


def test_kombu_s_own_transport_lets_a_reader_take_an_empty_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(json.JSONDecodeError):
        take_while_written(tmp_path, filesystem.Transport, monkeypatch, "kombu.transport.filesystem.lock")


def test_ours_shows_a_message_only_when_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Empty):
        take_while_written(tmp_path, queue_folder.Transport, monkeypatch, "os.replace")
    with channel(tmp_path, queue_folder.Transport) as reader:
        assert reader._get("celery") == {"n": 1}
        with pytest.raises(Empty):
            reader._get("celery")


def test_messages_come_in_the_order_in_which_they_were_sent(tmp_path: Path) -> None:
    times = iter([9.0, 10.0, 100.0, 1000.5])
    with channel(tmp_path, queue_folder.Transport) as both, pytest.MonkeyPatch.context() as patch:
        patch.setattr("backend.project.queue_folder.now_s", lambda: next(times))
        for number in range(4):
            both._put("celery", {"n": number})
        assert [both._get("celery")["n"] for _ in range(4)] == [0, 1, 2, 3]


def test_bindings_of_several_processes_are_all_kept(tmp_path: Path) -> None:
    with channel(tmp_path, queue_folder.Transport) as one, channel(tmp_path, queue_folder.Transport) as two:
        one._queue_bind("market", "a", None, "first")
        two._queue_bind("market", "b", None, "second")
        one._queue_bind("market", "a", None, "first")
        assert [tuple(row) for row in one.get_table("market")] == [("b", "", "second"), ("a", "", "first")]


def test_a_message_goes_all_the_way_through_the_address_of_the_settings(tmp_path: Path) -> None:
    queue_folder.use()
    options = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path)}
    with Connection("filesystem://localhost", transport_options=options) as connection:
        assert isinstance(connection.transport, queue_folder.Transport)
        queue = Queue("celery")
        producer = connection.Producer()
        producer.publish({"hello": "chợ"}, routing_key="celery", declare=[queue])
        found: list[Any] = []

        def take(body: Any, message: Any) -> None:
            found.append(body)
            message.ack()

        with connection.Consumer([queue], callbacks=[take]):
            connection.drain_events(timeout=DEADLINE_S)
    assert found == [{"hello": "chợ"}]
    assert not list(tmp_path.glob("*.msg"))


def test_whichever_thread_has_loaded_the_tasks_every_thread_sends_through_the_markets_queue(
    tmp_path: Path,
) -> None:
    source = """
import threading, django
django.setup()
import celery
celery.current_app.main  # somebody has asked before there was one of ours
first = threading.Thread(target=lambda: __import__("backend.project.celery"))
first.start()
first.join()
from backend.common.tasks import deliver_events
print(deliver_events.app.main, deliver_events.app.conf.broker_url)
"""
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "backend.project.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["market", "filesystem://localhost"]
