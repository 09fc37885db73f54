"""One simulated sound box."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from devices.mqtt.client import Connection, Message, Will
from devices.mqtt.contract import ContractError, Desired, Evt, Reported, Say, Stage, Status
from devices.simulators.soundbox.journal import Entry, Journal, recently_said
from devices.simulators.soundbox.voice import Voice
from devices.speech.engines import SpeechFailed

log = logging.getLogger(__name__)

FIRMWARE: Final = "simulator 1"
# Sentences waiting to be spoken. A loudspeaker manages a dozen in their minute, the rest is refused for its age; the limit
# only keeps a mad sender from filling the memory.
MAX_WAITING: Final = 100


@dataclass(frozen=True, slots=True)
class BoxSettings:
    """One box of DATA_DIR/demo/soundboxes.json. `topic` is its topic without the last part."""

    device: str
    password: str
    topic: str
    stall: str
    volume: int


class SimulatedBox:
    """A box between its broker and its loudspeaker.

    A command's way: it is on disk before it is acknowledged; its sentence is in the log before it is heard;
    whatever comes a second time is answered with the stage that it has reached. So a kill at any instant
    leads to one utterance at most, and to exactly one if the box is back before the command's time is over.
    """

    def __init__(
        self,
        settings: BoxSettings,
        *,
        host: str,
        port: int,
        folder: Path,
        voice: Voice,
        boot_id: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._voice = voice
        self._boot_id = boot_id
        self._now = now
        self._seq = 0
        self._volume = settings.volume
        self._rev = 0
        self._untold: dict[int, str] = {}
        self._waiting: queue.SimpleQueue[Say | None] = queue.SimpleQueue()
        self._spoken: queue.SimpleQueue[tuple[str, Stage, str]] = queue.SimpleQueue()
        self._mouth: threading.Thread | None = None
        self._journal = Journal(folder / "soundboxes" / f"{settings.device}.jsonl")
        self.connection = Connection(
            host=host,
            port=port,
            user=settings.device,
            secret=settings.password,
            subscriptions=[f"{settings.topic}/desired", f"{settings.topic}/cmd"],
            on_message=self._message_came,
            on_connected=self._connected,
            on_delivered=self._delivered,
            will=Will(f"{settings.topic}/status", self._status(online=False, reason="lwt")),
        )
        self._wake_up()

    def step(self) -> None:
        """Tell the market what the loudspeaker has done since the last call."""
        while True:
            try:
                command, stage, detail = self._spoken.get_nowait()
            except queue.Empty:
                return
            self._tell(self._journal.advance(command, stage, self._now(), detail))

    def close(self) -> None:
        """Switch the box off properly."""
        self.step()
        self.connection.publish(
            f"{self._settings.topic}/status", self._status(online=False, reason="stopped"), retain=True
        )
        self.connection.close()
        self._waiting.put(None)
        self._journal.close()

    def _wake_up(self) -> None:
        """After a power cut: speak what was accepted and not yet said, report what was cut short."""
        said = recently_said(self._voice.log_path)
        for command, entry in list(self._journal.entries.items()):
            if entry.ended:
                continue
            if entry.stage == "started" or command in said:
                self._journal.advance(command, "failed", self._now(), "mất điện khi đang đọc")
            else:
                self._speak(entry.say)

    def _message_came(self, message: Message) -> None:
        leaf = message.topic.removeprefix(self._settings.topic + "/")
        try:
            if leaf == "cmd":
                self._command_came(Say.from_json(message.payload))
            elif leaf == "desired":
                self._settings_came(Desired.from_json(message.payload))
        except ContractError as error:
            log.warning("%s: %s", self._settings.device, error)

    def _command_came(self, say: Say) -> None:
        known = self._journal.entries.get(say.id)
        if known is not None:
            self._tell(known)
        elif self._now() >= say.not_after:
            self._tell(self._journal.accept(say, "expired", self._now()))
        elif self._waiting.qsize() >= MAX_WAITING:
            self._tell(self._journal.accept(say, "failed", self._now(), "quá nhiều câu đang chờ"))
        else:
            self._tell(self._journal.accept(say, "accepted", self._now()))
            self._speak(say)

    def _settings_came(self, desired: Desired) -> None:
        self._rev, self._volume = desired.rev, desired.volume
        self._report()

    def _speak(self, say: Say) -> None:
        self._waiting.put(say)
        if self._mouth is None:
            self._mouth = threading.Thread(
                target=self._speak_in_turn, name=f"mouth of {self._settings.device}", daemon=True
            )
            self._mouth.start()

    def _speak_in_turn(self) -> None:
        """The mouth: a thread of its own, since a sentence takes seconds and the network does not wait."""
        while (say := self._waiting.get()) is not None:
            if self._now() >= say.not_after:
                self._spoken.put((say.id, "expired", ""))
                continue
            self._spoken.put((say.id, "started", ""))
            try:
                self._voice.say(self._settings.device, self._settings.stall, say, volume=self._volume)
            except (SpeechFailed, OSError, ValueError) as error:
                log.error("%s: %s", self._settings.device, error)
                self._spoken.put((say.id, "failed", str(error)[:200]))
            else:
                self._spoken.put((say.id, "finished", ""))

    def _connected(self) -> None:
        self.connection.publish(f"{self._settings.topic}/status", self._status(online=True), retain=True)
        self._report()
        self._untold.clear()
        for entry in self._journal.entries.values():
            if not entry.told:
                self._tell(entry)

    def _delivered(self, mid: int) -> None:
        command = self._untold.pop(mid, None)
        if command is not None:
            self._journal.tell(command)

    def _tell(self, entry: Entry) -> None:
        self._seq += 1
        evt = Evt(entry.say.id, entry.stage, entry.at, self._boot_id, self._seq, entry.detail)
        mid = self.connection.publish(f"{self._settings.topic}/evt", evt.to_json())
        if mid is not None and entry.ended:
            self._untold[mid] = entry.say.id

    def _report(self) -> None:
        reported = Reported(self._rev, self._volume)
        self.connection.publish(f"{self._settings.topic}/reported", reported.to_json(), retain=True)

    def _status(self, *, online: bool, reason: str = "") -> bytes:
        return Status(online, self._boot_id, FIRMWARE, reason).to_json()
