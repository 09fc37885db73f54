"""Verbs that change sound boxes and what they say. Nothing here touches the network."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F

from backend.common import audit, clock
from backend.common.errors import TransitionRefused
from backend.common.ids import new_id, new_token
from backend.common.models import Event
from devices.mqtt.accounts import GATEWAY, hash_secret
from devices.mqtt.contract import (
    ANNOUNCE_WITHIN_S,
    ContractError,
    Evt,
    Reported,
    Stage,
    Status,
    base_topic,
)
from devices.soundboxes.errors import BadSoundbox, DeviceTaken, SoundboxNotFound, SoundboxRevoked
from devices.soundboxes.models import Command, Gateway, Soundbox
from devices.soundboxes.states import COMMAND, LIVE, UNSENT, WITH_DEVICE
from devices.speech import STANDARD, Dialect, say_payment

log = logging.getLogger(__name__)

# An unanswered command goes out again after 1, 2, 4, 8, 8 … seconds: nine times in its minute.
LONGEST_RESEND_PAUSE: Final = timedelta(seconds=8)
# A box that has a command and does not say what became of it is asked by sending it again; it never speaks
# twice.
ASK_AGAIN: Final = timedelta(seconds=10)
# A sentence takes five seconds; a box that has not reported an end this long after its time will not.
ANSWER_GRACE: Final = timedelta(seconds=60)
# Announcements are no records of money; those are kept elsewhere for five years.
KEEP: Final = timedelta(days=90)
# A gateway on another machine is taken for dead after this; its row is renewed every few seconds.
LEASE: Final = timedelta(seconds=15)

_EVENT_OF_STAGE: Final[Mapping[Stage, str]] = {
    "accepted": "accept",
    "started": "start",
    "finished": "finish",
    "preempted": "preempt",
    "failed": "fail",
    "expired": "expire",
}
_TIME_OF_STATE: Final = {"sent": "sent_at", "accepted": "accepted_at", "started": "started_at"}


@dataclass(frozen=True, slots=True)
class NewSecret:
    """What must be typed into the box; the secret is shown once and kept only hashed."""

    device: str
    topic: str
    secret: str


# --- boxes
# ------------------------------------------------------------------------------------------------------------


def register_soundbox(
    *,
    device: str,
    owner: str,
    xa: str,
    cho: str,
    label: str,
    actor: str,
    volume: int = 80,
    dialect: Dialect = STANDARD,
) -> NewSecret:
    """Give the stall `owner` ("stall:<id>") the box `device`, and return its topic and its secret.

    `xa` and `cho` are the commune's and the market's part of its topic (lower-case letters, digits, hyphens).
    The broker knows the box within a second or two.
    Raises: DeviceTaken, BadSoundbox.
    """
    try:
        topic = base_topic(xa, cho, device)
    except ContractError as error:
        raise BadSoundbox(reason=str(error)) from error
    if device == GATEWAY or not owner or not 0 <= volume <= 100:
        raise BadSoundbox(reason=f"{device} {owner} {volume}")
    secret = new_token()
    now = clock.now()
    with transaction.atomic():
        if Soundbox.objects.filter(device=device).exists():
            raise DeviceTaken(device=device)
        try:
            with transaction.atomic():
                Soundbox.objects.create(
                    device=device,
                    owner=owner,
                    xa=xa,
                    cho=cho,
                    label=label,
                    secret_hash=hash_secret(secret),
                    dialect=_dump_dialect(dialect),
                    volume=volume,
                    created_at=now,
                    changed_at=now,
                )
        except IntegrityError:
            raise DeviceTaken(device=device) from None
        audit.record(actor, "soundbox_registered", f"soundbox:{device}", owner=owner, label=label)
    return NewSecret(device, topic, secret)


def renew_secret(*, device: str, actor: str) -> NewSecret:
    """Give a box a new secret; the old one is refused within a second or two, also while connected.

    Raises: SoundboxNotFound, SoundboxRevoked.
    """
    secret = new_token()
    with transaction.atomic():
        box = _lock(device)
        box.secret_hash = hash_secret(secret)
        box.changed_at = clock.now()
        box.save(update_fields=["secret_hash", "changed_at"])
        audit.record(actor, "soundbox_secret_renewed", f"soundbox:{device}")
    return NewSecret(device, base_topic(box.xa, box.cho, device), secret)


def revoke_soundbox(*, device: str, actor: str) -> None:
    """Take a box out of use for good: it is cut off and refused, and what it had not yet said expires. May be
    repeated.

    Raises: SoundboxNotFound.
    """
    now = clock.now()
    with transaction.atomic():
        box = _lock(device, revoked=True)
        if box.revoked_at is not None:
            return
        box.revoked_at = box.changed_at = now
        box.online = False
        box.save(update_fields=["revoked_at", "changed_at", "online"])
        box.commands.filter(state__in=UNSENT).update(
            state="expired", ended_at=now, detail="loa đã ngừng dùng"
        )
        audit.record(actor, "soundbox_revoked", f"soundbox:{device}")


def set_volume(*, device: str, volume: int, actor: str) -> None:
    """Ask a box to speak at `volume` per cent; the box reports when it has done so.

    Raises: SoundboxNotFound, SoundboxRevoked, BadSoundbox.
    """
    if not 0 <= volume <= 100:
        raise BadSoundbox(reason=f"{volume} %")
    with transaction.atomic():
        box = _lock(device)
        if box.volume == volume:
            return
        box.volume = volume
        box.desired_rev += 1
        box.changed_at = clock.now()
        box.save(update_fields=["volume", "desired_rev", "changed_at"])
        audit.record(actor, "soundbox_volume_set", f"soundbox:{device}", volume=volume)


def set_dialect(*, device: str, dialect: Dialect, actor: str) -> None:
    """Choose the words that the box uses from now on. Raises: SoundboxNotFound, SoundboxRevoked."""
    with transaction.atomic():
        box = _lock(device)
        box.dialect = _dump_dialect(dialect)
        box.save(update_fields=["dialect"])
        audit.record(actor, "soundbox_dialect_set", f"soundbox:{device}", **box.dialect)


# --- what they say
# ----------------------------------------------------------------------------------------------------


def announce_payment(event: Event) -> int:
    """Have every box of a stall say that a bank reported money for it; return how many commands were written.

    1. Only charges are announced, and only money that a bank reported: what a person typed in is never
       spoken.
    2. The owner of the payee is the stall; each of its boxes in use gets one command per payment, however
       often it is told.
    3. The words are valid for a minute after the money came. Older money is written down as expired and not
       spoken.

    Belongs inside the transaction that marks `event` as delivered, so that a kill at any instant neither
    loses the command nor makes two.
    """
    payment = event.payload
    if payment["kind"] != "charge" or payment["source"] != "feed":
        return 0
    now = clock.now()
    received_at = min(datetime.fromisoformat(payment["received_at"]), now)  # a bank's clock may be ahead
    not_after = received_at + timedelta(seconds=ANNOUNCE_WITHIN_S)
    key = f"payment:{payment['transaction_id'] or event.key}:{payment['intent_id']}"
    written = 0
    for box in Soundbox.objects.filter(owner=payment["owner"], revoked_at__isnull=True).order_by("id"):
        phrase = say_payment(
            amount_vnd=payment["amount_vnd"],
            received_vnd=payment["received_vnd"],
            due_vnd=payment["due_vnd"],
            labels=payment["labels"],
            dialect=_load_dialect(box.dialect),
        )
        too_late = not_after <= now
        _, created = Command.objects.get_or_create(
            soundbox=box,
            key=key,
            defaults={
                "id": new_id(),
                "subject": payment["subject"],
                "text": phrase.text,
                "tone": phrase.tone,
                "state": "expired" if too_late else COMMAND.initial,
                "detail": "tiền báo về quá muộn" if too_late else "",
                "not_after": not_after,
                "created_at": now,
                "next_send_at": now,
                "ended_at": now if too_late else None,
            },
        )
        written += created
    return written


def mark_sent(command_id: str) -> None:
    """Note that a command was handed to the broker once more, and when it goes out next."""
    now = clock.now()
    command = Command.objects.get(pk=command_id)
    if command.state in WITH_DEVICE:
        pause = ASK_AGAIN
    else:
        pause = min(timedelta(seconds=2**command.attempts), LONGEST_RESEND_PAUSE)
    changes: dict[str, Any] = {"attempts": F("attempts") + 1, "next_send_at": now + pause}
    # A state that the device has reached meanwhile stands: only a queued command becomes a sent one.
    queued = Command.objects.filter(pk=command_id, state__in=COMMAND.sources("send"))
    if not queued.update(**changes, state="sent", sent_at=now):
        Command.objects.filter(pk=command_id, state__in=LIVE).update(**changes)


def record_evt(device: str, evt: Evt) -> bool:
    """Write down what the box says of a command; return whether that changed anything.

    Repeats, events of another box's command and events that come after a later one change nothing.
    """
    now = clock.now()
    event = _EVENT_OF_STAGE[evt.stage]
    with transaction.atomic():
        Soundbox.objects.filter(device=device).update(seen_at=now)
        # Read and written again when somebody else moved the command in between.
        while True:
            command = Command.objects.filter(pk=evt.cmd, soundbox__device=device).first()
            if command is None:
                log.warning("%s speaks of an unknown command", device)
                return False
            try:
                state = COMMAND.next(command.state, event)
            except TransitionRefused:
                return False
            if state == command.state:
                return False
            # The box's clock counts, within what is possible.
            at = min(max(evt.at, command.created_at), now)
            changes: dict[str, Any] = {"state": state, _TIME_OF_STATE.get(state, "ended_at"): at}
            if evt.detail:
                changes["detail"] = evt.detail
            if state in WITH_DEVICE:
                changes["next_send_at"] = now + ASK_AGAIN
            if Command.objects.filter(pk=command.pk, state=command.state).update(**changes):
                return True


def record_status(device: str, status: Status) -> None:
    """Note whether a box is there. One that has just come is sent at once what still waits for it."""
    now = clock.now()
    with transaction.atomic():
        known = Soundbox.objects.filter(device=device, revoked_at__isnull=True)
        if not known.update(online=status.online, seen_at=now):
            return
        if status.online:
            Command.objects.filter(soundbox__device=device, state__in=LIVE).update(next_send_at=now)


def record_reported(device: str, reported: Reported) -> None:
    """Note how a box is set."""
    Soundbox.objects.filter(device=device).update(
        reported_rev=reported.rev, reported_volume=reported.volume, seen_at=clock.now()
    )


def send_again_now() -> int:
    """Make every command that is under way due at once, since the broker may have lost it; return how
    many.
    """
    return Command.objects.filter(state__in=LIVE).update(next_send_at=clock.now())


def end_overdue_commands() -> int:
    """Expire what no box has accepted in time, give up what no box has reported an end of; return how
    many.
    """
    now = clock.now()
    expired = Command.objects.filter(state__in=UNSENT, not_after__lte=now).update(
        state="expired", ended_at=now
    )
    silent = Command.objects.filter(state__in=WITH_DEVICE, not_after__lte=now - ANSWER_GRACE)
    return expired + silent.update(state="no_answer", ended_at=now)


def prune_commands() -> int:
    """Forget commands older than 90 days; return how many, at most 5.000 at once."""
    old = Command.objects.filter(created_at__lt=clock.now() - KEEP).exclude(state__in=LIVE)
    ids = list(old.values_list("pk", flat=True)[:5000])
    Command.objects.filter(pk__in=ids).delete()
    return len(ids)


# --- the gateway's row
# ------------------------------------------------------------------------------------------------


def hold_gateway(*, holder: str, same_machine: str, connected: bool) -> bool:
    """Take or renew the gateway's row for the process `holder` ("host:pid"); return whether it is ours.

    Two gateways would throw each other off the broker without end. A row of another machine is respected
    until it is 15 s old; one of this machine (whose holder starts with `same_machine`) may be taken at once,
    because the caller holds this machine's lock file.
    """
    now = clock.now()
    with transaction.atomic():
        row, created = Gateway.objects.get_or_create(
            name=GATEWAY, defaults={"holder": holder, "connected": connected, "beat_at": now}
        )
        if created:
            return True
        if row.holder and not row.holder.startswith(same_machine) and row.beat_at > now - LEASE:
            return False
        # Conditional: of two that saw the same old row, one gets it.
        taken = Gateway.objects.filter(name=GATEWAY, holder=row.holder, beat_at=row.beat_at)
        return taken.update(holder=holder, connected=connected, beat_at=now) == 1


def release_gateway(*, holder: str) -> None:
    """Give the row up at a clean stop, so that another machine need not wait."""
    Gateway.objects.filter(name=GATEWAY, holder=holder).update(
        holder="", connected=False, beat_at=clock.now()
    )


def _lock(device: str, *, revoked: bool = False) -> Soundbox:
    """The box, its row locked on PostgreSQL. Raises: SoundboxNotFound, SoundboxRevoked unless `revoked` is
    allowed.
    """
    box = Soundbox.objects.select_for_update().filter(device=device).first()
    if box is None:
        raise SoundboxNotFound
    if box.revoked_at is not None and not revoked:
        raise SoundboxRevoked(device=device)
    return box


def _dump_dialect(dialect: Dialect) -> dict[str, str]:
    usual = asdict(STANDARD)
    return {name: word for name, word in asdict(dialect).items() if word != usual[name]}


def _load_dialect(words: Mapping[str, str]) -> Dialect:
    return Dialect(**words)  # type: ignore[arg-type]  # written by _dump_dialect only
