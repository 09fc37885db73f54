"""The simulated box by itself: what it remembers, what it refuses, what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devices.mqtt.client import Message
from devices.mqtt.contract import Desired, Evt, Say
from devices.simulators.soundbox import journal as journals
from devices.simulators.soundbox.box import MAX_WAITING, BoxSettings, SimulatedBox
from devices.simulators.soundbox.journal import KEEP, Journal, recently_said
from devices.simulators.soundbox.voice import Voice, add_warning_tone
from devices.speech.engines import SilentEngine, SpeechFailed
from tests.devices.support import ROOT, wait_for
from tests.services.ports import free_port

pytestmark = pytest.mark.pure

TOPIC = "cho/v1/xa/cho/box"


def say(number: int = 1, *, seconds_left: float = 60) -> Say:
    return Say(
        f"c{number}",
        f"Câu {['một', 'hai', 'ba'][number % 3]}",
        "ok",
        datetime.now(UTC) + timedelta(seconds=seconds_left),
    )


class Recorder:
    """Stands where the network is: keeps what the box publishes. `answers=False`: no broker there."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []
        self.reported: list[dict[str, Any]] = []
        self.answers = True
        self._mid = 0

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        if not self.answers:
            return None
        if topic == f"{TOPIC}/evt":
            evt = Evt.from_json(payload)
            self.events.append((evt.cmd, evt.stage))
        elif topic == f"{TOPIC}/reported":
            self.reported.append(json.loads(payload))
        self._mid += 1
        return self._mid

    def close(self) -> None:
        self.answers = False


class Bench:
    """One box on a bench, which can be killed and switched on again."""

    def __init__(self, folder: Path, engine: Any = None) -> None:
        self.folder = folder / "demo"
        self.engine = engine or SilentEngine()
        self.switch_on()

    def switch_on(self) -> None:
        """A new process: nothing but the disk is left of the old one."""
        self.network = Recorder()
        self.voice = Voice(self.folder, engine=self.engine)
        settings = BoxSettings("box", "secret", TOPIC, "A12", 80)
        self.box = SimulatedBox(
            settings, host="127.0.0.1", port=free_port(), folder=self.folder, voice=self.voice, boot_id="boot"
        )
        self.box.connection = self.network  # type: ignore[assignment]

    def receive(self, command: Say) -> None:
        self.box._message_came(Message(f"{TOPIC}/cmd", command.to_json()))

    def until(self, *events: tuple[str, str]) -> None:
        def done() -> bool:
            self.box.step()
            return self.network.events[-len(events) :] == list(events)

        wait_for(done, f"{events}, got {self.network.events}")

    def said(self) -> list[str]:
        return [
            json.loads(line)["id"] for line in (self.folder / "said.jsonl").read_text("utf-8").splitlines()
        ]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_command_is_accepted_started_finished(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.receive(say(1))
    bench.until(("c1", "accepted"), ("c1", "started"), ("c1", "finished"))
    assert capsys.readouterr().out == "loa A12 | Câu hai\n"


def test_a_repeated_command_is_answered_and_not_spoken(bench: Bench) -> None:
    bench.receive(say(1))
    bench.until(("c1", "accepted"), ("c1", "started"), ("c1", "finished"))
    for _ in range(3):
        bench.receive(say(1))
    bench.until(*[("c1", "finished")] * 4)
    assert bench.said() == ["c1"]


def test_a_command_past_its_time_is_refused_also_when_it_comes_again(bench: Bench) -> None:
    bench.receive(say(1, seconds_left=-0.001))
    bench.receive(say(1))  # the same id with a new time is still the same command
    bench.until(("c1", "expired"), ("c1", "expired"))
    assert bench.said() == []


def test_a_box_that_was_killed_remembers_what_it_said(bench: Bench) -> None:
    bench.receive(say(1))
    bench.until(("c1", "accepted"), ("c1", "started"), ("c1", "finished"))
    bench.switch_on()
    bench.receive(say(1))
    bench.until(("c1", "finished"))
    assert bench.said() == ["c1"]


class StuckEngine:
    """A sentence that does not end until it is let go."""

    name = "stuck"

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.go_on = threading.Event()

    def synthesize(self, text: str, target: Path, *, volume: int) -> Path | None:
        self.entered.set()
        assert self.go_on.wait(20)
        return None


def test_a_box_killed_within_a_sentence_does_not_begin_it_again(tmp_path: Path) -> None:
    engine = StuckEngine()
    bench = Bench(tmp_path, engine)
    bench.receive(say(1))
    bench.receive(say(2))
    assert engine.entered.wait(10)
    # Killed here: the first one is in the log, its start is not yet in the journal, the second one waits.
    bench.engine = SilentEngine()
    bench.switch_on()
    bench.box._connected()
    bench.until(("c2", "started"), ("c2", "finished"))
    assert ("c1", "failed") in bench.network.events
    assert bench.said() == ["c1", "c2"]
    engine.go_on.set()


def test_what_was_accepted_before_the_kill_is_said_afterwards_unless_too_old(
    bench: Bench, tmp_path: Path
) -> None:
    journal = Journal(bench.folder / "soundboxes/box.jsonl")
    journal.accept(say(1), "accepted", datetime.now(UTC))
    journal.accept(say(2, seconds_left=-1), "accepted", datetime.now(UTC))
    bench.switch_on()
    bench.until(("c1", "started"), ("c1", "finished"), ("c2", "expired"))
    assert bench.said() == ["c1"]


def test_what_the_broker_has_not_taken_is_told_again_after_the_next_connect(bench: Bench) -> None:
    bench.network.answers = False
    bench.receive(say(1))
    wait_for(lambda: bench.said() == ["c1"], "said")

    def ended() -> bool:
        bench.box.step()
        return bench.box._journal.entries["c1"].ended

    wait_for(ended, "ended")
    bench.network.answers = True
    bench.box._connected()
    assert bench.network.events == [("c1", "finished")]
    bench.box._delivered(bench.network._mid)
    bench.box._connected()
    assert bench.network.events == [("c1", "finished")]


def test_a_voice_that_breaks_down_is_reported(tmp_path: Path) -> None:
    class BrokenEngine:
        name = "broken"

        def synthesize(self, text: str, target: Path, *, volume: int) -> Path | None:
            raise SpeechFailed("hỏng")

    bench = Bench(tmp_path, BrokenEngine())
    bench.receive(say(1))
    bench.until(("c1", "accepted"), ("c1", "started"), ("c1", "failed"))


def test_too_many_sentences_at_once_are_refused(tmp_path: Path) -> None:
    engine = StuckEngine()
    bench = Bench(tmp_path, engine)
    bench.receive(say(0))
    assert engine.entered.wait(10)
    for number in range(1, MAX_WAITING + 2):
        bench.receive(say(number))
    assert bench.network.events[-1] == (f"c{MAX_WAITING + 1}", "failed")
    engine.go_on.set()
    wait_for(lambda: len(bench.said()) == MAX_WAITING + 1, "the others are said")


def test_settings_are_applied_and_reported(bench: Bench) -> None:
    bench.box._message_came(Message(f"{TOPIC}/desired", Desired(rev=4, volume=20).to_json()))
    assert bench.network.reported == [{"rev": 4, "volume": 20}]
    bench.receive(say(1))
    bench.until(("c1", "accepted"), ("c1", "started"), ("c1", "finished"))
    assert json.loads((bench.folder / "said.jsonl").read_text("utf-8"))["volume"] == 20


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"type": "stop"}', b"\xff"])
def test_what_is_not_of_the_contract_is_passed_over(bench: Bench, payload: bytes) -> None:
    bench.box._message_came(Message(f"{TOPIC}/cmd", payload))
    bench.box._message_came(Message(f"{TOPIC}/desired", payload))
    bench.box._message_came(Message("other/topic", payload))
    bench.receive(say(1))
    bench.until(("c1", "accepted"), ("c1", "started"), ("c1", "finished"))


# --- the journal ---


def test_a_line_torn_by_a_power_cut_is_dropped_and_the_next_one_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "box.jsonl"
    journal = Journal(path)
    journal.accept(say(1), "accepted", datetime.now(UTC))
    journal.advance("c1", "finished", datetime.now(UTC))
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    again = Journal(path)
    assert again.entries["c1"].stage == "accepted"
    again.accept(say(2), "accepted", datetime.now(UTC))
    again.close()
    assert list(Journal(path).entries) == ["c1", "c2"]


def test_every_cut_of_the_journal_leaves_it_readable(tmp_path: Path) -> None:
    path = tmp_path / "box.jsonl"
    journal = Journal(path)
    for number in (1, 2):
        journal.accept(say(number), "accepted", datetime.now(UTC))
        journal.advance(f"c{number}", "finished", datetime.now(UTC))
        journal.tell(f"c{number}")
    journal.close()
    whole = path.read_bytes()
    for length in range(0, len(whole) + 1, 7):
        path.write_bytes(whole[:length])
        entries = Journal(path).entries
        assert list(entries) in ([], ["c1"], ["c1", "c2"])


def test_the_journal_keeps_the_last_commands_and_does_not_grow_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "KEEP", 5)
    monkeypatch.setattr(journals, "MAX_LINES", 20)
    monkeypatch.setattr(os, "fsync", lambda _file: None)
    path = tmp_path / "box.jsonl"
    journal = Journal(path)
    for number in range(100):
        journal.accept(say(number), "accepted", datetime.now(UTC))
        journal.advance(f"c{number}", "finished", datetime.now(UTC))
    assert list(journal.entries) == ["c95", "c96", "c97", "c98", "c99"]
    assert len(path.read_text("utf-8").splitlines()) <= 21
    journal.close()
    assert [entry.stage for entry in Journal(path).entries.values()] == ["finished"] * 5
    assert KEEP >= 100  # a minute of a busy stall, many times over


def test_the_log_of_what_was_said_survives_a_torn_line(tmp_path: Path) -> None:
    voice = Voice(tmp_path, engine=SilentEngine())
    voice.say("box", "A12", say(1), volume=80)
    voice.close()
    with voice.log_path.open("a") as file:
        file.write('{"id": "c2", "dev')
    voice = Voice(tmp_path, engine=SilentEngine())
    voice.say("box", "A12", say(3), volume=80)
    voice.close()
    assert recently_said(voice.log_path) == {"c1", "c3"}


# --- the voice ---


def test_a_warning_is_heard_before_it_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "say.wav"
    with wave.open(str(path), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(20_000)
        target.writeframes(b"\x01\x00" * 10)
    add_warning_tone(path, volume=50)
    with wave.open(str(path), "rb") as source:
        frames = source.readframes(source.getnframes())
    assert len(frames) == 2 * (2 * (4_000 + 2_000) + 10)
    assert frames.endswith(b"\x00\x00" + b"\x01\x00" * 10)
    loudest = max(
        abs(int.from_bytes(frames[n : n + 2], "little", signed=True)) for n in range(0, len(frames), 2)
    )
    assert 5_900 < loudest <= 6_000


# --- the program ---


def start(folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "devices.simulators.soundbox"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=30,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(folder), **environment},
    )


@pytest.mark.parametrize("environment", [{}, {"DEMO": "0"}, {"DEMO": "true"}])
def test_without_demo_it_does_not_start(tmp_path: Path, environment: dict[str, str]) -> None:
    result = start(tmp_path, **environment)
    assert result.returncode == 1
    assert result.stderr.decode() == "Loa mô phỏng chỉ chạy khi thử: hãy đặt DEMO=1.\n"
    assert list(tmp_path.iterdir()) == []


def test_without_boxes_it_says_what_to_do(tmp_path: Path) -> None:
    result = start(tmp_path, DEMO="1")
    assert result.returncode == 1
    assert result.stderr.decode() == (
        f"Chưa có {tmp_path}/demo/soundboxes.json: hãy mở chợ thử trước (make run).\n"
    )


def test_it_needs_neither_django_nor_the_market() -> None:
    code = """
import sys, devices.simulators.soundbox.__main__
print(sorted(name for name in sys.modules if name.split(".")[0] in ("django", "backend", "payments")))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=30, check=True
    )
    assert result.stdout == b"[]\n"
