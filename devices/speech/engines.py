"""Engines that turn a sentence into sound. One small interface, so that a better voice is one more class."""

from __future__ import annotations

import array
import shutil
import subprocess
import sys
import wave
from pathlib import Path
from typing import Final, Protocol

from devices.speech.expand import expand_text
from devices.speech.numbers import STANDARD, Dialect

# espeak-ng needs about 0.02 s for a sentence; one that hangs must not hold up the next payment.
SYNTHESIS_TIMEOUT_S: Final = 10
# A sentence of a sound box is some 60 characters; a loudspeaker's bulletin is cut into sentences by its
# caller.
MAX_TEXT_CHARS: Final = 2_000
# Raw espeak-ng peaks at full scale and clips on horn speakers: the loudest sample is held 3 dB below it.
PEAK_LIMIT: Final = int(32_767 * 10 ** (-3 / 20))


class SpeechFailed(Exception):
    """The engine could not speak; nothing was heard."""


class SpeechEngine(Protocol):
    """Turns text into a sound file. Implementations must be safe to call from any one thread at a time."""

    name: str

    def synthesize(self, text: str, target: Path, *, volume: int) -> Path | None:
        """Write `text` to the WAV file `target` at `volume` 0..100 and return it; None when this engine makes
        no sound.

        Raises: SpeechFailed, ValueError (text empty or too long, volume outside 0..100).
        """
        ...


class SilentEngine:
    """Makes no sound: the fallback where no voice is installed. What would be said is still printed and
    recorded.
    """

    name = "silent"

    def synthesize(self, text: str, target: Path, *, volume: int) -> Path | None:
        """Check the arguments as every engine does and return None."""
        _check(text, volume)
        return None


class EspeakEngine:
    """The espeak-ng command line with a Vietnamese voice; offline, 0.02 s a sentence, 22.050 Hz mono."""

    name = "espeak-ng"

    def __init__(
        self, binary: str, *, voice: str = "vi", words_per_minute: int = 140, dialect: Dialect = STANDARD
    ) -> None:
        """`voice`: vi, vi-vn-x-central or vi-vn-x-south. `binary` comes from `find_engine` or a path."""
        self._command = [binary, "-v", voice, "-s", str(words_per_minute)]
        self._dialect = dialect

    def synthesize(self, text: str, target: Path, *, volume: int) -> Path | None:
        """Speak into `target`: numbers are written out by us first, the peak is limited, then scaled by
        `volume`.

        Raises: SpeechFailed, ValueError.
        """
        _check(text, volume)
        # The text goes in by standard input: no length limit of a command line, and no text can pass for an
        # option.
        command = [*self._command, "--stdin", "-w", str(target)]
        try:
            subprocess.run(
                command,
                input=expand_text(text, self._dialect).encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=SYNTHESIS_TIMEOUT_S,
                check=True,
            )
            _limit_loudness(target, volume=volume)
        except (OSError, subprocess.SubprocessError, wave.Error, EOFError) as error:
            raise SpeechFailed(f"espeak-ng: {error}") from error
        return target


def find_engine(dialect: Dialect = STANDARD) -> SpeechEngine:
    """Return the best engine of this machine: espeak-ng when its binary is on PATH, else the silent one."""
    binary = shutil.which("espeak-ng")
    return EspeakEngine(binary, dialect=dialect) if binary else SilentEngine()


def _check(text: str, volume: int) -> None:
    if not text.strip() or len(text) > MAX_TEXT_CHARS:
        raise ValueError(f"text must have 1 to {MAX_TEXT_CHARS} characters, has {len(text)}")
    if not 0 <= volume <= 100:
        raise ValueError(f"volume must be 0 to 100, is {volume}")


def _limit_loudness(path: Path, *, volume: int) -> None:
    """Scale a 16-bit WAV file in place so that its loudest sample is `volume` per cent of PEAK_LIMIT."""
    with wave.open(str(path), "rb") as source:
        params = source.getparams()
        if params.sampwidth != 2:
            raise wave.Error(f"expected 16-bit samples, got {params.sampwidth * 8}")
        samples = array.array("h", source.readframes(params.nframes))
    if sys.byteorder == "big":
        samples.byteswap()
    peak = max(max(samples, default=0), -min(samples, default=0))
    if peak:
        gain = PEAK_LIMIT * volume / 100 / peak
        samples = array.array("h", [int(sample * gain) for sample in samples])
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(path), "wb") as target:
        target.setparams(params)
        target.writeframes(samples.tobytes())
