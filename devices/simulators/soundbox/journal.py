"""What a box must not forget when its power goes: which commands it has, and how far each has come."""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TextIO

from devices.mqtt.contract import FINAL_STAGES, Say, Stage

# A command lives for a minute and a busy stall takes a few payments in one: this is hours of memory.
KEEP: Final = 500
# The file is written anew when it has grown to several times of what it is for.
MAX_LINES: Final = 5_000
# Enough of the common log to know what was said in the last hour, for a box that was killed within a
# sentence.
TAIL_BYTES: Final = 1_000_000


@dataclass(slots=True)
class Entry:
    """One command as the box knows it. `told`: the broker has acknowledged its last stage."""

    say: Say
    stage: Stage
    at: datetime
    detail: str = ""
    told: bool = False

    @property
    def ended(self) -> bool:
        return self.stage in FINAL_STAGES


class Journal:
    """Append-only file of one box. Every line is on disk before the box acts on it; a torn last line is
    dropped.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = 0
        self.entries: OrderedDict[str, Entry] = OrderedDict()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._load()
        self._rewrite()

    def accept(self, say: Say, stage: Stage, at: datetime, detail: str = "") -> Entry:
        """Remember a new command, with its first stage."""
        entry = Entry(say, stage, at, detail)
        self.entries[say.id] = entry
        self._append(_line(entry))
        while len(self.entries) > KEEP:
            self.entries.popitem(last=False)
        return entry

    def advance(self, command: str, stage: Stage, at: datetime, detail: str = "") -> Entry:
        """Note the next stage of a command. Raises: KeyError when the box does not know it."""
        entry = self.entries[command]
        entry.stage, entry.at, entry.detail, entry.told = stage, at, detail, False
        self._append({"id": command, "stage": stage, "at": at.isoformat(), "detail": detail})
        return entry

    def tell(self, command: str) -> None:
        """Note that the market's broker has the last stage."""
        entry = self.entries.get(command)
        if entry is not None and entry.ended and not entry.told:
            entry.told = True
            self._append({"id": command, "told": True})

    def close(self) -> None:
        self._file.close()

    def _load(self) -> None:
        try:
            text = self._path.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return
        for line in text.splitlines():
            try:
                self._read(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue  # torn by a power cut: the box had not acted on it yet
        while len(self.entries) > KEEP:
            self.entries.popitem(last=False)

    def _read(self, line: dict[str, Any]) -> None:
        if "say" in line:
            say = Say.from_json(json.dumps(line["say"]).encode())
            at = datetime.fromisoformat(line["at"])
            self.entries[say.id] = Entry(say, line["stage"], at, line["detail"], line.get("told", False))
            return
        entry = self.entries[line["id"]]
        if line.get("told"):
            entry.told = True
        else:
            entry.stage, entry.at = line["stage"], datetime.fromisoformat(line["at"])
            entry.detail, entry.told = line["detail"], False

    def _rewrite(self) -> None:
        """Write what is known as a file without history, in one step."""
        made = self._path.with_suffix(".new")
        with made.open("w", encoding="utf-8") as file:
            for entry in self.entries.values():
                file.write(json.dumps(_line(entry), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        made.replace(self._path)
        self._lines = len(self.entries)
        self._file: TextIO = self._path.open("a", encoding="utf-8")

    def _append(self, line: dict[str, Any]) -> None:
        write_line(self._file, line)
        self._lines += 1
        if self._lines > MAX_LINES:
            self._file.close()
            self._rewrite()


def write_line(file: TextIO, line: dict[str, Any]) -> None:
    """Append one line of JSON and wait until the disk has it."""
    file.write(json.dumps(line, ensure_ascii=False) + "\n")
    file.flush()
    os.fsync(file.fileno())


def recently_said(path: Path) -> set[str]:
    """The ids of commands in the end of the log of what was said."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return set()
    said = set()
    for line in lines:
        try:
            said.add(str(json.loads(line)["id"]))
        except (ValueError, KeyError, TypeError):
            continue
    return said


def _line(entry: Entry) -> dict[str, Any]:
    return {
        "say": json.loads(entry.say.to_json()),
        "stage": entry.stage,
        "at": entry.at.isoformat(),
        "detail": entry.detail,
        "told": entry.told,
    }
