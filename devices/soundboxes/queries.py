"""What other rooms and the gateway ask about sound boxes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Max

from backend.common import clock
from devices.mqtt.accounts import GATEWAY, Account
from devices.mqtt.contract import Desired, Say, base_topic
from devices.soundboxes.models import Command, Gateway, Soundbox
from devices.soundboxes.states import COMMAND, LIVE, UNSENT
from devices.speech.phrases import Tone

# A gateway renews its row every five seconds.
GATEWAY_ALIVE: Final = timedelta(seconds=20)
MOST_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Box:
    """A sound box as screens show it."""

    device: str
    owner: str
    label: str
    topic: str
    volume: int
    volume_applied: bool
    online: bool
    seen_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Announcement:
    """What one box was told to say about one subject, and how far that has come."""

    label: str
    text: str
    tone: str
    state: str
    detail: str
    created_at: datetime
    ended_at: datetime | None

    @property
    def heard(self) -> bool:
        """Whether it was spoken to its end."""
        return self.state == "finished"

    def state_label(self, language: str = "vi") -> str:
        """The word on the screen for the state."""
        return COMMAND.label(self.state, language)


@dataclass(frozen=True, slots=True)
class GatewayHealth:
    """`alive`: the process showed life in the last 20 s. `connected`: it has the broker."""

    alive: bool
    connected: bool
    beat_at: datetime | None


@dataclass(frozen=True, slots=True)
class DueCommand:
    """A command to be published now."""

    id: str
    topic: str
    say: Say


def soundboxes_of(owner: str, *, revoked: bool = False) -> list[Box]:
    """The boxes of the stall `owner`, those in use only unless `revoked`; at most 100."""
    boxes = Soundbox.objects.filter(owner=owner).order_by("id")
    if not revoked:
        boxes = boxes.filter(revoked_at__isnull=True)
    return [_box(row) for row in boxes[:100]]


def find_soundbox(device: str) -> Box | None:
    """The box with this device id, also when revoked."""
    row = Soundbox.objects.filter(device=device).first()
    return None if row is None else _box(row)


def announcements_for(subjects: Iterable[str]) -> dict[str, list[Announcement]]:
    """What was announced for each of `subjects` ("charge:<id>"), oldest first; subjects without any are
    missing.
    """
    rows = Command.objects.filter(subject__in=list(subjects)).select_related("soundbox").order_by("id")
    found: dict[str, list[Announcement]] = {}
    for row in rows[:1000]:
        found.setdefault(row.subject, []).append(
            Announcement(
                row.soundbox.label, row.text, row.tone, row.state, row.detail, row.created_at, row.ended_at
            )
        )
    return found


def gateway_health() -> GatewayHealth:
    """Whether announcements can go out at the moment."""
    row = Gateway.objects.filter(name=GATEWAY).first()
    if row is None or not row.holder:
        return GatewayHealth(False, False, None if row is None else row.beat_at)
    alive = row.beat_at > clock.now() - GATEWAY_ALIVE
    return GatewayHealth(alive, alive and row.connected, row.beat_at)


# --- for the gateway
# --------------------------------------------------------------------------------------------------


def due_commands() -> list[DueCommand]:
    """Commands whose turn to be sent, or to be asked about, has come; oldest first, at most 200."""
    now = clock.now()
    rows = (
        Command.objects.filter(state__in=LIVE, next_send_at__lte=now)
        .exclude(state__in=UNSENT, not_after__lte=now)
        .filter(soundbox__revoked_at__isnull=True)
        .select_related("soundbox")
        .order_by("next_send_at", "id")[:MOST_AT_ONCE]
    )
    return [
        DueCommand(row.pk, _topic(row.soundbox), Say(row.pk, row.text, _tone(row.tone), row.not_after))
        for row in rows
    ]


def next_due_at() -> datetime | None:
    """When the next command is due, None when none is under way."""
    return (
        Command.objects.filter(state__in=LIVE)
        .order_by("next_send_at")
        .values_list("next_send_at", flat=True)
        .first()
    )


def boxes_version() -> tuple[int, datetime | None]:
    """A value that changes whenever accounts or settings of boxes do."""
    found = Soundbox.objects.aggregate(count=Count("pk"), changed_at=Max("changed_at"))
    return found["count"], found["changed_at"]


def accounts_and_settings() -> list[tuple[Account, Desired]]:
    """Every box in use: its account at the broker and how it shall be set."""
    return [
        (
            Account(row.device, row.secret_hash, "device", _topic(row)),
            Desired(row.desired_rev, row.volume),
        )
        for row in Soundbox.objects.filter(revoked_at__isnull=True).order_by("device")
    ]


def _box(row: Soundbox) -> Box:
    return Box(
        device=row.device,
        owner=row.owner,
        label=row.label,
        topic=_topic(row),
        volume=row.volume,
        volume_applied=row.reported_rev == row.desired_rev,
        online=row.online,
        seen_at=row.seen_at,
        revoked_at=row.revoked_at,
    )


def _topic(row: Soundbox) -> str:
    return base_topic(row.xa, row.cho, row.device)


def _tone(text: str) -> Tone:
    return "ok" if text == "ok" else "warning"
