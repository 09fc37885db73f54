"""The mouth of the simulated boxes: one line of print, one line of log, and sound where the machine can make
it.
"""

from __future__ import annotations

import array
import logging
import math
import shutil
import subprocess
import sys
import threading
import wave
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from devices.mqtt.contract import Say
from devices.simulators.soundbox.journal import write_line
from devices.speech.engines import SpeechEngine, find_engine

log = logging.getLogger(__name__)

# The longest sentence takes some twenty seconds.
PLAY_TIMEOUT_S: Final = 40
_PLAYERS: Final = (("paplay",), ("aplay", "-q"))


class Voice:
    """Shared by all boxes of the process; safe to be used from several threads."""

    def __init__(self, folder: Path, *, engine: SpeechEngine | None = None) -> None:
        """`folder` is `DATA_DIR/demo`; the log is `said.jsonl` in it, the last sound of each box is in
        `sounds/`.
        """
        self.log_path = folder / "said.jsonl"
        self._sounds = folder / "sounds"
        self._sounds.mkdir(parents=True, exist_ok=True)
        self._engine = find_engine() if engine is None else engine
        self._player = next((player for player in _PLAYERS if shutil.which(player[0])), None)
        self._mutex = threading.Lock()
        self._log = self.log_path.open("a", encoding="utf-8")
        if self._log.tell() and not self.log_path.read_bytes().endswith(b"\n"):
            self._log.write("\n")  # a line torn by a power cut stays alone

    @property
    def description(self) -> str:
        """What this machine speaks with."""
        return f"{self._engine.name}, {self._player[0] if self._player else 'no player'}"

    def say(self, device: str, stall: str, say: Say, *, volume: int) -> None:
        """Say a sentence: it counts as said from the moment that this is on disk.

        Raises: SpeechFailed when the voice broke down after that.
        """
        with self._mutex:
            write_line(
                self._log,
                {
                    "id": say.id,
                    "device": device,
                    "stall": stall,
                    "text": say.text,
                    "tone": say.tone,
                    "volume": volume,
                    "at": datetime.now(UTC).isoformat(),
                },
            )
            print(f"loa {stall} | {say.text}", flush=True)
        sound = self._engine.synthesize(say.text, self._sounds / f"{device}.wav", volume=volume)
        if sound is not None:
            if say.tone == "warning":
                add_warning_tone(sound, volume=volume)
            self._play(sound)

    def close(self) -> None:
        self._log.close()

    def _play(self, sound: Path) -> None:
        player = self._player
        if player is None:
            return
        try:
            subprocess.run(
                [*player, str(sound)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=PLAY_TIMEOUT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            # A machine without a sound card: what is said is still printed.
            log.info("no sound on this machine: %s", error)
            self._player = None


def add_warning_tone(path: Path, *, volume: int) -> None:
    """Put two short beeps before the sentence of a 16-bit mono WAV file, a fifth of a second each."""
    with wave.open(str(path), "rb") as source:
        params = source.getparams()
        sentence = source.readframes(params.nframes)
    rate = params.framerate
    loudness = 12_000 * volume / 100
    beep = [int(loudness * math.sin(2 * math.pi * 880 * n / rate)) for n in range(rate // 5)]
    samples = array.array("h", (beep + [0] * (rate // 10)) * 2)
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(path), "wb") as target:
        target.setparams(params)
        target.writeframes(samples.tobytes() + sentence)
