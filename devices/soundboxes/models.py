"""Sound boxes, what they were told to say, and the one gateway that tells them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from devices.soundboxes.states import COMMAND, LIVE


class Soundbox(models.Model):
    """A loudspeaker at a stall that says what was paid. A revoked one stays for the record."""

    device = models.CharField(max_length=40, unique=True)
    """Device id, user name and client id at the broker."""
    owner = models.CharField(max_length=40, db_index=True)
    """Whose money it announces: "stall:<id>", the owner of the payee."""
    xa = models.CharField(max_length=40)
    cho = models.CharField(max_length=40)
    label = models.CharField(max_length=60)
    """What people call it: the number of the stall."""
    secret_hash = models.CharField(max_length=200)
    dialect = models.JSONField(default=dict)
    """The words that differ by region (devices.speech.Dialect), only those that are not the usual ones."""
    volume = models.PositiveSmallIntegerField(default=80)
    desired_rev = models.PositiveIntegerField(default=1)
    reported_rev = models.PositiveIntegerField(null=True)
    reported_volume = models.PositiveSmallIntegerField(null=True)
    online = models.BooleanField(default=False)
    seen_at = models.DateTimeField(null=True)
    """When it last said anything."""
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    """When something changed that the broker or the box must learn; the gateway watches it."""
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "soundbox"
        constraints = [
            models.CheckConstraint(condition=Q(volume__lte=100), name="soundbox_volume_in_percent")
        ]

    def __str__(self) -> str:
        return f"{self.device} ({self.label})"


class Command(models.Model):
    """One sentence that one box is to say once, and how far it has come (states.COMMAND)."""

    id = models.CharField(max_length=26, primary_key=True)
    soundbox = models.ForeignKey(Soundbox, on_delete=models.PROTECT, related_name="commands")
    key = models.CharField(max_length=120)
    """What it announces, once per box: "payment:<transaction>:<intent>"."""
    subject = models.CharField(max_length=80, db_index=True)
    """What the screens ask by: the id of the charge."""
    text = models.CharField(max_length=500)
    tone = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default=COMMAND.initial)
    detail = models.CharField(max_length=200, default="")
    not_after = models.DateTimeField()
    created_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_send_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "soundbox_command"
        constraints = [
            models.UniqueConstraint(fields=["soundbox", "key"], name="soundbox_says_it_once"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(COMMAND.labels)), name="soundbox_command_state_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["next_send_at"], condition=Q(state__in=LIVE), name="soundbox_command_live")
        ]

    def __str__(self) -> str:
        return f"{self.text} ({self.state})"


class Gateway(models.Model):
    """The one row that says which process speaks with the broker, and when it last showed life."""

    name = models.CharField(max_length=20, primary_key=True)
    holder = models.CharField(max_length=120)
    connected = models.BooleanField(default=False)
    beat_at = models.DateTimeField()

    class Meta:
        db_table = "soundbox_gateway"

    def __str__(self) -> str:
        return self.holder
