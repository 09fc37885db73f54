"""What the market remembers of Saleor: how to reach it, which calls it has made, and who is making one now."""

from __future__ import annotations

from django.db import models


class Connection(models.Model):
    """One Saleor, and the token of our App there. Written by the set-up or by the installation of the App."""

    api_url = models.CharField(max_length=250, unique=True)
    app_id = models.CharField(max_length=80)
    sealed_token = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "saleor_connection"

    def __str__(self) -> str:
        return self.api_url


class Call(models.Model):
    """A writing call under its caller's key: begun before Saleor hears of it, answered once it has gone through.

    A call that was begun and never answered lost its process in between. Whoever repeats it finds in ``before`` what
    it had seen, where it had to note that, and asks Saleor first whether the effect is already there. ``made`` is what
    it has made there, so that no other call takes it for its own.
    """

    key = models.CharField(max_length=120, primary_key=True)
    method = models.CharField(max_length=60)
    input_sha256 = models.CharField(max_length=64)
    before = models.JSONField(null=True)
    made = models.CharField(max_length=80, default="", db_index=True)
    result = models.TextField(default="")
    answered = models.BooleanField(default=False)
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "saleor_call"

    def __str__(self) -> str:
        return self.key


class Turn(models.Model):
    """Whoever changes something in Saleor takes turns with the others: one order, one listing, one key at a time.

    A turn ends by itself, so that a process that was killed holds up nobody for long.
    """

    name = models.CharField(max_length=160, primary_key=True)
    holder = models.CharField(max_length=26)
    until = models.DateTimeField()

    class Meta:
        db_table = "saleor_turn"

    def __str__(self) -> str:
        return self.name


class Snapshot(models.Model):
    """A product as Saleor last gave it, so that its page is there whatever Saleor does. Fed by whatever reads products:
    our own changes, webhooks, the repair pass."""

    product_id = models.CharField(max_length=80, primary_key=True)
    slug = models.CharField(max_length=255, db_index=True)
    node = models.JSONField()
    read_at = models.DateTimeField()

    class Meta:
        db_table = "saleor_snapshot"

    def __str__(self) -> str:
        return self.slug


class Move(models.Model):
    """One change of engine. While it runs, and until the market runs on the engine that it leads to, nothing is ordered."""

    RUNNING = "running"
    DONE = "done"
    GIVEN_UP = "given_up"

    api_url = models.CharField(max_length=250)
    source = models.CharField(max_length=10)
    target = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default=RUNNING)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "saleor_move"
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="running"), name="saleor_one_move_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["running", "done", "given_up"]), name="saleor_move_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class Moved(models.Model):
    """One thing that stands in both shops: its ids, and what it was like when it was last moved ``towards`` one of them.

    Written after the thing stands. ``state``: moved, or refused with the ``reason``.
    """

    api_url = models.CharField(max_length=250)
    kind = models.CharField(max_length=10)
    embedded_id = models.CharField(max_length=80)
    saleor_id = models.CharField(max_length=80)
    towards = models.CharField(max_length=10)
    digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=8, default="moved")
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "saleor_moved"
        constraints = [
            models.UniqueConstraint(
                fields=["api_url", "kind", "embedded_id"],
                condition=~models.Q(embedded_id=""),
                name="saleor_moved_once_from_here",
            ),
            models.UniqueConstraint(
                fields=["api_url", "kind", "saleor_id"],
                condition=~models.Q(saleor_id=""),
                name="saleor_moved_once_from_there",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.embedded_id} ↔ {self.saleor_id}"
