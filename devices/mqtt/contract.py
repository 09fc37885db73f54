"""The MQTT contract between market and devices, version 1: topics and payloads, shared by both sides.

Every topic is `cho/v1/{xa}/{cho}/{device}/{leaf}`; the device id is also its user name and its client id. All
messages are QoS 1 and JSON, and hold over MQTT 3.1.1:

| leaf       | who writes | retained | payload  |
|------------|------------|----------|----------|
| `status`   | device     | yes      | Status; the same topic carries the last will |
| `desired`  | market     | yes      | Desired, always the whole of it |
| `reported` | device     | yes      | Reported |
| `cmd`      | market     | **no**   | Say; a retained command would be spoken at every reconnect |
| `evt`      | device     | no       | Evt      |

A broker's acknowledgement says nothing about people: only the stage `finished` counts as heard. A device
remembers the ids of commands on disk; a repeated command is acknowledged again and never carried out twice.
3.1.1 knows no message expiry, so a device itself refuses what is past `not_after`; it must not go by the
retain flag, which brokers set differently.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, cast, get_args

from devices.speech.phrases import Tone

ROOT: Final = "cho/v1"
# Nothing in this contract comes near it; what is larger was not written by us.
MAX_PAYLOAD_BYTES: Final = 4_096
# The longest sentence of devices.speech (two amounts just under the limit of its numbers) has 330 characters.
MAX_TEXT_CHARS: Final = 500
# How long a box may still speak of money that came: later the buyer has left and the words confuse.
ANNOUNCE_WITHIN_S: Final = 60

Leaf = Literal["status", "desired", "reported", "cmd", "evt"]
Stage = Literal["accepted", "started", "finished", "preempted", "failed", "expired"]
FINAL_STAGES: Final[frozenset[Stage]] = frozenset({"finished", "preempted", "failed", "expired"})

# MQTT's wildcards, separators and $-topics cannot appear in these.
_SEGMENT: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_DEVICE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,40}")


class ContractError(ValueError):
    """A topic or payload that is not of this contract."""


def check_segment(text: str) -> str:
    """Return `text` when it may stand for a commune or market in a topic. Raises: ContractError."""
    if not _SEGMENT.fullmatch(text):
        raise ContractError(f"not a topic segment: {text!r}")
    return text


def check_device(text: str) -> str:
    """Return `text` when it may be a device id, hence a user name and a client id. Raises: ContractError."""
    if not _DEVICE.fullmatch(text):
        raise ContractError(f"not a device id: {text!r}")
    return text


def base_topic(xa: str, cho: str, device: str) -> str:
    """Return `cho/v1/{xa}/{cho}/{device}`. Raises: ContractError."""
    return f"{ROOT}/{check_segment(xa)}/{check_segment(cho)}/{check_device(device)}"


def every_device(leaf: Leaf) -> str:
    """Return the filter by which the market hears `leaf` of all its devices."""
    return f"{ROOT}/+/+/+/{leaf}"


def split_topic(topic: str) -> tuple[str, str, Leaf]:
    """Return (base, device, leaf) of a full topic. Raises: ContractError."""
    parts = topic.split("/")
    if len(parts) != 6 or parts[5] not in get_args(Leaf):
        raise ContractError(f"not a topic of this contract: {topic!r}")
    base = base_topic(parts[2], parts[3], parts[4])
    if not topic.startswith(base):
        raise ContractError(f"not a topic of this contract: {topic!r}")
    return base, parts[4], cast(Leaf, parts[5])


@dataclass(frozen=True, slots=True)
class Say:
    """Command: speak `text` once, unless it is already `not_after`. Numbers in it are words."""

    id: str
    text: str
    tone: Tone
    not_after: datetime

    def to_json(self) -> bytes:
        return _dump(
            {
                "id": self.id,
                "type": "say",
                "text": self.text,
                "tone": self.tone,
                "not_after": _write_time(self.not_after),
            }
        )

    @classmethod
    def from_json(cls, payload: bytes) -> Say:
        """Raises: ContractError, also for a type of command that this version does not know."""
        data = _load(payload)
        if data.get("type") != "say":
            raise ContractError(f"unknown type of command: {data.get('type')!r}")
        text = _text(data, "text", most=MAX_TEXT_CHARS)
        if not text:
            raise ContractError("nothing to say")
        tone = data.get("tone")
        if tone not in get_args(Tone):
            raise ContractError(f"unknown tone: {tone!r}")
        return cls(_id(data, "id"), text, cast(Tone, tone), _read_time(data, "not_after"))


@dataclass(frozen=True, slots=True)
class Evt:
    """What became of a command. `seq` counts the events of one start (`boot_id`) of the device."""

    cmd: str
    stage: Stage
    at: datetime
    boot_id: str
    seq: int
    detail: str = ""

    def to_json(self) -> bytes:
        return _dump(
            {
                "cmd": self.cmd,
                "stage": self.stage,
                "at": _write_time(self.at),
                "boot_id": self.boot_id,
                "seq": self.seq,
                "detail": self.detail,
            }
        )

    @classmethod
    def from_json(cls, payload: bytes) -> Evt:
        """Raises: ContractError."""
        data = _load(payload)
        stage = data.get("stage")
        if stage not in get_args(Stage):
            raise ContractError(f"unknown stage: {stage!r}")
        return cls(
            _id(data, "cmd"),
            cast(Stage, stage),
            _read_time(data, "at"),
            _id(data, "boot_id"),
            _count(data, "seq"),
            _text(data, "detail", most=200),
        )


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the device is there. `reason` says why not: "lwt" (lost) or "stopped" (switched off)."""

    online: bool
    boot_id: str
    firmware: str = ""
    reason: str = ""

    def to_json(self) -> bytes:
        return _dump(
            {"online": self.online, "boot_id": self.boot_id, "fw": self.firmware, "reason": self.reason}
        )

    @classmethod
    def from_json(cls, payload: bytes) -> Status:
        """Raises: ContractError."""
        data = _load(payload)
        if not isinstance(data.get("online"), bool):
            raise ContractError("online must be true or false")
        return cls(
            data["online"], _id(data, "boot_id"), _text(data, "fw", most=60), _text(data, "reason", most=60)
        )


@dataclass(frozen=True, slots=True)
class Desired:
    """How the device shall be set: the whole of it, under a revision that grows. `volume` is 0..100."""

    rev: int
    volume: int

    def to_json(self) -> bytes:
        return _dump({"rev": self.rev, "volume": self.volume})

    @classmethod
    def from_json(cls, payload: bytes) -> Desired:
        """Raises: ContractError."""
        data = _load(payload)
        return cls(_count(data, "rev"), _volume(data))


@dataclass(frozen=True, slots=True)
class Reported:
    """How the device is set: the revision that it has applied and the volume that it has now."""

    rev: int
    volume: int

    def to_json(self) -> bytes:
        return _dump({"rev": self.rev, "volume": self.volume})

    @classmethod
    def from_json(cls, payload: bytes) -> Reported:
        """Raises: ContractError."""
        data = _load(payload)
        return cls(_count(data, "rev"), _volume(data))


def _dump(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _load(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ContractError(f"payload of {len(payload)} bytes")
    try:
        data = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise ContractError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ContractError("not a JSON object")
    return data


def _text(data: dict[str, Any], key: str, *, most: int) -> str:
    value = data.get(key, "")
    if not isinstance(value, str) or len(value) > most:
        raise ContractError(f"{key} must be a text of at most {most} characters")
    return value


def _id(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ContractError(f"{key} must be an id")
    return value


def _count(data: dict[str, Any], key: str) -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise ContractError(f"{key} must be a whole number")
    return value


def _volume(data: dict[str, Any]) -> int:
    volume = _count(data, "volume")
    if volume > 100:
        raise ContractError("volume must be 0 to 100")
    return volume


def _write_time(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("times of the contract are aware")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read_time(data: dict[str, Any], key: str) -> datetime:
    value = data.get(key)
    try:
        if not isinstance(value, str) or len(value) > 40:
            raise ValueError
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ContractError(f"{key} must be an instant with its offset, as in RFC 3339") from None
